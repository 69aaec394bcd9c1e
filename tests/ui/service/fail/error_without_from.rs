use kinde_perms::{Claims, requires};

struct Broken;

#[requires(permissions = ["a"], claims = claims)]
fn purge(claims: &Claims) -> Result<(), Broken> {
    Ok(())
}

fn main() {}
