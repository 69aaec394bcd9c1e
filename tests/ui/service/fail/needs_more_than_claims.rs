use kinde_perms::{Claims, Denied, Verdict, check, requires};

#[check]
async fn fits() -> Verdict {
    Verdict::Allow
}

#[requires(check = fits, claims = claims)]
fn checked(claims: &Claims) -> Result<(), Denied> {
    Ok(())
}

#[requires(billing_entitlements = ["Pro"], claims = claims)]
fn live(claims: &Claims) -> Result<(), Denied> {
    Ok(())
}

#[requires(permissions = ["a"], claims = claims)]
const fn constant(claims: &Claims) -> Result<(), Denied> {
    Ok(())
}

trait Service {
    #[requires(permissions = ["a"], claims = claims)]
    fn declared(claims: &Claims) -> Result<(), Denied>;
}

fn main() {}
