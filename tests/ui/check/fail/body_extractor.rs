use axum::Json;
use axum::http::Request;
use kinde_perms::{Verdict, check};

#[check]
async fn reads(Json(_): Json<u64>, _: Request<axum::body::Body>) -> Verdict {
    Verdict::Allow
}

fn main() {}
