//! The grammar of keys.

use proptest::prelude::*;

use crate::__private::checked_key;
use crate::{KeyFault, Kind};

fn check(key: &str) -> Result<(), KeyFault> {
    Kind::Permissions.check(key)
}

const CHECKED: [&str; 5] = [
    checked_key(Kind::Permissions, "create:todos"),
    checked_key(Kind::Roles, "admin"),
    checked_key(Kind::Scopes, "read:users"),
    checked_key(Kind::FeatureFlags, "beta"),
    checked_key(Kind::Organization, "org_123"),
];

#[test]
fn a_good_key_is_returned_as_it_is() {
    assert_eq!(CHECKED, ["create:todos", "admin", "read:users", "beta", "org_123"]);
}

#[test]
fn a_key_has_1_to_128_bytes() {
    assert_eq!(check(""), Err(KeyFault::Empty));
    assert_eq!(check(&"k".repeat(128)), Ok(()));
    assert_eq!(check(&"k".repeat(129)), Err(KeyFault::TooLong));
    assert_eq!(check(&"k".repeat(1 << 20)), Err(KeyFault::TooLong));
}

#[test]
fn each_fault_has_its_name() {
    for (key, fault) in [
        ("create todos", KeyFault::Whitespace),
        ("a\n", KeyFault::Whitespace),
        ("a\"b", KeyFault::Quote),
        ("a\\b", KeyFault::Quote),
        ("a\0", KeyFault::Control),
        ("a\u{7f}", KeyFault::Control),
        ("gr\u{fc}n", KeyFault::NotAscii),
        ("\u{a0}", KeyFault::NotAscii),
    ] {
        assert_eq!(check(key), Err(fault), "{key:?}");
    }
}

#[test]
fn a_key_has_exactly_the_characters_of_a_scope_token() {
    for c in (0..=0x17f).filter_map(char::from_u32) {
        let allowed = matches!(u32::from(c), 0x21 | 0x23..=0x5b | 0x5d..=0x7e);
        assert_eq!(check(&format!("a{c}b")).is_ok(), allowed, "{c:?}");
    }
}

#[test]
#[should_panic(
    expected = "the permission contains whitespace: separate words with `:`, `.`, `-` or `_`, and give several"
)]
fn the_panic_names_the_kind_and_the_fault() {
    let _ = checked_key(Kind::Permissions, "create todos");
}

#[test]
#[should_panic(expected = "the organization code is empty")]
fn an_empty_organization_panics() {
    let _ = checked_key(Kind::Organization, "");
}

#[test]
#[should_panic(expected = "the feature flag is longer than 128 bytes")]
fn a_long_flag_panics() {
    let _ = checked_key(
        Kind::FeatureFlags,
        "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk",
    );
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_key_never_needs_escaping(key in any::<String>()) {
        if check(&key).is_ok() {
            prop_assert_eq!(format!("{key:?}"), format!("\"{key}\""));
        }
    }
}
