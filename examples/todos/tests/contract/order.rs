//! The order of checks for a request with several faults: the guard refuses before anything else is read.

use http::Method;
use kinde_perms_testkit::Persona;

use crate::support::Api;

const MALFORMED: &str = "{\"title\":";

#[tokio::test]
async fn a_missing_token_comes_before_the_id_and_the_body() {
    let api = Api::start().await;
    for (method, path) in [
        (Method::POST, "/todos"),
        (Method::PATCH, "/todos/abc"),
        (Method::PATCH, "/todos/999"),
        (Method::DELETE, "/todos/abc"),
        (Method::GET, "/me/permissions/%FF"),
    ] {
        api.send(method, path, None, Some(MALFORMED)).await.assert_problem(401, "missing_token");
    }
}

#[tokio::test]
async fn a_missing_permission_comes_before_the_id_and_the_body() {
    let api = Api::start().await;
    let viewer = api.token(Persona::Viewer);
    for (method, path) in [
        (Method::POST, "/todos"),
        (Method::PATCH, "/todos/abc"),
        (Method::PATCH, "/todos/999"),
        (Method::DELETE, "/todos/abc"),
    ] {
        api.send(method, path, Some(&viewer), Some(MALFORMED)).await.assert_problem(403, "forbidden");
    }
}

#[tokio::test]
async fn an_id_and_the_todo_come_before_the_body() {
    let api = Api::start().await;
    let editor = api.token(Persona::Editor);
    api.patch("/todos/abc", &editor, MALFORMED).await.assert_problem(400, "invalid_id");
    api.patch("/todos/999", &editor, MALFORMED).await.assert_problem(404, "not_found");
    api.post(&editor, r#"{"title":"Buy milk"}"#).await.json(201);
    api.patch("/todos/1", &editor, MALFORMED).await.assert_problem(400, "malformed_json");
}

#[tokio::test]
async fn an_unknown_path_is_404_for_everyone() {
    let api = Api::start().await;
    let admin = api.token(Persona::Admin);
    for token in [None, Some("rubbish"), Some(admin.as_str())] {
        for path in ["/nowhere", "/todos/", "/todos/1/2", "/me", "/admin", "/assets", "/index.html", "/TODOS"]
        {
            api.send(Method::GET, path, token, None).await.assert_problem(404, "unknown_path");
        }
    }
}

#[tokio::test]
async fn a_wrong_method_is_405_for_everyone_and_names_the_right_ones() {
    let api = Api::start().await;
    let admin = api.token(Persona::Admin);
    for token in [None, Some("rubbish"), Some(admin.as_str())] {
        for (method, path, allow) in [
            (Method::PUT, "/todos", "GET,HEAD,POST"),
            (Method::GET, "/todos/1", "PATCH,DELETE"),
            (Method::POST, "/health", "GET,HEAD"),
            (Method::DELETE, "/me/permissions", "GET,HEAD"),
        ] {
            let answer = api.send(method, path, token, None).await;
            answer.assert_problem(405, "method_not_allowed");
            assert_eq!(answer.header("allow"), Some(allow), "{path}");
        }
    }
}

#[tokio::test]
async fn head_is_guarded_as_get_is() {
    let api = Api::start().await;
    let viewer = api.token(Persona::Viewer);
    let powerless = api.bare_token().sign();
    for (token, expected) in [(None, 401), (Some(&powerless), 403), (Some(&viewer), 200)] {
        let answer = api.send(Method::HEAD, "/todos", token.map(String::as_str), None).await;
        assert_eq!(answer.status, expected);
        assert!(answer.body.is_empty());
    }
}
