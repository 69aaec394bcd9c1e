use kinde_perms::{Claims, Denied, public, requirement, requires};

#[requires(any(permissions = ["a"], claims = claims))]
async fn nested(claims: Claims) {}

#[public(reason = "everyone", claims = claims)]
async fn open(claims: Option<Claims>) {}

#[public(reason = "everyone")]
#[requires(permissions = ["a"], claims = claims)]
fn both(claims: &Claims) -> Result<(), Denied> {
    Ok(())
}

fn main() {
    let _ = requirement!(permissions = ["a"], claims = claims);
}
