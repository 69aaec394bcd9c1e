//! The function below an attribute: its parts, and whether it can have a hidden first argument.

use proc_macro2::{Delimiter, Group, Span, TokenStream, TokenTree};
use quote::{ToTokens, TokenStreamExt as _, quote};
use syn::parse::{Parse, ParseStream};
use syn::{
    Attribute, FnArg, GenericArgument, Ident, Pat, PathArguments, Result, Signature, Token, Type, Visibility,
};

use crate::errors::Errors;

/// Axum's handlers have at most 16 arguments, and the guard is one of them.
const MAX_ARGUMENTS: usize = 15;

/// Prefix of the names of all markers.
pub(crate) const MARKER_PREFIX: &str = "__kinde_perms_guard_";

/// A function. Only its head is parsed; the body stays tokens, even with syntax errors.
pub(crate) struct Handler {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) visibility: Visibility,
    default: Option<Token![default]>,
    pub(crate) signature: Signature,
    body: TokenStream,
}

impl Parse for Handler {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        Ok(Self {
            attributes: input.call(Attribute::parse_outer)?,
            visibility: input.parse()?,
            default: input.parse()?,
            signature: input.parse()?,
            body: body(input)?,
        })
    }
}

/// Parses the braced body, or the semicolon of a function without a body.
fn body(input: ParseStream<'_>) -> Result<TokenStream> {
    let tree: TokenTree = input.parse()?;
    match &tree {
        TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => Ok(tree.into()),
        TokenTree::Punct(semicolon) if semicolon.as_char() == ';' => Ok(tree.into()),
        other => Err(syn::Error::new_spanned(other, "expected the function's body")),
    }
}

impl ToTokens for Handler {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.append_all(&self.attributes);
        self.visibility.to_tokens(tokens);
        self.default.to_tokens(tokens);
        self.signature.to_tokens(tokens);
        self.body.to_tokens(tokens);
    }
}

impl Handler {
    /// Reports why the function cannot be a guarded handler.
    pub(crate) fn validate(&self, attribute: &str, errors: &mut Errors) {
        if let Some(receiver) = self.signature.receiver() {
            errors.at(
                receiver,
                "a handler takes no `self`: take what it needs as an argument, such as `State<…>`",
            );
        } else if self.has_no_body() {
            errors.at(
                &self.signature.ident,
                format_args!(
                    "`#[{attribute}]` cannot guard a trait's function: put it on a free function, \
                              or on a function of an inherent `impl` block with `#[handlers]`"
                ),
            );
        } else if self.signature.asyncness.is_none() {
            errors.at(self.signature.fn_token, "a handler is asynchronous: write `async fn`");
        }
        self.validate_arguments(attribute, errors);
    }

    /// Reports a `Self`: the only sign of an `impl` block that an attribute inside of it can see.
    pub(crate) fn validate_place(&self, attribute: &str, errors: &mut Errors) {
        let head = self.signature.to_token_stream();
        if let Some(span) = find_self(head).or_else(|| find_self(self.body.clone())) {
            let message = "cannot see the `impl` block around this function: put `#[handlers]` on that block";
            errors.push(syn::Error::new(span, format_args!("`#[{attribute}]` {message}")));
        }
    }

    fn validate_arguments(&self, attribute: &str, errors: &mut Errors) {
        let arguments = &self.signature.inputs;
        if arguments.first().is_some_and(is_hidden) {
            errors.at(
                &self.signature.ident,
                format_args!(
                    "this function is guarded already: `#[{attribute}]` must see the other attribute, \
                              so write both under their own names, one above the other"
                ),
            );
        } else if let Some(sixteenth) = arguments.iter().nth(MAX_ARGUMENTS) {
            errors.at(
                sixteenth,
                format_args!(
                    "this handler takes {} extractors, and 15 are the limit: Axum's is 16, and the guard is one. \
                     Join some of them in a struct that derives `FromRequestParts`",
                    arguments.len()
                ),
            );
        }
    }

    /// Returns the function's `cfg` attributes.
    pub(crate) fn cfgs(&self) -> impl Iterator<Item = &Attribute> {
        self.attributes.iter().filter(|attribute| attribute.path().is_ident("cfg"))
    }

    /// Inserts statements before the body, behind its inner attributes. The body becomes a nested block, so that its items
    /// still come before statements, as the lint `items_after_statements` wants.
    pub(crate) fn prepend(&mut self, statements: &TokenStream) {
        let Some(TokenTree::Group(body)) = self.body.clone().into_iter().next() else { return };
        let mut rest = body.stream().into_iter().peekable();
        let mut first = TokenStream::new();
        while matches!(rest.peek(), Some(TokenTree::Punct(hash)) if hash.as_char() == '#') {
            let attribute: Vec<_> = rest.clone().take(3).collect();
            let [_, TokenTree::Punct(bang), TokenTree::Group(_)] = attribute.as_slice() else { break };
            if bang.as_char() != '!' {
                break;
            }
            first.extend(rest.by_ref().take(3));
        }
        let block = |tokens: TokenStream, span: Span| {
            let mut block = Group::new(Delimiter::Brace, tokens);
            block.set_span(span);
            block
        };
        // The span marks the braces as generated, so that lints do not call them unnecessary.
        let rest = block(rest.collect(), Span::mixed_site().located_at(body.span()));
        let whole = block(quote!(#first #statements #rest), body.span());
        self.body = TokenTree::Group(whole).into();
    }

    pub(crate) fn has_no_body(&self) -> bool {
        matches!(self.body.clone().into_iter().next(), Some(TokenTree::Punct(_)))
    }

    /// Returns the type of the first argument that is `Claims` itself, not `Option<Claims>`.
    pub(crate) fn claims_argument(&self, is_ours: impl Fn(&syn::Path) -> bool) -> Option<&Type> {
        self.signature.inputs.iter().find_map(|argument| match argument {
            FnArg::Typed(typed) => match &*typed.ty {
                Type::Path(path) if path.qself.is_none() && is_ours(&path.path) => Some(&*typed.ty),
                _ => None,
            },
            FnArg::Receiver(_) => None,
        })
    }
}

/// Finds `Self`. The search skips the arguments of macros, which need not be Rust, and gives up at an item with a `Self` of
/// its own.
fn find_self(tokens: TokenStream) -> Option<Span> {
    let mut behind_bang = false;
    for tree in tokens {
        let found = match &tree {
            TokenTree::Ident(word) if word == "Self" => Some(word.span()),
            TokenTree::Ident(word) if brings_its_own_self(word) => return None,
            TokenTree::Group(group) if !behind_bang => find_self(group.stream()),
            _ => None,
        };
        if found.is_some() {
            return found;
        }
        behind_bang = matches!(&tree, TokenTree::Punct(punct) if punct.as_char() == '!');
    }
    None
}

fn brings_its_own_self(word: &Ident) -> bool {
    ["impl", "trait", "struct", "enum", "union"].iter().any(|keyword| word == keyword)
}

/// Returns `true` for the argument that an attribute of this crate has inserted.
fn is_hidden(argument: &FnArg) -> bool {
    let FnArg::Typed(argument) = argument else { return false };
    let (Pat::Wild(_), Type::Path(path)) = (&*argument.pat, &*argument.ty) else { return false };
    let Some(PathArguments::AngleBracketed(generics)) = path.path.segments.last().map(|last| &last.arguments)
    else {
        return false;
    };
    generics.args.iter().any(|generic| match generic {
        GenericArgument::Type(Type::Path(marker)) => {
            marker.path.get_ident().is_some_and(|name| name.to_string().starts_with(MARKER_PREFIX))
        }
        _ => false,
    })
}
