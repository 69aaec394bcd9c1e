//! The names of the rule language, and what was probably meant by another one.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::Ident;
use syn::ext::IdentExt as _;

use super::{checks, service};
use kinde_perms_policy::kinde_toml::words::{closest, listed};

/// What an argument of a rule is about.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Word {
    /// `authenticated`
    Authenticated,
    /// A kind of key that is given as a list.
    List(Kind),
    /// `org = "…"`
    Org,
    /// `principal = machine`
    Principal,
    /// `any(…)`
    Any,
    /// `all(…)`
    All,
    /// `not(…)`
    Not,
}

/// The kinds of keys a token can hold.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Permission,
    Role,
    Scope,
    FeatureFlag,
    Organization,
    /// Not in the token: Kinde's Account API is asked.
    Entitlement,
}

const WORDS: [(&str, Word); 11] = [
    ("authenticated", Word::Authenticated),
    ("permissions", Word::List(Kind::Permission)),
    ("roles", Word::List(Kind::Role)),
    ("scopes", Word::List(Kind::Scope)),
    ("feature_flags", Word::List(Kind::FeatureFlag)),
    ("billing_entitlements", Word::List(Kind::Entitlement)),
    ("org", Word::Org),
    ("principal", Word::Principal),
    ("any", Word::Any),
    ("all", Word::All),
    ("not", Word::Not),
];

/// What people call things elsewhere: Kinde's claims, other frameworks, plain English.
const SYNONYMS: [(&str, &str); 24] = [
    ("perms", "permissions"),
    ("has_permissions", "permissions"),
    ("authority", "permissions"),
    ("authorities", "permissions"),
    ("scp", "scopes"),
    ("flag", "feature_flags"),
    ("flags", "feature_flags"),
    ("features", "feature_flags"),
    ("entitlement", "billing_entitlements"),
    ("entitlements", "billing_entitlements"),
    ("billing", "billing_entitlements"),
    ("plans", "billing_entitlements"),
    ("organization", "org"),
    ("organisation", "org"),
    ("org_code", "org"),
    ("tenant", "org"),
    ("auth", "authenticated"),
    ("login", "authenticated"),
    ("logged_in", "authenticated"),
    ("or", "any"),
    ("one_of", "any"),
    ("and", "all"),
    ("every", "all"),
    ("none", "not"),
];

impl Word {
    /// Finds the argument of this name.
    pub(crate) fn find(name: &Ident) -> Option<Self> {
        WORDS.iter().find(|(word, _)| name == word).map(|(_, meaning)| *meaning)
    }
}

impl Kind {
    /// The name of the argument that takes such keys.
    pub(crate) fn argument(self) -> &'static str {
        match self {
            Self::Permission => "permissions",
            Self::Role => "roles",
            Self::Scope => "scopes",
            Self::FeatureFlag => "feature_flags",
            Self::Organization => "org",
            Self::Entitlement => "billing_entitlements",
        }
    }

    /// One such key, in a sentence.
    pub(crate) fn noun(self) -> &'static str {
        match self {
            Self::Permission => "a permission",
            Self::Role => "a role",
            Self::Scope => "a scope",
            Self::FeatureFlag => "a feature flag",
            Self::Organization => "an organization code",
            Self::Entitlement => "a billing entitlement",
        }
    }

    /// The function of the runtime that owns the grammar of such keys.
    pub(crate) fn judge(self) -> Ident {
        let name = match self {
            Self::Permission => "permission_key",
            Self::Role => "role_key",
            Self::Scope => "scope_key",
            Self::FeatureFlag => "flag_key",
            Self::Organization => "org_code",
            Self::Entitlement => "entitlement_name",
        };
        format_ident!("{name}")
    }

    /// The runtime's variant for a key of this kind.
    pub(crate) fn variant(self) -> TokenStream {
        match self {
            Self::Permission => quote!(Permission),
            Self::Role => quote!(Role),
            Self::Scope => quote!(Scope),
            Self::FeatureFlag => quote!(FeatureFlag),
            Self::Organization => quote!(Organization),
            Self::Entitlement => quote!(Entitlement),
        }
    }
}

/// Explains that there is no argument of this name in a rule.
pub(crate) fn unknown_in_rule(name: &Ident) -> String {
    let written = name.unraw().to_string();
    let synonym = SYNONYMS.iter().find(|(synonym, _)| *synonym == written).map(|(_, word)| *word);
    let words: Vec<_> = WORDS.iter().map(|(word, _)| *word).chain([checks::NAME, service::NAME]).collect();
    match (written.as_str(), synonym.or_else(|| closest(&written, &words))) {
        ("machine" | "m2m", _) => unknown(&written, "did you mean `principal = machine`?"),
        ("live", _) => unknown(&written, "did you mean `permissions = live([\"…\"])`?"),
        ("user", _) => unknown(&written, "did you mean `principal = user`?"),
        (checks::NAME, _) => {
            "`check` stands at the top level of `#[requires(…)]`, where it must hold beside the rule: \
                             an alternative goes into the function, as `claims.has(&requirement!(…)) || …`"
                .to_owned()
        }
        (service::NAME, _) => {
            "`claims` stands at the top level of `#[requires(…)]`, on a function that is no handler"
                .to_owned()
        }
        (_, Some(word)) => unknown(&written, &format!("did you mean `{word}`?")),
        (_, None) => unknown(&written, &format!("a rule knows {}", listed(&words))),
    }
}

/// Explains that an attribute has no argument of this name, only `words`.
pub(crate) fn unknown_among(name: &Ident, words: &[&str]) -> String {
    let written = name.unraw().to_string();
    match closest(&written, words) {
        Some(word) => unknown(&written, &format!("did you mean `{word}`?")),
        None => unknown(&written, &format!("known here: {}", listed(words))),
    }
}

fn unknown(written: &str, rest: &str) -> String {
    format!("unknown argument `{written}`; {rest}")
}
