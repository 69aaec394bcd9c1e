//! What is fuzzed of the macros, and what must hold of every expansion.

use proc_macro2::TokenStream;
use quote::quote;

use crate::manifest::Catalog;
use crate::{check, function, handlers, requirement};

/// The arguments of an attribute.
pub(crate) fn attribute(data: &[u8]) {
    let Some(rule) = std::str::from_utf8(data).ok().and_then(tokens) else { return };
    let handler = quote!(
        async fn handler() {}
    );
    let catalog = Catalog::default();
    guarded(&function::requires(rule.clone(), &handler, &catalog));
    let _ = function::public(rule.clone(), &handler, &catalog);
    let _ = requirement::expand(rule.clone(), &catalog);
    let _ = check::expand(rule.clone(), &handler);
    let block = quote!(impl Todos { #[requires(#rule)] async fn list() {} });
    let _ = handlers::expand(TokenStream::new(), &block, &catalog);
}

/// Whatever the rule, the handler is there and takes a guard; a wrong rule is an error, too.
fn guarded(expansion: &TokenStream) {
    let text = expansion.to_string();
    assert!(text.contains("async fn handler (_ :"), "{text}");
    assert!(text.contains("Guard < __kinde_perms_guard_handler >"), "{text}");
    let empty = text.contains("Node :: All (& [])");
    assert!(!empty || text.contains("compile_error"), "{text}");
    assert!(syn::parse2::<syn::File>(expansion.clone()).is_ok(), "{text}");
}

/// Reads tokens as rustc would hand them over.
///
/// Only `proc_macro2` outside of a compiler reads these characters here, and it may recurse as deep as they nest.
fn tokens(text: &str) -> Option<TokenStream> {
    let opening = text.bytes().filter(|byte| b"([{".contains(byte)).count();
    if opening > 64 { None } else { text.parse().ok() }
}
