//! The file of a development key, and the file of its public key set.
//!
//! `open` reads the key. If there is no file, `create` writes a private draft beside it and hard-links the draft to the
//! path, so the file appears complete, private and only once. `write_key_set` writes the public key set.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use kinde_perms::Algorithm;
use kinde_perms_testkit::SigningKey;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::output::Failure;

const FORMAT: &str = "kinde-perms/development-key";
const VERSION: u32 = 1;

/// The most bytes that are read. The file of an RSA key of 2048 bits has some 1700, a key set of this program some 500.
const LONGEST: u64 = 16 * 1024;

/// Members of private and symmetric keys only (RFC 7518 §6.2.2, §6.3.2 and §6.4.1).
const PRIVATE: [&str; 2] = ["d", "k"];

/// The content of a key file. `format` shows that this program created the key, so that no other key is used by
/// mistake.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Content {
    format: String,
    version: u32,
    /// PKCS #8 in base64.
    private_key: String,
}

/// Reads the key of a file; creates both if there is no file.
pub(crate) fn open(path: &Path) -> Result<SigningKey, Failure> {
    match File::open(path) {
        Ok(file) => read(path, file),
        Err(error) if error.kind() == ErrorKind::NotFound => create(path),
        Err(error) => Err(Failure::of(path, error)),
    }
}

fn read(path: &Path, file: File) -> Result<SigningKey, Failure> {
    if is_open_to_others(&file).map_err(|error| Failure::of(path, error))? {
        let cure = "somebody else may have the key: delete the file, and the next token gets a new one";
        return Err(Failure::of(path, format_args!("others than its owner may read or write it; {cure}")));
    }
    let text = read_bounded(file).map_err(|error| Failure::of(path, error))?;
    key_of(&text).ok_or_else(|| {
        Failure::of(
            path,
            "`token mint` did not write this; it signs with keys of its own only, so name another file",
        )
    })
}

fn key_of(text: &[u8]) -> Option<SigningKey> {
    let content: Content = serde_json::from_slice(text).ok()?;
    if content.format != FORMAT || content.version != VERSION {
        return None;
    }
    SigningKey::from_pkcs8(&BASE64_STANDARD.decode(content.private_key).ok()?)
}

/// Creates the file atomically, private and complete. Of concurrent creations, the first wins.
fn create(path: &Path) -> Result<SigningKey, Failure> {
    let key = SigningKey::generate(Algorithm::Rs256);
    let pkcs8 = key.to_pkcs8().ok_or_else(|| Failure::of(path, "the new key cannot be written down"))?;
    let private_key = BASE64_STANDARD.encode(pkcs8);
    let content = Content { format: FORMAT.to_owned(), version: VERSION, private_key };
    let mut text = serde_json::to_vec_pretty(&content).map_err(|error| Failure::of(path, error))?;
    text.push(b'\n');
    let draft = draft(path, &key);
    let placed = write_new(&draft, &text).and_then(|()| fs::hard_link(&draft, path));
    let removed = fs::remove_file(&draft);
    match placed {
        Ok(()) => removed.map(|()| key).map_err(|error| Failure::of(&draft, error)),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            read(path, File::open(path).map_err(|error| Failure::of(path, error))?)
        }
        Err(error) => Err(Failure::of(path, error)),
    }
}

/// Returns a path beside `path` that only this key has.
fn draft(path: &Path, key: &SigningKey) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{}.new", key.kid().replace(':', "")));
    name.into()
}

/// Fails if the file exists: another process could have opened it before it was private.
fn write_new(path: &Path, text: &[u8]) -> io::Result<()> {
    let mut file = private(OpenOptions::new().write(true).create_new(true)).open(path)?;
    file.write_all(text)?;
    file.sync_all()
}

/// Returns the key set of an issuer that has this key alone.
pub(crate) fn public_set(key: &SigningKey) -> Value {
    json!({ "keys": [key.public_jwk()] })
}

/// Writes a public key set, and overwrites nothing but an earlier one.
pub(crate) fn write_key_set(path: &Path, set: &Value) -> Result<(), Failure> {
    match File::open(path).and_then(read_bounded) {
        Ok(text) if !is_public_key_set(&text) => {
            let cure = "will not be overwritten; name another file";
            return Err(Failure::of(path, format_args!("this is no set of public keys, and {cure}")));
        }
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(Failure::of(path, error)),
        _ => {}
    }
    fs::write(path, format!("{set:#}\n")).map_err(|error| Failure::of(path, error))
}

/// Reads at most one byte more than [`LONGEST`], which shows that a file is too long.
fn read_bounded(file: File) -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    file.take(LONGEST.saturating_add(1)).read_to_end(&mut text)?;
    Ok(text)
}

/// Returns `true` for a set of public keys; a private key would be lost if its file were overwritten.
fn is_public_key_set(text: &[u8]) -> bool {
    let fits = u64::try_from(text.len()).is_ok_and(|length| length <= LONGEST);
    let set: Option<Value> = serde_json::from_slice(text).ok().filter(|_| fits);
    let keys = set.as_ref().and_then(|set| set.get("keys")?.as_array());
    let is_public = |key: &Value| {
        key.as_object().is_some_and(|key| !PRIVATE.iter().any(|member| key.contains_key(*member)))
    };
    keys.is_some_and(|keys| keys.iter().all(is_public))
}

#[cfg(unix)]
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    use std::os::unix::fs::OpenOptionsExt as _;
    options.mode(0o600)
}

#[cfg(unix)]
fn is_open_to_others(file: &File) -> io::Result<bool> {
    use std::os::unix::fs::PermissionsExt as _;
    Ok(file.metadata()?.permissions().mode() & 0o077 != 0)
}

/// Without Unix permissions, a file has the rights of its folder.
#[cfg(not(unix))]
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    options
}

#[cfg(not(unix))]
fn is_open_to_others(_: &File) -> io::Result<bool> {
    Ok(false)
}
