use kinde_perms::requires;

const EDIT: &str = "update:todos";

#[requires(permissions = ["a"], not(permissions = ["a", "b"]))]
async fn held_and_lacked() {}

#[requires(permissions = [EDIT], roles = ["r"])]
#[requires(not(permissions = [EDIT]))]
async fn by_two_attributes() {}

#[requires(org = "org_1", any(org = "org_2", org = "org_3"))]
async fn of_two_organizations() {}

#[requires(feature_flags = ["theme" = "dark", "theme" = "light"])]
async fn of_two_values() {}

#[requires(permissions = ["a", "b"], not(all(permissions = ["a", "b"])))]
async fn of_three_parts() {}

#[requires(any(all(principal = user, not(principal = user)), all(roles = ["r"], not(roles = ["r"]))))]
async fn within_each_alternative() {}

fn main() {}
