//! Access in OpenAPI documents.

use super::*;

#[test]
fn an_openapi_document_gets_the_access_of_each_operation() {
    let matrix = matrix([
        guarded("GET", "/a/{id}", r#"permissions = ["read"]"#),
        guarded("ANY", "/b", "authenticated"),
        guarded("GET", "/left/out", "authenticated"),
        public("/h", "open"),
        public("/*", "a fallback"),
    ]);
    let own = serde_json::json!({"description": "mine"});
    let mut document = serde_json::json!({"openapi": "3.1.0", "paths": {
        "/a/{name}": {"get": {"responses": {"403": own}}, "summary": "kept"},
        "/b": {"post": {}},
        "/h": {"get": {"responses": {}}},
        "/nowhere": {"get": {}},
    }});
    let coverage = matrix.describe(&mut document);
    assert_eq!(coverage.undocumented, ["GET /left/out"]);
    assert_eq!(coverage.unrouted, ["GET /nowhere"]);
    let operation = &document["paths"]["/a/{name}"]["get"];
    assert_eq!(operation["x-kinde-requirement"], r#"permissions = ["read"]"#);
    assert_eq!(operation["responses"]["403"], own);
    assert_eq!(operation["responses"]["401"]["$ref"], "#/components/responses/KindeUnauthorized");
    assert_eq!(document["paths"]["/b"]["post"]["security"], serde_json::json!([{"kinde": []}]));
    let open = &document["paths"]["/h"]["get"];
    assert_eq!(
        (&open["security"], &open["x-kinde-public"]),
        (&serde_json::json!([]), &serde_json::json!("open"))
    );
    assert_eq!(open["responses"], serde_json::json!({}));
    assert_eq!(document["paths"]["/nowhere"]["get"], serde_json::json!({}));
    for pointer in ["securitySchemes/kinde", "schemas/KindeProblem", "responses/KindeForbidden"] {
        assert!(document.pointer(&format!("/components/{pointer}")).is_some(), "{pointer}");
    }
    // Describing it again changes nothing.
    let once = document.clone();
    matrix.describe(&mut document);
    assert_eq!(document, once);
}

#[test]
fn an_operation_is_described_by_the_route_that_serves_it_and_by_no_other() {
    let open = |method: &str, path: &str| Route::new(method, path, Access::Public("open".to_owned()));
    let matrix = matrix([
        guarded("GET", "/a/{id}", "authenticated"),
        guarded("GET", "/v{major}/b", "authenticated"),
        guarded("GET", "/files/{*path}", "authenticated"),
        guarded("ANY", "/docs/{*}", "authenticated"),
        open("OTHER", "/a/{id}"),
        open("ANY", "/nested/*"),
        open("ANY", "/{*page}"),
        open("ANY", "/*"),
    ]);
    for (method, path, described) in [
        ("get", "/a/{name}", true),
        ("get", "/v{n}/b", true),
        ("get", "/files/{file}", true),
        ("get", "/docs", true),
        ("post", "/docs/{name}/x.json", true),
        // A template of its own, though Axum hands its requests to another route.
        ("get", "/a/{id}.json", false),
        ("get", "/a/{id}-{name}", false),
        ("get", "/a/b", false),
        ("get", "/{version}/b", false),
        ("get", "/files/{file}/x", false),
        // Only a fallback or the page for all other paths answers these.
        ("post", "/a/{name}", false),
        ("get", "/admin/{id}", false),
        ("get", "/nested/{id}", false),
        ("get", "/*", false),
        ("get", "/", false),
    ] {
        let mut document = serde_json::json!({"paths": {path: {method: {}}}});
        let coverage = matrix.describe(&mut document);
        assert_eq!(coverage.unrouted.is_empty(), described, "{method} {path}");
        let security = &document["paths"][path][method]["security"];
        assert_eq!(security.is_array(), described, "{method} {path}: {security}");
        assert_eq!(
            coverage.undocumented.len(),
            if described && !path.starts_with("/docs") { 3 } else { 4 },
            "{method} {path}"
        );
    }
}
