//! The path of the runtime crate: `::kinde_perms`, or the path in `crate = path`.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::Path;

use crate::errors::Errors;
use crate::requires::syntax::{Argument, Scalar, Value};

/// Name of the runtime crate, unless the user's `Cargo.toml` renames it.
const RUNTIME: &str = "kinde_perms";

/// Path of the runtime crate in the output.
#[derive(Clone, Default)]
pub(crate) struct Root(Option<Path>);

impl Root {
    /// Parses `crate = path`.
    pub(crate) fn parse(argument: &Argument, errors: &mut Errors) -> Self {
        if let Value::Scalar(Scalar::Path(path)) = &argument.value {
            return Self(Some(path.clone()));
        }
        errors.at(argument, "`crate` takes the path of the renamed crate: write `crate = my_name`");
        Self::default()
    }

    /// Returns this root if it was given, else `other`.
    pub(crate) fn or(&self, other: &Self) -> Self {
        Self(self.0.as_ref().or(other.0.as_ref()).cloned())
    }

    /// Returns `true` if `path` is `name` alone, or `name` in the runtime crate.
    ///
    /// `#[contracts::requires(…)]` belongs to another crate.
    pub(crate) fn owns(&self, path: &Path, name: &str) -> bool {
        let written = segments(path);
        match written.split_last() {
            Some((last, [])) => last == name,
            Some((last, prefix)) => last == name && (prefix == [RUNTIME] || self.is(prefix)),
            None => false,
        }
    }

    fn is(&self, prefix: &[String]) -> bool {
        self.0.as_ref().is_some_and(|path| segments(path) == prefix)
    }
}

fn segments(path: &Path) -> Vec<String> {
    path.segments.iter().map(|segment| segment.ident.to_string()).collect()
}

impl ToTokens for Root {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match &self.0 {
            Some(path) => path.to_tokens(tokens),
            None => tokens.extend(quote!(::kinde_perms)),
        }
    }
}
