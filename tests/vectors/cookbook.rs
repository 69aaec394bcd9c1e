//! The JWS examples of RFC 7520 in the JSON form of the JOSE cookbook, and its examples of RFC 8037 and RFC 7797.

use kinde_perms::{Algorithm, TokenError};
use libtest_mimic::{Failed, Trial};
use serde_json::{Value, json};

use crate::directory::{self, Directory, File};
use crate::public::{is_signed, verify_jws};
use crate::tally::{self, Set};

/// JWK members of private keys only; the examples publish their private keys.
const PRIVATE: [&str; 6] = ["d", "p", "q", "dp", "dq", "qi"];

/// An example and its expected result.
#[derive(Clone, Copy)]
struct Example {
    file: &'static str,
    /// The example's place in its file.
    root: &'static str,
    expected: Result<(), TokenError>,
    /// The algorithm of a good signature, even if the form around it is refused.
    good_signature: Option<Algorithm>,
    reason: &'static str,
}

const EXAMPLES: [Example; 12] = [
    accepted("jws/4_1.rsa_v15_signature.json", Algorithm::Rs256),
    accepted("jws/4_2.rsa-pss_signature.json", Algorithm::Ps384),
    accepted("jws/4_3.ecdsa_signature.json", Algorithm::Es512),
    refused("jws/4_4.hmac-sha2_integrity_protection.json", TokenError::AlgorithmNotAllowed, "HMAC"),
    refused("jws/4_5.signature_with_detached_content.json", TokenError::Malformed, "no payload"),
    refused("jws/4_6.protecting_specific_header_fields.json", TokenError::Malformed, "JSON serialisation"),
    refused("jws/4_7.protecting_content_only.json", TokenError::Malformed, "JSON serialisation"),
    refused(
        "jws/4_8.multiple_signatures.json",
        TokenError::Malformed,
        "JSON serialisation, three signatures",
    ),
    Example {
        good_signature: Some(Algorithm::EdDsa),
        ..refused("curve25519/jws.json", TokenError::MissingKeyId, "the header names no key")
    },
    Example {
        root: "/sign",
        good_signature: Some(Algorithm::Ps256),
        ..refused(
            "6.nesting_signatures_and_encryption.json",
            TokenError::MissingKeyId,
            "the header names no key",
        )
    },
    refused(
        "rfc7797/4.2.hmac-sha2_b64_false.json",
        TokenError::Malformed,
        "JSON serialisation, b64 is false",
    ),
    refused("rfc7797/hmac-sha2_b64_false.json", TokenError::Malformed, "b64 is false"),
];

const fn accepted(file: &'static str, algorithm: Algorithm) -> Example {
    Example { file, root: "", expected: Ok(()), good_signature: Some(algorithm), reason: "accepted" }
}

const fn refused(file: &'static str, error: TokenError, reason: &'static str) -> Example {
    Example { file, root: "", expected: Err(error), good_signature: None, reason }
}

/// One trial for each example.
pub(crate) fn trials(directory: &Directory) -> Vec<Trial> {
    if !directory.is_given() {
        return vec![directory::ignored("rfc7520")];
    }
    EXAMPLES.into_iter().map(|example| trial(directory, example)).collect()
}

fn trial(directory: &Directory, example: Example) -> Trial {
    let name = format!("rfc7520/{} ({})", example.file, example.reason);
    match directory.read(&format!("jose-cookbook/{}", example.file)) {
        File::Read(file) => Trial::test(name, move || example.check(&file)),
        File::Broken(error) => directory::broken(&name, error),
        File::NotGiven => directory::ignored(&name),
    }
}

impl Example {
    fn check(&self, file: &Value) -> Result<(), Failed> {
        let part = |path: &str| file.pointer(&format!("{}{path}", self.root));
        let key_set = key_set(part("/input/key").ok_or("no key")?);
        // The keys name no algorithm, so each is used for the allowed one.
        let allowed =
            self.good_signature.map_or_else(|| Algorithm::ALL.to_vec(), |algorithm| vec![algorithm]);
        let result = verify_jws(&token(part("/output").ok_or("no output")?), &key_set, &allowed);
        if result != self.expected {
            return Err(format!("{result:?}").into());
        }
        if let (Err(_), Some(algorithm)) = (self.expected, self.good_signature) {
            let text = |path| part(path).and_then(Value::as_str).unwrap_or_default();
            if !is_signed(text("/signing/sig-input"), text("/signing/sig"), &key_set, algorithm.as_str()) {
                return Err("the signature in itself is not good".into());
            }
        }
        tally::count(Set::Rfc7520, result.is_ok());
        Ok(())
    }
}

/// Returns the text that a request would carry: the compact form if present, otherwise the JSON.
fn token(output: &Value) -> String {
    let json = ["json_flat", "json"].iter().find_map(|form| output.get(form)).map(Value::to_string);
    let compact = output.get("compact").and_then(Value::as_str).map(str::to_owned);
    compact.or(json).unwrap_or_default()
}

fn key_set(keys: &Value) -> String {
    let keys = keys.as_array().cloned().unwrap_or_else(|| vec![keys.clone()]);
    json!({ "keys": keys.into_iter().map(published).collect::<Vec<_>>() }).to_string()
}

/// Returns the public half of a key, with an id, as an issuer publishes it.
fn published(mut key: Value) -> Value {
    if let Some(members) = key.as_object_mut() {
        members.retain(|name, _| !PRIVATE.contains(&name.as_str()));
        members.entry("kid").or_insert(json!("the only one"));
    }
    key
}
