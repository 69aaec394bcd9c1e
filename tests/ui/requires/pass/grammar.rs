//! Everything a rule can say.
#![deny(warnings)]

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
    permissions = ["read:todos", keys::CREATE, crate::keys::CREATE,],
    roles = [keys::Role::ADMIN],
    scopes = [r"openid", r#"a!#$%&'()*+,-./:;<=>?@[]^_`{|}~"#],
    feature_flags = ["beta", "theme" = "dark", "seats" = 5, "debt" = -5, "x" = true, keys::CREATE = false],
    org = "org_1",
    principal = machine,
    any(permissions = ["a", "b"]),
    any(org = "org_1", org = "org_2", principal = user),
    not(roles = ["banned"]),
    not(permissions = ["c", "d"], principal = user),
    not(all(permissions = ["e", "f"])),
    any(all(roles = ["a"], scopes = ["b"]), not(any(roles = ["c", "d"]))),
    any(feature_flags = ["theme" = "dark", "theme" = "light"]),
)]
async fn everything() {}

#[requires(org = keys::CREATE)]
async fn constant_organization() {}

#[requires(permissions = ["xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"])]
async fn longest_key() {}

fn main() {
    let _ = (anyone, trailing_comma, everything, constant_organization, longest_key);
}
