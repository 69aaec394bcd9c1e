//! The OpenAPI document that `aide` builds from guarded handlers. The test also writes the document to a file, which
//! `.ci/run` passes to an independent validator.

use std::fs;
use std::path::Path as File;

use aide::axum::ApiRouter;
use aide::axum::routing::{get, patch};
use aide::openapi::{Info, OpenApi, SecurityScheme};
use aide::transform::TransformOpenApi;
use axum::extract::Path;
use axum::{Json, Router};
use kinde_perms::{Claims, Validator, Verdict, check, public, requires};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

#[derive(Serialize, Deserialize, JsonSchema)]
struct Todo {
    title: String,
}

#[derive(Deserialize, JsonSchema)]
struct Place {
    id: u64,
}

#[public(reason = "load balancers ask without a token")]
async fn health() -> &'static str {
    "ok"
}

#[requires(permissions = ["read:todos"])]
async fn list(_: Claims) -> Json<Vec<Todo>> {
    Json(Vec::new())
}

#[requires(permissions = ["create:todos"])]
async fn create(Json(todo): Json<Todo>) -> Json<Todo> {
    Json(todo)
}

#[check]
async fn is_even(Path(Place { id }): Path<Place>) -> Verdict {
    if id % 2 == 0 { Verdict::Allow } else { Verdict::NotFound }
}

#[requires(permissions = ["update:todos"], check = is_even)]
async fn update(Path(_): Path<Place>, Json(todo): Json<Todo>) -> Json<Todo> {
    Json(todo)
}

/// Returns the routes, after they have described themselves in `document`.
fn api(document: &mut OpenApi) -> Router<Validator> {
    ApiRouter::new()
        .api_route("/health", get(health))
        .api_route("/todos", get(list).post(create))
        .api_route("/todos/{id}", patch(update))
        .finish_api_with(document, |api: TransformOpenApi<'_>| {
            let scheme = SecurityScheme::Http {
                scheme: "bearer".to_owned(),
                bearer_format: Some("JWT".to_owned()),
                description: None,
                extensions: Default::default(),
            };
            api.security_scheme("kinde", scheme)
        })
}

#[test]
fn an_aide_document_names_the_rule_of_each_operation() {
    let info = Info { title: "Todos".to_owned(), version: "1".to_owned(), ..Info::default() };
    let mut document = OpenApi { info, ..OpenApi::default() };
    drop(api(&mut document));
    let document = serde_json::to_value(document).unwrap();
    fs::write(File::new(env!("CARGO_TARGET_TMPDIR")).join("aide-openapi.json"), format!("{document:#}\n"))
        .unwrap();

    assert_eq!(document["components"]["securitySchemes"]["kinde"]["scheme"], "bearer");
    let operation = |path: &str, method: &str| document["paths"][path][method].clone();
    let open = operation("/health", "get");
    assert_eq!((&open["security"], open["responses"].get("401")), (&json!([{}]), None));
    for (path, method, requirement) in [
        ("/todos", "get", r#"permissions = ["read:todos"]"#),
        ("/todos", "post", r#"permissions = ["create:todos"]"#),
        ("/todos/{id}", "patch", r#"permissions = ["update:todos"], check = is_even"#),
    ] {
        let operation = operation(path, method);
        assert_eq!(operation["security"], json!([{ "kinde": [] }]), "{method} {path}");
        assert_eq!(operation["x-kinde-requirement"], requirement);
        for status in ["401", "403", "503"] {
            let content: &Value = &operation["responses"][status]["content"];
            assert!(content["application/problem+json"]["schema"].is_object(), "{operation:#}");
        }
    }
}
