//! Reads a discovery document (OpenID Connect Discovery §3, §4.3).

use reqwest::Url;

use super::address;
use crate::json::{self, Json};
use crate::jwks::KeyError;

/// The part of a discovery document that is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Endpoint {
    /// The issuer's own spelling of its identifier, which a token's `iss` must equal.
    pub(super) issuer: String,
    pub(super) key_set: Url,
}

/// Reads the discovery document of `issuer`. The document may spell the issuer with one slash more or less at its end.
pub(super) fn read(body: &[u8], issuer: &str, base: &Url) -> Result<Endpoint, KeyError> {
    let names = &["issuer", "jwks_uri"];
    let document = str::from_utf8(body).ok().and_then(|text| json::parse_object(text, names).ok());
    let document = document.ok_or(KeyError::NotADiscoveryDocument)?;
    let text = |member| document.get(member).and_then(Json::as_text).ok_or(KeyError::NotADiscoveryDocument);
    let (spelling, key_set) = (text("issuer")?, text("jwks_uri")?);
    if address::without_slash(spelling) != address::without_slash(issuer) {
        return Err(KeyError::IssuerMismatch);
    }
    Ok(Endpoint { issuer: spelling.to_owned(), key_set: address::own_key_set(key_set, base)? })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn discover(set: &str, document: &str) -> Result<Endpoint, KeyError> {
        read(document.as_bytes(), set, &address::issuer(set).unwrap())
    }

    fn document(issuer: &str) -> String {
        format!(r#"{{"issuer":"{issuer}","jwks_uri":"https://a.example/keys","claims_supported":["sub"]}}"#)
    }

    #[test]
    fn the_issuer_is_spelt_as_in_the_document() {
        for set in ["https://a.example", "https://a.example/"] {
            for spelling in ["https://a.example", "https://a.example/"] {
                let endpoint = discover(set, &document(spelling)).unwrap();
                assert_eq!(
                    (endpoint.issuer.as_str(), endpoint.key_set.as_str()),
                    (spelling, "https://a.example/keys")
                );
            }
        }
    }

    #[test]
    fn another_issuer_s_document_is_refused() {
        for spelling in [
            "https://b.example",
            "https://a.example//",
            "https://A.example",
            "http://a.example",
            "https://a.example:443",
            "https://a.example/x",
            "",
        ] {
            assert_eq!(
                discover("https://a.example", &document(spelling)),
                Err(KeyError::IssuerMismatch),
                "{spelling}"
            );
        }
    }

    #[test]
    fn what_is_no_document_is_refused() {
        for text in [
            "",
            "null",
            "[]",
            "<html></html>",
            "{}",
            r#"{"issuer":"https://a.example"}"#,
            r#"{"issuer":["https://a.example"],"jwks_uri":"https://a.example/keys"}"#,
            r#"{"issuer":"https://a.example","issuer":"https://a.example","jwks_uri":"https://a.example/keys"}"#,
        ] {
            assert_eq!(discover("https://a.example", text), Err(KeyError::NotADiscoveryDocument), "{text}");
        }
    }
}
