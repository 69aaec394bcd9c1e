//! What is left of a rule when part of the token is known.

use super::node::Leaf;
use super::normal::Normal;
use super::rule::Rule;
use super::tree::Sense;

impl Rule {
    /// Returns the rule for tokens of which some facts are known to be held (`true`) or lacked (`false`).
    pub(crate) fn assume(&self, known: impl Fn(&Leaf<'_>) -> Option<bool>) -> Self {
        Self::from_normal(assume(self.normal(), &known))
    }

    /// Whether every verified token satisfies the rule by its shape.
    pub(crate) fn is_always(&self) -> bool {
        *self.normal() == Normal::Always
    }

    /// Whether no token satisfies the rule by its shape.
    pub(crate) fn is_never(&self) -> bool {
        *self.normal() == Normal::Never
    }

    /// Visits the facts that the rule names, whichever way it wants them.
    pub(crate) fn for_each_fact(&self, visit: &mut impl FnMut(&Leaf<'_>)) {
        for_each_fact(self.normal(), visit);
    }
}

fn assume(rule: &Normal<String>, known: &impl Fn(&Leaf<'_>) -> Option<bool>) -> Normal<String> {
    let parts = |parts: &[Normal<String>]| parts.iter().map(|part| assume(part, known)).collect();
    let settled = |held: bool| if held { Normal::Always } else { Normal::Never };
    match rule {
        Normal::Always | Normal::Never => rule.clone(),
        Normal::Held(fact) => known(&fact.as_leaf()).map_or_else(|| rule.clone(), settled),
        Normal::Lacked(fact) => known(&fact.as_leaf()).map_or_else(|| rule.clone(), |held| settled(!held)),
        Normal::All(inner) => Normal::all_in(Sense::Positive, parts(inner)),
        Normal::Any(inner) => Normal::all_in(Sense::Negative, parts(inner)),
    }
}

fn for_each_fact(rule: &Normal<String>, visit: &mut impl FnMut(&Leaf<'_>)) {
    match rule {
        Normal::Always | Normal::Never => {}
        Normal::Held(fact) | Normal::Lacked(fact) => visit(&fact.as_leaf()),
        Normal::All(parts) | Normal::Any(parts) => {
            for part in parts {
                for_each_fact(part, visit);
            }
        }
    }
}
