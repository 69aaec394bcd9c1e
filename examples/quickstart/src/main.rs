//! An API with one guarded route and one public one.

use axum::{Json, Router, routing::get};
use kinde_perms::{Validator, public, requires};

#[requires(permissions = ["read:todos"])]
async fn list_todos() -> Json<[&'static str; 2]> {
    Json(["Buy milk", "Bake bread"])
}

#[public(reason = "load balancers ask without a token")]
async fn health() -> &'static str {
    "ok"
}

fn app(validator: Validator) -> Router {
    Router::new().route("/todos", get(list_todos)).route("/health", get(health)).with_state(validator)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let validator = Validator::from_env().await?;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
    Ok(axum::serve(listener, app(validator)).await?)
}

#[cfg(test)]
mod tests;
