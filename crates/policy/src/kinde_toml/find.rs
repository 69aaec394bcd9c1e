//! Where the manifest is: what the variable names, else beside the package's `Cargo.toml`, else in a folder above
//! it, up to the workspace's and never beyond.

use std::env;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// The variable that names the manifest.
pub const VARIABLE: &str = "KINDE_PERMS_MANIFEST";

/// The manifest's name where no variable says otherwise.
pub const FILE: &str = "kinde.toml";

/// A manifest that was found.
#[derive(Debug, PartialEq, Eq)]
pub struct FoundManifest {
    /// For programs.
    pub path: String,
    /// For people.
    pub shown: String,
    pub text: String,
}

/// Finds the manifest of a package, given its folder; `None` if it has none.
#[expect(
    clippy::disallowed_methods,
    reason = "the variable says where the manifest is; it is no setting of a server"
)]
pub fn locate(package: Option<&Path>) -> Result<Option<FoundManifest>, String> {
    let named = env::var_os(VARIABLE).filter(|name| !name.is_empty()).map(PathBuf::from);
    search(named.as_deref(), package)
}

/// Searches from `package`, unless a file is `named`; a relative one is meant from the workspace's folder.
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

/// The package's folder, and those above it up to the workspace's; the package's alone if it is in no workspace.
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

/// Whether a folder's `Cargo.toml` has a `[workspace]`.
fn is_workspace(folder: &Path) -> bool {
    let text = fs::read_to_string(folder.join("Cargo.toml")).unwrap_or_default();
    toml::de::DeTable::parse(&text).is_ok_and(|table| table.get_ref().get("workspace").is_some())
}

/// Reads a manifest; `None` if there is no such file. It is shown as it is seen from the package.
pub fn open(path: &Path, package: Option<&Path>) -> Result<Option<FoundManifest>, String> {
    let shown = displayed(path, package);
    match fs::read(path).map(String::from_utf8) {
        Ok(Ok(text)) => Ok(Some(FoundManifest { path: path.display().to_string(), shown, text })),
        Ok(Err(_)) => Err(format!("{shown} is not UTF-8")),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(format!("{shown} cannot be read: {error}")),
    }
}

/// The path as seen from the package or from its workspace; in full if it is elsewhere.
fn displayed(path: &Path, package: Option<&Path>) -> String {
    let folders = package.map(folders).unwrap_or_default();
    let mut ends = folders.first().into_iter().chain(folders.last());
    let short = ends.find_map(|folder| path.strip_prefix(folder).ok());
    short.unwrap_or(path).display().to_string()
}
