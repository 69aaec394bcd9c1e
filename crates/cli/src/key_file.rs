//! The file that keeps a development key, and the one that its public half is written to.

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

/// An RSA key of 2048 bits has a file of some 1700 bytes; a key set of this program one of some 500.
const LONGEST: u64 = 16 * 1024;

/// What only private and symmetric keys have (RFC 7518 §6.2.2, §6.3.2 and §6.4.1).
const PRIVATE: [&str; 2] = ["d", "k"];

/// What is in the file. The format says that the key was made here, so that no key of anybody else is taken for one.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Content {
    format: String,
    version: u32,
    /// PKCS #8 in base64.
    private_key: String,
}

/// Reads the key that a file keeps; makes both if there is no such file.
pub(crate) fn open(path: &Path) -> Result<SigningKey, Failure> {
    match File::open(path) {
        Ok(file) => read(path, file),
        Err(error) if error.kind() == ErrorKind::NotFound => make(path),
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

/// The file is there all at once, private and whole; of several that are made at the same time the first stays.
fn make(path: &Path) -> Result<SigningKey, Failure> {
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

/// A file beside the one that is meant, with a name that belongs to this key alone.
fn draft(path: &Path, key: &SigningKey) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{}.new", key.kid().replace(':', "")));
    name.into()
}

/// The file is new, so that nobody had it open before it was private.
fn write_new(path: &Path, text: &[u8]) -> io::Result<()> {
    let mut file = private(OpenOptions::new().write(true).create_new(true)).open(path)?;
    file.write_all(text)?;
    file.sync_all()
}

/// Returns the key set of an issuer that has this key alone.
pub(crate) fn public_set(key: &SigningKey) -> Value {
    json!({ "keys": [key.public_jwk()] })
}

/// Writes a public key set, in place of an earlier one and of nothing else.
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

/// Reads no more than tells that a file is too long to be one of this program's.
fn read_bounded(file: File) -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    file.take(LONGEST.saturating_add(1)).read_to_end(&mut text)?;
    Ok(text)
}

/// A key that has a private half would be lost with the file.
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

/// Elsewhere a file has the rights of the folder that it is in.
#[cfg(not(unix))]
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    options
}

#[cfg(not(unix))]
fn is_open_to_others(_: &File) -> io::Result<bool> {
    Ok(false)
}
