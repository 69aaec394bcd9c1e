//! `manifest!()`: the manifest as constants.

use kinde_perms_policy::Kind;
use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::Ident;

use super::Catalog;
use crate::arguments::Arguments;
use crate::errors::Errors;
use crate::requires::expand::kind as written;
use crate::requires::names;
use crate::requires::syntax::Item;
use crate::root::Root;
use kinde_perms_policy::kinde_toml::find;
use kinde_perms_policy::kinde_toml::model::{FileEntry, ManifestFile};
use kinde_perms_policy::kinde_toml::names::{collisions, constant_name};

/// Expands `manifest!()`. A missing manifest is an error.
pub(crate) fn expand(input: TokenStream, catalog: &Catalog) -> TokenStream {
    let mut errors = Errors::default();
    let arguments = Arguments::parse(input, &mut errors);
    validate(&arguments, &mut errors);
    catalog.report(&mut errors);
    let items = catalog.known().map(|(manifest, file)| {
        for fault in collisions(manifest) {
            errors.at(TokenStream::new(), format_args!("{file}:{}: {}", fault.at.line, fault.message));
        }
        ConstantsWriter { root: &arguments.root, manifest, file }.items()
    });
    if items.is_none() && !catalog.is_broken() {
        errors.at(TokenStream::new(), missing());
    }
    let tracking = catalog.tracking();
    let errors = errors.into_compile_errors();
    // With a mistake no constants are emitted: the compiler would report two constants of one name again.
    let items = errors.is_empty().then_some(items);
    quote!(#errors #(#tracking)* #items)
}

fn validate(arguments: &Arguments, errors: &mut Errors) {
    for item in &arguments.items {
        match item {
            Item::Named(argument) => {
                errors.at(&argument.name, names::unknown_among(&argument.name, &["crate"]));
            }
            Item::Unnamed(value) => errors.at(
                value,
                format_args!(
                    "`manifest!` takes no path: it reads {}, or what `{}` names",
                    find::FILE,
                    find::VARIABLE
                ),
            ),
        }
    }
}

fn missing() -> String {
    format!(
        "there is no {0}: write one beside the `Cargo.toml` of this package or of its workspace, \
         such as\n\n[permissions]\n\"create:todos\" = \"Can create new todo items\"",
        find::FILE
    )
}

struct ConstantsWriter<'a> {
    root: &'a Root,
    manifest: &'a ManifestFile,
    file: &'a str,
}

impl ConstantsWriter<'_> {
    /// Writes a module of constants for each section, and `MANIFEST`.
    fn items(&self) -> TokenStream {
        let root = self.root;
        let modules = Kind::in_manifest().map(|kind| self.module(kind));
        let sections = Kind::in_manifest().filter(|kind| *kind != Kind::Roles).map(|kind| {
            let (of, entries) = (written(root, kind), self.manifest.entries(kind).iter());
            let entries = entries
                .map(|FileEntry { key, description, .. }| quote!(#root::policy::ManifestEntry::new(#key, #description)));
            quote!((#of, &[#(#entries),*]))
        });
        let roles = self.manifest.entries(Kind::Roles).iter().map(|entry| self.role(entry));
        let title = format!("What `{}` declares.", self.file);
        quote! {
            #(#modules)*
            #[doc = #title]
            #[allow(dead_code, unreachable_pub, reason = "for whoever needs it")]
            pub const MANIFEST: #root::Manifest = #root::Manifest::new(&[#(#sections),*], &[#(#roles),*]);
        }
    }

    fn module(&self, kind: Kind) -> Option<TokenStream> {
        let section = kind.section()?;
        let name = ident(section.name);
        let title = format!("The {}s that `{}` declares.", section.noun, self.file);
        let constants = self.manifest.entries(kind).iter().map(|entry| self.constant(kind, entry));
        Some(quote! {
            #[doc = #title]
            #[allow(dead_code, unreachable_pub, reason = "for whoever needs them")]
            pub mod #name { #(#constants)* }
        })
    }

    fn constant(&self, kind: Kind, entry: &FileEntry) -> TokenStream {
        let (root, noun, key) = (self.root, kind.section_noun(), &entry.key);
        let name = ident(&constant_name(key));
        let about = match entry.description.as_str() {
            "" => format!("The {noun} `{key}`."),
            description => format!("{description} (`{key}`)"),
        };
        let (of, place) =
            (written(root, kind), format!("{}:{}: the {noun} `{key}`", self.file, entry.at.line));
        quote! {
            #[doc = #about]
            pub const #name: &str = #root::__private::manifest_key(#of, #key, #place);
        }
    }

    fn role(&self, entry: &FileEntry) -> TokenStream {
        let (root, FileEntry { key, description, .. }) = (self.root, entry);
        let permissions = entry.permissions.iter().map(|bundled| &bundled.key);
        quote!(#root::policy::ManifestRole::new(#key, #description, &[#(#permissions),*]))
    }
}

fn ident(name: &str) -> Ident {
    Ident::new(name, Span::call_site())
}
