//! One case, asked and compared.

use kinde_perms::testkit::{SigningKey, TokenBuilder};
use kinde_perms::{Validator, VerifyError};
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::call::{self, Caller};
use crate::case::Case;
use crate::deviation;
use crate::mint;
use crate::tally::Tally;

const ISSUER: &str = "https://acme.kinde.test";
const AUDIENCE: &str = "https://api.example.test";

/// Asks a case; the error says what is wrong.
pub(crate) fn run(case: &Case, tally: &Tally) -> Result<(), String> {
    let verdict = judge(case, tally);
    if verdict.is_err() {
        tally.undeclared();
    }
    verdict
}

fn judge(case: &Case, tally: &Tally) -> Result<(), String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let (recorded, ours) = runtime.block_on(ask(case))?;
    match (recorded.agrees_with(&ours), deviation::class(case, &recorded, &ours)) {
        (true, None) => tally.same(),
        (false, Some(class)) => tally.declared(class),
        (true, Some(class)) => return Err(format!("declared as {class:?}, but both answer {ours:?}")),
        (false, None) => return Err(format!("Kinde answers {recorded:?}, this crate {ours:?}")),
    }
    Ok(())
}

async fn ask(case: &Case) -> Result<(Answer, Answer), String> {
    let key = SigningKey::shared();
    let key_set = json!({"keys": [key.public_jwk()]}).to_string();
    let validator =
        Validator::builder(ISSUER, AUDIENCE).with_static_keys(&key_set).map_err(|error| error.to_string())?;
    let payload = case.claims.as_ref().map(|claims| mint::payload(case, claims, ISSUER, AUDIENCE));
    let token = payload.as_ref().map(|payload| {
        let payload = Value::Object(payload.clone()).to_string();
        TokenBuilder::new(ISSUER, AUDIENCE).with_raw_payload(payload).sign()
    });
    let caller: Caller = match &token {
        Some(token) => validator.verify(token).await,
        None => Err(VerifyError::Token(kinde_perms::TokenError::Malformed)),
    };
    let mut recorded = Answer::recorded(case);
    follow_overlay(&mut recorded, case, payload.as_ref());
    Ok((recorded, call::answer(case, &caller)?))
}

/// A claim that was laid over is expected as it was laid.
fn follow_overlay(recorded: &mut Answer, case: &Case, payload: Option<&serde_json::Map<String, Value>>) {
    let name = case.text_arg("claim");
    if let (Answer::Value(Value::Object(view)), Some(payload), "get_claim") =
        (recorded, payload, case.getter())
    {
        if let (Some(value), Some(laid)) = (view.get_mut("value"), payload.get(name)) {
            laid.clone_into(value);
        }
    }
}
