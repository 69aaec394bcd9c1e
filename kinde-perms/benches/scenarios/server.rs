//! Whole requests: Axum's own server on a pipe within the process.

use std::future::pending;
use std::hint::black_box;
use std::io;

use axum::Router;
use axum::routing::get;
use axum::serve::Listener;
use kinde_perms::{Validator, requires};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::runtime::{Builder, Runtime};

use super::Work;

#[requires(permissions = ["create:todos"])]
async fn guarded() -> &'static str {
    "ok"
}

async fn bare() -> &'static str {
    "ok"
}

/// A server without a guard.
pub(super) fn bare_router(validator: Validator) -> Router {
    Router::new().route("/", get(bare)).with_state(validator)
}

/// The same with a guard.
pub(super) fn guarded_router(validator: Validator) -> Router {
    Router::new().route("/", get(guarded)).with_state(validator)
}

/// Sends requests with these tokens in turn, one after the other on one connection.
pub(super) fn requesting(router: Router, tokens: &[String]) -> Work {
    let requests: Vec<Vec<u8>> = tokens.iter().map(|token| request(token)).collect();
    let mut connection = Connection::new(router);
    connection.exchange(&requests[0]);
    let mut next = 0;
    Box::new(move || {
        connection.exchange(black_box(&requests[next]));
        next = (next + 1) % requests.len();
    })
}

fn request(token: &str) -> Vec<u8> {
    let lines = [
        "GET / HTTP/1.1",
        "host: localhost",
        "accept: */*",
        &format!("authorization: Bearer {token}"),
        "",
        "",
    ];
    lines.join("\r\n").into_bytes()
}

struct Connection {
    runtime: Runtime,
    client: DuplexStream,
    answer: Vec<u8>,
}

impl Connection {
    fn new(router: Router) -> Self {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let (client, server) = duplex(64 * 1024);
        runtime.spawn(async { axum::serve(Pipe(Some(server)), router).await });
        Self { runtime, client, answer: vec![0; 1024] }
    }

    fn exchange(&mut self, request: &[u8]) {
        let length = self.runtime.block_on(async {
            self.client.write_all(request).await.unwrap();
            self.client.read(&mut self.answer).await.unwrap()
        });
        assert!(self.answer.starts_with(b"HTTP/1.1 200") && self.answer[..length].ends_with(b"ok"));
    }
}

/// A listener that accepts one existing connection.
struct Pipe(Option<DuplexStream>);

impl Listener for Pipe {
    type Io = DuplexStream;
    type Addr = ();

    async fn accept(&mut self) -> (DuplexStream, ()) {
        match self.0.take() {
            Some(stream) => (stream, ()),
            None => pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<()> {
        Ok(())
    }
}
