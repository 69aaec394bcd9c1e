//! `/oauth2/token`: what a code, a refresh token and a secret give.

use std::time::Duration;

use kinde_perms::requirement;
use kinde_perms::testkit::{Endpoint, Fault};
use reqwest::Method;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, ORIGIN};
use serde_json::json;

use super::*;

const SECOND: Duration = Duration::from_secs(1);

#[tokio::test]
async fn the_whole_flow_gives_tokens_that_the_validator_takes() {
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
async fn a_token_says_what_its_person_has_and_nothing_else() {
    use kinde_perms::access::Catalogue;
    use kinde_perms::testkit::Person;
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
            // It was good for one attempt.
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
async fn the_second_use_of_a_code_ends_what_the_first_one_gave() {
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
async fn a_token_older_than_the_one_before_is_reuse_at_once() {
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
    // The attempts did it no harm.
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
        kept.starts_with("refresh_token=")
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
async fn a_server_shows_its_secret_and_may_use_pkce() {
    let stage = Stage::new().await;
    let browser = stage.browser();
    let server = |differences: &[(&str, &str)]| {
        let usual = [("client_id", "server"), ("redirect_uri", CALLBACK)];
        asked(&[&usual[..], differences].concat())
    };
    let bare = [("code_challenge", ""), ("code_challenge_method", "")];
    let form = |code: &str, verifier: &str| {
        let pairs = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", CALLBACK),
            ("code_verifier", verifier),
        ];
        pairs.map(|(name, value)| (name.to_owned(), value.to_owned()))
    };
    let basic = format!(
        "Basic {}",
        base64::engine::general_purpose::STANDARD.encode("server:s3cret%3A%2B%C3%A4%26%3D")
    );
    let exchange = async |form: &[(String, String)], authorization: &str| {
        let request = browser.request(Method::POST, "/oauth2/token").header(AUTHORIZATION, authorization);
        browser.send(request.form(form)).await
    };
    let back = browser.choose("admin", &pairs(&server(&bare))).await.back(CALLBACK);
    assert_eq!(back["from"], "kinde");
    let tokens = exchange(&form(&back["code"], ""), &basic).await;
    assert_eq!(tokens.status, 200, "{}", tokens.body);
    // Whoever announces a secret must show it, and whoever shows one must have announced it.
    let code = browser.authorize(&pairs(&server(&[]))).await.back(CALLBACK)["code"].clone();
    exchange(&form(&code, ""), &basic).await.refused("invalid_grant", "missing");
    let code = browser.authorize(&pairs(&server(&bare))).await.back(CALLBACK)["code"].clone();
    exchange(&form(&code, VERIFIER), &basic).await.refused("invalid_grant", "without `code_challenge`");

    let wrong = exchange(&form("x", ""), "Basic c2VydmVyOndyb25n").await;
    wrong.refused("invalid_client", "wrong");
    assert!(wrong.header("www-authenticate").starts_with("Basic "));
    for malformed in ["Bearer x", "Basic ???", "Basic c2VydmVy"] {
        exchange(&form("x", ""), malformed).await.refused("invalid_client", "`Basic`");
    }
    let twice = [form("x", "").as_slice(), &[("client_secret".to_owned(), "x".to_owned())]].concat();
    exchange(&twice, &basic).await.refused("invalid_request", "twice");
}

#[tokio::test]
async fn a_machine_has_tokens_of_its_own() {
    let stage = Stage::new().await;
    let browser = stage.browser();
    let ask = async |more: &[(&str, &str)]| {
        let usual =
            [("grant_type", "client_credentials"), ("client_id", "server"), ("client_secret", "s3cret:+ä&=")];
        browser.post("/oauth2/token", &[&usual[..], more].concat()).await
    };
    let tokens = ask(&[("audience", AUDIENCE)]).await.json();
    assert_eq!(
        (&tokens["expires_in"], &tokens["scope"]),
        (&json!(3600), &json!("read:permissions read:role_permissions read:roles"))
    );
    assert!(tokens.get("refresh_token").is_none() && tokens.get("id_token").is_none());
    let access = tokens["access_token"].as_str().unwrap();
    let verified = stage.issuer.validator().await.unwrap().verify(access).await.unwrap();
    assert!(verified.subject().is_none() && verified.has(&requirement!(scopes = ["read:roles"])));
    assert_eq!(claims(access)["gty"], json!(["client_credentials"]));
    assert_eq!(ask(&[("scope", "read:roles")]).await.json()["scope"], "read:roles");
    ask(&[("scope", "openid")]).await.refused("invalid_scope", "registered");
    ask(&[("audience", "https://another.test")]).await.refused("invalid_request", "audience");
    let public = [("grant_type", "client_credentials"), ("client_id", "todos-web")];
    browser.post("/oauth2/token", &public).await.refused("unauthorized_client", "without a secret");
}

#[tokio::test]
async fn an_outage_uses_nothing_up() {
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
