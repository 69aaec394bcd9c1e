//! Compares the keys of a rule with the manifest.

use kinde_perms_policy::Kind;

use super::Catalog;
use crate::errors::Errors;
use crate::requires::model::{Key, Leaf, Node};
use kinde_perms_policy::kinde_toml::model::{FlagType, ManifestFile};

/// Reports every literal key that the manifest does not declare. The output compares constants when they are evaluated.
pub(crate) fn validate(rule: &Node, catalog: &Catalog, errors: &mut Errors) {
    if let Some((manifest, file)) = catalog.known() {
        Validator { manifest, file, errors }.node(rule);
    }
}

/// Returns the flags that the manifest declares with another type than `than`.
pub(crate) fn flags_of_other_types(manifest: &ManifestFile, than: FlagType) -> Vec<&str> {
    let flags = manifest.entries(Kind::FeatureFlags).iter();
    let others = flags.filter(|flag| flag.flag_type.is_some_and(|declared| declared != than));
    others.map(|flag| flag.key.as_str()).collect()
}

struct Validator<'a> {
    manifest: &'a ManifestFile,
    file: &'a str,
    errors: &'a mut Errors,
}

impl Validator<'_> {
    fn node(&mut self, rule: &Node) {
        match rule {
            Node::Authenticated(_) => {}
            Node::Leaf(leaf) => self.leaf(leaf),
            Node::All(parts) | Node::Any(parts) => parts.nodes.iter().for_each(|part| self.node(part)),
            Node::Not(_, part) => self.node(part),
        }
    }

    fn leaf(&mut self, leaf: &Leaf) {
        if let Key::Literal(key) = &leaf.key
            && let Some(fault) = self.manifest.impossible(self.file, &leaf.fact().as_leaf())
        {
            self.errors.at(key, fault);
        }
    }
}
