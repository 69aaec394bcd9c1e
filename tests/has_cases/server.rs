//! An Account API that serves the pages of a case and records the requests.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{Response, StatusCode, Uri};
use axum::response::IntoResponse as _;
use http_body_util::{Full, Limited};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

type Pages = BTreeMap<String, Vec<Value>>;

/// A server on loopback; stops on drop.
pub(crate) struct Server {
    pub(crate) url: String,
    asked: Asked,
    task: JoinHandle<()>,
}

type Asked = Arc<Mutex<Vec<String>>>;

impl Server {
    pub(crate) async fn start(pages: &Pages) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let asked = Asked::default();
        let app = Router::new().fallback(answer).with_state((Arc::new(pages.clone()), Arc::clone(&asked)));
        let task = tokio::spawn(async move { axum::serve(listener, app).await.expect("a server") });
        Self { url, asked, task }
    }

    /// The requested paths, without queries.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn answer(State((pages, asked)): State<(Arc<Pages>, Asked)>, uri: Uri) -> Response<Body> {
    asked.lock().unwrap_or_else(PoisonError::into_inner).push(uri.path().to_owned());
    match pages.get(uri.path()).and_then(|pages| page(pages, &uri)) {
        None => StatusCode::NOT_FOUND.into_response(),
        Some(page) if page.get("network_error").is_some() => broken(),
        Some(page) => match page.get("status").and_then(Value::as_u64) {
            Some(status) => StatusCode::from_u16(u16::try_from(status).expect("a status"))
                .expect("a status")
                .into_response(),
            None => page.to_string().into_response(),
        },
    }
}

/// Returns the first page, or the page after the one that names this cursor.
fn page<'p>(pages: &'p [Value], uri: &Uri) -> Option<&'p Value> {
    let mut pairs = uri.query().unwrap_or_default().split('&').filter_map(|pair| pair.split_once('='));
    let Some((_, cursor)) = pairs.find(|(name, _)| *name == "starting_after") else { return pages.first() };
    let before = pages.iter().position(|page| page["metadata"]["next_page_starting_after"] == cursor)?;
    pages.get(before + 1)
}

/// An answer whose body breaks off.
fn broken() -> Response<Body> {
    Response::new(Body::new(Limited::new(Full::new(Bytes::from_static(b"{}")), 1)))
}
