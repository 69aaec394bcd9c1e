//! The layer, around services of Axum's and of others.

use std::convert::Infallible;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use kinde_perms::tower::AuthLayer;
use kinde_perms::{Claims, requirement};
use kinde_perms_testkit::Offline;
use tower::{Layer, ServiceExt, service_fn};

/// A body that cannot be made from bytes, as a directory of files or a gRPC server has.
type Boxed = http_body_util::combinators::BoxBody<Bytes, Infallible>;

type Answer = Result<Response<Boxed>, Infallible>;

/// A service that is not Axum's and says who called it.
async fn who(request: Request<()>) -> Answer {
    let caller = Claims::of(&request).and_then(Claims::subject).unwrap_or("nobody").to_owned();
    Ok(Response::new(Full::from(caller).boxed()))
}

async fn ask(layer: &AuthLayer, token: Option<&str>) -> (StatusCode, String) {
    let mut request = Request::get("/");
    if let Some(token) = token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    let Ok(response) = layer.layer(service_fn(who)).oneshot(request.body(()).unwrap()).await;
    let (parts, body) = response.into_parts();
    let Ok(body) = body.collect().await;
    (parts.status, String::from_utf8(body.to_bytes().to_vec()).unwrap())
}

#[tokio::test]
async fn required_lets_valid_tokens_pass_and_says_who_calls() {
    let kinde = Offline::new();
    let layer = AuthLayer::authenticated(kinde.validator());
    let token = kinde.token().subject("kp_1").sign();
    assert_eq!(ask(&layer, Some(&token)).await, (StatusCode::OK, "kp_1".into()));
    assert_eq!(ask(&layer, None).await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(ask(&layer, Some("garbage")).await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(ask(&layer, Some("")).await.0, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn optional_lets_the_anonymous_pass_and_nothing_bad() {
    let kinde = Offline::new();
    let layer = AuthLayer::optional(kinde.validator());
    let token = kinde.token().subject("kp_1").sign();
    assert_eq!(ask(&layer, Some(&token)).await, (StatusCode::OK, "kp_1".into()));
    assert_eq!(ask(&layer, None).await, (StatusCode::OK, "nobody".into()));
    assert_eq!(ask(&layer, Some("garbage")).await.0, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn requires_applies_a_rule() {
    let kinde = Offline::new();
    let layer =
        AuthLayer::requiring(kinde.validator(), requirement!(any(roles = ["admin"], scopes = ["files"])));
    assert_eq!(ask(&layer, Some(&kinde.token().role("admin").sign())).await.0, StatusCode::OK);
    assert_eq!(ask(&layer, Some(&kinde.token().machine().scope("files").sign())).await.0, StatusCode::OK);
    let (status, body) = ask(&layer, Some(&kinde.token().sign())).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    assert!(body.contains("\"code\":\"forbidden\""), "{body}");
}
