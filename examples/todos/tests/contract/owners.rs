//! Only the creator of a todo and an admin may change it; other members of the organization may not.

use kinde_perms_testkit::Persona;
use serde_json::json;

use crate::support::Api;

const MILK: &str = r#"{"title":"Buy milk"}"#;
const DONE: &str = r#"{"done":true}"#;

#[tokio::test]
async fn a_todo_is_changed_by_its_creator_and_by_admins() {
    let api = Api::start().await;
    let editor = |subject: &str| api.bare_token().persona(Persona::Editor).subject(subject);
    let one = editor("kp_1").sign();
    let todo = api.post(&one, MILK).await.json(201);

    let refused = api.patch("/todos/1", &editor("kp_2").sign(), DONE).await;
    refused.assert_problem(403, "forbidden_resource");
    assert_eq!(refused.header("www-authenticate"), Some("Bearer error=\"insufficient_scope\""));
    assert_eq!(api.get("/todos", &one).await.json(200), json!([todo]));

    assert_eq!(api.patch("/todos/1", &one, DONE).await.json(200)["done"], true);
    let admin = api.token(Persona::Admin);
    assert_eq!(api.patch("/todos/1", &admin, r#"{"done":false}"#).await.json(200), todo);
}

#[tokio::test]
async fn the_permission_is_asked_for_first_and_the_body_last() {
    let api = Api::start().await;
    api.post(&api.token(Persona::Editor), MILK).await.json(201);
    let other = api.bare_token().persona(Persona::Editor).subject("kp_2").sign();
    api.patch("/todos/1", &other, "no JSON").await.assert_problem(403, "forbidden_resource");
    let viewer = api.token(Persona::Viewer);
    api.patch("/todos/1", &viewer, "no JSON").await.assert_problem(403, "forbidden");
    let admin_role_alone = api.bare_token().role("admin").sign();
    api.patch("/todos/1", &admin_role_alone, DONE).await.assert_problem(403, "forbidden");
}

#[tokio::test]
async fn for_another_organization_there_is_no_such_todo() {
    let api = Api::start().await;
    api.post(&api.token(Persona::Editor), MILK).await.json(201);
    let stranger = api.bare_token().persona(Persona::Admin).org_code("org_other").sign();
    let theirs = api.patch("/todos/1", &stranger, DONE).await;
    let nobodys = api.patch("/todos/2", &stranger, DONE).await;
    theirs.assert_problem(404, "not_found");
    assert_eq!(theirs.body, nobodys.body, "nothing tells that it exists");
}
