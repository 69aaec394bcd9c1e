//! What `kinde.toml` says: [`find`] looks for the file, [`read`] makes a [`model::ManifestFile`] of its text.
//!
//! The macros and the program `kinde-perms` read it alike. The grammar of keys is a parameter: the program judges keys by it,
//! the macros leave that to the compiler, as for the keys of rules.

mod compare;
pub mod find;
pub mod model;
pub mod names;
pub mod read;
pub mod words;
