//! The arguments of one attribute: settings (`crate = path`) are separated from items.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::{Attribute, Meta};

use crate::errors::Errors;
use crate::requires::syntax::{self, Argument, Item};
use crate::root::Root;

/// The parsed argument list of an attribute.
pub(crate) struct Arguments {
    /// Span of messages about a missing argument. No tokens mean the attribute that is being expanded.
    pub(crate) attribute: TokenStream,
    pub(crate) items: Vec<Item>,
    pub(crate) root: Root,
    /// `true` if parsing reported a mistake. Missing arguments are then not reported.
    pub(crate) broken: bool,
}

impl Arguments {
    /// Parses the arguments of the attribute or macro that is being expanded.
    pub(crate) fn parse(arguments: TokenStream, errors: &mut Errors) -> Self {
        Self::new(TokenStream::new(), arguments, errors)
    }

    /// Parses an attribute that stands below the one that is being expanded.
    pub(crate) fn of(attribute: &Attribute, errors: &mut Errors) -> Self {
        let arguments = match &attribute.meta {
            Meta::Path(_) => TokenStream::new(),
            Meta::List(list) => list.tokens.clone(),
            Meta::NameValue(pair) => {
                errors.at(pair.eq_token, "write the arguments in parentheses");
                TokenStream::new()
            }
        };
        Self::new(attribute.to_token_stream(), arguments, errors)
    }

    fn new(attribute: TokenStream, arguments: TokenStream, errors: &mut Errors) -> Self {
        let known = errors.count();
        let (settings, items) = split(syntax::parse(arguments, errors));
        let root = root(&settings, errors);
        Self { attribute, items, root, broken: errors.count() > known }
    }
}

/// Separates the settings from the items.
fn split(items: Vec<Item>) -> (Vec<Argument>, Vec<Item>) {
    let mut settings = Vec::new();
    let mut rest = Vec::new();
    for item in items {
        match item {
            Item::Named(argument) if argument.name == "crate" => settings.push(argument),
            other => rest.push(other),
        }
    }
    (settings, rest)
}

fn root(settings: &[Argument], errors: &mut Errors) -> Root {
    let mut settings = settings.iter();
    let root = settings.next().map(|first| Root::parse(first, errors));
    for again in settings {
        errors.at(&again.name, "`crate` is given twice");
    }
    root.unwrap_or_default()
}
