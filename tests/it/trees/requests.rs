//! Derives requests to the routes of a tree, and to paths near them.

use axum::body::Body;
use http::{Method, Request};

use super::{Call, Rng, Tree};

const METHODS: [&str; 12] =
    ["GET", "GET", "GET", "POST", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH", "TRACE", "CONNECT", "PURGE"];

/// Values of path parameters.
const VALUES: [&str; 9] = ["a", "b", "q", "v1", "%61", "a%2Fb", "%ff", "..", "{x}"];

/// Endings appended to a path.
const TAILS: [&str; 8] = ["/", "//", "/q", "/a/b", "/..", "/.", "?a=b", "%2f"];

impl Tree {
    /// Returns requests to each of the tree's paths, and to paths that differ a little.
    pub(crate) fn requests(&self, rng: &mut Rng) -> Vec<(Method, String)> {
        let mut patterns = vec!["/".to_owned()];
        self.collect("", &mut patterns);
        let mut requests = Vec::new();
        for pattern in &patterns {
            let exact = instance(pattern, rng);
            let near = [mutated(&exact, rng), mutated(&exact, rng)];
            requests.extend([exact].into_iter().chain(near).map(|path| (method(rng), path)));
        }
        requests.push((Method::OPTIONS, "*".to_owned()));
        requests.push((Method::CONNECT, "a.test:443".to_owned()));
        requests
    }

    fn collect(&self, prefix: &str, patterns: &mut Vec<String>) {
        for call in &self.calls {
            match call {
                Call::Route(path, _) | Call::RouteService(path, _) => {
                    patterns.push(format!("{prefix}{path}"));
                }
                Call::NestService(path, _) => patterns.push(format!("{prefix}{path}/{{*rest}}")),
                Call::Nest(path, tree) => {
                    patterns.push(format!("{prefix}{path}"));
                    tree.collect(&format!("{prefix}{}", path.trim_end_matches('/')), patterns);
                }
                Call::Merge(tree) => tree.collect(prefix, patterns),
                _ => {}
            }
        }
    }
}

fn method(rng: &mut Rng) -> Method {
    rng.pick(&METHODS).parse().unwrap()
}

/// Fills in the parameters of a pattern.
fn instance(pattern: &str, rng: &mut Rng) -> String {
    let filled = pattern.split('/').map(|segment| match segment.split_once('{') {
        Some((_, name)) if name.starts_with('*') => {
            format!("{}{}", rng.pick(&VALUES), rng.pick(&["", "/b", "/", "/a/b"]))
        }
        Some((start, _)) => format!("{start}{}", rng.pick(&VALUES)),
        None => segment.to_owned(),
    });
    let path = filled.collect::<Vec<_>>().join("/");
    if path.starts_with('/') { path } else { format!("/{path}") }
}

fn mutated(path: &str, rng: &mut Rng) -> String {
    match rng.below(6) {
        0..=2 => format!("{path}{}", rng.pick(&TAILS)),
        3 => path
            .rsplit_once('/')
            .map(|(start, _)| start)
            .filter(|start| !start.is_empty())
            .unwrap_or("/")
            .to_owned(),
        4 => path.replacen('a', "%61", 1),
        _ => path.replacen('/', rng.pick(&["//", "/./", "/../", "/a/../"]), 1),
    }
}

/// Returns a request, with a token if given; `None` if the path is no valid URI.
pub(crate) fn request(method: &Method, path: &str, token: Option<&str>) -> Option<Request<Body>> {
    let mut request = Request::builder().method(method).uri(path);
    if let Some(token) = token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    request.body(Body::empty()).ok()
}
