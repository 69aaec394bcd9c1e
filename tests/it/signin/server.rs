//! `/oauth2/token` for clients with a secret: authentication by `Basic`, optional PKCE, and machine tokens.

use base64::engine::general_purpose::STANDARD;
use kinde_perms::requirement;
use reqwest::Method;
use reqwest::header::AUTHORIZATION;
use serde_json::json;

use super::*;

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
    let basic = format!("Basic {}", STANDARD.encode("server:s3cret%3A%2B%C3%A4%26%3D"));
    let exchange = async |form: &[(String, String)], authorization: &str| {
        let request = browser.request(Method::POST, "/oauth2/token").header(AUTHORIZATION, authorization);
        browser.send(request.form(form)).await
    };
    let back = browser.choose("admin", &pairs(&server(&bare))).await.back(CALLBACK);
    assert_eq!(back["from"], "kinde");
    let tokens = exchange(&form(&back["code"], ""), &basic).await;
    assert_eq!(tokens.status, 200, "{}", tokens.body);
    // A verifier is required if the request had a challenge, and refused if it had none.
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
    for (name, value) in [("client_secret", "x"), ("client_id", "todos-web")] {
        let twice = [form("x", "").as_slice(), &[(name.to_owned(), value.to_owned())]].concat();
        exchange(&twice, &basic).await.refused("invalid_request", "twice");
    }
    let two = browser.request(Method::POST, "/oauth2/token").header(AUTHORIZATION, &basic);
    let two = two.header(AUTHORIZATION, "Basic c2VydmVyOndyb25n").form(&form("x", ""));
    browser.send(two).await.refused("invalid_client", "`Basic`");
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
