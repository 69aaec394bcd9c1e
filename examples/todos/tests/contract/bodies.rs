//! Request and response bodies: accepted shapes, answers, and refusals.

use axum::body::Body;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{Method, Request};
use kinde_perms_testkit::Persona;
use serde_json::{Value, json};

use crate::support::{Answer, Api};

fn titled(title: &str) -> String {
    json!({ "title": title }).to_string()
}

/// An API with one todo, and a token that may change it.
async fn with_milk() -> (Api, String, Value) {
    let api = Api::start().await;
    let editor = api.token(Persona::Editor);
    let todo = api.post(&editor, &titled("Buy milk")).await.json(201);
    (api, editor, todo)
}

async fn post_as(api: &Api, token: &str, content_type: Option<&str>, body: impl Into<Body>) -> Answer {
    let mut request = Request::post("/todos").header(AUTHORIZATION, format!("Bearer {token}"));
    if let Some(content_type) = content_type {
        request = request.header(CONTENT_TYPE, content_type);
    }
    api.call(request.body(body.into()).unwrap()).await
}

#[tokio::test]
async fn health_needs_nothing() {
    let api = Api::start().await;
    assert_eq!(api.send(Method::GET, "/health", None, None).await.json(200), json!({ "status": "ok" }));
    assert_eq!(api.send(Method::GET, "/health", Some("rubbish"), None).await.status, 200);
}

#[tokio::test]
async fn a_todo_has_four_fields_and_a_place() {
    let (api, editor, _) = with_milk().await;
    let created = api.post(&editor, &titled("Bake bread")).await;
    let todo = created.json(201);
    assert_eq!(
        todo,
        json!({ "id": 2, "title": "Bake bread", "done": false, "createdBy": Persona::Editor.subject() })
    );
    assert_eq!(created.header("location"), Some("/todos/2"));
    let list = api.get("/todos", &editor).await.json(200);
    assert_eq!(list.as_array().unwrap().len(), 2);
    assert_eq!(list[1], todo);
}

#[tokio::test]
async fn a_change_sets_what_it_names_and_nothing_else() {
    let (api, editor, mut todo) = with_milk().await;
    for (change, field, value) in [
        (r#"{"done":true}"#, "done", json!(true)),
        (r#"{"title":"Buy oat milk"}"#, "title", json!("Buy oat milk")),
        (r#"{"done":false,"title":"Buy milk"}"#, "done", json!(false)),
    ] {
        todo[field] = value;
        if change.contains("Buy milk") {
            todo["title"] = json!("Buy milk");
        }
        assert_eq!(api.patch("/todos/1", &editor, change).await.json(200), todo, "{change}");
    }
    for nothing in ["{}", r#"{"id":7,"createdBy":"kp_evil"}"#] {
        assert_eq!(api.patch("/todos/1", &editor, nothing).await.json(200), todo, "{nothing}");
    }
    assert_eq!(api.get("/todos", &editor).await.json(200), json!([todo]));
}

#[tokio::test]
async fn a_deleted_todo_is_gone() {
    let (api, editor, _) = with_milk().await;
    let admin = api.token(Persona::Admin);
    let deleted = api.delete("/todos/1", &admin).await;
    assert_eq!(deleted.status, 204);
    assert!(deleted.body.is_empty());
    api.delete("/todos/1", &admin).await.assert_problem(404, "no_such_todo");
    api.patch("/todos/1", &editor, "{}").await.assert_problem(404, "not_found");
    assert_eq!(api.get("/todos", &editor).await.json(200), json!([]));
}

#[tokio::test]
async fn a_title_is_kept_as_it_is_given() {
    let (api, editor, _) = with_milk().await;
    let titles = [
        " two spaces ".to_owned(),
        "x".repeat(200),
        "ß".repeat(200),
        "🦀".repeat(200),
        "\"quotes\" and \\ and \n".to_owned(),
        "'); DROP TABLE todos; --".to_owned(),
        "<script>alert(1)</script>".to_owned(),
        "nul \0 inside".to_owned(),
    ];
    for title in &titles {
        assert_eq!(api.post(&editor, &titled(title)).await.json(201)["title"], title.as_str());
        assert_eq!(api.patch("/todos/1", &editor, &titled(title)).await.json(200)["title"], title.as_str());
    }
}

#[tokio::test]
async fn an_empty_or_long_title_is_422() {
    let (api, editor, todo) = with_milk().await;
    let long = ["x".repeat(201), "🦀".repeat(201), "x".repeat(100_000)];
    let empty = ["", " ", "\t\r\n", "\u{2003}"].map(str::to_owned);
    let cases = long.iter().map(|title| (title, "title_too_long"));
    for (title, code) in cases.chain(empty.iter().map(|title| (title, "empty_title"))) {
        api.post(&editor, &titled(title)).await.assert_problem(422, code);
        api.patch("/todos/1", &editor, &titled(title)).await.assert_problem(422, code);
    }
    assert_eq!(api.get("/todos", &editor).await.json(200), json!([todo]));
}

#[tokio::test]
async fn json_of_another_shape_is_422() {
    let (api, editor, todo) = with_milk().await;
    for body in [
        "null",
        "1",
        "true",
        r#""title""#,
        "[]",
        r#"["Buy milk"]"#,
        r#"{"title":null}"#,
        r#"{"title":5}"#,
        r#"{"title":["Buy milk"]}"#,
        r#"[{"title":"Buy milk"}]"#,
    ] {
        api.post(&editor, body).await.assert_problem(422, "unexpected_json");
        api.patch("/todos/1", &editor, body).await.assert_problem(422, "unexpected_json");
    }
    for body in ["{}", r#"{"Title":"Buy milk"}"#, r#"{"done":true}"#] {
        api.post(&editor, body).await.assert_problem(422, "unexpected_json");
    }
    for body in [r#"{"done":"true"}"#, r#"{"done":1}"#, r#"{"done":null}"#] {
        api.patch("/todos/1", &editor, body).await.assert_problem(422, "unexpected_json");
    }
    assert_eq!(api.get("/todos", &editor).await.json(200), json!([todo]));
}

#[tokio::test]
async fn what_is_no_json_is_400() {
    let (api, editor, todo) = with_milk().await;
    let deep = "[".repeat(100_000);
    for body in [
        "",
        " ",
        "{",
        "title=Buy+milk",
        r#"{"title":"Buy milk""#,
        r#"{"title":"Buy milk"} x"#,
        "{'title':'x'}",
        r#"{"title":5,"#,
        "[1,",
        r#"{"title":"\ud800"}"#,
        "\u{feff}{}",
        "{\"title\":\"line\nbreak\"}",
        &deep,
    ] {
        api.post(&editor, body).await.assert_problem(400, "malformed_json");
        api.patch("/todos/1", &editor, body).await.assert_problem(400, "malformed_json");
    }
    let not_utf8 = post_as(&api, &editor, Some("application/json"), b"{\"title\":\"\xff\"}".to_vec()).await;
    not_utf8.assert_problem(400, "malformed_json");
    assert_eq!(api.get("/todos", &editor).await.json(200), json!([todo]));
}

#[tokio::test]
async fn the_body_is_json_by_name_and_not_endless() {
    let (api, editor, _) = with_milk().await;
    for content_type in [None, Some("text/plain"), Some("application/x-www-form-urlencoded"), Some("")] {
        post_as(&api, &editor, content_type, titled("x")).await.assert_problem(415, "not_json");
    }
    for content_type in
        ["application/json; charset=utf-8", "APPLICATION/JSON", "application/merge-patch+json"]
    {
        assert_eq!(
            post_as(&api, &editor, Some(content_type), titled("x")).await.status,
            201,
            "{content_type}"
        );
    }
    let endless = "x".repeat(3 * 1024 * 1024);
    api.post(&editor, &titled(&endless)).await.assert_problem(413, "body_too_large");
}

#[tokio::test]
async fn an_id_is_a_positive_integer() {
    let (api, _, todo) = with_milk().await;
    let admin = api.token(Persona::Admin);
    for id in [
        "0",
        "-1",
        "abc",
        "1.0",
        "1e0",
        "+1",
        "%201",
        "01",
        "0x1",
        "%EF%BC%91",
        "9223372036854775808",
        "99999999999999999999999999",
        "1%00",
        "%2F",
        "1;DROP",
    ] {
        let path = format!("/todos/{id}");
        api.patch(&path, &admin, "{}").await.assert_problem(400, "invalid_id");
        api.delete(&path, &admin).await.assert_problem(400, "invalid_id");
    }
    api.delete("/todos/%FF", &admin).await.assert_problem(400, "invalid_path");
    for id in ["2", "9223372036854775807"] {
        let path = format!("/todos/{id}");
        api.patch(&path, &admin, "{}").await.assert_problem(404, "not_found");
        api.delete(&path, &admin).await.assert_problem(404, "no_such_todo");
    }
    assert_eq!(api.get("/todos", &admin).await.json(200), json!([todo]));
}
