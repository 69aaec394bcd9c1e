//! The answers of the Account API about a user, page by page.

use axum::http::{HeaderMap, Uri};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};

use crate::account::AccountData;
use crate::faults::Endpoint;
use crate::settings::Settings;
use crate::signin::bearer;

/// The default page size, as Kinde's.
const DEFAULT_PAGE: usize = 10;

/// Answers a request to the Account API; `Err` holds an HTTP status.
pub(super) fn document(
    settings: &Settings,
    endpoint: Endpoint,
    headers: &HeaderMap,
    uri: &Uri,
) -> Result<String, u16> {
    let claims = bearer_claims(headers).ok_or(401_u16)?;
    let subject = claims.get("sub").and_then(Value::as_str).unwrap_or_default();
    let account = settings.account(subject).unwrap_or_else(|| AccountData::of_claims(&claims));
    if let Some(status) = account.status {
        return Err(status);
    }
    let asked = Asked::of(uri, settings.page_limit);
    match (endpoint, &asked.key) {
        (Endpoint::Permissions, Some(key)) => Ok(permission(&account, key)),
        (Endpoint::Entitlements, Some(key)) => entitlement(&account, key),
        (Endpoint::Permissions, None) => {
            asked.page("permissions", &account.permissions, json!({"org_code": account.org_code}))
        }
        (Endpoint::Roles, _) => asked.page("roles", &account.roles, json!({"org_code": account.org_code})),
        (Endpoint::FeatureFlags, _) => asked.page("feature_flags", &account.feature_flags, json!({})),
        (Endpoint::Entitlements, None) => {
            let rest = json!({"org_code": account.org_code, "plans": account.plans});
            asked.page("entitlements", &account.entitlements, rest)
        }
        // The page on which users manage their own account.
        (Endpoint::PortalLink, _) => Ok(json!({"url": settings.portal()}).to_string()),
        _ => Err(404),
    }
}

fn permission(account: &AccountData, key: &str) -> String {
    let granted = account.permissions.iter().any(|permission| permission["key"] == key);
    json!({"permissionKey": key, "orgCode": account.org_code, "isGranted": granted}).to_string()
}

fn entitlement(account: &AccountData, key: &str) -> Result<String, u16> {
    let held =
        account.entitlements.iter().find(|entitlement| entitlement["feature_key"] == key).ok_or(404_u16)?;
    Ok(json!({"data": {"org_code": account.org_code, "entitlement": held}, "metadata": {}}).to_string())
}

/// Reads the claims of the bearer token. They are not verified: the code under test does that.
fn bearer_claims(headers: &HeaderMap) -> Option<Map<String, Value>> {
    let token = bearer(headers)?;
    let payload = URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?;
    serde_json::from_slice(&payload).ok()
}

/// The parameters of a request.
struct Asked {
    /// The key after the path's last slash, if the request asks for a single entry.
    key: Option<String>,
    size: usize,
    after: Option<String>,
}

impl Asked {
    fn of(uri: &Uri, limit: usize) -> Self {
        let query = |name: &str| {
            let pairs = uri.query().unwrap_or_default().split('&').filter_map(|pair| pair.split_once('='));
            pairs.filter(|(key, _)| *key == name).map(|(_, value)| decoded(value)).next()
        };
        let size = query("page_size").and_then(|size| size.parse().ok()).unwrap_or(DEFAULT_PAGE);
        let mut path = uri.path().trim_start_matches("/account_api/v1/").split('/');
        Self { key: path.nth(1).map(decoded), size: size.clamp(1, limit), after: query("starting_after") }
    }

    /// Writes the page after the entry `after`; an unknown entry is status 400.
    fn page(&self, name: &str, entries: &[Value], mut data: Value) -> Result<String, u16> {
        let start = match &self.after {
            None => 0,
            Some(after) => {
                entries.iter().position(|entry| entry["id"] == **after).ok_or(400_u16)?.saturating_add(1)
            }
        };
        let page: Vec<&Value> = entries.iter().skip(start).take(self.size).collect();
        let has_more = start.saturating_add(page.len()) < entries.len();
        let last = page.last().map_or(Value::Null, |entry| entry["id"].clone());
        if let Some(members) = data.as_object_mut() {
            members.insert(name.to_owned(), json!(page));
        }
        Ok(json!({"data": data, "metadata": {"has_more": has_more, "next_page_starting_after": last}})
            .to_string())
    }
}

/// Decodes percent-encoding; malformed sequences stay.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('%') {
        bytes.extend_from_slice(before.as_bytes());
        if let Some(byte) = after.get(..2).and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            bytes.push(byte);
            rest = after.get(2..).unwrap_or_default();
        } else {
            bytes.push(b'%');
            rest = after;
        }
    }
    bytes.extend_from_slice(rest.as_bytes());
    String::from_utf8_lossy(&bytes).into_owned()
}
