//! Runs one case and compares the answers.

use kinde_perms::Validator;
use kinde_perms_testkit::{SigningKey, TokenBuilder};
use serde_json::{Value, json};

use crate::answer::{Answer, Cause};
use crate::call::{self, Caller};
use crate::case::Case;
use crate::deviation;
use crate::mint;
use crate::server::Server;
use crate::tally::Tally;

const AUDIENCE: &str = "https://api.example.test";

/// Runs a case; the error describes the difference.
pub(crate) fn run(case: &Case, tally: &Tally) -> Result<(), String> {
    let verdict = judge(case, tally);
    if verdict.is_err() {
        tally.undeclared();
    }
    verdict
}

fn judge(case: &Case, tally: &Tally) -> Result<(), String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let Asked { recorded, ours, elsewhere } = runtime.block_on(ask(case))?;
    let agree = recorded.agrees_with(&ours);
    match (deviation::class(case, &recorded), elsewhere) {
        (_, None) if agree => tally.same(),
        (Some(class), None) if class.explains(&ours) => tally.declared(class),
        (Some(class), Some(path)) if class.asks(&path) && (agree || class.explains(&ours)) => {
            tally.declared(class);
        }
        (_, Some(path)) => return Err(format!("asked for {path}, which Kinde does not")),
        (_, None) => return Err(format!("Kinde answers {recorded:?}, this crate {ours:?}")),
    }
    Ok(())
}

/// Both answers, and the requests that Kinde does not make.
struct Asked {
    recorded: Answer,
    ours: Answer,
    elsewhere: Option<String>,
}

async fn ask(case: &Case) -> Result<Asked, String> {
    let server = Server::start(&case.api).await;
    let key = SigningKey::shared();
    let key_set = json!({"keys": [key.public_jwk()]}).to_string();
    let builder = Validator::builder(&server.url, AUDIENCE);
    let validator = builder.build_with_static_keys(&key_set).map_err(|error| error.to_string())?;
    let payload = case.claims.as_ref().map(|claims| mint::payload(case, claims, &server.url, AUDIENCE));
    let token = payload.as_ref().map(|payload| {
        let payload = Value::Object(payload.clone()).to_string();
        TokenBuilder::new(&server.url, AUDIENCE).with_raw_payload(payload).sign()
    });
    let caller: Caller = match &token {
        Some(token) => validator.account(token).await.map_err(|error| call::refusal(&error)),
        None => Err(Cause::NoToken),
    };
    let mut recorded = Answer::recorded(case);
    follow_overlay(&mut recorded, case, payload.as_ref());
    let ours = call::answer(case, &caller).await?;
    let asked = server.asked();
    // Not every case records the requests. A call that does not ask must have made none.
    let is_judged = !case.network_calls.is_empty() || !case.is_live();
    let is_recorded = |path: &String| case.network_calls.iter().any(|call| is_to(call, path));
    let elsewhere = asked.into_iter().find(|path| is_judged && !is_recorded(path));
    Ok(Asked { recorded, ours, elsewhere })
}

fn is_to(call: &str, path: &str) -> bool {
    call.split('?').next() == Some(path)
}

/// Replaces recorded claims by the values that `mint` laid over them.
fn follow_overlay(recorded: &mut Answer, case: &Case, payload: Option<&serde_json::Map<String, Value>>) {
    let name = case.text_arg("claim");
    if let (Answer::Value(Value::Object(view)), "get_claim") = (recorded, case.getter())
        && let (Some(value), Some(laid)) = (view.get_mut("value"), payload.and_then(|all| all.get(name)))
    {
        laid.clone_into(value);
    }
}
