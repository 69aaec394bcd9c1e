//! The two integers of an RSA public key, read from the DER that the crypto library hands out.

/// Returns modulus and exponent of an `RSAPublicKey` (RFC 8017 appendix A.1.1), without leading zeros.
///
/// The input is the library's own output for a key of this process. So nothing is refused: missing parts read as empty.
pub(super) fn rsa_public_key(der: &[u8]) -> (&[u8], &[u8]) {
    let (sequence, _) = element(der);
    let (modulus, rest) = element(sequence);
    let (exponent, _) = element(rest);
    (without_sign(modulus), without_sign(exponent))
}

/// Splits the content of the first element from the bytes after the element.
fn element(der: &[u8]) -> (&[u8], &[u8]) {
    let Some((&length, rest)) = der.split_first().and_then(|(_tag, rest)| rest.split_first()) else {
        return (&[], &[]);
    };
    let (length, rest) = match length {
        0..=0x7f => (usize::from(length), rest),
        _ => long_length(usize::from(length & 0x7f), rest),
    };
    rest.split_at_checked(length).unwrap_or((rest, &[]))
}

/// Reads a length of `bytes` big-endian bytes.
fn long_length(bytes: usize, der: &[u8]) -> (usize, &[u8]) {
    let (digits, rest) = der.split_at_checked(bytes).unwrap_or((&[], der));
    let length = digits.iter().fold(0_usize, |length, digit| length << 8 | usize::from(*digit));
    (length, rest)
}

/// Strips the zero that DER puts before an integer whose highest bit is set; a JWK has none (RFC 7518 §6.3.1.1).
fn without_sign(integer: &[u8]) -> &[u8] {
    integer.strip_prefix(&[0]).unwrap_or(integer)
}
