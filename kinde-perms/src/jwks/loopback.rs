//! Which hosts are this machine, so that plain http to them cannot be overheard.

use std::net::Ipv4Addr;

/// Tells whether a URL's host is exactly `localhost`, in `127.0.0.0/8`, or `[::1]`.
///
/// A name below or above `localhost` is somebody else's to answer for.
#[must_use]
pub fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || host == "[::1]"
        || host.parse::<Ipv4Addr>().is_ok_and(|address| address.is_loopback())
}
