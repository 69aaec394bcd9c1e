//! Compares the keys of a rule with the manifest.

use kinde_perms_policy::Literal;
use syn::LitStr;

use super::Catalog;
use crate::errors::Errors;
use crate::requires::model::{Key, Leaf, Node};
use crate::requires::names::Kind;
use kinde_perms_policy::kinde_toml::model::{FlagType, Manifest, Section};

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

/// The flags that are declared with another type than this.
pub(crate) fn flags_of_other_types(manifest: &Manifest, than: FlagType) -> Vec<&str> {
    let flags = manifest.entries(Section::FeatureFlags).iter();
    let others = flags.filter(|flag| flag.flag_type.is_some_and(|declared| declared != than));
    others.map(|flag| flag.key.as_str()).collect()
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
            Node::All(parts) | Node::Any(parts) => parts.nodes.iter().for_each(|part| self.node(part)),
            Node::Not(_, part) => self.node(part),
        }
    }

    fn leaf(&mut self, leaf: &Leaf) {
        match leaf {
            Leaf::Key(kind, Key::Literal(key)) => {
                self.key(*kind, key);
            }
            Leaf::Flag(Key::Literal(key), value) => {
                self.key(Kind::FeatureFlag, key);
                self.flag(key, value.as_ref());
            }
            Leaf::Live(leaf) => self.leaf(leaf),
            Leaf::Key(..) | Leaf::Flag(..) | Leaf::Principal(..) => {}
        }
    }

    fn key(&mut self, kind: Kind, key: &LitStr) {
        let undeclared =
            section(kind).and_then(|section| self.manifest.undeclared(self.file, section, &key.value()));
        self.report(key, undeclared);
    }

    fn flag(&mut self, key: &LitStr, value: Option<&Literal<String>>) {
        let name = key.value();
        let fault = match value {
            Some(value) => self.manifest.mistyped(self.file, &name, FlagType::of(value)),
            None => self.manifest.never_true(self.file, &name),
        };
        self.report(key, fault);
    }

    fn report(&mut self, key: &LitStr, fault: Option<String>) {
        if let Some(fault) = fault {
            self.errors.at(key, fault);
        }
    }
}
