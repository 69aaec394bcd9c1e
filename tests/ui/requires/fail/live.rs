use kinde_perms::requires;

#[requires(scopes = live(["read"]))]
#[requires(billing_entitlements = live(["Pro plan"]))]
#[requires(permissions = live("a"), roles = live(["a", "a"]), feature_flags = live([]))]
#[requires(live(permissions = ["a"]))]
#[requires(billing_entitlements = [""])]
async fn handler() {}

fn main() {}
