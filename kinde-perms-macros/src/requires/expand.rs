//! Writes a validated rule as constants of the runtime: a tree of data, never conditions spliced together.

use proc_macro2::{Delimiter, Group, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};

use super::model::{FlagValue, Key, Leaf, Node, Principal};
use super::names::Kind;
use crate::root::Root;

/// Writes the value of the rule.
pub(crate) fn requirement(root: &Root, rule: &Node) -> TokenStream {
    let node = node(root, rule);
    quote!(#root::Requirement::new(#node))
}

fn node(root: &Root, rule: &Node) -> TokenStream {
    let node = match rule {
        Node::Authenticated(_) => quote!(Authenticated),
        Node::Leaf(leaf) => {
            let leaf = self::leaf(root, leaf);
            quote!(Leaf(#root::__private::Leaf::#leaf))
        }
        Node::All(parts) => {
            let parts = parts.iter().map(|part| self::node(root, part));
            quote!(All(&[#(#parts),*]))
        }
        Node::Any(parts) => {
            let parts = parts.iter().map(|part| self::node(root, part));
            quote!(Any(&[#(#parts),*]))
        }
        Node::Not(part) => {
            let part = self::node(root, part);
            quote!(Not(&#part))
        }
    };
    quote!(#root::__private::Node::#node)
}

fn leaf(root: &Root, leaf: &Leaf) -> TokenStream {
    match leaf {
        Leaf::Key(Kind::FeatureFlag, key) => {
            quote!(FeatureFlag { name: #key, value: ::core::option::Option::None })
        }
        Leaf::Key(kind, key) => {
            let variant = kind.variant();
            quote!(#variant(#key))
        }
        Leaf::Flag(key, value) => {
            let value = flag_value(value);
            quote!(FeatureFlag {
                name: #key,
                value: ::core::option::Option::Some(#root::__private::FlagLiteral::#value)
            })
        }
        Leaf::Principal(Principal::User) => quote!(Principal(#root::__private::Principal::User)),
        Leaf::Principal(Principal::Machine) => quote!(Principal(#root::__private::Principal::Machine)),
    }
}

fn flag_value(value: &FlagValue) -> TokenStream {
    match value {
        FlagValue::Bool(flag) => quote!(Bool(#flag)),
        FlagValue::Integer(number) => quote!(Integer(#number)),
        FlagValue::Text(text) => quote!(Text(#text)),
    }
}

/// Writes one constant for each key, in which the runtime judges it.
///
/// They are items of their own because the constant of a trait is not evaluated before something uses it, and
/// because each then reports its own key, at that key.
pub(crate) fn checks(root: &Root, rule: &Node) -> Vec<TokenStream> {
    let mut checks = Vec::new();
    rule.for_each_leaf(&mut |leaf| match leaf {
        Leaf::Key(kind, key) => checks.push(check(root, *kind, key)),
        Leaf::Flag(key, _) => checks.push(check(root, Kind::FeatureFlag, key)),
        Leaf::Principal(_) => {}
    });
    checks
}

/// The call spans the key from its first token to its last, so that a refusal underlines the key.
fn check(root: &Root, kind: Kind, key: &Key) -> TokenStream {
    let (first, last) = ends(key);
    let judge = kind.judge();
    let path = root.at(first);
    let callee = quote_spanned!(first=> #path::__private);
    let mut argument = Group::new(Delimiter::Parenthesis, key.to_token_stream());
    argument.set_span(last);
    quote_spanned!(first=> const _: &str = #callee::#judge #argument;)
}

/// Where a key begins and ends, as places of generated code: the user's lints are about the user's code.
fn ends(key: &Key) -> (Span, Span) {
    let place = |span: Span| Span::call_site().located_at(span);
    let mut spans = key.to_token_stream().into_iter().map(|tree| place(tree.span()));
    let first = spans.next().unwrap_or_else(Span::call_site);
    (first, spans.last().unwrap_or(first))
}
