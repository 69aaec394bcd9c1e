use axum::debug_handler;
use kinde_perms::requires;

#[debug_handler(state = kinde_perms::Validator)]
#[requires(authenticated)]
async fn handler() {}

fn main() {}
