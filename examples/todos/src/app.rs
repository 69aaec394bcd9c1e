//! The routes, and the state that their handlers share.

use axum::Router;
use axum::extract::FromRef;
use http::header::{AUTHORIZATION, CONTENT_TYPE, WWW_AUTHENTICATE};
use http::{HeaderValue, Method};
use kinde_perms::access::AccessMatrix;
use kinde_perms::routing::{get, patch};
use kinde_perms::{GuardedRouter, Validator};
use tower_http::cors::{AllowOrigin, CorsLayer};

use crate::handlers;
use crate::store::Store;
use crate::web::{self, Web};

/// The roles and permissions that `kinde.toml` declares.
pub(crate) mod kinde {
    kinde_perms::manifest!();
}

/// The state of the handlers. Clones are cheap.
#[derive(Clone, Debug)]
pub struct App {
    validator: Validator,
    store: Store,
    web: Web,
    origins: Vec<HeaderValue>,
}

impl App {
    /// Creates the state. No other origin may call the API from a browser.
    #[must_use]
    pub fn new(validator: Validator, store: Store, web: Web) -> Self {
        Self { validator, store, web, origins: Vec::new() }
    }

    /// Lets pages of these origins call the API.
    #[must_use]
    pub fn allow_origins(mut self, origins: Vec<HeaderValue>) -> Self {
        self.origins = origins;
        self
    }
}

impl FromRef<App> for Validator {
    fn from_ref(app: &App) -> Self {
        app.validator.clone()
    }
}

impl FromRef<App> for Store {
    fn from_ref(app: &App) -> Self {
        app.store.clone()
    }
}

impl FromRef<App> for Web {
    fn from_ref(app: &App) -> Self {
        app.web.clone()
    }
}

/// The API and its front end as a router, ready to serve or to call in a test.
pub fn app(state: App) -> Router {
    let cors = cors(state.origins.clone());
    routes().layer(cors).with_state(state).into_router()
}

/// Returns the access matrix: the routes, with the roles that `kinde.toml` declares.
#[must_use]
pub fn access() -> AccessMatrix {
    routes().access().with_catalogue((&kinde::MANIFEST).into())
}

fn routes() -> GuardedRouter<App> {
    GuardedRouter::new()
        .route("/health", get(handlers::health))
        .route("/todos", get(handlers::list_todos).post(handlers::create_todo))
        .route("/todos/{id}", patch(handlers::update_todo).delete(handlers::delete_todo))
        .route("/admin/users", get(handlers::list_users))
        .route("/me/permissions", get(handlers::my_permissions))
        .route("/me/permissions/{key}", get(handlers::my_permission))
        .route("/openapi.json", get(handlers::document))
        .route("/docs", get(handlers::documentation))
        .route("/config.json", get(web::config))
        .route("/", get(web::page))
        .route("/admin", get(web::page))
        .route("/unauthorized", get(web::page))
        .route("/assets/{*file}", get(web::asset))
        .fallback(handlers::unknown_path)
        .method_not_allowed_fallback(handlers::method_not_allowed)
}

/// The outermost layer: a preflight carries no token, so it must be answered before any guard sees it, and a
/// refusal must carry the CORS headers too, or the front end could not read its status.
fn cors(origins: Vec<HeaderValue>) -> CorsLayer {
    CorsLayer::new()
        .allow_origin(AllowOrigin::list(origins))
        .allow_methods([Method::GET, Method::POST, Method::PATCH, Method::DELETE])
        .allow_headers([AUTHORIZATION, CONTENT_TYPE])
        .expose_headers([WWW_AUTHENTICATE])
}
