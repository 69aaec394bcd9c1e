//! Wycheproof's `json_web_signature_test.json`: 401 tokens, each with its key.

use kinde_perms::{Algorithm, TokenError};
use libtest_mimic::{Failed, Trial};
use serde::Deserialize;
use serde_json::Value;

use crate::directory::{self, Directory, File};
use crate::public::{is_signed, verify_jws};
use crate::tally::{self, Set};

const FILE: &str = "wycheproof/json_web_signature_test.json";

/// Vectors that Wycheproof calls valid and a strict verifier of access tokens refuses, each with the reason.
const STRICTER: [(&[u32], TokenError, Signature, &str); 4] = [
    (
        &[346, 350],
        TokenError::AlgorithmMismatch,
        Signature::OfNoUsableKey,
        "mislabelled: the header says PS384, the key says PS256; a key is for one algorithm (RFC 8725 §3.1)",
    ),
    (
        &[347, 351],
        TokenError::UnknownKey,
        Signature::OfNoUsableKey,
        "mislabelled: the header says ES512, the key says ES521, which is no algorithm; such a key is left out",
    ),
    (
        &[259, 264, 268, 272, 320, 325],
        TokenError::Malformed,
        Signature::Good,
        "the payload is empty, which no set of claims is",
    ),
    (
        &[263, 267, 271, 275, 323, 328],
        TokenError::Malformed,
        Signature::Good,
        "the payload is not UTF-8, which JSON has to be (RFC 8259 §8.1)",
    ),
];

/// The result of the signature alone: if it verifies, only the stated reason can refuse the token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Signature {
    Good,
    OfNoUsableKey,
}

/// The number of accepted vectors; all others are refused.
const ACCEPTED: usize = 20;
const ASYMMETRIC: usize = 361;
const SYMMETRIC: usize = 40;
/// The number of vectors refused for their signature alone; the others are refused earlier.
const REFUSED_FOR_THEIR_SIGNATURE: usize = 291;

#[derive(Deserialize)]
struct File401 {
    #[serde(rename = "testGroups")]
    groups: Vec<Group>,
}

#[derive(Deserialize)]
struct Group {
    public: Option<Value>,
    private: Option<Value>,
    tests: Vec<Test>,
}

#[derive(Deserialize)]
struct Test {
    #[serde(rename = "tcId")]
    id: u32,
    comment: String,
    jws: String,
    result: String,
}

/// One token and its expected result.
#[derive(Clone)]
struct Vector {
    id: u32,
    comment: String,
    token: String,
    key_set: String,
    symmetric: bool,
    expected: Expected,
}

#[derive(Clone, Copy)]
enum Expected {
    Accepted,
    Refused,
    RefusedFor(TokenError, Signature, &'static str),
}

/// One trial for each vector, and one that counts them.
pub(crate) fn trials(directory: &Directory) -> Vec<Trial> {
    let file = match directory.read(FILE) {
        File::NotGiven => return vec![directory::ignored("wycheproof-jws")],
        File::Broken(error) => return vec![directory::broken("wycheproof-jws", error)],
        File::Read(file) => file,
    };
    let file: File401 = match serde_json::from_value(file) {
        Ok(file) => file,
        Err(error) => return vec![directory::broken("wycheproof-jws", error.to_string())],
    };
    let vectors: Vec<Vector> = file.groups.iter().flat_map(vectors_of).collect();
    let counted = vectors.clone();
    let counts = Trial::test("wycheproof-jws/counts", move || check_counts(&counted));
    vectors.into_iter().map(trial).chain([counts]).collect()
}

fn vectors_of(group: &Group) -> impl Iterator<Item = Vector> + '_ {
    let symmetric = group.public.is_none();
    let key = group.public.as_ref().or(group.private.as_ref()).cloned().unwrap_or_default();
    let key_set = serde_json::json!({ "keys": [key] }).to_string();
    group.tests.iter().map(move |test| Vector {
        id: test.id,
        comment: test.comment.clone(),
        token: test.jws.clone(),
        key_set: key_set.clone(),
        symmetric,
        expected: expected(test, symmetric),
    })
}

fn expected(test: &Test, symmetric: bool) -> Expected {
    if let Some((_, error, signature, reason)) = STRICTER.iter().find(|(ids, ..)| ids.contains(&test.id)) {
        return Expected::RefusedFor(*error, *signature, reason);
    }
    // A symmetric key can also sign, so no key set may contain one.
    if symmetric || test.result != "valid" { Expected::Refused } else { Expected::Accepted }
}

fn trial(vector: Vector) -> Trial {
    let reason = match vector.expected {
        Expected::RefusedFor(_, _, reason) => format!(" ({reason})"),
        _ if vector.symmetric => " (HMAC)".to_owned(),
        _ => String::new(),
    };
    let name = format!("wycheproof-jws/tc{} {}{reason}", vector.id, vector.comment);
    Trial::test(name, move || vector.check())
}

impl Vector {
    fn verify(&self) -> Result<(), TokenError> {
        // All algorithms are allowed: the key or the form must refuse the token, not the allow-list.
        verify_jws(&self.token, &self.key_set, Algorithm::ALL)
    }

    fn check(&self) -> Result<(), Failed> {
        let result = self.verify();
        let as_expected = match self.expected {
            Expected::Accepted => result.is_ok(),
            Expected::Refused => result.is_err(),
            Expected::RefusedFor(error, signature, _) => {
                result == Err(error) && (signature == Signature::Good) == self.has_good_signature()
            }
        };
        if !as_expected {
            return Err(format!("tc{}: {result:?}", self.id).into());
        }
        tally::count(Set::WycheproofJws, result.is_ok());
        Ok(())
    }

    /// Verifies the signature alone, regardless of the token's form.
    fn has_good_signature(&self) -> bool {
        let Some((input, signature)) = self.token.rsplit_once('.') else { return false };
        let set: Value = serde_json::from_str(&self.key_set).unwrap();
        let algorithm = set.pointer("/keys/0/alg").and_then(Value::as_str).unwrap();
        is_signed(input, signature, &self.key_set, algorithm)
    }
}

/// Fails if vectors are missing, or if one reason refuses everything.
fn check_counts(vectors: &[Vector]) -> Result<(), Failed> {
    let symmetric = vectors.iter().filter(|vector| vector.symmetric).count();
    let results: Vec<_> = vectors.iter().map(Vector::verify).collect();
    let accepted = results.iter().filter(|result| result.is_ok()).count();
    let for_signature = results.iter().filter(|result| **result == Err(TokenError::InvalidSignature)).count();
    let found = (vectors.len().saturating_sub(symmetric), symmetric, accepted, for_signature);
    let wanted = (ASYMMETRIC, SYMMETRIC, ACCEPTED, REFUSED_FOR_THEIR_SIGNATURE);
    if found == wanted {
        return Ok(());
    }
    Err(format!("(asymmetric, symmetric, accepted, refused for the signature): {found:?}, not {wanted:?}")
        .into())
}
