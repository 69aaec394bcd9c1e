use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use kinde_perms::GuardedRouter;
use kinde_perms::routing::{FirstArgument, get};

struct Everyone;

impl FirstArgument for Everyone {}

impl<S: Sync> FromRequestParts<S> for Everyone {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(_: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(Self)
    }
}

async fn list_todos(_: Everyone) {}

fn main() {
    let _: GuardedRouter = GuardedRouter::new().route("/todos", get(list_todos));
}
