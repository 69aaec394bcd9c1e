//! The mistakes found so far; all of them are reported together.

use std::fmt::Display;

use proc_macro2::TokenStream;
use quote::ToTokens;

/// Collects mistakes, so that one compilation shows every one of them.
#[derive(Default)]
#[must_use = "mistakes that are not reported would let a wrong rule compile"]
pub(crate) struct Errors(Vec<syn::Error>);

impl Errors {
    /// Records a mistake that underlines `tokens`, from the first of them to the last.
    pub(crate) fn at(&mut self, tokens: impl ToTokens, message: impl Display) {
        self.0.push(syn::Error::new_spanned(tokens, message));
    }

    /// Records a mistake that a parser found.
    pub(crate) fn push(&mut self, error: syn::Error) {
        self.0.push(error);
    }

    /// Returns the number of mistakes. Callers compare it before and after a step.
    pub(crate) fn count(&self) -> usize {
        self.0.len()
    }

    /// Returns one `compile_error!` for each mistake; nothing if there is none.
    pub(crate) fn into_compile_errors(self) -> TokenStream {
        self.0.iter().map(syn::Error::to_compile_error).collect()
    }
}
