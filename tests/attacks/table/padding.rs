//! Encoded messages that differ from RS256's in details which a lenient verifier of PKCS #1 v1.5 accepts.

use kinde_perms::TokenError;
use kinde_perms_testkit::Issuer;
use num_bigint::BigUint;

use crate::attack::Case;
use crate::rsa::{self, ORDINARY, digest_info, fixed, pkcs1};
use crate::stage::Stage;

/// The length of the prefix before the hash in a `DigestInfo` of SHA-256.
const PREFIX: usize = 19;
const HASH: usize = 32;
/// Where the lengths of the four elements of a `DigestInfo` stand.
const LENGTHS: [usize; 4] = [1, 3, 5, 18];
/// `NULL`, the parameters of the hash algorithm.
const PARAMETERS: std::ops::Range<usize> = 15..17;

/// Publishes a key that signs arbitrary bytes, and a key with exponent 3.
pub(crate) fn publish(issuer: &Issuer) {
    issuer.extra_jwk(ORDINARY.jwk("ordinary", "RS256"));
    issuer.extra_jwk(rsa::jwk(&ORDINARY.n, &3_u8.into(), "cubic", "RS256"));
}

/// A control, the manglings, and the forgery that needs no private key.
pub(crate) fn forgeries(stage: &Stage) -> Vec<Case> {
    let token = stage.token().kid("ordinary");
    let control = Case::accepted("control", token.sign_by("RS256", |input| ORDINARY.sign(input)));
    let mangled = (0..manglings(b"").len()).map(|number| {
        let mut what = String::new();
        let token = token.sign_by("RS256", |input| {
            let (name, encoded) = manglings(input).swap_remove(number);
            what = name;
            ORDINARY.apply(&encoded)
        });
        Case::refused(what, token, TokenError::InvalidSignature)
    });
    let cubic = stage.token().kid("cubic").sign_by("RS256", cube_root_forgery);
    let cubic = Case::refused("a cube root, garbage behind the hash", cubic, TokenError::InvalidSignature);
    [control, cubic].into_iter().chain(mangled).collect()
}

/// Finds a number whose cube begins as an encoded message with the shortest padding (Bleichenbacher, 2006).
fn cube_root_forgery(input: &[u8]) -> Vec<u8> {
    let start = [&[0, 1], [0xff; 8].as_slice(), &[0], &digest_info(input)].concat();
    let garbage = ORDINARY.length() - start.len();
    let least = BigUint::from_bytes_be(&start) << (8 * garbage);
    let root = least.cbrt() + 1_u8;
    let cube = fixed(&root.pow(3), ORDINARY.length());
    assert_eq!(cube.get(..start.len()), Some(start.as_slice()), "the forgery is one");
    fixed(&root, ORDINARY.length())
}

fn manglings(input: &[u8]) -> Vec<(String, Vec<u8>)> {
    let good = digest_info(input);
    let contents =
        bytes(&good).into_iter().chain(lengths(&good)).chain(parameters(&good)).chain(whole(&good));
    let length = ORDINARY.length();
    contents.map(|(what, content)| (what, pkcs1(&content, length))).chain(paddings(&good, length)).collect()
}

type Named = (String, Vec<u8>);

/// Every byte before the hash changed, removed, and doubled; and the hash itself.
fn bytes(good: &[u8]) -> Vec<Named> {
    let mut manglings = Vec::new();
    for at in 0..PREFIX {
        for bit in [0x01, 0x80] {
            manglings.push((format!("byte {at} ^ {bit:#x}"), edited(good, |bytes| bytes[at] ^= bit)));
        }
        manglings.push((format!("byte {at} removed"), edited(good, |bytes| _ = bytes.remove(at))));
        manglings.push((format!("a zero at {at}"), edited(good, |bytes| bytes.insert(at, 0))));
        manglings.push((format!("byte {at} twice"), edited(good, |bytes| bytes.insert(at, bytes[at]))));
    }
    manglings.extend(
        [PREFIX, PREFIX + HASH / 2, PREFIX + HASH - 1]
            .map(|at| (format!("hash byte {at}"), edited(good, |bytes| bytes[at] ^= 1))),
    );
    manglings
}

/// Lengths in forms that BER allows and DER does not.
fn lengths(good: &[u8]) -> Vec<Named> {
    let mut manglings = Vec::new();
    for at in LENGTHS {
        for (what, prefix) in
            [("two bytes", [0x81].as_slice()), ("three bytes", &[0x82, 0]), ("five bytes", &[0x84, 0, 0, 0])]
        {
            let long = edited(good, |bytes| drop(bytes.splice(at..at, prefix.iter().copied())));
            manglings.push((format!("the length at {at} in {what}"), long));
        }
        manglings.push((format!("no length at {at}"), edited(good, |bytes| bytes[at] = 0x80)));
    }
    manglings
}

/// Other parameters than `NULL`, with the enclosing lengths corrected.
fn parameters(good: &[u8]) -> Vec<Named> {
    let with = |what: &str, parameters: &[u8]| {
        let mut bytes = good.to_vec();
        bytes.splice(PARAMETERS, parameters.iter().copied());
        let grown = |byte: u8| byte.wrapping_add(u8::try_from(parameters.len()).unwrap()).wrapping_sub(2);
        (bytes[1], bytes[3]) = (grown(bytes[1]), grown(bytes[3]));
        (format!("parameters: {what}"), bytes)
    };
    vec![
        with("none", &[]),
        with("NULL with content", &[5, 1, 0]),
        with("twice", &[5, 0, 5, 0]),
        with("an octet string", &[4, 0]),
        with("an empty sequence", &[0x30, 0]),
        with("garbage in an octet string", &[4, 4, 1, 2, 3, 4]),
    ]
}

/// Something else in place of the whole `DigestInfo`, or around it.
fn whole(good: &[u8]) -> Vec<Named> {
    let hash = &good[PREFIX..];
    let named = |what: &str, bytes: Vec<u8>| (what.to_owned(), bytes);
    vec![
        named("the bare hash", hash.to_vec()),
        named("nothing", Vec::new()),
        named("a digest info without a hash", good[..PREFIX].to_vec()),
        named("half a hash", good[..PREFIX + HASH / 2].to_vec()),
        named("a zero behind", [good, &[0]].concat()),
        named("garbage behind", [good, &[0x5a; 64]].concat()),
        named("twice", good.repeat(2)),
        named(
            "SHA-1 by name",
            edited(good, |bytes| drop(bytes.splice(4..15, [6, 5, 0x2b, 0x0e, 3, 2, 0x1a]))),
        ),
        named("SHA-384 by name", edited(good, |bytes| bytes[14] = 2)),
        named("SHA-512 by name", edited(good, |bytes| bytes[14] = 3)),
    ]
}

/// Padding that is not `00 01 FF … FF 00`.
fn paddings(good: &[u8], length: usize) -> Vec<Named> {
    let padded = pkcs1(good, length);
    let end = length - good.len();
    let at = |what: &str, at: usize, byte: u8| (what.to_owned(), edited(&padded, |bytes| bytes[at] = byte));
    let short = |padding: usize| {
        let start = [&[0, 1], vec![0xff; padding].as_slice(), &[0], good].concat();
        let garbage = vec![0; length - start.len()];
        (format!("{padding} bytes of padding, zeros behind"), [start, garbage].concat())
    };
    vec![
        at("block type 0", 1, 0),
        at("block type 2", 1, 2),
        at("no separator", end - 1, 0xff),
        at("the first byte of padding is zero", 2, 0),
        at("the first byte of padding is 1", 2, 1),
        at("a zero within", end / 2, 0),
        at("a byte of 7f within", end / 2, 0x7f),
        at("the last byte of padding is zero", end - 2, 0),
        at("the last byte of padding is fe", end - 2, 0xfe),
        short(0),
        short(7),
        short(8),
        short(100),
        ("all zero".to_owned(), vec![0; length]),
        ("one".to_owned(), fixed(&1_u8.into(), length)),
    ]
}

fn edited(bytes: &[u8], edit: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    edit(&mut bytes);
    bytes
}
