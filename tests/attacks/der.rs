//! As much DER as certificates and signatures need.

use kinde_perms_testkit::SigningKey;

/// Object identifiers, as their content bytes.
pub(crate) const RSA_WITH_SHA256: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b];
pub(crate) const SHA256: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01];
const COMMON_NAME: &[u8] = &[0x55, 0x04, 0x03];

pub(crate) const INTEGER: u8 = 0x02;
pub(crate) const BIT_STRING: u8 = 0x03;
pub(crate) const OCTET_STRING: u8 = 0x04;
pub(crate) const NULL: u8 = 0x05;
pub(crate) const OBJECT_IDENTIFIER: u8 = 0x06;
pub(crate) const SEQUENCE: u8 = 0x30;
const UTF8_STRING: u8 = 0x0c;
const UTC_TIME: u8 = 0x17;
const SET: u8 = 0x31;
const VERSION: u8 = 0xa0;

/// Writes an element around its parts.
pub(crate) fn element(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    [&[tag], length(content.len()).as_slice(), &content].concat()
}

fn length(length: usize) -> Vec<u8> {
    match (u8::try_from(length), u16::try_from(length)) {
        (Ok(length), _) if length < 0x80 => vec![length],
        (Ok(length), _) => vec![0x81, length],
        (_, Ok(length)) => [&[0x82], length.to_be_bytes().as_slice()].concat(),
        _ => panic!("an element of {length} bytes"),
    }
}

/// Writes a certificate that a key has issued to itself.
pub(crate) fn self_signed(key: &SigningKey) -> Vec<u8> {
    let algorithm =
        element(SEQUENCE, &[&element(OBJECT_IDENTIFIER, &[RSA_WITH_SHA256]), &element(NULL, &[])]);
    let common_name = element(
        SEQUENCE,
        &[&element(OBJECT_IDENTIFIER, &[COMMON_NAME]), &element(UTF8_STRING, &[b"example.test"])],
    );
    let name = element(SEQUENCE, &[&element(SET, &[&common_name])]);
    let time = |text: &[u8]| element(UTC_TIME, &[text]);
    let validity = element(SEQUENCE, &[&time(b"250101000000Z"), &time(b"350101000000Z")]);
    let version = element(VERSION, &[&element(INTEGER, &[&[2]])]);
    let serial = element(INTEGER, &[&[1]]);
    let to_be_signed =
        element(SEQUENCE, &[&version, &serial, &algorithm, &name, &validity, &name, &key.public_key_info()]);
    let signature = element(BIT_STRING, &[&[0], &key.sign(&to_be_signed)]);
    element(SEQUENCE, &[&to_be_signed, &algorithm, &signature])
}
