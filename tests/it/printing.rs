//! Every `Display` of the library prints one line of visible characters, even with hostile text in it. A test parses the
//! source, so that a new `Display` fails until it is listed here.

use std::collections::BTreeSet;
use std::fmt::Display;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use std::{fs, path::Path};

use axum::Router;
use axum::routing::get as on_get;
use kinde_perms::access::{Access, AccessDiff, AccessMatrix, Catalogue, Change, Route};
use kinde_perms::{
    KeyError, LiveRequirement, Reason, Requirement, Rule, Validator, VerifyError,
    account::LiveErrorKind,
    audit::AuditEvent,
    check,
    policy::{Fact, Kind, Literal, Source},
    requirement, requires,
    time::SystemClock,
};
use kinde_perms_testkit::{Issuer, Offline};
use kinde_perms_tests::{get, send};
use serde_json::{Value, json};
use syn::visit::{self, Visit};

const HOSTILE: &str =
    "x\u{1b}[31m\u{1b}]0;t\u{7}\u{202e}\u{2066}\u{9b}31m\u{2028}\r\nFORGED\t\u{200b}\u{7f}y";

/// Names of entitlements and values of flags are free text, too.
const CONSTANT: Requirement = requirement!(feature_flags = ["a" = "\u{202e}FORGED"]);
const LIVE: LiveRequirement = requirement!(billing_entitlements = ["\u{202e}FORGED\u{200b}"]);

/// Types whose `Display` prints fixed words only.
const FIXED: [&str; 11] = [
    "Algorithm",
    "BrokenOff",
    "ConfigError",
    "KeyFault",
    "KeyRefused",
    "Principal",
    "RuleError",
    "RuleFault",
    "SkipReason",
    "TokenError",
    "UnknownFormat",
];

/// `LiveError` prints its kind and a rule prints its `Normal`: both are covered. `Pattern` is for the matcher, `Printable`
/// is the escaping itself, and `TokenParts` prints a token to send.
const OTHERS: [&str; 5] = ["LiveError", "Normal", "Pattern", "Printable", "TokenParts"];

#[check]
async fn failing() -> Result<kinde_perms::Verdict, &'static str> {
    Err(HOSTILE)
}

#[requires(check = failing)]
async fn handler() {}

/// Returns the texts of an audit event and of its reason.
async fn decision() -> Vec<(&'static str, String)> {
    let told = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&told);
    let observer = move |event: &AuditEvent<'_>| {
        log.lock().unwrap().extend([
            ("AuditEvent", event.to_string()),
            ("AuditEvent", format!("{event:?}")),
            ("Reason", event.reason().unwrap().to_string()),
        ]);
    };
    let kinde = Offline::with(SystemClock, |builder| builder.observer(observer));
    let app = Router::new().route("/{\u{202e}FORGED}", on_get(handler)).with_state(kinde.validator().clone());
    send(&app, get("/a", Some(&kinde.token().subject(HOSTILE).sign()))).await;
    std::mem::take(&mut *told.lock().unwrap())
}

async fn rejection(kinde: &Validator, token: &str) -> String {
    kinde
        .authorize_token(token, &requirement!(any(org = "org_1", feature_flags = ["a" = "\u{202e}FORGED"])))
        .await
        .unwrap_err()
        .to_string()
}

/// Returns the texts of every type that prints foreign text, filled with hostile text.
async fn displayed() -> Vec<(&'static str, String)> {
    let shown = |value: &dyn Display| value.to_string();
    let route = || Route::new(HOSTILE, HOSTILE, Access::Public(HOSTILE.to_owned()));
    let rule: Rule = "billing_entitlements = [\"\u{202e}FORGED\"]".parse().unwrap();
    let roles = Catalogue::new().role(HOSTILE, ["p"]).permission(HOSTILE);
    let guarded = Route::new(
        "GET",
        "/p",
        Access::Guarded("any(permissions = [\"p\"], roles = [\"r\"])".parse().unwrap()),
    );
    let text = json!({
        "format": "kinde-perms/access", "version": 1, "routes": [
            { "method": "GET", "path": format!("/{HOSTILE}"), "requires": "roles = [\"a\"]", "checks": [HOSTILE],
              "handler": { "name": HOSTILE, "file": HOSTILE, "line": 1 } },
        ],
    });
    let matrix = AccessMatrix::from_json(&text.to_string()).unwrap().with_catalogue(roles.clone());
    let wider: AccessMatrix = [route(), guarded].into_iter().collect();
    let diff = AccessDiff::between(&matrix, &wider.with_catalogue(roles));
    let faulty = |member: &str, value: Value| {
        let mut text = text.clone();
        text["routes"][0][member] = value;
        AccessMatrix::from_json(&text.to_string()).unwrap_err().to_string()
    };
    let offline = Offline::new();
    let bare = offline.token().sign();
    let denied = offline.verify(&bare).unwrap().require(&CONSTANT).unwrap_err();
    let keys = |error| VerifyError::Keys { error, retry_after: Duration::ZERO };
    let issuer = Issuer::start().await.unwrap();
    let mut all = vec![
        ("Route", shown(&matrix.routes()[0])),
        ("Route", shown(&route())),
        ("Access", shown(matrix.routes()[0].access())),
        ("Access", shown(route().access())),
        ("Handler", shown(matrix.routes()[0].handler().unwrap())),
        ("AccessMatrix", shown(&matrix)),
        ("AccessDiff", shown(&diff)),
        ("AccessError", faulty("public", HOSTILE.into())),
        ("AccessError", faulty("requires", HOSTILE.into())),
        ("AccessError", faulty(HOSTILE, 1.into())),
        ("AccessError", faulty("path", HOSTILE.into())),
        ("Rule", shown(&rule)),
        ("Requirement", shown(&CONSTANT)),
        ("LiveRequirement", shown(&LIVE)),
        ("Fact", shown(&Fact::new(Source::Token, Kind::Permissions, HOSTILE, None))),
        ("Fact", shown(&Fact::new(Source::Token, Kind::FeatureFlags, HOSTILE, Some(Literal::Text(HOSTILE))))),
        ("Literal", shown(&Literal::Text(HOSTILE))),
        ("Denied", shown(&denied)),
        ("Rejection", rejection(&offline.validator(), &bare).await),
        ("Reason", shown(&Reason::CheckFailed { check: "c", error: HOSTILE.to_owned() })),
        ("KeyError", shown(&KeyError::Tls(HOSTILE.to_owned()))),
        ("KeyError", shown(&KeyError::Source(HOSTILE.to_owned()))),
        ("KeyError", shown(&KeyError::Connection(HOSTILE.to_owned()))),
        ("VerifyError", shown(&keys(KeyError::Connection(HOSTILE.to_owned())))),
        ("LiveErrorKind", shown(&LiveErrorKind::Connection(HOSTILE.to_owned()))),
        ("ControlError", shown(&issuer.revoke(HOSTILE).unwrap_err())),
    ];
    all.extend(diff.changes().iter().flat_map(Change::gained).map(|who| ("Who", shown(who))));
    all.extend(decision().await);
    all
}

#[tokio::test]
async fn every_display_is_a_line_of_visible_characters() {
    for (name, text) in displayed().await {
        let lines = ["AccessMatrix", "AccessDiff"].contains(&name);
        let seen = |c: char| !c.is_control() || (lines && c == '\n');
        let hidden = ['\u{202e}', '\u{2066}', '\u{2028}', '\u{200b}'];
        assert!(text.chars().all(|c| seen(c) && !hidden.contains(&c)), "{name}: {text:?}");
        assert!(!text.lines().any(|line| line.starts_with("FORGED")), "{name}: {text}");
        assert!(text.contains("FORGED") || name == "Who", "{name} does not show what it was given: {text}");
    }
}

#[derive(Default)]
struct Displays(BTreeSet<String>);

impl<'a> Visit<'a> for Displays {
    fn visit_item_impl(&mut self, item: &'a syn::ItemImpl) {
        let last = |path: &syn::Path| path.segments.last().unwrap().ident.to_string();
        if let (Some((of, _)), syn::Type::Path(name)) = (&item.trait_, &*item.self_ty)
            && last(of) == "Display"
        {
            self.0.insert(last(&name.path));
        }
        visit::visit_item_impl(self, item);
    }
}

fn search(folder: &Path, found: &mut Displays) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            search(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.visit_file(&syn::parse_file(&fs::read_to_string(&path).unwrap()).unwrap());
        }
    }
}

/// A new type with `Display` needs a hostile value in `displayed`, or an entry in `FIXED`.
#[tokio::test]
async fn every_type_with_display_is_tested() {
    let mut found = Displays::default();
    for folder in ["../kinde-perms/src", "../crates"] {
        search(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), &mut found);
    }
    let tested = displayed().await.into_iter().map(|(name, _)| name);
    let known: BTreeSet<_> = tested.chain(FIXED).chain(OTHERS).map(str::to_owned).collect();
    assert_eq!(found.0, known);
}
