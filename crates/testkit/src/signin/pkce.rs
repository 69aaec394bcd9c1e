//! Proof Key for Code Exchange (RFC 7636), with SHA-256 alone.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::form::Form;
use super::refusal::{Refusal, invalid_grant, invalid_request};

/// The digest of the verifier that the client sends with the code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Challenge(String);

impl Challenge {
    /// Reads the challenge of a request, if it has one.
    pub(super) fn of(form: &Form) -> Result<Option<Self>, Refusal> {
        let method = form.get("code_challenge_method");
        let Some(challenge) = form.get("code_challenge") else {
            return match method {
                None => Ok(None),
                Some(_) => Err(invalid_request("`code_challenge` is missing")),
            };
        };
        // Without a method the challenge is `plain` (RFC 7636 §4.3), which anyone who sees the request can answer.
        if method != Some("S256") {
            return Err(invalid_request("`code_challenge_method` must be S256"));
        }
        match URL_SAFE_NO_PAD.decode(challenge) {
            Ok(digest) if digest.len() == 32 => Ok(Some(Self(challenge.to_owned()))),
            _ => Err(invalid_request("`code_challenge` must be a SHA-256 digest in base64url")),
        }
    }
}

/// Checks the verifier of the token request against the challenge of the authorization request.
pub(super) fn verify(challenge: Option<&Challenge>, verifier: Option<&str>) -> Result<(), Refusal> {
    match (challenge, verifier) {
        (None, None) => Ok(()),
        (None, Some(_)) => Err(invalid_grant("the code was asked for without `code_challenge`")),
        (Some(_), None) => Err(invalid_grant("`code_verifier` is missing")),
        (Some(challenge), Some(verifier)) if is_verifier(verifier) && answers(challenge, verifier) => Ok(()),
        (Some(_), Some(_)) => Err(invalid_grant("`code_verifier` does not belong to `code_challenge`")),
    }
}

fn answers(Challenge(challenge): &Challenge, verifier: &str) -> bool {
    let answer = URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes()));
    verify_slices_are_equal(answer.as_bytes(), challenge.as_bytes()).is_ok()
}

/// Returns `true` for 43 to 128 unreserved characters (RFC 7636 §4.1).
fn is_verifier(text: &str) -> bool {
    let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    (43..=128).contains(&text.len()) && text.bytes().all(unreserved)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of RFC 7636, appendix B.
    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    fn challenge(query: &str) -> Result<Option<Challenge>, Refusal> {
        Challenge::of(&Form::parse(query.as_bytes()))
    }

    #[test]
    fn only_the_verifier_of_the_challenge_is_accepted() {
        let known = challenge(&format!("code_challenge={CHALLENGE}&code_challenge_method=S256")).unwrap();
        assert_eq!(verify(known.as_ref(), Some(VERIFIER)), Ok(()));
        for wrong in [&VERIFIER[1..], &format!("{VERIFIER}A"), CHALLENGE, "", &VERIFIER.replace('d', "ä")] {
            assert!(verify(known.as_ref(), Some(wrong)).is_err(), "{wrong}");
        }
        assert!(verify(known.as_ref(), None).is_err());
        assert!(verify(None, Some(VERIFIER)).is_err());
        assert_eq!(verify(None, None), Ok(()));
    }

    #[test]
    fn only_digests_are_challenges() {
        assert_eq!(challenge(""), Ok(None));
        for wrong in [
            format!("code_challenge={VERIFIER}"),
            format!("code_challenge={VERIFIER}&code_challenge_method=plain"),
            format!("code_challenge={CHALLENGE}A&code_challenge_method=S256"),
            "code_challenge=short&code_challenge_method=S256".to_owned(),
            "code_challenge_method=S256".to_owned(),
        ] {
            assert!(challenge(&wrong).is_err(), "{wrong}");
        }
    }
}
