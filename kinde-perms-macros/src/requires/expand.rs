//! Writes a validated rule as a constant of the runtime: a tree of data, never source text of conditions.
//!
//! [`rule`] walks the tree. For each leaf, the writer emits the key ([`Writer::key_expression`]), then a constant that checks
//! the key ([`Writer::key_check`]) and, for a flag, its type ([`Writer::flag_type_check`]).

use kinde_perms_policy::shared::Shape;
use kinde_perms_policy::{Kind, Literal};
use proc_macro2::{Delimiter, Group, Span, TokenStream};
use quote::{ToTokens, format_ident, quote};
use syn::{Ident, Path};

use super::model::{Key, Leaf, Node};
use super::validate::Validated;
use crate::manifest::{self, Catalog};
use crate::root::Root;
use kinde_perms_policy::kinde_toml::model::{FlagType, ManifestFile};

/// The output of a rule: items and an expression.
pub(crate) struct EmittedRule {
    /// The rule, an expression that names `constants`.
    pub(crate) requirement: TokenStream,
    /// The associated type of a policy that lists its checks.
    pub(crate) checks_type: TokenStream,
    /// A constant for each path in the rule. The output names the user's path once, so a wrong path is one error.
    pub(crate) constants: TokenStream,
    /// One constant for each key, whose evaluation checks the key.
    ///
    /// They are free constants because the compiler evaluates constants of a trait only if they are used. Separate constants
    /// report each wrong key at its own span.
    pub(crate) key_checks: Vec<TokenStream>,
}

/// Writes a rule. `scope`, such as `Type::`, precedes the names of its constants.
pub(crate) fn rule(root: &Root, scope: &TokenStream, catalog: &Catalog, rule: &Node) -> EmittedRule {
    let mut writer = Writer { root, scope, catalog, constants: Vec::new(), key_checks: Vec::new() };
    let requirement = requirement(root, &writer.node(rule));
    let constants = writer.constants.into_iter().collect();
    // A rule without keys does not depend on the manifest.
    let tracking = if writer.key_checks.is_empty() { Vec::new() } else { catalog.tracking() };
    EmittedRule {
        requirement,
        checks_type: checks_type(&[]),
        constants,
        key_checks: tracking.into_iter().chain(writer.key_checks).collect(),
    }
}

/// Writes a rule and its checks.
pub(crate) fn rule_with_checks(
    root: &Root,
    scope: &TokenStream,
    catalog: &Catalog,
    validated: &Validated<'_>,
) -> EmittedRule {
    EmittedRule { checks_type: checks_type(&validated.checks), ..rule(root, scope, catalog, &validated.rule) }
}

/// Writes a rule that admits nobody.
pub(crate) fn refusal(root: &Root) -> EmittedRule {
    let requirement = requirement(root, &quote!(#root::__private::Node::Any(&[])));
    EmittedRule {
        requirement,
        checks_type: checks_type(&[]),
        constants: TokenStream::new(),
        key_checks: Vec::new(),
    }
}

/// Writes checks as nested pairs that end in `()`.
fn checks_type(checks: &[Path]) -> TokenStream {
    let list = checks.iter().rev().fold(quote!(()), |rest, check| quote!((#check, #rest)));
    quote!(type Checks = #list;)
}

fn requirement(root: &Root, node: &TokenStream) -> TokenStream {
    quote!(#root::Requirement::new(#node))
}

struct Writer<'a> {
    root: &'a Root,
    scope: &'a TokenStream,
    catalog: &'a Catalog,
    constants: Vec<TokenStream>,
    key_checks: Vec<TokenStream>,
}

impl Writer<'_> {
    fn node(&mut self, rule: &Node) -> TokenStream {
        let root = self.root;
        let node = match rule {
            Node::Authenticated(_) => quote!(Authenticated),
            Node::Leaf(leaf) => {
                let leaf = self.leaf(leaf);
                quote!(Leaf(#root::__private::Leaf::#leaf))
            }
            Node::All(parts) => {
                let parts = parts.nodes.iter().map(|part| self.node(part));
                quote!(All(&[#(#parts),*]))
            }
            Node::Any(parts) => {
                let parts = parts.nodes.iter().map(|part| self.node(part));
                quote!(Any(&[#(#parts),*]))
            }
            Node::Not(_, part) => {
                let part = self.node(part);
                quote!(Not(&#part))
            }
        };
        quote!(#root::__private::Node::#node)
    }

    fn leaf(&mut self, leaf: &Leaf) -> TokenStream {
        let root = self.root;
        let key = self.key_expression(&leaf.key);
        self.key_checks.extend(self.key_check(leaf.kind, &leaf.key, &key));
        if leaf.kind.shape() == Shape::Values {
            self.key_checks.extend(self.flag_type_check(&leaf.key, leaf.value.as_ref(), &key));
        }
        let (source, kind) = (leaf.source, kind(root, leaf.kind));
        let source = format_ident!("{source:?}");
        let value = self.flag_value(leaf.value.as_ref());
        quote!(new(#root::__private::FactSource::#source, #kind, #key, #value))
    }

    fn flag_value(&self, value: Option<&Literal<String>>) -> TokenStream {
        let root = self.root;
        let value = match value {
            None => return quote!(::core::option::Option::None),
            Some(Literal::Bool(flag)) => quote!(Bool(#flag)),
            Some(Literal::Integer(number)) => quote!(Integer(#number)),
            Some(Literal::Text(text)) => quote!(Text(#text)),
        };
        quote!(::core::option::Option::Some(#root::__private::FlagLiteral::#value))
    }

    /// Writes a key as a string expression. A path becomes a constant.
    fn key_expression(&mut self, key: &Key) -> TokenStream {
        match key {
            Key::Literal(literal) => literal.to_token_stream(),
            Key::Name(name) => name.to_string().to_token_stream(),
            Key::Constant(path) => {
                let (scope, name) = (self.scope, format_ident!("__KINDE_PERMS_KEY_{}", self.constants.len()));
                self.constants.push(quote!(const #name: &'static str = #path;));
                quote!(#scope #name)
            }
        }
    }

    /// Writes a check that the manifest does not declare the flag with another type than the rule's. Only constants need it:
    /// `manifest::keys` has compared literals.
    fn flag_type_check(
        &self,
        key: &Key,
        value: Option<&Literal<String>>,
        written: &TokenStream,
    ) -> Option<TokenStream> {
        let (Key::Constant(_), Some((manifest, file))) = (key, self.catalog.known()) else { return None };
        let asked = value.map_or(FlagType::Boolean, FlagType::of);
        let others = manifest::keys::flags_of_other_types(manifest, asked);
        if others.is_empty() {
            return None;
        }
        let consequence = match value {
            Some(_) => "so it never equals one",
            None => "so it is never `true`, as a flag named alone must be: compare it with a value",
        };
        let (root, noun, others) = (self.root, asked.noun(), others.join("\n"));
        let call =
            call("of_type", quote!(#written, #others, #noun, #file, #consequence), first_and_last(key));
        Some(quote! {
            const _: &str = {
                use #root::__private::of_type;
                #call
            };
        })
    }

    /// Writes the check of a key: its grammar and, for a constant, that the manifest declares it. `manifest::keys` has reported
    /// literals that are not declared; their grammar is not checked.
    fn key_check(&self, kind: Kind, key: &Key, written: &TokenStream) -> Option<TokenStream> {
        let root = self.root;
        let known = self.catalog.known().filter(|(manifest, _)| manifest.must_declare(kind));
        let declared = match (known, key) {
            (_, Key::Name(_)) => return None,
            (None, _) => None,
            (Some((manifest, _)), Key::Literal(literal)) => {
                manifest.find(kind, &literal.value())?;
                None
            }
            (Some((manifest, file)), Key::Constant(_)) => Some(declared_arguments(kind, manifest, file)),
        };
        let of = self::kind(root, kind);
        let call = call("checked_key", quote!(#of, #written), first_and_last(key));
        let Some(declared) = declared else {
            return Some(quote! {
                const _: &str = {
                    use #root::__private::checked_key;
                    #call
                };
            });
        };
        let call = self::call("declared", quote!(#call, #declared), first_and_last(key));
        Some(quote! {
            const _: &str = {
                use #root::__private::{checked_key, declared};
                #call
            };
        })
    }
}

/// Writes a kind.
pub(crate) fn kind(root: &Root, kind: Kind) -> TokenStream {
    let variant = format_ident!("{kind:?}");
    quote!(#root::__private::Kind::#variant)
}

/// Writes a call that spans from the key's first token to its last, so that a failed check underlines the key.
fn call(callee: &str, arguments: TokenStream, (first, last): (Span, Span)) -> TokenStream {
    let callee = Ident::new(callee, first);
    let mut group = Group::new(Delimiter::Parenthesis, arguments);
    group.set_span(last);
    quote!(#callee #group)
}

/// Writes the declared keys for `declared`. They are one text, as a manifest may have hundreds of keys.
fn declared_arguments(kind: Kind, manifest: &ManifestFile, file: &str) -> TokenStream {
    let (noun, keys) = (kind.section_noun(), manifest.keys(kind).join("\n"));
    quote!(#noun, #keys, #file)
}

fn first_and_last(key: &Key) -> (Span, Span) {
    let mut spans = key.to_token_stream().into_iter().map(|tree| tree.span());
    let first = spans.next().unwrap_or_else(Span::call_site);
    (first, spans.last().unwrap_or(first))
}
