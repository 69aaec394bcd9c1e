//! Tokens in every wrong form, signed by the right key unless the attack is that they are not.
//!
//! A verifier that refuses a malformed token only because its signature does not fit has not been tested for the form.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kinde_perms_testkit::{SigningKey, TokenParts};
use serde_json::{Map, Value};

use crate::stage::Stage;

pub(crate) fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

pub(crate) fn decode(text: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text).expect("base64url")
}

/// Takes a token apart without decoding anything.
pub(crate) fn segments(token: &str) -> [String; 3] {
    let parts: Vec<_> = token.split('.').map(str::to_owned).collect();
    parts.try_into().expect("three segments")
}

/// Signs two arbitrary segments.
pub(crate) fn sign_segments(key: &SigningKey, header: &str, payload: &str) -> String {
    let input = format!("{header}.{payload}");
    let signature = encode(key.sign(input.as_bytes()));
    format!("{input}.{signature}")
}

/// Returns the usual header as JSON text.
pub(crate) fn header(stage: &Stage) -> String {
    text(TokenParts::of(&stage.token().sign()).header)
}

/// Returns the payload of a good token as JSON text.
pub(crate) fn payload(stage: &Stage) -> String {
    text(TokenParts::of(&stage.token().sign()).payload)
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).expect("UTF-8")
}

/// Makes a token with this header and a good payload.
pub(crate) fn with_header(stage: &Stage, header: impl Into<Vec<u8>>) -> String {
    stage.token().with_raw_header(header).sign()
}

/// Makes a token with this payload and a good header.
pub(crate) fn with_payload(stage: &Stage, payload: impl Into<Vec<u8>>) -> String {
    stage.token().with_raw_payload(payload).sign()
}

/// Makes a token in which the text of one claim is this, JSON or not.
pub(crate) fn with_claim_text(stage: &Stage, name: &str, value: &str) -> String {
    with_payload(stage, with_member(&payload(stage), name, value))
}

/// Sets a member of a JSON object to a text that need not be JSON.
pub(crate) fn with_member(object: &str, name: &str, value: &str) -> String {
    let mut members: Map<String, Value> = serde_json::from_str(object).expect("an object");
    members.remove(name);
    add_members(&Value::Object(members).to_string(), &format!(r#""{name}":{value}"#))
}

/// Writes further members at the front of a JSON object, whether they are there already or not.
pub(crate) fn add_members(object: &str, members: &str) -> String {
    let rest = object.strip_prefix('{').expect("an object");
    format!("{{{members},{rest}")
}
