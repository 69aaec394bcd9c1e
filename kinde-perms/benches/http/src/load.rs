//! The client: a few connections, each with one request under way.
//!
//! The client never sleeps. Waking a sleeping client costs a server more than a guard does, and happens more or less often
//! depending on which of the two is faster. This client is always awake, and keeps enough requests under way for the server
//! to be always busy. The remaining time is the cost of a request.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

const CONNECTIONS: usize = 16;

/// The client's measurements of one run.
pub struct Seen {
    pub wall: Duration,
    /// Sorted.
    pub latencies: Vec<Duration>,
}

impl Seen {
    pub fn per_second(&self) -> f64 {
        self.latencies.len() as f64 / self.wall.as_secs_f64()
    }

    pub fn quantile(&self, part: f64) -> Duration {
        let at = (self.latencies.len() as f64 * part) as usize;
        self.latencies[at.min(self.latencies.len() - 1)]
    }
}

/// Sends `count` requests with these tokens in turn.
pub fn send(port: u16, tokens: &[String], count: usize) -> Seen {
    let requests: Vec<Vec<u8>> = tokens.iter().map(|token| request(token)).collect();
    let mut connections: Vec<Connection> = (0..CONNECTIONS).map(|_| Connection::open(port)).collect();
    let mut latencies = Vec::with_capacity(count + CONNECTIONS);
    let mut next = requests.iter().cycle();
    let start = Instant::now();
    for connection in &mut connections {
        connection.ask(next.next().expect("a request"));
    }
    while latencies.len() < count {
        for connection in &mut connections {
            if connection.is_answered() {
                latencies.push(connection.asked.elapsed());
                connection.ask(next.next().expect("a request"));
            }
        }
    }
    let wall = start.elapsed();
    latencies.sort_unstable();
    Seen { wall, latencies }
}

fn request(token: &str) -> Vec<u8> {
    format!("GET / HTTP/1.1\r\nhost: localhost\r\naccept: */*\r\nauthorization: Bearer {token}\r\n\r\n")
        .into_bytes()
}

struct Connection {
    stream: TcpStream,
    asked: Instant,
    answer: [u8; 4096],
    length: usize,
}

impl Connection {
    fn open(port: u16) -> Self {
        let stream = TcpStream::connect(("127.0.0.1", port)).expect("the server is there");
        stream.set_nodelay(true).expect("a TCP option");
        stream.set_nonblocking(true).expect("a TCP option");
        Self { stream, asked: Instant::now(), answer: [0; 4096], length: 0 }
    }

    fn ask(&mut self, request: &[u8]) {
        self.asked = Instant::now();
        self.length = 0;
        self.stream.write_all(request).expect("a request is far smaller than the buffers");
    }

    /// Reads the available bytes; returns `true` if they complete the answer. Panics if the answer is not 200.
    fn is_answered(&mut self) -> bool {
        match self.stream.read(&mut self.answer[self.length..]) {
            Ok(read) => self.length += read,
            Err(error) if error.kind() == ErrorKind::WouldBlock => return false,
            Err(error) => panic!("the server is gone: {error}"),
        }
        let answer = &self.answer[..self.length];
        if !answer.ends_with(b"\r\n\r\nok") {
            assert!(
                !answer.is_empty() && !answer.ends_with(b"\r\n\r\n"),
                "refused: {}",
                answer.escape_ascii()
            );
            return false;
        }
        assert!(answer.starts_with(b"HTTP/1.1 200"), "refused: {}", answer.escape_ascii());
        true
    }
}
