#![expect(clippy::arithmetic_side_effects, reason = "an overflow fails the test")]

use std::sync::LazyLock;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING,
    ECDSA_P521_SHA512_FIXED_SIGNING, EcdsaKeyPair, EcdsaSigningAlgorithm, Ed25519KeyPair, KeyPair as _,
    RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RSA_PSS_SHA256, RSA_PSS_SHA384, RSA_PSS_SHA512,
    RsaEncoding, RsaKeyPair, RsaPssSaltLength, RsaSignatureEncoding,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::*;

const EXPONENT: &[u8] = &[1, 0, 1];
const INPUT: &[u8] = b"header.payload";

/// The number of bytes before the modulus in the DER form of a 2048-bit public key.
const DER_PREFIX: usize = 9;

static RSA: LazyLock<RsaKeyPair> = LazyLock::new(|| RsaKeyPair::generate(KeySize::Rsa2048).unwrap());

fn modulus() -> Vec<u8> {
    RSA.public_key().as_ref()[DER_PREFIX..][..256].to_vec()
}

fn rsa_key(algorithm: Algorithm) -> Key {
    Key::rsa(algorithm, &modulus(), EXPONENT).unwrap()
}

fn rsa_sign(encoding: &'static dyn RsaEncoding) -> Vec<u8> {
    let mut signature = vec![0; 256];
    RSA.sign(encoding, &SystemRandom::new(), INPUT, &mut signature).unwrap();
    signature
}

fn decode(text: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text).unwrap()
}

fn ec_pair(signing: &'static EcdsaSigningAlgorithm) -> (EcdsaKeyPair, Vec<u8>, Vec<u8>) {
    let pair = EcdsaKeyPair::generate(signing).unwrap();
    let (x, y) = pair.public_key().as_ref()[1..].split_at((pair.public_key().as_ref().len() - 1) / 2);
    let (x, y) = (x.to_vec(), y.to_vec());
    (pair, x, y)
}

/// Checks that a signature is accepted, and that a flipped bit, a lost byte or an added one is not.
fn assert_verifies_strictly(key: &Key, signature: &[u8]) {
    assert!(key.verify(INPUT, signature));
    assert!(!key.verify(b"header.payloaf", signature));
    assert!(!key.verify(INPUT, &[]));
    for position in [0, signature.len() / 2, signature.len() - 1] {
        let mut flipped = signature.to_vec();
        flipped[position] ^= 1;
        assert!(!key.verify(INPUT, &flipped), "bit of byte {position}");
    }
    assert!(!key.verify(INPUT, &signature[1..]));
    assert!(!key.verify(INPUT, &signature[..signature.len() - 1]));
    assert!(!key.verify(INPUT, &[signature, &[0]].concat()));
    assert!(!key.verify(INPUT, &[&[0], signature].concat()));
}

#[test]
fn each_rsa_algorithm_accepts_its_own_signature_and_no_other() {
    let signings: [(Algorithm, &'static dyn RsaEncoding); 6] = [
        (Algorithm::Rs256, &RSA_PKCS1_SHA256),
        (Algorithm::Rs384, &RSA_PKCS1_SHA384),
        (Algorithm::Rs512, &RSA_PKCS1_SHA512),
        (Algorithm::Ps256, &RSA_PSS_SHA256),
        (Algorithm::Ps384, &RSA_PSS_SHA384),
        (Algorithm::Ps512, &RSA_PSS_SHA512),
    ];
    for (signed, encoding) in signings {
        let signature = rsa_sign(encoding);
        assert_verifies_strictly(&rsa_key(signed), &signature);
        for (other, _) in signings {
            assert_eq!(rsa_key(other).verify(INPUT, &signature), signed == other, "{signed} as {other}");
        }
    }
}

#[test]
fn pss_salts_of_another_length_than_the_hash_are_refused() {
    static SALTS: [RsaSignatureEncoding; 4] = [
        RSA_PSS_SHA256.with_pss_salt_length(RsaPssSaltLength::Custom(0)),
        RSA_PSS_SHA256.with_pss_salt_length(RsaPssSaltLength::Custom(31)),
        RSA_PSS_SHA256.with_pss_salt_length(RsaPssSaltLength::Custom(33)),
        RSA_PSS_SHA256.with_pss_salt_length(RsaPssSaltLength::Max),
    ];
    for salt in &SALTS {
        assert!(!rsa_key(Algorithm::Ps256).verify(INPUT, &rsa_sign(salt)), "{salt:?}");
    }
}

#[test]
fn rsa_moduli_are_bounded_and_minimal() {
    let refusal = |n: &[u8]| Key::rsa(Algorithm::Rs256, n, EXPONENT).unwrap_err();
    let n = modulus();
    assert_eq!(refusal(&[]), KeyRefused::NotMinimal);
    assert_eq!(refusal(&[&[0], &n[..]].concat()), KeyRefused::NotMinimal);
    assert_eq!(refusal(&n[..128]), KeyRefused::ModulusTooShort);
    let mut one_bit_less = n.clone();
    one_bit_less[0] &= 0x7f;
    one_bit_less[0] |= 0x40;
    assert_eq!(refusal(&one_bit_less), KeyRefused::ModulusTooShort, "2047 bits");
    assert_eq!(refusal(&[&[1], &[0xff; 1024][..]].concat()), KeyRefused::ModulusTooLong, "8193 bits");
    let mut even = n;
    even[255] &= 0xfe;
    assert_eq!(refusal(&even), KeyRefused::ModulusComposite);
}

#[test]
fn weak_rsa_exponents_are_refused() {
    let key = |e: &[u8]| Key::rsa(Algorithm::Rs256, &modulus(), e).map(drop);
    for e in [&[1][..], &[2], &[4], &[1, 0, 0], &[1, 0, 0, 0, 1]] {
        assert_eq!(key(e), Err(KeyRefused::Exponent), "{e:?}");
    }
    for e in [&[][..], &[0], &[0, 3], &[0, 1, 0, 1]] {
        assert_eq!(key(e), Err(KeyRefused::NotMinimal), "{e:?}");
    }
    for e in [&[3][..], &[17], EXPONENT, &[1, 0, 0, 1]] {
        assert_eq!(key(e), Ok(()), "{e:?}");
    }
}

#[test]
fn each_curve_belongs_to_one_algorithm() {
    let curves = [
        (Algorithm::Es256, &ECDSA_P256_SHA256_FIXED_SIGNING),
        (Algorithm::Es384, &ECDSA_P384_SHA384_FIXED_SIGNING),
        (Algorithm::Es512, &ECDSA_P521_SHA512_FIXED_SIGNING),
    ];
    for (algorithm, signing) in curves {
        let (pair, x, y) = ec_pair(signing);
        let signature = pair.sign(&SystemRandom::new(), INPUT).unwrap();
        assert_verifies_strictly(&Key::ec(algorithm, &x, &y).unwrap(), signature.as_ref());
        for (other, _) in curves.iter().filter(|(other, _)| *other != algorithm) {
            assert_eq!(Key::ec(*other, &x, &y).unwrap_err(), KeyRefused::CoordinateLength);
        }
    }
}

#[test]
fn trivial_and_der_encoded_ecdsa_signatures_are_refused() {
    let (_, x, y) = ec_pair(&ECDSA_P256_SHA256_FIXED_SIGNING);
    let key = Key::ec(Algorithm::Es256, &x, &y).unwrap();
    assert!(!key.verify(INPUT, &[0; 64]), "r = s = 0");
    assert!(!key.verify(INPUT, &[0xff; 64]), "r and s above the order");
    let mut ones = [0; 64];
    (ones[31], ones[63]) = (1, 1);
    assert!(!key.verify(INPUT, &ones), "r = s = 1");

    let (pair, x, y) = ec_pair(&ECDSA_P256_SHA256_ASN1_SIGNING);
    let der = pair.sign(&SystemRandom::new(), INPUT).unwrap();
    assert!(!Key::ec(Algorithm::Es256, &x, &y).unwrap().verify(INPUT, der.as_ref()), "DER");
}

#[test]
fn points_off_the_curve_and_short_coordinates_are_refused() {
    let (_, x, mut y) = ec_pair(&ECDSA_P256_SHA256_FIXED_SIGNING);
    y[31] ^= 1;
    assert_eq!(Key::ec(Algorithm::Es256, &x, &y).unwrap_err(), KeyRefused::NotOnCurve);
    assert_eq!(Key::ec(Algorithm::Es256, &[0; 32], &[0; 32]).unwrap_err(), KeyRefused::NotOnCurve);
    assert_eq!(Key::ec(Algorithm::Es256, &x[1..], &y).unwrap_err(), KeyRefused::CoordinateLength);
    assert_eq!(
        Key::ec(Algorithm::Es256, &x, &[&[0], &y[..]].concat()).unwrap_err(),
        KeyRefused::CoordinateLength
    );
    assert_eq!(Key::ec(Algorithm::Es256, &[], &[]).unwrap_err(), KeyRefused::CoordinateLength);
}

#[test]
fn ed25519_signatures_are_verified_strictly() {
    let pair = Ed25519KeyPair::generate().unwrap();
    let key = Key::ed25519(Algorithm::EdDsa, pair.public_key().as_ref()).unwrap();
    let signature = pair.sign(INPUT);
    assert_verifies_strictly(&key, signature.as_ref());
    let unreduced = add_group_order(signature.as_ref());
    assert!(!key.verify(INPUT, &unreduced), "S + L");
    assert!(!key.verify(INPUT, &[&SMALL_ORDER_Y[1], &[0; 32][..]].concat()), "R of small order");
}

/// Adds the order of the group to the second half of an Ed25519 signature (RFC 8032 §5.1).
fn add_group_order(signature: &[u8]) -> Vec<u8> {
    let order =
        b"\xed\xd3\xf5\x5c\x1a\x63\x12\x58\xd6\x9c\xf7\xa2\xde\xf9\xde\x14\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x10";
    let mut sum = signature.to_vec();
    let mut carry = 0;
    for (digit, order) in sum[32..].iter_mut().zip(order) {
        let total = u16::from(*digit) + u16::from(*order) + carry;
        *digit = u8::try_from(total & 0xff).unwrap();
        carry = total >> 8;
    }
    sum
}

#[test]
fn ed25519_points_of_small_order_are_refused_with_either_sign() {
    for mut point in SMALL_ORDER_Y {
        for _ in 0..2 {
            assert_eq!(
                Key::ed25519(Algorithm::EdDsa, &point).unwrap_err(),
                KeyRefused::SmallOrder,
                "{point:x?}"
            );
            point[31] ^= 0x80;
        }
    }
    assert_eq!(Key::ed25519(Algorithm::EdDsa, &[9; 31]).unwrap_err(), KeyRefused::CoordinateLength);
    assert_eq!(Key::ed25519(Algorithm::EdDsa, &[9; 33]).unwrap_err(), KeyRefused::CoordinateLength);
}

#[test]
fn published_example_signatures_verify() {
    // RFC 8037 §A.4
    let key = Key::ed25519(Algorithm::EdDsa, &decode("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo")).unwrap();
    let signature =
        decode("hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg");
    assert!(key.verify(b"eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc", &signature));

    // RFC 7515 §A.3
    let x = decode("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU");
    let y = decode("x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0");
    let input = b"eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
    let signature =
        decode("DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q");
    assert!(Key::ec(Algorithm::Es256, &x, &y).unwrap().verify(input, &signature));
}

#[test]
fn a_key_is_made_for_the_algorithms_of_its_kind_only() {
    let (_, x, y) = ec_pair(&ECDSA_P256_SHA256_FIXED_SIGNING);
    for algorithm in [Algorithm::Es256, Algorithm::EdDsa] {
        assert_eq!(Key::rsa(algorithm, &modulus(), EXPONENT).unwrap_err(), KeyRefused::WrongFamily);
    }
    for algorithm in [Algorithm::Rs256, Algorithm::Ps512, Algorithm::EdDsa] {
        assert_eq!(Key::ec(algorithm, &x, &y).unwrap_err(), KeyRefused::WrongFamily);
    }
    for algorithm in [Algorithm::Rs256, Algorithm::Es256] {
        assert_eq!(Key::ed25519(algorithm, &[9; 32]).unwrap_err(), KeyRefused::WrongFamily);
    }
}

#[test]
fn keys_are_equal_if_algorithm_and_material_are_equal() {
    assert_eq!(rsa_key(Algorithm::Rs256), rsa_key(Algorithm::Rs256));
    assert_ne!(rsa_key(Algorithm::Rs256), rsa_key(Algorithm::Ps256));
    assert_ne!(rsa_key(Algorithm::Rs256), Key::rsa(Algorithm::Rs256, &modulus(), &[3]).unwrap());
    assert_eq!(format!("{:?}", rsa_key(Algorithm::Rs256)), "Key { algorithm: Rs256, .. }");
}
