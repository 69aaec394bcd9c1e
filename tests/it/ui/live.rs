//! What asks Kinde stands in a rule like anything else; a list of each kind may stand beside its live twin.
#![deny(warnings)]

use axum::Router;
use axum::routing::get;
use kinde_perms::{LiveRequirement, Requirement, Validator, requirement, requires};

const PLAN: &str = "Pro plan (2026)";
const LIVE: LiveRequirement = requirement!(any(roles = ["owner"], billing_entitlements = [PLAN, "Tarif für alle"]));
const STATIC: Requirement = requirement!(roles = ["owner"]);

#[requires(permissions = ["a"], permissions = live(["b", "c"]), not(feature_flags = live(["x" = 5])), roles = live(["r"]))]
#[requires(billing_entitlements = [PLAN])]
async fn handler() {}

pub(crate) fn main() {
    let _: Router<Validator> = Router::new().route("/", get(handler));
    assert_eq!(LIVE.to_string(), r#"any(roles = ["owner"], billing_entitlements = ["Pro plan (2026)", "Tarif für alle"])"#);
    assert_eq!(STATIC.to_string(), r#"roles = ["owner"]"#);
}
