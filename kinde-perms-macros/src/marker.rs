//! The marker: a hidden type beside the handler that carries its rule.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::ext::IdentExt as _;
use syn::{Ident, Type};

use crate::requires::handler::{Handler, MARKER_PREFIX};
use crate::root::Root;

/// Marker of one handler.
pub(crate) struct Marker<'a> {
    handler: &'a Handler,
    /// The type of the `impl` block around the handler.
    owner: Option<&'a Type>,
}

impl<'a> Marker<'a> {
    pub(crate) fn new(handler: &'a Handler, owner: Option<&'a Type>) -> Self {
        Self { handler, owner }
    }

    /// Returns the marker's name. It contains the whole type of `owner`, so that functions of the same name in two types have
    /// different markers.
    pub(crate) fn name(&self) -> Ident {
        let function = self.handler.signature.ident.unraw();
        let name = match self.owner {
            Some(owner) => format!("{MARKER_PREFIX}{}__{function}", identifier(owner)),
            None => format!("{MARKER_PREFIX}{function}"),
        };
        Ident::new(&name, Span::call_site())
    }

    /// Returns the handler's `cfg` attributes, which the marker repeats.
    pub(crate) fn cfgs(&self) -> TokenStream {
        let cfgs = self.handler.cfgs();
        quote!(#(#cfgs)*)
    }

    /// Writes the type. It is as visible as the handler, which names it in its signature.
    pub(crate) fn definition(&self) -> TokenStream {
        let (cfgs, visibility, name) = (self.cfgs(), &self.handler.visibility, self.name());
        quote! {
            #cfgs
            #[doc(hidden)]
            #visibility struct #name;
        }
    }

    /// Writes the constant that says where the handler is.
    pub(crate) fn source(&self, root: &Root) -> TokenStream {
        let function = self.handler.signature.ident.unraw();
        let title = match self.owner {
            Some(owner) => format!("{}::{function}", spelled(owner)),
            None => function.to_string(),
        };
        // The span of the handler. With the span of `#[handlers]`, all handlers of a block would have the same line.
        let line = quote_spanned!(self.handler.signature.ident.span()=> ::core::line!());
        quote! {
            const SOURCE: #root::__private::Source = #root::__private::Source {
                name: ::core::concat!(::core::module_path!(), "::", #title),
                file: ::core::file!(),
                line: #line,
            };
        }
    }
}

/// Prints a type without superfluous spaces.
fn spelled(owner: &Type) -> String {
    owner.to_token_stream().to_string().replace(" :: ", "::").replace(" < ", "<").replace(" >", ">")
}

/// Prints a type as part of an identifier.
fn identifier(owner: &Type) -> String {
    let words = owner.to_token_stream().to_string();
    let words =
        words.split(|char: char| !char.is_alphanumeric() && char != '_').filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("_")
}
