use kinde_perms::requires;

#[requires(any(permissions = ["a"], all(permissions = ["a"], roles = ["r"])))]
async fn absorbed() {}

#[requires(permissions = ["a"], any(permissions = ["a"], roles = ["r"]))]
async fn implied() {}

#[requires(permissions = ["a"], any(roles = ["r"], all(permissions = ["a"], scopes = ["s"])))]
async fn required_outside() {}

#[requires(permissions = ["a"])]
#[requires(permissions = ["a", "b"])]
async fn in_two_attributes() {}

#[requires(org = "org_1", not(org = "org_2"))]
async fn of_one_organization() {}

#[requires(feature_flags = ["x" = true, "x"], any(principal = user, principal = machine))]
async fn several() {}

#[requires(any(roles = ["r"], all(principal = user, not(principal = user))))]
async fn impossible_alternative() {}

fn main() {}
