use std::future::Ready;

use kinde_perms::{Claims, Denied, requires};

#[requires(permissions = ["a"], claims = claim)]
fn near(claims: &Claims) -> Result<(), Denied> {
    Ok(())
}

#[requires(permissions = ["a"], claims = token)]
fn far(list: Vec<u8>, (count, _): (u8, u8)) -> Result<(), Denied> {
    Ok(())
}

#[requires(permissions = ["a"], claims = claims)]
fn none() -> Result<(), Denied> {
    Ok(())
}

#[requires(permissions = ["a"], claims = "claims")]
fn text(claims: &Claims) -> Result<(), Denied> {
    Ok(())
}

#[requires(permissions = ["a"], claims = claims, claims = claims)]
fn twice(claims: &Claims) -> Result<(), Denied> {
    Ok(())
}

#[requires(permissions = ["a"], claims = claims.await)]
async fn waits(claims: Ready<Claims>) -> Result<(), Denied> {
    Ok(())
}

fn main() {}
