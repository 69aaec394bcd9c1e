//! Proof-of-possession tokens, sent as plain bearer tokens.

use kinde_perms::TokenError;
use serde_json::{Value, json};

use crate::attack::{Attack, Case, not_applicable, refused};
use crate::stage::{ATTACKER, Stage};

const NO_DPOP: &str = "DPoP (RFC 9449) is not offered: bound tokens are refused";

pub(crate) fn attacks() -> Vec<Attack> {
    let proofs = ["pop-04", "pop-05", "pop-06", "pop-07", "pop-08", "pop-10", "pop-12", "pop-15", "pop-16"];
    let proofs = proofs.map(|id| not_applicable(id, NO_DPOP));
    [
        refused("pop-02").tokens(|stage| {
            bound(stage, [json!({ "x5t#S256": "bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg2" })])
        }),
        refused("pop-03").tokens(|stage| {
            bound(stage, [json!({ "foo": "x" }), json!({}), json!(null), json!("x"), json!([]), json!(false)])
        }),
        refused("pop-17")
            .choice("a proof as an access token is refused; an access token as a proof is never looked at")
            .tokens(|stage| {
                let proof = stage
                    .token()
                    .key(&ATTACKER)
                    .header("typ", "dpop+jwt")
                    .header("jwk", ATTACKER.public_jwk())
                    .claim("htm", "GET")
                    .claim("htu", "https://api.example.test/me");
                vec![
                    Case::refused("by its own key", proof.sign(), TokenError::UnsupportedHeader("typ")),
                    Case::refused(
                        "by the issuer's",
                        proof.key(&stage.issuer.signing_key()).sign(),
                        TokenError::UnsupportedHeader("typ"),
                    ),
                ]
            }),
        refused("own-bound-to-a-key").own("a token bound by `cnf.jkt` as a plain bearer token").tokens(
            |stage| {
                bound(
                    stage,
                    [
                        json!({ "jkt": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I" }),
                        json!({ "jwk": ATTACKER.public_jwk() }),
                    ],
                )
            },
        ),
    ]
    .into_iter()
    .chain(proofs)
    .collect()
}

fn bound<const N: usize>(stage: &Stage, confirmations: [Value; N]) -> Vec<Case> {
    let case = |confirmation: Value| {
        let what = confirmation.to_string();
        Case::refused(what, stage.token().claim("cnf", confirmation).sign(), TokenError::BoundToken)
    };
    confirmations.map(case).into()
}
