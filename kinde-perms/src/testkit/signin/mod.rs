//! Signing in: the part of an issuer that people and applications meet.
//!
//! `store` says what is under way and is pure; `authorize` and `token` judge requests by it; `pages` is what people see.
//! An answer is made without waiting, so that a fault can be done to it like to any document.

mod authorize;
mod bounded;
mod client;
mod cookies;
mod cors;
mod credentials;
mod dev;
mod form;
mod local;
mod management;
mod mint;
mod pages;
mod person;
mod pkce;
mod refresh;
mod refusal;
pub(super) mod reply;
mod session;
mod store;
mod token;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, Path, State as Extracted};
use axum::http::{HeaderMap, Response, StatusCode, Uri};
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use tokio::task::spawn_blocking;

pub use self::client::Client;
pub(super) use self::client::{Clients, SCOPES};
pub(super) use self::credentials::bearer;
use self::form::Form;
pub(super) use self::mint::Mint;
pub use self::person::Person;
use self::refusal::Refusal;
use self::reply::Reply;
pub(super) use self::store::{REFRESH_LIFE, Store};
use super::routes::answer;
use super::state::State;
use super::{Endpoint, ids};
use crate::access::Catalogue;
use crate::time::Clock;

/// No form of an application is longer.
const BODY_LIMIT: usize = 64 * 1024;

/// What the sign-in of an issuer is made of.
#[derive(Debug)]
pub(super) struct SignIn {
    url: String,
    port: u16,
    audience: String,
    clients: Clients,
    /// Which permissions and roles exist, beside those that people have.
    catalogue: Catalogue,
    /// Who can sign in, as they were at first.
    pub(super) people: Vec<Person>,
    clock: Arc<dyn Clock>,
    store: Mutex<Store>,
}

impl SignIn {
    pub(super) fn new(
        (url, port): (&str, u16),
        audience: &str,
        clients: Clients,
        (people, catalogue): (Vec<Person>, Catalogue),
        clock: Arc<dyn Clock>,
    ) -> Self {
        let (url, audience) = (url.to_owned(), audience.to_owned());
        let store = Mutex::new(Store::new(&ids::secret()));
        Self { url, port, audience, clients, catalogue, people, clock, store }
    }

    pub(super) fn store(&self) -> MutexGuard<'_, Store> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends every session and every grant.
    pub(super) fn forget_everybody(&self) {
        *self.store() = Store::new(&ids::secret());
    }

    /// The time by which things under way end.
    fn now(&self) -> Duration {
        self.clock.monotonic()
    }

    /// Returns what an access token is worth, unless it is not good.
    fn issued(&self, token: &str) -> Option<store::Issued> {
        self.store().issued(self.now(), self.clock.unix_time(), token).cloned()
    }

    /// Returns who is signed in where the request comes from.
    fn session(&self, headers: &HeaderMap) -> Option<store::Session> {
        self.store().session(self.now(), cookies::session(headers, self.port)?).cloned()
    }

    /// The audience of Kinde's Management API.
    fn management_audience(&self) -> String {
        format!("{}/api", self.url)
    }
}

/// Returns the audiences that the client asks for; unknown ones are refused, as a token without them would surprise.
fn audiences(form: &Form, known: &[&str]) -> Result<Vec<String>, Refusal> {
    let mut audiences = Vec::new();
    for asked in form.words("audience") {
        if !known.contains(&asked) {
            let reason = format!("`audience` may be {}, and no other API is registered", known.join(" or "));
            return Err(refusal::invalid_request(reason));
        }
        if !audiences.iter().any(|taken| taken == asked) {
            audiences.push(asked.to_owned());
        }
    }
    Ok(audiences)
}

type Shared = Extracted<Arc<State>>;

/// The endpoints that pages of applications fetch from.
pub(super) fn fetched(port: u16) -> Router<Arc<State>> {
    let routes = Router::new()
        .route("/oauth2/token", post(token))
        .route("/oauth2/revoke", post(revoke))
        .route("/oauth2/v2/user_profile", get(user_profile));
    local(routes, port)
}

/// The issuer's own pages, and what no page fetches.
pub(super) fn visited(port: u16) -> Router<Arc<State>> {
    let routes = Router::new()
        .route("/oauth2/auth", get(authorize))
        .route("/oauth2/auth/choose", post(choose))
        .route("/oauth2/introspect", post(introspect))
        .route("/logout", get(logout))
        .route("/api/v1/permissions", get(permissions))
        .route("/api/v1/roles", get(roles))
        .route("/api/v1/roles/{id}/permissions", get(role_permissions))
        .route("/dev", get(dev_page))
        .route("/dev/page.js", get(async || dev::script()))
        .route("/dev/state", get(dev_state))
        .route("/dev/control", post(dev_control));
    local(routes, port)
}

fn local(routes: Router<Arc<State>>, port: u16) -> Router<Arc<State>> {
    routes.layer(DefaultBodyLimit::max(BODY_LIMIT)).layer(from_fn_with_state(port, local::only))
}

/// Lets the pages of the registered clients read what `routes` answer.
pub(super) fn with_cors(routes: Router<Arc<State>>, state: &State) -> Router<Arc<State>> {
    match cors::layer(&state.signin.clients) {
        Some(layer) => routes.layer(layer),
        None => routes,
    }
}

async fn authorize(state: Shared, headers: HeaderMap, uri: Uri) -> Response<Body> {
    let query = uri.query().unwrap_or_default();
    answer(&state, Endpoint::Authorize, |settings| authorize::begin(&state.signin, settings, &headers, query))
        .await
}

async fn choose(state: Shared, headers: HeaderMap, body: Bytes) -> Response<Body> {
    answer(&state, Endpoint::Authorize, |settings| {
        authorize::choose(&state.signin, settings, &headers, &body)
    })
    .await
}

async fn token(state: Shared, headers: HeaderMap, body: Bytes) -> Response<Body> {
    answer(&state, Endpoint::Token, |settings| token::answer(&state.signin, settings, &headers, &body)).await
}

async fn revoke(state: Shared, headers: HeaderMap, body: Bytes) -> Response<Body> {
    answer(&state, Endpoint::Revoke, |_| session::revoke(&state.signin, &headers, &body)).await
}

async fn introspect(state: Shared, headers: HeaderMap, body: Bytes) -> Response<Body> {
    let introspect = |settings: &_| session::introspect(&state.signin, settings, &headers, &body);
    answer(&state, Endpoint::Introspect, introspect).await
}

async fn user_profile(state: Shared, headers: HeaderMap) -> Response<Body> {
    let profile = |settings: &_| session::user_profile(&state.signin, settings, &headers);
    answer(&state, Endpoint::UserProfile, profile).await
}

async fn logout(state: Shared, headers: HeaderMap, uri: Uri) -> Response<Body> {
    let query = uri.query().unwrap_or_default();
    answer(&state, Endpoint::Logout, |_| session::logout(&state.signin, &headers, query)).await
}

async fn permissions(state: Shared, headers: HeaderMap, uri: Uri) -> Response<Body> {
    let query = uri.query().unwrap_or_default();
    let list = |settings: &_| management::permissions(&state.signin, settings, &headers, query);
    answer(&state, Endpoint::Management, list).await
}

async fn roles(state: Shared, headers: HeaderMap, uri: Uri) -> Response<Body> {
    let query = uri.query().unwrap_or_default();
    let list = |settings: &_| management::roles(&state.signin, settings, &headers, query);
    answer(&state, Endpoint::Management, list).await
}

async fn role_permissions(
    state: Shared,
    Path(id): Path<String>,
    headers: HeaderMap,
    uri: Uri,
) -> Response<Body> {
    let asked = (id.as_str(), uri.query().unwrap_or_default());
    let list = |settings: &_| management::role_permissions(&state.signin, settings, &headers, asked);
    answer(&state, Endpoint::Management, list).await
}

async fn dev_page(state: Shared) -> Reply {
    dev::page(&state)
}

async fn dev_state(state: Shared) -> Reply {
    dev::state(&state)
}

async fn dev_control(Extracted(state): Shared, headers: HeaderMap, body: Bytes) -> Reply {
    let done = spawn_blocking(move || dev::control(&state, &headers, &body)).await;
    done.unwrap_or_else(|_| reply::empty(StatusCode::INTERNAL_SERVER_ERROR))
}
