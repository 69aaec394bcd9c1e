//! Facts about a token, which rules are made of.

use std::fmt;

use super::principal::Principal;
use super::printable::{self, Printable};

/// A value that a feature flag is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(
    clippy::exhaustive_enums,
    reason = "Kinde has flags of these types, and what reads them must know all"
)]
pub enum Literal<S> {
    /// A boolean flag's value.
    Bool(bool),
    /// An integer flag's value.
    Integer(i64),
    /// A string flag's value.
    Text(S),
}

/// A [`Literal`] that borrows its text.
pub type FlagLiteral<'a> = Literal<&'a str>;

/// One thing a token can hold or lack.
///
/// Text is borrowed in a rule of constants and owned in a [`Rule`](super::Rule) or a
/// [`Denied`](super::Denied). The order of the variants is the order of the normal form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Fact<S> {
    /// A key of the `permissions` claim.
    Permission(S),
    /// The key of an entry of the `roles` claim.
    Role(S),
    /// A value of `scp`, or of `scope` split on single spaces.
    Scope(S),
    /// A feature flag that equals a value of the same JSON type; what is of another type is unknown, as told at
    /// `FlagValue`.
    FeatureFlag {
        /// The flag's key.
        name: S,
        /// The value it must equal; `None` stands for `true`.
        value: Option<Literal<S>>,
    },
    /// The organization the token was issued for (`org_code`).
    Organization(S),
    /// Who the token speaks for.
    Principal(Principal),
    /// What only Kinde itself can tell, whatever the token says.
    Live(Live<S>),
}

/// One thing that Kinde's Account API says of the user, at the moment it is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Live<S> {
    /// The key of a permission.
    Permission(S),
    /// The key of a role.
    Role(S),
    /// A feature flag, as in [`Fact::FeatureFlag`].
    FeatureFlag {
        /// The flag's key.
        name: S,
        /// The value it must equal; `None` stands for `true`.
        value: Option<Literal<S>>,
    },
    /// The price name of a billing entitlement.
    Entitlement(S),
}

/// What the Account API has an endpoint for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Resource {
    /// Permissions.
    Permissions,
    /// Roles.
    Roles,
    /// Feature flags.
    FeatureFlags,
    /// Billing entitlements.
    Entitlements,
}

/// A [`Fact`] that borrows its text; the leaf of every rule.
pub type Leaf<'a> = Fact<&'a str>;

impl<S> Literal<S> {
    fn map<'a, T>(&'a self, convert: impl Fn(&'a S) -> T) -> Literal<T> {
        match self {
            Self::Bool(value) => Literal::Bool(*value),
            Self::Integer(value) => Literal::Integer(*value),
            Self::Text(value) => Literal::Text(convert(value)),
        }
    }
}

impl<S> Live<S> {
    fn map<'a, T>(&'a self, convert: impl Fn(&'a S) -> T) -> Live<T> {
        match self {
            Self::Permission(key) => Live::Permission(convert(key)),
            Self::Role(key) => Live::Role(convert(key)),
            Self::FeatureFlag { name, value } => Live::FeatureFlag {
                name: convert(name),
                value: value.as_ref().map(|literal| literal.map(convert)),
            },
            Self::Entitlement(name) => Live::Entitlement(convert(name)),
        }
    }

    /// Returns where the answer is to be had.
    #[doc(hidden)]
    #[must_use]
    pub const fn resource(&self) -> Resource {
        match self {
            Self::Permission(_) => Resource::Permissions,
            Self::Role(_) => Resource::Roles,
            Self::FeatureFlag { .. } => Resource::FeatureFlags,
            Self::Entitlement(_) => Resource::Entitlements,
        }
    }
}

impl Resource {
    /// The word that introduces it in the attribute grammar.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Permissions => "permissions",
            Self::Roles => "roles",
            Self::FeatureFlags => "feature_flags",
            Self::Entitlements => "billing_entitlements",
        }
    }
}

impl<S> Fact<S> {
    /// The same fact, asked of Kinde; what Kinde has no endpoint for stays a fact of the token.
    pub(crate) fn into_live(self) -> Self {
        match self {
            Self::Permission(key) => Self::Live(Live::Permission(key)),
            Self::Role(key) => Self::Live(Live::Role(key)),
            Self::FeatureFlag { name, value } => Self::Live(Live::FeatureFlag { name, value }),
            other => other,
        }
    }

    fn map<'a, T>(&'a self, convert: impl Fn(&'a S) -> T) -> Fact<T> {
        match self {
            Self::Permission(key) => Fact::Permission(convert(key)),
            Self::Role(key) => Fact::Role(convert(key)),
            Self::Scope(value) => Fact::Scope(convert(value)),
            Self::FeatureFlag { name, value } => Fact::FeatureFlag {
                name: convert(name),
                value: value.as_ref().map(|literal| literal.map(convert)),
            },
            Self::Organization(code) => Fact::Organization(convert(code)),
            Self::Principal(principal) => Fact::Principal(*principal),
            Self::Live(live) => Fact::Live(live.map(convert)),
        }
    }

    /// The same fact as the normal form has it: a flag that must be `true` is named alone.
    pub(crate) fn into_normal(mut self) -> Self {
        if let Self::FeatureFlag { value, .. } | Self::Live(Live::FeatureFlag { value, .. }) = &mut self
            && matches!(value, Some(Literal::Bool(true)))
        {
            *value = None;
        }
        self
    }

    /// The word that introduces it in the attribute grammar.
    pub(crate) const fn word(&self) -> &'static str {
        match self {
            Self::Permission(_) => "permissions",
            Self::Role(_) => "roles",
            Self::Scope(_) => "scopes",
            Self::FeatureFlag { .. } => "feature_flags",
            Self::Organization(_) => "org",
            Self::Principal(_) => "principal",
            Self::Live(live) => live.resource().word(),
        }
    }

    /// Whether the attribute grammar has to say that Kinde is to be asked; of entitlements that is understood.
    pub(crate) const fn is_marked_live(&self) -> bool {
        matches!(self, Self::Live(Live::Permission(_) | Live::Role(_) | Live::FeatureFlag { .. }))
    }

    /// Whether the attribute grammar gives it in a list of its kind.
    pub(crate) const fn is_listed(&self) -> bool {
        !matches!(self, Self::Organization(_) | Self::Principal(_))
    }

    /// The claim that decides it, under Kinde's own name.
    pub(crate) const fn claim(&self) -> &'static str {
        match self {
            Self::Permission(_) => "permissions",
            Self::Role(_) => "roles",
            Self::Scope(_) => "scp",
            Self::FeatureFlag { .. } => "feature_flags",
            Self::Organization(_) => "org_code",
            Self::Principal(_) => "gty",
            Self::Live(live) => live.resource().word(),
        }
    }
}

impl<S: AsRef<str>> Literal<S> {
    /// Lends the literal.
    pub(crate) fn as_literal(&self) -> FlagLiteral<'_> {
        self.map(AsRef::as_ref)
    }
}

impl<S: AsRef<str>> Live<S> {
    /// Lends the fact.
    pub(crate) fn as_leaf(&self) -> Live<&str> {
        self.map(AsRef::as_ref)
    }
}

impl<S: AsRef<str>> Fact<S> {
    /// Lends the fact.
    pub(crate) fn as_leaf(&self) -> Leaf<'_> {
        self.map(AsRef::as_ref)
    }

    /// Copies the fact's text.
    pub(crate) fn to_owned_fact(&self) -> Fact<String> {
        self.map(|text| text.as_ref().to_owned())
    }
}

/// The wording of messages: a noun, and what the rule names, in backticks.
impl<S: AsRef<str>> fmt::Display for Fact<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (noun, name) = match self.as_leaf() {
            Fact::Permission(key) | Fact::Live(Live::Permission(key)) => ("permission", key),
            Fact::Role(key) | Fact::Live(Live::Role(key)) => ("role", key),
            Fact::Scope(value) => ("scope", value),
            Fact::FeatureFlag { name, value: None } | Fact::Live(Live::FeatureFlag { name, value: None }) => {
                ("feature flag", name)
            }
            Fact::FeatureFlag { name, value: Some(value) }
            | Fact::Live(Live::FeatureFlag { name, value: Some(value) }) => {
                return write!(f, "feature flag `{} = {value}`", Printable(name));
            }
            Fact::Organization(code) => ("organization", code),
            Fact::Principal(principal) => ("principal", principal.as_str()),
            Fact::Live(Live::Entitlement(name)) => ("billing entitlement", name),
        };
        write!(f, "{noun} `{}`", Printable(name))
    }
}

/// The JSON value a flag must have.
#[cfg(feature = "serde")]
impl<S: serde::Serialize> serde::Serialize for Literal<S> {
    fn serialize<Z: serde::Serializer>(&self, serializer: Z) -> Result<Z::Ok, Z::Error> {
        match self {
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Integer(value) => serializer.serialize_i64(*value),
            Self::Text(value) => value.serialize(serializer),
        }
    }
}

/// The literal as the attribute grammar writes it.
impl<S: AsRef<str>> fmt::Display for Literal<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool(value) => write!(f, "{value}"),
            Self::Integer(value) => write!(f, "{value}"),
            Self::Text(value) => printable::quote(f, value.as_ref()),
        }
    }
}
