//! What the macros make of `kinde.toml`, so that a key that does not exist is a compile error.
//!
//! [`keys`] compares a rule with it and [`constants`] writes it down as Rust.

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
use kinde_perms_policy::kinde_toml::find::{self, Place, VARIABLE};
use kinde_perms_policy::kinde_toml::model::Manifest;
use kinde_perms_policy::kinde_toml::read::{self, Fault};

/// What the expansion at hand knows of the manifest.
#[derive(Default)]
pub(crate) struct Catalog {
    known: Option<(Manifest, Place)>,
    /// What is wrong with the manifest; rules are then not compared with anything.
    faults: Vec<String>,
}

impl Catalog {
    /// Finds and reads the manifest of the package that is being compiled.
    #[expect(clippy::disallowed_methods, reason = "the compiler's environment says where the package is")]
    pub(crate) fn load() -> Self {
        let package = env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
        Self::read(find::locate(package.as_deref()))
    }

    fn read(place: Result<Option<Place>, String>) -> Self {
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

    /// Records what is wrong with the manifest.
    ///
    /// Every macro of a crate reads the same file, so a mistake in it is reported by the first of them only.
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

    /// Whether there is a manifest that cannot be used.
    pub(crate) fn is_broken(&self) -> bool {
        !self.faults.is_empty()
    }

    /// The manifest, and its name in messages.
    pub(crate) fn known(&self) -> Option<(&Manifest, &str)> {
        self.known.as_ref().map(|(manifest, place)| (manifest, place.shown.as_str()))
    }

    /// Items that have the compiler watch the manifest, and the variable that names it: editing either compiles anew
    /// whatever used it.
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

/// A mistake with the line it is on.
fn located(place: &Place, fault: &Fault) -> String {
    format!("{}:{}: {}", place.shown, fault.at.line, fault.message)
}

/// Refuses what cannot be written down as Rust, or joined by line breaks. The rest of the grammar is the runtime's, which
/// judges the constants.
fn writable(kind: Kind, key: &str) -> Result<(), String> {
    if key.is_empty() || key.chars().any(char::is_control) {
        return Err(format!("a {} is not empty and has no control characters", kind.declared_noun()));
    }
    Ok(())
}
