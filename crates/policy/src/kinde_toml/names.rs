//! The names of the constants that `manifest!()` makes.

use super::model::{FileEntry, ManifestFile};
use super::read::ManifestFault;
use crate::kinds::Kind;

/// Returns the name of the constant of a key: `CREATE_TODOS` for `create:todos`, `DARK_MODE` for `darkMode`.
pub fn constant_name(key: &str) -> String {
    let mut name = String::new();
    let mut after_lower = false;
    for char in key.chars() {
        if after_lower && char.is_ascii_uppercase() {
            name.push('_');
        }
        after_lower = char.is_ascii_lowercase() || char.is_ascii_digit();
        name.push(if char.is_ascii_alphanumeric() { char.to_ascii_uppercase() } else { '_' });
    }
    if name.chars().all(|char| char == '_') || name.starts_with(|first: char| first.is_ascii_digit()) {
        name.insert_str(0, "KEY_");
    }
    name
}

/// Returns a fault for each key whose constant has the name of an earlier one in its section.
pub fn collisions(manifest: &ManifestFile) -> Vec<ManifestFault> {
    Kind::in_manifest().flat_map(|kind| collisions_in(kind, manifest.entries(kind))).collect()
}

fn collisions_in(kind: Kind, entries: &[FileEntry]) -> Vec<ManifestFault> {
    let mut known: Vec<(String, &FileEntry)> = Vec::new();
    let mut faults = Vec::new();
    for entry in entries {
        let name = constant_name(&entry.key);
        match known.iter().find(|(other, _)| *other == name) {
            Some((_, earlier)) => faults.push(ManifestFault {
                at: entry.at,
                message: format!(
                    "the {} `{}` would be the constant `{name}`, as `{}` of line {} is: \
                     rename one of them in Kinde",
                    kind.section_noun(),
                    entry.key,
                    earlier.key,
                    earlier.at.line
                ),
            }),
            None => known.push((name, entry)),
        }
    }
    faults
}
