//! `kinde.toml`: what exists in Kinde, so that a key that does not exist is a compile error.
//!
//! [`find`] looks for the file, [`read`] makes a [`Manifest`] of its text, [`judge`] compares a rule with it and
//! [`constants`] writes it down as Rust. The model and its reader know nothing of macros.

pub(crate) mod constants;
mod find;
pub(crate) mod judge;
mod model;
mod read;
#[cfg(test)]
mod tests;

use std::sync::{Mutex, PoisonError};

use proc_macro2::TokenStream;
use quote::quote;

use self::find::{Place, VARIABLE};
pub(crate) use self::model::{Manifest, Section};
use self::read::Fault;
use crate::errors::Errors;

/// What the expansion at hand knows of the manifest.
#[derive(Default)]
pub(crate) struct Catalog {
    known: Option<(Manifest, Place)>,
    /// What is wrong with the manifest; rules are then not compared with anything.
    faults: Vec<String>,
}

impl Catalog {
    /// Finds and reads the manifest of the package that is being compiled.
    pub(crate) fn load() -> Self {
        Self::read(find::locate())
    }

    fn read(place: Result<Option<Place>, String>) -> Self {
        match place {
            Ok(None) => Self::default(),
            Err(fault) => Self { known: None, faults: vec![fault] },
            Ok(Some(place)) => match read::read(&place.text) {
                Ok(manifest) => Self { known: Some((manifest, place)), faults: Vec::new() },
                Err(faults) => {
                    Self { known: None, faults: faults.iter().map(|fault| place.locate(fault)).collect() }
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

impl Place {
    /// A mistake with the line it is on.
    fn locate(&self, fault: &Fault) -> String {
        format!("{}:{}: {}", self.shown, fault.line, fault.message)
    }
}
