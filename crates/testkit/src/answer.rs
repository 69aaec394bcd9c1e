//! Applies the fault of an endpoint to its answers.
//!
//! `answer` counts the request, waits as long as the fault holds it, and lets `apply_fault` change or replace the
//! reply.

use std::iter::repeat_n;

use axum::body::Body;
use axum::http::header::{CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, LOCATION, RETRY_AFTER};
use axum::http::{HeaderName, HeaderValue, Response, StatusCode};
use tokio::task::yield_now;

use crate::body::{ScriptedBody, Step};
use crate::faults::{Endpoint, Fault};
use crate::reply::{self, Reply};
use crate::settings::Settings;
use crate::state::State;

/// Answers with the reply, changed by the endpoint's fault. A fault that replaces the reply keeps it from being
/// computed, so no code or token is used up.
pub(super) async fn answer(
    state: &State,
    endpoint: Endpoint,
    reply: impl FnOnce(&Settings) -> Reply,
) -> Response<Body> {
    state.count(endpoint);
    state.wait_while(endpoint, Fault::hangs).await;
    state.wait_out_delay(endpoint).await;
    let settings = state.read(Settings::clone);
    let mut response = apply_fault(state, &settings, endpoint, reply);
    if let Some(cache_control) = settings.cache_control {
        response.headers_mut().entry(CACHE_CONTROL).or_insert(cache_control);
    }
    response
}

/// Creates the reply of a document, or an empty reply with the status.
pub(crate) fn document(document: Result<String, u16>) -> Reply {
    match document {
        Ok(document) => reply::of_type(StatusCode::OK, "application/json", document),
        Err(status) => {
            reply::empty(StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR))
        }
    }
}

fn apply_fault(
    state: &State,
    settings: &Settings,
    endpoint: Endpoint,
    reply: impl FnOnce(&Settings) -> Reply,
) -> Response<Body> {
    let reply = || reply(settings);
    let text = |reply: Reply| reply.into_body();
    match settings.fault(endpoint) {
        // A `Hang` or `Delay` is over here, or the issuer is closing.
        Fault::None | Fault::Hang | Fault::Delay(_) => reply().map(Body::from),
        Fault::Status(status) => document(Err(*status)).map(Body::from),
        Fault::RetryAfter(status, wait) => retry_after(*status, wait),
        Fault::Stall => stalled(state, endpoint, &text(reply())),
        Fault::Drop => scripted([Step::Break]),
        Fault::CutOff => cut_off(&text(reply())),
        Fault::Truncated => json(halves(&text(reply())).0.to_owned()),
        Fault::Html => html(),
        Fault::Body(body) => json(body.clone()),
        Fault::Huge(length) => json(padded(text(reply()), *length)),
        Fault::Endless => scripted([Step::send(&text(reply())), Step::Pad]),
        Fault::ManyKeys(decoys) => json(settings.key_set(*decoys)),
        Fault::EmptySet => json(r#"{"keys":[]}"#),
        Fault::Redirect(location) => redirect(location),
    }
}

fn stalled(state: &State, endpoint: Endpoint, document: &str) -> Response<Body> {
    let (begin, rest) = halves(document);
    let stall = state.wait_while(endpoint, Fault::stalls);
    scripted([Step::send(begin), Step::wait(stall), Step::send(rest)])
}

/// Without the wait, the server would discard the first half when the body breaks.
fn cut_off(document: &str) -> Response<Body> {
    let response = scripted([Step::send(halves(document).0), Step::wait(yield_now()), Step::Break]);
    with_header(response, CONTENT_LENGTH, document.len().into())
}

fn padded(mut document: String, length: usize) -> String {
    let padding = length.saturating_sub(document.len());
    document.extend(repeat_n(' ', padding));
    document
}

fn scripted(steps: impl IntoIterator<Item = Step>) -> Response<Body> {
    json(Body::new(ScriptedBody::new(steps)))
}

fn html() -> Response<Body> {
    let page = Response::new("<!doctype html><title>Sign in to the network</title>".into());
    with_header(page, CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"))
}

fn redirect(location: &str) -> Response<Body> {
    let location = HeaderValue::try_from(location).unwrap_or(HeaderValue::from_static("/"));
    with_header(bare(StatusCode::FOUND), LOCATION, location)
}

fn retry_after(status: u16, wait: &str) -> Response<Body> {
    let wait = HeaderValue::try_from(wait).unwrap_or(HeaderValue::from_static(""));
    with_header(document(Err(status)).map(Body::from), RETRY_AFTER, wait)
}

fn json(body: impl Into<Body>) -> Response<Body> {
    with_header(Response::new(body.into()), CONTENT_TYPE, HeaderValue::from_static("application/json"))
}

fn bare(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

fn with_header(mut response: Response<Body>, name: HeaderName, value: HeaderValue) -> Response<Body> {
    response.headers_mut().insert(name, value);
    response
}

/// Splits at the first character boundary from the middle on.
fn halves(document: &str) -> (&str, &str) {
    let middle = document.len() / 2;
    (middle..=document.len()).find_map(|at| document.split_at_checked(at)).unwrap_or((document, ""))
}

#[cfg(test)]
mod tests {
    use super::halves;

    #[test]
    fn a_document_is_cut_between_characters() {
        for (document, begin, rest) in
            [("", "", ""), ("abcd", "ab", "cd"), ("aéé", "aé", "é"), ("日本", "日", "本"), ("日", "日", "")]
        {
            assert_eq!(halves(document), (begin, rest));
        }
    }
}
