//! The OpenAPI document: `utoipa` describes the shapes, and the router adds the rules.

use utoipa::OpenApi;

use crate::handlers;

#[derive(OpenApi)]
#[openapi(
    info(title = "Todos", description = "A todo API guarded by Kinde permissions"),
    servers((url = "/", description = "Where this document is")),
    paths(
        handlers::health,
        handlers::list_todos,
        handlers::create_todo,
        handlers::update_todo,
        handlers::delete_todo,
        handlers::list_users,
        handlers::my_permissions,
        handlers::my_permission,
    )
)]
struct Shapes;

/// Returns the document of the API.
pub(crate) fn document() -> utoipa::openapi::OpenApi {
    let mut document = Shapes::openapi();
    if let Err(error) = crate::access().describe_in(&mut document) {
        tracing::error!(%error, "the document does not say who may call what");
    }
    document
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_guarded_operation_says_so() {
        let mut document = Shapes::openapi();
        let coverage = crate::access().describe_in(&mut document).unwrap();
        assert_eq!(
            coverage.undocumented,
            [
                "GET /",
                "GET /admin",
                "GET /assets/{*file}",
                "GET /config.json",
                "GET /docs",
                "GET /openapi.json",
                "GET /unauthorized",
            ]
        );
        assert_eq!(coverage.unrouted, [""; 0]);
        let written = serde_json::to_value(document).unwrap();
        let mut guarded = 0;
        for (path, item) in written["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap() {
                assert!(operation["summary"].is_string(), "{method} {path}");
                if operation["security"] == serde_json::json!([]) {
                    assert_eq!(path, "/health");
                    continue;
                }
                guarded += 1;
                assert_eq!(operation["security"], serde_json::json!([{"kinde": []}]), "{method} {path}");
                assert!(operation["x-kinde-requirement"].is_string(), "{method} {path}");
                assert!(
                    ["401", "403", "503"].iter().all(|status| operation["responses"][status].is_object())
                );
            }
        }
        assert_eq!(guarded, 7);
    }
}
