//! Requests the answers of the Account API, page by page.

use std::sync::Arc;

use serde::de::DeserializeOwned;

use super::error::{LiveError, LiveErrorKind};
use super::retry_after;
use super::wire::{Page, Paged};
use crate::jwks::{FailedRequest, HttpClient};
use crate::time::Clock;

/// The number of entries that are requested per page.
const PAGE_SIZE: usize = 100;

/// The limit of pages of an answer.
const MAX_PAGES: usize = 20;

/// The Account API of one issuer.
#[derive(Debug)]
pub(super) struct AccountClient {
    /// The address of the Account API, with a slash at its end. It depends on the configured issuer alone.
    base: String,
    client: HttpClient,
    clock: Arc<dyn Clock>,
}

impl AccountClient {
    pub(super) fn new(issuer: &str, clock: &Arc<dyn Clock>) -> Self {
        let issuer = issuer.strip_suffix('/').unwrap_or(issuer);
        Self {
            base: format!("{issuer}/account_api/v1/"),
            client: HttpClient::default(),
            clock: Arc::clone(clock),
        }
    }

    /// Requests all pages of a list.
    pub(super) async fn list<T: Paged>(&self, path: &str, token: &str) -> Result<T, LiveError> {
        let first = format!("{}{path}?page_size={PAGE_SIZE}", self.base);
        let mut page: Page<T> = self.page(&first, token).await?;
        let mut all = page.data;
        for _ in 1..MAX_PAGES {
            let Some(cursor) = page.metadata.next()? else { return Ok(all) };
            page = self.page(&format!("{first}&starting_after={}", encoded(&cursor)), token).await?;
            all.append(page.data);
        }
        match page.metadata.next()? {
            None => Ok(all),
            Some(_) => Err(LiveErrorKind::TooManyPages.into()),
        }
    }

    /// Requests a single item.
    pub(super) async fn item<T: DeserializeOwned>(&self, path: &str, token: &str) -> Result<T, LiveError> {
        self.page(&format!("{}{path}", self.base), token).await.map(|page| page.data)
    }

    async fn page<T: DeserializeOwned>(&self, address: &str, token: &str) -> Result<Page<T>, LiveError> {
        let answer = self.client.get_as_user(address, token).await.map_err(|failed| self.error(failed))?;
        serde_json::from_slice(&answer.body).map_err(|_| LiveErrorKind::Malformed.into())
    }

    fn error(&self, FailedRequest { error, retry_after }: FailedRequest) -> LiveError {
        let wait = retry_after.and_then(|value| retry_after::read(&value, self.clock.unix_time()));
        LiveError::new(error.into()).with_retry_after(wait)
    }
}

/// Percent-encodes a text, so that it is one path segment or one query value (RFC 3986 §2.1).
pub(super) fn encoded(text: &str) -> String {
    let byte = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'~' => char::from(byte).to_string(),
        other => format!("%{other:02X}"),
    };
    text.bytes().map(byte).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_encoded_text_cannot_leave_its_segment_of_the_address() {
        assert_eq!(encoded("perm_01-A~"), "perm_01-A~");
        assert_eq!(encoded("../a?b=c&d#e f"), "%2E%2E%2Fa%3Fb%3Dc%26d%23e%20f");
        assert_eq!(encoded("é"), "%C3%A9");
    }
}
