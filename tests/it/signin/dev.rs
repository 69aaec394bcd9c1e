//! `/dev`: the controls of a running issuer (permissions, revocation, token times, keys, faults).

use std::time::Duration;

use kinde_perms::requirement;
use kinde_perms_testkit::{Endpoint, Fault};
use reqwest::Method;
use reqwest::header::{CONTENT_TYPE, ORIGIN};
use serde_json::json;

use super::*;

impl Browser {
    async fn control(&self, action: Value) -> Answer {
        self.send(self.request(Method::POST, "/dev/control").json(&action)).await
    }

    async fn does(&self, action: Value) {
        let answer = self.control(action.clone()).await;
        assert_eq!(answer.status, 204, "{action}: {}", answer.body);
    }

    async fn refuses(&self, action: Value, part: &str) {
        let answer = self.control(action.clone()).await;
        assert_eq!(answer.status, 400, "{action}");
        assert!(answer.json()["error"].as_str().unwrap().contains(part), "{action}: {}", answer.body);
    }

    async fn state(&self) -> Value {
        self.get("/dev/state").await.json()
    }
}

#[tokio::test]
async fn the_state_names_people_requests_and_faults() {
    let stage = Stage::new().await;
    let browser = stage.browser();
    browser.tokens("viewer").await;
    let told = browser.state().await;
    assert_eq!(told["requests"]["token"], 1);
    assert_eq!(told["requests"]["auth"], 2);
    assert_eq!(told["token_life"], 86400);
    assert_eq!(told["faults"]["keys"], "none");
    let viewer = &told["personas"][0];
    assert_eq!((&viewer["id"], &viewer["email"]), (&json!("viewer"), &json!("viewer@example.test")));
    assert_eq!(viewer["permissions"], json!(["read:todos", "read:reports"]));
    let page = browser.get("/dev").await;
    assert!(page.body.contains("Demo Viewer") && page.body.contains("Not for production"), "{}", page.body);
    assert!(page.header("content-security-policy").contains("script-src 'self'"));
    assert!(browser.get("/dev/page.js").await.header("content-type").starts_with("text/javascript"));
}

#[tokio::test]
async fn permissions_change_from_the_next_token_on() {
    let stage = Stage::new().await;
    let browser = stage.browser();
    let tokens = browser.tokens("viewer").await;
    browser
        .does(json!({ "action": "permissions", "persona": "viewer", "permissions": ["delete:todos"] }))
        .await;
    let next = browser.refresh(tokens["refresh_token"].as_str().unwrap()).await.json();
    let validator = stage.issuer.validator().await.unwrap();
    let rule = requirement!(permissions = ["delete:todos"]);
    for (tokens, holds) in [(&tokens, false), (&next, true)] {
        let claims = validator.verify(tokens["access_token"].as_str().unwrap()).await.unwrap();
        assert_eq!(claims.has(&rule), holds);
    }
    // The Account API answers with the new permissions at once, regardless of the token.
    let request = browser.request(Method::GET, "/account_api/v1/permissions");
    let request = request.bearer_auth(tokens["access_token"].as_str().unwrap()).header(ORIGIN, PAGE);
    let live = browser.send(request).await;
    assert_eq!(live.json()["data"]["permissions"][0]["key"], "delete:todos");
    assert_eq!(live.header("access-control-allow-origin"), PAGE);
    browser.does(json!({ "action": "reset" })).await;
    assert_eq!(browser.state().await["personas"][0]["permissions"], json!(["read:todos", "read:reports"]));
}

#[tokio::test]
async fn revocation_ends_sessions_refresh_tokens_and_codes() {
    let stage = Stage::new().await;
    let (viewer, editor) = (stage.browser(), stage.browser());
    let tokens = viewer.tokens("viewer").await;
    let others = editor.tokens("editor").await;
    let code = viewer.authorize(&pairs(&asked(&[]))).await.back(PAGE)["code"].clone();
    viewer.does(json!({ "action": "revoke", "persona": "viewer" })).await;
    viewer.refresh(tokens["refresh_token"].as_str().unwrap()).await.refused("invalid_grant", "revoked");
    viewer.post("/oauth2/token", &exchange(&code)).await.refused("invalid_grant", "unknown");
    let back = viewer.authorize(&pairs(&asked(&[("prompt", "none")]))).await.back(PAGE);
    assert_eq!(back["error"], "login_required");
    assert_eq!(editor.refresh(others["refresh_token"].as_str().unwrap()).await.status, 200);
}

#[tokio::test]
async fn times_of_tokens_can_be_wrong_and_short() {
    let stage = Stage::new().await;
    let browser = stage.browser();
    let now = stage.clock.unix_time().as_secs();
    let times = async || {
        let tokens = stage.browser().tokens("viewer").await;
        let claims = claims(tokens["access_token"].as_str().unwrap());
        let at = |name: &str| claims[name].as_i64().unwrap() - i64::try_from(now).unwrap();
        (tokens["expires_in"].as_i64().unwrap(), at("iat"), at("exp"))
    };
    browser.does(json!({ "action": "token_life", "seconds": 60 })).await;
    assert_eq!(times().await, (60, 0, 60));
    assert_eq!(browser.state().await["token_life"], 60);
    browser.does(json!({ "action": "clock_skew", "seconds": -120 })).await;
    assert_eq!(times().await, (60, -120, -60));
    browser.does(json!({ "action": "clock_skew", "seconds": 120 })).await;
    assert_eq!(times().await, (60, 120, 180));
    browser.does(json!({ "action": "clock_skew", "seconds": 0 })).await;
    browser.does(json!({ "action": "expired_tokens", "on": true })).await;
    assert_eq!(times().await, (60, -7200, -3600));
    browser.does(json!({ "action": "reset" })).await;
    assert_eq!(times().await, (86400, 0, 86400));
}

#[tokio::test]
async fn keys_rotate_and_are_replaced() {
    let stage = Stage::new().await;
    let browser = stage.browser();
    let old = stage.issuer.signing_key();
    browser.does(json!({ "action": "rotate" })).await;
    let new = stage.issuer.signing_key();
    assert_ne!(old.kid(), new.kid());
    assert_eq!(browser.state().await["kid"], new.kid());
    browser.does(json!({ "action": "replace_key" })).await;
    assert_eq!(stage.issuer.signing_key().kid(), new.kid());
    assert_ne!(stage.issuer.signing_key().public_jwk(), new.public_jwk());
}

#[tokio::test]
async fn endpoints_fail_and_recover() {
    let stage = Stage::new().await;
    let browser = stage.browser();
    browser.does(json!({ "action": "fault", "endpoint": "all", "fault": "outage" })).await;
    for path in ["/oauth2/auth", "/.well-known/jwks", "/account_api/v1/roles", "/logout"] {
        assert_eq!(browser.get(path).await.status, 503, "{path}");
    }
    assert_eq!(browser.state().await["faults"]["account"], "outage");
    browser.does(json!({ "action": "fault", "endpoint": "keys", "fault": "none" })).await;
    assert_eq!(browser.get("/.well-known/jwks").await.status, 200);
    browser.does(json!({ "action": "reset" })).await;
    assert_eq!(browser.get("/account_api/v1/roles").await.status, 401);
    stage.issuer.set_fault(Endpoint::Keys, Fault::Html);
    assert_eq!(browser.state().await["faults"]["keys"], "other");
}

#[tokio::test]
async fn a_slow_answer_comes_in_the_end_or_when_the_fault_ends() {
    let stage = Stage::new().await;
    let browser = stage.browser();
    browser.does(json!({ "action": "fault", "endpoint": "keys", "fault": "slow" })).await;
    let ((), answer) = tokio::join!(
        async {
            stage.clock.wait_for_sleep().await;
            stage.clock.advance(Duration::from_secs(3));
        },
        browser.get("/.well-known/jwks")
    );
    assert_eq!(answer.status, 200);
    let ((), answer) = tokio::join!(
        async {
            stage.clock.wait_for_sleep().await;
            stage.issuer.reset();
        },
        browser.get("/.well-known/jwks")
    );
    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn an_impossible_action_is_refused_with_a_sentence() {
    let stage = Stage::new().await;
    let browser = stage.browser();
    for (action, part) in [
        (json!({ "action": "token_life", "seconds": 10 }), "longer than 10 seconds"),
        (json!({ "action": "token_life", "seconds": 2_000_000 }), "1296000 seconds"),
        (json!({ "action": "token_life", "seconds": -1 }), "the body is no action"),
        (json!({ "action": "clock_skew", "seconds": i64::MIN }), "a year at most"),
        (
            json!({ "action": "revoke", "persona": "nobody" }),
            "`nobody` cannot sign in here; who can: viewer, editor, admin",
        ),
        (json!({ "action": "permissions", "persona": "nobody", "permissions": [] }), "`nobody` cannot"),
        (
            json!({ "action": "fault", "endpoint": "somewhere", "fault": "none" }),
            "`somewhere` is no endpoint",
        ),
        (json!({ "action": "fault", "endpoint": "keys", "fault": "fire" }), "`fire` is no fault"),
        (json!({ "action": "explode" }), "the body is no action"),
        (json!({ "action": "rotate", "twice": true }), "the body is no action"),
        (json!([]), "the body is no action"),
    ] {
        browser.refuses(action, part).await;
    }
    assert!(stage.issuer.set_token_life(Duration::from_secs(10)).is_err());
    assert!(stage.issuer.set_clock_skew(i64::MAX).is_err());
}

#[tokio::test]
async fn other_sites_cannot_control_the_issuer() {
    let stage = Stage::new().await;
    let browser = stage.browser();
    let rotate = || browser.request(Method::POST, "/dev/control").json(&json!({ "action": "rotate" }));
    let before = stage.issuer.signing_key();
    for origin in ["https://evil.test", PAGE, "null"] {
        let answer = browser.send(rotate().header(ORIGIN, origin)).await;
        assert_eq!(answer.status, 400);
        assert!(answer.json()["error"].as_str().unwrap().contains(origin), "{}", answer.body);
    }
    let answer = browser.send(rotate().header("sec-fetch-site", "cross-site")).await;
    assert_eq!(answer.status, 400);
    for content_type in ["text/plain", "application/x-www-form-urlencoded"] {
        let request = browser.request(Method::POST, "/dev/control").header(CONTENT_TYPE, content_type);
        let answer = browser.send(request.body("{\"action\":\"rotate\"}")).await;
        assert!(answer.status == 400 && answer.body.contains("application/json"), "{}", answer.body);
    }
    assert_eq!(stage.issuer.signing_key().kid(), before.kid());
    for path in ["/dev/state", "/dev", "/oauth2/auth"] {
        let read = browser.send(browser.request(Method::GET, path).header(ORIGIN, PAGE)).await;
        assert_eq!(read.header("access-control-allow-origin"), "", "{path}");
    }
    let own = browser.send(rotate().header(ORIGIN, stage.issuer.url())).await;
    assert_eq!(own.status, 204);
}
