//! Findings: what a reviewer of a matrix should look at.

use std::collections::BTreeSet;

use super::reach::Reach;
use super::{AccessMatrix, Route};

/// A finding about the routes, roles and permissions of a matrix.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "the program tells all of them apart")]
pub enum Finding<'m> {
    /// A route that no role alone reaches.
    Unreached(&'m Route),
    /// The first role reaches every route that the second does.
    Covers(&'m str, &'m str),
    /// A route that answers no request, because other routes answer all of them.
    Shadowed(&'m Route),
    /// A permission that no route asks for.
    Unused(&'m str),
    /// A permission that rules name and that does not exist. Nobody holds it: a rule that requires it admits nobody, and its
    /// negation holds for everybody.
    Unknown(String),
}

impl AccessMatrix {
    /// Returns the findings, as far as the catalogue allows.
    pub(crate) fn findings(&self) -> Vec<Finding<'_>> {
        let mut findings: Vec<_> = self.matcher().shadowed().into_iter().map(Finding::Shadowed).collect();
        if self.catalogue().roles().next().is_some() {
            findings.extend(self.unreached().map(Finding::Unreached));
            findings.extend(self.covered().map(|(wide, narrow)| Finding::Covers(wide, narrow)));
        }
        let known: BTreeSet<&str> = self.catalogue().permissions().collect();
        let named = self.named_keys().0;
        findings.extend(known.iter().filter(|key| !named.contains(**key)).map(|key| Finding::Unused(key)));
        if !self.catalogue().is_empty() {
            let unknown = named.into_iter().filter(|key| !known.contains(key.as_str()));
            findings.extend(unknown.map(Finding::Unknown));
        }
        findings
    }

    fn unreached(&self) -> impl Iterator<Item = &Route> {
        let by_no_role = |route: &&Route| {
            self.catalogue().roles().all(|(role, _)| self.reach(role, route) == Some(Reach::No))
        };
        self.routes().iter().filter(by_no_role)
    }

    fn covered(&self) -> impl Iterator<Item = (&str, &str)> {
        let roles = || self.catalogue().roles().map(|(role, _)| role);
        let pairs = roles().flat_map(move |wide| {
            roles().filter(move |narrow| *narrow != wide).map(move |narrow| (wide, narrow))
        });
        pairs.filter(|(wide, narrow)| self.covers(wide, narrow))
    }
}
