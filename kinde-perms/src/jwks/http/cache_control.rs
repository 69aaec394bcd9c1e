//! Reads the lifetime of a response (RFC 9111 §5.2.2).

use std::time::Duration;

use http::HeaderMap;
use http::header::CACHE_CONTROL;

/// Returns the lifetime in a response's `Cache-Control`; `None` if there is none.
///
/// `no-store`, `no-cache` and a value that is not a number of seconds are a lifetime of zero. Of several values the
/// shortest counts (RFC 9111 §4.2.1 lets the cache choose).
pub(super) fn max_age(headers: &HeaderMap) -> Option<Duration> {
    let values = headers.get_all(CACHE_CONTROL).into_iter();
    values.flat_map(|value| value.as_bytes().split(|byte| *byte == b',')).filter_map(lifetime).min()
}

fn lifetime(directive: &[u8]) -> Option<Duration> {
    let directive = str::from_utf8(directive).ok()?.trim();
    let (name, value) = directive.split_once('=').unwrap_or((directive, ""));
    let name = name.trim();
    if name.eq_ignore_ascii_case("no-store") || name.eq_ignore_ascii_case("no-cache") {
        return Some(Duration::ZERO);
    }
    name.eq_ignore_ascii_case("max-age").then(|| Duration::from_secs(seconds(value.trim().trim_matches('"'))))
}

/// Reads delta-seconds (RFC 9111 §1.2.2): digits only. A number that is too large becomes `u64::MAX`.
fn seconds(digits: &str) -> u64 {
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return 0;
    }
    digits.parse().unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(values: &[&str]) -> Option<u64> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(CACHE_CONTROL, value.parse().unwrap());
        }
        max_age(&headers).map(|age| age.as_secs())
    }

    #[test]
    fn the_shortest_max_age_is_the_lifetime() {
        assert_eq!(read(&[]), None);
        assert_eq!(read(&["public"]), None);
        assert_eq!(read(&["max-age=600"]), Some(600));
        assert_eq!(read(&["public, Max-Age=\"3600\" , must-revalidate"]), Some(3600));
        assert_eq!(read(&["s-maxage=1, max-age=2"]), Some(2));
        assert_eq!(read(&["max-age=60", "max-age=30"]), Some(30));
        assert_eq!(read(&["max-age=99999999999999999999999"]), Some(u64::MAX));
    }

    #[test]
    fn a_directive_that_forbids_caching_or_is_malformed_is_a_lifetime_of_zero() {
        for value in
            ["no-store", "NO-CACHE", "no-cache=\"set-cookie\"", "max-age=60, no-store", "max-age", "max-age="]
        {
            assert_eq!(read(&[value]), Some(0), "{value}");
        }
        for value in ["max-age=-1", "max-age=+1", "max-age=1.5", "max-age=ten", "max-age=1 2"] {
            assert_eq!(read(&[value]), Some(0), "{value}");
        }
    }
}
