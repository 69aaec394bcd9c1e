use serde_json::Value;

use super::super::der;
use super::*;

/// RSA algorithms share a key, because creating one takes long.
fn key_for(algorithm: Algorithm) -> SigningKey {
    match algorithm {
        Algorithm::Es256 | Algorithm::Es384 | Algorithm::Es512 | Algorithm::EdDsa => {
            SigningKey::generate(algorithm)
        }
        _ => SigningKey::shared().with_algorithm(algorithm),
    }
}

#[test]
fn every_algorithm_signs_what_its_public_key_verifies() {
    for &algorithm in Algorithm::ALL {
        let key = key_for(algorithm);
        let signature = key.sign(b"message");
        assert!(verifies(&key, algorithm, b"message", &signature), "{algorithm:?}");
        assert!(!verifies(&key, algorithm, b"another message", &signature), "{algorithm:?}");
    }
}

#[test]
fn the_public_half_of_an_rsa_key_has_the_members_of_kinde() {
    let jwk = SigningKey::shared().public_jwk();
    let members: Vec<_> = jwk.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(members, ["alg", "e", "kid", "kty", "n", "use"]);
    assert_eq!((&jwk["alg"], &jwk["e"], &jwk["use"]), (&"RS256".into(), &"AQAB".into(), &"sig".into()));
    assert_eq!(jwk["n"].as_str().unwrap().len(), 342, "2048 bits without a leading zero");
}

#[test]
fn curves_publish_coordinates_of_their_own_length() {
    let lengths =
        [(Algorithm::Es256, "P-256", 43), (Algorithm::Es384, "P-384", 64), (Algorithm::Es512, "P-521", 88)];
    for (algorithm, curve, length) in lengths {
        let jwk = SigningKey::generate(algorithm).public_jwk();
        assert_eq!((&jwk["kty"], &jwk["crv"]), (&"EC".into(), &curve.into()));
        assert_eq!(["x", "y"].map(|name| jwk[name].as_str().map(str::len)), [Some(length); 2], "{curve}");
    }
    let jwk = SigningKey::generate(Algorithm::EdDsa).public_jwk();
    assert_eq!(
        (&jwk["kty"], &jwk["crv"], jwk["x"].as_str().map(str::len)),
        (&"OKP".into(), &"Ed25519".into(), Some(43))
    );
}

#[test]
fn kids_look_like_those_of_kinde_and_follow_the_key() {
    let key = SigningKey::shared();
    let bytes: Vec<_> = key.kid().split(':').collect();
    assert_eq!(bytes.len(), 16);
    assert!(
        bytes.iter().all(|byte| u8::from_str_radix(byte, 16).is_ok() && byte.len() == 2),
        "{}",
        key.kid()
    );
    assert_eq!(key.kid(), SigningKey::shared().kid());
    assert_ne!(key.kid(), SigningKey::generate(Algorithm::Es256).kid());
    assert_eq!(key.with_kid("other").public_jwk()["kid"], "other");
}

#[test]
fn the_salt_of_ps256_can_be_of_any_length() {
    let key = SigningKey::shared();
    for salt in [0, 20, 31, 33] {
        let signature = key.sign_ps256_with_salt(salt, b"message");
        assert!(!verifies(&key, Algorithm::Ps256, b"message", &signature), "{salt}");
    }
    let signature = key.sign_ps256_with_salt(32, b"message");
    assert!(verifies(&key, Algorithm::Ps256, b"message", &signature));
}

#[test]
#[should_panic(expected = "cannot sign ES256")]
fn a_key_does_not_sign_for_another_family() {
    let _ = SigningKey::shared().with_algorithm(Algorithm::Es256).sign(b"message");
}

#[test]
fn debug_output_shows_no_key() {
    let key = SigningKey::shared();
    assert_eq!(format!("{key:?}"), format!("SigningKey {{ kid: {:?}, algorithm: Rs256, .. }}", key.kid()));
}

#[test]
fn the_subject_public_key_info_holds_the_public_key() {
    for algorithm in [Algorithm::Rs256, Algorithm::Es256, Algorithm::EdDsa] {
        let key = key_for(algorithm);
        assert!(key.public_key_info().ends_with(key.public_key()), "{algorithm:?}");
    }
}

#[test]
fn der_that_is_cut_short_reads_as_far_as_it_goes() {
    assert_eq!(der::rsa_public_key(&[]), (&[][..], &[][..]));
    assert_eq!(der::rsa_public_key(&[0x30, 0x84]), (&[][..], &[][..]));
    assert_eq!(der::rsa_public_key(&[0x30, 6, 2, 1, 5, 2, 1, 3]), (&[5][..], &[3][..]));
    assert_eq!(Value::Null, TokenParts::of("..").header_json());
}

#[test]
fn an_rsa_key_can_be_written_down_and_read() {
    let key = SigningKey::shared();
    let read = SigningKey::from_pkcs8(&key.to_pkcs8().unwrap()).unwrap();
    assert_eq!(read.public_jwk(), key.public_jwk());
    assert!(SigningKey::generate(Algorithm::EdDsa).to_pkcs8().is_none());
    assert!(SigningKey::from_pkcs8(b"no key").is_none());
}
