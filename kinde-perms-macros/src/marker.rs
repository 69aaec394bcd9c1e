//! The marker: a hidden type beside the handler that carries its rule.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::ext::IdentExt as _;
use syn::{Ident, Type};

use crate::requires::handler::{Handler, MARKER_PREFIX};
use crate::root::Root;

/// The marker of one handler.
pub(crate) struct Marker<'a> {
    handler: &'a Handler,
    /// The type in whose `impl` block the handler stands.
    owner: Option<&'a Type>,
}

impl<'a> Marker<'a> {
    pub(crate) fn new(handler: &'a Handler, owner: Option<&'a Type>) -> Self {
        Self { handler, owner }
    }

    /// The type's name. It holds all of the owner's type, so that equally named functions of two types
    /// differ.
    pub(crate) fn name(&self) -> Ident {
        let function = self.handler.signature.ident.unraw();
        let name = match self.owner {
            Some(owner) => format!("{MARKER_PREFIX}{}__{function}", identifier(owner)),
            None => format!("{MARKER_PREFIX}{function}"),
        };
        Ident::new(&name, Span::call_site())
    }

    /// The conditions under which the handler exists, which are the marker's too.
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
        // The handler's own span, not the attribute's: `#[handlers]` would give all of a block the same line.
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

/// A type as one would write it.
fn spelled(owner: &Type) -> String {
    owner.to_token_stream().to_string().replace(" :: ", "::").replace(" < ", "<").replace(" >", ">")
}

/// A type as part of an identifier.
fn identifier(owner: &Type) -> String {
    let words = owner.to_token_stream().to_string();
    let words =
        words.split(|char: char| !char.is_alphanumeric() && char != '_').filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("_")
}
