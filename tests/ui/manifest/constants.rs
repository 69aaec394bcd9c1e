//! What the manifest declares, as constants.
#![deny(warnings, clippy::all, clippy::pedantic)]
#![deny(
    missing_docs,
    missing_debug_implementations,
    unreachable_pub,
    unnameable_types,
    unused_qualifications
)]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a case that cannot go on fails")]

use kinde_perms::{requirement, requires};

mod kinde {
    kinde_perms::manifest!();
}

#[requires(
    permissions = [kinde::permissions::CREATE_TODOS, "read:todos"],
    roles = [kinde::roles::EDITOR],
    feature_flags = [kinde::feature_flags::BETA, "seats" = 5, kinde::feature_flags::THEME = "dark"],
    scopes = ["nobody:declares:scopes"],
    org = "org_1",
)]
async fn handler() {}

fn main() {
    let _ = handler;
    assert_eq!(
        requirement!(permissions = [kinde::permissions::READ_TODOS]).to_string(),
        r#"permissions = ["read:todos"]"#
    );
    assert_eq!(kinde::entitlements::PRO_PLAN, "Pro plan");
    let editor = kinde::MANIFEST.role("editor").unwrap();
    assert_eq!(editor.permissions(), ["read:todos", "create:todos"]);
    assert_eq!(kinde::MANIFEST.permissions()[0].description(), "Can create new todo items");
    assert_eq!((kinde::MANIFEST.feature_flags().len(), kinde::MANIFEST.scopes().len()), (3, 0));
}
