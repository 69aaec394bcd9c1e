//! `requirement!(…)`: the rule of an attribute as a value.

use proc_macro2::TokenStream;
use quote::quote;

use crate::arguments::Arguments;
use crate::errors::Errors;
use crate::manifest::{self, Catalog};
use crate::requires::expand::{self, EmittedRule};
use crate::requires::validate::{self, Validated};

/// Expands to an expression that can stand in a constant.
pub(crate) fn expand(input: TokenStream, catalog: &Catalog) -> TokenStream {
    let mut errors = Errors::default();
    let arguments = Arguments::parse(input, &mut errors);
    let root = arguments.root.clone();
    let arguments = [arguments];
    let Validated { rule, checks, claims } = validate::validate(&arguments, &mut errors);
    for check in checks {
        errors
            .at(check, "a rule as a value is about a token alone: a `check` needs the request of a handler");
    }
    for argument in claims {
        errors.at(
            &argument.name,
            "a rule as a value is given its claims later: `claims.require(&requirement!(…))?`",
        );
    }
    catalog.report(&mut errors);
    manifest::keys::validate(&rule, catalog, &mut errors);
    let EmittedRule { requirement, constants, key_checks, .. } =
        expand::rule(&root, &TokenStream::new(), catalog, &rule);
    if errors.count() > 0 {
        // The last `compile_error!` is the value: its type is unknown, so nothing else complains about it.
        let errors = errors.into_compile_errors();
        return quote!({ #constants #(#key_checks)* #errors });
    }
    let (kind, requirement) = if rule.asks_kinde() {
        (quote!(LiveRequirement), quote!(#root::LiveRequirement::new(#requirement)))
    } else {
        (quote!(Requirement), requirement)
    };
    quote!({
        #constants
        #(#key_checks)*
        const __KINDE_PERMS_REQUIREMENT: #root::#kind = #requirement;
        __KINDE_PERMS_REQUIREMENT
    })
}
