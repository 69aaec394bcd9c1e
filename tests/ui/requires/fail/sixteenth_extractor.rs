use kinde_perms::requires;

type A = kinde_perms::Claims;

#[requires(authenticated)]
#[rustfmt::skip]
async fn handler(_: A, _: A, _: A, _: A, _: A, _: A, _: A, _: A, _: A, _: A, _: A, _: A, _: A, _: A, _: A, _: A) {}

fn main() {}
