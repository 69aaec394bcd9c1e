//! Strict JSON: one object, no member twice, bounded depth.
//!
//! RFC 7515 §4 and RFC 7519 §4 let a parser either refuse a duplicate member or take the last one. Two parsers that
//! choose differently read two different tokens out of the same bytes, so duplicates are refused here, at every depth.
//! Strings are borrowed from the text wherever they carry no escape.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;

use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

/// No honest token, header or key nests deeper than a handful of levels.
const MAX_DEPTH: u8 = 16;

/// Room for this many elements of an array, or members of the outermost object, is made at once.
const EXPECTED: usize = 16;

/// Up to this many members, comparing names pairwise is cheaper than hashing them.
const PAIRWISE_MEMBERS: usize = 24;

/// What the names begin with that `serde_json` keeps for itself.
///
/// Its `Value` takes an object with such a first member for something else: for the JSON that the member's text holds,
/// or for a number. Whoever writes the names of a claim could so show a reader of that type another token than the one
/// that was verified, or one that cannot be read. No honest token, header or key has such a name.
const RESERVED: &str = "$serde_json::private::";

/// A JSON value that borrows from the text it was read from.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Json<'a> {
    Null,
    Bool(bool),
    Integer(i64),
    /// An integer above `i64::MAX`, or a number with a fraction or an exponent.
    Float(f64),
    Text(Cow<'a, str>),
    Array(Vec<Json<'a>>),
    Object(Object<'a>),
}

/// A JSON object, its members in the order of the text.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Object<'a> {
    members: Vec<(Cow<'a, str>, Json<'a>)>,
    sieve: Sieve,
}

/// Tells of most names that they have not been added, without a comparison.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Sieve(u64);

impl Sieve {
    /// Names differ in their length and their outermost letters, as a rule; where they do not, they share a bit.
    fn bit(name: &str) -> u64 {
        let bytes = name.as_bytes();
        let letter = |byte: Option<&u8>| u64::from(byte.copied().unwrap_or_default());
        let mixed =
            letter(bytes.first()) ^ letter(bytes.last()).rotate_left(3) ^ letter(bytes.get(bytes.len() / 2));
        let length = u64::try_from(bytes.len()).unwrap_or_default();
        1_u64.rotate_left(u32::try_from(mixed.wrapping_add(length.wrapping_mul(11)) % 64).unwrap_or_default())
    }

    fn may_have(self, name: &str) -> bool {
        self.0 & Self::bit(name) != 0
    }

    fn add(&mut self, name: &str) {
        self.0 |= Self::bit(name);
    }
}

impl<'a> Object<'a> {
    pub(crate) fn get(&self, name: &str) -> Option<&Json<'a>> {
        if !self.sieve.may_have(name) {
            return None;
        }
        self.members.iter().find(|(member, _)| member == name).map(|(_, value)| value)
    }

    pub(crate) fn contains(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &Json<'a>)> {
        self.members.iter().map(|(name, value)| (name.as_ref(), value))
    }
}

impl<'a> Json<'a> {
    pub(crate) fn as_text(&self) -> Option<&str> {
        match self {
            Json::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn as_object(&self) -> Option<&Object<'a>> {
        match self {
            Json::Object(object) => Some(object),
            _ => None,
        }
    }
}

/// Why a text is not one strict JSON object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NotStrictJson;

/// Reads one JSON object and nothing after it.
pub(crate) fn parse_object(text: &str) -> Result<Object<'_>, NotStrictJson> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let value = Strict { depth: MAX_DEPTH }.deserialize(&mut deserializer).map_err(|_| NotStrictJson)?;
    deserializer.end().map_err(|_| NotStrictJson)?;
    match value {
        Json::Object(object) => Ok(object),
        _ => Err(NotStrictJson),
    }
}

/// Reads a value whose containers may nest `depth` levels.
#[derive(Clone, Copy)]
struct Strict {
    depth: u8,
}

impl Strict {
    fn inside<E: de::Error>(self) -> Result<Self, E> {
        match self.depth.checked_sub(1) {
            Some(depth) => Ok(Self { depth }),
            None => Err(E::custom("nested too deeply")),
        }
    }
}

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Json<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Json<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Self::Value, E> {
        Ok(Json::Bool(value))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Self::Value, E> {
        Ok(Json::Integer(value))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Self::Value, E> {
        Ok(i64::try_from(value).map_or_else(|_| Json::Float(lossy(value)), Json::Integer))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Self::Value, E> {
        Ok(Json::Float(value))
    }

    fn visit_borrowed_str<E: de::Error>(self, value: &'de str) -> Result<Self::Value, E> {
        Ok(Json::Text(Cow::Borrowed(value)))
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Self::Value, E> {
        Ok(Json::Text(Cow::Owned(value.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let inside = self.inside()?;
        let mut values = Vec::with_capacity(EXPECTED);
        while let Some(value) = seq.next_element_seed(inside)? {
            values.push(value);
        }
        Ok(Json::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let inside = self.inside()?;
        let mut members = Members::of_level(self.depth);
        while let Some(name) = map.next_key_seed(Name)? {
            members.admit(&name)?;
            members.object.members.push((name, map.next_value_seed(inside)?));
        }
        Ok(Json::Object(members.object))
    }
}

/// An integer above `i64::MAX` is out of every range this crate accepts; its magnitude is all that matters.
#[expect(clippy::as_conversions, clippy::cast_precision_loss, reason = "only the magnitude is used")]
fn lossy(value: u64) -> f64 {
    value as f64
}

/// The members read so far, and the names as a set once there are many.
struct Members<'de> {
    object: Object<'de>,
    names: HashSet<String>,
}

impl Members<'_> {
    /// Only the outermost object has more than a few members, as a rule.
    fn of_level(depth: u8) -> Self {
        let expected = if depth == MAX_DEPTH { EXPECTED } else { 0 };
        let object = Object { members: Vec::with_capacity(expected), sieve: Sieve::default() };
        Self { object, names: HashSet::new() }
    }

    /// Refuses a name that was there before, or that is not to be used; linear in the number of members, whoever wrote them.
    fn admit<E: de::Error>(&mut self, name: &str) -> Result<(), E> {
        if name.starts_with(RESERVED) {
            return Err(E::custom("reserved member"));
        }
        let known = if self.object.members.len() < PAIRWISE_MEMBERS {
            self.object.contains(name)
        } else {
            if self.names.is_empty() {
                self.names.extend(self.object.iter().map(|(member, _)| member.to_owned()));
            }
            !self.names.insert(name.to_owned())
        };
        self.object.sieve.add(name);
        if known { Err(E::custom("duplicate member")) } else { Ok(()) }
    }
}

/// Reads a member's name, borrowed if it carries no escape.
struct Name;

impl<'de> DeserializeSeed<'de> for Name {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Name {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a member name")
    }

    fn visit_borrowed_str<E: de::Error>(self, value: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(value))
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(value.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_values_and_borrows_plain_strings() {
        let object =
            parse_object(r#"{"a":null,"b":true,"c":-7,"d":1.5,"e":"x","f":"\n","g":[1,{}]}"#).unwrap();
        assert_eq!(object.get("a"), Some(&Json::Null));
        assert_eq!(object.get("b"), Some(&Json::Bool(true)));
        assert_eq!(object.get("c"), Some(&Json::Integer(-7)));
        assert_eq!(object.get("d"), Some(&Json::Float(1.5)));
        assert!(matches!(object.get("e"), Some(Json::Text(Cow::Borrowed("x")))));
        assert!(matches!(object.get("f"), Some(Json::Text(Cow::Owned(text))) if text == "\n"));
        assert_eq!(object.iter().count(), 7);
    }

    #[test]
    fn refuses_a_member_that_stands_twice_at_any_depth_and_however_it_is_spelt() {
        for text in [r#"{"alg":1,"alg":2}"#, r#"{"alg":1,"\u0061lg":2}"#, r#"{"x":{"y":[{"z":1,"z":1}]}}"#] {
            assert_eq!(parse_object(text), Err(NotStrictJson), "{text}");
        }
    }

    #[test]
    fn refuses_a_duplicate_among_many_members() {
        let many: Vec<String> = (0..200).map(|n| format!("\"m{n}\":{n}")).collect();
        assert!(parse_object(&format!("{{{}}}", many.join(","))).is_ok());
        for twice in ["m0", "m23", "m24", "m199"] {
            let text = format!("{{{},\"{twice}\":0}}", many.join(","));
            assert_eq!(parse_object(&text), Err(NotStrictJson), "{twice}");
        }
    }

    #[test]
    fn refuses_names_that_change_what_another_reader_sees() {
        for name in [
            "$serde_json::private::RawValue",
            "$serde_json::private::Number",
            "\\u0024serde_json::private::x",
        ] {
            for text in [format!(r#"{{"{name}":"{{}}"}}"#), format!(r#"{{"x":[{{"a":1,"{name}":"1"}}]}}"#)] {
                assert_eq!(parse_object(&text), Err(NotStrictJson), "{text}");
            }
        }
        assert!(parse_object(r#"{"$serde_json":1,"$ref":"x"}"#).is_ok());
        let text = r#"{"x":{"$serde_json::private::RawValue":"{\"admin\":true}"}}"#;
        let value: serde_json::Value = serde_json::from_str(text).unwrap();
        assert_eq!(value["x"]["admin"], true, "were this no longer so, the rule could go");
    }

    #[test]
    fn bounds_depth() {
        let nested = |depth: usize| format!("{{\"a\":{}{}}}", "[".repeat(depth), "]".repeat(depth));
        assert!(parse_object(&nested(15)).is_ok());
        assert!(parse_object(&nested(16)).is_err());
        assert!(parse_object(&nested(100_000)).is_err());
    }

    #[test]
    fn refuses_what_is_not_one_json_object() {
        for text in [
            "",
            " ",
            "1",
            "null",
            "[]",
            "\"x\"",
            "{} {}",
            "{}x",
            "{\"a\":1,}",
            "{'a':1}",
            "{\"a\":01}",
            "{\"a\":+1}",
            "{\"a\":NaN}",
            "{\"a\":Infinity}",
            "{\"a\":0x10}",
            "{\"a\":1}//c",
            "{\"a\":1e400}",
            "\u{feff}{}",
            "{\"a\":\"\u{0001}\"}",
            "{\"a\":\"\\ud800\"}",
        ] {
            assert_eq!(parse_object(text), Err(NotStrictJson), "{text:?}");
        }
        assert_eq!(parse_object(" {} \n"), Ok(Object::default()));
    }
}
