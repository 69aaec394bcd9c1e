//! Start-up of the server: settings that it refuses, with its messages, and settings that it accepts.

use std::net::TcpListener;
use std::path::{Path, PathBuf};

use kinde_perms_testkit::{Endpoint, Fault, Issuer, Persona};
use serde_json::{Value, json};

use crate::process::{Server, client, refusal, run, todos};

const AUDIENCE: (&str, &str) = ("KINDE_API_AUDIENCE", "https://api.example.test");

/// A path in the build directory at which there is no file yet.
fn new_file(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_file(&path);
    path
}

#[tokio::test]
async fn half_of_the_settings_is_not_enough() {
    for issuer in ["KINDE_ISSUER_URL", "KINDE_DOMAIN", "KINDE_HOST"] {
        let sentence = refusal(&[(issuer, "https://example.kinde.com")]).await;
        assert!(sentence.contains("KINDE_API_AUDIENCE"), "{sentence}");
        let sentence = refusal(&[(issuer, "https://example.kinde.com"), ("KINDE_API_AUDIENCE", "")]).await;
        assert!(sentence.contains("KINDE_API_AUDIENCE"), "{sentence}");
    }
    for audience in ["KINDE_API_AUDIENCE", "KINDE_AUDIENCE"] {
        let sentence = refusal(&[(audience, "https://api.example.test")]).await;
        assert!(sentence.contains("KINDE_ISSUER_URL"), "{sentence}");
    }
}

#[tokio::test]
async fn an_issuer_that_cannot_be_one_is_refused_by_name() {
    for issuer in [
        "not a url",
        "https://",
        "ftp://example.kinde.com",
        "https://user:secret@example.kinde.com",
        "https://example.kinde.com?tenant=1",
        "https://example.kinde.com#top",
        "http://example.kinde.com",
        "http://192.0.2.1",
        "http://localhost.example.com",
    ] {
        let sentence = refusal(&[("KINDE_ISSUER_URL", issuer), AUDIENCE]).await;
        assert!(sentence.contains("KINDE_ISSUER_URL"), "{issuer}: {sentence}");
        assert!(!sentence.contains("secret"), "{sentence}");
    }
}

#[tokio::test]
async fn keys_that_cannot_be_fetched_are_reported_with_the_issuer() {
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let sentence = refusal(&[("KINDE_ISSUER_URL", &format!("http://{nobody}")), AUDIENCE]).await;
    assert!(sentence.contains("KINDE_ISSUER_URL"), "{sentence}");

    let issuer = Issuer::start().await.unwrap();
    issuer.set_fault(Endpoint::Keys, Fault::Status(500));
    let sentence = refusal(&[("KINDE_ISSUER_URL", issuer.url()), AUDIENCE]).await;
    assert!(sentence.contains("KINDE_ISSUER_URL"), "{sentence}");
}

#[tokio::test]
async fn test_tokens_are_not_offered_to_other_machines() {
    for addr in ["0.0.0.0:0", "[::]:0", "192.0.2.1:0"] {
        let sentence = refusal(&[("TODOS_ADDR", addr)]).await;
        assert!(
            sentence.contains("KINDE_ISSUER_URL") && sentence.contains("KINDE_API_AUDIENCE"),
            "{sentence}"
        );
    }
}

#[tokio::test]
async fn every_setting_of_its_own_is_refused_by_name() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = taken.local_addr().unwrap().to_string();
    for (name, value) in [
        ("TODOS_ADDR", "nowhere"),
        ("TODOS_ADDR", "3000"),
        ("TODOS_DB", env!("CARGO_TARGET_TMPDIR")),
        ("TODOS_DB", concat!(env!("CARGO_TARGET_TMPDIR"), "/no/such/folder/todos.sqlite")),
        ("TODOS_DB", concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")),
        ("TODOS_ISSUER_ADDR", "nowhere"),
        ("TODOS_ISSUER_ADDR", "0.0.0.0:0"),
        ("TODOS_ISSUER_ADDR", "192.0.2.1:0"),
        ("TODOS_ALLOWED_ORIGINS", "*"),
        ("TODOS_ALLOWED_ORIGINS", "https://app.example.com/"),
    ] {
        let sentence = refusal(&[(name, value)]).await;
        assert!(sentence.contains(name), "{value}: {sentence}");
    }
    let sentence = refusal(&[("TODOS_ADDR", &taken)]).await;
    assert!(sentence.contains("TODOS_ADDR") && sentence.contains(&taken), "{sentence}");
    let sentence = refusal(&[("TODOS_ADDR", "127.0.0.1:0"), ("TODOS_ISSUER_ADDR", &taken)]).await;
    assert!(sentence.contains("TODOS_ISSUER_ADDR"), "{sentence}");
}

#[tokio::test]
async fn arguments_are_answered_with_the_usage() {
    let help = run(todos(&[]).arg("--help")).await;
    assert_eq!(help.code, Some(0));
    assert!(help.stdout.contains("KINDE_ISSUER_URL") && help.stdout.contains("TODOS_DB"), "{help:?}");
    let unknown = run(todos(&[]).arg("--port")).await;
    assert_eq!(unknown.code, Some(2));
    assert!(unknown.stderr.starts_with("Usage:"), "{unknown:?}");
}

/// From end to end: real issuer, real binary, real file, and the todos are there after a restart.
#[tokio::test]
async fn with_both_settings_it_serves_and_keeps_its_todos() {
    let issuer = Issuer::builder().audience("https://todos.example.test").start().await.unwrap();
    let file = new_file("restart.sqlite");
    let env = [
        ("KINDE_ISSUER_URL", issuer.url()),
        ("KINDE_API_AUDIENCE", "https://other.example.test https://todos.example.test"),
        ("TODOS_DB", file.to_str().unwrap()),
    ];
    let editor = issuer.token().persona(Persona::Editor);

    let server = Server::start(&env).await;
    assert_eq!(server.output, "", "no tokens are printed for a real issuer");
    let todos = format!("{}/todos", server.url);
    let body = json!({ "title": "Buy milk" });
    let created = client().post(&todos).bearer_auth(editor.sign()).json(&body).send().await.unwrap();
    assert_eq!(created.status(), 201);
    let todo: Value = created.json().await.unwrap();
    let elsewhere = editor.clone().audience("https://elsewhere.example.test").sign();
    let refused = client().post(&todos).bearer_auth(elsewhere).json(&body).send().await.unwrap();
    assert_eq!(refused.status(), 401);
    drop(server);

    let server = Server::start(&env).await;
    let list = client().get(format!("{}/todos", server.url)).bearer_auth(editor.sign()).send().await.unwrap();
    assert_eq!(list.json::<Value>().await.unwrap(), json!([todo]));
}

#[cfg(unix)]
#[tokio::test]
async fn ctrl_c_ends_it_in_order() {
    let server = Server::start(&[]).await;
    // A connection kept open by a client must not hold the server.
    let client = client();
    assert_eq!(client.get(format!("{}/health", server.url)).send().await.unwrap().status(), 200);
    assert_eq!(server.interrupt().await, Some(0));
}
