//! Counts the cases that agree, and the cases of each deviation.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use crate::deviation::Class;

/// The number of cases of each deviation in this project's corpus.
pub(crate) const EXPECTED: &[(Class, usize)] = &[
    (Class::VacuousTruth, 10),
    (Class::UnknownKind, 2),
    (Class::MistypedArgument, 1),
    (Class::Unsayable, 1),
    (Class::UnverifiedHonoured, 1),
    (Class::IdToken, 2),
    (Class::MalformedClaim, 3),
    (Class::HiddenRoleFetch, 1),
    (Class::BareFlag, 9),
    (Class::SinglePermission, 5),
    (Class::AbsenceSaid, 2),
    (Class::SyncThrows, 4),
    (Class::SwallowedError, 6),
];

/// Counts the results of the trials.
#[derive(Debug)]
pub(crate) struct Tally {
    cases: usize,
    counts: Mutex<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    same: usize,
    declared: BTreeMap<Class, usize>,
    undeclared: usize,
}

impl Tally {
    pub(crate) fn new(cases: usize) -> Self {
        Self { cases, counts: Mutex::default() }
    }

    pub(crate) fn same(&self) {
        self.change(|counts| counts.same += 1);
    }

    pub(crate) fn declared(&self, class: Class) {
        self.change(|counts| *counts.declared.entry(class).or_default() += 1);
    }

    pub(crate) fn undeclared(&self) {
        self.change(|counts| counts.undeclared += 1);
    }

    /// Returns `true` if every case ran.
    pub(crate) fn is_complete(&self) -> bool {
        let counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        counts.same + counts.undeclared + counts.declared.values().sum::<usize>() == self.cases
    }

    /// Returns `true` if each deviation has the expected number of cases.
    pub(crate) fn is_as_expected(&self) -> bool {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner).declared
            == EXPECTED.iter().copied().collect()
    }

    fn change(&self, change: impl FnOnce(&mut Counts)) {
        change(&mut self.counts.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let classes: Vec<String> =
            counts.declared.iter().map(|(class, n)| format!("{class:?} {n}")).collect();
        let declared: usize = counts.declared.values().sum();
        let detail = if classes.is_empty() { String::new() } else { format!(" ({})", classes.join(", ")) };
        write!(
            f,
            "has_cases: {} cases, {} same answer, {declared} declared deviations{detail}, {} undeclared",
            self.cases, counts.same, counts.undeclared
        )
    }
}
