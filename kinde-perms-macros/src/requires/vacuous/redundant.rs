//! Finds redundant parts, without which a rule means the same.
//!
//! On the way from the rule to a part, each level is an `all` or an `any`; a `not` swaps the two. The part decides the rule for
//! a token exactly if the token meets all other parts of each `all` on the way, and no other part of any `any`. A part is
//! redundant if it has the same answer for all such tokens: in an `all` it holds for all of them, in an `any` for none.
//!
//! [`report`] collects the parts, sorts them, and drops one redundant part after another. [`Search::is_redundant`] tries a
//! part in the rule that is left, and [`Search::reason`] writes the message.

use std::ptr;

use kinde_perms_policy::shared::Formula;

use super::super::model::{Node, Parts};
use super::term::{Logic, Term, contains};
use crate::errors::Errors;

/// Reports redundant parts. Parts with fewer alternations are tried first, and of equals the later. Each is tried in the rule
/// without the parts that were dropped before.
pub(super) fn report(rule: &Node, logic: &Logic, errors: &mut Errors) {
    let mut parts = Vec::new();
    collect(Term::of(rule), &[], &mut parts);
    parts.reverse();
    parts.sort_by_key(Part::alternations);
    let mut dropped = Vec::new();
    for part in parts {
        if logic.is_exhausted() {
            return;
        }
        let search = Search { dropped: &dropped, logic };
        if search.is_redundant(&part) {
            errors.at(part.place.term.node, search.reason(&part));
            dropped.push(part.place.term.node);
        }
    }
}

/// A part and its siblings.
#[derive(Clone, Copy)]
struct PartPlace<'a> {
    term: Term<'a>,
    /// `true` if the combinator around the part is an `all`, `false` if it is an `any`.
    all: bool,
    siblings: &'a Parts,
}

/// A part of the rule, and the parts around it, the outermost first.
struct Part<'a> {
    around: Vec<PartPlace<'a>>,
    place: PartPlace<'a>,
}

/// Collects every part of every combinator. A combinator follows its own parts.
fn collect<'a>(term: Term<'a>, around: &[PartPlace<'a>], parts: &mut Vec<Part<'a>>) {
    let Some((all, negated, siblings)) = term.parts() else { return };
    for node in &siblings.nodes {
        let place = PartPlace { term: Term { node, negated }, all, siblings };
        let within: Vec<_> = around.iter().copied().chain([place]).collect();
        collect(place.term, &within, parts);
        parts.push(Part { around: around.to_vec(), place });
    }
}

impl<'a> PartPlace<'a> {
    /// Returns the siblings that were not dropped.
    fn beside(self, dropped: &[&Node]) -> impl Iterator<Item = Term<'a>> {
        let others = self.siblings.nodes.iter().filter(move |node| !ptr::eq(*node, self.term.node));
        others
            .filter(|node| !contains(dropped, node))
            .map(move |node| Term { node, negated: self.term.negated })
    }
}

impl Part<'_> {
    /// Counts the changes between `all` and `any` on the way from the rule to the part.
    fn alternations(&self) -> usize {
        let mut before = true;
        let levels = self.around.iter().chain([&self.place]);
        levels.filter(|place| std::mem::replace(&mut before, place.all) != place.all).count()
    }
}

struct Search<'a, 'd> {
    /// Redundant parts that were found; the rule means the same without them.
    dropped: &'d [&'a Node],
    logic: &'d Logic,
}

impl<'a> Search<'a, '_> {
    fn is_redundant(&self, part: &Part<'a>) -> bool {
        let is_gone = |place: &PartPlace<'_>| contains(self.dropped, place.term.node);
        if part.place.beside(self.dropped).next().is_none() || part.around.iter().any(is_gone) {
            return false;
        }
        let (mut beside, mut instead) = (Vec::new(), Vec::new());
        for place in part.around.iter().chain([&part.place]) {
            let formulas = place.beside(self.dropped).map(|term| term.formula(self.dropped));
            if place.all { beside.extend(formulas) } else { instead.extend(formulas) }
        }
        // `All(beside)` holds and `Any(instead)` does not for the tokens for which the part decides. A part of an `all` is
        // redundant if no such token fails it, and a part of an `any` if no such token meets it.
        let this = part.place.term.formula(self.dropped);
        if part.place.all {
            instead.push(this);
        } else {
            beside.push(this);
        }
        self.logic.implies(&Formula::All(beside), &Formula::Any(instead))
    }

    /// Returns the message about a redundant part.
    fn reason(&self, part: &Part<'a>) -> String {
        let this = part.place.term.formula(&[]);
        let all = part.place.all;
        if !all && self.logic.implies(&this, &Formula::Never) {
            return "no token can meet this alternative: remove it".to_owned();
        }
        if all && self.logic.implies(&Formula::Always, &this) {
            return "every valid token meets this: remove it".to_owned();
        }
        let witness = self.witness(part, &this).map(|term| (term.spelled(), term.formula(self.dropped)));
        match (witness, all) {
            (Some((other, formula)), true) if self.logic.implies(&this, &formula) => {
                format!("`{other}` is required already: remove this")
            }
            (Some((other, _)), true) => format!("whoever meets `{other}` meets this too: remove it"),
            (Some((other, _)), false) => {
                format!("`{other}` admits whomever this would: remove this alternative")
            }
            (None, true) => "the rest of the rule requires this already: remove it".to_owned(),
            (None, false) => {
                "the rest of the rule admits whomever this would: remove this alternative".to_owned()
            }
        }
    }

    /// Returns another part that alone makes this part redundant.
    fn witness(&self, part: &Part<'a>, this: &Formula) -> Option<Term<'a>> {
        let all = part.place.all;
        let outside = part.around.iter().filter(|place| place.all == all);
        let mut others =
            [&part.place].into_iter().chain(outside).flat_map(|place| place.beside(self.dropped));
        others.find(|term| {
            let other = term.formula(self.dropped);
            if all { self.logic.implies(&other, this) } else { self.logic.implies(this, &other) }
        })
    }
}
