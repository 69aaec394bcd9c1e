//! The table of requirement kinds.
//!
//! [`Row`] lists the columns. The macro `kinds!` holds one row a kind, and makes [`Kind`] and the lookup `Kind::row`
//! from them. The methods of [`Kind`] read one column each. The grammar of the macros, the parser and printer of rule
//! texts, refusals, comparison and the manifest have no list of kinds of their own: they ask these methods.
//! ARCHITECTURE.md, "Adding a requirement kind", lists the other files that a new kind changes.

use super::key::{self, Grammar, KeyFault};

/// One row of the table.
struct Row {
    /// The word that introduces the kind in a rule: `billing_entitlements`.
    word: &'static str,
    /// The singular in messages about a token: `organization`.
    noun: &'static str,
    /// The singular in messages about a malformed key: `organization code`.
    key_noun: &'static str,
    /// Kinde's name for the claim, or for the answer of the Account API, that decides facts of this kind.
    claim: &'static str,
    shape: Shape,
    liveness: Liveness,
    grammar: Grammar,
    /// The section of the manifest that declares keys of this kind.
    section: Option<Section>,
    /// `true` if a grant in Kinde can give a user a fact of this kind. A refusal names these first.
    grantable: bool,
    /// Other names of the kind. An error message about one of them suggests `word`.
    synonyms: &'static [&'static str],
}

/// The form of a kind in a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// `word = ["a", "b"]`
    List,
    /// `word = ["a", "b" = 5]`
    Values,
    /// `word = "a"`; a token has one value.
    One,
    /// `word = a`: the name of a [`Principal`](super::Principal).
    Name,
}

/// The part that the Account API plays in facts of a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Liveness {
    /// The token decides.
    Never,
    /// The token decides, or the Account API if the rule says `live`.
    Marked,
    /// The Account API decides; no token carries such facts.
    Always,
}

/// A section of the manifest, which declares the keys of one kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Section {
    /// The section's name in the file.
    pub name: &'static str,
    /// The singular in messages about the manifest: `entitlement`.
    pub noun: &'static str,
    /// The fields that a key of the section may have.
    pub fields: &'static [&'static str],
    /// `true` if undeclared keys are errors even in a file without this section.
    pub always_enforced: bool,
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident { $($field:ident: $value:expr,)* })*) => {
        /// A kind of requirement. The normal form of rules has this order.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Kind {
            $($(#[$doc])* $kind,)*
        }

        impl Kind {
            /// All kinds.
            #[doc(hidden)]
            pub const ALL: &'static [Self] = &[$(Self::$kind),*];

            const fn row(self) -> &'static Row {
                match self {
                    $(Self::$kind => &Row { $($field: $value,)* },)*
                }
            }
        }
    };
}

kinds! {
    /// A key of the `permissions` claim.
    Permissions {
        word: "permissions",
        noun: "permission",
        key_noun: "permission",
        claim: "permissions",
        shape: Shape::List,
        liveness: Liveness::Marked,
        grammar: Grammar::Key,
        section: Some(Section { name: "permissions", noun: "permission", fields: DESCRIBED, always_enforced: true }),
        grantable: true,
        synonyms: &["perms", "has_permissions", "authority", "authorities"],
    }
    /// The key of an entry of the `roles` claim.
    Roles {
        word: "roles",
        noun: "role",
        key_noun: "role",
        claim: "roles",
        shape: Shape::List,
        liveness: Liveness::Marked,
        grammar: Grammar::Key,
        section: Some(Section { name: "roles", noun: "role", fields: &["description", "permissions"], always_enforced: true }),
        grantable: true,
        synonyms: &[],
    }
    /// A value of `scp`, or of `scope` split on single spaces.
    Scopes {
        word: "scopes",
        noun: "scope",
        key_noun: "scope",
        claim: "scp",
        shape: Shape::List,
        liveness: Liveness::Never,
        grammar: Grammar::Key,
        // OAuth has scopes that no manifest declares, so scopes are compared only if the file has the section.
        section: Some(Section { name: "scopes", noun: "scope", fields: DESCRIBED, always_enforced: false }),
        grantable: true,
        synonyms: &["scp"],
    }
    /// A feature flag that equals a value of the same JSON type. A value of another type is unknown: see `FlagValue`.
    FeatureFlags {
        word: "feature_flags",
        noun: "feature flag",
        key_noun: "feature flag",
        claim: "feature_flags",
        shape: Shape::Values,
        liveness: Liveness::Marked,
        grammar: Grammar::Key,
        section: Some(Section { name: "feature_flags", noun: "feature flag", fields: &["description", "type"], always_enforced: true }),
        grantable: true,
        synonyms: &["flag", "flags", "features"],
    }
    /// The organization that the token was issued for (`org_code`).
    Organization {
        word: "org",
        noun: "organization",
        key_noun: "organization code",
        claim: "org_code",
        shape: Shape::One,
        liveness: Liveness::Never,
        grammar: Grammar::Key,
        section: None,
        grantable: false,
        synonyms: &["organization", "organisation", "org_code", "tenant"],
    }
    /// The principal that the token speaks for: a user or a machine.
    Principal {
        word: "principal",
        noun: "principal",
        key_noun: "principal",
        claim: "gty",
        shape: Shape::Name,
        liveness: Liveness::Never,
        grammar: Grammar::Key,
        section: None,
        grantable: false,
        synonyms: &[],
    }
    /// The price name of a billing entitlement, which only the Account API tells.
    Entitlements {
        word: "billing_entitlements",
        noun: "billing entitlement",
        key_noun: "billing entitlement",
        claim: "billing_entitlements",
        shape: Shape::List,
        liveness: Liveness::Always,
        grammar: Grammar::Name,
        section: Some(Section { name: "entitlements", noun: "entitlement", fields: DESCRIBED, always_enforced: true }),
        grantable: true,
        synonyms: &["entitlement", "entitlements", "billing", "plans"],
    }
}

const DESCRIBED: &[&str] = &["description"];

impl Kind {
    /// Returns the word that introduces the kind in a rule.
    #[must_use]
    pub const fn word(self) -> &'static str {
        self.row().word
    }

    /// Returns the kind that a word introduces.
    #[doc(hidden)]
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.word() == word)
    }

    /// Returns the kind that has this synonym.
    #[doc(hidden)]
    #[must_use]
    pub fn of_synonym(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.row().synonyms.contains(&word))
    }

    /// Returns the singular in messages about a token: `billing entitlement`.
    #[must_use]
    pub const fn noun(self) -> &'static str {
        self.row().noun
    }

    /// Returns the singular in messages about a malformed key: `organization code`.
    #[doc(hidden)]
    #[must_use]
    pub const fn key_noun(self) -> &'static str {
        self.row().key_noun
    }

    /// Returns Kinde's name for the claim, or for the answer of the Account API, that decides facts of this kind.
    #[must_use]
    pub const fn claim(self) -> &'static str {
        self.row().claim
    }

    /// Returns the form in a rule.
    #[doc(hidden)]
    #[must_use]
    pub const fn shape(self) -> Shape {
        self.row().shape
    }

    /// Returns `true` if a rule lists facts of this kind in brackets.
    #[doc(hidden)]
    #[must_use]
    pub const fn is_listed(self) -> bool {
        matches!(self.shape(), Shape::List | Shape::Values)
    }

    /// Returns the part that the Account API plays.
    #[doc(hidden)]
    #[must_use]
    pub const fn liveness(self) -> Liveness {
        self.row().liveness
    }

    /// Returns `true` if a grant in Kinde can give a user a fact of this kind.
    pub(crate) const fn is_grantable(self) -> bool {
        self.row().grantable
    }

    /// Returns the section of the manifest that declares keys of this kind.
    #[doc(hidden)]
    #[must_use]
    pub const fn section(self) -> Option<&'static Section> {
        self.row().section.as_ref()
    }

    /// Returns the singular in messages about the manifest: `entitlement`.
    #[doc(hidden)]
    #[must_use]
    pub const fn section_noun(self) -> &'static str {
        match self.section() {
            Some(section) => section.noun,
            None => self.noun(),
        }
    }

    /// Checks the grammar of a key.
    ///
    /// # Errors
    /// The first fault of the key.
    #[doc(hidden)]
    pub const fn check(self, key: &str) -> Result<(), KeyFault> {
        key::check(self.row().grammar, key)
    }

    /// Returns all kinds in the order in which the grammar presents them: bracketed lists first.
    #[doc(hidden)]
    pub fn in_grammar() -> impl Iterator<Item = Self> {
        let all = || Self::ALL.iter().copied();
        all().filter(|kind| kind.is_listed()).chain(all().filter(|kind| !kind.is_listed()))
    }

    /// Returns the kinds with a section in the manifest, in the order in which messages name the sections: enforced ones
    /// first.
    #[doc(hidden)]
    pub fn in_manifest() -> impl Iterator<Item = Self> {
        let with = |enforced| {
            move |kind: &Self| kind.section().is_some_and(|section| section.always_enforced == enforced)
        };
        let all = || Self::ALL.iter().copied();
        all().filter(with(true)).chain(all().filter(with(false)))
    }
}
