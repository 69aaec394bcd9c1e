//! `kinde.toml`: [`Catalog`] reads it, [`keys`] compares the literals of rules with it, and [`constants`] emits it as Rust.

pub(crate) mod constants;
pub(crate) mod keys;
#[cfg(test)]
mod tests;

use std::env;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use kinde_perms_policy::Kind;
use proc_macro2::TokenStream;
use quote::quote;

use crate::errors::Errors;
use kinde_perms_policy::kinde_toml::find::{self, FoundManifest, VARIABLE};
use kinde_perms_policy::kinde_toml::model::ManifestFile;
use kinde_perms_policy::kinde_toml::read::{self, ManifestFault};

/// The manifest during one expansion.
#[derive(Default)]
pub(crate) struct Catalog {
    known: Option<(ManifestFile, FoundManifest)>,
    /// Mistakes in the manifest. Rules are not compared with a wrong manifest.
    faults: Vec<String>,
}

impl Catalog {
    /// Finds and reads the manifest of the package that is being compiled.
    #[expect(clippy::disallowed_methods, reason = "the compiler's environment says where the package is")]
    pub(crate) fn load() -> Self {
        let package = env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
        Self::read(find::locate(package.as_deref()))
    }

    fn read(place: Result<Option<FoundManifest>, String>) -> Self {
        match place {
            Ok(None) => Self::default(),
            Err(fault) => Self { known: None, faults: vec![fault] },
            Ok(Some(place)) => match read::read(&place.text, writable) {
                Ok(manifest) => Self { known: Some((manifest, place)), faults: Vec::new() },
                Err(faults) => {
                    Self { known: None, faults: faults.iter().map(|fault| located(&place, fault)).collect() }
                }
            },
        }
    }

    /// Reports the mistakes in the manifest.
    ///
    /// Every macro of a crate reads the same file. Only the first one reports its mistakes.
    pub(crate) fn report(&self, errors: &mut Errors) {
        static REPORTED: Mutex<Vec<String>> = Mutex::new(Vec::new());
        let mut reported = REPORTED.lock().unwrap_or_else(PoisonError::into_inner);
        for fault in &self.faults {
            if !reported.contains(fault) {
                errors.at(TokenStream::new(), fault);
                reported.push(fault.clone());
            }
        }
    }

    /// Returns `true` if the manifest has mistakes.
    pub(crate) fn is_broken(&self) -> bool {
        !self.faults.is_empty()
    }

    /// Returns the manifest, and its name in messages.
    pub(crate) fn known(&self) -> Option<(&ManifestFile, &str)> {
        self.known.as_ref().map(|(manifest, place)| (manifest, place.shown.as_str()))
    }

    /// Writes items that mention the manifest and the variable that names it, so that a change of either recompiles the crate.
    pub(crate) fn tracking(&self) -> Vec<TokenStream> {
        let variable = quote!(
            const _: ::core::option::Option<&str> = ::core::option_env!(#VARIABLE);
        );
        let file = self.known.as_ref().map(|(_, place)| {
            let path = &place.path;
            quote!(
                const _: &[u8] = ::core::include_bytes!(#path);
            )
        });
        [variable].into_iter().chain(file).collect()
    }
}

/// Prints a mistake with its file and line.
fn located(place: &FoundManifest, fault: &ManifestFault) -> String {
    format!("{}:{}: {}", place.shown, fault.at.line, fault.message)
}

/// Refuses keys that cannot be emitted: in Rust, or in a text that separates keys by line breaks. The emitted constants check
/// the rest of the grammar.
fn writable(kind: Kind, key: &str) -> Result<(), String> {
    if key.is_empty() || key.chars().any(char::is_control) {
        return Err(format!("a {} is not empty and has no control characters", kind.section_noun()));
    }
    Ok(())
}
