//! `exp`, `nbf` and `iat`, checked with a clock that may be wrong.

use std::time::Duration;

use kinde_perms::TokenError;
use serde_json::{Value, json};

use crate::attack::{Attack, Case, accepted, refused};
use crate::forge::with_claim_text;
use crate::stage::{Setup, Stage};

const LEEWAY: u64 = 30;
const MINUTE: Duration = Duration::from_secs(60);

pub(crate) fn attacks() -> Vec<Attack> {
    [expiry(), beginnings(), clocks()].into_iter().flatten().collect()
}

fn with(stage: &Stage, name: &str, value: impl Into<Value>) -> String {
    stage.token().claim(name, value).sign()
}

/// A claim in several values, all of them of the wrong type or out of range.
fn invalid<const N: usize>(stage: &Stage, name: &'static str, values: [Value; N]) -> Vec<Case> {
    let case = |value: Value| {
        let what = value.to_string();
        Case::refused(what, with(stage, name, value), TokenError::InvalidClaim(name))
    };
    values.map(case).into()
}

fn expiry() -> Vec<Attack> {
    vec![
        refused("time-01").tokens(|stage| {
            let expired = |what, exp: u64| Case::refused(what, with(stage, "exp", exp), TokenError::Expired);
            vec![
                expired("a second ago", stage.now() - LEEWAY - 1),
                expired("this very second", stage.now() - LEEWAY),
                expired("in 1970", 0),
                Case::accepted("control: in a second", with(stage, "exp", stage.now() - LEEWAY + 1)),
            ]
        }),
        refused("time-04").tokens(|stage| {
            let token = stage.token().without("exp").sign();
            vec![Case::refused("no exp", token, TokenError::MissingClaim("exp"))]
        }),
        refused("time-06").tokens(|stage| {
            invalid(stage, "exp", [json!(null), json!(true), json!([stage.now() + 60]), json!({ "v": 1 })])
        }),
        accepted("time-07").tokens(|stage| {
            let soon = stage.now() + 60;
            vec![
                Case::accepted("half a second", with_claim_text(stage, "exp", &format!("{soon}.5"))),
                Case::accepted("an exponent", with_claim_text(stage, "exp", &format!("{soon}e0"))),
            ]
        }),
        refused("time-09").tokens(|stage| {
            let case = |text, error| Case::refused(text, with_claim_text(stage, "exp", text), error);
            let out_of_range = [
                "9223372036854775807",
                "9223372036854775808",
                "18446744073709551615",
                "18446744073709551616",
                "1e19",
                "1e308",
                "-1",
                "-9223372036854775808",
                "-1e308",
                "253402300800",
            ];
            let cases = out_of_range.map(|text| case(text, TokenError::InvalidClaim("exp")));
            let not_numbers =
                ["1e400", "-1e400", "1e99999999999"].map(|text| case(text, TokenError::Malformed));
            cases.into_iter().chain(not_numbers).collect()
        }),
        refused("time-11").tokens(|stage| {
            let case = |text| Case::refused(text, with_claim_text(stage, "exp", text), TokenError::Malformed);
            ["NaN", "Infinity", "-Infinity", "nan", "inf"].map(case).into()
        }),
        refused("time-12").tokens(|stage| invalid(stage, "exp", [json!(stage.now() * 1000)])),
    ]
}

fn beginnings() -> Vec<Attack> {
    vec![
        refused("time-13").tokens(|stage| {
            let latest = stage.now() + LEEWAY;
            vec![
                Case::refused("in a second", with(stage, "nbf", latest + 1), TokenError::NotYetValid),
                Case::refused(
                    "in a fraction of a second",
                    with_claim_text(stage, "nbf", &format!("{latest}.001")),
                    TokenError::NotYetValid,
                ),
                Case::accepted("control: now", with(stage, "nbf", latest)),
            ]
        }),
        refused("time-14").tokens(|stage| {
            invalid(stage, "nbf", [json!("soon"), json!(null), json!("0"), json!([]), json!(-1), json!(stage.now() * 1000)])
        }),
        refused("time-16")
            .choice(
                "an absent `iat` is accepted unless a maximum lifetime is set, which cannot be judged without; DESIGN §5 \
                 honours it if present; a wrong type or the future is refused always",
            )
            .tokens(|stage| {
                let future = with(stage, "iat", stage.now() + LEEWAY + 1);
                let mut cases = invalid(stage, "iat", [json!("x"), json!(null), json!(true), json!(-1)]);
                cases.push(Case::refused("in a second", future, TokenError::IssuedInFuture));
                cases.push(Case::accepted("control: absent", stage.token().without("iat").sign()));
                cases
            })
            .on(Setup::configured(|builder| builder.max_lifetime(60 * MINUTE * 24)), |stage| {
                let longer = stage.token().issued_ago(MINUTE).expires_in(60 * MINUTE * 24);
                vec![
                    Case::refused("absent", stage.token().without("iat").sign(), TokenError::MissingClaim("iat")),
                    Case::refused("too long a life", longer.sign(), TokenError::LifetimeTooLong),
                ]
            }),
    ]
}

fn clocks() -> Vec<Attack> {
    vec![
        accepted("time-17")
            .choice("tokens are judged by the wall clock wherever it jumps, keys aged and refreshed by the monotonic one")
            .scene(|| Box::pin(jumps())),
    ]
}

async fn jumps() {
    let stage = Stage::usual().await;
    let (fresh, older) = (stage.token().sign(), stage.token().issued_ago(15 * MINUTE).sign());
    stage.accepts(&fresh).await;
    stage.clock.step_wall_back(10 * MINUTE);
    stage.accepts(&older).await;
    stage.refuses("issued in what is now the future", &fresh, TokenError::IssuedInFuture).await;
    stage.still_well(0).await;
    // 1970, and the end of time: nothing wraps, nothing panics, nothing is fetched.
    stage.clock.set_unix_time(Duration::ZERO);
    stage.refuses("issued long after 1970", &older, TokenError::IssuedInFuture).await;
    stage.still_well(0).await;
    stage.clock.set_unix_time(Duration::MAX);
    stage.refuses("expired at the end of time", &older, TokenError::Expired).await;
}
