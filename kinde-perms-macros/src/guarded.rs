//! Expands the attributes of one function.
//!
//! [`Attributes::drain`] takes the attributes of this crate off the function and parses them. [`guard`] validates them
//! together and decides the [`Access`]. A function with `claims = …` decides in its body ([`service`]). Every other function
//! is a handler: it gets a hidden first argument, and [`Access::emit`] writes the [`Marker`] that this argument names.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{LitStr, Path, Type, parse_quote};

use crate::arguments::Arguments;
use crate::errors::Errors;
use crate::manifest::{self, Catalog};
use crate::marker::Marker;
use crate::public;
use crate::requires::expand::{self, EmittedRule};
use crate::requires::handler::Handler;
use crate::requires::service;
use crate::requires::validate::{self, Validated};
use crate::root::Root;

/// The attributes of this crate on one function.
#[derive(Default)]
pub(crate) struct Attributes {
    pub(crate) requires: Vec<Arguments>,
    pub(crate) public: Vec<Arguments>,
    /// Paths of the attributes that were taken off the function.
    taken: Vec<Path>,
}

impl Attributes {
    /// Moves the attributes of this crate from `handler` to `self`. Several `#[requires]` are one rule, and the compiler must
    /// not expand them again.
    pub(crate) fn drain(&mut self, handler: &mut Handler, root: &Root, errors: &mut Errors) {
        handler.attributes.retain(|attribute| {
            let ours = [("requires", &mut self.requires), ("public", &mut self.public)]
                .into_iter()
                .find(|(name, _)| root.owns(attribute.path(), name));
            match ours {
                Some((_, known)) => {
                    self.taken.push(attribute.path().clone());
                    known.push(Arguments::of(attribute, errors));
                    false
                }
                None => true,
            }
        });
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.requires.is_empty() && self.public.is_empty()
    }

    fn broken(&self) -> bool {
        self.requires.iter().chain(&self.public).any(|arguments| arguments.broken)
    }

    /// Writes a `use` of each attribute that was taken off: an import of it is then not unused, and a wrong path is an error.
    pub(crate) fn mentions(&self, cfgs: &TokenStream) -> TokenStream {
        let paths = &self.taken;
        quote!(#(#cfgs const _: () = { use #paths as _; };)*)
    }

    fn name(&self) -> &'static str {
        if self.requires.is_empty() { "public" } else { "requires" }
    }

    fn root(&self, default: &Root) -> Root {
        self.requires
            .iter()
            .chain(&self.public)
            .fold(Root::default(), |root, one| root.or(&one.root))
            .or(default)
    }

    fn validate(&self, catalog: &Catalog, errors: &mut Errors) -> Access<'_> {
        let reasons: Vec<_> =
            self.public.iter().map(|arguments| public::validate(arguments, errors)).collect();
        for again in self.public.iter().skip(1) {
            errors.at(&again.attribute, "`#[public]` is given twice");
        }
        match (self.requires.as_slice(), reasons.into_iter().next().flatten()) {
            ([], Some(reason)) => Access::Public(reason),
            ([], None) => Access::Nobody,
            (rules, _) => {
                let validated = validate::validate(rules, errors);
                manifest::keys::validate(&validated.rule, catalog, errors);
                Access::Rule(validated)
            }
        }
    }

    fn refuse_both(&self, errors: &mut Errors) {
        if let ([.., rule], [.., public]) = (self.requires.as_slice(), self.public.as_slice()) {
            // The attribute that is being expanded has no tokens. The other attribute stands below it.
            let lower = if public.attribute.is_empty() { rule } else { public };
            errors.at(
                &lower.attribute,
                "a handler is either public or has a rule: remove `#[public]` or `#[requires]`",
            );
        }
    }
}

/// Reports an argument `Claims`: a public handler is called without a token too.
fn refuse_claims(handler: &Handler, root: &Root, errors: &mut Errors) {
    if let Some(claims) = handler.claims_argument(|path| root.owns(path, "Claims")) {
        errors.at(
            claims,
            "a public handler is called without a token too: take `Option<Claims>`, \
             or write `#[requires(authenticated)]` instead of `#[public]`",
        );
    }
}

/// The callers that a handler admits.
enum Access<'a> {
    Rule(Validated<'a>),
    Public(LitStr),
    Nobody,
}

/// The surroundings of a function.
pub(crate) struct Context<'a> {
    /// The type of the `impl` block around the function.
    pub(crate) owner: Option<&'a Type>,
    /// Path of the runtime crate, unless an attribute of the function has its own.
    pub(crate) root: &'a Root,
    pub(crate) catalog: &'a Catalog,
}

/// A function after expansion, and the items beside it, or beside its `impl` block.
pub(crate) struct Guarded {
    pub(crate) outside: TokenStream,
    pub(crate) function: TokenStream,
}

/// Gives `handler` the hidden first argument that its attributes call for.
pub(crate) fn guard(
    mut handler: Handler,
    attributes: &Attributes,
    context: &Context<'_>,
    errors: &mut Errors,
) -> Guarded {
    let known = errors.count();
    let root = attributes.root(context.root);
    let access = attributes.validate(context.catalog, errors);
    attributes.refuse_both(errors);
    if let Access::Rule(validated) = &access
        && !validated.claims.is_empty()
    {
        guard_service(&mut handler, attributes, validated, &root, context.catalog, errors);
        return Guarded { outside: TokenStream::new(), function: handler.into_token_stream() };
    }
    let possible = validate_function(&handler, context.owner, attributes, &root, errors);
    let flawless = errors.count() == known && !attributes.broken() && !context.catalog.is_broken();
    let marker = Marker::new(&handler, context.owner);
    let mut outside = TokenStream::new();
    if possible || context.owner.is_some() {
        outside.extend(attributes.mentions(&marker.cfgs()));
    }
    if possible {
        let (beside, guard) = access.emit(&root, &marker, context.catalog, flawless);
        outside.extend(beside);
        insert(&mut handler, &guard);
    }
    Guarded { outside, function: handler.into_token_stream() }
}

/// Writes the decision into the body of a function that is not a handler.
fn guard_service(
    function: &mut Handler,
    attributes: &Attributes,
    validated: &Validated<'_>,
    root: &Root,
    catalog: &Catalog,
    errors: &mut Errors,
) {
    let mentions = attributes.mentions(&TokenStream::new());
    let statements = service::guard(function, validated, root, catalog, errors);
    function.prepend(&quote!(#mentions #statements));
}

/// Inserts the hidden argument, and allows clippy's `too_many_arguments` if the hidden argument alone exceeds the limit.
fn insert(handler: &mut Handler, guard: &TokenStream) {
    const CLIPPY_LIMIT: usize = 7;
    if handler.signature.inputs.len() == CLIPPY_LIMIT {
        handler.attributes.push(parse_quote! {
            #[allow(clippy::too_many_arguments, reason = "the guard is not the user's argument")]
        });
    }
    handler.signature.inputs.insert(0, parse_quote!(_: #guard));
}

/// Validates the function. Returns `false` if it cannot have the hidden argument.
fn validate_function(
    handler: &Handler,
    owner: Option<&Type>,
    attributes: &Attributes,
    root: &Root,
    errors: &mut Errors,
) -> bool {
    let name = attributes.name();
    let known = errors.count();
    handler.validate(name, errors);
    if owner.is_none() && errors.count() == known {
        handler.validate_place(name, errors);
    }
    let possible = errors.count() == known;
    if attributes.requires.is_empty() {
        refuse_claims(handler, root, errors);
    }
    possible
}

impl Access<'_> {
    /// Writes the marker and the type of the hidden argument.
    ///
    /// After a mistake the handler gets a guard whose rule admits nobody. Without a guard, the compiler would also report
    /// the routes to the handler. The keys of a wrong rule are still checked.
    fn emit(
        &self,
        root: &Root,
        marker: &Marker<'_>,
        catalog: &Catalog,
        flawless: bool,
    ) -> (TokenStream, TokenStream) {
        let name = marker.name();
        if let (Self::Public(reason), true) = (self, flawless) {
            return (public::declaration(root, marker, reason), quote!(#root::__private::Public<#name>));
        }
        let mut emitted = match self {
            Self::Rule(validated) => expand::rule_with_checks(root, &quote!(#name::), catalog, validated),
            Self::Public(_) | Self::Nobody => expand::refusal(root),
        };
        if !flawless {
            emitted = EmittedRule {
                constants: emitted.constants,
                key_checks: emitted.key_checks,
                ..expand::refusal(root)
            };
        }
        (policy(root, marker, &emitted), quote!(#root::Guard<#name>))
    }
}

/// Writes the marker of a guarded handler, its `Policy` and the checks of its keys.
fn policy(root: &Root, marker: &Marker<'_>, emitted: &EmittedRule) -> TokenStream {
    let EmittedRule { requirement, checks_type, constants, key_checks } = emitted;
    let source = marker.source(root);
    let name = marker.name();
    let definition = marker.definition();
    let cfgs = marker.cfgs();
    let constants = (!constants.is_empty()).then(|| quote!(#cfgs impl #name { #constants }));
    quote! {
        #definition
        #cfgs
        #[automatically_derived]
        impl #root::__private::Policy for #name {
            const REQUIREMENT: #root::Requirement = #requirement;
            #source
            #checks_type
        }
        #constants
        #(#cfgs #key_checks)*
    }
}
