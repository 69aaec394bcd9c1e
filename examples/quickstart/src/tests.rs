use axum::body::Body;
use http::header::AUTHORIZATION;
use http::{Request, StatusCode};
use kinde_perms_testkit::Issuer;
use tower::ServiceExt as _;

use super::*;

async fn get_status(app: &Router, path: &str, token: Option<&str>) -> StatusCode {
    let mut request = Request::get(path);
    if let Some(token) = token {
        request = request.header(AUTHORIZATION, format!("Bearer {token}"));
    }
    app.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap().status()
}

#[tokio::test]
async fn reading_todos_takes_the_permission() {
    let issuer = Issuer::start().await.unwrap();
    let app = app(Validator::builder(issuer.url(), issuer.audience()).connect().await.unwrap());
    let reader = issuer.token().permission("read:todos");

    assert_eq!(get_status(&app, "/todos", Some(&reader.sign())).await, StatusCode::OK);
    assert_eq!(get_status(&app, "/todos", Some(&reader.expired().sign())).await, StatusCode::UNAUTHORIZED);
    assert_eq!(get_status(&app, "/todos", Some(&issuer.token().sign())).await, StatusCode::FORBIDDEN);
    assert_eq!(get_status(&app, "/todos", None).await, StatusCode::UNAUTHORIZED);
    assert_eq!(get_status(&app, "/health", None).await, StatusCode::OK);
}
