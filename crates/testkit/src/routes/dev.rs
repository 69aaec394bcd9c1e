//! `/dev`: the issuer's state and its controls.
//!
//! `page` and `state` show the settings, as HTML and as JSON. `control` reads an `Action` and performs it; the buttons
//! of the page send such actions.

use std::fmt::Write as _;
use std::time::Duration;

use axum::http::header::ORIGIN;
use axum::http::{HeaderMap, StatusCode};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::control::ControlError;
use crate::faults::{Endpoint, Fault};
use crate::person::Person;
use crate::reply::{self, Reply, single};
use crate::settings::Settings;
use crate::signin::authorize::is_own_page;
use crate::signin::pages::{self, Page};
use crate::state::State;
use kinde_perms::__crates::escaped;

/// The delay of the fault `slow`.
const SLOW: Duration = Duration::from_secs(3);

/// The endpoints by their names at `/dev`; one name can stand for several.
const GROUPS: [(&str, &[Endpoint]); 10] = [
    ("discovery", &[Endpoint::Discovery]),
    ("keys", &[Endpoint::Keys]),
    ("auth", &[Endpoint::Authorize]),
    ("token", &[Endpoint::Token]),
    (
        "account",
        &[
            Endpoint::Permissions,
            Endpoint::Roles,
            Endpoint::FeatureFlags,
            Endpoint::Entitlements,
            Endpoint::PortalLink,
        ],
    ),
    ("user_profile", &[Endpoint::UserProfile]),
    ("revoke", &[Endpoint::Revoke]),
    ("introspect", &[Endpoint::Introspect]),
    ("logout", &[Endpoint::Logout]),
    ("management", &[Endpoint::Management]),
];

/// An action of `POST /dev/control`.
#[derive(Debug, Deserialize)]
#[serde(tag = "action", rename_all = "snake_case", deny_unknown_fields)]
enum Action {
    // Braces make serde refuse other members.
    Rotate {},
    ReplaceKey {},
    Fault { endpoint: String, fault: String },
    TokenLife { seconds: u64 },
    ClockSkew { seconds: i64 },
    ExpiredTokens { on: bool },
    Revoke { persona: String },
    Permissions { persona: String, permissions: Vec<String> },
    Reset {},
}

/// Answers `POST /dev/control`. Call this where blocking is allowed, because creating a key takes a moment.
pub(super) fn control(state: &State, headers: &HeaderMap, body: &[u8]) -> Reply {
    match read(headers, body).and_then(|action| perform(state, action)) {
        Ok(()) => reply::empty(StatusCode::NO_CONTENT),
        Err(error) => reply::json(StatusCode::BAD_REQUEST, &json!({ "error": error.to_string() })),
    }
}

fn read(headers: &HeaderMap, body: &[u8]) -> Result<Action, ControlError> {
    // Pages of other origins cannot send this type without a preflight request, which is refused.
    if !reply::is_of_type(headers, "application/json") {
        return Err(ControlError::new("the body must be application/json"));
    }
    if !is_own_page(headers) {
        let origin = single(headers, &ORIGIN).unwrap_or("another site");
        return Err(ControlError::new(format!("pages of {origin} may not do this; the issuer's own may")));
    }
    serde_json::from_slice(body).map_err(|error| ControlError::new(format!("the body is no action: {error}")))
}

fn perform(state: &State, action: Action) -> Result<(), ControlError> {
    match action {
        Action::Rotate {} => drop(state.rotate()),
        Action::ReplaceKey {} => drop(state.replace_key_keeping_kid()),
        Action::Fault { endpoint, fault } => return set_fault(state, &endpoint, &fault),
        Action::TokenLife { seconds } => return state.set_token_life(Duration::from_secs(seconds)),
        Action::ClockSkew { seconds } => return state.set_clock_skew(seconds),
        Action::ExpiredTokens { on } => state.change(|settings| settings.expired_tokens = on),
        Action::Revoke { persona } => return state.revoke(&persona),
        Action::Permissions { persona, permissions } => return state.set_permissions(&persona, permissions),
        Action::Reset {} => state.reset(),
    }
    Ok(())
}

fn set_fault(state: &State, name: &str, fault: &str) -> Result<(), ControlError> {
    let fault = match fault {
        "none" => Fault::None,
        "outage" => Fault::Status(503),
        "slow" => Fault::Delay(SLOW),
        _ => {
            return Err(ControlError::new(format!("`{fault}` is no fault; there are none, outage and slow")));
        }
    };
    let groups: Vec<_> = GROUPS.iter().filter(|(group, _)| *group == name || name == "all").collect();
    if groups.is_empty() {
        let names = GROUPS.map(|(group, _)| group).join(", ");
        return Err(ControlError::new(format!("`{name}` is no endpoint; there are {names} and all")));
    }
    for endpoint in groups.iter().flat_map(|(_, endpoints)| *endpoints) {
        state.set_fault(*endpoint, fault.clone());
    }
    Ok(())
}

/// Answers `GET /dev/state`.
pub(super) fn state(state: &State) -> Reply {
    let settings = state.read(Settings::clone);
    let requests: Map<_, _> = counts(state).map(|(group, count)| (group.to_owned(), json!(count))).collect();
    let faults: Map<_, _> = GROUPS
        .iter()
        .map(|(group, endpoints)| ((*group).to_owned(), json!(fault_name(&settings, endpoints))))
        .collect();
    let body = json!({
        "requests": requests,
        "faults": faults,
        "personas": settings.people.iter().map(persona).collect::<Vec<_>>(),
        "token_life": settings.user_token_life().as_secs(),
        "clock_skew": settings.clock_skew,
        "expired_tokens": settings.expired_tokens,
        "kid": settings.signing.kid(),
    });
    reply::uncached(reply::json(StatusCode::OK, &body))
}

fn counts(state: &State) -> impl Iterator<Item = (&'static str, u64)> {
    GROUPS.iter().map(|(group, endpoints)| {
        (*group, endpoints.iter().fold(0_u64, |sum, endpoint| sum.saturating_add(state.requests(*endpoint))))
    })
}

fn fault_name(settings: &Settings, endpoints: &[Endpoint]) -> &'static str {
    let faults: Vec<_> = endpoints.iter().map(|endpoint| settings.fault(*endpoint)).collect();
    let all = |is: fn(&Fault) -> bool| faults.iter().all(|fault| is(fault));
    if all(|fault| *fault == Fault::None) {
        "none"
    } else if all(|fault| *fault == Fault::Status(503)) {
        "outage"
    } else if all(|fault| *fault == Fault::Delay(SLOW)) {
        "slow"
    } else {
        "other"
    }
}

fn persona(person: &Person) -> Value {
    json!({
        "id": person.id(),
        "name": person.full_name(),
        "email": person.address(),
        "org_code": person.org_code(),
        "roles": person.role_keys(),
        "permissions": person.permission_keys(),
    })
}

/// Answers `GET /dev`.
pub(super) fn page(state: &State) -> Reply {
    let settings = state.read(Settings::clone);
    let mut content = String::from("<p id=\"outcome\" role=\"status\"></p>\n");
    people_section(&mut content, &settings);
    endpoint_section(&mut content, state, &settings);
    token_section(&mut content, &settings);
    content.push_str("<script src=\"/dev/page.js\"></script>\n");
    let also = "; script-src 'self'; connect-src 'self'";
    Page { status: StatusCode::OK, title: "Local issuer", content: &content, form_action: "'none'", also }
        .reply()
}

/// Answers `GET /dev/page.js`.
pub(super) fn script() -> Reply {
    reply::uncached(reply::of_type(
        StatusCode::OK,
        "text/javascript; charset=utf-8",
        include_str!("dev.js").to_owned(),
    ))
}

fn people_section(html: &mut String, settings: &Settings) {
    html.push_str("<h2>People</h2>\n<ul class=\"people\">\n");
    for person in &settings.people {
        let mut buttons =
            button(&json!({ "action": "revoke", "persona": person.id() }), "Sign out everywhere");
        for key in person.permission_keys() {
            let others: Vec<_> = person.permission_keys().iter().filter(|other| *other != key).collect();
            let action = json!({ "action": "permissions", "persona": person.id(), "permissions": others });
            buttons.push_str(&button(&action, &format!("Take {key} away")));
        }
        let name = escaped(person.full_name());
        let _ = writeln!(
            html,
            "<li><b>{name}</b><p>{}</p>\n<div class=\"actions\">{buttons}</div></li>",
            pages::rights(person)
        );
    }
    html.push_str("</ul>\n");
}

fn endpoint_section(html: &mut String, state: &State, settings: &Settings) {
    html.push_str("<h2>Endpoints</h2>\n<table>\n<thead><tr><th scope=\"col\">Endpoint</th><th scope=\"col\">Requests</th><th scope=\"col\">Fault</th></tr></thead>\n<tbody>\n");
    for ((group, count), (_, endpoints)) in counts(state).zip(GROUPS) {
        let set = fault_name(settings, endpoints);
        let faults = ["none", "outage", "slow"].into_iter().filter(|other| *other != set);
        let buttons: String = faults
            .map(|fault| button(&json!({ "action": "fault", "endpoint": group, "fault": fault }), fault))
            .collect();
        let _ = writeln!(
            html,
            "<tr><th scope=\"row\">{group}</th><td>{count}</td><td>{set}<div class=\"actions\">{buttons}</div></td></tr>"
        );
    }
    html.push_str("</tbody>\n</table>\n");
}

fn token_section(html: &mut String, settings: &Settings) {
    let (expired, kid) = (settings.expired_tokens, escaped(settings.signing.kid()));
    let life = settings.user_token_life().as_secs();
    let buttons = [
        button(&json!({ "action": "rotate" }), "New key"),
        button(&json!({ "action": "replace_key" }), "New key under the old name"),
        button(&json!({ "action": "token_life", "seconds": 60 }), "Tokens of one minute"),
        button(
            &json!({ "action": "expired_tokens", "on": !expired }),
            if expired { "Good tokens" } else { "Expired tokens" },
        ),
        button(&json!({ "action": "clock_skew", "seconds": 120 }), "Clock two minutes ahead"),
        button(&json!({ "action": "reset" }), "Reset"),
    ];
    let _ = write!(
        html,
        "<h2>Tokens</h2>\n<p>Signed with <code>{kid}</code>; good for {life} seconds{}; the clock is {} seconds ahead.</p>\n\
         <div class=\"actions\">{}</div>\n<p>What the buttons do, and more: <code>POST /dev/control</code>. \
         The same as JSON: <a href=\"/dev/state\"><code>/dev/state</code></a>.</p>\n",
        if expired { ", but issued expired" } else { "" },
        settings.clock_skew,
        buttons.concat()
    );
}

fn button(action: &Value, label: &str) -> String {
    format!(
        "<button type=\"button\" data-action=\"{}\">{}</button>",
        escaped(&action.to_string()),
        escaped(label)
    )
}
