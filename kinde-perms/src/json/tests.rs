use std::collections::HashSet;

use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Map, Value};

use super::*;

/// Reads an object without keeping any member.
fn read_object(text: &str) -> Result<(), NotStrictJson> {
    parse_object(text, &[]).map(drop)
}

#[test]
fn keeps_the_requested_members_and_borrows_texts_without_escapes() {
    let text = r#"{"a":null,"b":true,"c":-7,"d":1.5,"e":"x","f":"\n","g":[1,{}],"h":{"a":1},"i":["x","\n"],"j":[],"k":1}"#;
    let object = parse_object(text, &["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "none"]).unwrap();
    assert_eq!(object.get("a"), Some(&Json::Null));
    assert_eq!(object.get("b"), Some(&Json::Bool(true)));
    assert_eq!(object.get("c"), Some(&Json::Integer(-7)));
    assert_eq!(object.get("d"), Some(&Json::Float(1.5)));
    assert!(matches!(object.get("e"), Some(Json::Text(Cow::Borrowed("x")))));
    assert!(matches!(object.get("f"), Some(Json::Text(Cow::Owned(text))) if text == "\n"));
    assert_eq!(object.get("g"), Some(&Json::Array));
    assert_eq!(object.get("h"), Some(&Json::Object));
    assert!(matches!(object.get("i"), Some(Json::Texts(texts)) if texts.iter().eq(["x", "\n"])));
    assert_eq!(object.get("j"), Some(&Json::Texts(Texts::EMPTY)));
    assert_eq!((object.get("k"), object.get("none")), (None, None));
}

#[test]
fn refuses_a_duplicate_member_at_any_depth_in_any_spelling() {
    for text in [r#"{"alg":1,"alg":2}"#, r#"{"alg":1,"\u0061lg":2}"#, r#"{"x":{"y":[{"z":1,"z":1}]}}"#] {
        assert_eq!(read_object(text), Err(NotStrictJson), "{text}");
    }
}

#[test]
fn refuses_a_duplicate_among_many_members() {
    let many: Vec<String> = (0..200).map(|n| format!("\"m{n}\":{n}")).collect();
    assert!(read_object(&format!("{{{}}}", many.join(","))).is_ok());
    for twice in ["m0", "m23", "m24", "m199"] {
        let text = format!("{{{},\"{twice}\":0}}", many.join(","));
        assert_eq!(read_object(&text), Err(NotStrictJson), "{twice}");
    }
}

#[test]
fn refuses_names_that_serde_json_reserves() {
    for name in
        ["$serde_json::private::RawValue", "$serde_json::private::Number", "\\u0024serde_json::private::x"]
    {
        for text in [format!(r#"{{"{name}":"{{}}"}}"#), format!(r#"{{"x":[{{"a":1,"{name}":"1"}}]}}"#)] {
            assert_eq!(read_object(&text), Err(NotStrictJson), "{text}");
        }
    }
    assert!(read_object(r#"{"$serde_json":1,"$ref":"x"}"#).is_ok());
    let text = r#"{"x":{"$serde_json::private::RawValue":"{\"admin\":true}"}}"#;
    let value: Value = serde_json::from_str(text).unwrap();
    assert_eq!(value["x"]["admin"], true, "were this no longer so, the rule could go");
}

#[test]
fn bounds_depth() {
    let nested = |depth: usize| format!("{{\"a\":{}{}}}", "[".repeat(depth), "]".repeat(depth));
    assert!(read_object(&nested(15)).is_ok());
    assert!(read_object(&nested(16)).is_err());
    assert!(read_object(&nested(100_000)).is_err());
}

#[test]
fn refuses_a_text_that_is_not_one_json_object() {
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
        assert_eq!(read_object(text), Err(NotStrictJson), "{text:?}");
    }
    assert_eq!(read_object(" {} \n"), Ok(()));
}

/// A second implementation of the rules, without regard to cost: a tree of all members, which is checked when complete.
#[derive(Debug)]
enum Model {
    Scalar,
    Array(Vec<Model>),
    Object(Vec<(String, Model)>),
}

impl Model {
    /// Returns `true` if a value that may nest `depth` levels keeps the rules.
    fn is_strict(&self, depth: u8) -> bool {
        let inside = |value: &Self| depth.checked_sub(1).is_some_and(|inside| value.is_strict(inside));
        match self {
            Self::Scalar => true,
            Self::Array(values) => depth > 0 && values.iter().all(inside),
            Self::Object(members) => {
                let names: HashSet<&String> = members.iter().map(|(name, _)| name).collect();
                let plain = members.iter().all(|(name, _)| !name.starts_with("$serde_json::private::"));
                depth > 0
                    && names.len() == members.len()
                    && plain
                    && members.iter().all(|(_, value)| inside(value))
            }
        }
    }
}

impl<'de> serde::Deserialize<'de> for Model {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read;
        impl<'de> Visitor<'de> for Read {
            type Value = Model;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value")
            }

            fn visit_unit<E>(self) -> Result<Model, E> {
                Ok(Model::Scalar)
            }

            fn visit_bool<E>(self, _: bool) -> Result<Model, E> {
                Ok(Model::Scalar)
            }

            fn visit_i64<E>(self, _: i64) -> Result<Model, E> {
                Ok(Model::Scalar)
            }

            fn visit_u64<E>(self, _: u64) -> Result<Model, E> {
                Ok(Model::Scalar)
            }

            fn visit_f64<E>(self, _: f64) -> Result<Model, E> {
                Ok(Model::Scalar)
            }

            fn visit_str<E>(self, _: &str) -> Result<Model, E> {
                Ok(Model::Scalar)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Model, A::Error> {
                let mut values = Vec::new();
                while let Some(value) = seq.next_element()? {
                    values.push(value);
                }
                Ok(Model::Array(values))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Model, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Model::Object(members))
            }
        }
        deserializer.deserialize_any(Read)
    }
}

fn is_strict_object(text: &str) -> bool {
    serde_json::from_str(text)
        .is_ok_and(|model: Model| matches!(model, Model::Object(_)) && model.is_strict(16))
}

/// JSON as text. Names are few, so that some occur twice; some are written with escapes.
fn some_json() -> impl Strategy<Value = String> {
    let name = prop_oneof![
        8 => "[a-f]".prop_map(|name| format!("\"{name}\"")),
        2 => Just(r#""\u0061""#.to_owned()),
        2 => Just(r#""iss""#.to_owned()),
        1 => Just(r#""$serde_json::private::Number""#.to_owned()),
        4 => "[a-z]{3}".prop_map(|name| format!("\"{name}\"")),
    ];
    let scalar = prop_oneof![
        "null|true|false|0|-1|1\\.5|1e9|1e400|18446744073709551615|-0|01|\"\"|\"x\"|\"\\\\n\"|\"\\\\ud800\"",
        Just("\"\u{e9}\"".to_owned()),
    ];
    scalar.prop_recursive(20, 64, 6, move |inner| {
        let array = vec(inner.clone(), 0..6).prop_map(|values| format!("[{}]", values.join(",")));
        let member = (name.clone(), inner).prop_map(|(name, value)| format!("{name}:{value}"));
        let object = vec(member, 0..6).prop_map(|members| format!("{{{}}}", members.join(" , ")));
        prop_oneof![1 => array, 2 => object]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn accepts_what_the_rules_allow_for_any_requested_members(text in some_json()) {
        let strict = is_strict_object(&text);
        prop_assert_eq!(read_object(&text).is_ok(), strict, "{}", text);
        let picked = parse_object(&text, &["a", "b", "iss"]);
        prop_assert_eq!(picked.is_ok(), strict, "{}", text);
        let Ok(picked) = picked else { return Ok(()) };
        let members: Map<String, Value> = serde_json::from_str(&text).unwrap();
        for name in ["a", "b", "iss"] {
            let kept = picked.get(name).map(|json| json.as_text());
            prop_assert_eq!(kept, members.get(name).map(Value::as_str), "{}", text);
        }
    }

    #[test]
    fn agrees_with_the_model_after_a_change_of_one_character(
        text in some_json(), at in any::<prop::sample::Index>(), other in "[\\[\\]{},:\"\\\\0-9a-f ]?",
    ) {
        let mut characters: Vec<char> = text.chars().collect();
        let at = at.index(characters.len());
        characters.splice(at..=at, other.chars());
        let text: String = characters.into_iter().collect();
        prop_assert_eq!(read_object(&text).is_ok(), is_strict_object(&text), "{}", text);
    }
}
