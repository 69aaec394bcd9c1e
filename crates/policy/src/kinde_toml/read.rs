//! Reads a manifest from TOML, and reports all of its faults at once, each with its position.
//!
//! [`read`] parses the text; a syntax error is the only fault then. `Reader::manifest` goes through the sections in the
//! order of the file, `entry` through their keys, and `fields` through the fields of a key. Each adds to `faults` and
//! goes on. `check_bundles` then compares the permissions of roles with the declared ones. A manifest with faults is
//! not returned.

use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use super::model::{Bundled, FileEntry, FlagType, ManifestFile, Position};
use super::words;
use crate::kinds::{Kind, Section};

/// A fault in a manifest, for people.
#[derive(Debug, PartialEq, Eq)]
pub struct ManifestFault {
    pub at: Position,
    pub message: String,
}

/// Checks a key of a kind. The error is a message.
pub type KeyCheck = fn(Kind, &str) -> Result<(), String>;

/// Reads a manifest.
///
/// # Errors
/// All faults, in the order of the file.
pub fn read(text: &str, check_key: KeyCheck) -> Result<ManifestFile, Vec<ManifestFault>> {
    let table = DeTable::parse(text).map_err(|error| vec![syntax_fault(text, &error)])?;
    let mut reader = Reader { text, check_key, faults: Vec::new() };
    let manifest = reader.manifest(table.get_ref());
    reader.check_bundles(&manifest);
    if reader.faults.is_empty() {
        return Ok(manifest);
    }
    reader.faults.sort_by_key(|fault| fault.at);
    Err(reader.faults)
}

fn syntax_fault(text: &str, error: &toml::de::Error) -> ManifestFault {
    let at = position(text, error.span().map_or(0, |span| span.start));
    ManifestFault { at, message: error.message().replace('\n', ", ") }
}

fn position(text: &str, offset: usize) -> Position {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.matches('\n').count();
    let column = before.chars().rev().take_while(|char| *char != '\n').count();
    Position { line: line.saturating_add(1), column: column.saturating_add(1) }
}

/// Returns the kinds with a section, and their sections.
fn sections() -> impl Iterator<Item = (Kind, &'static Section)> {
    Kind::in_manifest().filter_map(|kind| Some((kind, kind.section()?)))
}

type Pair<'a, 'i> = (&'a Spanned<DeString<'i>>, &'a Spanned<DeValue<'i>>);

/// Returns the pairs of a table in the order of the file.
fn pairs<'a, 'i>(table: &'a DeTable<'i>) -> Vec<Pair<'a, 'i>> {
    let mut pairs: Vec<_> = table.iter().collect();
    pairs.sort_by_key(|(key, _)| key.span().start);
    pairs
}

struct Reader<'t> {
    text: &'t str,
    check_key: KeyCheck,
    faults: Vec<ManifestFault>,
}

impl Reader<'_> {
    fn fault<T>(&mut self, at: &Spanned<T>, message: impl Into<String>) {
        self.faults.push(ManifestFault { at: self.position(at), message: message.into() });
    }

    fn position<T>(&self, of: &Spanned<T>) -> Position {
        position(self.text, of.span().start)
    }

    fn manifest(&mut self, table: &DeTable<'_>) -> ManifestFile {
        let mut sections_read = Vec::new();
        for (name, value) in pairs(table) {
            let known = sections().find(|(_, section)| section.name == name.get_ref());
            match (known, value.get_ref()) {
                (Some((kind, section)), DeValue::Table(keys)) => {
                    let entries =
                        pairs(keys).into_iter().map(|(key, value)| self.entry(kind, section, key, value));
                    sections_read.push((kind, entries.collect()));
                }
                (Some((_, section)), _) => {
                    self.fault(name, format!("`{0}` is a section: write `[{0}]`", section.name));
                }
                (None, _) => {
                    let known: Vec<_> = sections().map(|(_, section)| section.name).collect();
                    self.fault(name, unknown("section", name.get_ref(), &known));
                }
            }
        }
        ManifestFile::new(sections_read)
    }

    fn entry(
        &mut self,
        kind: Kind,
        section: &Section,
        key: &Spanned<DeString<'_>>,
        value: &Spanned<DeValue<'_>>,
    ) -> FileEntry {
        if let Err(message) = (self.check_key)(kind, key.get_ref()) {
            self.fault(key, message);
        }
        let mut entry = FileEntry {
            key: key.get_ref().clone().into_owned(),
            at: self.position(key),
            description: String::new(),
            permissions: Vec::new(),
            flag_type: None,
        };
        match value.get_ref() {
            DeValue::String(text) => text.trim().clone_into(&mut entry.description),
            DeValue::Table(fields) => self.fields(section, fields, &mut entry),
            _ => self.fault(value, wrong_type(section, &entry.key)),
        }
        entry
    }

    fn fields(&mut self, section: &Section, fields: &DeTable<'_>, entry: &mut FileEntry) {
        for (name, value) in pairs(fields) {
            let known = section.fields.iter().any(|field| field == name.get_ref());
            match (name.get_ref().as_ref(), value.get_ref()) {
                (field, _) if !known => self.fault(name, unknown_field(section, field, &entry.key)),
                ("description", DeValue::String(text)) => text.trim().clone_into(&mut entry.description),
                ("permissions", DeValue::Array(keys)) => {
                    entry.permissions = keys.iter().filter_map(|key| self.bundled(key)).collect();
                }
                ("type", DeValue::String(name)) => entry.flag_type = self.flag_type(value, name),
                ("permissions", _) => self.fault(value, "`permissions` is a list of permission keys"),
                (field, _) => self.fault(value, format!("`{field}` is a string")),
            }
        }
    }

    fn bundled(&mut self, key: &Spanned<DeValue<'_>>) -> Option<Bundled> {
        if let DeValue::String(text) = key.get_ref() {
            return Some(Bundled { key: text.clone().into_owned(), at: self.position(key) });
        }
        self.fault(key, "a permission is a string");
        None
    }

    fn flag_type(&mut self, at: &Spanned<DeValue<'_>>, name: &str) -> Option<FlagType> {
        let found = FlagType::find(name);
        if found.is_none() {
            self.fault(at, unknown("flag type", name, &FlagType::NAMES));
        }
        found
    }

    /// Checks that roles bundle declared permissions only, each once.
    fn check_bundles(&mut self, manifest: &ManifestFile) {
        for role in manifest.entries(Kind::Roles) {
            let mut seen: Vec<&str> = Vec::new();
            for Bundled { key, at } in &role.permissions {
                if let Some(message) = bundle_fault(manifest, role, key, &seen) {
                    self.faults.push(ManifestFault { at: *at, message });
                }
                seen.push(key);
            }
        }
    }
}

fn bundle_fault(manifest: &ManifestFile, role: &FileEntry, key: &str, seen: &[&str]) -> Option<String> {
    let role = &role.key;
    if seen.contains(&key) {
        return Some(format!("the role `{role}` lists `{key}` twice"));
    }
    if manifest.find(Kind::Permissions, key).is_some() {
        return None;
    }
    let cure = match words::closest(key, &manifest.keys(Kind::Permissions)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "declare it there".to_owned(),
    };
    Some(format!("the role `{role}` bundles `{key}`, which `[permissions]` does not declare; {cure}"))
}

fn unknown(what: &str, name: &str, known: &[&str]) -> String {
    match words::closest(name, known) {
        Some(near) => format!("unknown {what} `{name}`; did you mean `{near}`?"),
        None => format!("unknown {what} `{name}`; known are {}", words::listed(known)),
    }
}

/// Returns the message for a key whose value is neither a string nor a table.
fn wrong_type(section: &Section, key: &str) -> String {
    let fields = section.fields.join(" and ");
    format!("say what the {} `{key}` is for, as a string, or as a table of {fields}", section.noun)
}

/// Returns the message for an unknown field. TOML reads a dotted key without quotation marks as a key with a field.
fn unknown_field(section: &Section, field: &str, key: &str) -> String {
    let noun = section.noun;
    let known = section.fields;
    match words::closest(field, known) {
        Some(name) => format!("a {noun} has no `{field}`; did you mean `{name}`?"),
        None => format!(
            "a {noun} has no `{field}`, only {}; if the key is `{key}.{field}`, put it in quotation marks",
            words::listed(known)
        ),
    }
}
