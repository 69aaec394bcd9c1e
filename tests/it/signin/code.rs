//! `/oauth2/token` with a code: the tokens it gives, and the client, address and verifier to which it is bound.

use std::time::Duration;

use kinde_perms::requirement;
use reqwest::Method;
use reqwest::header::CONTENT_TYPE;
use serde_json::json;

use super::*;

const SECOND: Duration = Duration::from_secs(1);

#[tokio::test]
async fn the_whole_flow_gives_tokens_that_the_validator_accepts() {
    let stage = Stage::new().await;
    let tokens = stage.browser().tokens("editor").await;
    assert_eq!((&tokens["token_type"], &tokens["expires_in"]), (&json!("bearer"), &json!(86400)));
    assert_eq!(tokens["scope"], "email offline openid profile");
    assert!(tokens["refresh_token"].is_string());

    let access = tokens["access_token"].as_str().unwrap();
    let verified = stage.issuer.validator().await.unwrap().verify(access).await.unwrap();
    assert_eq!(verified.subject(), Some("kp_00000000000000000000000000000002"));
    assert!(verified.has(&requirement!(permissions = ["create:todos"], roles = ["editor"])));
    assert!(!verified.has(&requirement!(permissions = ["delete:todos"])));
    let access = claims(access);
    assert_eq!((&access["aud"], &access["azp"]), (&json!([AUDIENCE]), &json!("todos-web")));
    assert_eq!(access["scp"], json!(["email", "offline", "openid", "profile"]));
    assert_eq!(
        (&access["org_code"], &access["roles"][0]["key"]),
        (&json!("org_8f3c1d5e7a2"), &json!("editor"))
    );
    assert!(access["roles"][0]["id"].is_string());

    let id = claims(tokens["id_token"].as_str().unwrap());
    assert_eq!(
        (&id["aud"], &id["nonce"], &id["sub"]),
        (&json!(["todos-web"]), &json!("n0nce"), &access["sub"])
    );
    assert_eq!((&id["given_name"], &id["family_name"]), (&json!("Demo"), &json!("Editor")));
    assert_eq!(
        (&id["email"], &id["org_codes"]),
        (&json!("editor@example.test"), &json!(["org_8f3c1d5e7a2"]))
    );
    let hash = digest(&SHA256, tokens["access_token"].as_str().unwrap().as_bytes());
    assert_eq!(id["at_hash"], URL_SAFE_NO_PAD.encode(&hash.as_ref()[..16]));
    for absent in ["permissions", "roles", "scp", "org_code", "feature_flags"] {
        assert!(id.get(absent).is_none(), "{absent}");
    }
    let validator = stage.issuer.validator().await.unwrap();
    assert!(validator.verify(tokens["id_token"].as_str().unwrap()).await.is_err());
}

#[tokio::test]
async fn a_token_carries_exactly_the_grants_of_its_person() {
    use kinde_perms::access::Catalogue;
    use kinde_perms_testkit::Person;
    let stage = Stage::with(|builder| {
        builder
            .catalogue(Catalogue::new().role("auditor", ["read:reports", "read:todos"]))
            .person(
                Person::new("auditor").role("auditor").permission("read:todos").feature_flag("beta", true),
            )
            .person(Person::new("stranger").permission("read:todos").role("auditor").without_org())
    })
    .await;
    let token =
        async |persona| claims(stage.browser().tokens(persona).await["access_token"].as_str().unwrap());
    let auditor = token("auditor").await;
    assert_eq!(auditor["permissions"], json!(["read:todos", "read:reports"]));
    assert_eq!(auditor["feature_flags"], json!({ "beta": { "t": "b", "v": true } }));
    let stranger = token("stranger").await;
    for absent in ["org_code", "permissions", "roles", "feature_flags"] {
        assert!(stranger.get(absent).is_none(), "{absent}");
    }
}

#[tokio::test]
async fn only_what_is_asked_for_is_given() {
    let stage = Stage::new().await;
    let browser = stage.browser();
    let request = asked(&[("scope", "email unknown"), ("audience", "")]);
    let code = browser.choose("viewer", &pairs(&request)).await.back(PAGE)["code"].clone();
    let tokens = browser.post("/oauth2/token", &exchange(&code)).await.json();
    assert_eq!(tokens["scope"], "email");
    assert!(tokens.get("id_token").is_none() && tokens.get("refresh_token").is_none(), "{tokens}");
    assert_eq!(claims(tokens["access_token"].as_str().unwrap())["aud"], json!([]));
    let request = asked(&[("scope", "openid")]);
    let code = browser.authorize(&pairs(&request)).await.back(PAGE)["code"].clone();
    let id =
        claims(browser.post("/oauth2/token", &exchange(&code)).await.json()["id_token"].as_str().unwrap());
    assert!(id.get("email").is_none() && id.get("name").is_none(), "{id}");
}

#[tokio::test]
async fn a_code_is_for_its_client_its_address_and_its_verifier() {
    let stage = Stage::new().await;
    for (name, value, part) in [
        ("client_id", "other-web", "another client"),
        ("redirect_uri", "http://127.0.0.1:4000", "`redirect_uri` is not the one"),
        ("code_verifier", "another-verifier-of-the-right-length-0123456789", "does not belong"),
        ("code_verifier", "short", "does not belong"),
        ("code_verifier", "", "`code_verifier` is missing"),
        ("code", "guessed", "unknown"),
    ] {
        let code = stage.browser().code("viewer").await;
        let mut form = exchange(&code);
        form.iter_mut().filter(|(known, _)| *known == name).for_each(|pair| pair.1 = value);
        stage.browser().post("/oauth2/token", &form).await.refused("invalid_grant", part);
        if name != "code" {
            // The failed attempt used the code up.
            stage.browser().post("/oauth2/token", &exchange(&code)).await.refused("invalid_grant", "unknown");
        }
    }
}

#[tokio::test]
async fn a_code_lives_for_a_minute() {
    let stage = Stage::new().await;
    let code = stage.browser().code("viewer").await;
    stage.clock.advance(59 * SECOND);
    assert_eq!(stage.browser().post("/oauth2/token", &exchange(&code)).await.status, 200);
    let code = stage.browser().code("viewer").await;
    stage.clock.advance(60 * SECOND);
    stage.browser().post("/oauth2/token", &exchange(&code)).await.refused("invalid_grant", "expired");
}

#[tokio::test]
async fn the_second_use_of_a_code_revokes_the_tokens_of_the_first() {
    let stage = Stage::new().await;
    let browser = stage.browser();
    let code = browser.code("viewer").await;
    let first = browser.post("/oauth2/token", &exchange(&code)).await.json();
    stage.clock.advance(3600 * SECOND);
    for _ in 0..2 {
        browser.post("/oauth2/token", &exchange(&code)).await.refused("invalid_grant", "used before");
    }
    browser.refresh(first["refresh_token"].as_str().unwrap()).await.refused("invalid_grant", "revoked");
}

#[tokio::test]
async fn malformed_requests_are_refused_in_the_words_of_the_standard() {
    let stage = Stage::new().await;
    let browser = stage.browser();
    let code = browser.code("viewer").await;
    for (form, error, part) in [
        (vec![("client_id", "todos-web")], "invalid_request", "`grant_type` is missing"),
        (vec![("grant_type", "authorization_code")], "invalid_request", "`client_id` is missing"),
        (
            vec![("client_id", "todos-web"), ("grant_type", "password")],
            "unsupported_grant_type",
            "authorization_code",
        ),
        (vec![("client_id", "nobody"), ("grant_type", "refresh_token")], "invalid_client", "not registered"),
        (
            vec![("client_id", "todos-web"), ("grant_type", "refresh_token")],
            "invalid_request",
            "`refresh_token`",
        ),
        (
            vec![("client_id", "todos-web"), ("client_secret", "x"), ("grant_type", "refresh_token")],
            "invalid_client",
            "no secret",
        ),
        (
            vec![("client_id", "server"), ("grant_type", "refresh_token")],
            "invalid_client",
            "`client_secret` is missing",
        ),
        (
            vec![("client_id", "todos-web"), ("grant_type", "authorization_code"), ("redirect_uri", PAGE)],
            "invalid_request",
            "`code` is missing",
        ),
        (
            vec![("client_id", "todos-web"), ("grant_type", "authorization_code"), ("code", &code)],
            "invalid_request",
            "`redirect_uri` is missing",
        ),
        (vec![("client_id", "todos-web"), ("client_id", "todos-web")], "invalid_request", "more than once"),
    ] {
        browser.post("/oauth2/token", &form).await.refused(error, part);
    }
    let json =
        browser.request(Method::POST, "/oauth2/token").header(CONTENT_TYPE, "application/json").body("{}");
    browser.send(json).await.refused("invalid_request", "x-www-form-urlencoded");
    let long = browser.request(Method::POST, "/oauth2/token").body("x".repeat(100_000));
    assert_eq!(browser.send(long).await.status, 413);
    assert_eq!(browser.get("/oauth2/token").await.status, 405);
    // None of that used the code up.
    assert_eq!(browser.post("/oauth2/token", &exchange(&code)).await.status, 200);
}
