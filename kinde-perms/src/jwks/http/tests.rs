use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex as StdMutex};
use std::thread::JoinHandle;
use std::time::Duration;

use super::*;

const SET: &str = r#"{"keys":[]}"#;

/// The server's reaction to a request.
enum Reply {
    /// Writes these bytes and closes the connection.
    Raw(String),
    /// Writes these bytes and leaves the connection open.
    Stall(String),
}

fn status(code: &str, headers: &str, body: &str) -> Reply {
    let length = body.len();
    Reply::Raw(format!("HTTP/1.1 {code}\r\ncontent-length: {length}\r\n{headers}\r\n{body}"))
}

fn ok(body: &str) -> Reply {
    status("200 OK", "", body)
}

fn not_found() -> Reply {
    status("404 Not Found", "", "")
}

type Handler = dyn Fn(&str, &str) -> Reply + Send;

/// An HTTP server on loopback that answers one connection after the other.
struct Server {
    address: SocketAddr,
    requests: Arc<StdMutex<Vec<String>>>,
    ended: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Starts a server; the handler takes the base address of the server and the path of the request.
    fn start(handler: impl Fn(&str, &str) -> Reply + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (requests, ended) = (Arc::new(StdMutex::new(Vec::new())), Arc::new(AtomicBool::new(false)));
        let (seen, stop) = (Arc::clone(&requests), Arc::clone(&ended));
        let thread = std::thread::spawn(move || serve(&listener, &seen, &stop, &handler));
        Self { address, requests, ended, thread: Some(thread) }
    }

    fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }

    fn paths(&self) -> Vec<String> {
        let path = |request: &String| request.split(' ').nth(1).unwrap().to_owned();
        self.requests().iter().map(path).collect()
    }

    fn source(&self) -> HttpSource {
        impatient(HttpSource::new(&self.url()).unwrap())
    }

    /// Fetches from a source with a configured address of the key set.
    async fn fetch_configured(&self) -> Result<Fetched, KeyError> {
        impatient(HttpSource::at(&self.url(), &format!("{}/set", self.url())).unwrap()).fetch().await
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::SeqCst);
        drop(TcpStream::connect(self.address));
        self.thread.take().unwrap().join().unwrap();
    }
}

fn serve(listener: &TcpListener, seen: &StdMutex<Vec<String>>, ended: &AtomicBool, handler: &Handler) {
    let base = format!("http://{}", listener.local_addr().unwrap());
    let mut open = Vec::new();
    for connection in listener.incoming() {
        let mut connection = connection.unwrap();
        if ended.load(Ordering::SeqCst) {
            return;
        }
        let request = read_request(&mut connection);
        let path = request.split(' ').nth(1).unwrap_or_default().to_owned();
        seen.lock().unwrap().push(request);
        match handler(&base, &path) {
            // A client that gives up closes the connection while the server writes.
            Reply::Raw(bytes) => drop(connection.write_all(bytes.as_bytes())),
            Reply::Stall(bytes) => {
                connection.write_all(bytes.as_bytes()).unwrap();
                open.push(connection);
            }
        }
    }
}

fn read_request(connection: &mut TcpStream) -> String {
    let mut request = Vec::new();
    let mut buffer = [0; 1024];
    while !request.ends_with(b"\r\n\r\n") {
        let read = connection.read(&mut buffer).unwrap();
        request.extend_from_slice(&buffer[..read]);
    }
    String::from_utf8(request).unwrap()
}

/// Shortens the limits, so that a test that exceeds one is quick.
fn impatient(mut source: HttpSource) -> HttpSource {
    let short = Duration::from_millis(500);
    source.client = HttpClient::new(Limits { connect: short, total: short, bytes: 1000 });
    source
}

fn document(base: &str, key_set: &str) -> Reply {
    ok(&format!(r#"{{"issuer":"{base}/","jwks_uri":"{key_set}"}}"#))
}

const DISCOVERY: &str = "/.well-known/openid-configuration";

#[tokio::test]
async fn discovery_finds_the_key_set_and_is_remembered() {
    let server = Server::start(|base, path| match path {
        DISCOVERY => document(base, &format!("{base}/set")),
        "/set" => status("200 OK", "cache-control: max-age=900\r\n", SET),
        _ => not_found(),
    });
    let source = server.source();
    let fetched = source.fetch().await.unwrap();
    assert_eq!(fetched.body, SET.as_bytes());
    assert_eq!(fetched.max_age, Some(Duration::from_secs(900)));
    assert_eq!(fetched.issuer, Some(format!("{}/", server.url())), "as the document spells it");
    source.fetch().await.unwrap();
    assert_eq!(server.paths(), [DISCOVERY, "/set", "/set"]);
}

#[tokio::test]
async fn requests_carry_a_user_agent_and_no_credentials() {
    let server = Server::start(|_, _| ok(SET));
    server.fetch_configured().await.unwrap();
    let request = server.requests().remove(0).to_lowercase();
    assert!(request.contains(&format!("user-agent: kinde-perms/{}\r\n", env!("CARGO_PKG_VERSION"))));
    for header in ["authorization", "cookie", "referer", "accept-encoding"] {
        assert!(!request.contains(header), "{header}");
    }
}

#[tokio::test]
async fn without_discovery_the_set_is_at_its_default_address() {
    let server =
        Server::start(|_, path| if path == "/.well-known/jwks.json" { ok(SET) } else { not_found() });
    let source = server.source();
    assert_eq!(source.fetch().await.unwrap().issuer, Some(server.url()), "as it was set");
    source.fetch().await.unwrap();
    let expected = [DISCOVERY, "/.well-known/jwks.json", DISCOVERY, "/.well-known/jwks.json"];
    assert_eq!(server.paths(), expected, "discovery may come back");
}

#[tokio::test]
async fn a_discovery_document_that_is_missing_for_a_moment_does_not_change_the_spelling() {
    let missing = Arc::new(AtomicBool::new(false));
    let is_missing = Arc::clone(&missing);
    let server = Server::start(move |base, path| match (path, is_missing.load(Ordering::SeqCst)) {
        (DISCOVERY, false) => document(base, &format!("{base}/set")),
        ("/set", false) | ("/.well-known/jwks.json", true) => ok(SET),
        _ => not_found(),
    });
    let source = server.source();
    let discovered = source.fetch().await.unwrap().issuer;
    missing.store(true, Ordering::SeqCst);
    assert_eq!(source.fetch().await, Err(KeyError::Status(404)));
    assert_eq!(source.fetch().await.unwrap().issuer, discovered);
}

#[tokio::test]
async fn a_set_that_moved_is_discovered_again() {
    let moved = Arc::new(AtomicBool::new(false));
    let has_moved = Arc::clone(&moved);
    let server = Server::start(move |base, path| {
        let place = if has_moved.load(Ordering::SeqCst) { "/new" } else { "/old" };
        match path {
            DISCOVERY => document(base, &format!("{base}{place}")),
            path if path == place => ok(SET),
            _ => not_found(),
        }
    });
    let source = server.source();
    source.fetch().await.unwrap();
    moved.store(true, Ordering::SeqCst);
    assert_eq!(source.fetch().await, Err(KeyError::Status(404)));
    assert!(source.fetch().await.is_ok());
    assert_eq!(server.paths(), [DISCOVERY, "/old", "/old", DISCOVERY, "/new"]);
}

/// A server whose documents can be made to fail.
struct Failing {
    server: Server,
    set: Arc<StdMutex<&'static str>>,
    discovery: Arc<StdMutex<&'static str>>,
}

impl Failing {
    /// Starts a server that succeeds. Discovery spells its issuer with a slash, the configuration without.
    fn start() -> Self {
        let [set, discovery] = [(); 2].map(|()| Arc::new(StdMutex::new("200 OK")));
        let (of_set, of_discovery) = (Arc::clone(&set), Arc::clone(&discovery));
        let server = Server::start(move |base, path| {
            let code =
                if path == DISCOVERY { *of_discovery.lock().unwrap() } else { *of_set.lock().unwrap() };
            match path {
                _ if code != "200 OK" => status(code, "", ""),
                DISCOVERY => document(base, &format!("{base}/.well-known/jwks.json")),
                _ => ok(SET),
            }
        });
        Self { server, set, discovery }
    }
}

#[tokio::test]
async fn after_a_failure_of_the_set_a_failed_discovery_falls_back_to_the_last_address() {
    for failure in ["500 Internal Server Error", "403 Forbidden", "302 Found"] {
        let issuer = Failing::start();
        let source = issuer.server.source();
        source.fetch().await.unwrap();
        *issuer.set.lock().unwrap() = "500 Internal Server Error";
        assert_eq!(source.fetch().await, Err(KeyError::Status(500)));
        *issuer.set.lock().unwrap() = "200 OK";
        *issuer.discovery.lock().unwrap() = failure;
        assert!(source.fetch().await.is_ok(), "the set is where it was: {failure}");
    }
}

#[tokio::test]
async fn a_discovery_document_of_another_issuer_overrides_the_remembered_address() {
    let foreign = Arc::new(AtomicBool::new(false));
    let is_foreign = Arc::clone(&foreign);
    let server = Server::start(move |base, path| match (path, is_foreign.load(Ordering::SeqCst)) {
        (DISCOVERY, false) => document(base, &format!("{base}/set")),
        (DISCOVERY, true) => document("https://other.example", &format!("{base}/set")),
        ("/set", false) => ok(SET),
        _ => not_found(),
    });
    let source = server.source();
    source.fetch().await.unwrap();
    foreign.store(true, Ordering::SeqCst);
    assert_eq!(source.fetch().await, Err(KeyError::Status(404)));
    assert_eq!(source.fetch().await, Err(KeyError::IssuerMismatch));
    assert_eq!(server.paths(), [DISCOVERY, "/set", "/set", DISCOVERY]);
}

#[tokio::test]
async fn a_configured_address_is_used_without_discovery() {
    let server = Server::start(|_, path| if path == "/set" { ok(SET) } else { not_found() });
    assert_eq!(server.fetch_configured().await.unwrap().issuer, Some(server.url()));
    assert_eq!(server.paths(), ["/set"]);
}

#[tokio::test]
async fn a_discovery_document_with_a_foreign_address_is_refused_and_nothing_is_fetched_from_there() {
    let cases: [(&str, &str, KeyError); 4] = [
        ("BASE", "https://evil.example/set", KeyError::ForeignKeySet),
        ("BASE", "http://evil.example/set", KeyError::InsecureUrl),
        ("BASE", "https://127.0.0.1.example/set", KeyError::ForeignKeySet),
        ("https://other.example", "BASE/set", KeyError::IssuerMismatch),
    ];
    for (issuer, key_set, expected) in cases {
        let server = Server::start(move |base, _| {
            let (issuer, key_set) = (issuer.replace("BASE", base), key_set.replace("BASE", base));
            ok(&format!(r#"{{"issuer":"{issuer}","jwks_uri":"{key_set}"}}"#))
        });
        assert_eq!(server.source().fetch().await, Err(expected));
        assert_eq!(server.paths(), [DISCOVERY]);
    }
}

#[tokio::test]
async fn only_404_means_that_there_is_no_discovery() {
    for (code, expected) in [
        ("500 Internal Server Error", KeyError::Status(500)),
        ("403 Forbidden", KeyError::Status(403)),
        ("302 Found", KeyError::Redirected),
    ] {
        let server =
            Server::start(move |_, path| if path == DISCOVERY { status(code, "", "") } else { ok(SET) });
        assert_eq!(server.source().fetch().await, Err(expected));
    }
    let server = Server::start(|_, _| ok("<html>maintenance</html>"));
    assert_eq!(server.source().fetch().await, Err(KeyError::NotADiscoveryDocument));
}

#[tokio::test]
async fn redirections_are_not_followed() {
    let server = Server::start(|base, path| match path {
        "/set" => status("302 Found", &format!("location: {base}/elsewhere\r\n"), ""),
        _ => ok(SET),
    });
    assert_eq!(server.fetch_configured().await, Err(KeyError::Redirected));
    assert_eq!(server.paths(), ["/set"]);
}

#[tokio::test]
async fn a_body_is_bounded_with_and_without_a_content_length() {
    let chunked = |size: usize| {
        let chunk = format!("64\r\n{}\r\n", "x".repeat(100));
        let head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
        Reply::Raw(format!("{head}{}0\r\n\r\n", chunk.repeat(size / 100)))
    };
    for (fits, too_large) in [(ok(&"x".repeat(1000)), ok(&"x".repeat(1001))), (chunked(1000), chunked(1100))]
    {
        for (reply, expected) in [(fits, Ok(1000)), (too_large, Err(KeyError::TooLarge))] {
            let reply = StdMutex::new(Some(reply));
            let server = Server::start(move |_, _| reply.lock().unwrap().take().unwrap());
            assert_eq!(server.fetch_configured().await.map(|fetched| fetched.body.len()), expected);
        }
    }
}

#[tokio::test]
async fn a_response_that_breaks_off_is_a_connection_error() {
    let server =
        Server::start(|_, _| Reply::Raw("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"keys\"".into()));
    assert!(matches!(server.fetch_configured().await, Err(KeyError::Connection(_))));
}

#[tokio::test]
async fn a_response_that_does_not_begin_or_end_times_out() {
    for head in ["", "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"keys\""] {
        let server = Server::start(move |_, _| Reply::Stall(head.into()));
        assert_eq!(server.fetch_configured().await, Err(KeyError::TimedOut), "{head}");
    }
}

#[tokio::test]
async fn the_error_of_a_refused_connection_has_the_reason_and_no_address() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let error = HttpSource::new(&url).unwrap().fetch().await.unwrap_err();
    let KeyError::Connection(reason) = &error else { panic!("{error:?}") };
    assert!(reason.contains("refused"), "{reason}");
    assert!(!reason.contains("http"), "{reason}");
}

#[test]
fn unacceptable_addresses_are_refused_without_a_request() {
    assert_eq!(HttpSource::new("http://example.kinde.com").unwrap_err(), KeyError::InsecureUrl);
    assert_eq!(HttpSource::new("example.kinde.com").unwrap_err(), KeyError::InvalidUrl);
    let at = |key_set| HttpSource::at("https://example.kinde.com", key_set).map(drop);
    assert_eq!(at("https://mirror.example/keys.json"), Ok(()));
    assert_eq!(at("http://localhost/keys.json"), Err(KeyError::InsecureUrl));
    assert_eq!(at("keys.json"), Err(KeyError::InvalidUrl));
}
