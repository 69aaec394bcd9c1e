//! Every route with every role of the guide, and with the halves of a rule that wants two things.

use http::Method;
use kinde_perms_testkit::Persona;

use crate::support::{Api, Who};

/// One route, with its answers without a token, to a viewer, an editor and an admin.
struct Row(Method, &'static str, Option<&'static str>, [u16; 4]);

const TITLE: Option<&str> = Some(r#"{"title":"Bake bread"}"#);

const ROWS: [Row; 8] = [
    Row(Method::GET, "/health", None, [200, 200, 200, 200]),
    Row(Method::GET, "/todos", None, [401, 200, 200, 200]),
    Row(Method::POST, "/todos", TITLE, [401, 403, 201, 201]),
    Row(Method::PATCH, "/todos/1", TITLE, [401, 403, 200, 200]),
    Row(Method::DELETE, "/todos/1", None, [401, 403, 403, 204]),
    Row(Method::GET, "/admin/users", None, [401, 403, 403, 200]),
    Row(Method::GET, "/me/permissions", None, [401, 200, 200, 200]),
    Row(Method::GET, "/me/permissions/create:todos", None, [401, 200, 200, 200]),
];

#[tokio::test]
async fn every_route_answers_every_role_as_the_contract_says() {
    let api = Api::start().await;
    // The admin comes last in every row and deletes todo 1 in the last row that needs it.
    api.post(&api.token(Persona::Editor), r#"{"title":"Buy milk"}"#).await.json(201);
    for Row(method, path, body, expected) in ROWS {
        for (who, expected) in Who::ALL.into_iter().zip(expected) {
            let token = api.token_of(who);
            let answer = api.send(method.clone(), path, token.as_deref(), body).await;
            assert_eq!(answer.status, expected, "{method} {path} by {who:?}");
        }
    }
}

#[tokio::test]
async fn a_refusal_is_a_challenge_with_a_problem_body() {
    let api = Api::start().await;
    let missing = api.send(Method::GET, "/todos", None, None).await;
    missing.assert_problem(401, "missing_token");
    assert_eq!(missing.header("www-authenticate"), Some("Bearer"));

    let invalid = api.get("/todos", &api.bare_token().persona(Persona::Admin).expired().sign()).await;
    assert_eq!(invalid.status, 401);
    assert!(invalid.header("www-authenticate").unwrap().contains("invalid_token"), "{invalid:?}");

    let forbidden = api.post(&api.token(Persona::Viewer), r#"{"title":"Buy milk"}"#).await;
    forbidden.assert_problem(403, "forbidden");
    let challenge = forbidden.header("www-authenticate").unwrap();
    assert!(challenge.contains("insufficient_scope") && challenge.contains("create:todos"), "{challenge}");
}

#[tokio::test]
async fn deleting_and_the_list_of_users_want_the_permission_and_the_role() {
    let api = Api::start().await;
    let editor = api.token(Persona::Editor);
    for (method, path, permission, success) in [
        (Method::DELETE, "/todos/1", "delete:todos", 204),
        (Method::GET, "/admin/users", "manage:users", 200),
    ] {
        api.post(&editor, r#"{"title":"Buy milk"}"#).await.json(201);
        let bare = api.bare_token();
        for half in [
            bare.clone().permission(permission).sign(),
            bare.clone().role("admin").sign(),
            bare.clone().permission(permission).role("editor").sign(),
            bare.clone().permission(permission).role("Admin").sign(),
            bare.clone().permission(permission).claim("roles", "admin").sign(),
        ] {
            let answer = api.send(method.clone(), path, Some(&half), None).await;
            answer.assert_problem(403, "forbidden");
        }
        let whole = bare.permission(permission).role_strings(["admin"]).sign();
        assert_eq!(api.send(method, path, Some(&whole), None).await.status, success, "{path}");
    }
}

#[tokio::test]
async fn a_machine_is_let_in_by_its_permissions() {
    let api = Api::start().await;
    let machine = api.issuer.token().machine();
    let powerless = machine.clone().sign();
    assert_eq!(api.get("/me/permissions", &powerless).await.status, 200);
    api.get("/todos", &powerless).await.assert_problem(403, "forbidden");

    let reader = machine.claim("azp", "client_1").permissions(["read:todos", "create:todos"]).sign();
    let todo = api.post(&reader, r#"{"title":"Nightly import"}"#).await.json(201);
    assert_eq!(todo["createdBy"], "client_1");
    assert_eq!(api.get("/todos", &reader).await.json(200), serde_json::json!([todo]));
}
