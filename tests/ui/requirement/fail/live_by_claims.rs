use kinde_perms::{Claims, LiveRequirement, requirement};

const RULE: LiveRequirement = requirement!(permissions = ["a"], billing_entitlements = ["Pro plan"]);

fn handler(claims: &Claims) -> bool {
    claims.has(&RULE)
}

fn main() {}
