//! The tree a rule is made of.

use crate::claims::Principal;

/// A value that a feature flag is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FlagLiteral<'a> {
    /// A boolean flag's value.
    Bool(bool),
    /// An integer flag's value.
    Integer(i64),
    /// A string flag's value.
    Text(&'a str),
}

/// One thing a token can hold or lack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Leaf<'a> {
    /// A key of the `permissions` claim.
    Permission(&'a str),
    /// The key of an entry of the `roles` claim.
    Role(&'a str),
    /// A value of `scp`, or of `scope` split on single spaces.
    Scope(&'a str),
    /// A feature flag: present and not `false`, or equal to a value of the same JSON type.
    FeatureFlag {
        /// The flag's key.
        name: &'a str,
        /// The value it must equal; `None` asks for presence and not `false`.
        value: Option<FlagLiteral<'a>>,
    },
    /// The organisation the token was issued for (`org_code`).
    Organization(&'a str),
    /// Who the token speaks for.
    Principal(Principal),
}

/// A rule as a tree of constants; the macros build it, [`Requirement`](crate::Requirement) carries it.
#[derive(Clone, Copy, Debug)]
#[doc(hidden)]
#[expect(clippy::exhaustive_enums, reason = "macro output of the pinned macro crate is its only other user")]
pub enum Node {
    /// Any valid access token.
    Authenticated,
    /// One thing the token must hold.
    Leaf(Leaf<'static>),
    /// Every part must hold.
    All(&'static [Node]),
    /// At least one part must hold.
    Any(&'static [Node]),
    /// The part must be known not to hold.
    Not(&'static Node),
}
