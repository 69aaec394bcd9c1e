//! What `kinde.toml` says: [`find`] looks for the file, [`read`] makes a [`model::Manifest`] of its text.
//!
//! Two crates compile these files: the macros, and the program `kinde-perms`, which has this folder in its source by a
//! symbolic link. So nothing in here names anything of either crate, and the grammar of keys is a parameter.

mod compare;
pub(crate) mod find;
pub(crate) mod model;
pub(crate) mod names;
pub(crate) mod read;
pub(crate) mod words;
