//! Browsers: preflights are answered before any guard, and refusals can be read by the front end.

use axum::body::Body;
use http::header::{
    ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD, AUTHORIZATION, ORIGIN as ORIGIN_HEADER,
};
use http::{Method, Request};
use kinde_perms_testkit::Persona;

use crate::support::{Answer, Api, ORIGIN};

async fn preflight(api: &Api, origin: &str, path: &str, method: &str) -> Answer {
    let request = Request::builder()
        .method(Method::OPTIONS)
        .uri(path)
        .header(ORIGIN_HEADER, origin)
        .header(ACCESS_CONTROL_REQUEST_METHOD, method)
        .header(ACCESS_CONTROL_REQUEST_HEADERS, "authorization,content-type");
    api.call(request.body(Body::empty()).unwrap()).await
}

async fn list(api: &Api, origin: &str, token: &str) -> Answer {
    let request =
        Request::get("/todos").header(ORIGIN_HEADER, origin).header(AUTHORIZATION, format!("Bearer {token}"));
    api.call(request.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn a_preflight_needs_no_token() {
    let api = Api::start().await;
    for (path, method) in [
        ("/todos", "GET"),
        ("/todos", "POST"),
        ("/todos/1", "PATCH"),
        ("/todos/abc", "DELETE"),
        ("/admin/users", "GET"),
        ("/me/permissions", "GET"),
    ] {
        let answer = preflight(&api, ORIGIN, path, method).await;
        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(answer.header("access-control-allow-origin"), Some(ORIGIN));
        assert!(answer.header("access-control-allow-methods").unwrap().contains(method));
        assert_eq!(answer.header("access-control-allow-headers"), Some("authorization,content-type"));
        assert_eq!(answer.header("www-authenticate"), None);
    }
}

#[tokio::test]
async fn another_origin_is_not_allowed() {
    let api = Api::start().await;
    for origin in
        ["https://evil.example", "http://localhost:5174", "null", "http://localhost:5173.evil.example"]
    {
        let answer = preflight(&api, origin, "/todos", "POST").await;
        assert_eq!(answer.header("access-control-allow-origin"), None, "{origin}");
        let answer = list(&api, origin, &api.token(Persona::Viewer)).await;
        assert_eq!(answer.header("access-control-allow-origin"), None, "{origin}");
    }
}

#[tokio::test]
async fn the_front_end_can_read_a_refusal_and_its_challenge() {
    let api = Api::start().await;
    for (token, expected) in
        [(api.token(Persona::Viewer), 200), (api.bare_token().sign(), 403), ("rubbish".to_owned(), 401)]
    {
        let answer = list(&api, ORIGIN, &token).await;
        assert_eq!(answer.status, expected);
        assert_eq!(answer.header("access-control-allow-origin"), Some(ORIGIN));
        assert_eq!(answer.header("access-control-expose-headers"), Some("www-authenticate"));
        assert_eq!(answer.header("access-control-allow-credentials"), None);
    }
}
