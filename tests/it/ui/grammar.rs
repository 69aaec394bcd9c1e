//! Everything a rule can say.
#![deny(warnings)]
#![allow(clippy::needless_raw_string_hashes, reason = "both forms are cases")]

use kinde_perms::requires;

mod keys {
    pub(crate) const CREATE: &str = "create:todos";

    pub(crate) struct Role;
    impl Role {
        pub(crate) const ADMIN: &'static str = "admin";
    }
}

#[requires(authenticated)]
async fn anyone() {}

#[requires(authenticated)]
async fn trailing_comma() {}

#[requires(
    permissions = ["read:todos", keys::CREATE, crate::ui::grammar::keys::CREATE,],
    roles = [keys::Role::ADMIN],
    scopes = [r"openid", r#"a!#$%&'()*+,-./:;<=>?@[]^_`{|}~"#],
    feature_flags = ["beta", "theme" = "dark", "seats" = 5, "debt" = -5, "x" = true, keys::CREATE = false],
    org = "org_1",
    principal = machine,
    any(permissions = ["a", "b"]),
    not(roles = ["banned"]),
    not(all(permissions = ["e", "f"])),
    any(all(roles = ["a"], scopes = ["b"]), not(any(roles = ["c", "d"]))),
)]
async fn everything() {}

#[requires(
    any(org = "org_1", org = "org_2", principal = user),
    not(permissions = ["c", "d"], org = "org_3"),
    any(feature_flags = ["theme" = "dark", "theme" = "light"]),
    // Not the same as `authenticated`: neither holds without a `roles` claim.
    any(roles = ["a"], not(roles = ["a"])),
)]
async fn alternatives() {}

#[requires(org = keys::CREATE)]
async fn constant_organization() {}

#[requires(permissions = ["xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"])]
async fn longest_key() {}

pub(crate) fn main() {
    let _ = (anyone, trailing_comma, everything, alternatives, constant_organization, longest_key);
}
