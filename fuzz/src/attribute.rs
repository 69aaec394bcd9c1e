//! Fuzzes the rule language. The macros read tokens and the runtime reads text: a rule that one reader accepts must have the
//! same meaning for the other.

use kinde_perms::Rule;
use kinde_perms::policy::{Literal, RuleFault, Source};
use kinde_perms_policy::shared::Liveness;
use proc_macro2::TokenStream;
use quote::quote;

use crate::arguments::Arguments;
use crate::errors::Errors;
use crate::manifest::Catalog;
use crate::requires::checks;
use crate::requires::model::{Key, Leaf, Node};
use crate::requires::validate::validate;
use crate::{check, function, handlers, requirement};

/// The arguments of an attribute.
pub(crate) fn attribute(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let read: Option<Rule> = text.parse().ok();
    let Some(tokens) = tokens(text) else { return };
    expand(&tokens);
    // The runtime answers exactly. Its time doubles with each fact that a rule names twice.
    if text.len() < 200 {
        vacuous(text);
    }
    let Some(written) = validated(tokens).as_ref().and_then(text_of) else { return };
    match written.parse::<Rule>() {
        Ok(rule) => {
            assert!(read.is_none_or(|read| read == rule), "{text} means {rule} to the macros");
        }
        // Emitted constants check the keys, and the compiler limits the depth. The macros do neither.
        Err(error) => {
            let left_to_the_runtime = matches!(error.fault(), RuleFault::Key(_) | RuleFault::TooDeep);
            assert!(left_to_the_runtime, "{error}: {written}");
            assert!(read.is_none(), "{text} is read, {written} is not");
        }
    }
}

/// Expands every macro that takes a rule, and some that must refuse one.
fn expand(rule: &TokenStream) {
    let catalog = Catalog::default();
    let handler: TokenStream = quote!(async fn handler() {});
    guarded(rule, &function::requires(rule.clone(), &handler, &catalog));
    serving(rule, &catalog);
    let block: TokenStream = quote!(impl Todos { #[requires(#rule)] async fn list() {} });
    let others = [
        function::public(rule.clone(), &handler, &catalog),
        handlers::expand(TokenStream::new(), &block, &catalog),
        check::expand(rule.clone(), &handler),
    ];
    for other in others {
        assert!(syn::parse2::<syn::File>(other.clone()).is_ok(), "{other}");
    }
    let value = requirement::expand(rule.clone(), &catalog);
    assert!(syn::parse2::<syn::Expr>(value.clone()).is_ok(), "{value}");
}

/// Asserts that the expansion contains the handler, with a guard or a decision from claims, also after a mistake in the rule.
fn guarded(rule: &TokenStream, expansion: &TokenStream) {
    let text = expansion.to_string();
    let arguments = Arguments::parse(rule.clone(), &mut Errors::default());
    if checks::sort(&arguments.items).claims.is_empty() {
        assert!(text.contains("async fn handler (_ :"), "{text}");
        assert!(text.contains("Guard < __kinde_perms_guard_handler >"), "{text}");
    } else {
        // This handler returns nothing, so it cannot refuse.
        assert!(text.contains("async fn handler ()") && text.contains("compile_error"), "{text}");
    }
    let empty = text.contains("Node :: All (& [])") || text.contains("Node :: Any (& [])");
    assert!(!empty || text.contains("compile_error"), "{text}");
    assert!(syn::parse2::<syn::File>(expansion.clone()).is_ok(), "{text}");
}

/// Asserts that a function with claims decides before its body runs, or does not compile.
fn serving(rule: &TokenStream, catalog: &Catalog) {
    let service = quote!(fn serve(claims: &Claims) -> Result<(), Denied> { body() });
    let expansion = function::requires(quote!(#rule, claims = claims), &service, catalog);
    let text = expansion.to_string();
    let decided = text.find("Claims :: require").is_some_and(|at| text.find("body ()").is_some_and(|body| at < body));
    assert!(decided || text.contains("compile_error"), "{text}");
    assert!(syn::parse2::<syn::File>(expansion).is_ok(), "{text}");
}

/// Returns the rule that the macros read; `None` if they report an error.
fn validated(arguments: TokenStream) -> Option<Node> {
    let mut errors = Errors::default();
    let arguments = Arguments::parse(arguments, &mut errors);
    let arguments = [arguments];
    let validated = validate(&arguments, &mut errors);
    let of_the_token_alone = validated.checks.is_empty() && validated.claims.is_empty();
    (errors.count() == 0 && of_the_token_alone).then_some(validated.rule)
}

/// Asserts that the macros and the runtime find the same contradictions and redundant parts in a rule. Returns how many of
/// them the macros report; `None` if the macros refuse the rule for another reason.
pub(crate) fn vacuous(text: &str) -> Option<usize> {
    let mut errors = Errors::default();
    let arguments = [Arguments::parse(tokens(text)?, &mut errors)];
    let rule = validate(&arguments, &mut errors).rule;
    let complaints = errors.count();
    let said = errors.into_compile_errors().to_string();
    let well_formed = complaints_in(&said) == complaints;
    let read: Rule = text_of(&rule).filter(|_| well_formed)?.parse().ok()?;
    if read.is_never_met() {
        assert!(complaints == 1 && said.contains("admits nobody"), "{text}: {said}");
    } else if read.is_always_met() && !matches!(rule, Node::Authenticated(_)) {
        assert!(complaints == 1 && said.contains("every valid token meets this rule"), "{text}: {said}");
    } else {
        let shorter = shortened(&rule)?;
        let redundant = shorter.iter().find(|text| text.parse::<Rule>().is_ok_and(|one| one.is_equivalent(&read)));
        assert_eq!(redundant.is_some(), complaints > 0, "{text}: {said} {redundant:?}");
    }
    Some(complaints)
}

/// Returns the rule that the macros read, read again by the runtime; `None` if the macros report an error.
pub(crate) fn understood(text: &str) -> Option<Rule> {
    text_of(&validated(tokens(text)?)?)?.parse().ok()
}

/// Counts the messages about contradictions and redundant parts.
fn complaints_in(said: &str) -> usize {
    ["admits nobody", "every valid token meets this", "meets this too: remove it", "is required already: remove this",
     "requires this already: remove it", "admits whomever this would", "no token can meet this alternative"]
        .iter()
        .map(|message| said.matches(message).count())
        .sum()
}

/// Returns the rule without each of its parts in turn.
fn shortened(rule: &Node) -> Option<Vec<String>> {
    let (word, parts) = match rule {
        Node::Authenticated(_) | Node::Leaf(_) => return Some(Vec::new()),
        Node::Not(_, part) => {
            return Some(shortened(part)?.into_iter().map(|part| format!("not({part})")).collect());
        }
        Node::All(parts) => ("all", &parts.nodes),
        Node::Any(parts) => ("any", &parts.nodes),
    };
    let texts: Vec<String> = parts.iter().map(text_of).collect::<Option<_>>()?;
    let joined = |parts: Vec<String>| match parts.as_slice() {
        [only] => only.clone(),
        several => format!("{word}({})", several.join(", ")),
    };
    let mut all = Vec::new();
    for (at, part) in parts.iter().enumerate() {
        let mut others = texts.clone();
        others.remove(at);
        if !others.is_empty() {
            all.push(joined(others));
        }
        for shorter in shortened(part)? {
            let mut with = texts.clone();
            with.remove(at);
            with.insert(at, shorter);
            all.push(joined(with));
        }
    }
    Some(all)
}

/// Prints a rule; `None` for a rule with constants, which text cannot name.
fn text_of(rule: &Node) -> Option<String> {
    let joined = |parts: &[Node]| Some(parts.iter().map(text_of).collect::<Option<Vec<_>>>()?.join(", "));
    Some(match rule {
        Node::Authenticated(_) => "authenticated".to_owned(),
        Node::Leaf(leaf) => fact(leaf)?,
        Node::All(parts) => format!("all({})", joined(&parts.nodes)?),
        Node::Any(parts) => format!("any({})", joined(&parts.nodes)?),
        Node::Not(_, part) => format!("not({})", text_of(part)?),
    })
}

fn fact(leaf: &Leaf) -> Option<String> {
    let key = match &leaf.key {
        Key::Literal(literal) => quoted(&literal.value()),
        Key::Name(name) => name.to_string(),
        Key::Constant(_) => return None,
    };
    let value = leaf.value.as_ref().map(flag).unwrap_or_default();
    let word = leaf.kind.word();
    Some(match leaf.kind.liveness() {
        _ if !leaf.kind.is_listed() => format!("{word} = {key}"),
        Liveness::Marked if leaf.source == Source::Live => format!("{word} = live([{key}{value}])"),
        _ => format!("{word} = [{key}{value}]"),
    })
}

fn flag(value: &Literal<String>) -> String {
    match value {
        Literal::Bool(flag) => format!(" = {flag}"),
        Literal::Integer(number) => format!(" = {number}"),
        Literal::Text(text) => format!(" = {}", quoted(text)),
    }
}

/// Prints a string of the rule language, in which all but plain characters are escaped.
fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || ":._-".contains(c);
    let escaped = |c: char| if plain(c) { c.to_string() } else { c.escape_unicode().to_string() };
    format!("\"{}\"", text.chars().map(escaped).collect::<String>())
}

/// Reads tokens as rustc passes them to a macro.
///
/// Outside of a compiler `proc_macro2` parses the text itself, and recurses for each nested bracket.
fn tokens(text: &str) -> Option<TokenStream> {
    let opening = text.bytes().filter(|byte| b"([{".contains(byte)).count();
    if opening > 64 { None } else { text.parse().ok() }
}
