//! Answers of services are the same on the wire, to the header, with `GuardedRouter` and with `Router`: Axum treats answers
//! of handlers and of services differently.

use std::convert::Infallible;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use http::header::CONTENT_LENGTH;
use kinde_perms::GuardedRouter;
use kinde_perms::routing::public_service;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tower::service_fn;

/// Answers `/…/status/body` with that status and that kind of body.
async fn answer(request: Request) -> Result<Response, Infallible> {
    let mut ends = request.uri().path().rsplit('/');
    let body = ends.next().unwrap_or_default();
    let status: u16 = ends.next().and_then(|status| status.parse().ok()).unwrap_or(404);
    let response = Response::builder().status(status);
    let response = match body {
        "empty" => response.body(Body::empty()),
        "length" => response.header(CONTENT_LENGTH, 4).body(if request.method() == "HEAD" {
            Body::empty()
        } else {
            Body::from("text")
        }),
        _ => response.body(Body::from("text")),
    };
    Ok(response.unwrap())
}

async fn serve(app: Router) -> TcpStreams {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, app).await });
    TcpStreams(address)
}

struct TcpStreams(std::net::SocketAddr);

impl TcpStreams {
    /// Returns the whole answer, without its date and with sorted headers.
    async fn ask(&self, request: &str) -> String {
        let mut stream = TcpStream::connect(self.0).await.unwrap();
        let request = format!("{request} HTTP/1.1\r\nhost: api.test\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let mut head: Vec<_> = head.split("\r\n").filter(|line| !line.starts_with("date:")).collect();
        head[1..].sort_unstable();
        format!("{head:?} {body}")
    }
}

#[tokio::test]
async fn services_answer_the_same_on_the_wire() {
    let declared = || public_service("a test", service_fn(answer));
    let guarded = GuardedRouter::<()>::new()
        .route_service("/route/{status}/{body}", declared())
        .nest_service("/nest", declared())
        .fallback_service(declared());
    let plain = Router::new()
        .route_service("/route/{status}/{body}", service_fn(answer))
        .nest_service("/nest", service_fn(answer))
        .fallback_service(service_fn(answer));
    let [guarded, plain] = [serve(guarded.with_state(()).into_router()).await, serve(plain).await];
    for method in ["GET", "HEAD", "POST", "OPTIONS"] {
        for place in ["route", "nest", "other"] {
            for status in [200, 204, 304, 404] {
                for body in ["empty", "text", "length"] {
                    let request = format!("{method} /{place}/{status}/{body}");
                    assert_eq!(guarded.ask(&request).await, plain.ask(&request).await, "{request}");
                }
            }
        }
    }
}
