//! The life of tokens and sessions after sign-in: logout, revocation, introspection, the profile and the Management API.

use std::time::Duration;

use kinde_perms::access::Catalogue;
use kinde_perms_testkit::Persona;
use reqwest::Method;
use reqwest::header::{AUTHORIZATION, ORIGIN};
use serde_json::json;

use super::*;

const BASIC: &str = "Basic c2VydmVyOnMzY3JldCUzQSUyQiVDMyVBNCUyNiUzRA==";

impl Browser {
    async fn introspect(&self, token: &str) -> Value {
        let request = self.request(Method::POST, "/oauth2/introspect").header(AUTHORIZATION, BASIC);
        self.send(request.form(&[("token", token)])).await.json()
    }

    async fn bearer(&self, path: &str, token: &str) -> Answer {
        self.send(self.request(Method::GET, path).bearer_auth(token)).await
    }

    async fn machine_token(&self, audience: &str, scope: &str) -> String {
        let form = [("grant_type", "client_credentials"), ("audience", audience), ("scope", scope)];
        let request = self.request(Method::POST, "/oauth2/token").header(AUTHORIZATION, BASIC).form(&form);
        let answer = self.send(request).await;
        answer.json()["access_token"].as_str().unwrap_or_else(|| panic!("{}", answer.body)).to_owned()
    }
}

fn access(tokens: &Value) -> &str {
    tokens["access_token"].as_str().unwrap()
}

fn refresh(tokens: &Value) -> &str {
    tokens["refresh_token"].as_str().unwrap()
}

#[tokio::test]
async fn logout_ends_the_session_and_returns_to_a_registered_address() {
    let stage = Stage::new().await;
    let (browser, other) = (stage.browser(), stage.browser());
    let code = browser.code("viewer").await;
    let tokens = browser.fetch("/oauth2/token", &exchange(&code)).await.json();
    let elsewhere = other.tokens("viewer").await;
    let out = browser.get("/logout?redirect=http://127.0.0.1:3000").await;
    assert_eq!((out.status.as_u16(), out.header("location")), (303, PAGE));
    assert!(browser.cookies.lock().unwrap().is_empty());
    browser.refresh(refresh(&tokens)).await.refused("invalid_grant", "revoked");
    let back = browser.authorize(&pairs(&asked(&[("prompt", "none")]))).await.back(PAGE);
    assert_eq!(back["error"], "login_required");
    // The other browser stays signed in, until `all_sessions` ends every session.
    let next = other.refresh(refresh(&elsewhere)).await.json();
    browser.choose("viewer", &pairs(&asked(&[]))).await.back(PAGE);
    browser.get("/logout?redirect=http://127.0.0.1:3000&all_sessions=true").await;
    other.refresh(refresh(&next)).await.refused("invalid_grant", "revoked");
}

#[tokio::test]
async fn a_code_does_not_outlive_the_logout_of_its_browser() {
    let stage = Stage::new().await;
    let browser = stage.browser();
    let code = browser.code("viewer").await;
    browser.get("/logout").await;
    browser.post("/oauth2/token", &exchange(&code)).await.refused("invalid_grant", "unknown");
}

#[tokio::test]
async fn logout_ends_all_sign_ins_of_the_browser() {
    let stage = Stage::new().await;
    for (second, survives) in [("viewer", true), ("admin", false)] {
        let browser = stage.browser();
        let tokens = browser.tokens("viewer").await;
        let secret = browser.cookies.lock().unwrap().clone();
        let chosen = browser.choose(second, &pairs(&asked(&[("prompt", "login")]))).await;
        for attribute in ["HttpOnly", "SameSite=Lax"] {
            assert!(chosen.header("set-cookie").split("; ").any(|part| part == attribute), "{attribute}");
        }
        assert_ne!(*browser.cookies.lock().unwrap(), secret, "a new session has a new name");
        let next = browser.refresh(refresh(&tokens)).await;
        assert_eq!(next.status == 200, survives, "{second}: {}", next.body);
        browser.get("/logout").await;
        let last = next.json()["refresh_token"].as_str().unwrap_or(refresh(&tokens)).to_owned();
        browser.refresh(&last).await.refused("invalid_grant", "revoked");
    }
}

#[tokio::test]
async fn logout_never_goes_to_an_unregistered_address() {
    let stage = Stage::new().await;
    let browser = stage.browser();
    for uri in
        ["https://evil.test", "http://127.0.0.1:3000/", "http://127.0.0.1:4000", "//evil.test", CALLBACK]
    {
        browser.choose("viewer", &pairs(&asked(&[]))).await.back(PAGE);
        let path = Url::parse_with_params("http://issuer.test/logout", [("redirect", uri)]).unwrap();
        browser.get(&format!("/logout?{}", path.query().unwrap())).await.stays("not registered");
        assert!(browser.cookies.lock().unwrap().is_empty(), "signed out all the same");
    }
    let page = browser.get("/logout").await;
    assert!(page.status == 200 && page.body.contains("You are signed out"), "{}", page.body);
}

#[tokio::test]
async fn a_client_revokes_its_own_tokens_alone() {
    let stage = Stage::new().await;
    let browser = stage.browser();
    let tokens = browser.tokens("viewer").await;
    let revoke = async |client: &str, token: &str| {
        browser.fetch("/oauth2/revoke", &[("client_id", client), ("token", token)]).await
    };
    for token in ["unknown", refresh(&tokens), access(&tokens)] {
        assert_eq!(revoke("other-web", token).await.status, 200, "{token}");
    }
    assert_eq!(browser.introspect(access(&tokens)).await["active"], true);
    let next = browser.refresh(refresh(&tokens)).await.json();
    let revoked = revoke("todos-web", access(&next)).await;
    assert_eq!((revoked.status.as_u16(), revoked.header("access-control-allow-origin")), (200, PAGE));
    assert_eq!(browser.introspect(access(&next)).await, json!({ "active": false }));
    assert_eq!(browser.introspect(access(&tokens)).await["active"], true);
    assert_eq!(revoke("todos-web", refresh(&next)).await.status, 200);
    assert_eq!(browser.introspect(access(&tokens)).await, json!({ "active": false }));
    browser.refresh(refresh(&next)).await.refused("invalid_grant", "revoked");
    revoke("nobody", "x").await.refused("invalid_client", "not registered");
    revoke("todos-web", "").await.refused("invalid_request", "`token` is missing");
}

#[tokio::test]
async fn introspection_describes_active_tokens_only() {
    let stage = Stage::new().await;
    let browser = stage.browser();
    let tokens = browser.tokens("viewer").await;
    let told = browser.introspect(access(&tokens)).await;
    let token = claims(access(&tokens));
    assert_eq!((&told["active"], &told["client_id"]), (&json!(true), &json!("todos-web")));
    for name in ["aud", "exp", "iat", "iss", "sub"] {
        assert_eq!(told[name], token[name], "{name}");
    }
    let unknown = stage.issuer.token().sign();
    for not in [&*unknown, "x", refresh(&tokens), tokens["id_token"].as_str().unwrap()] {
        assert_eq!(browser.introspect(not).await, json!({ "active": false }));
    }
    stage.clock.advance(Duration::from_secs(86400));
    assert_eq!(browser.introspect(access(&tokens)).await, json!({ "active": false }));
}

#[tokio::test]
async fn introspection_needs_a_secret_or_a_good_token() {
    let stage = Stage::new().await;
    let browser = stage.browser();
    let tokens = browser.tokens("viewer").await;
    let form = [("token", access(&tokens)), ("client_id", "todos-web")];
    browser.post("/oauth2/introspect", &form).await.refused("invalid_client", "without a secret");
    let request =
        |bearer| browser.request(Method::POST, "/oauth2/introspect").bearer_auth(bearer).form(&form);
    browser.send(request("x")).await.refused("invalid_client", "not good");
    assert_eq!(browser.send(request(access(&tokens))).await.json()["active"], true);
}

#[tokio::test]
async fn the_profile_is_for_good_tokens_of_people() {
    let stage = Stage::new().await;
    let browser = stage.browser();
    let path = "/oauth2/v2/user_profile";
    let tokens = browser.tokens("admin").await;
    let request = browser.request(Method::GET, path).bearer_auth(access(&tokens)).header(ORIGIN, PAGE);
    let profile = browser.send(request).await;
    assert_eq!(profile.header("access-control-allow-origin"), PAGE);
    let profile = profile.json();
    assert_eq!(profile["sub"], Persona::Admin.subject());
    assert_eq!((&profile["given_name"], &profile["email"]), (&json!("Demo"), &json!("admin@example.test")));

    let none = browser.get(path).await;
    assert_eq!((none.status.as_u16(), none.header("www-authenticate")), (401, "Bearer"));
    let machine = browser.machine_token(AUDIENCE, "read:roles").await;
    let forged = stage.issuer.token().persona(Persona::Admin).sign();
    for bad in ["x", tokens["id_token"].as_str().unwrap(), &machine, &forged] {
        let refused = browser.bearer(path, bad).await;
        assert_eq!(refused.status, 401);
        assert!(refused.header("www-authenticate").contains("invalid_token"));
    }
    let narrow = asked(&[("scope", "email")]);
    let code = browser.authorize(&pairs(&narrow)).await.back(PAGE)["code"].clone();
    let tokens = browser.post("/oauth2/token", &exchange(&code)).await.json();
    assert_eq!(browser.bearer(path, access(&tokens)).await.status, 403);
}

#[tokio::test]
async fn the_management_api_lists_permissions_and_roles() {
    let roles = Catalogue::new().role("auditor", ["read:reports", "read:audit"]).permission("never:used");
    let stage = Stage::with(|builder| builder.catalogue(roles).person(Persona::Viewer)).await;
    let browser = stage.browser();
    let audience = format!("{}/api", stage.issuer.url());
    let token = browser.machine_token(&audience, "read:permissions read:roles").await;
    let keys = |answer: &Value, list: &str| -> Vec<String> {
        answer[list]
            .as_array()
            .unwrap()
            .iter()
            .map(|entry| entry["key"].as_str().unwrap().to_owned())
            .collect()
    };
    let first = browser.bearer("/api/v1/permissions?page_size=3", &token).await.json();
    assert_eq!(first["code"], "OK");
    assert_eq!(keys(&first, "permissions"), ["never:used", "read:audit", "read:reports"]);
    let next = first["next_token"].as_str().unwrap();
    let last =
        browser.bearer(&format!("/api/v1/permissions?page_size=3&next_token={next}"), &token).await.json();
    assert_eq!(
        (keys(&last, "permissions"), &last["next_token"]),
        (vec!["read:todos".to_owned()], &Value::Null)
    );
    let roles = browser.bearer("/api/v1/roles", &token).await.json();
    assert_eq!(keys(&roles, "roles"), ["auditor", "viewer"]);
    for malformed in ["page_size=0", "page_size=x", "next_token=-1"] {
        assert_eq!(browser.bearer(&format!("/api/v1/roles?{malformed}"), &token).await.status, 400);
    }
    let auditor = roles["roles"][0]["id"].as_str().unwrap();
    let path = format!("/api/v1/roles/{auditor}/permissions");
    assert_eq!(browser.bearer(&path, &token).await.status, 403);
    let token = browser.machine_token(&audience, "read:role_permissions").await;
    assert_eq!(
        keys(&browser.bearer(&path, &token).await.json(), "permissions"),
        ["read:audit", "read:reports"]
    );
    assert_eq!(browser.bearer("/api/v1/roles/nobody/permissions", &token).await.status, 404);
}

#[tokio::test]
async fn the_management_api_is_for_machines_with_its_audience_and_scope() {
    let stage = Stage::new().await;
    let browser = stage.browser();
    let path = "/api/v1/permissions";
    let tokens = browser.tokens("admin").await;
    let other = browser.machine_token(AUDIENCE, "read:permissions").await;
    for bad in ["x", access(&tokens), &other] {
        let refused = browser.bearer(path, bad).await;
        assert!(refused.status == 401 && refused.json()["errors"][0]["code"] == "INVALID_CREDENTIALS");
    }
    assert_eq!(browser.get(path).await.status, 401);
    let narrow = browser.machine_token(&format!("{}/api", stage.issuer.url()), "read:roles").await;
    let refused = browser.bearer(path, &narrow).await;
    assert!(refused.status == 403 && refused.body.contains("read:permissions"), "{}", refused.body);
}

#[tokio::test]
async fn the_portal_is_the_page_of_the_issuer() {
    let stage = Stage::new().await;
    let browser = stage.browser();
    let tokens = browser.tokens("viewer").await;
    let link = browser.bearer("/account_api/v1/portal_link?subnav=profile", access(&tokens)).await.json();
    assert_eq!(link["url"], format!("{}/dev", stage.issuer.url()));
}
