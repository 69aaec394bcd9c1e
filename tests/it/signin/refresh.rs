//! `/oauth2/token` with refresh tokens, kept by the page or in the browser's cookies: rotation, reuse, and binding.

use std::time::Duration;

use kinde_perms_testkit::{Endpoint, Fault};
use reqwest::Method;
use reqwest::header::ORIGIN;

use super::*;

const SECOND: Duration = Duration::from_secs(1);

#[tokio::test]
async fn refresh_tokens_rotate_and_reuse_ends_the_grant() {
    let stage = Stage::new().await;
    let browser = stage.browser();
    let first = browser.tokens("viewer").await["refresh_token"].as_str().unwrap().to_owned();
    let second = browser.refresh(&first).await.json()["refresh_token"].as_str().unwrap().to_owned();
    assert_ne!(first, second);
    // The answer may have been lost, or two tabs may ask at once: both get the same next token.
    stage.clock.advance(9 * SECOND);
    assert_eq!(browser.refresh(&first).await.json()["refresh_token"], *second);
    let third = browser.refresh(&second).await.json()["refresh_token"].as_str().unwrap().to_owned();
    stage.clock.advance(10 * SECOND);
    browser.refresh(&second).await.refused("invalid_grant", "used before");
    browser.refresh(&third).await.refused("invalid_grant", "revoked");
}

#[tokio::test]
async fn a_token_two_rotations_old_counts_as_reuse_at_once() {
    let stage = Stage::new().await;
    let browser = stage.browser();
    let first = browser.tokens("viewer").await["refresh_token"].as_str().unwrap().to_owned();
    let second = browser.refresh(&first).await.json()["refresh_token"].as_str().unwrap().to_owned();
    let third = browser.refresh(&second).await.json()["refresh_token"].as_str().unwrap().to_owned();
    browser.refresh(&first).await.refused("invalid_grant", "used before");
    browser.refresh(&third).await.refused("invalid_grant", "revoked");
}

#[tokio::test]
async fn refresh_tokens_are_bound_to_their_client_and_end() {
    let stage = Stage::new().await;
    let browser = stage.browser();
    let token = browser.tokens("viewer").await["refresh_token"].as_str().unwrap().to_owned();
    let foreign = [("grant_type", "refresh_token"), ("client_id", "other-web"), ("refresh_token", &*token)];
    browser.post("/oauth2/token", &foreign).await.refused("invalid_grant", "another client");
    for forged in ["", "x", "a.0.b", &token.replacen(".0.", ".1.", 1), &token[1..]] {
        let form = [("grant_type", "refresh_token"), ("client_id", "todos-web"), ("refresh_token", forged)];
        assert_eq!(browser.post("/oauth2/token", &form).await.status, 400, "{forged}");
    }
    // The token survives these attempts.
    let next = browser.refresh(&token).await.json()["refresh_token"].as_str().unwrap().to_owned();
    stage.clock.advance(1_296_000 * SECOND);
    browser.refresh(&next).await.refused("invalid_grant", "expired");
}

#[tokio::test]
async fn a_refresh_may_ask_for_less_but_not_for_more() {
    let stage = Stage::new().await;
    let browser = stage.browser();
    let token = browser.tokens("viewer").await["refresh_token"].as_str().unwrap().to_owned();
    let form = |scope| {
        [
            ("grant_type", "refresh_token"),
            ("client_id", "todos-web"),
            ("refresh_token", &*token),
            ("scope", scope),
        ]
    };
    browser
        .post("/oauth2/token", &form("openid phone"))
        .await
        .refused("invalid_scope", "more than was granted");
    let less = browser.post("/oauth2/token", &form("openid")).await.json();
    assert_eq!(less["scope"], "openid");
    assert!(claims(less["id_token"].as_str().unwrap()).get("nonce").is_none());
}

#[tokio::test]
async fn pages_read_answers_and_may_leave_the_token_to_the_browser() {
    let stage = Stage::new().await;
    let browser = stage.browser();
    let preflight = |origin: &str| {
        browser
            .request(Method::OPTIONS, "/oauth2/token")
            .header(ORIGIN, origin)
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", "kinde-sdk")
    };
    let allowed = browser.send(preflight(PAGE)).await;
    assert_eq!(allowed.status, 200);
    assert_eq!(allowed.header("access-control-allow-origin"), PAGE);
    assert_eq!(allowed.header("access-control-allow-credentials"), "true");
    assert!(allowed.header("access-control-allow-headers").contains("kinde-sdk"));
    let foreign = browser.send(preflight("https://evil.test")).await;
    assert_eq!(foreign.header("access-control-allow-origin"), "");
    assert_eq!(stage.issuer.requests(Endpoint::Token), 0);

    let code = browser.code("viewer").await;
    let tokens = browser.fetch("/oauth2/token", &exchange(&code)).await;
    assert_eq!(tokens.header("access-control-allow-origin"), PAGE);
    assert!(tokens.json()["refresh_token"].is_string());
    let cookies: Vec<_> =
        tokens.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap()).collect();
    let [kept, mark] = *cookies else { panic!("{cookies:?}") };
    assert!(
        kept.starts_with(&format!("refresh_token_{}=", stage.port()))
            && kept.contains("HttpOnly")
            && kept.contains("Path=/oauth2/token")
    );
    assert!(mark.starts_with("_kbrte=") && !mark.contains("HttpOnly"));

    let silent = [("grant_type", "refresh_token"), ("client_id", "todos-web")];
    for _ in 0..3 {
        let refreshed = browser.fetch("/oauth2/token", &silent).await;
        assert_eq!(refreshed.status, 200, "{}", refreshed.body);
        assert!(
            refreshed.json()["access_token"].is_string() && refreshed.json().get("refresh_token").is_none()
        );
        stage.clock.advance(60 * SECOND);
    }
    // The SDK's timer sends the token that the page still has in memory, beside the cookie.
    let old = tokens.json()["refresh_token"].as_str().unwrap().to_owned();
    let both = [("grant_type", "refresh_token"), ("client_id", "todos-web"), ("refresh_token", &*old)];
    assert_eq!(browser.fetch("/oauth2/token", &both).await.status, 200);
}

/// Browsers send a cookie to every port of a host.
#[tokio::test]
async fn two_issuers_on_one_host_leave_each_others_cookies_alone() {
    let (one, other) = (Stage::new().await, Stage::new().await);
    let browser = one.browser();
    let code = browser.code("viewer").await;
    browser.fetch("/oauth2/token", &exchange(&code)).await;
    let visitor = Browser { url: other.issuer.url().to_owned(), ..browser };
    let silent = [("grant_type", "refresh_token"), ("client_id", "todos-web")];
    visitor.fetch("/oauth2/token", &silent).await.refused("invalid_request", "`refresh_token` is missing");
    let back = Browser { url: one.issuer.url().to_owned(), ..visitor };
    assert_eq!(back.fetch("/oauth2/token", &silent).await.status, 200);
}

#[tokio::test]
async fn cookies_count_for_pages_of_the_client_alone() {
    let stage = Stage::new().await;
    let browser = stage.browser();
    let code = browser.code("viewer").await;
    browser.fetch("/oauth2/token", &exchange(&code)).await;
    let silent = [("grant_type", "refresh_token"), ("client_id", "todos-web")];
    for origin in ["", "https://evil.test", "http://127.0.0.1:4000", "null"] {
        let mut request = browser.request(Method::POST, "/oauth2/token").form(&silent);
        if !origin.is_empty() {
            request = request.header(ORIGIN, origin);
        }
        browser.send(request).await.refused("invalid_request", "`refresh_token` is missing");
    }
    stage.issuer.revoke("viewer").unwrap();
    browser.fetch("/oauth2/token", &silent).await.refused("invalid_grant", "revoked");
    assert_eq!(browser.cookies.lock().unwrap().keys().filter(|name| !name.contains("session")).count(), 0);
}

#[tokio::test]
async fn an_outage_does_not_use_up_codes_or_tokens() {
    let stage = Stage::new().await;
    let browser = stage.browser();
    let code = browser.code("viewer").await;
    stage.issuer.set_fault(Endpoint::Token, Fault::Status(503));
    let failed = browser.fetch("/oauth2/token", &exchange(&code)).await;
    assert_eq!((failed.status.as_u16(), failed.header("access-control-allow-origin")), (503, PAGE));
    stage.issuer.set_fault(Endpoint::Token, Fault::None);
    let token = browser.post("/oauth2/token", &exchange(&code)).await.json()["refresh_token"].clone();
    stage.issuer.set_fault(Endpoint::Token, Fault::Drop);
    let form = [
        ("grant_type", "refresh_token"),
        ("client_id", "todos-web"),
        ("refresh_token", token.as_str().unwrap()),
    ];
    assert!(browser.request(Method::POST, "/oauth2/token").form(&form).send().await.is_err());
    stage.issuer.set_fault(Endpoint::Token, Fault::None);
    stage.clock.advance(60 * SECOND);
    assert_eq!(browser.refresh(token.as_str().unwrap()).await.status, 200);
}
