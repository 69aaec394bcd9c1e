//! The front end as the server gives it: pages by name, files below `/assets`, settings, and nothing else.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use axum::body::Body;
use http::header::{AUTHORIZATION, HOST};
use http::{Method, Request};
use serde_json::{Value, json};

use crate::process::{Server, client};
use crate::support::{Answer, Api};

const PAGES: [&str; 3] = ["/", "/admin", "/unauthorized"];

/// A built front end, and beside it something that is not to be served.
fn front_end(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let root = folder.join("dist");
    fs::create_dir_all(root.join("assets")).unwrap();
    fs::write(root.join("index.html"), "<!doctype html><title>Todos</title>").unwrap();
    fs::write(root.join("assets/index-1.js"), "export {};").unwrap();
    fs::write(folder.join("secret.txt"), "secret").unwrap();
    root
}

async fn get(api: &Api, path: &str) -> Answer {
    api.send(Method::GET, path, None, None).await
}

#[tokio::test]
async fn every_page_is_the_index_and_may_talk_to_the_issuer_alone() {
    let api = Api::with_front_end(&front_end("pages"), |web| web).await;
    for path in PAGES {
        let page = get(&api, path).await;
        assert_eq!((page.status.as_u16(), page.header("content-type")), (200, Some("text/html")), "{path}");
        assert!(page.body.starts_with(b"<!doctype html>"));
        assert_eq!(page.header("cache-control"), Some("no-cache"));
        assert_eq!(page.header("x-content-type-options"), Some("nosniff"));
        let policy = page.header("content-security-policy").unwrap();
        for directive in ["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'"] {
            assert!(policy.split("; ").any(|part| part == directive), "{directive}: {policy}");
        }
        let connect = format!("connect-src 'self' {}", api.issuer.url());
        assert!(policy.split("; ").any(|part| part == connect), "{policy}");
        assert_eq!(api.send(Method::HEAD, path, None, None).await.status, 200);
        api.send(Method::POST, path, None, None).await.assert_problem(405, "method_not_allowed");
    }
}

#[tokio::test]
async fn files_are_those_below_assets() {
    let api = Api::with_front_end(&front_end("files"), |web| web).await;
    let script = get(&api, "/assets/index-1.js").await;
    assert_eq!(script.status, 200);
    assert_eq!(script.header("content-type"), Some("text/javascript"));
    assert_eq!(script.header("cache-control"), Some("public, max-age=31536000, immutable"));
    assert_eq!(script.header("x-content-type-options"), Some("nosniff"));
    let long = format!("/assets/{}", "a".repeat(300));
    for path in [
        long.as_str(),
        "/assets/none.js",
        "/assets/",
        "/assets/../index.html",
        "/assets/../../secret.txt",
        "/assets/..%2f..%2fsecret.txt",
        "/assets/%2e%2e/%2e%2e/secret.txt",
        "/assets//etc/passwd",
        "/assets/index-1.js/more",
        "/assets/index-1.js%00",
        "/assets/%FF",
        "/index.html",
        "/secret.txt",
        "/admin/",
    ] {
        get(&api, path).await.assert_problem(404, "unknown_path");
    }
}

#[tokio::test]
async fn the_front_end_learns_where_to_sign_in() {
    let api = Api::start().await;
    let config = get(&api, "/config.json").await.json(200);
    assert_eq!(
        config,
        json!({ "domain": api.issuer.url(), "clientId": "todos-web", "audience": api.issuer.audience() })
    );
}

#[tokio::test]
async fn without_a_front_end_the_root_says_how_to_build_one() {
    let api = Api::start().await;
    let page = get(&api, "/").await;
    assert_eq!(page.status, 200);
    assert!(String::from_utf8_lossy(&page.body).contains("npm run build"), "{page:?}");
    for path in ["/admin", "/unauthorized", "/assets/index-1.js"] {
        get(&api, path).await.assert_problem(404, "unknown_path");
    }
}

#[tokio::test]
async fn localhost_is_sent_to_the_address_whose_cookies_the_issuer_sets() {
    let addr: SocketAddr = "127.0.0.1:3000".parse().unwrap();
    let api = Api::with_front_end(&front_end("alias"), |web| web.beside_its_issuer(addr)).await;
    let ask = async |host: &str, path: &str| {
        let request = Request::get(path).header(HOST, host).header(AUTHORIZATION, "rubbish");
        api.call(request.body(Body::empty()).unwrap()).await
    };
    let sent = ask("localhost:3000", "/admin?a=b").await;
    assert_eq!(
        (sent.status.as_u16(), sent.header("location")),
        (307, Some("http://127.0.0.1:3000/admin?a=b"))
    );
    assert_eq!(ask("127.0.0.1:3000", "/admin").await.status, 200);
    assert_eq!(ask("localhost:3000", "/health").await.status, 200);
}

#[tokio::test]
async fn the_local_issuer_sends_people_back_to_where_the_page_is_said_to_be() {
    for (root, said) in [(front_end("said"), "Open "), (PathBuf::from("no such folder"), "says how to build")]
    {
        let server = Server::start(&[("TODOS_WEB", root.to_str().unwrap())]).await;
        let line = server
            .output
            .lines()
            .find(|line| line.contains(said))
            .unwrap_or_else(|| panic!("{}", server.output));
        assert!(line.contains(&server.url), "{line}");
    }
    let server = Server::start(&[("TODOS_ADDR", "127.0.0.1:0")]).await;
    let config = client().get(format!("{}/config.json", server.url)).send().await.unwrap();
    let issuer = config.json::<Value>().await.unwrap()["domain"].as_str().unwrap().to_owned();
    let port = server.url.rsplit(':').next().unwrap();
    let ask = async |redirect_uri: &str| {
        let url = format!(
            "{issuer}/oauth2/auth?client_id=todos-web&response_type=code&scope=openid&redirect_uri={redirect_uri}\
             &code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256"
        );
        client().get(url).send().await.unwrap().status().as_u16()
    };
    for here in
        [&server.url, &format!("http://localhost:{port}"), "http://127.0.0.1:5173", "http://localhost:5173"]
    {
        assert_eq!(ask(here).await, 200, "{here}");
    }
    for elsewhere in [&format!("{}/admin", server.url), "http://127.0.0.1:1", "https://evil.example"] {
        assert_eq!(ask(elsewhere).await, 400, "{elsewhere}");
    }
}

#[tokio::test]
async fn a_real_issuer_needs_a_client_id_to_be_told_of() {
    let api = Api::start().await;
    let env = [("KINDE_ISSUER_URL", api.issuer.url()), ("KINDE_API_AUDIENCE", "one two")];
    let server = Server::start(&env).await;
    let config = client().get(format!("{}/config.json", server.url)).send().await.unwrap();
    assert_eq!(config.status(), 404);

    let env = [env[0], env[1], ("TODOS_CLIENT_ID", "abc")];
    let server = Server::start(&env).await;
    let config = client().get(format!("{}/config.json", server.url)).send().await.unwrap();
    let expected = json!({ "domain": api.issuer.url(), "clientId": "abc", "audience": "one two" });
    assert_eq!(config.json::<Value>().await.unwrap(), expected);
}
