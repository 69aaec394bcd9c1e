use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::super::pem;
use super::super::{TokenBuilder, TokenParts};
use super::*;

fn token() -> String {
    TokenBuilder::new("https://acme.kinde.com", "https://api.example.test").sign()
}

#[test]
fn reading_and_writing_a_token_changes_nothing() {
    let token = token();
    assert_eq!(TokenParts::of(&token).to_string(), token);
}

#[test]
fn edits_keep_the_old_signature() {
    let token = token();
    let edited = TokenParts::of(&token)
        .edit_header(|header| drop(header.insert("x".into(), 1.into())))
        .edit_payload(|claims| drop(claims.insert("sub".into(), "kp_other".into())));
    assert_eq!((&edited.header_json()["x"], &edited.payload_json()["sub"]), (&1.into(), &"kp_other".into()));
    assert_eq!(edited.signature, TokenParts::of(&token).signature);
    assert!(!is_signed(&edited.to_string(), &SigningKey::shared(), Algorithm::Rs256));
}

#[test]
fn one_flipped_bit_invalidates_a_signature() {
    for index in [0, 128, 255] {
        let flipped = TokenParts::of(&token()).flip_signature_bit(index).to_string();
        assert!(!is_signed(&flipped, &SigningKey::shared(), Algorithm::Rs256), "{index}");
    }
    let token = token();
    assert_eq!(TokenParts::of(&token).flip_signature_bit(256).to_string(), token);
}

#[test]
fn ecdsa_signatures_can_be_written_in_der() {
    let numbers = [&[0, 1, 2, 3][..], &[0x80, 0, 0, 0][..]].concat();
    let mut parts = TokenParts::of(&token());
    parts.signature = numbers;
    let der = [0x30, 12, 2, 3, 1, 2, 3, 2, 5, 0, 0x80, 0, 0, 0];
    assert_eq!(parts.with_signature_in_der().signature, der);
}

#[test]
fn pem_has_lines_of_64_characters_and_ends_in_a_line_break() {
    let der = SigningKey::shared().public_key_info();
    let pem = pem("PUBLIC KEY", &der);
    let (head, rest) = pem.split_once('\n').unwrap();
    let (base64, end) = rest.split_once("-----").unwrap();
    assert_eq!((head, end), ("-----BEGIN PUBLIC KEY-----", "END PUBLIC KEY-----\n"));
    assert!(base64.lines().all(|line| line.len() <= 64));
    assert_eq!(STANDARD.decode(base64.replace('\n', "")).unwrap(), der);
}
