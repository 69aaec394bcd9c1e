//! `/oauth2/auth`: from a client's request to its code.
//!
//! `begin` validates the request, then answers with a code, the sign-in page or an error. `choose` takes the form of
//! that page, signs the browser in and answers with the code.

use std::collections::BTreeSet;

use axum::http::HeaderMap;
use axum::http::header::{HeaderName, ORIGIN};

use super::form::{Form, repeats};
use super::pkce::Challenge;
use super::refusal::{Refusal, invalid_request};
use super::sign_in::SignIn;
use super::store::{Request, Session};
use super::{cookies, pages};
use crate::client::Client;
use crate::client::SCOPES;
use crate::ids;
use crate::person::Person;
use crate::reply::{self, Reply, single};
use crate::settings::Settings;

/// When the sign-in page is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Prompt {
    /// If the browser is not signed in.
    IfSignedOut,
    Always,
    Never,
}

/// A request that gets neither the page nor a code.
#[derive(Debug)]
enum Invalid {
    /// An error page, because the redirect address cannot be trusted (RFC 6749 §4.1.2.1).
    ErrorPage(String),
    Redirect {
        redirect_uri: String,
        state: Option<String>,
        refusal: Refusal,
    },
}

/// Answers `GET /oauth2/auth`.
pub(crate) fn begin(issuer: &SignIn, settings: &Settings, headers: &HeaderMap, query: &str) -> Reply {
    let (request, prompt) = match validate(issuer, &Form::parse(query.as_bytes())) {
        Ok(validated) => validated,
        Err(Invalid::ErrorPage(reason)) => return pages::error(&reason),
        Err(Invalid::Redirect { redirect_uri, state, refusal }) => {
            return refused(&redirect_uri, state.as_deref(), &refusal);
        }
    };
    let session = issuer.session(headers).filter(|session| {
        settings.person(&session.person).is_some_and(|person| may_sign_in(person, &request))
    });
    match (prompt, session) {
        (Prompt::IfSignedOut | Prompt::Never, Some(session)) => with_code(issuer, request, session),
        (Prompt::Never, None) => {
            let refusal = Refusal::new("login_required", "nobody is signed in here");
            refused(&request.redirect_uri, request.state.as_deref(), &refusal)
        }
        _ => show_people(issuer, settings, request),
    }
}

fn show_people(issuer: &SignIn, settings: &Settings, request: Request) -> Reply {
    let id = ids::secret();
    let people: Vec<_> = settings.people.iter().filter(|person| may_sign_in(person, &request)).collect();
    let page = pages::people(&id, &request, &people);
    issuer.store().keep_request(issuer.now(), &id, request);
    page
}

/// Answers `POST /oauth2/auth/choose`, the form of the page.
pub(crate) fn choose(issuer: &SignIn, settings: &Settings, headers: &HeaderMap, body: &[u8]) -> Reply {
    if !is_own_page(headers) {
        return pages::error("This form belongs to the issuer's own page; another site has sent it.");
    }
    match take_choice(issuer, settings, headers, body) {
        Ok((request, person)) => {
            let secret = ids::secret();
            let session =
                issuer.store().sign_in(issuer.now(), issuer.clock.unix_time(), &secret, person.id());
            if let Some(old) = cookies::session(headers, issuer.port) {
                issuer.store().replace(old, &session);
            }
            reply::with_cookie(
                with_code(issuer, request, session),
                &cookies::set_session(issuer.port, &secret),
            )
        }
        Err(refusal) => pages::error(&refusal.description),
    }
}

fn take_choice<'s>(
    issuer: &SignIn,
    settings: &'s Settings,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<(Request, &'s Person), Refusal> {
    let form = Form::of_body(headers, body)?;
    let (id, person) = (form.need("request")?, form.need("persona")?);
    let gone = || {
        invalid_request(
            "This page was used before, or has expired. Go back to the application and sign in again.",
        )
    };
    let mut store = issuer.store();
    let request = store.pending(issuer.now(), id).ok_or_else(gone)?;
    let person = settings.person(person).filter(|person| may_sign_in(person, request));
    let person = person.ok_or_else(|| invalid_request("nobody of that name can sign in here"))?;
    store.take_request(issuer.now(), id).map(|request| (request, person)).ok_or_else(gone)
}

/// Returns `true` if a page of this issuer sent the form, as far as the browser's headers tell.
pub(crate) fn is_own_page(headers: &HeaderMap) -> bool {
    let fetch_site = HeaderName::from_static("sec-fetch-site");
    let same_site = headers.get(&fetch_site).is_none_or(|site| site == "same-origin" || site == "none");
    let same_origin = match (headers.get(ORIGIN), super::local::host(headers)) {
        (None, _) => true,
        (Some(_), None) => false,
        (Some(_), Some(host)) => single(headers, &ORIGIN) == Some(&format!("http://{host}")),
    };
    same_site && same_origin
}

fn may_sign_in(person: &Person, request: &Request) -> bool {
    request.org_code.as_deref().is_none_or(|org| person.org_code() == Some(org))
}

fn with_code(issuer: &SignIn, request: Request, session: Session) -> Reply {
    let code = ids::secret();
    let location =
        with_query(&request.redirect_uri, &[("code", Some(&code)), ("state", request.state.as_deref())]);
    issuer.store().keep_code(issuer.now(), &code, request, session);
    reply::redirect(&location)
}

fn refused(redirect_uri: &str, state: Option<&str>, refusal: &Refusal) -> Reply {
    let parameters = [
        ("error", Some(refusal.error)),
        ("error_description", Some(&*refusal.description)),
        ("state", state),
    ];
    reply::redirect(&with_query(redirect_uri, &parameters))
}

/// Appends parameters to `uri`, which may have a query already.
fn with_query(uri: &str, parameters: &[(&str, Option<&str>)]) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    for (name, value) in parameters {
        value.map(|value| query.append_pair(name, value));
    }
    let separator = if uri.contains('?') { '&' } else { '?' };
    format!("{uri}{separator}{}", query.finish())
}

/// Validates a request: first its redirect address, because the later errors are sent there.
fn validate(issuer: &SignIn, form: &Form) -> Result<(Request, Prompt), Invalid> {
    let error_page = |reason: &str| Invalid::ErrorPage(reason.to_owned());
    if issuer.clients.is_empty() {
        return Err(error_page(
            "No application is registered with this issuer: IssuerBuilder::client(Client::public(…).redirect_uri(…)).",
        ));
    }
    if let Some(name) = form.repeated().filter(|name| ["client_id", "redirect_uri", "state"].contains(name)) {
        return Err(Invalid::ErrorPage(repeats(name).description));
    }
    let client = form.get("client_id").ok_or_else(|| error_page("`client_id` is missing."))?;
    let client =
        issuer.clients.find(client).ok_or_else(|| error_page("This `client_id` is not registered."))?;
    let redirect_uri = form.get("redirect_uri").ok_or_else(|| error_page("`redirect_uri` is missing."))?;
    if !client.allows_redirect_to(redirect_uri) {
        return Err(Invalid::ErrorPage(format!(
            "The `redirect_uri` {redirect_uri} is not registered for the client {}; addresses are compared as text, \
             whole. Register it with Client::redirect_uri, or start kinde-perms dev with --redirect-uri {redirect_uri}",
            client.id()
        )));
    }
    validate_request(issuer, client, redirect_uri, form).map_err(|refusal| Invalid::Redirect {
        redirect_uri: redirect_uri.to_owned(),
        state: form.get("state").map(str::to_owned),
        refusal,
    })
}

fn validate_request(
    issuer: &SignIn,
    client: &Client,
    redirect_uri: &str,
    form: &Form,
) -> Result<(Request, Prompt), Refusal> {
    form.repeated().map_or(Ok(()), |name| Err(repeats(name)))?;
    if form.get("request").is_some() || form.get("request_uri").is_some() {
        return Err(Refusal::new("request_not_supported", "request objects are not supported"));
    }
    if form.need("response_type")? != "code" {
        return Err(Refusal::new("unsupported_response_type", "`response_type` must be code"));
    }
    if form.get("response_mode").is_some_and(|mode| mode != "query") {
        return Err(invalid_request("`response_mode` must be query"));
    }
    let challenge = Challenge::of(form)?;
    if challenge.is_none() && client.is_public() {
        return Err(invalid_request("`code_challenge` is missing: a public client must use PKCE"));
    }
    let text = |name: &str| form.get(name).map(str::to_owned);
    let request = Request {
        client: client.id().to_owned(),
        redirect_uri: redirect_uri.to_owned(),
        state: text("state"),
        nonce: text("nonce"),
        scopes: scopes(client, form),
        audiences: form.audiences(&[&issuer.audience])?,
        challenge,
        org_code: text("org_code"),
        create: form.words("prompt").any(|word| word == "create"),
    };
    Ok((request, prompt(form)?))
}

/// Returns the requested scopes that the client may have (RFC 6749 §3.3).
fn scopes(client: &Client, form: &Form) -> BTreeSet<String> {
    let known = |scope: &&str| SCOPES.contains(scope) || client.scopes().iter().any(|own| own == scope);
    form.words("scope").filter(known).map(str::to_owned).collect()
}

fn prompt(form: &Form) -> Result<Prompt, Refusal> {
    let words: Vec<_> = form.words("prompt").collect();
    match *words {
        [] => Ok(Prompt::IfSignedOut),
        ["none"] => Ok(Prompt::Never),
        _ if words.iter().all(|word| ["login", "create", "consent", "select_account"].contains(word)) => {
            Ok(Prompt::Always)
        }
        _ => Err(invalid_request(
            "`prompt` must be none alone, or a list of login, create, consent and select_account",
        )),
    }
}
