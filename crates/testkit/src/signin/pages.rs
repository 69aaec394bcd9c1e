//! The pages of an issuer: plain HTML that works without scripts, loads nothing and is not cached.

use std::fmt::Write as _;
use std::sync::LazyLock;

use aws_lc_rs::digest::{SHA256, digest};
use axum::http::header::{CONTENT_SECURITY_POLICY, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderValue, StatusCode};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::store::Request;
use crate::person::Person;
use crate::reply::{self, Reply};
use kinde_perms::__crates::escaped;

const STYLE: &str = include_str!("style.css");

const WARNING: &str = "<p class=\"warning\"><strong>Not for production.</strong> This is a stand-in for Kinde on your own \
     machine. It asks for no password: whoever can open this page can be anybody on it.</p>";

/// The CSP source of the style: its digest, so that no other style applies.
static STYLE_SOURCE: LazyLock<String> =
    LazyLock::new(|| format!("'sha256-{}'", STANDARD.encode(digest(&SHA256, STYLE.as_bytes()))));

/// A page: its content, and its permissions in the CSP.
pub(crate) struct Page<'a> {
    pub(crate) status: StatusCode,
    pub(crate) title: &'a str,
    /// HTML.
    pub(crate) content: &'a str,
    /// Where its forms may lead, including redirects.
    pub(crate) form_action: &'a str,
    /// Further CSP directives.
    pub(crate) also: &'a str,
}

impl Page<'_> {
    pub(crate) fn reply(&self) -> Reply {
        let Self { status, title, content, form_action, also } = self;
        let title = escaped(title);
        let body = format!(
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n{WARNING}\n\
             <main>\n<h1>{title}</h1>\n{content}</main>\n</body>\n</html>\n"
        );
        let policy = format!(
            "default-src 'none'; style-src {}; form-action {form_action}; base-uri 'none'; frame-ancestors 'none'{also}",
            *STYLE_SOURCE
        );
        let mut reply = reply::uncached(reply::of_type(*status, "text/html; charset=utf-8", body));
        let policy = HeaderValue::try_from(policy).unwrap_or(HeaderValue::from_static("default-src 'none'"));
        reply.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
        reply.headers_mut().insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        // With `no-referrer`, browsers would not send the `Origin` of a form, either.
        reply.headers_mut().insert(REFERRER_POLICY, HeaderValue::from_static("same-origin"));
        reply
    }
}

/// The page on which people choose who they are.
pub(super) fn people(id: &str, request: &Request, people: &[&Person]) -> Reply {
    let title = if request.create { "Create account" } else { "Sign in" };
    let mut content = format!(
        "<p>The application <strong>{}</strong> asks who you are, and then goes on at <code>{}</code>.</p>\n",
        escaped(&request.client),
        escaped(&request.redirect_uri)
    );
    if people.is_empty() {
        let org = escaped(request.org_code.as_deref().unwrap_or_default());
        let _ = writeln!(content, "<p>Nobody here belongs to the organization <code>{org}</code>.</p>");
    }
    let _ = write!(
        content,
        "<form method=\"post\" action=\"/oauth2/auth/choose\">\n\
         <input type=\"hidden\" name=\"request\" value=\"{}\">\n<ul class=\"people\">\n",
        escaped(id)
    );
    for person in people {
        write_person(&mut content, person);
    }
    content.push_str(
        "</ul>\n</form>\n<p><a href=\"/dev\">What this issuer is doing, and how to make it fail</a></p>\n",
    );
    let form_action = format!("'self' {}", form_target(&request.redirect_uri));
    Page { status: StatusCode::OK, title, content: &content, form_action: &form_action, also: "" }.reply()
}

fn write_person(html: &mut String, person: &Person) {
    let id = escaped(person.id());
    let _ = writeln!(
        html,
        "<li><button name=\"persona\" value=\"{id}\" data-persona=\"{id}\" aria-describedby=\"may-{id}\">\
         <b>{}</b><small>{}</small></button>\n<p id=\"may-{id}\">{}</p></li>",
        escaped(person.full_name()),
        escaped(person.address()),
        rights(person)
    );
}

/// Describes a person and their rights, as HTML.
pub(crate) fn rights(person: &Person) -> String {
    let org = match person.org_name() {
        Some(name) => format!("In {}", escaped(name)),
        None => "In no organization".to_owned(),
    };
    format!("{org}. Roles: {}. Permissions: {}.", list(person.role_keys()), list(person.permission_keys()))
}

fn list(keys: &[String]) -> String {
    if keys.is_empty() {
        return "none".to_owned();
    }
    keys.iter().map(|key| format!("<code>{}</code>", escaped(key))).collect::<Vec<_>>().join(", ")
}

/// Returns the CSP source that lets a form lead to `redirect_uri`: browsers apply `form-action` to redirects, too.
///
/// CSP sources cannot hold IPv6 addresses (CSP Level 3 §2.3.1), so for these the scheme is allowed.
fn form_target(redirect_uri: &str) -> String {
    crate::client::origin_of(redirect_uri)
        .filter(|origin| !origin.contains('['))
        .or_else(|| redirect_uri.split_once(':').map(|(scheme, _)| format!("{scheme}:")))
        .filter(|target| target.bytes().all(|byte| byte.is_ascii_graphic() && !b";,".contains(&byte)))
        .unwrap_or_default()
}

/// Creates an error page.
pub(crate) fn error(reason: &str) -> Reply {
    message(StatusCode::BAD_REQUEST, "This request cannot be answered", reason)
}

/// Creates a page of one sentence.
pub(crate) fn message(status: StatusCode, title: &str, text: &str) -> Reply {
    let content = format!("<p>{}</p>\n", escaped(text));
    Page { status, title, content: &content, form_action: "'none'", also: "" }.reply()
}

#[cfg(test)]
mod tests {
    use super::form_target;

    #[test]
    fn a_form_may_lead_to_the_page_that_asked() {
        for (redirect_uri, source) in [
            ("http://127.0.0.1:3000/callback?a=b", "http://127.0.0.1:3000"),
            ("https://app.example.com:443/", "https://app.example.com"),
            ("http://[::1]:3000/", "http:"),
            ("com.example.app://callback", "com.example.app:"),
        ] {
            assert_eq!(form_target(redirect_uri), source, "{redirect_uri}");
        }
    }
}
