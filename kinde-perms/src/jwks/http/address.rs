//! Parses and checks the addresses of the issuer and of its key set.

use reqwest::Url;

use crate::jwks::{KeyError, loopback};

/// Reads an issuer's identifier (OpenID Connect Discovery §2): an absolute URL without query and fragment.
pub(super) fn issuer(text: &str) -> Result<Url, KeyError> {
    let url = parse(text)?;
    if url.query().is_some() || url.fragment().is_some() {
        return Err(KeyError::InvalidUrl);
    }
    check_transport(&url, &url)?;
    Ok(url)
}

/// Reads an address below an issuer that [`issuer`] accepted.
#[cfg(feature = "account-api")]
pub(super) fn own(text: &str) -> Result<Url, KeyError> {
    let url = parse(text)?;
    check_transport(&url, &url)?;
    Ok(url)
}

/// Reads the address of a key set on any host.
pub(super) fn key_set(text: &str, issuer: &Url) -> Result<Url, KeyError> {
    let url = parse(text)?;
    check_transport(&url, issuer)?;
    Ok(url)
}

/// Reads the address of a key set that must be on the issuer's host, or on loopback as the issuer is.
pub(super) fn own_key_set(text: &str, issuer: &Url) -> Result<Url, KeyError> {
    let url = key_set(text, issuer)?;
    let is_local = is_loopback(&url) && is_loopback(issuer);
    if is_local || url.host_str() == issuer.host_str() { Ok(url) } else { Err(KeyError::ForeignKeySet) }
}

/// Returns the address of one of an issuer's well-known documents.
pub(super) fn well_known(issuer: &str, name: &str) -> Result<Url, KeyError> {
    parse(&format!("{}/.well-known/{name}", without_slash(issuer)))
}

/// Returns `issuer` without one trailing slash.
pub(super) fn without_slash(issuer: &str) -> &str {
    issuer.strip_suffix('/').unwrap_or(issuer)
}

/// Returns `true` if a URL's host is this machine.
pub(super) fn is_loopback(url: &Url) -> bool {
    url.host_str().is_some_and(loopback::is_loopback)
}

fn parse(text: &str) -> Result<Url, KeyError> {
    // `Url::parse` repairs malformed text: it drops blanks and line breaks, and reads `\` as `/`. Such text is refused.
    let is_plain = text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    let is_absolute = text.starts_with("https://") || text.starts_with("http://");
    let url = Url::parse(text).ok().filter(|_| is_plain && is_absolute).ok_or(KeyError::InvalidUrl)?;
    let has_credentials = !url.username().is_empty() || url.password().is_some();
    if has_credentials { Err(KeyError::InvalidUrl) } else { Ok(url) }
}

fn check_transport(url: &Url, issuer: &Url) -> Result<(), KeyError> {
    let is_local = is_loopback(url) && is_loopback(issuer);
    if url.scheme() == "https" || is_local { Ok(()) } else { Err(KeyError::InsecureUrl) }
}

#[cfg(test)]
mod tests;
