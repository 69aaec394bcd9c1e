//! Parts without which a rule means the same.
//!
//! A part matters for a token if whatever must hold beside it does, on every level of the rule, and no alternative to what
//! it stands in does: then the rule holds exactly if the part does. So a part is needless if there is no such token for
//! which it makes a difference.

use std::ptr;

use kinde_perms_policy::shared::Formula;

use super::super::model::{Node, Parts};
use super::term::{Logic, Term, contains};
use crate::errors::Errors;

/// Reports parts that a rule does not need: alternatives before parts of theirs, and of equals the later.
///
/// Each is judged without those that were found before it.
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

/// A part, and what it stands beside.
#[derive(Clone, Copy)]
struct Place<'a> {
    term: Term<'a>,
    /// Whether what it stands in holds if all of it does, or if one part does.
    all: bool,
    siblings: &'a Parts,
}

/// A part of the rule, and the parts it stands in, from the outermost.
struct Part<'a> {
    around: Vec<Place<'a>>,
    place: Place<'a>,
}

/// Collects every part that stands beside another, a combinator behind what is in it.
fn collect<'a>(term: Term<'a>, around: &[Place<'a>], parts: &mut Vec<Part<'a>>) {
    let Some((all, negated, siblings)) = term.parts() else { return };
    for node in &siblings.nodes {
        let place = Place { term: Term { node, negated }, all, siblings };
        let within: Vec<_> = around.iter().copied().chain([place]).collect();
        collect(place.term, &within, parts);
        parts.push(Part { around: around.to_vec(), place });
    }
}

impl<'a> Place<'a> {
    /// What stands beside the part and is still there.
    fn beside(self, dropped: &[&Node]) -> impl Iterator<Item = Term<'a>> {
        let others = self.siblings.nodes.iter().filter(move |node| !ptr::eq(*node, self.term.node));
        others
            .filter(|node| !contains(dropped, node))
            .map(move |node| Term { node, negated: self.term.negated })
    }
}

impl Part<'_> {
    /// How often "all" and "one of" take alternations above it.
    fn alternations(&self) -> usize {
        let mut before = true;
        let levels = self.around.iter().chain([&self.place]);
        levels.filter(|place| std::mem::replace(&mut before, place.all) != place.all).count()
    }
}

struct Search<'a, 'd> {
    /// Parts that were found needless; the rule means the same without them.
    dropped: &'d [&'a Node],
    logic: &'d Logic,
}

impl<'a> Search<'a, '_> {
    fn is_redundant(&self, part: &Part<'a>) -> bool {
        let is_gone = |place: &Place<'_>| contains(self.dropped, place.term.node);
        if part.place.beside(self.dropped).next().is_none() || part.around.iter().any(is_gone) {
            return false;
        }
        let (mut beside, mut instead) = (Vec::new(), Vec::new());
        for place in part.around.iter().chain([&part.place]) {
            let formulas = place.beside(self.dropped).map(|term| term.formula(self.dropped));
            if place.all { beside.extend(formulas) } else { instead.extend(formulas) }
        }
        // What must hold anyway is needed only if it may fail, and an alternative only if it may hold.
        let this = part.place.term.formula(self.dropped);
        if part.place.all {
            instead.push(this);
        } else {
            beside.push(this);
        }
        self.logic.implies(&Formula::All(beside), &Formula::Any(instead))
    }

    /// Why a part is not needed, and what to do about it.
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

    /// The one other part that makes this one needless, if there is one.
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
