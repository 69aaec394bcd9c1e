//! The parameters of a request, from a query or a form.

use std::collections::{BTreeSet, HashSet};

use axum::http::HeaderMap;

use super::refusal::{Refusal, invalid_request};
use crate::reply::is_of_type;

/// Parameters by name. A parameter without a value counts as absent (RFC 6749 §3.1).
#[derive(Debug)]
pub(super) struct Form(Vec<(String, String)>);

impl Form {
    pub(super) fn parse(text: &[u8]) -> Self {
        Self(form_urlencoded::parse(text).into_owned().filter(|(_, value)| !value.is_empty()).collect())
    }

    /// Reads the body of a request. It must be declared as a form and must not repeat a parameter.
    pub(super) fn of_body(headers: &HeaderMap, body: &[u8]) -> Result<Self, Refusal> {
        if !is_of_type(headers, "application/x-www-form-urlencoded") {
            return Err(invalid_request("the body must be application/x-www-form-urlencoded"));
        }
        let form = Self::parse(body);
        form.repeated().map_or(Ok(()), |name| Err(repeats(name)))?;
        Ok(form)
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    pub(super) fn need(&self, name: &str) -> Result<&str, Refusal> {
        self.get(name).ok_or_else(|| invalid_request(format!("`{name}` is missing")))
    }

    /// Returns the words of a list parameter.
    pub(super) fn words(&self, name: &str) -> impl Iterator<Item = &str> {
        self.get(name).unwrap_or_default().split(' ').filter(|word| !word.is_empty())
    }

    /// Returns the requested audiences. Unknown ones are refused, because a token without them would surprise.
    pub(super) fn audiences(&self, known: &[&str]) -> Result<Vec<String>, Refusal> {
        let mut audiences = Vec::new();
        for asked in self.words("audience") {
            if !known.contains(&asked) {
                let reason =
                    format!("`audience` may be {}, and no other API is registered", known.join(" or "));
                return Err(invalid_request(reason));
            }
            if !audiences.iter().any(|taken| taken == asked) {
                audiences.push(asked.to_owned());
            }
        }
        Ok(audiences)
    }

    /// Returns a parameter that occurs more than once.
    pub(super) fn repeated(&self) -> Option<&str> {
        let mut seen = HashSet::new();
        self.0.iter().map(|(name, _)| name.as_str()).find(|name| !seen.insert(*name))
    }
}

/// Writes a list as one parameter, which [`Form::words`] reads.
pub(super) fn words(list: &BTreeSet<String>) -> String {
    list.iter().map(String::as_str).collect::<Vec<_>>().join(" ")
}

/// Creates the error for a repeated parameter (RFC 6749 §3.1).
pub(super) fn repeats(name: &str) -> Refusal {
    invalid_request(format!("`{name}` is there more than once"))
}
