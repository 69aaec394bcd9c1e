//! One key and the tokens, the same for all servers.

use std::fs;
use std::path::{Path, PathBuf};

use kinde_perms_testkit::{SigningKey, TokenBuilder};

pub const ISSUER: &str = "https://acme.kinde.test";
pub const AUDIENCE: &str = "https://api.example.test";
pub const PERMISSION: &str = "create:todos";

/// The number of concurrent users of a busy server.
pub const MANY: usize = 2000;

/// A temporary folder for the key set, removed on drop.
pub struct Folder(pub PathBuf);

impl Folder {
    pub fn new() -> Self {
        let folder = std::env::temp_dir().join(format!("kinde-perms-http-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("a folder for the key set");
        let keys = format!(r#"{{"keys":[{}]}}"#, SigningKey::shared().public_jwk());
        fs::write(folder.join("keys"), keys).expect("the key set is written");
        Self(folder)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

pub fn read(folder: &Path, name: &str) -> String {
    fs::read_to_string(folder.join(name)).expect("a file of the comparison")
}

/// A user's token with ten permissions.
pub fn token() -> String {
    let others: Vec<String> = (1..10).map(|number| format!("read:item{number}")).collect();
    TokenBuilder::new(ISSUER, AUDIENCE)
        .permissions(others.iter().map(String::as_str))
        .permission(PERMISSION)
        .roles(["viewer", "editor"])
        .sign()
}
