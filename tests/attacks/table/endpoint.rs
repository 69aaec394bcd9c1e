//! Hostile answers of the key set endpoint and of discovery.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use kinde_perms::{Algorithm, ConfigError, KeyError, TokenError, Validator, config::ConfigErrorKind};
use kinde_perms_testkit::{Endpoint, Fault, Issuer, ManualClock};

use crate::attack::{Answer, Attack, accepted, refused};
use crate::site::Site;
use crate::stage::{ATTACKER, Asked, Stage, builder, issuer};
use crate::wire::Request;

const HOUR: Duration = Duration::from_secs(60 * 60);
const MEBIBYTE: usize = 1024 * 1024;
/// Start-up pauses for a few seconds between its tries; longer waits on the clock are limits, which must not pass.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

pub(crate) fn attacks() -> Vec<Attack> {
    [documents(), outages(), discovery()].into_iter().flatten().collect()
}

fn documents() -> Vec<Attack> {
    vec![
        accepted("jwks-09").choice("a failed refresh: the last good keys stay").scene(|| {
            Box::pin(keeps_the_last_good([
                (Fault::EmptySet, KeyError::NoUsableKey),
                (
                    Fault::Body(br#"{"keys":[{"kty":"oct","kid":"k","k":"AA"}]}"#.to_vec()),
                    KeyError::NoUsableKey,
                ),
            ]))
        }),
        accepted("jwks-10")
            .choice("a failed refresh: the last good keys stay; 512 KiB and 100 keys are the limits")
            .scene(|| {
                let body = |text: &str| Fault::Body(text.as_bytes().to_vec());
                Box::pin(keeps_the_last_good([
                    (Fault::Html, KeyError::NotAKeySet),
                    (Fault::Truncated, KeyError::NotAKeySet),
                    (body(""), KeyError::NotAKeySet),
                    (body("[]"), KeyError::NotAKeySet),
                    (body(r#"{"keys":{}}"#), KeyError::NotAKeySet),
                    (body(r#"{"keys":[],"keys":[]}"#), KeyError::NotAKeySet),
                    (Fault::Body(vec![0xff; 100]), KeyError::NotAKeySet),
                    (Fault::Huge(10 * MEBIBYTE), KeyError::TooLarge),
                    (Fault::Endless, KeyError::TooLarge),
                    (Fault::ManyKeys(101), KeyError::TooManyKeys),
                    (Fault::Body(many_keys(100_000)), KeyError::TooLarge),
                    (
                        Fault::Body(format!(r#"{{"keys":{}}}"#, "[".repeat(100_000)).into_bytes()),
                        KeyError::NotAKeySet,
                    ),
                ]))
            }),
        accepted("jwks-11").choice("not followed: the last good keys stay").scene(|| Box::pin(redirected())),
        accepted("jwks-12")
            .choice("a token whose key is known waits for nothing")
            .scene(|| Box::pin(slow(Fault::Stall)))
            .scene(|| Box::pin(slow(Fault::Hang))),
    ]
}

/// Refreshes with the key set broken in several ways, none of which is felt.
async fn keeps_the_last_good<const N: usize>(faults: [(Fault, KeyError); N]) {
    let stage = Stage::usual().await;
    for (fault, error) in faults {
        let what = format!("{fault:.80?}");
        stage.issuer.set_fault(Endpoint::Keys, fault);
        assert_eq!(stage.validator.refresh_now().await, Err(error), "{what}");
        assert!(stage.validator.health().is_usable(), "{what}");
        stage.accepts(&stage.token().sign()).await;
    }
    stage.issuer.set_fault(Endpoint::Keys, Fault::None);
    assert_eq!(stage.validator.refresh_now().await, Ok(()), "it comes back");
    stage.still_well(u64::try_from(N).unwrap() + 1).await;
}

/// A key set that takes the issuer no time to write.
fn many_keys(count: usize) -> Vec<u8> {
    let jwk = ATTACKER.public_jwk().to_string();
    format!(r#"{{"keys":[{}{jwk}]}}"#, format!("{jwk},").repeat(count - 1)).into_bytes()
}

async fn redirected() {
    let stage = Stage::usual().await;
    let attacker = Issuer::builder().signing_key(&ATTACKER.with_kid("x")).start().await.unwrap();
    let targets = [
        format!("{}/.well-known/jwks.json", stage.issuer.url()),
        "http://attacker.example/keys".to_owned(),
        "file:///etc/passwd".to_owned(),
    ];
    for target in &targets {
        stage.issuer.set_fault(Endpoint::Keys, Fault::Redirect(target.clone()));
        assert_eq!(stage.validator.refresh_now().await, Err(KeyError::Redirected), "{target}");
        let planted = attacker.token().issuer(stage.issuer.url()).clock(Arc::new(stage.clock.clone()));
        stage.refuses_or_cannot_tell(&planted.sign()).await;
        stage.accepts(&stage.token().sign()).await;
    }
    assert_eq!(Asked::of(&attacker), Asked { discovery: 0, keys: 0, elsewhere: 0 });
    stage.issuer.set_fault(Endpoint::Keys, Fault::None);
    assert_eq!(stage.validator.refresh_now().await, Ok(()));
    stage.still_well(2 * u64::try_from(targets.len()).unwrap() + 1).await;
}

async fn slow(fault: Fault) {
    let stage = Stage::usual().await;
    stage.issuer.set_fault(Endpoint::Keys, fault);
    let refreshing = tokio::spawn({
        let validator = stage.validator.clone();
        async move { validator.refresh_now().await }
    });
    stage.issuer.wait_for_requests(Endpoint::Keys, 2).await;
    for _ in 0..10 {
        stage.accepts(&stage.token().sign()).await;
    }
    assert!(!refreshing.is_finished(), "all this while the issuer was answering");
    stage.issuer.set_fault(Endpoint::Keys, Fault::None);
    assert_eq!(refreshing.await.unwrap(), Ok(()));
    stage.still_well(1).await;
}

fn outages() -> Vec<Attack> {
    vec![
        accepted("jwks-13")
            .choice("good tokens 200 for 24 h, then 503; garbage 401 and unknown keys 503 all the while")
            .scene(|| Box::pin(down_after_warm_up())),
        refused("jwks-14")
            .choice("start-up fails; started lazily, 503 with `Retry-After`")
            .scene(|| Box::pin(down_at_start())),
        accepted("jwks-16")
            .choice("one refetch per 5 min for signatures that do not fit")
            .scene(|| Box::pin(same_kid_new_key())),
    ]
}

async fn down_after_warm_up() {
    let stage = Stage::usual().await;
    stage.issuer.set_fault(Endpoint::Keys, Fault::Status(503));
    stage.issuer.set_fault(Endpoint::Discovery, Fault::Drop);
    for _ in 1..24 {
        stage.clock.advance(HOUR);
        stage.accepts(&stage.token().sign()).await;
        stage.refuses("garbage", "a.b.c", TokenError::Malformed).await;
        stage
            .refuses("of another issuer", &stage.token().issuer("https://x").sign(), TokenError::WrongIssuer)
            .await;
        unavailable(&stage, &stage.token().kid("new").sign()).await;
    }
    stage.clock.advance(HOUR + HOUR);
    unavailable(&stage, &stage.token().sign()).await;
    stage.refuses("garbage", "a.b.c", TokenError::Malformed).await;
    stage.issuer.set_fault(Endpoint::Keys, Fault::None);
    stage.issuer.set_fault(Endpoint::Discovery, Fault::None);
    assert_eq!(stage.validator.refresh_now().await, Ok(()));
    stage.accepts(&stage.token().sign()).await;
    assert_eq!(Asked::of(&stage.issuer).elsewhere, 0);
}

/// Without keys the token cannot be verified: 503 with `Retry-After`, never 401.
async fn unavailable(stage: &Stage, token: &str) {
    stage.check_request("nobody can tell", &Request::get("/me").bearer(token), Answer::Unavailable).await;
}

async fn down_at_start() {
    let clock = ManualClock::new();
    let issuer = issuer(&clock, Algorithm::Rs256).await;
    issuer.set_fault(Endpoint::Keys, Fault::Drop);
    let failed = while_time_passes(&clock, builder(&issuer, &clock).connect()).await;
    assert!(matches!(key_error(failed), KeyError::Connection(_)), "start-up fails");

    issuer.set_fault(Endpoint::Keys, Fault::Status(503));
    let validator = builder(&issuer, &clock).connect_lazily().unwrap();
    let site = Site::serve(&validator).await;
    let token = issuer.token().sign();
    let before = site.handled();
    let answer = Request::get("/me").bearer(&token).send(site.address).await;
    Answer::Unavailable.check("started lazily", &answer);
    assert_eq!(site.handled(), before, "nothing is let in meanwhile");
    let garbage = Request::get("/me").bearer("a.b.c").send(site.address).await;
    Answer::Refused(TokenError::Malformed).check("garbage", &garbage);

    issuer.set_fault(Endpoint::Keys, Fault::None);
    assert_eq!(validator.refresh_now().await, Ok(()));
    assert!(validator.verify(&token).await.is_ok(), "it comes back");
}

/// Runs something that pauses, and moves the clock on to the end of each pause.
async fn while_time_passes<T>(clock: &ManualClock, running: impl Future<Output = T>) -> T {
    let time = async {
        loop {
            clock.wait_for_sleep().await;
            if clock.pending_sleeps().first().is_some_and(|pause| *pause <= LONGEST_PAUSE) {
                clock.advance_to_next_sleep();
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        output = running => output,
        () = time => unreachable!("time does not end"),
    }
}

async fn same_kid_new_key() {
    let stage = Stage::usual().await;
    let old = stage.token();
    stage.issuer.replace_key_keeping_kid();
    stage.accepts(&stage.token().sign()).await;
    stage.refuses("the old key, for good", &old.sign(), TokenError::InvalidSignature).await;
    assert_eq!(Asked::of(&stage.issuer).keys, 2, "one fetch, whatever came after");
    stage.still_well(1).await;
}

fn discovery() -> Vec<Attack> {
    vec![
        refused("jwks-17").choice("start-up fails").scene(|| Box::pin(another_issuer())),
        refused("jwks-18")
            .choice("start-up fails; plain http is for an issuer and a key set that are both on loopback")
            .scene(|| Box::pin(key_set_elsewhere())),
    ]
}

async fn another_issuer() {
    let clock = ManualClock::new();
    let issuer = issuer(&clock, Algorithm::Rs256).await;
    let url = issuer.url().to_owned();
    let others = [
        "https://attacker.example".to_owned(),
        String::new(),
        format!("{url}//"),
        url.to_uppercase(),
        format!("{url}/x"),
    ];
    for other in &others {
        issuer.set_discovery_issuer(other);
        let failed = builder(&issuer, &clock).connect().await;
        assert_eq!(key_error(failed), KeyError::IssuerMismatch, "{other}");
    }
    assert_eq!(Asked::of(&issuer).keys, 0, "the keys of another are not even fetched");
    // The one difference that is let pass; discovery's spelling is then the one that counts.
    issuer.set_discovery_issuer(&format!("{url}/"));
    let validator = builder(&issuer, &clock).connect().await.unwrap();
    assert!(validator.verify(&issuer.token().issuer(&format!("{url}/")).sign()).await.is_ok());
    let refused = validator.verify(&issuer.token().sign()).await.err();
    assert_eq!(refused, Some(TokenError::WrongIssuer.into()));
}

async fn key_set_elsewhere() {
    let clock = ManualClock::new();
    let issuer = issuer(&clock, Algorithm::Rs256).await;
    let host = issuer.url().trim_start_matches("http://");
    let elsewhere = [
        "http://attacker.example/keys".to_owned(),
        "https://attacker.example/keys".to_owned(),
        format!("http://{host}@attacker.example/keys"),
        format!("http://user:password@{host}/.well-known/jwks"),
        format!("//{host}/.well-known/jwks"),
        "/.well-known/jwks".to_owned(),
        "file:///etc/passwd".to_owned(),
        "data:application/json,{}".to_owned(),
        String::new(),
    ];
    for location in &elsewhere {
        issuer.set_jwks_uri(location);
        let failed = key_error(builder(&issuer, &clock).connect().await);
        let known = [KeyError::InsecureUrl, KeyError::ForeignKeySet, KeyError::InvalidUrl];
        assert!(known.contains(&failed), "{location}: {failed:?}");
    }
    assert_eq!(Asked::of(&issuer).keys, 0, "nothing was fetched");
}

/// Returns why start-up failed.
fn key_error(result: Result<Validator, ConfigError>) -> KeyError {
    match result.expect_err("start-up fails").kind() {
        ConfigErrorKind::Keys(error) => error.clone(),
        other => panic!("{other:?}"),
    }
}
