//! The attributes on a free function.

use proc_macro2::TokenStream;
use quote::quote;
use syn::parse::{ParseStream, Parser as _};
use syn::{Attribute, Token, Visibility};

use crate::arguments::Arguments;
use crate::errors::Errors;
use crate::guarded::{Attributes, Context, guard};
use crate::manifest::Catalog;
use crate::requires::handler::Handler;
use crate::root::Root;

/// Expands `#[requires(…)]`.
pub(crate) fn requires(arguments: TokenStream, item: &TokenStream, catalog: &Catalog) -> TokenStream {
    expand("requires", |attributes| &mut attributes.requires, arguments, item, catalog)
}

/// Expands `#[public(…)]`.
pub(crate) fn public(arguments: TokenStream, item: &TokenStream, catalog: &Catalog) -> TokenStream {
    expand("public", |attributes| &mut attributes.public, arguments, item, catalog)
}

fn expand(
    attribute: &str,
    own: fn(&mut Attributes) -> &mut Vec<Arguments>,
    arguments: TokenStream,
    item: &TokenStream,
    catalog: &Catalog,
) -> TokenStream {
    let mut errors = Errors::default();
    let arguments = Arguments::parse(arguments, &mut errors);
    let Ok(mut handler) = syn::parse2::<Handler>(item.clone()) else {
        errors.push(not_a_function(attribute, item));
        let errors = errors.into_compile_errors();
        return quote!(#errors #item);
    };
    let mut attributes = Attributes::default();
    let root = arguments.root.clone();
    own(&mut attributes).push(arguments);
    attributes.drain(&mut handler, &root, &mut errors);
    if !attributes.requires.is_empty() {
        catalog.report(&mut errors);
    }
    let context = Context { owner: None, root: &Root::default(), catalog };
    let guarded = guard(handler, &attributes, &context, &mut errors);
    let (outside, function) = (guarded.outside, guarded.function);
    let errors = errors.into_compile_errors();
    quote!(#errors #outside #function)
}

fn not_a_function(attribute: &str, item: &TokenStream) -> syn::Error {
    explain_at_keyword(item, |input| {
        if input.peek(Token![impl]) || input.peek(Token![unsafe]) && input.peek2(Token![impl]) {
            format!(
                "`#[{attribute}]` belongs on single functions: put `#[handlers]` on the `impl` block \
                 and `#[{attribute}(…)]` on each handler in it"
            )
        } else {
            format!("`#[{attribute}]` belongs on a handler, which is an `async fn`")
        }
    })
}

/// Creates an error at the keyword of an item, such as `struct`: the first token behind attributes and visibility.
pub(crate) fn explain_at_keyword(
    item: &TokenStream,
    message: impl FnOnce(ParseStream<'_>) -> String,
) -> syn::Error {
    let explain = |input: ParseStream<'_>| {
        input.call(Attribute::parse_outer)?;
        input.parse::<Visibility>()?;
        let error = input.error(message(input));
        input.parse::<TokenStream>()?;
        Ok(error)
    };
    explain.parse2(item.clone()).unwrap_or_else(|error| error)
}
