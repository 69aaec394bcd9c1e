//! The rows: each entrance with each reason to refuse. Two tests parse the library's source, so that a new reason or a new
//! entrance fails until it has a row.

use std::collections::BTreeSet;
use std::fs;

use syn::visit::{self, Visit};

/// The credentials of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Who {
    Nobody,
    OtherScheme,
    Malformed,
    Twice,
    Garbage,
    Expired,
    OtherApi,
    /// The key id is unknown, and fetching the key set fails.
    UnknownKey,
    /// The token grants nothing.
    Bare,
    /// The token grants `read` and the role `admin`.
    Reader,
}

/// A request or a call that needs a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ask {
    Path(&'static str),
    /// A method of the validator.
    Call(&'static str),
}

pub(super) type Row = (&'static str, Ask, Who, &'static [&'static str]);

/// Each row: the entrance that decides, the request, its credentials, and the expected events.
#[rustfmt::skip]
pub(super) fn table() -> Vec<Row> {
    use Ask::{Call, Path};
    use Who::*;
    vec![
        // Every fault of the credentials.
        ("Guard: FromRequestParts", Path("/guarded"), Nobody, &["refused NoCredentials -"]),
        ("Guard: FromRequestParts", Path("/guarded"), OtherScheme, &["refused NoCredentials -"]),
        ("Guard: FromRequestParts", Path("/guarded"), Malformed, &["refused InvalidRequest -"]),
        ("Guard: FromRequestParts", Path("/guarded"), Twice, &["refused InvalidRequest -"]),
        ("Guard: FromRequestParts", Path("/guarded"), Garbage, &["refused Token -"]),
        ("Guard: FromRequestParts", Path("/guarded"), Expired, &["refused Token -"]),
        ("Guard: FromRequestParts", Path("/guarded"), OtherApi, &["refused Token -"]),
        ("Guard: FromRequestParts", Path("/guarded"), UnknownKey, &["undecided Keys -"]),
        // Every kind of rule.
        ("Guard: FromRequestParts", Path("/guarded"), Bare, &["refused Denied kp_2"]),
        ("Guard: FromRequestParts", Path("/guarded"), Reader, &["allowed - kp_1"]),
        ("Guard: FromRequestParts", Path("/org"), Reader, &["refused Denied kp_1"]),
        ("Guard: FromRequestParts", Path("/machine"), Reader, &["refused Denied kp_1"]),
        ("Guard: FromRequestParts", Path("/live"), Reader, &["allowed - kp_1"]),
        ("Guard: FromRequestParts", Path("/live"), Bare, &["refused Denied kp_2"]),
        ("Guard: FromRequestParts", Path("/in-outage"), Reader, &["undecided Live kp_1"]),
        // Every answer of a check, and the rejections of its extractors.
        ("Guard: FromRequestParts", Path("/checked/0"), Reader, &["allowed - kp_1"]),
        ("Guard: FromRequestParts", Path("/checked/1"), Reader, &["refused CheckDenied kp_1"]),
        ("Guard: FromRequestParts", Path("/checked/2"), Reader, &["refused CheckNotFound kp_1"]),
        ("Guard: FromRequestParts", Path("/checked/3"), Reader, &["undecided CheckFailed kp_1"]),
        ("Guard: FromRequestParts", Path("/checked/x"), Reader, &["refused CheckRejected kp_1"]),
        ("Guard: FromRequestParts", Path("/checked/x"), Bare, &["refused Denied kp_2"]),
        ("Guard: FromRequestParts", Path("/checked-twice/0"), Reader, &["undecided CheckRejected kp_1"]),
        ("Guard: FromRequestParts", Path("/checked-twice/1"), Reader, &["refused CheckDenied kp_1"]),
        ("Guard: FromRequestParts", Path("/checked-elsewhere"), Reader, &["refused CheckRejected kp_1"]),
        ("Guard: FromRequestParts", Path("/checked-and-malformed/x"), Reader, &["refused CheckRejected kp_1"]),
        // Our own extractors report their refusals themselves.
        ("Guard: FromRequestParts", Path("/checked-without-token"), Reader, &["refused NoCredentials -"]),
        // Extractors without a rule report refusals only.
        ("Claims: FromRequestParts", Path("/required"), Nobody, &["refused NoCredentials -"]),
        ("Claims: FromRequestParts", Path("/required"), Garbage, &["refused Token -"]),
        ("Claims: FromRequestParts", Path("/required"), Reader, &[]),
        ("Claims: FromRequestParts", Path("/result"), Nobody, &["refused NoCredentials -"]),
        ("Claims: FromRequestParts", Path("/result"), Garbage, &["refused Token -"]),
        ("Claims: OptionalFromRequestParts", Path("/optional"), Nobody, &[]),
        ("Claims: OptionalFromRequestParts", Path("/optional"), Garbage, &["refused Token -"]),
        ("Account: FromRequestParts", Path("/account"), Nobody, &["refused NoCredentials -"]),
        ("Account: FromRequestParts", Path("/account"), Reader, &[]),
        // A layer's refusal reaches no guard; a layer and a guard that both allow are two decisions.
        ("Auth: Service", Path("/layer"), Nobody, &["refused NoCredentials -"]),
        ("Auth: Service", Path("/layer"), Garbage, &["refused Token -"]),
        ("Auth: Service", Path("/layer"), Bare, &["allowed - kp_2", "refused Denied kp_2"]),
        ("Auth: Service", Path("/layer"), Reader, &["allowed - kp_1", "allowed - kp_1"]),
        ("Auth: Service", Path("/layer-of-writers"), Reader, &["refused Denied kp_1"]),
        ("Auth: Service", Path("/layer-of-anyone"), Garbage, &["refused Token -"]),
        ("Auth: Service", Path("/layer-of-anyone"), Nobody, &["refused NoCredentials -"]),
        ("Auth: Service", Path("/layer-of-anyone"), Reader, &["allowed - kp_1"]),
        ("GuardedService: Handler", Path("/files/a"), Nobody, &["refused NoCredentials -"]),
        ("GuardedService: Handler", Path("/files/a"), Bare, &["refused Denied kp_2"]),
        ("GuardedService: Handler", Path("/files/a"), Reader, &["allowed - kp_1"]),
        // Direct calls.
        ("Validator::admit", Call("admit"), Nobody, &["refused NoCredentials -"]),
        ("Validator::admit", Call("admit"), Bare, &["refused Denied kp_2"]),
        ("Validator::admit", Call("admit"), Reader, &["allowed - kp_1"]),
        ("Validator::authenticate", Call("authenticate"), Garbage, &["refused Token -"]),
        ("Validator::authenticate", Call("authenticate"), Reader, &[]),
        ("Validator::authenticate_if_present", Call("authenticate_if_present"), Nobody, &[]),
        ("Validator::authenticate_if_present", Call("authenticate_if_present"), Twice, &["refused InvalidRequest -"]),
        ("Validator::authenticate_account", Call("authenticate_account"), Expired, &["refused Token -"]),
        ("Validator::authorize_token", Call("authorize_token"), Garbage, &["refused Token -"]),
        ("Validator::authorize_token", Call("authorize_token"), Bare, &["refused Denied kp_2"]),
        ("Validator::authorize_token", Call("authorize_token"), Reader, &["allowed - kp_1"]),
        ("Validator::authorize", Call("authorize"), Bare, &["refused Denied kp_2"]),
        ("Validator::authorize", Call("authorize"), Reader, &["allowed - kp_1"]),
        ("Validator::grant", Call("grant"), OtherApi, &["refused Token -"]),
        ("Validator::grant", Call("grant"), Bare, &["refused Denied kp_2"]),
        ("Validator::grant", Call("grant"), Reader, &["allowed - kp_1"]),
        // No decision.
        ("nobody", Path("/nowhere"), Garbage, &[]),
    ]
}

fn source(file: &str) -> syn::File {
    let path = format!("{}/../kinde-perms/src/{file}", env!("CARGO_MANIFEST_DIR"));
    syn::parse_file(&fs::read_to_string(path).unwrap()).unwrap()
}

#[test]
fn the_table_has_every_reason() {
    let file = source("rejection.rs");
    let reasons = file.items.iter().find_map(|item| match item {
        syn::Item::Enum(item) if item.ident == "Reason" => Some(&item.variants),
        _ => None,
    });
    let expected: BTreeSet<_> = reasons.unwrap().iter().map(|reason| reason.ident.to_string()).collect();
    let events = table().into_iter().flat_map(|(.., events)| events);
    let found = events.filter_map(|event| event.split(' ').nth(1).filter(|reason| *reason != "-"));
    assert_eq!(found.map(str::to_owned).collect::<BTreeSet<_>>(), expected);
}

/// Collects the entrances at which a request or a token is decided: implementations of the traits that frameworks call,
/// and public methods of `Validator` that return a `Rejection`.
#[derive(Default)]
struct Entrances {
    within: String,
    found: BTreeSet<String>,
}

impl<'a> Visit<'a> for Entrances {
    fn visit_item_impl(&mut self, item: &'a syn::ItemImpl) {
        let name = |path: &syn::Path| path.segments.last().unwrap().ident.to_string();
        let syn::Type::Path(of) = &*item.self_ty else { return };
        self.within = name(&of.path);
        if let Some((of, _)) = &item.trait_ {
            let of = name(of);
            if ["FromRequestParts", "OptionalFromRequestParts", "Service", "Handler"].contains(&of.as_str()) {
                self.found.insert(format!("{}: {of}", self.within));
            }
        } else if self.within == "Validator" {
            visit::visit_item_impl(self, item);
        }
    }

    fn visit_impl_item_fn(&mut self, function: &'a syn::ImplItemFn) {
        let signature = &function.sig;
        let refuses = quote::quote!(#signature).to_string().contains(", Rejection >");
        if refuses && matches!(function.vis, syn::Visibility::Public(_)) {
            self.found.insert(format!("{}::{}", self.within, signature.ident));
        }
    }
}

#[test]
fn the_table_has_every_entrance() {
    let mut entrances = Entrances::default();
    for file in [
        "edge/authorize.rs",
        "extract/guard.rs",
        "extract/claims.rs",
        "extract/account.rs",
        "extract/check.rs",
        "routing/service.rs",
        "tower/service.rs",
        "validator/mod.rs",
    ] {
        entrances.visit_file(&source(file));
    }
    // `Public` decides nothing.
    entrances.found.retain(|entrance| !entrance.starts_with("Public"));
    let rows = table().into_iter().map(|(entrance, ..)| entrance.to_owned());
    assert_eq!(rows.filter(|entrance| entrance != "nobody").collect::<BTreeSet<_>>(), entrances.found);
}
