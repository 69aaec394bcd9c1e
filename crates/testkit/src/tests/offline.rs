use std::time::Duration;

use super::super::{ManualClock, Offline, Persona};
use super::*;

#[test]
fn claims_need_no_runtime() {
    let claims = Offline::new().claims(|token| token.persona(Persona::Viewer).org_code("org_1"));
    assert_eq!((claims.subject(), claims.org_code()), (Some(Persona::Viewer.subject()), Some("org_1")));
    assert!(claims.permission("read:reports").is_granted());
    assert!(!claims.permission("create:todos").is_granted());
}

#[test]
fn machines_have_claims_too() {
    let claims = Offline::new().claims(|token| token.machine().scope("read:users"));
    assert_eq!((claims.subject(), claims.principal()), (None, kinde_perms::Principal::Machine));
}

#[test]
fn invalid_tokens_are_refused() {
    let kit = Offline::new();
    assert!(kit.verify(&kit.token().sign()).is_ok());
    let another = SigningKey::generate(Algorithm::Es256);
    let wrong = [
        kit.token().unsigned(),
        kit.token().expired().sign(),
        kit.token().audience("https://other.test").sign(),
        kit.token().issuer("https://other.test").sign(),
        kit.token().sign_with(&another),
        TokenParts::of(&kit.token().sign()).flip_signature_bit(0).to_string(),
    ];
    for token in wrong {
        assert!(kit.verify(&token).is_err(), "{token}");
    }
}

#[test]
#[should_panic(expected = "do not make a valid token")]
fn claims_panics_if_the_token_is_invalid() {
    let _ = Offline::new().claims(|token| token.without("exp"));
}

#[test]
fn the_validator_and_its_tokens_share_a_clock() {
    let clock = ManualClock::new();
    let kit = Offline::at(clock.clone());
    let token = kit.token().expires_in(Duration::from_secs(60)).sign();
    assert!(kit.verify(&token).is_ok());
    clock.advance(Duration::from_secs(120));
    assert!(kit.verify(&token).is_err());
}

#[test]
fn the_validator_has_the_given_settings() {
    let kit = Offline::with(ManualClock::new(), |settings| settings.authorized_parties(["client"]));
    assert!(kit.verify(&kit.token().claim("azp", "client").sign()).is_ok());
    assert!(kit.verify(&kit.token().claim("azp", "another").sign()).is_err());
}
