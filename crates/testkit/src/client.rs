//! The applications that are registered with an issuer.

use std::fmt;
use std::io;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use axum::http::Uri;

/// The scopes that every client may ask for.
pub(crate) const SCOPES: [&str; 6] = ["openid", "profile", "email", "offline", "phone", "address"];

/// An application that may ask an [`Issuer`](crate::Issuer) for tokens.
///
/// Addresses are compared as whole texts (RFC 9700 §2.1): `http://127.0.0.1:3000` and `http://127.0.0.1:3000/` differ,
/// and so do `localhost` and `127.0.0.1`. Pages at the origin of a redirect address may `fetch` from the issuer (CORS).
///
/// ```
/// use kinde_perms_testkit::Client;
///
/// let page = Client::public("todos-web")
///     .redirect_uri("http://127.0.0.1:3000")
///     .logout_uri("http://127.0.0.1:3000");
/// let job = Client::confidential("todos-job", "a secret").scope("read:permissions");
/// ```
#[derive(Clone)]
#[must_use]
pub struct Client {
    id: String,
    secret: Option<String>,
    redirect_uris: Vec<String>,
    logout_uris: Vec<String>,
    scopes: Vec<String>,
}

impl Client {
    /// Creates an application without a secret, such as a page in a browser. It must use PKCE (RFC 7636).
    pub fn public(id: &str) -> Self {
        let (redirect_uris, logout_uris, scopes) = (Vec::new(), Vec::new(), Vec::new());
        Self { id: id.to_owned(), secret: None, redirect_uris, logout_uris, scopes }
    }

    /// Creates an application that can keep a secret: a server, or a job that has tokens of its own.
    pub fn confidential(id: &str, secret: &str) -> Self {
        Self { secret: Some(secret.to_owned()), ..Self::public(id) }
    }

    /// Allows codes to be sent to this address.
    pub fn redirect_uri(mut self, uri: &str) -> Self {
        self.redirect_uris.push(uri.to_owned());
        self
    }

    /// Allows `/logout` to send the browser to this address.
    pub fn logout_uri(mut self, uri: &str) -> Self {
        self.logout_uris.push(uri.to_owned());
        self
    }

    /// Allows a scope besides `openid`, `profile`, `email`, `offline`, `phone` and `address`, which every client may
    /// request for a person. A machine may request only scopes that are allowed here.
    pub fn scope(mut self, scope: &str) -> Self {
        self.scopes.push(scope.to_owned());
        self
    }

    pub(super) fn id(&self) -> &str {
        &self.id
    }

    pub(super) fn is_public(&self) -> bool {
        self.secret.is_none()
    }

    pub(super) fn scopes(&self) -> &[String] {
        &self.scopes
    }

    pub(super) fn allows_redirect_to(&self, uri: &str) -> bool {
        self.redirect_uris.iter().any(|allowed| allowed == uri)
    }

    pub(super) fn allows_origin(&self, origin: &str) -> bool {
        self.redirect_uris.iter().any(|uri| origin_of(uri).is_some_and(|allowed| allowed == origin))
    }

    pub(super) fn has_secret(&self, secret: &str) -> bool {
        self.secret
            .as_deref()
            .is_some_and(|own| verify_slices_are_equal(own.as_bytes(), secret.as_bytes()).is_ok())
    }
}

/// Omits the secret.
impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("id", &self.id)
            .field("public", &self.is_public())
            .field("redirect_uris", &self.redirect_uris)
            .field("logout_uris", &self.logout_uris)
            .field("scopes", &self.scopes)
            .finish_non_exhaustive()
    }
}

/// The applications that an issuer knows.
#[derive(Debug)]
pub(crate) struct Clients(Vec<Client>);

impl Clients {
    /// Creates the list, and refuses a client that can never work.
    pub(crate) fn new(clients: Vec<Client>) -> io::Result<Self> {
        let refuse = |reason: String| Err(io::Error::new(io::ErrorKind::InvalidInput, reason));
        for (at, client) in clients.iter().enumerate() {
            let id = client.id();
            if id.is_empty() || client.secret.as_deref() == Some("") {
                return refuse("the id and the secret of a client must not be empty".to_owned());
            }
            if clients.iter().take(at).any(|other| other.id() == id) {
                return refuse(format!("the client `{id}` is registered twice"));
            }
            if let Some(uri) =
                client.redirect_uris.iter().chain(&client.logout_uris).find(|uri| !is_absolute(uri))
            {
                return refuse(format!(
                    "client `{id}`: `{uri}` is no address to return to, which is an absolute URL without a fragment"
                ));
            }
        }
        Ok(Self(clients))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn find(&self, id: &str) -> Option<&Client> {
        self.0.iter().find(|client| client.id() == id)
    }

    pub(super) fn allow_logout_to(&self, uri: &str) -> bool {
        self.0.iter().any(|client| client.logout_uris.iter().any(|allowed| allowed == uri))
    }

    /// Returns the origins of the pages that may read answers.
    pub(super) fn origins(&self) -> Vec<String> {
        let uris = self.0.iter().flat_map(|client| &client.redirect_uris);
        let mut origins: Vec<_> = uris.filter_map(|uri| origin_of(uri)).collect();
        origins.sort_unstable();
        origins.dedup();
        origins
    }
}

/// Returns `true` if `uri` is an absolute address without a fragment (RFC 6749 §3.1.2).
fn is_absolute(uri: &str) -> bool {
    // `Uri` drops fragments when it parses.
    !uri.contains('#')
        && uri.parse::<Uri>().is_ok_and(|uri| uri.scheme().is_some() && uri.authority().is_some())
}

/// Returns the origin of `uri` as browsers write it: without the default port of the scheme.
pub(super) fn origin_of(uri: &str) -> Option<String> {
    let uri: Uri = uri.parse().ok()?;
    let usual = match uri.scheme_str()? {
        "http" => 80,
        "https" => 443,
        _ => return None,
    };
    let (scheme, host) = (uri.scheme_str()?, uri.host()?.to_ascii_lowercase());
    Some(match uri.port_u16() {
        Some(port) if port != usual => format!("{scheme}://{host}:{port}"),
        _ => format!("{scheme}://{host}"),
    })
}
