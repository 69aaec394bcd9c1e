//! The words of the rule language, and suggestions for unknown words.

use kinde_perms_policy::Kind;
use kinde_perms_policy::kinde_toml::words::{closest, listed};
use syn::Ident;
use syn::ext::IdentExt as _;

/// The argument that names a function about the resource of a request.
pub(crate) const CHECK: &str = "check";

/// The argument that says where the claims are, in a function that is not a handler.
pub(crate) const CLAIMS: &str = "claims";

/// A word of the rule language.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Word {
    /// `authenticated`
    Authenticated,
    /// A fact about a token or an account, such as `permissions`.
    Fact(Kind),
    /// `any(…)`
    Any,
    /// `all(…)`
    All,
    /// `not(…)`
    Not,
}

const COMBINATORS: [(&str, Word); 3] = [("any", Word::Any), ("all", Word::All), ("not", Word::Not)];

/// Names that other frameworks and plain English have for our words. Synonyms of kinds are in the table of kinds.
const SYNONYMS: [(&str, &str); 8] = [
    ("auth", AUTHENTICATED),
    ("login", AUTHENTICATED),
    ("logged_in", AUTHENTICATED),
    ("or", "any"),
    ("one_of", "any"),
    ("and", "all"),
    ("every", "all"),
    ("none", "not"),
];

const AUTHENTICATED: &str = "authenticated";

impl Word {
    /// Returns the word with this name.
    pub(crate) fn find(name: &Ident) -> Option<Self> {
        words().find(|(word, _)| name == word).map(|(_, meaning)| meaning)
    }
}

/// Returns the words of a rule in the order of messages.
fn words() -> impl Iterator<Item = (&'static str, Word)> {
    let facts = Kind::in_grammar().map(|kind| (kind.word(), Word::Fact(kind)));
    [(AUTHENTICATED, Word::Authenticated)].into_iter().chain(facts).chain(COMBINATORS)
}

/// Returns the noun of a kind's key with its article: `an organization code`.
pub(crate) fn a_key(kind: Kind) -> String {
    let noun = kind.key_noun();
    format!("{} {noun}", if noun.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" })
}

/// Returns the message about an unknown argument of a rule.
pub(crate) fn unknown_in_rule(name: &Ident) -> String {
    let written = name.unraw().to_string();
    let synonym = SYNONYMS.iter().find(|(synonym, _)| *synonym == written).map(|(_, word)| *word);
    let synonym = synonym.or_else(|| Kind::of_synonym(&written).map(Kind::word));
    let words: Vec<_> = words().map(|(word, _)| word).chain([CHECK, CLAIMS]).collect();
    match (written.as_str(), synonym.or_else(|| closest(&written, &words))) {
        ("machine" | "m2m", _) => unknown(&written, "did you mean `principal = machine`?"),
        ("live", _) => unknown(&written, "did you mean `permissions = live([\"…\"])`?"),
        ("user", _) => unknown(&written, "did you mean `principal = user`?"),
        (CHECK, _) => {
            "`check` stands at the top level of `#[requires(…)]`, where it must hold beside the rule: \
                             an alternative goes into the function, as `claims.has(&requirement!(…)) || …`"
                .to_owned()
        }
        (CLAIMS, _) => {
            "`claims` stands at the top level of `#[requires(…)]`, on a function that is no handler"
                .to_owned()
        }
        (_, Some(word)) => unknown(&written, &format!("did you mean `{word}`?")),
        (_, None) => unknown(&written, &format!("a rule knows {}", listed(&words))),
    }
}

/// Returns the message about an unknown argument of an attribute that has only `words`.
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
