//! The commands about tokens. `inspect` and `explain` describe a token without verifying it, and grant nothing.

use std::io;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use kinde_perms::__crates::{self, UnverifiedClaims};
use kinde_perms::Decision;
use kinde_perms::access::{Access, AccessMatrix, Reach, Route};
use kinde_perms_policy::printable::{self, Printable};
use serde_json::{Value, json};

use crate::arguments::Token;
use crate::mint;
use crate::output::{Failure, Output, read_matrix};
use crate::terminal::{Terminal, Tone};

const UNVERIFIED: &str = "NOT VERIFIED: neither signature nor issuer nor audience was checked";

pub(crate) fn run(
    command: &Token,
    json: bool,
    now: u64,
    read: &dyn Fn() -> io::Result<String>,
    terminal: Terminal,
) -> Result<Output, Failure> {
    match command {
        Token::Mint(mint) => mint::run(mint, json),
        Token::Inspect { token } => inspect(&token_text(token, read)?, json, now),
        Token::Explain { access, route, token } => {
            let (matrix, token) = (read_matrix(access)?, token_text(token, read)?);
            Ok(explain(&matrix, find(&matrix, route)?, &token, now).output(json, terminal))
        }
    }
}

fn token_text(token: &str, read: &dyn Fn() -> io::Result<String>) -> Result<String, Failure> {
    let text = match token {
        "-" => read().map_err(|error| Failure::new(format!("standard input: {error}")))?,
        token => token.to_owned(),
    };
    let text = text.trim();
    Ok(text.strip_prefix("Bearer ").unwrap_or(text).trim().to_owned())
}

fn inspect(token: &str, json: bool, now: u64) -> Result<Output, Failure> {
    let [header, payload] = parts(token).ok_or_else(|| {
        Failure::new("this is no JSON Web Token, which has three parts of base64url, joined by dots")
    })?;
    if json {
        return Ok(Output::json(&json!({ "verified": false, "header": header, "payload": payload }), false));
    }
    let expiry = match payload.get("exp").and_then(Value::as_u64) {
        Some(at) if at > now => format!("in {} seconds", at.saturating_sub(now)),
        Some(at) => format!("{} seconds ago", now.saturating_sub(at)),
        None => "never, so every validator refuses the token".to_owned(),
    };
    let said = printable::json(&format!("header {header:#}\npayload {payload:#}"));
    Ok(Output::new(format!("{UNVERIFIED}\n\n{said}\nexpires {expiry}\n"), false))
}

/// Returns the header and the payload.
fn parts(token: &str) -> Option<[Value; 2]> {
    let mut parts = token.split('.');
    let (header, payload) = (parts.next()?, parts.next()?);
    parts.next()?;
    let read = |part: &str| serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(part).ok()?).ok();
    parts.next().is_none().then_some([read(header)?, read(payload)?])
}

/// Returns the route that answers the request `asked`. A route's own pattern counts as a request.
fn find<'m>(matrix: &'m AccessMatrix, asked: &str) -> Result<&'m Route, Failure> {
    let unknown = || Failure::new(format!("no route is `{asked}`; `kinde-perms access show` lists them"));
    let (method, path) = asked.trim().split_once(' ').ok_or_else(unknown)?;
    let path = path.trim().split(['?', '#']).next().unwrap_or_default();
    matrix.matcher().answer(&method.to_uppercase(), path).route().ok_or_else(unknown)
}

/// The answer of a route, with the reason.
struct Answer<'m> {
    route: &'m Route,
    status: u16,
    reason: String,
    roles: Vec<&'m str>,
}

fn explain<'m>(matrix: &'m AccessMatrix, route: &'m Route, token: &str, now: u64) -> Answer<'m> {
    let (status, reason) = match route.access() {
        Access::Public(reason) => (200, format!("everyone may call it: {reason}")),
        _ if token.is_empty() => (401, "there is no token".to_owned()),
        access => decide(access, token, now),
    };
    let does = |role: &&str| matches!(matrix.reach(role, route), Some(Reach::Yes | Reach::If(_)));
    let roles = matrix.catalogue().roles().map(|(role, _)| role).filter(does).collect();
    Answer { route, status, reason, roles }
}

fn decide(access: &Access, token: &str, now: u64) -> (u16, String) {
    let claims = match read_claims(token, now) {
        Ok(claims) => claims,
        Err(fault) => return (401, fault),
    };
    let checks: Vec<_> = access.checks().collect();
    match access.rule().map(|rule| rule.decide(&claims)) {
        Some(Decision::Deny(denied)) => (403, denied.to_string()),
        _ if checks.is_empty() => (200, "the token meets the rule".to_owned()),
        _ => (200, format!("the token meets the rule; the rest is up to {}", checks.join(", "))),
    }
}

/// Returns the claims of an unexpired token, without verifying it.
fn read_claims(token: &str, now: u64) -> Result<UnverifiedClaims, String> {
    let payload = token.split('.').nth(1).and_then(|part| BASE64_URL_SAFE_NO_PAD.decode(part).ok());
    let payload = payload.and_then(|payload| String::from_utf8(payload).ok());
    let payload = payload.ok_or("this is no JSON Web Token")?;
    let claims = __crates::unverified(payload).map_err(|error| error.to_string())?;
    if claims.expires_at() <= now {
        return Err(format!("the token expired {} seconds ago", now.saturating_sub(claims.expires_at())));
    }
    Ok(claims)
}

impl Answer<'_> {
    fn output(&self, json: bool, terminal: Terminal) -> Output {
        let Self { route, status, reason, roles } = self;
        let bad = *status != 200;
        if json {
            let value = json!({
                "verified": false, "route": route.to_string(), "access": route.access().to_string(),
                "status": status, "reason": reason, "roles": roles,
            });
            return Output::json(&value, bad);
        }
        let roles = if roles.is_empty() {
            String::new()
        } else {
            format!("roles that would do: {}\n", Printable(roles.join(", ")))
        };
        let (rule, reason) = (route.access(), Printable(reason));
        let status = terminal.paint(if bad { Tone::Bad } else { Tone::Good }, &status.to_string());
        Output::new(
            format!("{UNVERIFIED}\n\n{route}: {status}\nrule: {rule}\nreason: {reason}\n{roles}"),
            bad,
        )
    }
}
