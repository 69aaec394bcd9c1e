//! URLs in settings: https, or http to a loopback address.

use http::Uri;

use super::{ConfigError, ConfigErrorKind};
use crate::jwks::is_loopback;

const URL_FORM: &str = "write it like https://your-business.kinde.com";

/// Returns the URL with its scheme. The scheme is https, or http to a loopback address; there is no user and no query.
pub(super) fn secure_url(setting: &'static str, given: &str) -> Result<String, ConfigError> {
    let invalid = |reason| ConfigError::new(setting, ConfigErrorKind::InvalidUrl(reason));
    if given.contains(['?', '#']) {
        return Err(invalid("it must have neither a query nor a fragment"));
    }
    if !given.contains(['.', ':', '/']) && !is_loopback(given) {
        return Err(invalid(URL_FORM));
    }
    let uri: Uri = with_scheme(given).parse().map_err(|_| invalid(URL_FORM))?;
    let authority = uri.authority().ok_or_else(|| invalid("it has no host"))?;
    if authority.as_str().contains('@') {
        return Err(invalid("it must not carry a user name or password"));
    }
    if authority.port_u16().is_none() && authority.as_str() != authority.host() {
        return Err(invalid("its port must be a number up to 65535"));
    }
    match uri.scheme_str() {
        Some("https") => Ok(with_scheme(given)),
        Some("http") if is_loopback(authority.host()) => Ok(with_scheme(given)),
        Some("http") => Err(ConfigError::new(setting, ConfigErrorKind::InsecureUrl)),
        _ => Err(invalid("its scheme must be https")),
    }
}

/// Returns `true` if an audience is the URL of `issuer`, or of any other issuer at Kinde.
pub(super) fn is_issuer(audience: &str, issuer: &str) -> bool {
    let bare = |url: &str| with_scheme(url).trim_end_matches('/').to_owned();
    let origin = bare(audience);
    let host = origin.split_once("://").map_or("", |(_, host)| host);
    origin == bare(issuer) || (host.ends_with(".kinde.com") && !host.contains('/'))
}

/// Adds a missing scheme: https, or http for a loopback address. A given scheme becomes lower case.
fn with_scheme(given: &str) -> String {
    if let Some((scheme, rest)) = given.split_once("://") {
        return format!("{}://{rest}", scheme.to_ascii_lowercase());
    }
    let host = given.split('/').next().unwrap_or_default();
    let host = host.rsplit_once(':').map_or(host, |(host, _)| host);
    format!("{}://{given}", if is_loopback(host) { "http" } else { "https" })
}
