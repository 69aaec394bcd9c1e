//! Keys and tokens of the scenarios, made once and not measured.

use std::collections::BTreeMap;
use std::iter;

use kinde_perms::{Algorithm, Validator, ValidatorBuilder};
use kinde_perms_testkit::{SigningKey, TokenBuilder};

const ISSUER: &str = "https://acme.kinde.test";
const AUDIENCE: &str = "https://api.example.test";

/// The number of tokens: more than the small cache of the cold scenarios holds.
const MANY: usize = 128;

/// The inputs of the scenarios.
pub struct Fixture {
    /// The key set.
    pub keys: String,
    /// Tokens of ten permissions, all different.
    pub many: Vec<String>,
    /// The other tokens, by name.
    pub tokens: BTreeMap<String, String>,
}

impl Fixture {
    /// Makes new keys and tokens.
    pub fn new() -> Self {
        let keys = [Algorithm::Rs256, Algorithm::Es256, Algorithm::EdDsa].map(SigningKey::generate);
        let [rsa, ec, ed] = &keys;
        let tokens = [
            ("rs256_1", token(rsa, 1)),
            ("rs256_10", token(rsa, 10)),
            ("rs256_100", token(rsa, 100)),
            ("rs256_1000", token(rsa, 1000)),
            ("es256_10", token(ec, 10)),
            ("eddsa_10", token(ed, 10)),
        ];
        let jwks: Vec<String> = keys.iter().map(|key| key.public_jwk().to_string()).collect();
        Self {
            keys: format!(r#"{{"keys":[{}]}}"#, jwks.join(",")),
            many: iter::repeat_with(|| token(rsa, 10)).take(MANY).collect(),
            tokens: tokens.map(|(name, token)| (name.to_owned(), token)).into(),
        }
    }

    /// Returns a token by its name.
    pub fn token(&self, name: &str) -> &str {
        &self.tokens[name]
    }

    /// Makes a validator that accepts the tokens.
    pub fn validator(&self, settings: impl FnOnce(ValidatorBuilder) -> ValidatorBuilder) -> Validator {
        settings(Self::builder()).build_with_static_keys(&self.keys).unwrap()
    }

    /// Returns the settings of a validator that accepts the tokens.
    pub fn builder() -> ValidatorBuilder {
        let builder = Validator::builder(ISSUER, AUDIENCE);
        builder.algorithms([Algorithm::Rs256, Algorithm::Es256, Algorithm::EdDsa])
    }

    /// Returns the id of the RSA key.
    pub fn kid(&self) -> String {
        let keys: serde_json::Value = serde_json::from_str(&self.keys).unwrap();
        keys["keys"][0]["kid"].as_str().unwrap().to_owned()
    }

    /// Returns claims that would be accepted, were they signed.
    pub fn claims() -> String {
        format!(r#"{{"iss":"{ISSUER}","sub":"kp_1","exp":4102444800,"aud":["{AUDIENCE}"]}}"#)
    }
}

/// Returns a user's token. A thousand permissions must be short, as a token has 16 KiB at most.
fn token(key: &SigningKey, permissions: usize) -> String {
    let name = if permissions > 100 { "p" } else { "read:item" };
    let mut keys: Vec<String> = (1..permissions).map(|number| format!("{name}{number}")).collect();
    keys.push("create:todos".to_owned());
    let roles: Vec<String> = (0..3).map(|number| format!("role{number}")).collect();
    TokenBuilder::new(ISSUER, AUDIENCE)
        .key(key)
        .permissions(keys.iter().map(String::as_str))
        .roles(roles.iter().map(String::as_str))
        .sign()
}
