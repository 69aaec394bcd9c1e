//! Reads `Retry-After` (RFC 9110 §10.2.3).

use std::time::{Duration, UNIX_EPOCH};

use http::HeaderValue;

use super::breaker::{MAX_WAIT, MIN_WAIT};

/// Returns the wait that a `Retry-After` announces, between 1 s and 5 min; `None` if it is neither a number of seconds nor an
/// HTTP date.
///
/// A date is compared with the wall clock, `unix_time`. A date in the past is the shortest wait.
pub(super) fn read(value: &HeaderValue, unix_time: Duration) -> Option<Duration> {
    let text = value.to_str().ok()?.trim();
    let wait = if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        text.parse().map_or(Duration::MAX, Duration::from_secs)
    } else {
        let date = httpdate::parse_http_date(text).ok()?;
        date.duration_since(UNIX_EPOCH).unwrap_or_default().saturating_sub(unix_time)
    };
    Some(wait.clamp(MIN_WAIT, MAX_WAIT))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-01-01T00:00:00Z.
    const NOW: Duration = Duration::from_secs(1_767_225_600);

    fn seconds(text: &str) -> Option<u64> {
        read(&HeaderValue::from_bytes(text.as_bytes()).unwrap(), NOW).map(|wait| wait.as_secs())
    }

    #[test]
    fn numbers_of_seconds_and_http_dates_are_read() {
        assert_eq!(seconds("7"), Some(7));
        assert_eq!(seconds(" 120 "), Some(120));
        assert_eq!(seconds("Thu, 01 Jan 2026 00:00:30 GMT"), Some(30));
        assert_eq!(seconds("Thursday, 01-Jan-26 00:00:30 GMT"), Some(30));
        assert_eq!(seconds("Thu Jan  1 00:00:30 2026"), Some(30));
    }

    #[test]
    fn a_wait_is_clamped_to_its_bounds() {
        let (shortest, longest) = (Some(MIN_WAIT.as_secs()), Some(MAX_WAIT.as_secs()));
        assert_eq!(seconds("0"), shortest);
        for past in ["Wed, 31 Dec 2025 23:59:59 GMT", "Thu, 01 Jan 1970 00:00:00 GMT"] {
            assert_eq!(seconds(past), shortest);
        }
        for long in
            ["301", "18446744073709551615", "99999999999999999999999", "Fri, 31 Dec 9999 23:59:59 GMT"]
        {
            assert_eq!(seconds(long), longest, "{long}");
        }
    }

    #[test]
    fn a_malformed_value_announces_no_wait() {
        for text in ["", " ", "-1", "+1", "1.5", "1e9", "soon", "7, 8", "NaN", "\u{e9}"] {
            assert_eq!(seconds(text), None, "{text}");
        }
        assert_eq!(seconds("Thu, 32 Jan 2026 00:00:30 GMT"), None);
    }
}
