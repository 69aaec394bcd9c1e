//! A raw HTTP/1.1 client: it sends requests that well-behaved clients refuse to send.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// Only a server that hangs takes so long.
const PATIENCE: Duration = Duration::from_secs(30);

/// A request, down to its bytes.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    head: Vec<u8>,
    body: Vec<u8>,
}

/// An answer; status 0 means that the connection was closed without one.
#[derive(Clone, Debug, Default)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) text: String,
}

impl Request {
    pub(crate) fn new(method: &str, target: &str) -> Self {
        let head = format!("{method} {target} HTTP/1.1\r\nHost: localhost\r\n").into_bytes();
        Self { head, body: Vec::new() }
    }

    pub(crate) fn get(target: &str) -> Self {
        Self::new("GET", target)
    }

    /// A request of one's own from the first byte on.
    pub(crate) fn raw(bytes: impl Into<Vec<u8>>) -> Self {
        Self { head: bytes.into(), body: Vec::new() }
    }

    pub(crate) fn header(self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.line([name.as_bytes(), b": ", value.as_ref()].concat())
    }

    /// Adds an arbitrary line to the head.
    pub(crate) fn line(mut self, line: impl AsRef<[u8]>) -> Self {
        self.head.extend_from_slice(line.as_ref());
        self.head.extend_from_slice(b"\r\n");
        self
    }

    pub(crate) fn authorization(self, value: impl AsRef<[u8]>) -> Self {
        self.header("Authorization", value)
    }

    pub(crate) fn bearer(self, token: &str) -> Self {
        self.authorization(format!("Bearer {token}"))
    }

    pub(crate) fn body(self, content_type: &str, body: &str) -> Self {
        let length = body.len().to_string();
        let request = self.header("Content-Type", content_type).header("Content-Length", length);
        Self { body: body.as_bytes().to_vec(), ..request }
    }

    fn bytes(&self) -> Vec<u8> {
        [&self.head, b"Connection: close\r\n\r\n".as_slice(), &self.body].concat()
    }

    /// Sends it on a connection of its own, and reads until the server closes.
    pub(crate) async fn send(&self, to: SocketAddr) -> Response {
        Response::read(&exchange(to, &self.bytes()).await)
    }

    /// Sends several on one connection, each after the answer to the one before.
    pub(crate) async fn send_in_turn(requests: &[Self], to: SocketAddr) -> Vec<Response> {
        let mut stream = TcpStream::connect(to).await.unwrap();
        let mut responses = Vec::new();
        for request in requests {
            let bytes = [&request.head, b"\r\n".as_slice(), &request.body].concat();
            stream.write_all(&bytes).await.unwrap();
            responses.push(Response::read(&timeout(PATIENCE, read_one(&mut stream)).await.unwrap()));
        }
        responses
    }
}

async fn exchange(to: SocketAddr, bytes: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(to).await.unwrap();
    // A server that has seen enough closes, and then neither writing nor reading has to succeed.
    let _ = stream.write_all(bytes).await;
    let mut answer = Vec::new();
    let _ = timeout(PATIENCE, stream.read_to_end(&mut answer)).await.expect("an answer in time");
    answer
}

/// Reads the head and as much body as it announces.
async fn read_one(stream: &mut TcpStream) -> Vec<u8> {
    let mut answer = Vec::new();
    while !is_complete(&answer) {
        let byte = stream.read_u8().await.unwrap();
        answer.push(byte);
    }
    answer
}

fn is_complete(answer: &[u8]) -> bool {
    let text = String::from_utf8_lossy(answer);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    body.len() >= length.and_then(|length| length.parse().ok()).unwrap_or(0)
}

impl Response {
    fn read(bytes: &[u8]) -> Self {
        let text = String::from_utf8_lossy(bytes).into_owned();
        let status = text.get(9..12).and_then(|status| status.parse().ok()).unwrap_or(0);
        Self { status, text }
    }

    /// Returns a header's value; the server writes names in lower case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let head = self.text.split("\r\n\r\n").next()?;
        head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }

    pub(crate) fn body(&self) -> &str {
        self.text.split_once("\r\n\r\n").map_or("", |(_, body)| body)
    }
}
