//! The lists of permissions and roles in Kinde's Management API.

use std::collections::BTreeSet;

use axum::http::{HeaderMap, StatusCode};
use serde_json::{Value, json};

use super::credentials::bearer;
use super::form::Form;
use super::sign_in::SignIn;
use crate::ids;
use crate::reply::{self, Reply};
use crate::settings::Settings;

/// The default page size.
const DEFAULT_PAGE: usize = 10;

/// A status, with code and message of the body.
type Denied = (StatusCode, &'static str, String);

/// Answers `GET /api/v1/permissions`.
pub(crate) fn permissions(issuer: &SignIn, settings: &Settings, headers: &HeaderMap, query: &str) -> Reply {
    let list = || {
        let held =
            settings.people.iter().flat_map(|person| person.permission_keys().iter().map(String::as_str));
        let keys: BTreeSet<_> = issuer.catalogue.permissions().chain(held).collect();
        Ok(keys.into_iter().map(permission).collect())
    };
    answer(issuer, headers, query, ("read:permissions", "permissions"), list)
}

/// Answers `GET /api/v1/roles`.
pub(crate) fn roles(issuer: &SignIn, settings: &Settings, headers: &HeaderMap, query: &str) -> Reply {
    let list = || Ok(role_keys(issuer, settings).into_iter().map(role).collect());
    answer(issuer, headers, query, ("read:roles", "roles"), list)
}

/// Answers `GET /api/v1/roles/{id}/permissions`.
pub(crate) fn role_permissions(
    issuer: &SignIn,
    settings: &Settings,
    headers: &HeaderMap,
    (id, query): (&str, &str),
) -> Reply {
    let list = || {
        let key = role_keys(issuer, settings).into_iter().find(|key| ids::role_id(key) == id);
        let key =
            key.ok_or_else(|| (StatusCode::NOT_FOUND, "ROLE_NOT_FOUND", "no role has this id".to_owned()))?;
        let bundles = issuer.catalogue.roles().filter(|(role, _)| *role == key);
        Ok(bundles.flat_map(|(_, bundle)| bundle).map(|key| permission(key)).collect())
    };
    answer(issuer, headers, query, ("read:role_permissions", "permissions"), list)
}

fn role_keys<'a>(issuer: &'a SignIn, settings: &'a Settings) -> BTreeSet<&'a str> {
    let held = settings.people.iter().flat_map(|person| person.role_keys().iter().map(String::as_str));
    issuer.catalogue.roles().map(|(key, _)| key).chain(held).collect()
}

fn permission(key: &str) -> Value {
    json!({ "id": format!("perm_{key}"), "key": key, "name": key, "description": "" })
}

fn role(key: &str) -> Value {
    json!({ "id": ids::role_id(key), "key": key, "name": key, "description": null, "is_default_role": false })
}

fn answer(
    issuer: &SignIn,
    headers: &HeaderMap,
    query: &str,
    (scope, name): (&str, &str),
    list: impl FnOnce() -> Result<Vec<Value>, Denied>,
) -> Reply {
    let entries = admit(issuer, headers, scope).and_then(|()| list());
    let page = entries.and_then(|entries| page(entries, &Form::parse(query.as_bytes())));
    match page {
        Ok((page, next)) => {
            let body = json!({ "code": "OK", "message": "Success", name: page, "next_token": next });
            reply::secret_json(StatusCode::OK, &body)
        }
        Err((status, code, message)) => {
            reply::secret_json(status, &json!({ "errors": [{ "code": code, "message": message }] }))
        }
    }
}

/// Admits machines whose token is for this API and has this scope.
fn admit(issuer: &SignIn, headers: &HeaderMap, scope: &str) -> Result<(), Denied> {
    let record = bearer(headers).and_then(|token| issuer.issued(token));
    let audience = issuer.management_audience();
    let Some(record) =
        record.filter(|record| record.person.is_none() && record.audiences.contains(&audience))
    else {
        let message = format!("a machine's access token for the audience {audience} is needed");
        return Err((StatusCode::UNAUTHORIZED, "INVALID_CREDENTIALS", message));
    };
    if record.scopes.contains(scope) {
        return Ok(());
    }
    Err((StatusCode::FORBIDDEN, "FORBIDDEN", format!("the token lacks the scope {scope}")))
}

/// Returns the requested page and the token of the next one, which is the index of its first entry.
fn page(entries: Vec<Value>, asked: &Form) -> Result<(Vec<Value>, Option<String>), Denied> {
    let number = |name: &str, usual: usize| asked.get(name).map_or(Some(usual), |text| text.parse().ok());
    let malformed = || {
        (StatusCode::BAD_REQUEST, "INVALID_REQUEST", "`page_size` and `next_token` are numbers".to_owned())
    };
    let size = number("page_size", DEFAULT_PAGE).filter(|size| *size > 0).ok_or_else(malformed)?;
    let start = number("next_token", 0).ok_or_else(malformed)?;
    let end = start.saturating_add(size);
    let next = (end < entries.len()).then(|| end.to_string());
    Ok((entries.into_iter().skip(start).take(size).collect(), next))
}
