//! From TOML to a manifest. Every mistake is found in one go, and each says its line.

use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use super::model::{Bundled, Entry, FlagType, Manifest, Section};
use crate::requires::names;

/// What is wrong with a manifest.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    /// The line, from 1.
    pub(crate) line: usize,
    pub(crate) message: String,
}

/// Reads a manifest.
pub(crate) fn read(text: &str) -> Result<Manifest, Vec<Fault>> {
    let table = DeTable::parse(text).map_err(|error| vec![syntax(text, &error)])?;
    let mut reader = Reader { text, faults: Vec::new() };
    let manifest = reader.manifest(table.get_ref());
    reader.bundles(&manifest);
    if reader.faults.is_empty() {
        return Ok(manifest);
    }
    reader.faults.sort_by_key(|fault| fault.line);
    Err(reader.faults)
}

fn syntax(text: &str, error: &toml::de::Error) -> Fault {
    let line = error.span().map_or(1, |span| line_of(text, span.start));
    Fault { line, message: error.message().replace('\n', ", ") }
}

fn line_of(text: &str, offset: usize) -> usize {
    let before = text.bytes().take(offset).filter(|byte| *byte == b'\n').count();
    before.saturating_add(1)
}

type Pair<'a, 'i> = (&'a Spanned<DeString<'i>>, &'a Spanned<DeValue<'i>>);

/// A table's pairs in the order of the file.
fn pairs<'a, 'i>(table: &'a DeTable<'i>) -> Vec<Pair<'a, 'i>> {
    let mut pairs: Vec<_> = table.iter().collect();
    pairs.sort_by_key(|(key, _)| key.span().start);
    pairs
}

struct Reader<'t> {
    text: &'t str,
    faults: Vec<Fault>,
}

impl Reader<'_> {
    fn fault<T>(&mut self, at: &Spanned<T>, message: impl Into<String>) {
        self.faults.push(Fault { line: line_of(self.text, at.span().start), message: message.into() });
    }

    fn manifest(&mut self, table: &DeTable<'_>) -> Manifest {
        let mut sections = Vec::new();
        for (name, value) in pairs(table) {
            let known = Section::ALL.into_iter().find(|section| section.name() == name.get_ref());
            match (known, value.get_ref()) {
                (Some(section), DeValue::Table(keys)) => {
                    sections.push((section, self.section(section, keys)));
                }
                (Some(section), _) => {
                    self.fault(name, format!("`{0}` is a section: write `[{0}]`", section.name()));
                }
                (None, _) => {
                    self.fault(name, unknown("section", name.get_ref(), &Section::ALL.map(Section::name)));
                }
            }
        }
        Manifest::new(sections)
    }

    fn section(&mut self, section: Section, keys: &DeTable<'_>) -> Vec<Entry> {
        pairs(keys).into_iter().filter_map(|(key, value)| self.entry(section, key, value)).collect()
    }

    fn entry(
        &mut self,
        section: Section,
        key: &Spanned<DeString<'_>>,
        value: &Spanned<DeValue<'_>>,
    ) -> Option<Entry> {
        if key.get_ref().is_empty() || key.get_ref().chars().any(char::is_control) {
            self.fault(key, format!("a {} is not empty and has no control characters", section.noun()));
            return None;
        }
        let mut entry = Entry {
            key: key.get_ref().clone().into_owned(),
            line: line_of(self.text, key.span().start),
            description: String::new(),
            permissions: Vec::new(),
            flag_type: None,
        };
        match value.get_ref() {
            DeValue::String(text) => text.trim().clone_into(&mut entry.description),
            DeValue::Table(fields) => self.fields(section, fields, &mut entry),
            _ => self.fault(value, wanted(section, &entry.key)),
        }
        Some(entry)
    }

    fn fields(&mut self, section: Section, fields: &DeTable<'_>, entry: &mut Entry) {
        for (name, value) in pairs(fields) {
            let known = section.fields().iter().any(|field| field == name.get_ref());
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
            let line = line_of(self.text, key.span().start);
            return Some(Bundled { key: text.clone().into_owned(), line });
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

    /// A role can only bundle what there is.
    fn bundles(&mut self, manifest: &Manifest) {
        for role in manifest.entries(Section::Roles) {
            let mut seen: Vec<&str> = Vec::new();
            for Bundled { key, line } in &role.permissions {
                if let Some(message) = bundling(manifest, role, key, &seen) {
                    self.faults.push(Fault { line: *line, message });
                }
                seen.push(key);
            }
        }
    }
}

fn bundling(manifest: &Manifest, role: &Entry, key: &str, seen: &[&str]) -> Option<String> {
    let role = &role.key;
    if seen.contains(&key) {
        return Some(format!("the role `{role}` lists `{key}` twice"));
    }
    if manifest.find(Section::Permissions, key).is_some() {
        return None;
    }
    let cure = match names::closest(key, &manifest.keys(Section::Permissions)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "declare it there".to_owned(),
    };
    Some(format!("the role `{role}` bundles `{key}`, which `[permissions]` does not declare; {cure}"))
}

fn unknown(what: &str, name: &str, known: &[&str]) -> String {
    match names::closest(name, known) {
        Some(near) => format!("unknown {what} `{name}`; did you mean `{near}`?"),
        None => format!("unknown {what} `{name}`; known are {}", names::listed(known)),
    }
}

/// What a key's value should have been.
fn wanted(section: Section, key: &str) -> String {
    let fields = section.fields().join(" and ");
    format!("say what the {} `{key}` is for, as a string, or as a table of {fields}", section.noun())
}

/// A dotted key that was not put in quotation marks looks like a table with a field.
fn unknown_field(section: Section, field: &str, key: &str) -> String {
    let noun = section.noun();
    let known = section.fields();
    match names::closest(field, known) {
        Some(name) => format!("a {noun} has no `{field}`; did you mean `{name}`?"),
        None => format!(
            "a {noun} has no `{field}`, only {}; if the key is `{key}.{field}`, put it in quotation marks",
            names::listed(known)
        ),
    }
}
