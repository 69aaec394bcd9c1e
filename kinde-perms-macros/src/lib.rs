//! The attributes of [`kinde-perms`](https://docs.rs/kinde-perms); use them through that crate.

mod arguments;
mod errors;
mod function;
mod guarded;
mod handlers;
mod marker;
mod public;
mod requirement;
mod requires;
mod root;

use proc_macro::TokenStream;

/// Guards an Axum handler with a rule about the caller's access token.
#[proc_macro_attribute]
pub fn requires(arguments: TokenStream, item: TokenStream) -> TokenStream {
    function::requires(arguments.into(), &item.into()).into()
}

/// Declares that a handler is open to everyone, and why.
#[proc_macro_attribute]
pub fn public(arguments: TokenStream, item: TokenStream) -> TokenStream {
    function::public(arguments.into(), &item.into()).into()
}

/// Lets [`macro@requires`] and [`macro@public`] guard associated functions of an `impl` block.
#[proc_macro_attribute]
pub fn handlers(arguments: TokenStream, item: TokenStream) -> TokenStream {
    handlers::expand(arguments.into(), &item.into()).into()
}

/// Makes a rule a value.
#[proc_macro]
pub fn requirement(input: TokenStream) -> TokenStream {
    requirement::expand(input.into()).into()
}
