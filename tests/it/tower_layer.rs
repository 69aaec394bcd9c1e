//! `AuthLayer` around a Tower service that is not Axum's, with other request and response bodies.

use std::convert::Infallible;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use kinde_perms::tower::AuthLayer;
use kinde_perms::{Claims, requirement};
use kinde_perms_testkit::Offline;
use tower::{Layer, ServiceExt, service_fn};

/// A body that cannot be made from bytes, like those of a file service or a gRPC server.
type Boxed = http_body_util::combinators::BoxBody<Bytes, Infallible>;

type Answer = Result<Response<Boxed>, Infallible>;

/// A plain Tower service that answers with the caller's subject.
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
async fn authenticated_accepts_valid_tokens_and_publishes_the_claims() {
    let kinde = Offline::new();
    let layer = AuthLayer::authenticated(kinde.validator());
    let token = kinde.token().subject("kp_1").sign();
    assert_eq!(ask(&layer, Some(&token)).await, (StatusCode::OK, "kp_1".into()));
    assert_eq!(ask(&layer, None).await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(ask(&layer, Some("garbage")).await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(ask(&layer, Some("")).await.0, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn optional_accepts_a_missing_token_and_refuses_a_bad_one() {
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
