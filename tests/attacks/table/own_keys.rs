//! Attacks of our own on keys that change, and on the fetching of keys.

use std::sync::LazyLock;
use std::time::Duration;

use kinde_perms::{Algorithm, TokenError, VerifyError};
use kinde_perms_testkit::{Endpoint, Fault, Hmac, Issuer, SigningKey, TokenBuilder};
use serde_json::json;
use tokio::task::JoinSet;

use crate::attack::{Attack, Case, accepted, refused};
use crate::stage::{ATTACKER, Asked, Setup, Stage};

const WINDOW: Duration = Duration::from_secs(30);
const ALL_CURVES: Setup = Setup {
    algorithms: &[Algorithm::Rs256, Algorithm::Es256, Algorithm::Es384, Algorithm::EdDsa],
    prepare: publish_mismatched,
    ..Setup::USUAL
};

pub(crate) fn attacks() -> Vec<Attack> {
    [changes(), published(), fetches()].into_iter().flatten().collect()
}

fn changes() -> Vec<Attack> {
    vec![
        refused("own-kid-reused")
            .own("a `kid` that stands for another key after a refresh")
            .scene(|| Box::pin(reused())),
        refused("own-withdrawn")
            .own("a key that was used and then withdrawn")
            .scene(|| Box::pin(withdrawn())),
        refused("own-outlived")
            .own("a token that was good, and has expired since")
            .scene(|| Box::pin(outlived())),
        refused("own-kid-twice-later")
            .own("a `kid` that stands twice in the next key set")
            .scene(|| Box::pin(twice_later())),
    ]
}

async fn reused() {
    let stage = Stage::usual().await;
    let old = stage.token().sign();
    stage.accepts(&old).await;
    stage.issuer.replace_key_keeping_kid();
    stage.validator.refresh_now().await.unwrap();
    stage.refuses("by the key of before", &old, TokenError::InvalidSignature).await;
    // With the first key restored, its token is good again.
    stage.issuer.withdraw(&stage.kid());
    stage.issuer.publish(&SigningKey::shared());
    stage.issuer.sign_with(&SigningKey::shared());
    stage.validator.refresh_now().await.unwrap();
    stage.accepts(&old).await;
    stage.still_well(4).await;
}

async fn withdrawn() {
    let stage = Stage::usual().await;
    let old = stage.token().sign();
    stage.accepts(&old).await;
    let kid = stage.kid();
    stage.issuer.rotate();
    stage.accepts(&stage.token().sign()).await;
    stage.accepts(&old).await;
    stage.issuer.withdraw(&kid);
    stage.validator.refresh_now().await.unwrap();
    stage.refuses("by a key that is gone", &old, TokenError::UnknownKey).await;
    stage.still_well(4).await;
}

async fn outlived() {
    let stage = Stage::usual().await;
    let token = stage.token().expires_in(Duration::from_secs(60)).sign();
    stage.accepts(&token).await;
    stage.clock.advance(Duration::from_secs(89));
    stage.accepts(&token).await;
    stage.clock.advance(Duration::from_secs(1));
    stage.refuses("a second later", &token, TokenError::Expired).await;
    stage.still_well(0).await;
}

async fn twice_later() {
    let stage = Stage::usual().await;
    let other = SigningKey::generate(Algorithm::Rs256);
    stage.issuer.publish(&ATTACKER.with_kid(&stage.kid()));
    stage.issuer.publish(&other);
    stage.validator.refresh_now().await.unwrap();
    let token = stage.token();
    stage.refuses("the old key", &token.sign(), TokenError::UnknownKey).await;
    let planted = token.clone().key(&ATTACKER).kid(&stage.kid());
    stage.refuses("the other key of that id", &planted.sign(), TokenError::UnknownKey).await;
    stage.issuer.sign_with(&other);
    stage.still_well(3).await;
}

fn published() -> Vec<Attack> {
    vec![
        refused("own-symmetric").own("a secret among the keys, and tokens made with it").on(
            Setup::publishing(publish_secret),
            |stage| {
                let token = stage.token().kid("secret");
                vec![
                    Case::refused(
                        "HS256",
                        token.hmac_with(Hmac::Sha256, b"secret"),
                        TokenError::AlgorithmNotAllowed,
                    ),
                    Case::refused("RS256", token.sign(), TokenError::UnknownKey),
                ]
            },
        ),
        refused("own-mismatched")
            .own("keys whose algorithm, curve or point does not go with the rest of them")
            .on(ALL_CURVES, |stage| {
                MISMATCHED
                    .iter()
                    .map(|(kid, ..)| {
                        let key = mismatched_key(kid);
                        Case::refused(*kid, stage.token().key(&key).kid(kid).sign(), TokenError::UnknownKey)
                    })
                    .collect()
            }),
        refused("own-by-reference").own("keys that point elsewhere (`x5u`, `jku`), which nobody follows").on(
            Setup::publishing(publish_by_reference),
            |stage| {
                let token = stage.token().key(&ATTACKER).kid("reference").sign();
                vec![Case::refused("x5u alone", token, TokenError::UnknownKey)]
            },
        ),
    ]
}

fn publish_secret(issuer: &Issuer) {
    issuer.extra_jwk(
        json!({ "kty": "oct", "kid": "secret", "alg": "HS256", "k": crate::forge::encode("secret") })
            .to_string(),
    );
}

/// The id, the algorithm of the key, and the change of its JWK.
const MISMATCHED: [(&str, Algorithm, &str, &str); 9] = [
    ("rsa as none", Algorithm::Rs256, "alg", "none"),
    ("rsa as HS256", Algorithm::Rs256, "alg", "HS256"),
    ("rsa as ES256", Algorithm::Rs256, "alg", "ES256"),
    ("rsa as rs256", Algorithm::Rs256, "alg", "rs256"),
    ("P-256 as ES384", Algorithm::Es256, "alg", "ES384"),
    ("P-256 on P-384", Algorithm::Es256, "crv", "P-384"),
    ("off the curve", Algorithm::Es256, "y", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE"),
    ("a short coordinate", Algorithm::Es256, "x", "AQ"),
    ("X25519", Algorithm::EdDsa, "crv", "X25519"),
];

fn mismatched_key(kid: &str) -> SigningKey {
    static KEYS: LazyLock<Vec<SigningKey>> = LazyLock::new(|| {
        MISMATCHED.iter().map(|(_, algorithm, ..)| SigningKey::generate(*algorithm)).collect()
    });
    let position = MISMATCHED.iter().position(|(known, ..)| *known == kid).unwrap();
    KEYS[position].clone()
}

fn publish_mismatched(issuer: &Issuer) {
    for (kid, _, member, value) in MISMATCHED {
        let mut jwk = mismatched_key(kid).with_kid(kid).public_jwk();
        jwk[member] = json!(value);
        issuer.extra_jwk(jwk.to_string());
    }
}

fn publish_by_reference(issuer: &Issuer) {
    let location = format!("{}/other-keys", issuer.url());
    issuer.extra_jwk(
        json!({ "kty": "RSA", "kid": "reference", "alg": "RS256", "x5u": location, "jku": location })
            .to_string(),
    );
}

fn fetches() -> Vec<Attack> {
    vec![
        refused("own-flood-at-once")
            .own("2000 unknown keys at once, window after window, while the issuer is slow")
            .scene(|| Box::pin(flood_at_once())),
        refused("own-unworthy")
            .own("unknown keys in tokens that would be refused anyway")
            .tokens(|stage| {
                let tokens = unworthy(stage).into_iter().zip(1..);
                let unknown = tokens.map(|(token, number)| token.kid(&format!("unworthy-{number}")).sign());
                unknown.map(|token| Case::refused("unknown", token, TokenError::UnknownKey)).collect()
            })
            .asking(0),
        refused("own-unworthy-bad-signatures")
            .own("bad signatures under a known key, in tokens that would be refused anyway")
            .tokens(|stage| {
                let bad =
                    unworthy(stage).into_iter().map(|token| token.key(&ATTACKER).kid(&stage.kid()).sign());
                bad.map(|token| Case::refused("bad signature", token, TokenError::InvalidSignature)).collect()
            })
            .asking(0),
        refused("own-bad-signatures")
            .own("bad signatures under a known key, window after window")
            .scene(|| Box::pin(bad_signatures())),
        accepted("own-flood-in-outage")
            .own("a flood of unknown keys during an outage: good tokens do not feel it")
            .scene(|| Box::pin(flood_in_outage())),
        accepted("own-hijacked-discovery")
            .own("discovery that names another issuer or key set after start-up")
            .scene(|| Box::pin(hijacked())),
    ]
}

/// Tokens that no key makes good.
fn unworthy(stage: &Stage) -> Vec<TokenBuilder> {
    vec![
        stage.token().expired(),
        stage.token().issuer("https://attacker.example"),
        stage.token().audience("https://other.example.test"),
        stage.token().without("sub"),
        stage.token().claim("nonce", "n"),
        stage.token().claim("cnf", json!({})),
        stage.token().not_before_in(Duration::from_secs(3600)),
        stage.token().with_raw_payload("[]"),
    ]
}

/// All of them are under way when the issuer answers; one fetch serves those that wait, and the rest do not wait.
async fn flood_at_once() {
    let stage = Stage::usual().await;
    for window in 0..4 {
        let before = Asked::of(&stage.issuer).keys;
        stage.issuer.set_fault(Endpoint::Keys, Fault::Stall);
        let mut flood = JoinSet::new();
        for number in 0..2_000 {
            let token =
                stage.token().kid(&format!("kid-{window}-{number}")).sign_by("RS256", |_| vec![1; 256]);
            let validator = stage.validator.clone();
            flood.spawn(async move { validator.verify(&token).await.err() });
        }
        stage.issuer.wait_for_requests(Endpoint::Keys, before + 1).await;
        stage.accepts(&stage.token().sign()).await;
        stage.issuer.set_fault(Endpoint::Keys, Fault::None);
        while let Some(error) = flood.join_next().await {
            let error = error.unwrap().expect("an error");
            let known =
                matches!(error, VerifyError::Token(TokenError::UnknownKey) | VerifyError::Keys { .. });
            assert!(known, "{error:?}");
        }
        let asked = Asked::of(&stage.issuer).keys - before;
        assert!((1..=2).contains(&asked), "window {window}: asked {asked} times");
        stage.clock.advance(WINDOW);
    }
    stage.accepts(&stage.token().sign()).await;
}

async fn bad_signatures() {
    let stage = Stage::usual().await;
    for window in 0..10 {
        for _ in 0..20 {
            let token = stage.token().key(&ATTACKER).kid(&stage.kid()).sign();
            let error = stage.validator.verify(&token).await.err();
            assert_eq!(error, Some(TokenError::InvalidSignature.into()), "window {window}");
        }
        stage.clock.advance(WINDOW);
    }
    // Five minutes: one fetch at their beginning, and none more until they are over.
    stage.still_well(1).await;
}

async fn flood_in_outage() {
    let stage = Stage::usual().await;
    stage.issuer.set_fault(Endpoint::Keys, Fault::Status(500));
    stage.issuer.set_fault(Endpoint::Discovery, Fault::Status(500));
    stage.clock.advance(WINDOW + WINDOW);
    for number in 0..500 {
        let unknown = stage.token().kid(&format!("kid-{number}")).sign_by("RS256", |_| vec![1; 256]);
        let error = stage.validator.verify(&unknown).await.err();
        assert!(matches!(error, Some(VerifyError::Keys { .. })), "{error:?}");
        assert!(stage.validator.verify(&stage.token().sign()).await.is_ok(), "a good token between them");
    }
    stage.still_well(2).await;
}

async fn hijacked() {
    let stage = Stage::usual().await;
    let attacker = Issuer::builder().signing_key(&ATTACKER.with_kid("planted")).start().await.unwrap();
    stage.issuer.set_discovery_issuer("https://attacker.example");
    stage.issuer.set_jwks_uri(&format!("{}/.well-known/jwks", attacker.url()));
    // The set's place is forgotten when it cannot be had there, and looked up again.
    stage.issuer.set_fault(Endpoint::Keys, Fault::Status(404));
    for _ in 0..3 {
        assert!(stage.validator.refresh_now().await.is_err());
        stage.accepts(&stage.token().sign()).await;
    }
    let planted = stage.token().key(&ATTACKER.with_kid("planted")).sign();
    stage.refuses_or_cannot_tell(&planted).await;
    assert_eq!(Asked::of(&attacker).keys, 0, "the attacker's keys are not even fetched");
}
