//! OpenAPI: writes the access of routes into an OpenAPI document.

use std::collections::BTreeSet;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::matcher::unused_letter;
use super::{Access, AccessMatrix, Matcher, Route};

/// The name of the security scheme.
const SCHEME: &str = "kinde";

const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/// The differences between the routes and an OpenAPI document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Coverage {
    /// The routes that the document does not describe, as `DELETE /todos/{id}`, without fallbacks and nested services.
    pub undocumented: Vec<String>,
    /// The operations that no route answers; these are left unchanged.
    pub unrouted: Vec<String>,
}

impl AccessMatrix {
    /// Writes the access of each route into an OpenAPI 3 document, by method and path.
    ///
    /// An operation behind a rule gets `security`, the responses 401, 403 and 503 with the schema of this crate's problem
    /// bodies, and the rule in normal form as `x-kinde-requirement`. A public operation gets an empty `security`, and the
    /// reason as `x-kinde-public`. Existing responses are kept. The names of path parameters need not match. An operation
    /// that only a fallback answers counts as unrouted. A tail such as `/{*page}` matches the operation `/{page}`.
    ///
    /// ```
    /// use kinde_perms::access::{Access, AccessMatrix, Route};
    /// use serde_json::json;
    ///
    /// let list = Access::Guarded(r#"permissions = ["read:todos"]"#.parse()?);
    /// let matrix: AccessMatrix = [Route::new("GET", "/todos", list)].into_iter().collect();
    /// let mut document = json!({"openapi": "3.1.0", "paths": {"/todos": {"get": {"responses": {}}}}});
    /// matrix.describe(&mut document);
    ///
    /// let operation = &document["paths"]["/todos"]["get"];
    /// assert_eq!(operation["security"], json!([{"kinde": []}]));
    /// assert_eq!(operation["x-kinde-requirement"], r#"permissions = ["read:todos"]"#);
    /// # Ok::<(), kinde_perms::policy::RuleError>(())
    /// ```
    pub fn describe(&self, document: &mut Value) -> Coverage {
        let mut coverage = Coverage::default();
        let mut described = BTreeSet::new();
        let matcher = self.matcher();
        for (path, item) in members(document, "paths") {
            for method in METHODS {
                let Some(operation) = item.get_mut(method).and_then(Value::as_object_mut) else { continue };
                let method = method.to_uppercase();
                match serving(&matcher, &method, path) {
                    Some(route) => {
                        described.insert(route.to_string());
                        describe(
                            operation,
                            route.access(),
                            |_, name, _| json!({ "$ref": format!("#/components/responses/{name}") }),
                        );
                    }
                    None => coverage.unrouted.push(format!("{method} {path}")),
                }
            }
        }
        let documented = |route: &&Route| route.is_endpoint() && !route.is_service();
        let endpoints = self.routes().iter().filter(documented).map(Route::to_string);
        coverage.undocumented = endpoints.filter(|route| !described.contains(route)).collect();
        if !described.is_empty() {
            add_components(document);
        }
        coverage
    }

    /// As [`describe`](Self::describe), for any type that serializes to OpenAPI, such as `utoipa::openapi::OpenApi`.
    ///
    /// # Errors
    /// The document cannot be serialized or read back; it is then unchanged.
    pub fn describe_in<T: Serialize + DeserializeOwned>(
        &self,
        document: &mut T,
    ) -> Result<Coverage, serde_json::Error> {
        let mut value = serde_json::to_value(&*document)?;
        let coverage = self.describe(&mut value);
        *document = serde_json::from_value(value)?;
        Ok(coverage)
    }
}

/// Returns the route that serves an operation.
///
/// It is the route that answers a request made from the operation's path, if the two paths differ only in the names of
/// parameters, or the route is a nested service. A fallback serves no operation.
fn serving<'m>(matcher: &Matcher<'m>, method: &str, template: &str) -> Option<&'m Route> {
    let request = filled(template, &unused_letter([matcher]).to_string());
    let route = matcher.answer(method, &request).route().filter(|route| route.is_endpoint())?;
    let same = || filled(route.path(), "{}") == filled(template, "{}");
    (route.is_service() || same()).then_some(route)
}

/// Returns a path with a value in place of every parameter.
fn filled(path: &str, value: &str) -> String {
    let mut parts = path.split('{');
    let head = parts.next().unwrap_or_default().to_owned();
    let rest = |part: &str| part.split_once('}').map_or_else(String::new, |(_, rest)| rest.to_owned());
    parts.fold(head, |filled, part| filled + value + &rest(part))
}

/// Returns the members of an object in the document; none if it is no object.
fn members<'a>(document: &'a mut Value, name: &str) -> impl Iterator<Item = (&'a String, &'a mut Value)> {
    document.get_mut(name).and_then(Value::as_object_mut).into_iter().flatten()
}

/// Writes the access into one operation; `respond` makes a response from its status, name and description.
pub(crate) fn describe(
    operation: &mut Map<String, Value>,
    access: &Access,
    respond: impl Fn(&str, &str, &str) -> Value,
) {
    match access {
        Access::Public(reason) => {
            operation.insert("security".to_owned(), json!([]));
            operation.insert("x-kinde-public".to_owned(), json!(reason));
        }
        Access::Guarded(rule) | Access::Checked { rule, .. } => {
            // Readers of the document are clients, to whom module paths mean nothing.
            let checks = access.checks().filter_map(|path| path.rsplit("::").next()).map(str::to_owned);
            let requirement = Access::guarded(rule.clone(), checks).to_string();
            operation.insert("security".to_owned(), json!([{ SCHEME: [] }]));
            operation.insert("x-kinde-requirement".to_owned(), json!(requirement));
            within(operation, "responses", |responses| {
                for (status, name, description) in RESPONSES {
                    responses.entry(status).or_insert_with(|| respond(status, name, description));
                }
            });
        }
    }
}

/// Status, component name and description of the responses that a guard adds.
const RESPONSES: [(&str, &str, &str); 3] = [
    ("401", "KindeUnauthorized", "There is no access token, or it is not valid for this API."),
    ("403", "KindeForbidden", "The access token does not grant what this request needs."),
    ("503", "KindeUnavailable", "The access token cannot be checked right now; see `Retry-After`."),
];

fn add_components(document: &mut Value) {
    let Some(document) = document.as_object_mut() else { return };
    let scheme = json!({
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "An access token of Kinde for this API. `x-kinde-requirement` is the rule that it must meet.",
    });
    within(document, "components", |components| {
        within(components, "securitySchemes", |schemes| {
            schemes.entry(SCHEME).or_insert(scheme);
        });
        within(components, "schemas", |schemas| {
            schemas.entry("KindeProblem").or_insert_with(problem_schema);
        });
        within(components, "responses", |responses| {
            for (status, name, description) in RESPONSES {
                let problem = json!({ "$ref": "#/components/schemas/KindeProblem" });
                responses.entry(name).or_insert_with(|| response(status, description, &problem));
            }
        });
    });
}

pub(crate) fn response(status: &str, description: &str, schema: &Value) -> Value {
    let content = json!({
        "application/problem+json": { "schema": schema }
    });
    let header = |name: &str, kind: &str| json!({ name: { "schema": { "type": kind } } });
    let headers =
        if status == "503" { header("Retry-After", "integer") } else { header("WWW-Authenticate", "string") };
    json!({ "description": description, "content": content, "headers": headers })
}

/// Returns the schema of problem bodies: RFC 9457 with the members of this crate.
pub(crate) fn problem_schema() -> Value {
    let text = json!({ "type": "string" });
    json!({
        "type": "object",
        "required": ["type", "title", "status", "detail", "error", "code"],
        "properties": {
            "type": text,
            "title": text,
            "status": { "type": "integer" },
            "detail": text,
            "error": text,
            "code": { "type": "string", "description": "Stable, for programs." },
            "missing": { "type": "object", "description": "What the token lacks, by kind; with status 403 only." },
        },
    })
}

/// Changes an object member, and adds it if it is absent.
fn within(parent: &mut Map<String, Value>, name: &str, change: impl FnOnce(&mut Map<String, Value>)) {
    let member = parent.entry(name).or_insert_with(|| Value::Object(Map::new()));
    if let Some(object) = member.as_object_mut() {
        change(object);
    }
}
