//! `#[handlers]`: the attributes inside an `impl` block, where a macro cannot put a marker beside a function.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::{ToTokens, TokenStreamExt as _, quote};
use syn::parse::discouraged::Speculative as _;
use syn::parse::{ParseStream, Parser as _};
use syn::punctuated::Punctuated;
use syn::{Attribute, ItemImpl, Meta, Result, Token};

use crate::arguments::Arguments;
use crate::errors::Errors;
use crate::function::explain_at_keyword;
use crate::guarded::{Attributes, Context, guard};
use crate::manifest::Catalog;
use crate::requires::handler::Handler;
use crate::requires::names;
use crate::requires::syntax::Item;
use crate::root::Root;

/// Expands `#[handlers]`.
pub(crate) fn expand(arguments: TokenStream, item: &TokenStream, catalog: &Catalog) -> TokenStream {
    let mut errors = Errors::default();
    let root = settings(arguments, &mut errors);
    let block = split(item).and_then(|(head, body)| {
        let block: ItemImpl = syn::parse2(quote!(#head {})).ok()?;
        Some((head, body, block))
    });
    let Some((head, members, block)) = block else {
        errors.push(explain_at_keyword(item, |_| "`#[handlers]` belongs on an `impl` block".to_owned()));
        let errors = errors.into_compile_errors();
        return quote!(#errors #item);
    };
    if let Some((name, _)) = &block.trait_ {
        errors.at(name, "a trait's functions cannot be handlers: move them to an inherent `impl` block");
    }
    catalog.report(&mut errors);
    let (outside, inside) =
        Members { block: &block, root, catalog, errors: &mut errors, found: false }.expand(members.stream());
    let mut body = Group::new(Delimiter::Brace, inside);
    body.set_span(members.span());
    let errors = errors.into_compile_errors();
    quote!(#errors #outside #head #body)
}

/// Reads `crate = path`, the only argument of `#[handlers]`, which holds for all functions of the block.
fn settings(arguments: TokenStream, errors: &mut Errors) -> Root {
    let arguments = Arguments::parse(arguments, errors);
    for item in &arguments.items {
        match item {
            Item::Named(argument) => {
                errors.at(&argument.name, names::unknown_among(&argument.name, &["crate"]));
            }
            Item::Unnamed(value) => {
                errors.at(value, "`#[handlers]` takes no value; rules stand on the functions");
            }
        }
    }
    arguments.root
}

/// Splits an item into its head and its braces.
fn split(item: &TokenStream) -> Option<(TokenStream, Group)> {
    let mut trees: Vec<TokenTree> = item.clone().into_iter().collect();
    match trees.pop() {
        Some(TokenTree::Group(body)) if body.delimiter() == Delimiter::Brace => {
            Some((trees.into_iter().collect(), body))
        }
        _ => None,
    }
}

/// Expands the members of the block.
struct Members<'a> {
    block: &'a ItemImpl,
    root: Root,
    catalog: &'a Catalog,
    errors: &'a mut Errors,
    /// `true` once a function with `#[requires]` or `#[public]` was found.
    found: bool,
}

impl Members<'_> {
    /// Returns the items to emit beside the block, and the new members.
    fn expand(mut self, members: TokenStream) -> (TokenStream, TokenStream) {
        let mut outside = TokenStream::new();
        let mut inside = TokenStream::new();
        let parser = |input: ParseStream<'_>| {
            while !input.is_empty() {
                match function(input) {
                    Some(handler) => self.function(handler, &mut outside, &mut inside),
                    None => other(input, &mut inside)?,
                }
            }
            Ok(())
        };
        if let Err(error) = parser.parse2(members) {
            self.errors.push(error);
        }
        if !self.found && self.errors.count() == 0 {
            self.errors.at(
                TokenStream::new(),
                "no function in this block has a rule: write `#[requires(…)]` or `#[public(…)]` \
                 on its handlers",
            );
        }
        (outside, inside)
    }

    fn function(&mut self, mut handler: Handler, outside: &mut TokenStream, inside: &mut TokenStream) {
        let mut attributes = Attributes::default();
        attributes.drain(&mut handler, &self.root, self.errors);
        handler.attributes.retain(|attribute| !self.hides_a_rule(attribute));
        if attributes.is_empty() || self.block.trait_.is_some() {
            outside.extend(attributes.mentions(&TokenStream::new()));
            handler.to_tokens(inside);
            return;
        }
        self.found = true;
        let context = Context { owner: Some(&self.block.self_ty), root: &self.root, catalog: self.catalog };
        let guarded = guard(handler, &attributes, &context, self.errors);
        outside.extend(guarded.outside);
        inside.extend(guarded.function);
    }

    /// Returns `true` if a `cfg_attr` contains a rule, and reports it. The compiler would expand that rule inside the block,
    /// where a marker cannot be emitted.
    fn hides_a_rule(&mut self, attribute: &Attribute) -> bool {
        let ours = |meta: &Meta| ["requires", "public"].iter().any(|name| self.root.owns(meta.path(), name));
        let hidden = attribute.path().is_ident("cfg_attr") && applied(attribute).iter().any(ours);
        if hidden {
            self.errors.at(
                attribute,
                "`#[handlers]` cannot read a rule inside `cfg_attr`: write the function twice, \
                 each under a `#[cfg(…)]`",
            );
        }
        hidden
    }
}

/// Returns the arguments of a `cfg_attr`: the condition and the attributes.
fn applied(attribute: &Attribute) -> Punctuated<Meta, Token![,]> {
    attribute.parse_args_with(Punctuated::parse_terminated).unwrap_or_default()
}

/// Parses a function if one comes next.
fn function(input: ParseStream<'_>) -> Option<Handler> {
    let ahead = input.fork();
    let handler = ahead.parse().ok()?;
    input.advance_to(&ahead);
    Some(handler)
}

/// Copies a member that is not a function, up to its semicolon or its braces.
fn other(input: ParseStream<'_>, inside: &mut TokenStream) -> Result<()> {
    while !input.is_empty() {
        let tree: TokenTree = input.parse()?;
        let last = match &tree {
            TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
            TokenTree::Punct(punct) => punct.as_char() == ';',
            TokenTree::Ident(_) | TokenTree::Literal(_) => false,
        };
        inside.append(tree);
        if last {
            break;
        }
    }
    Ok(())
}
