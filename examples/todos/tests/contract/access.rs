//! The access matrix, pinned in `access.json` so that a review shows every change, and printed by the binary.

use std::fs;
use std::path::Path;

use http::Method;
use kinde_perms::access::AccessMatrix;
use kinde_perms_testkit::assert_access_snapshot;

use crate::process::{run, todos};
use crate::support::Api;

#[test]
fn access_is_what_was_reviewed() {
    assert_access_snapshot!("tests/access.json", todos::access());
}

#[tokio::test]
async fn the_binary_prints_it_without_serving() {
    // No setting is read: these would stop the server.
    let env = [("KINDE_ISSUER_URL", "not a url"), ("TODOS_ADDR", "nowhere")];
    let text = run(todos(&env).arg("access")).await;
    assert_eq!((text.code, text.stderr.as_str()), (Some(0), ""));
    assert_eq!(text.stdout, todos::access().to_string());

    let json = run(todos(&env).args(["access", "--format", "json"])).await;
    assert_eq!(AccessMatrix::from_json(&json.stdout).unwrap(), todos::access());

    let markdown = run(todos(&env).args(["access", "--format", "markdown"])).await;
    assert!(markdown.stdout.starts_with("| Method | Path | Access | Handler |"), "{markdown:?}");

    let unknown = run(todos(&env).args(["access", "--format", "xml"])).await;
    assert_eq!(unknown.code, Some(2));
    assert!(unknown.stderr.contains("text, markdown, json, html"), "{unknown:?}");
}

/// It is left in a file, which `.ci/run` has validated by a program that is not ours.
#[tokio::test]
async fn the_document_of_the_api_is_served_to_everyone() {
    let reply = Api::start().await.send(Method::GET, "/openapi.json", None, None).await;
    let document = reply.json(200);
    assert_eq!(document["components"]["securitySchemes"]["kinde"]["scheme"], "bearer");
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("todos-openapi.json");
    fs::write(file, format!("{document:#}\n")).unwrap();
}
