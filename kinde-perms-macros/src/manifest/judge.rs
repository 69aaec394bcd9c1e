//! Compares the keys of a rule with the manifest.

use syn::LitStr;

use super::Catalog;
use crate::errors::Errors;
use crate::kinde_toml::model::{Entry, FlagType, Manifest, Section};
use crate::kinde_toml::words;
use crate::requires::model::{FlagValue, Key, Leaf, Node};
use crate::requires::names::Kind;

/// Records every literal key that the manifest does not declare. Constants are compared when they are evaluated.
pub(crate) fn judge(rule: &Node, catalog: &Catalog, errors: &mut Errors) {
    if let Some((manifest, file)) = catalog.known() {
        Judge { manifest, file, errors }.node(rule);
    }
}

/// Where keys of a kind are declared; codes of organizations are not.
pub(crate) fn section(kind: Kind) -> Option<Section> {
    match kind {
        Kind::Permission => Some(Section::Permissions),
        Kind::Role => Some(Section::Roles),
        Kind::Scope => Some(Section::Scopes),
        Kind::FeatureFlag => Some(Section::FeatureFlags),
        Kind::Entitlement => Some(Section::Entitlements),
        Kind::Organization => None,
    }
}

struct Judge<'a> {
    manifest: &'a Manifest,
    file: &'a str,
    errors: &'a mut Errors,
}

impl Judge<'_> {
    fn node(&mut self, rule: &Node) {
        match rule {
            Node::Authenticated(_) => {}
            Node::Leaf(leaf) => self.leaf(leaf),
            Node::All(parts) | Node::Any(parts) => parts.iter().for_each(|part| self.node(part)),
            Node::Not(part) => self.node(part),
        }
    }

    fn leaf(&mut self, leaf: &Leaf) {
        match leaf {
            Leaf::Key(kind, Key::Literal(key)) => {
                self.key(*kind, key);
            }
            Leaf::Flag(Key::Literal(key), value) => {
                let declared = self.key(Kind::FeatureFlag, key).and_then(|entry| entry.flag_type);
                if let (Some(declared), Some(value)) = (declared, value) {
                    self.flag(key, declared, value);
                }
            }
            Leaf::Live(leaf) => self.leaf(leaf),
            Leaf::Key(..) | Leaf::Flag(..) | Leaf::Principal(_) => {}
        }
    }

    fn key(&mut self, kind: Kind, literal: &LitStr) -> Option<&Entry> {
        let section = section(kind).filter(|section| self.manifest.governs(*section))?;
        let key = literal.value();
        let found = self.manifest.find(section, &key);
        if found.is_none() {
            self.errors.at(literal, self.undeclared(section, &key));
        }
        found
    }

    fn undeclared(&self, section: Section, key: &str) -> String {
        let (noun, file) = (section.noun(), self.file);
        let unknown = format!("unknown {noun} `{key}`");
        let elsewhere = Section::ALL.into_iter().find(|other| self.manifest.find(*other, key).is_some());
        if let Some(near) = words::closest(key, &self.manifest.keys(section)) {
            format!("{unknown}; did you mean `{near}`? It is not declared in {file}")
        } else if let Some(other) = elsewhere {
            format!("{unknown}; {file} declares a {} of this name", other.noun())
        } else {
            format!(
                "{unknown}; it is not declared in {file}: add it to `[{}]` if it exists in Kinde",
                section.name()
            )
        }
    }

    /// A flag of one type never equals a value of another.
    fn flag(&mut self, key: &LitStr, declared: FlagType, value: &FlagValue) {
        let written = match value {
            FlagValue::Bool(_) => FlagType::Boolean,
            FlagValue::Integer(_) => FlagType::Integer,
            FlagValue::Text(_) => FlagType::String,
        };
        if written != declared {
            self.errors.at(
                key,
                format_args!(
                    "the feature flag `{}` is {} in {}, so it never equals {}",
                    key.value(),
                    declared.noun(),
                    self.file,
                    written.noun()
                ),
            );
        }
    }
}
