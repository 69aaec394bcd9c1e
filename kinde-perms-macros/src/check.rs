//! `#[check]`: a function that decides about a resource, and that `check = path` can name.
//!
//! The macro emits a type of the same name: types and functions have different namespaces. The type implements `Check<S>`
//! for every state `S` that the arguments can be extracted with, so the function fits every such router.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned as _;
use syn::{FnArg, Ident, ReturnType, Type};

use crate::arguments::Arguments;
use crate::errors::Errors;
use crate::function::explain_at_keyword;
use crate::requires::handler::Handler;
use crate::requires::names;
use crate::requires::syntax::Item;
use crate::root::Root;

/// Axum's extractors that take the body, by the names people import them under.
const BODY_EXTRACTORS: [&str; 8] =
    ["Json", "Form", "RawForm", "Multipart", "Bytes", "String", "Request", "Body"];

/// Expands `#[check]`.
pub(crate) fn expand(arguments: TokenStream, item: &TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let arguments = Arguments::parse(arguments, &mut errors);
    validate_arguments(&arguments, &mut errors);
    let Ok(function) = syn::parse2::<Handler>(item.clone()) else {
        errors.push(explain_at_keyword(item, |_| "`#[check]` belongs on a function".to_owned()));
        let errors = errors.into_compile_errors();
        return quote!(#errors #item);
    };
    let possible = validate(&function, &mut errors);
    let flawless = errors.count() == 0;
    let companion = possible.then(|| companion(&arguments.root, &function, flawless));
    let errors = errors.into_compile_errors();
    quote!(#errors #companion #function)
}

fn validate_arguments(arguments: &Arguments, errors: &mut Errors) {
    for item in &arguments.items {
        match item {
            Item::Named(argument) => {
                errors.at(&argument.name, names::unknown_among(&argument.name, &["crate"]));
            }
            Item::Unnamed(value) => {
                errors.at(value, "`#[check]` takes no value: handlers name it by `check = …`");
            }
        }
    }
}

/// Validates the function. Returns `false` if no type can be emitted for it.
fn validate(function: &Handler, errors: &mut Errors) -> bool {
    if let Some(receiver) = function.signature.receiver() {
        errors.at(
            receiver,
            "a check is a free function: take what it needs as an argument, such as `State<…>`",
        );
        return false;
    }
    if function.signature.asyncness.is_none() {
        errors.at(function.signature.fn_token, "a check is asynchronous: write `async fn`");
    }
    if !function.signature.generics.params.is_empty() {
        errors.at(
            &function.signature.generics,
            "a check is named without generic arguments, so it has no parameters",
        );
    }
    if matches!(function.signature.output, ReturnType::Default) {
        errors.at(&function.signature.ident, "a check returns `Verdict` or `Result<Verdict, E>`");
    }
    types(function).for_each(|ty| validate_type(ty, errors));
    true
}

fn validate_type(ty: &Type, errors: &mut Errors) {
    match ty {
        Type::Reference(_) => errors.at(ty, "an extractor is taken by value: write the type without `&`"),
        Type::ImplTrait(_) => errors.at(ty, "name the type of the extractor"),
        Type::Path(path) => {
            let name = path.path.segments.last().map(|last| last.ident.to_string()).unwrap_or_default();
            if BODY_EXTRACTORS.contains(&name.as_str()) {
                errors.at(
                    ty,
                    format_args!(
                        "a check runs before the body is read, so it cannot take `{name}`: \
                         decide by the token, the path, the query and the state"
                    ),
                );
            }
        }
        _ => {}
    }
}

fn types(function: &Handler) -> impl Iterator<Item = &Type> {
    function.signature.inputs.iter().filter_map(|argument| match argument {
        FnArg::Typed(argument) => Some(&*argument.ty),
        FnArg::Receiver(_) => None,
    })
}

/// Writes the type and its implementation. After a mistake the implementation denies every request: without it, every
/// handler that names the check would report another error.
fn companion(root: &Root, function: &Handler, flawless: bool) -> TokenStream {
    // Without the function's span: lints on names of types would complain about the function's name.
    let name = Ident::new(&function.signature.ident.to_string(), Span::call_site());
    let cfgs: Vec<_> = function.cfgs().collect();
    let title = function.signature.ident.to_string();
    let (bounds, body) = if flawless { calling(root, function) } else { denying(root) };
    quote! {
        #(#cfgs)*
        #[doc(hidden)]
        pub struct #name {}
        #(#cfgs)*
        #[automatically_derived]
        impl<S> #root::__private::Check<S> for #name
        where
            S: ::core::marker::Send + ::core::marker::Sync,
            #bounds
        {
            const NAME: &'static str = ::core::concat!(::core::module_path!(), "::", #title);

            async fn run(
                parts: &mut #root::__private::Parts,
                state: &S,
            ) -> #root::__private::CheckOutcome {
                #body
            }
        }
    }
}

/// Returns the bounds of the arguments, and a body that extracts them and calls the function.
fn calling(root: &Root, function: &Handler) -> (TokenStream, TokenStream) {
    let name = &function.signature.ident;
    let bounds = types(function).map(|ty| quote!(#ty: #root::__private::FromRequestParts<S>,));
    let arguments =
        types(function).map(|ty| quote!(#root::__private::extract::<#ty, S>(parts, state).await?));
    let answer =
        quote_spanned!(span_of(&function.signature.output)=> #root::__private::IntoVerdict::into_verdict);
    let body = quote! {
        let answer = #name(#(#arguments),*).await;
        ::core::result::Result::Ok(#answer(answer))
    };
    (bounds.collect(), body)
}

fn denying(root: &Root) -> (TokenStream, TokenStream) {
    let body = quote! {
        let _ = (parts, state);
        ::core::result::Result::Ok(::core::result::Result::Ok(#root::Verdict::Deny))
    };
    (TokenStream::new(), body)
}

fn span_of(output: &ReturnType) -> Span {
    match output {
        ReturnType::Default => Span::call_site(),
        ReturnType::Type(_, ty) => ty.to_token_stream().span(),
    }
}
