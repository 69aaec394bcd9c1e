//! The raw tree of an attribute, with its spans, before validation.
//!
//! A mistake in one item does not hide the next: the parser goes on after the following comma.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::{ToTokens, TokenStreamExt as _};
use syn::ext::IdentExt as _;
use syn::parse::{ParseStream, Parser as _};
use syn::{Error, Ident, Lit, Path, Result, Token, token};

use crate::errors::Errors;

/// One item of an argument list.
pub(crate) enum Item {
    /// `name`, `name = value` or `name(items)`.
    Named(Argument),
    /// A value without a name.
    Unnamed(Scalar),
}

/// An item with a name.
pub(crate) struct Argument {
    pub(crate) name: Ident,
    pub(crate) value: Value,
}

/// The value of an argument.
pub(crate) enum Value {
    /// Nothing.
    Bare,
    /// `= scalar`
    Scalar(Scalar),
    /// `= [entries]`
    List(Group, Vec<Entry>),
    /// `= live([entries])`
    Live(Group, Vec<Entry>),
    /// `(items)`
    Items(Group, Vec<Item>),
}

/// One entry of a bracketed list: `key` or `key = value`.
pub(crate) struct Entry {
    pub(crate) key: Scalar,
    pub(crate) value: Option<Scalar>,
}

/// A single value.
pub(crate) enum Scalar {
    /// A literal, a negative number included.
    Lit(Lit),
    /// A path, such as that of a constant.
    Path(Path),
    /// Anything else, kept for the message.
    Other(TokenStream),
}

impl ToTokens for Scalar {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self {
            Self::Lit(lit) => lit.to_tokens(tokens),
            Self::Path(path) => path.to_tokens(tokens),
            Self::Other(other) => other.to_tokens(tokens),
        }
    }
}

impl ToTokens for Argument {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        self.name.to_tokens(tokens);
        self.value.to_tokens(tokens);
    }
}

impl ToTokens for Value {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self {
            Self::Bare => {}
            Self::Scalar(scalar) => scalar.to_tokens(tokens),
            Self::List(group, _) | Self::Live(group, _) | Self::Items(group, _) => group.to_tokens(tokens),
        }
    }
}

/// Prints a value as it was written.
pub(crate) fn shown(value: &Scalar) -> String {
    match value {
        Scalar::Path(path) => spelled(path),
        other => other.to_token_stream().to_string(),
    }
}

/// Prints a path as it was written.
pub(crate) fn spelled(path: &Path) -> String {
    path.to_token_stream().to_string().replace(' ', "")
}

pub(crate) fn starts_with_self(path: &Path) -> bool {
    path.segments.first().is_some_and(|segment| segment.ident == "Self")
}

/// Parses an argument list and records every mistake in it.
pub(crate) fn parse(arguments: TokenStream, errors: &mut Errors) -> Vec<Item> {
    separated(arguments, errors, item)
}

/// Parses a comma-separated list. After a mistake, the next item is parsed.
fn separated<T>(
    tokens: TokenStream,
    errors: &mut Errors,
    parse_one: fn(ParseStream<'_>, &mut Errors) -> Result<T>,
) -> Vec<T> {
    let mut all = Vec::new();
    let parser = |input: ParseStream<'_>| {
        while !input.is_empty() {
            match parse_one(input, errors).and_then(|one| separator(input).map(|()| one)) {
                Ok(one) => all.push(one),
                Err(error) => {
                    errors.push(error);
                    skip_item(input)?;
                }
            }
        }
        Ok(())
    };
    if let Err(error) = parser.parse2(tokens) {
        errors.push(error);
    }
    all
}

/// Parses the comma behind an item, or the end of the list.
fn separator(input: ParseStream<'_>) -> Result<()> {
    if input.is_empty() || input.parse::<Option<Token![,]>>()?.is_some() {
        Ok(())
    } else if input.peek(Token![||]) || input.peek(Token![|]) {
        Err(input.error("a rule has no `||`: write `any(…)` around the alternatives"))
    } else if input.peek(Token![&&]) || input.peek(Token![&]) {
        Err(input.error("a rule has no `&&`: write a comma, items separated by commas must all hold"))
    } else {
        Err(input.error("expected a comma"))
    }
}

fn skip_item(input: ParseStream<'_>) -> Result<()> {
    while !input.is_empty() {
        if input.parse::<Option<Token![,]>>()?.is_some() {
            break;
        }
        input.parse::<TokenTree>()?;
    }
    Ok(())
}

fn item(input: ParseStream<'_>, errors: &mut Errors) -> Result<Item> {
    if input.peek(Token![!]) {
        return Err(input.error("a rule has no `!`: write `not(…)`"));
    }
    if !input.peek(Ident::peek_any) || input.peek2(Token![::]) {
        return scalar(input).map(Item::Unnamed);
    }
    let name = input.call(Ident::parse_any)?;
    let value = value(input, &name, errors)?;
    Ok(Item::Named(Argument { name, value }))
}

fn value(input: ParseStream<'_>, name: &Ident, errors: &mut Errors) -> Result<Value> {
    if input.is_empty() || input.peek(Token![,]) {
        Ok(Value::Bare)
    } else if input.peek(token::Paren) {
        let group = group(input)?;
        let items = parse(group.stream(), errors);
        Ok(Value::Items(group, items))
    } else if input.peek(Token![=]) && !input.peek(Token![==]) {
        let equals = input.parse::<Token![=]>()?;
        if input.is_empty() || input.peek(Token![,]) {
            return Err(Error::new_spanned(equals, format_args!("`{name}` has no value behind its `=`")));
        }
        assigned(input, errors)
    } else if input.peek(token::Bracket) || input.peek(Token![:]) || input.peek(Token![==]) {
        Err(input.error(format_args!("write one `=` between `{name}` and its value")))
    } else {
        separator(input).map(|()| Value::Bare)
    }
}

fn assigned(input: ParseStream<'_>, errors: &mut Errors) -> Result<Value> {
    if input.peek(token::Bracket) {
        let group = group(input)?;
        let entries = separated(group.stream(), errors, entry);
        Ok(Value::List(group, entries))
    } else if is_live(input) {
        live(input, errors)
    } else {
        scalar(input).map(Value::Scalar)
    }
}

/// Returns `true` before `live(…)`, but not before a call of another function.
fn is_live(input: ParseStream<'_>) -> bool {
    input.peek2(token::Paren) && input.fork().parse::<Ident>().is_ok_and(|name| name == "live")
}

/// Parses `live([entries])`.
fn live(input: ParseStream<'_>, errors: &mut Errors) -> Result<Value> {
    input.parse::<Ident>()?;
    let outer = group(input)?;
    let list: Option<Group> = syn::parse2(visible(outer.stream())).ok();
    let list = list
        .filter(|list| list.delimiter() == Delimiter::Bracket)
        .ok_or_else(|| Error::new_spanned(&outer, "`live` takes one list: write `live([\"…\"])`"))?;
    let entries = separated(list.stream(), errors, entry);
    Ok(Value::Live(list, entries))
}

fn entry(input: ParseStream<'_>, _: &mut Errors) -> Result<Entry> {
    let key = scalar(input)?;
    let value = if input.parse::<Option<Token![=]>>()?.is_some() { Some(scalar(input)?) } else { None };
    Ok(Entry { key, value })
}

/// Parses all tokens up to the next comma or `=`.
fn scalar(input: ParseStream<'_>) -> Result<Scalar> {
    let mut run = TokenStream::new();
    while !input.is_empty() && !input.peek(Token![,]) && !input.peek(Token![=]) {
        run.append(input.parse::<TokenTree>()?);
    }
    if run.is_empty() { Err(input.error("expected a value")) } else { Ok(classify(run)) }
}

fn classify(run: TokenStream) -> Scalar {
    let run = visible(run);
    if let Ok(lit) = syn::parse2::<Lit>(run.clone()) {
        Scalar::Lit(lit)
    } else if let Ok(path) = Path::parse_mod_style.parse2(run.clone()) {
        Scalar::Path(path)
    } else {
        Scalar::Other(run)
    }
}

/// Parses a group in brackets or parentheses, also within invisible delimiters.
fn group(input: ParseStream<'_>) -> Result<Group> {
    let tree: TokenTree = input.parse()?;
    syn::parse2(visible(tree.into()))
}

/// Removes the invisible delimiters around a `macro_rules!` variable.
fn visible(run: TokenStream) -> TokenStream {
    let mut trees = run.clone().into_iter();
    match (trees.next(), trees.next()) {
        (Some(TokenTree::Group(group)), None) if group.delimiter() == Delimiter::None => {
            visible(group.stream())
        }
        _ => run,
    }
}
