//! The cache of verified tokens, from outside: it never grants what a verification would refuse.

use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use kinde_perms::{
    Algorithm, TokenError, Validator, ValidatorBuilder, VerifyError,
    cache::{CacheConfig, CacheStats},
    keys::{Fetched, Fetching, KeySource},
};
use kinde_perms_testkit::{Endpoint, Fault, Issuer, ManualClock, Offline, SigningKey, TokenParts};

const HOUR: Duration = Duration::from_secs(3600);
const TWO_HOURS: Duration = Duration::from_secs(2 * 3600);
const DAY: Duration = Duration::from_secs(24 * 3600);
const SECOND: Duration = Duration::from_secs(1);

fn stats(validator: &Validator) -> CacheStats {
    validator.cache_stats().unwrap()
}

fn counts(validator: &Validator) -> (u64, u64, usize) {
    let stats = stats(validator);
    (stats.hits, stats.misses, stats.entries)
}

fn refused(error: TokenError) -> Result<(), VerifyError> {
    Err(VerifyError::Token(error))
}

/// A validator over HTTP that has remembered a token of its issuer.
async fn warm(clock: &ManualClock) -> (Issuer, Validator, String) {
    let issuer = Issuer::builder().clock(clock.clone()).start().await.unwrap();
    let validator = issuer.validator_builder().max_stale(TWO_HOURS).connect().await.unwrap();
    let token = issuer.token().expires_in(DAY).sign();
    validator.verify(&token).await.unwrap();
    validator.verify(&token).await.unwrap();
    assert_eq!(counts(&validator), (1, 1, 1));
    (issuer, validator, token)
}

async fn verify(validator: &Validator, token: &str) -> Result<(), VerifyError> {
    validator.verify(token).await.map(drop)
}

#[test]
fn a_token_is_verified_once_and_recalled_with_the_same_claims() {
    let offline = Offline::new();
    let token = offline.token().permission("read:todos").sign();
    let first = offline.verify(&token).unwrap();
    let second = offline.verify(&token).unwrap();
    assert_eq!(first.token_id(), second.token_id());
    assert!(second.permission("read:todos").is_granted());
    assert_eq!(counts(&offline.validator()), (1, 1, 1));
}

#[test]
fn a_token_that_expires_while_it_is_remembered_is_refused_from_that_second_on() {
    let clock = ManualClock::new();
    let offline = Offline::at(clock.clone());
    let token = offline.token().expires_in(60 * SECOND).sign();
    assert!(offline.verify(&token).is_ok());
    // The leeway is 30 seconds.
    clock.advance(89 * SECOND);
    assert!(offline.verify(&token).is_ok());
    clock.advance(SECOND);
    assert_eq!(offline.verify(&token).map(drop), refused(TokenError::Expired));
}

#[test]
fn a_clock_that_is_set_back_refuses_what_it_would_refuse_without_a_cache() {
    for token_of in [
        |offline: &Offline| offline.token().issued_in(Duration::ZERO).sign(),
        |offline: &Offline| offline.token().issued_ago(HOUR).not_before_in(Duration::ZERO).sign(),
    ] {
        let clock = ManualClock::new();
        let (cached, bare) =
            (Offline::at(clock.clone()), Offline::with(clock.clone(), ValidatorBuilder::without_cache));
        let token = token_of(&cached);
        assert!(cached.verify(&token).is_ok());
        clock.step_wall_back(31 * SECOND);
        let result = bare.verify(&token).map(drop);
        assert!(result.is_err());
        assert_eq!(cached.verify(&token).map(drop), result);
        clock.advance(SECOND);
        assert!(cached.verify(&token).is_ok(), "within the leeway");
    }
}

#[tokio::test]
async fn a_key_that_is_withdrawn_takes_its_tokens_with_it_also_if_it_comes_back() {
    let clock = ManualClock::new();
    let (issuer, validator, token) = warm(&clock).await;
    let old = issuer.signing_key();
    issuer.rotate();
    issuer.withdraw(old.kid());
    validator.refresh_now().await.unwrap();
    assert_eq!(verify(&validator, &token).await, refused(TokenError::UnknownKey));

    issuer.publish(&old);
    validator.refresh_now().await.unwrap();
    let before = stats(&validator);
    assert_eq!(verify(&validator, &token).await, Ok(()));
    assert_eq!(stats(&validator).hits, before.hits, "verified anew");
    assert_eq!(verify(&validator, &token).await, Ok(()));
    assert_eq!(stats(&validator).hits, before.hits + 1);
}

#[tokio::test]
async fn a_key_that_is_replaced_under_its_id_takes_its_tokens_with_it() {
    let clock = ManualClock::new();
    let (issuer, validator, token) = warm(&clock).await;
    issuer.replace_key_keeping_kid();
    validator.refresh_now().await.unwrap();
    assert_eq!(verify(&validator, &token).await, refused(TokenError::InvalidSignature));
}

#[tokio::test]
async fn a_plain_refresh_and_a_further_key_drop_nothing() {
    let clock = ManualClock::new();
    let (issuer, validator, token) = warm(&clock).await;
    validator.refresh_now().await.unwrap();
    issuer.rotate();
    validator.refresh_now().await.unwrap();
    verify(&validator, &token).await.unwrap();
    assert_eq!(counts(&validator), (2, 1, 1));
}

#[tokio::test]
async fn keys_that_are_too_old_make_a_remembered_token_unavailable_not_accepted() {
    let clock = ManualClock::new();
    let (issuer, validator, token) = warm(&clock).await;
    issuer.set_fault(Endpoint::Keys, Fault::Status(503));
    issuer.set_fault(Endpoint::Discovery, Fault::Status(503));
    assert!(validator.refresh_now().await.is_err());
    assert_eq!(verify(&validator, &token).await, Ok(()), "an outage alone is no reason");
    validator.shutdown().await;
    clock.advance(TWO_HOURS + SECOND);
    let result = validator.verify(&token).await;
    assert!(matches!(result, Err(VerifyError::Keys { .. })), "{result:?}");
}

/// A source that spells the issuer without a trailing slash the first time, and with one from then on.
#[derive(Debug, Default)]
struct Renamed(AtomicBool);

impl KeySource for Renamed {
    fn fetch(&self) -> Fetching<'_> {
        let issuer = if self.0.swap(true, Ordering::Relaxed) {
            "https://acme.kinde.test/"
        } else {
            "https://acme.kinde.test"
        };
        let keys = format!(r#"{{"keys":[{}]}}"#, SigningKey::shared().public_jwk());
        Box::pin(async move { Ok(Fetched::new(keys).with_issuer(issuer)) })
    }
}

#[tokio::test]
async fn an_issuer_that_changes_its_name_takes_its_tokens_with_it() {
    let builder = Validator::builder("https://acme.kinde.test", "https://api.example.test");
    let validator = builder.key_source(Renamed::default()).connect().await.unwrap();
    let token = Offline::new().token().sign();
    verify(&validator, &token).await.unwrap();
    verify(&validator, &token).await.unwrap();
    assert_eq!(stats(&validator).hits, 1);
    validator.refresh_now().await.unwrap();
    assert_eq!(verify(&validator, &token).await, refused(TokenError::WrongIssuer));
}

#[test]
fn another_payload_with_the_same_end_is_another_token() {
    let offline = Offline::new();
    let token = offline.token().permission("read:todos").sign();
    assert!(offline.verify(&token).is_ok());
    let forged = TokenParts::of(&token)
        .edit_payload(|payload| {
            payload.insert("permissions".to_owned(), ["delete:todos"].into());
        })
        .to_string();
    assert_eq!(forged.rsplit_once('.').unwrap().1, token.rsplit_once('.').unwrap().1);
    assert_eq!(offline.verify(&forged).map(drop), refused(TokenError::InvalidSignature));
    assert!(offline.verify(&token).is_ok());
    assert_eq!(stats(&offline.validator()).entries, 1);
}

#[test]
fn every_changed_cut_or_added_byte_makes_another_token() {
    for by_digest in [false, true] {
        let config = if by_digest { CacheConfig::new().keyed_by_digest() } else { CacheConfig::new() };
        let offline = Offline::with(ManualClock::new(), |builder| builder.cache(config));
        let token = offline.token().sign();
        assert!(offline.verify(&token).is_ok());
        for at in (0..token.len()).step_by(7) {
            let mut bytes = token.clone().into_bytes();
            bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
            assert!(offline.verify(&String::from_utf8(bytes).unwrap()).is_err(), "byte {at}");
        }
        for other in [&token[1..], &token[..token.len() - 1], &format!("{token}A"), &format!("{token}=")] {
            assert!(offline.verify(other).is_err());
        }
        assert_eq!(stats(&offline.validator()).hits, 0);
        assert!(offline.verify(&token).is_ok());
        assert_eq!(stats(&offline.validator()).hits, 1);
    }
}

#[test]
fn what_one_validator_remembers_means_nothing_to_another() {
    let clock = ManualClock::new();
    let offline = Offline::at(clock.clone());
    let token = offline.token().issued_ago(HOUR).expires_in(HOUR).claim("azp", "web").sign();
    let others = [
        Offline::with(clock.clone(), |builder| builder.authorized_parties(["mobile"])),
        Offline::with(clock.clone(), |builder| builder.max_lifetime(HOUR)),
    ];
    assert!(offline.verify(&token).is_ok());
    for other in others {
        assert!(other.verify(&token).is_err());
        assert!(offline.verify(&token).is_ok());
        assert!(other.verify(&token).is_err());
    }
}

#[tokio::test]
async fn what_is_remembered_for_one_audience_is_refused_by_the_validator_of_another() {
    let keys = format!(r#"{{"keys":[{}]}}"#, SigningKey::shared().public_jwk());
    let of = |audience: &str| {
        Validator::builder("https://acme.kinde.test", audience).build_with_static_keys(&keys).unwrap()
    };
    let (one, other) = (of("https://api.example.test"), of("https://other.example.test"));
    let token = Offline::new().token().sign();
    for _ in 0..2 {
        assert_eq!(verify(&one, &token).await, Ok(()));
        assert_eq!(verify(&other, &token).await, refused(TokenError::WrongAudience));
    }
}

#[test]
fn failures_are_never_remembered() {
    let clock = ManualClock::new();
    let offline = Offline::at(clock.clone());
    let early = offline.token().not_before_in(60 * SECOND).sign();
    let bad = offline
        .token()
        .sign_with(&SigningKey::generate(Algorithm::Rs256).with_kid(SigningKey::shared().kid()));
    for _ in 0..3 {
        assert_eq!(offline.verify(&early).map(drop), refused(TokenError::NotYetValid));
        assert_eq!(offline.verify(&bad).map(drop), refused(TokenError::InvalidSignature));
        assert!(offline.verify("rubbish").is_err());
    }
    assert_eq!(stats(&offline.validator()).entries, 0);
    clock.advance(60 * SECOND);
    assert!(offline.verify(&early).is_ok());
}

#[test]
fn a_burst_of_one_new_token_is_counted_and_kept_once() {
    let offline = Offline::new();
    let (validator, token, start) = (offline.validator(), offline.token().sign(), Barrier::new(16));
    thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(|| {
                start.wait();
                assert!(offline.verify(&token).is_ok());
            });
        }
    });
    let stats = stats(&validator);
    assert_eq!((stats.hits + stats.misses, stats.entries, stats.evictions), (16, 1, 0));
}

#[tokio::test]
async fn a_token_of_a_new_key_is_remembered_after_its_fetch() {
    let clock = ManualClock::new();
    let (issuer, validator, _) = warm(&clock).await;
    issuer.rotate();
    let token = issuer.token().sign();
    verify(&validator, &token).await.unwrap();
    let before = stats(&validator);
    verify(&validator, &token).await.unwrap();
    assert_eq!(stats(&validator).hits, before.hits + 1);
    assert_eq!(before.entries, 2);
}

#[test]
fn the_cache_can_be_cleared_bounded_and_left_out() {
    let offline = Offline::new();
    let (validator, token) = (offline.validator(), offline.token().sign());
    assert!(offline.verify(&token).is_ok());
    validator.clear_cache();
    assert_eq!((stats(&validator).entries, stats(&validator).bytes), (0, 0));
    assert!(offline.verify(&token).is_ok());
    assert_eq!(counts(&validator), (0, 2, 1));

    let small = Offline::with(ManualClock::new(), |builder| {
        builder.cache(CacheConfig::new().max_entries(16).max_bytes(40_000))
    });
    for _ in 0..40 {
        assert!(small.verify(&small.token().sign()).is_ok());
    }
    let stats = stats(&small.validator());
    assert!(stats.entries <= 16 && stats.bytes <= 40_000 && stats.evictions >= 24, "{stats:?}");

    let bare = Offline::with(ManualClock::new(), ValidatorBuilder::without_cache);
    assert!(bare.verify(&bare.token().sign()).is_ok());
    assert_eq!(bare.validator().cache_stats(), None);
    bare.validator().clear_cache();
}

#[test]
fn a_cache_of_nothing_is_a_mistake() {
    for cache in [CacheConfig::new().max_entries(0), CacheConfig::new().max_bytes(0)] {
        let builder = Validator::builder("https://acme.kinde.test", "api").cache(cache);
        let error = builder.build_with_static_keys(r#"{"keys":[]}"#).unwrap_err();
        assert_eq!(error.setting(), "cache");
        assert_eq!(error.to_string(), "cache is out of range: more than zero; there is `without_cache`");
    }
}

#[test]
fn debug_output_shows_no_token() {
    let offline = Offline::new();
    let token = offline.token().sign();
    let claims = offline.verify(&token).unwrap();
    let (header, rest) = token.split_once('.').unwrap();
    let (payload, signature) = rest.split_once('.').unwrap();
    let shown = format!("{:?} {offline:?} {claims:?}", offline.validator());
    for part in [header, payload, signature] {
        assert!(!shown.contains(&part[..20]), "{shown}");
    }
}
