//! The signature layer as the public interface shows it.
//!
//! The payloads of the vectors are no claims, so a validator refuses every token. Its answer still tells whether it came
//! to the signature and found it good: then the same token with one bit of the signature changed is refused for another
//! reason, its signature.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::DecodingKey;
use jsonwebtoken::jwk::JwkSet;
use kinde_perms::{Algorithm, ConfigError, TokenError, Validator, VerifyError};
use tokio::runtime::Builder;

/// A validator must have a key. This one (RFC 8037 appendix A.2) made no token of the vectors, and none names its id.
const OTHER_KEYS: &str = r#"{"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": "made no token of the vectors",
    "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#;

/// Verifies the form, the header and the signature of a token.
///
/// # Errors
/// The reason for which a validator refuses the token before it reads the claims. A key set without a usable key holds
/// no key that a token could name.
pub(crate) fn verify_jws(token: &str, key_set: &str, allowed: &[Algorithm]) -> Result<(), TokenError> {
    let validator =
        validator(key_set, allowed).unwrap_or_else(|_| validator(OTHER_KEYS, Algorithm::ALL).unwrap());
    let error = refusal(&validator, token);
    if error == TokenError::InvalidSignature {
        return Err(error);
    }
    match with_a_bit_changed(token) {
        Some(changed) if refusal(&validator, &changed) == TokenError::InvalidSignature => Ok(()),
        _ => Err(error),
    }
}

fn validator(key_set: &str, allowed: &[Algorithm]) -> Result<Validator, ConfigError> {
    let builder = Validator::builder("https://vectors.example", "vectors").without_cache();
    builder.algorithms(allowed.iter().copied()).build_with_static_keys(key_set)
}

fn refusal(validator: &Validator, token: &str) -> TokenError {
    let runtime = Builder::new_current_thread().build().unwrap();
    match runtime.block_on(validator.verify(token)) {
        Err(VerifyError::Token(error)) => error,
        other => panic!("the payloads are no claims, and fixed keys are at hand: {other:?}"),
    }
}

fn with_a_bit_changed(token: &str) -> Option<String> {
    let (input, signature) = token.rsplit_once('.')?;
    let mut signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
    *signature.last_mut()? ^= 1;
    Some(format!("{input}.{}", URL_SAFE_NO_PAD.encode(signature)))
}

/// Returns `true` if a key of the set made the base64url-encoded signature of `input`, as another library says.
pub(crate) fn is_signed(input: &str, signature: &str, key_set: &str, algorithm: &str) -> bool {
    let Ok(algorithm) = algorithm.parse() else { return false };
    serde_json::from_str::<JwkSet>(key_set).unwrap().keys.iter().any(|jwk| {
        let key = DecodingKey::from_jwk(jwk).unwrap();
        jsonwebtoken::crypto::verify(signature, input.as_bytes(), &key, algorithm).unwrap()
    })
}
