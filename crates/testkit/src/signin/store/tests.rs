use super::super::form::Form;
use super::*;

const START: Duration = Duration::from_secs(1_000_000);
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const SHOWN: (&str, &str, Option<&str>) = ("page", "http://127.0.0.1:3000", Some(VERIFIER));

fn after(seconds: u64) -> Duration {
    START.saturating_add(Duration::from_secs(seconds))
}

fn request() -> Request {
    // RFC 7636, appendix B.
    let query = b"code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256";
    Request {
        client: "page".to_owned(),
        redirect_uri: "http://127.0.0.1:3000".to_owned(),
        state: None,
        nonce: None,
        scopes: ["openid", "offline"].map(str::to_owned).into(),
        audiences: vec!["api".to_owned()],
        challenge: Challenge::of(&Form::parse(query)).unwrap(),
        org_code: None,
        create: false,
    }
}

/// A store with the code "code" for the viewer in the browser "browser".
fn with_code() -> Store {
    let mut store = Store::new("secret");
    let session = store.sign_in(START, Duration::ZERO, "browser", "viewer");
    store.keep_code(START, "code", request(), session);
    store
}

fn issued(grant: &str, until: u64) -> Issued {
    let (scopes, audiences) = (BTreeSet::new(), Vec::new());
    let (client, person) = ("page".to_owned(), Some("viewer".to_owned()));
    Issued { grant: Some(Key::of(grant)), client, person, scopes, audiences, from: 0, until }
}

#[test]
fn a_code_is_exchanged_once_within_its_minute() {
    let mut store = with_code();
    let granted = store.redeem(after(59), "code", SHOWN, "grant").unwrap();
    assert_eq!((granted.grant.client.as_str(), granted.grant.session.person.as_str()), ("page", "viewer"));
    assert!(with_code().redeem(after(60), "code", SHOWN, "grant").is_err());
    assert!(with_code().redeem(after(0), "edoc", SHOWN, "grant").is_err());
}

#[test]
fn a_failed_attempt_uses_the_code_up_and_gives_nothing() {
    let (client, uri, verifier) = SHOWN;
    for wrong in [("other", uri, verifier), (client, "http://127.0.0.1:4000", verifier), (client, uri, None)]
    {
        let mut store = with_code();
        assert!(store.redeem(START, "code", wrong, "grant").is_err());
        assert!(store.redeem(START, "code", SHOWN, "grant").is_err());
    }
}

#[test]
fn a_second_use_of_a_code_revokes_its_grant_and_access_tokens() {
    let mut store = with_code();
    let granted = store.redeem(START, "code", SHOWN, "grant").unwrap();
    store.record(START, "token", issued("grant", 100));
    assert!(store.issued(START, Duration::from_secs(99), "token").is_some());
    assert!(store.issued(START, Duration::from_secs(100), "token").is_none());
    // Even long after, and by another client.
    assert!(store.redeem(after(86_400), "code", ("thief", "", None), "other").is_err());
    assert!(store.issued(START, Duration::ZERO, "token").is_none());
    let token = granted.refresh_token.unwrap();
    assert!(store.refresh(after(86_400), ("page", &[&token]), BTreeSet::new()).is_err());
}

#[test]
fn without_offline_there_is_no_refresh_token() {
    let mut store = Store::new("secret");
    let session = store.sign_in(START, Duration::ZERO, "browser", "viewer");
    let scopes = ["openid".to_owned()].into();
    store.keep_code(START, "code", Request { scopes, ..request() }, session);
    assert_eq!(store.redeem(START, "code", SHOWN, "grant").unwrap().refresh_token, None);
}

#[test]
fn only_a_refresh_extends_a_grant() {
    let mut store = with_code();
    let mut token = store.redeem(START, "code", SHOWN, "grant").unwrap().refresh_token.unwrap();
    let mut now = START;
    for _ in 0..5 {
        now = now.saturating_add(REFRESH_LIFE).saturating_sub(Duration::from_secs(1));
        token = store.refresh(now, ("page", &[&token]), BTreeSet::new()).unwrap().refresh_token.unwrap();
    }
    assert!(store.refresh(now.saturating_add(REFRESH_LIFE), ("page", &[&token]), BTreeSet::new()).is_err());
}

#[test]
fn signing_out_ends_what_was_granted_in_that_browser() {
    let mut store = with_code();
    let token = store.redeem(START, "code", SHOWN, "grant").unwrap().refresh_token.unwrap();
    let other = store.sign_in(START, Duration::ZERO, "other browser", "viewer");
    store.keep_code(START, "other code", request(), other);
    let kept = store.redeem(START, "other code", SHOWN, "other grant").unwrap().refresh_token.unwrap();
    store.sign_out(START, "browser", false);
    assert!(store.session(START, "browser").is_none());
    assert!(store.refresh(START, ("page", &[&token]), BTreeSet::new()).is_err());
    assert!(store.refresh(START, ("page", &[&kept]), BTreeSet::new()).is_ok());
}

#[test]
fn signing_out_ends_a_code_that_was_not_exchanged_yet() {
    let mut store = with_code();
    store.sign_out(START, "browser", false);
    assert!(store.redeem(START, "code", SHOWN, "grant").is_err());
}

#[test]
fn signing_out_ends_grants_that_have_outlived_their_session() {
    let mut store = with_code();
    let token = store.redeem(START, "code", SHOWN, "grant").unwrap().refresh_token.unwrap();
    let later = START.saturating_add(SESSION_LIFE);
    assert!(store.session(later, "browser").is_none());
    store.sign_out(later, "browser", false);
    assert!(store.refresh(later, ("page", &[&token]), BTreeSet::new()).is_err());
}

/// A store with a refresh token and a code of the browser "browser", in which somebody then signs in as "again".
fn signed_in_again(person: &str) -> (Store, String) {
    let mut store = with_code();
    let token = store.redeem(START, "code", SHOWN, "grant").unwrap().refresh_token.unwrap();
    let session = store.session(START, "browser").unwrap().clone();
    store.keep_code(START, "waiting", request(), session);
    let again = store.sign_in(START, Duration::ZERO, "again", person);
    store.replace("browser", &again);
    assert!(store.session(START, "browser").is_none());
    (store, token)
}

#[test]
fn signing_in_again_keeps_the_grants_until_sign_out() {
    let (mut store, token) = signed_in_again("viewer");
    let token = store.refresh(START, ("page", &[&token]), BTreeSet::new()).unwrap().refresh_token.unwrap();
    store.sign_out(START, "again", false);
    assert!(store.refresh(START, ("page", &[&token]), BTreeSet::new()).is_err());
    assert!(store.redeem(START, "waiting", SHOWN, "late").is_err());
}

#[test]
fn signing_in_as_another_person_ends_the_grants_of_the_first() {
    let (mut store, token) = signed_in_again("admin");
    assert!(store.refresh(START, ("page", &[&token]), BTreeSet::new()).is_err());
    assert!(store.redeem(START, "waiting", SHOWN, "late").is_err());
}

#[test]
fn an_access_token_is_kept_no_longer_than_it_lives() {
    let mut store = with_code();
    store.redeem(START, "code", SHOWN, "grant").unwrap();
    store.record(START, "token", issued("grant", 100));
    // The wall clock was set back, but the entry ends by the monotonic clock.
    assert!(store.issued(after(99), Duration::ZERO, "token").is_some());
    assert!(store.issued(after(100), Duration::ZERO, "token").is_none());
}

#[test]
fn every_table_is_bounded() {
    let mut store = Store::new("secret");
    for number in 0..3 * CAPACITY {
        let text = number.to_string();
        store.keep_request(START, &text, request());
        let session = store.sign_in(START, Duration::ZERO, &text, "viewer");
        store.keep_code(START, &text, request(), session);
    }
    let last = (3 * CAPACITY - 1).to_string();
    assert!(store.pending(START, &last).is_some() && store.session(START, &last).is_some());
    assert!(store.pending(START, "0").is_none() && store.session(START, "0").is_none());
    assert!(store.redeem(START, &last, SHOWN, "grant").is_ok());
    assert!(store.redeem(START, "0", SHOWN, "grant").is_err());
}
