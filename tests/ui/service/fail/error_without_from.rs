use kinde_perms::{Claims, requires};

#[requires(permissions = ["a"], claims = claims)]
fn purge(claims: &Claims) -> Result<(), String> {
    Ok(())
}

fn main() {}
