//! The API in this process: its router is called directly, the tokens and the issuer behind them are real.

use std::path::Path;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, Method, Request, StatusCode};
use kinde_perms::Validator;
use kinde_perms_testkit::{Issuer, Persona, TokenBuilder};
use serde_json::Value;
use todos::{App, Store, Web};
use tower::ServiceExt as _;

/// The organization of tokens by default.
pub(crate) const ORGANIZATION: &str = "org_test";

/// The front end that may call the API from a browser.
pub(crate) const ORIGIN: &str = "http://localhost:5173";

/// An API with an empty database and an issuer of its own.
pub(crate) struct Api {
    pub(crate) issuer: Issuer,
    router: Router,
}

/// The caller of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Who {
    Anonymous,
    Persona(Persona),
}

impl Who {
    pub(crate) const ALL: [Self; 4] = [
        Self::Anonymous,
        Self::Persona(Persona::Viewer),
        Self::Persona(Persona::Editor),
        Self::Persona(Persona::Admin),
    ];
}

impl Api {
    pub(crate) async fn start() -> Self {
        Self::with_front_end(Path::new("no such folder"), |web| web).await
    }

    /// An API that serves the front end in this folder.
    pub(crate) async fn with_front_end(root: &Path, adapt: impl FnOnce(Web) -> Web) -> Self {
        let issuer = Issuer::start().await.unwrap();
        let validator = Validator::builder(issuer.url(), issuer.audience()).connect().await.unwrap();
        let web = adapt(Web::new(root, &validator, Some("todos-web".to_owned())));
        let state = App::new(validator, Store::open(Path::new(":memory:")).unwrap(), web);
        let router = todos::app(state.allow_origins(vec![ORIGIN.parse().unwrap()]));
        Self { issuer, router }
    }

    /// Returns a user's token in the default organization, without permissions and roles.
    pub(crate) fn bare_token(&self) -> TokenBuilder {
        self.issuer.token().org_code(ORGANIZATION)
    }

    pub(crate) fn token(&self, persona: Persona) -> String {
        self.bare_token().persona(persona).sign()
    }

    pub(crate) fn token_of(&self, who: Who) -> Option<String> {
        match who {
            Who::Anonymous => None,
            Who::Persona(persona) => Some(self.token(persona)),
        }
    }

    /// Sends a request; every body is labeled as JSON.
    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        token: Option<&str>,
        body: Option<&str>,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        if let Some(token) = token {
            request = request.header(AUTHORIZATION, format!("Bearer {token}"));
        }
        if body.is_some() {
            request = request.header(CONTENT_TYPE, "application/json");
        }
        let body = body.map_or_else(Body::empty, |text| Body::from(text.to_owned()));
        self.call(request.body(body).unwrap()).await
    }

    pub(crate) async fn call(&self, request: Request<Body>) -> Answer {
        let (parts, body) = self.router.clone().oneshot(request).await.unwrap().into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap();
        Answer { status: parts.status, headers: parts.headers, body }
    }

    pub(crate) async fn get(&self, path: &str, token: &str) -> Answer {
        self.send(Method::GET, path, Some(token), None).await
    }

    pub(crate) async fn post(&self, token: &str, body: &str) -> Answer {
        self.send(Method::POST, "/todos", Some(token), Some(body)).await
    }

    pub(crate) async fn patch(&self, path: &str, token: &str, body: &str) -> Answer {
        self.send(Method::PATCH, path, Some(token), Some(body)).await
    }

    pub(crate) async fn delete(&self, path: &str, token: &str) -> Answer {
        self.send(Method::DELETE, path, Some(token), None).await
    }
}

/// A response whose body has been read.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// The body of an answer that is expected to be this one.
    #[track_caller]
    pub(crate) fn json(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{self:?}");
        assert_eq!(self.header("content-type"), Some("application/json"), "{self:?}");
        serde_json::from_slice(&self.body).unwrap()
    }

    /// Fails unless this is a problem with this status and code, written as RFC 9457 wants it.
    #[track_caller]
    pub(crate) fn assert_problem(&self, status: u16, code: &str) {
        assert_eq!(self.status, status, "{self:?}");
        assert_eq!(self.header("content-type"), Some("application/problem+json"), "{self:?}");
        let body: Value = serde_json::from_slice(&self.body).unwrap();
        assert_eq!(body["code"], code, "{body}");
        assert_eq!(body["status"], status, "{body}");
        for member in ["type", "title", "detail", "error"] {
            assert!(body[member].as_str().is_some_and(|text| !text.is_empty()), "{member} of {body}");
        }
    }
}
