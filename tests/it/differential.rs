//! Compares this crate with `jsonwebtoken`. Random tokens: each one accepted here is accepted there, with the same claims.
//! A list: tokens that `jsonwebtoken` accepts and this crate refuses.
//!
//! `jsonwebtoken` runs on its `rust_crypto` backend, which this crate does not use: a program may contain both.

use std::time::Duration;

use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{DecodingKey, Validation, decode};
use kinde_perms::{Algorithm, TokenError, Validator, VerifyError};
use kinde_perms_testkit::{SigningKey, TokenBuilder, TokenParts};
use serde_json::{Value, json};

use crate::faults::polled_once;

const ISSUER: &str = "https://acme.kinde.test";
const AUDIENCE: &str = "https://api.example.test";

const ALGORITHMS: [Algorithm; 5] =
    [Algorithm::Rs256, Algorithm::Ps256, Algorithm::Es256, Algorithm::Es384, Algorithm::EdDsa];

/// One key, and a validator of each crate that trusts it.
struct Judges {
    key: SigningKey,
    ours: Validator,
    theirs: (DecodingKey, Validation),
}

impl Judges {
    fn of(algorithm: Algorithm) -> Self {
        let key = match algorithm {
            Algorithm::Rs256 | Algorithm::Ps256 => SigningKey::shared().with_algorithm(algorithm),
            other => SigningKey::generate(other),
        };
        let jwk = key.public_jwk();
        let keys = json!({ "keys": [jwk] }).to_string();
        let ours = Validator::builder(ISSUER, AUDIENCE).algorithms([algorithm]).build_with_static_keys(&keys);
        let jwk: Jwk = serde_json::from_value(jwk).unwrap();
        let mut validation = Validation::new(algorithm.as_str().parse().unwrap());
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[AUDIENCE]);
        validation.set_required_spec_claims(&["exp", "iss", "aud"]);
        validation.leeway = 30;
        validation.validate_nbf = true;
        Self { key, ours: ours.unwrap(), theirs: (DecodingKey::from_jwk(&jwk).unwrap(), validation) }
    }

    fn token(&self) -> TokenBuilder {
        TokenBuilder::new(ISSUER, AUDIENCE).key(&self.key)
    }

    fn ours(&self, token: &str) -> Result<Value, TokenError> {
        match polled_once(self.ours.verify(token)).unwrap() {
            Ok(claims) => Ok(claims.custom().unwrap()),
            Err(VerifyError::Token(error)) => Err(error),
            Err(error) => panic!("{error}"),
        }
    }

    fn theirs(&self, token: &str) -> Option<Value> {
        decode::<Value>(token, &self.theirs.0, &self.theirs.1).ok().map(|data| data.claims)
    }
}

/// A pseudorandom generator with a fixed seed.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 1).unwrap().checked_rem(bound).unwrap()
    }

    fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())].clone()
    }
}

/// Adds, changes or removes a random claim or header member; the result may be valid or not.
fn change_a_claim(numbers: &mut Numbers, token: TokenBuilder) -> TokenBuilder {
    let hour = Duration::from_secs(3600);
    let odd = [
        json!(null),
        json!(1),
        json!(-1),
        json!(1.5),
        json!("x"),
        json!([]),
        json!(["x"]),
        json!({}),
        json!(true),
    ];
    match numbers.below(16) {
        0 => token.expired(),
        1 => token.issuer("https://other.example"),
        2 => token.audience("other"),
        3 => token.audiences(["other", AUDIENCE]),
        4 => token.not_before_in(hour),
        5 => token.permission("create:todos").role("admin"),
        6 => token.feature_flag("beta", true),
        7 => token.scopes(["openid", "email"]),
        8 => token.without(numbers.pick(&["iss", "aud", "exp", "sub", "iat", "jti", "azp", "org_code"])),
        9..=11 => token.claim(
            numbers.pick(&[
                "iss",
                "aud",
                "exp",
                "nbf",
                "iat",
                "sub",
                "jti",
                "azp",
                "permissions",
                "roles",
                "gty",
            ]),
            numbers.pick(&odd),
        ),
        12 => token.expires_in(hour),
        13 | 14 => {
            // Not `jwk`: `jsonwebtoken` parses the key in it, this crate ignores it.
            let names =
                ["alg", "kid", "typ", "crit", "b64", "jku", "x5u", "x5t", "x5t#S256", "x5c", "custom"];
            token.header(numbers.pick(&names), numbers.pick(&odd))
        }
        _ => token.claim("custom", numbers.pick(&odd)),
    }
}

/// Damages a signed token, or returns it as it is.
fn damaged(numbers: &mut Numbers, token: String) -> String {
    let at = numbers.below(token.len());
    match numbers.below(10) {
        0 => {
            let (before, after) = token.split_at(at);
            [before, numbers.pick(&["A", "_", "=", ".", " "]), after.get(1..).unwrap_or_default()].concat()
        }
        1 => token[..at].to_owned(),
        2 => [&token[..at], "A", &token[at..]].concat(),
        3 => TokenParts::of(&token)
            .edit_header(|header| drop(header.insert("alg".into(), "none".into())))
            .to_string(),
        4 => TokenParts::of(&token)
            .edit_payload(|claims| drop(claims.insert("sub".into(), "kp_evil".into())))
            .to_string(),
        5 => TokenParts::of(&token).edit_signature(|signature| signature.reverse()).to_string(),
        _ => token,
    }
}

#[test]
fn jsonwebtoken_accepts_every_accepted_token_with_the_same_claims() {
    let mut numbers = Numbers(0x9E37_79B9_7F4A_7C15);
    for algorithm in ALGORITHMS {
        let judges = Judges::of(algorithm);
        let (mut accepted, mut refused) = (0, 0);
        for _ in 0..200 {
            let claims = numbers.below(4);
            let token = (0..claims).fold(judges.token(), |token, _| change_a_claim(&mut numbers, token));
            let token = damaged(&mut numbers, token.sign());
            match judges.ours(&token) {
                Ok(claims) => {
                    assert_eq!(judges.theirs(&token), Some(claims), "{algorithm}: {token}");
                    accepted += 1;
                }
                Err(_) => refused += 1,
            }
        }
        assert!(accepted >= 20 && refused >= 20, "{algorithm}: {accepted} accepted, {refused} refused");
    }
}

/// Cases in which this crate is stricter: name, token, and this crate's error.
fn stricter(judges: &Judges) -> Vec<(&'static str, String, TokenError)> {
    let token = || judges.token();
    let hour = Duration::from_secs(3600);
    let header = |name: &str, value: Value| token().header(name, value).sign();
    vec![
        ("no kid", token().without_header("kid").sign(), TokenError::MissingKeyId),
        ("another kid", token().kid("other").sign(), TokenError::UnknownKey),
        ("type of an ID token", header("typ", json!("id+jwt")), TokenError::UnsupportedHeader("typ")),
        ("b64", header("b64", json!(false)), TokenError::UnsupportedHeader("b64")),
        ("compressed", header("zip", json!("DEF")), TokenError::UnsupportedHeader("zip")),
        ("nested", header("cty", json!("JWT")), TokenError::UnsupportedHeader("cty")),
        ("issued in the future", token().issued_in(hour).sign(), TokenError::IssuedInFuture),
        ("no subject", token().without("sub").sign(), TokenError::MissingClaim("sub")),
        ("an ID token", token().claim("nonce", "n").sign(), TokenError::IdToken),
        (
            "a webhook",
            token().claim("event_id", "e").claim("type", "user.created").sign(),
            TokenError::Webhook,
        ),
        ("bound to a key", token().claim("cnf", json!({"jkt": "x"})).sign(), TokenError::BoundToken),
        ("milliseconds", token().claim("exp", 1_900_000_000_000_u64).sign(), TokenError::InvalidClaim("exp")),
        ("a number for an id", token().claim("jti", 1).sign(), TokenError::InvalidClaim("jti")),
        (
            "an issuer among others",
            token().claim("iss", json!([ISSUER])).sign(),
            TokenError::InvalidClaim("iss"),
        ),
        ("a name twice", token().with_raw_payload(twice()).sign(), TokenError::Malformed),
        ("larger than 16 KiB", token().claim("x", "x".repeat(17_000)).sign(), TokenError::TooLarge),
        ("a header of more than 2 KiB", token().header("x", "x".repeat(2_000)).sign(), TokenError::TooLarge),
    ]
}

/// Claims with two `permissions` members: readers differ in which one counts.
fn twice() -> String {
    let claims = format!(r#""iss":"{ISSUER}","aud":"{AUDIENCE}","sub":"kp_1","exp":4000000000"#);
    format!(r#"{{"permissions":[],{claims},"permissions":["delete:todos"]}}"#)
}

#[test]
fn only_this_crate_refuses_the_tokens_listed_in_the_manual() {
    let judges = Judges::of(Algorithm::EdDsa);
    let (manual, mut wrong) = (include_str!("../../kinde-perms/docs/how-others-failed.md"), Vec::new());
    for (name, token, expected) in stricter(&judges) {
        assert_eq!(judges.ours(&token), Err(expected), "{name}");
        if judges.theirs(&token).is_none() || !manual.contains(&format!("- {name}")) {
            wrong.push(name);
        }
    }
    assert!(wrong.is_empty(), "`jsonwebtoken` refuses too, or the manual does not list: {wrong:?}");
}
