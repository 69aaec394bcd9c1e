//! Finds the manifest: the file that the variable names, or else `kinde.toml` in the package's folder or in a folder
//! above, up to the workspace's.

use std::env;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// The environment variable that names the manifest.
pub const VARIABLE: &str = "KINDE_PERMS_MANIFEST";

/// The file name of the manifest, unless [`VARIABLE`] names another file.
pub const FILE: &str = "kinde.toml";

/// A manifest that was found.
#[derive(Debug, PartialEq, Eq)]
pub struct FoundManifest {
    /// The path for programs.
    pub path: String,
    /// The path for people, relative to the package or workspace if the file is inside.
    pub shown: String,
    pub text: String,
}

/// Finds the manifest of a package, given its folder; `None` if it has none.
#[expect(
    clippy::disallowed_methods,
    reason = "the variable locates a file at build time; it is not a setting of a server"
)]
pub fn locate(package: Option<&Path>) -> Result<Option<FoundManifest>, String> {
    let named = env::var_os(VARIABLE).filter(|name| !name.is_empty()).map(PathBuf::from);
    search(named.as_deref(), package)
}

/// Opens the file that is `named`, relative to the workspace's folder, or else searches from `package` upward.
pub fn search(named: Option<&Path>, package: Option<&Path>) -> Result<Option<FoundManifest>, String> {
    let Some(named) = named else {
        let mut folders = package.map(folders).unwrap_or_default().into_iter();
        return folders.find_map(|folder| open(&folder.join(FILE), package).transpose()).transpose();
    };
    let root = package.map(folders).and_then(|mut folders| folders.pop()).unwrap_or_default();
    let path = root.join(named);
    match open(&path, package)? {
        Some(place) => Ok(Some(place)),
        None => Err(format!("`{VARIABLE}` names `{}`, and there is no such file", path.display())),
    }
}

/// Returns the package's folder and those above, up to the workspace's. Without a workspace, returns the package's folder.
fn folders(package: &Path) -> Vec<PathBuf> {
    let mut folders = Vec::new();
    for folder in package.ancestors() {
        folders.push(folder.to_owned());
        if is_workspace(folder) {
            return folders;
        }
    }
    folders.truncate(1);
    folders
}

/// Returns `true` if the folder's `Cargo.toml` has a `[workspace]`.
fn is_workspace(folder: &Path) -> bool {
    let text = fs::read_to_string(folder.join("Cargo.toml")).unwrap_or_default();
    toml::de::DeTable::parse(&text).is_ok_and(|table| table.get_ref().get("workspace").is_some())
}

/// Reads a manifest; `None` if the file does not exist.
pub fn open(path: &Path, package: Option<&Path>) -> Result<Option<FoundManifest>, String> {
    let shown = displayed(path, package);
    match fs::read(path).map(String::from_utf8) {
        Ok(Ok(text)) => Ok(Some(FoundManifest { path: path.display().to_string(), shown, text })),
        Ok(Err(_)) => Err(format!("{shown} is not UTF-8")),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(format!("{shown} cannot be read: {error}")),
    }
}

/// Returns the path relative to the package or else to its workspace; the whole path if the file is outside of both.
fn displayed(path: &Path, package: Option<&Path>) -> String {
    let folders = package.map(folders).unwrap_or_default();
    let mut ends = folders.first().into_iter().chain(folders.last());
    let short = ends.find_map(|folder| path.strip_prefix(folder).ok());
    short.unwrap_or(path).display().to_string()
}
