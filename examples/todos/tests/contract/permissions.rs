//! The permissions of the signed-in user, served to the front end in the shapes of Kinde's SDKs.

use kinde_perms_testkit::Persona;
use serde_json::{Value, json};

use crate::support::{Api, ORGANIZATION};

#[tokio::test]
async fn all_permissions_of_a_person() {
    let api = Api::start().await;
    for persona in Persona::ALL {
        let answer = api.get("/me/permissions", &api.token(persona)).await.json(200);
        assert_eq!(answer, json!({ "orgCode": ORGANIZATION, "permissions": persona.permissions() }));
    }
}

#[tokio::test]
async fn one_permission_of_a_person() {
    let api = Api::start().await;
    let editor = api.token(Persona::Editor);
    for (segment, key, is_granted) in [
        ("create:todos", "create:todos", true),
        ("create%3Atodos", "create:todos", true),
        ("delete:todos", "delete:todos", false),
        ("Create:todos", "Create:todos", false),
        ("create", "create", false),
        ("a%20b%2Fc%22", "a b/c\"", false),
        ("%F0%9F%A6%80", "🦀", false),
    ] {
        let answer = api.get(&format!("/me/permissions/{segment}"), &editor).await.json(200);
        assert_eq!(answer, json!({ "permissionKey": key, "orgCode": ORGANIZATION, "isGranted": is_granted }));
    }
    api.get("/me/permissions/%FF", &editor).await.assert_problem(400, "invalid_path");
}

#[tokio::test]
async fn a_token_without_organization_and_permissions_has_none() {
    let api = Api::start().await;
    let bare = api.issuer.token().without("org_code");
    for token in [bare.clone(), bare.clone().claim("permissions", Value::Null), bare.machine()] {
        let token = token.sign();
        let all = api.get("/me/permissions", &token).await.json(200);
        assert_eq!(all, json!({ "orgCode": null, "permissions": [] }));
        let one = api.get("/me/permissions/read:todos", &token).await.json(200);
        assert_eq!(one, json!({ "permissionKey": "read:todos", "orgCode": null, "isGranted": false }));
    }
}
