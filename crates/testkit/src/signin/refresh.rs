//! Refresh tokens that carry their grant and their number.

use std::time::Duration;

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// How long the previous refresh token stays valid, because two tabs or a lost answer are no theft.
pub(super) const OVERLAP: Duration = Duration::from_secs(10);

/// Writes and reads refresh tokens: `grant.number.mac`. The store keeps only the current number, and the MAC still
/// identifies every earlier token.
#[derive(Debug)]
pub(super) struct RefreshTokens(hmac::Key);

impl RefreshTokens {
    pub(super) fn new(secret: &str) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()))
    }

    pub(super) fn write(&self, grant: &str, number: u64) -> String {
        let text = format!("{grant}.{number}");
        let mac = URL_SAFE_NO_PAD.encode(hmac::sign(&self.0, text.as_bytes()));
        format!("{text}.{mac}")
    }

    /// Returns grant and number of the first authentic token, or of a later one of the same grant.
    pub(super) fn latest(&self, tokens: &[&str]) -> Option<(String, u64)> {
        let read: Vec<_> = tokens.iter().filter_map(|token| self.read(token)).collect();
        let first = read.first()?;
        read.iter().filter(|(grant, _)| *grant == first.0).max_by_key(|(_, number)| *number).cloned()
    }

    fn read(&self, token: &str) -> Option<(String, u64)> {
        let (text, mac) = token.rsplit_once('.')?;
        hmac::verify(&self.0, text.as_bytes(), &URL_SAFE_NO_PAD.decode(mac).ok()?).ok()?;
        let (grant, number) = text.split_once('.')?;
        Some((grant.to_owned(), number.parse().ok()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_own_tokens_are_read() {
        let tokens = RefreshTokens::new("secret");
        let token = tokens.write("grant", 7);
        assert_eq!(tokens.latest(&[&token]), Some(("grant".to_owned(), 7)));
        assert_eq!(RefreshTokens::new("another").latest(&[&token]), None);
        let mac = token.rsplit_once('.').unwrap().1;
        for forged in
            [format!("grant.8.{mac}"), format!("other.7.{mac}"), "grant.7.".to_owned(), String::new()]
        {
            assert_eq!(tokens.latest(&[&forged]), None, "{forged}");
        }
    }

    #[test]
    fn of_two_tokens_of_a_grant_the_latest_counts() {
        let tokens = RefreshTokens::new("secret");
        let [old, new, foreign] =
            [("grant", 1), ("grant", 2), ("other", 9)].map(|(id, at)| tokens.write(id, at));
        for both in [[&*old, &*new], [&*new, &*old]] {
            assert_eq!(tokens.latest(&both), Some(("grant".to_owned(), 2)));
        }
        assert_eq!(tokens.latest(&[&old, &foreign]), Some(("grant".to_owned(), 1)));
        assert_eq!(tokens.latest(&["garbage", &new]), Some(("grant".to_owned(), 2)));
    }
}
