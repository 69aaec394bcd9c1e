//! The reader of `kinde.toml`: [`find`] finds the file, and [`read`] makes a [`model::ManifestFile`] of its text.
//!
//! The macros and the program `kinde-perms` share it. The check of keys is a parameter: the program checks keys while it
//! reads, and the macros leave the check to the compiler, as for the keys of rules.

mod compare;
pub mod find;
pub mod model;
pub mod names;
pub mod read;
pub mod words;
