//! `iss` and `aud`: tokens of another issuer, or for another API.

use std::sync::Arc;

use kinde_perms::{Algorithm, TokenError};
use kinde_perms_testkit::{Issuer, SigningKey};
use serde_json::{Value, json};

use crate::attack::{Attack, Case, accepted, refused};
use crate::stage::{ATTACKER, Asked, Stage};

pub(crate) fn attacks() -> Vec<Attack> {
    [issuers(), audiences()].into_iter().flatten().collect()
}

fn issuers() -> Vec<Attack> {
    vec![
        refused("iss-02").tokens(|stage| {
            let url = stage.issuer.url();
            [format!("{url}/"), format!("{url}//"), format!("{url}/."), format!(" {url}"), format!("{url} ")]
                .map(|issuer| {
                    let token = stage.token().issuer(&issuer).sign();
                    Case::refused(issuer, token, TokenError::WrongIssuer)
                })
                .into()
        }),
        refused("iss-06").scene(|| Box::pin(two_issuers())),
        refused("iss-07").scene(|| Box::pin(sibling())),
    ]
}

/// Two APIs of one process trust an issuer each; the one's keys are no keys of the other's.
async fn two_issuers() {
    let (a, b) = (Stage::usual().await, Stage::usual().await);
    let key = SigningKey::generate(Algorithm::Rs256);
    b.issuer.publish(&key);
    b.issuer.publish(&ATTACKER.with_kid("shared by name"));
    a.issuer.publish(&key.with_kid("shared by name"));
    for stage in [&a, &b] {
        stage.validator.refresh_now().await.unwrap();
    }
    let by_b = a.token().key(&key);
    a.refuses("iss A, key and kid of B", &by_b.sign(), TokenError::UnknownKey).await;
    a.refuses("the kid of A on it", &by_b.kid(&a.kid()).sign(), TokenError::InvalidSignature).await;
    let collision = a.token().key(&ATTACKER.with_kid("shared by name")).sign();
    a.refuses("a kid that both have", &collision, TokenError::InvalidSignature).await;
    b.refuses("the same at the other", &collision, TokenError::WrongIssuer).await;
    a.still_well(4).await;
    b.still_well(1).await;
}

/// Another business at the same provider: another key, and by some mishap the same one.
async fn sibling() {
    let stage = Stage::usual().await;
    let before = Asked::of(&stage.issuer);
    for (key, error) in
        [(&*ATTACKER, TokenError::UnknownKey), (&SigningKey::shared(), TokenError::WrongIssuer)]
    {
        let sibling = Issuer::builder().signing_key(key).start().await.unwrap();
        let token = sibling.token().clock(Arc::new(stage.clock.clone())).sign();
        stage.refuses("a token of the sibling's", &token, error).await;
        assert_eq!(Asked::of(&sibling).keys, 0, "nobody asks an issuer that is not configured");
    }
    assert_eq!(Asked::of(&stage.issuer), before, "a token of another issuer is not worth a fetch");
    stage.still_well(0).await;
}

fn audiences() -> Vec<Attack> {
    vec![
        refused("aud-02").tokens(|stage| wrong(stage, [json!(""), json!([]), json!([""]), json!(null)])),
        accepted("aud-03").tokens(|stage| right(stage, json!(stage.issuer.audience()))),
        accepted("aud-04").tokens(|stage| right(stage, json!(["https://other", stage.issuer.audience()]))),
        refused("aud-05").tokens(|stage| {
            let api = stage.issuer.audience();
            wrong(
                stage,
                [
                    json!([api, 1]),
                    json!([[api]]),
                    json!({ "0": api }),
                    json!([api, null]),
                    json!(true),
                    json!(1),
                ],
            )
        }),
        refused("aud-06").tokens(|stage| {
            let api = stage.issuer.audience();
            wrong(
                stage,
                [
                    json!(format!("{api}.evil")),
                    json!(&api[..api.len() - 1]),
                    json!(api.to_uppercase()),
                    json!(format!("{api}/")),
                    json!(format!("{api},https://other")),
                    json!(format!("{api} https://other")),
                    json!("*"),
                    json!("https://"),
                ],
            )
        }),
        refused("aud-07")
            .tokens(|stage| wrong(stage, [json!(["https://other.example.test"]), json!("client_id")])),
    ]
}

fn wrong<const N: usize>(stage: &Stage, audiences: [Value; N]) -> Vec<Case> {
    let case = |audience: Value| {
        let what = audience.to_string();
        Case::refused(what, stage.token().claim("aud", audience).sign(), TokenError::WrongAudience)
    };
    audiences.map(case).into()
}

fn right(stage: &Stage, audience: Value) -> Vec<Case> {
    vec![Case::accepted(audience.to_string(), stage.token().claim("aud", audience).sign())]
}
