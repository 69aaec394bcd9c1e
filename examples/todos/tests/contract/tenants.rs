//! Todos belong to an organization, or to their creator alone; for others they do not exist.

use kinde_perms_testkit::{Persona, TokenBuilder};
use serde_json::{Value, json};

use crate::support::Api;

const MILK: &str = r#"{"title":"Buy milk"}"#;

/// Returns an admin named `subject`, not yet in an organization.
fn admin(api: &Api, subject: &str) -> TokenBuilder {
    api.issuer.token().persona(Persona::Admin).subject(subject).without("org_code")
}

async fn assert_cannot_reach(api: &Api, token: &str, todo: &Value) {
    let path = format!("/todos/{}", todo["id"]);
    assert_eq!(api.get("/todos", token).await.json(200), json!([]));
    assert_eq!(api.get("/admin/users", token).await.json(200), json!([]));
    api.patch(&path, token, r#"{"done":true}"#).await.assert_problem(404, "not_found");
    api.delete(&path, token).await.assert_problem(404, "no_such_todo");
}

#[tokio::test]
async fn an_organization_shares_its_todos() {
    let api = Api::start().await;
    let one = admin(&api, "kp_1").org_code("org_a").sign();
    let two = admin(&api, "kp_2").org_code("org_a").sign();
    let todo = api.post(&one, MILK).await.json(201);
    assert_eq!(todo["createdBy"], "kp_1");
    assert_eq!(api.get("/todos", &two).await.json(200), json!([todo]));
    let path = format!("/todos/{}", todo["id"]);
    let done = api.patch(&path, &two, r#"{"done":true}"#).await.json(200);
    assert_eq!(done["createdBy"], "kp_1");
    assert_eq!(api.delete(&path, &two).await.status, 204);
}

#[tokio::test]
async fn another_organization_sees_none_of_them() {
    let api = Api::start().await;
    let owner = admin(&api, "kp_1").org_code("org_a").sign();
    let todo = api.post(&owner, MILK).await.json(201);
    for stranger in [
        admin(&api, "kp_2").org_code("org_b"),
        // The same user, signed in to another organization or to none.
        admin(&api, "kp_1").org_code("org_b"),
        admin(&api, "kp_1"),
        admin(&api, "kp_1").org_code("ORG_A"),
        // A user whose id equals the organization's code.
        admin(&api, "org_a"),
        // Malformed organization codes count as none.
        admin(&api, "kp_2").claim("org_code", json!(["org_a"])),
    ] {
        assert_cannot_reach(&api, &stranger.sign(), &todo).await;
    }
    assert_eq!(api.get("/todos", &owner).await.json(200), json!([todo]));
}

#[tokio::test]
async fn without_an_organization_todos_belong_to_their_creator() {
    let api = Api::start().await;
    let owner = admin(&api, "kp_1").sign();
    let todo = api.post(&owner, MILK).await.json(201);
    assert_eq!(api.get("/todos", &owner).await.json(200), json!([todo]));
    assert_eq!(api.get("/admin/users", &owner).await.json(200), json!([{ "id": "kp_1", "todos": 1 }]));
    let null = admin(&api, "kp_1").claim("org_code", Value::Null).sign();
    assert_eq!(api.get("/todos", &null).await.json(200), json!([todo]));
    for stranger in [
        admin(&api, "kp_2"),
        admin(&api, "kp_1").org_code("org_a"),
        admin(&api, "kp_2").org_code("kp_1"),
        // An application whose id equals the user's.
        admin(&api, "kp_1")
            .machine()
            .claim("azp", "kp_1")
            .permissions(Persona::Admin.permissions().iter().copied())
            .role("admin"),
    ] {
        assert_cannot_reach(&api, &stranger.sign(), &todo).await;
    }
}

#[tokio::test]
async fn users_are_counted_within_the_organization() {
    let api = Api::start().await;
    for (subject, organization) in
        [("kp_2", "org_a"), ("kp_1", "org_a"), ("kp_2", "org_a"), ("kp_1", "org_b")]
    {
        api.post(&admin(&api, subject).org_code(organization).sign(), MILK).await.json(201);
    }
    let users = api.get("/admin/users", &admin(&api, "kp_9").org_code("org_a").sign()).await.json(200);
    assert_eq!(users, json!([{ "id": "kp_1", "todos": 1 }, { "id": "kp_2", "todos": 2 }]));
}

#[tokio::test]
async fn a_token_that_names_nobody_owns_nothing() {
    let api = Api::start().await;
    let machine = api.issuer.token().machine().without("azp").permissions(["read:todos", "create:todos"]);
    for token in [machine.clone().sign(), machine.org_code("org_a").sign()] {
        api.get("/todos", &token).await.assert_problem(403, "nobody");
        api.post(&token, MILK).await.assert_problem(403, "nobody");
    }
}
