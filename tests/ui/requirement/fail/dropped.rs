//! Whatever decides nothing, or whose answer is dropped, lets everybody through.
#![deny(unused_must_use)]

use kinde_perms::{Claims, Denied, Requirement, Validator, requirement};

const ADMIN: Requirement = requirement!(roles = ["admin"]);

fn by_claims(claims: &Claims) -> Result<(), Denied> {
    requirement!(roles = ["admin"]);
    requirement!(roles = live(["admin"]));
    claims.require(&ADMIN);
    claims.has(&ADMIN);
    ADMIN.decide(claims);
    claims.require(&ADMIN)
}

async fn by_token(validator: &Validator, claims: &Claims, token: &str) {
    validator.authorize(claims, &ADMIN);
    validator.authorize_token(token, &ADMIN);
    validator.authorize_token(token, &ADMIN).await;
    validator.verify(token).await;
}

fn main() {}
