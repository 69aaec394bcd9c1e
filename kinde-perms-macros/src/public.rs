//! `#[public(reason = "…")]`: a handler that is open to everyone.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Lit, LitStr};

use crate::arguments::Arguments;
use crate::errors::Errors;
use crate::marker::Marker;
use crate::requires::names;
use crate::requires::syntax::{Argument, Item, Scalar, Value};
use crate::root::Root;

/// Validates the arguments and returns the reason.
pub(crate) fn validate(arguments: &Arguments, errors: &mut Errors) -> Option<LitStr> {
    let known = errors.count();
    let mut reasons = Vec::new();
    for item in &arguments.items {
        match item {
            Item::Named(argument) if argument.name == "reason" => reasons.push(argument),
            Item::Named(argument) => {
                errors.at(&argument.name, names::unknown_among(&argument.name, &["reason", "crate"]));
            }
            Item::Unnamed(value) => errors.at(value, "say what this is: `reason = \"…\"`"),
        }
    }
    for again in reasons.iter().skip(1) {
        errors.at(&again.name, "`reason` is given twice");
    }
    if reasons.is_empty() && !arguments.broken && errors.count() == known {
        errors.at(
            &arguments.attribute,
            "say why everyone may call this: `#[public(reason = \"load balancers send no token\")]`",
        );
    }
    reasons.first().and_then(|argument| reason(argument, errors))
}

fn reason(argument: &Argument, errors: &mut Errors) -> Option<LitStr> {
    match &argument.value {
        Value::Scalar(Scalar::Lit(Lit::Str(text))) if text.value().trim().is_empty() => {
            errors.at(text, "the reason is empty: write for a reviewer why everyone may call this");
            None
        }
        Value::Scalar(Scalar::Lit(Lit::Str(text))) => Some(text.clone()),
        Value::Scalar(other) => {
            errors.at(other, "the reason is a string: `reason = \"…\"`");
            None
        }
        Value::Bare | Value::List(..) | Value::Live(..) | Value::Items(..) => {
            errors.at(argument, "the reason is a string: `reason = \"…\"`");
            None
        }
    }
}

/// Writes the marker of a public handler, and its reason.
pub(crate) fn declaration(root: &Root, marker: &Marker<'_>, reason: &LitStr) -> TokenStream {
    let (cfgs, name) = (marker.cfgs(), marker.name());
    let (definition, source) = (marker.definition(), marker.source(root));
    quote! {
        #definition
        #cfgs
        #[automatically_derived]
        impl #root::__private::PublicHandler for #name {
            const REASON: &'static str = #reason;
            #source
        }
    }
}
