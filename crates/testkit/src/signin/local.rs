//! Refuses requests whose `Host` is not this machine.

use axum::extract::{Request, State};
use axum::http::header::HOST;
use axum::http::uri::Authority;
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use crate::reply::single;
use kinde_perms::__crates::is_loopback;

/// Returns the `Host` header: host and port of the request.
pub(crate) fn host(headers: &HeaderMap) -> Option<&str> {
    single(headers, &HOST)
}

/// Refuses requests that are not for this machine and this port.
///
/// To a browser, a page whose name points to this machine (DNS rebinding) has the issuer's origin. But its requests
/// carry that name in `Host`.
pub(crate) async fn only(State(port): State<u16>, request: Request, next: Next) -> Response {
    if host(request.headers()).is_some_and(|host| is_local(host, port)) {
        return next.run(request).await;
    }
    let reason = "This issuer answers to localhost and to loopback addresses, on its own port.\n";
    (StatusCode::MISDIRECTED_REQUEST, reason).into_response()
}

fn is_local(host: &str, port: u16) -> bool {
    host.parse::<Authority>().is_ok_and(|host| {
        !host.as_str().contains('@') && is_loopback(host.host()) && host.port_u16().unwrap_or(80) == port
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_this_machine_with_its_port_are_local() {
        for local in ["127.0.0.1:4000", "localhost:4000", "[::1]:4000", "127.1.2.3:4000"] {
            assert!(is_local(local, 4000), "{local}");
        }
        for foreign in [
            "localhost:4001",
            "localhost",
            "evil.test:4000",
            "127.0.0.1.evil.test:4000",
            "localhost.evil.test:4000",
            "localhost@evil.test:4000",
            "evil@localhost:4000",
            "",
            "10.0.0.1:4000",
            "0.0.0.0:4000",
        ] {
            assert!(!is_local(foreign, 4000), "{foreign}");
        }
        assert!(is_local("localhost", 80));
    }
}
