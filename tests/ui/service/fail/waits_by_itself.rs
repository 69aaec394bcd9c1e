use std::pin::Pin;

use kinde_perms::{Claims, Denied, requires};

// What `async_trait` makes of a method.
#[requires(permissions = ["a"], claims = claims)]
fn boxed(claims: &Claims) -> Pin<Box<dyn Future<Output = Result<(), Denied>> + Send + '_>> {
    Box::pin(async { Ok(()) })
}

fn main() {}
