//! The bearer token of a request: header only, never a query parameter or a cookie (RFC 6750 §2.1, OAuth 2.1 §5.1).

use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderValue};

use crate::rejection::Reason;

/// Returns the `Authorization` header of a request, and the bytes in it where the bearer token belongs.
///
/// The bytes are not checked: [`token`] checks their form.
pub(crate) fn candidate(headers: &HeaderMap) -> Result<(&HeaderValue, &[u8]), Reason> {
    let value = headers.get(&AUTHORIZATION).ok_or(Reason::NoCredentials)?;
    // A map with as many values as names has no header twice, so `get_all` is rarely needed.
    if headers.len() != headers.keys_len() && headers.get_all(&AUTHORIZATION).iter().nth(1).is_some() {
        // A proxy and this crate could pick different ones of two headers.
        return Err(Reason::InvalidRequest);
    }
    // Fast path: nearly every client spells the scheme like this.
    if let Some(rest @ [first, ..]) = value.as_bytes().strip_prefix(b"Bearer ")
        && *first != b' '
    {
        return Ok((value, rest));
    }
    other_spelling(value)
}

/// Reads a header whose scheme is not spelled `Bearer`, followed by one space.
#[cold]
fn other_spelling(value: &HeaderValue) -> Result<(&HeaderValue, &[u8]), Reason> {
    let (scheme, rest) = split_at_space(value.as_bytes());
    if scheme.is_empty() || !scheme.iter().all(|&byte| is_scheme_byte(byte)) {
        return Err(Reason::InvalidRequest);
    }
    if !scheme.eq_ignore_ascii_case(b"Bearer") {
        return Err(Reason::NoCredentials);
    }
    // RFC 9110 §11.4 allows spaces between scheme and token, and no other white space.
    let blanks = rest.iter().take_while(|&&byte| byte == b' ').count();
    Ok((value, rest.get(blanks..).unwrap_or_default()))
}

/// Returns the candidate as text if it has the form of a token.
pub(crate) fn token(candidate: &[u8]) -> Result<&str, Reason> {
    match std::str::from_utf8(candidate) {
        Ok(token) if is_b64token(token) => Ok(token),
        _ => Err(Reason::InvalidRequest),
    }
}

fn split_at_space(value: &[u8]) -> (&[u8], &[u8]) {
    let at = value.iter().position(|&byte| byte == b' ').unwrap_or(value.len());
    value.split_at_checked(at).unwrap_or((value, &[]))
}

/// Returns `true` for a character of a `token` (RFC 9110 §5.6.2).
fn is_scheme_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

/// Returns `true` for a `b64token` (RFC 6750 §2.1): at least one character, padding only at the end.
fn is_b64token(token: &str) -> bool {
    let unpadded = token.trim_end_matches('=');
    !unpadded.is_empty() && unpadded.bytes().all(is_b64token_byte)
}

fn is_b64token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~+/".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(values: &[&[u8]]) -> Result<String, Reason> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(AUTHORIZATION, HeaderValue::from_bytes(value).unwrap());
        }
        candidate(&headers).and_then(|(_, candidate)| token(candidate)).map(str::to_owned)
    }

    #[test]
    fn takes_one_token_in_any_case_and_after_any_number_of_spaces() {
        for value in ["Bearer a.b-c_d~e+f/g==", "bearer a.b-c_d~e+f/g==", "BEARER    a.b-c_d~e+f/g=="] {
            assert_eq!(read(&[value.as_bytes()]).as_deref(), Ok("a.b-c_d~e+f/g=="), "{value}");
        }
    }

    #[test]
    fn the_characters_of_a_token_are_those_of_the_grammar() {
        let grammar = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~+/";
        for character in (0..=u8::MAX).map(char::from) {
            assert_eq!(is_b64token(&character.to_string()), grammar.contains(character), "{character:?}");
        }
    }

    #[test]
    fn no_header_and_other_schemes_are_no_credentials() {
        assert_eq!(read(&[]), Err(Reason::NoCredentials));
        for value in ["Basic dTpw", "DPoP a.b.c", "Bearertoken", "Digest"] {
            assert_eq!(read(&[value.as_bytes()]), Err(Reason::NoCredentials), "{value}");
        }
    }

    #[test]
    fn every_other_header_is_an_invalid_request() {
        let values: [&[u8]; 16] = [
            b"",
            b" ",
            b"Bearer",
            b"Bearer ",
            b"Bearer    ",
            b"Bearer a b",
            b"Bearer a,b",
            b"Bearer =",
            b"Bearer a=b",
            b"Bearer\ta",
            b"Bearer \ta",
            b"Bearer \t a",
            b"Bearer a\tb",
            b"Bearer \xff\xfe",
            b"Bearer a%2eb",
            b"\"Bearer\" a",
        ];
        for value in values {
            assert_eq!(read(&[value]), Err(Reason::InvalidRequest), "{value:?}");
        }
        assert_eq!(read(&[b"Bearer a", b"Bearer a"]), Err(Reason::InvalidRequest));
        assert_eq!(read(&[b"Bearer a", b"Basic a"]), Err(Reason::InvalidRequest));
    }
}
