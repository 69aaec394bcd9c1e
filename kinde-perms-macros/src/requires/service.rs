//! `claims = place`: a rule on a function that is not a handler, decided from claims that the function has.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::ext::IdentExt as _;
use syn::parse::{Parse, ParseStream};
use syn::spanned::Spanned as _;
use syn::visit::{self, Visit};
use syn::{Ident, Member, Result, ReturnType, Signature, Token, Type};

use super::expand::{self, EmittedRule};
use super::handler::Handler;
use super::syntax::{Argument, Scalar, Value};
use super::validate::Validated;
use crate::errors::Errors;
use crate::manifest::Catalog;
use crate::root::Root;
use kinde_perms_policy::kinde_toml::words;

/// Return types that are not a `Result`. A type with any other name may be an alias of `Result`.
const NEVER_A_RESULT: [&str; 20] = [
    "bool", "char", "f32", "f64", "i8", "i16", "i32", "i64", "i128", "isize", "u8", "u16", "u32", "u64",
    "u128", "usize", "Option", "String", "Vec", "Box",
];

/// The place of the claims: an argument, `self`, or a field of either.
struct ClaimsPlace {
    argument: Ident,
    fields: Vec<Member>,
}

/// Validates the rule, the function and the place, and writes the statements to run before the function's body.
///
/// After a mistake these are the checks of the keys, and a use of the claims, which would otherwise be an unused argument.
pub(crate) fn guard(
    function: &Handler,
    validated: &Validated<'_>,
    root: &Root,
    catalog: &Catalog,
    errors: &mut Errors,
) -> TokenStream {
    validate_rule(validated, errors);
    validate_function(function, errors);
    let place = validate_claims(function, &validated.claims, errors);
    let EmittedRule { requirement, constants, key_checks, .. } =
        expand::rule(root, &TokenStream::new(), catalog, &validated.rule);
    let decision = place.map(|place| {
        if errors.count() == 0 {
            decision(function, &place, root, &requirement)
        } else {
            quote!(let _ = &#place;)
        }
    });
    quote!({ #constants #(#key_checks)* #decision })
}

/// Reports checks, which need a request, and facts that only Kinde's Account API knows.
fn validate_rule(validated: &Validated<'_>, errors: &mut Errors) {
    for check in &validated.checks {
        errors.at(
            check,
            "claims alone cannot answer a `check`, which needs the request of a handler: call it yourself",
        );
    }
    if validated.rule.asks_kinde() {
        errors.at(
            &validated.rule,
            "claims alone cannot answer what Kinde must be asked: \
             write `validator.authorize_token(&token, &requirement!(…)).await?` in the body",
        );
    }
}

fn validate_function(function: &Handler, errors: &mut Errors) {
    let signature = &function.signature;
    if function.has_no_body() {
        errors.at(
            &signature.ident,
            "there is no body to guard: write the attribute where the function is implemented",
        );
    }
    if let Some(constness) = signature.constness {
        errors.at(constness, "a `const fn` cannot look at claims");
    }
    match &signature.output {
        ReturnType::Default => errors.at(
            &signature.ident,
            "this function cannot refuse: let it return `Result<(), E>` with `E: From<Denied>`",
        ),
        ReturnType::Type(_, ty) if signature.asyncness.is_none() && is_a_future(ty) => {
            errors
                .at(ty, "the rule must be decided before anything runs: write `async fn … -> Result<…, E>`");
        }
        ReturnType::Type(_, ty) if is_no_result(ty) => errors.at(
            ty,
            format_args!(
                "this function cannot refuse: let it return `Result<{}, E>` with `E: From<Denied>`",
                ty.to_token_stream().to_string().replace(" < ", "<").replace(" >", ">")
            ),
        ),
        ReturnType::Type(..) => {}
    }
}

/// Returns `true` for the return type of a function that is asynchronous without `async`. `async_trait` writes `Pin`.
fn is_a_future(ty: &Type) -> bool {
    matches!(ty, Type::ImplTrait(_)) || last_name(ty).is_some_and(|name| name == "Pin")
}

fn is_no_result(ty: &Type) -> bool {
    !matches!(without_groups(ty), Type::Macro(_))
        && last_name(ty).is_none_or(|last| NEVER_A_RESULT.iter().any(|name| last == name))
}

fn last_name(ty: &Type) -> Option<&Ident> {
    match without_groups(ty) {
        Type::Path(path) => path.path.segments.last().map(|last| &last.ident),
        _ => None,
    }
}

/// Returns the type without parentheses, and without the invisible group around a variable of `macro_rules!`.
fn without_groups(ty: &Type) -> &Type {
    match ty {
        Type::Group(group) => without_groups(&group.elem),
        Type::Paren(paren) => without_groups(&paren.elem),
        _ => ty,
    }
}

fn validate_claims(function: &Handler, claims: &[&Argument], errors: &mut Errors) -> Option<ClaimsPlace> {
    for again in claims.iter().skip(1) {
        errors.at(&again.name, "`claims` is given twice");
    }
    let argument = claims.first()?;
    let place = match &argument.value {
        Value::Scalar(value @ (Scalar::Path(_) | Scalar::Other(_))) => parse(value),
        _ => None,
    };
    let (Some(place), known) = (place, bindings(&function.signature)) else {
        errors.at(
            argument,
            "`claims` takes an argument of the function: write `claims = claims`, or `claims = self.claims`",
        );
        return None;
    };
    if !known.iter().any(|name| place.argument == name) {
        errors.at(&place.argument, unknown_argument(&place.argument, &known));
        return None;
    }
    Some(place)
}

fn parse(value: &Scalar) -> Option<ClaimsPlace> {
    syn::parse2(value.to_token_stream()).ok()
}

impl Parse for ClaimsPlace {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let argument =
            if input.peek(Token![self]) { input.call(Ident::parse_any)? } else { input.parse()? };
        let mut fields = Vec::new();
        while !input.is_empty() {
            input.parse::<Token![.]>()?;
            fields.push(input.parse()?);
        }
        Ok(Self { argument, fields })
    }
}

impl ToTokens for ClaimsPlace {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let Self { argument, fields } = self;
        tokens.extend(quote!(#argument #(.#fields)*));
    }
}

fn unknown_argument(written: &Ident, known: &[String]) -> String {
    let known: Vec<_> = known.iter().map(String::as_str).collect();
    let rest = match words::closest(&written.to_string(), &known) {
        Some(near) => format!("did you mean `{near}`?"),
        None if known.is_empty() => "add `claims: &Claims`".to_owned(),
        None => format!("it has {}", words::listed(&known)),
    };
    format!("this function has no argument `{written}`; {rest}")
}

/// Returns the names that a function's arguments bind.
fn bindings(signature: &Signature) -> Vec<String> {
    struct Names(Vec<String>);
    impl<'ast> Visit<'ast> for Names {
        fn visit_pat_ident(&mut self, pattern: &'ast syn::PatIdent) {
            self.0.push(pattern.ident.to_string());
            visit::visit_pat_ident(self, pattern);
        }
        fn visit_receiver(&mut self, _: &'ast syn::Receiver) {
            self.0.push("self".to_owned());
        }
    }
    let mut names = Names(Vec::new());
    signature.inputs.iter().for_each(|argument| names.visit_fn_arg(argument));
    names.0
}

/// Writes the decision. Its `return` has the span of the return type, where the compiler then reports a type that is not a
/// `Result`, or an error that is not `From<Denied>`.
fn decision(function: &Handler, place: &ClaimsPlace, root: &Root, requirement: &TokenStream) -> TokenStream {
    let span = match &function.signature.output {
        ReturnType::Default => Span::call_site(),
        ReturnType::Type(_, ty) => ty.span(),
    };
    let claims = quote_spanned!(place.span()=> &#place);
    // Definition and use of these names need the same span: the return type may come from a `macro_rules!` call.
    let [refused, denied] =
        ["__kinde_perms_refused", "__kinde_perms_denied"].map(|name| Ident::new(name, span));
    let refuse = quote_spanned! {span=>
        return ::core::result::Result::Err(#refused(#denied))
    };
    quote! {
        use #root::__private::refused as #refused;
        const __KINDE_PERMS_REQUIREMENT: #root::Requirement = #requirement;
        if let ::core::result::Result::Err(#denied) =
            #root::Claims::require(#claims, &__KINDE_PERMS_REQUIREMENT)
        {
            #refuse
        }
    }
}
