use axum::debug_handler;
use axum::extract::State;
use kinde_perms::requires;

#[derive(Clone)]
struct App;

#[requires(authenticated)]
#[debug_handler]
async fn handler(State(_app): State<App>) {}

fn main() {}
