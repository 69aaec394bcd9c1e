//! Recognizes hosts that are this machine: plain http to them cannot be overheard.

use std::net::Ipv4Addr;

/// Returns `true` if a URL's host is exactly `localhost`, in `127.0.0.0/8`, or `[::1]`.
///
/// `localhost.`, `my.localhost` and `localhost.example` are not: a resolver may send such a name anywhere.
#[must_use]
pub fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || host == "[::1]"
        || host.parse::<Ipv4Addr>().is_ok_and(|address| address.is_loopback())
}
