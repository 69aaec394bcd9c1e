use kinde_perms::{Denied, requires};

#[requires(permissions = ["a"], claims = claims)]
fn purge(claims: &str) -> Result<(), Denied> {
    Ok(())
}

fn main() {}
