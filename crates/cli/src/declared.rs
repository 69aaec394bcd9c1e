//! Reads `kinde.toml` at run time.

use std::env;
use std::path::{Path, PathBuf};

use kinde_perms::access::Catalogue;
use kinde_perms::policy::{Kind, Leaf};
use kinde_perms_policy::kinde_toml::find::{self, FoundManifest};
use kinde_perms_policy::kinde_toml::model::{FlagType, ManifestFile};
use kinde_perms_policy::kinde_toml::read::{self, ManifestFault};
use kinde_perms_policy::printable::Printable;

use crate::output::Failure;

/// A manifest, and the file it comes from.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Declared {
    pub(crate) file: String,
    pub(crate) manifest: ManifestFile,
}

/// Error for a manifest that cannot be used.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Undeclared {
    /// The file is missing, or is no text.
    Unread { file: Option<String>, message: String },
    /// Everything that is wrong with the file.
    Faulty { file: String, faults: Vec<ManifestFault> },
}

impl Declared {
    /// Reads `file`, or by default the manifest that the macros read for the package of the current folder.
    pub(crate) fn open(file: Option<&Path>) -> Result<Self, Undeclared> {
        let place = match file {
            Some(file) => find::open(file, None).map(|place| place.ok_or_else(|| missing(file))),
            None => find::locate(package().as_deref()).map(|place| place.ok_or_else(nowhere)),
        };
        let named = file.map(|file| file.display().to_string());
        let unread = |message| Undeclared::Unread { file: named, message };
        Self::read(place.and_then(|place| place).map_err(unread)?)
    }

    fn read(FoundManifest { shown: file, text, .. }: FoundManifest) -> Result<Self, Undeclared> {
        match read::read(&text, check_grammar) {
            Ok(manifest) => Ok(Self { file, manifest }),
            Err(faults) => Err(Undeclared::Faulty { file, faults }),
        }
    }

    /// Returns why `fact` can never hold, if the manifest shows that.
    pub(crate) fn why_impossible(&self, fact: &Leaf<'_>) -> Option<String> {
        self.manifest.impossible(&self.file, fact)
    }

    /// Returns a message with the cure if `key` is not declared.
    pub(crate) fn undeclared(&self, kind: Kind, key: &str) -> Option<String> {
        self.manifest.undeclared(&self.file, kind, key)
    }

    /// Returns a message if `flag` is not declared, or has another type than `asked`.
    pub(crate) fn misused(&self, flag: &str, asked: FlagType) -> Option<String> {
        let undeclared = self.undeclared(Kind::FeatureFlags, flag);
        undeclared.or_else(|| self.manifest.mistyped(&self.file, flag, asked))
    }

    /// Returns the roles with their permissions, and all permissions.
    pub(crate) fn catalogue(&self) -> Catalogue {
        let catalogue =
            self.manifest.entries(Kind::Roles).iter().fold(Catalogue::new(), |catalogue, role| {
                catalogue.role(&role.key, role.permissions.iter().map(|bundled| &bundled.key))
            });
        self.manifest.keys(Kind::Permissions).into_iter().fold(catalogue, Catalogue::permission)
    }
}

/// One line for each fault, as compilers write them.
impl From<Undeclared> for Failure {
    fn from(undeclared: Undeclared) -> Self {
        match undeclared {
            Undeclared::Unread { file, message } => Self { file, ..Self::new(message) },
            Undeclared::Faulty { file, faults } => {
                Self::lines(faults.iter().map(|fault| located(&file, fault))).with_file(file)
            }
        }
    }
}

/// `file:line:column: message`
fn located(file: &str, fault: &ManifestFault) -> String {
    format!("{file}:{}:{}: {}", fault.at.line, fault.at.column, fault.message)
}

/// Checks `key` by the grammar of the macros' constants.
pub(crate) fn check_grammar(kind: Kind, key: &str) -> Result<(), String> {
    kind.check(key).map_err(|fault| format!("the {} `{}` {fault}", kind.section_noun(), Printable(key)))
}

/// Returns the nearest folder with a `Cargo.toml`, from the current one upwards.
fn package() -> Option<PathBuf> {
    let current = env::current_dir().ok()?;
    let package = current.ancestors().find(|folder| folder.join("Cargo.toml").is_file());
    Some(package.unwrap_or(&current).to_owned())
}

fn missing(file: &Path) -> String {
    format!("there is no `{}`", file.display())
}

fn nowhere() -> String {
    format!(
        "there is no {0} in this package or its workspace: name the file, or write one beside the `Cargo.toml`",
        find::FILE
    )
}
