//! The client: a few connections, each with one request under way.

use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::runtime::Builder;
use tokio::task::JoinSet;

const CONNECTIONS: usize = 8;

/// What the client saw of one run.
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
    let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
    let requests: Vec<Vec<u8>> = tokens.iter().map(|token| request(token)).collect();
    runtime.block_on(async {
        let start = Instant::now();
        let mut connections = JoinSet::new();
        for number in 0..CONNECTIONS {
            // A connection's tokens are those that no other one has, unless there are too few.
            let mine: Vec<_> = requests.iter().skip(number % requests.len()).step_by(CONNECTIONS).cloned().collect();
            connections.spawn(connection(port, mine, count / CONNECTIONS));
        }
        let mut latencies: Vec<Duration> = connections.join_all().await.concat();
        latencies.sort_unstable();
        Seen { wall: start.elapsed(), latencies }
    })
}

fn request(token: &str) -> Vec<u8> {
    format!("GET / HTTP/1.1\r\nhost: localhost\r\naccept: */*\r\nauthorization: Bearer {token}\r\n\r\n").into_bytes()
}

async fn connection(port: u16, requests: Vec<Vec<u8>>, count: usize) -> Vec<Duration> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.expect("the server is there");
    stream.set_nodelay(true).expect("a TCP option");
    let mut answer = [0; 4096];
    let mut latencies = Vec::with_capacity(count);
    for request in requests.iter().cycle().take(count) {
        let start = Instant::now();
        stream.write_all(request).await.expect("the server reads");
        let mut length = 0;
        while !answer[..length].ends_with(b"\r\n\r\nok") {
            let read = stream.read(&mut answer[length..]).await.expect("the server answers");
            assert!(read > 0, "refused: {}", String::from_utf8_lossy(&answer[..length]));
            length += read;
        }
        assert!(answer.starts_with(b"HTTP/1.1 200"));
        latencies.push(start.elapsed());
    }
    latencies
}
