use kinde_perms::{Claims, requires};

#[requires(permissions = ["a"], claims = claims)]
fn nothing(claims: &Claims) {}

#[requires(permissions = ["a"], claims = claims)]
async fn option(claims: &Claims) -> Option<Vec<u8>> {
    None
}

#[requires(permissions = ["a"], claims = claims)]
fn future(claims: &Claims) -> impl Future<Output = Result<(), kinde_perms::Denied>> {
    async { Ok(()) }
}

struct Answer;

#[requires(permissions = ["a"], claims = claims)]
fn another_type(claims: &Claims) -> Answer {
    Answer
}

fn main() {}
