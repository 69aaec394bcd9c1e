//! Strict JSON: one object without duplicate members, bounded in depth; only requested members are kept.
//!
//! RFC 7515 §4 and RFC 7519 §4 let a parser either refuse a duplicate member or take the last one. Two parsers that
//! choose differently read two different tokens out of the same bytes, so duplicates are refused here, at every depth.
//!
//! Reading works in this order:
//!
//! 1. [`read`] gives the text and a [`Shape`] to `Reader`, the only visitor of `serde`, which enforces all rules.
//! 2. `Reader` hands scalars to the shape as [`Json`], and containers as [`Elements`] and [`Members`].
//! 3. The shape reads the contents of a container by further shapes. [`Skip`] enforces the same rules and keeps nothing.
//! 4. `Names` keeps a hash of each member name of the open objects, and compares them when an object ends.
//!
//! So the memory that a text can make this crate allocate is bounded: eight bytes for each member of the open objects, and
//! the values of the requested members.

mod shapes;
mod texts;

use std::borrow::Cow;
use std::fmt;
use std::hash::BuildHasher;

use foldhash::fast::RandomState;
use serde::de::{self, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

pub(crate) use self::shapes::{Flat, Known, Pick, glance, parse_object};
pub(crate) use self::texts::Texts;

/// The deepest nesting that is accepted. Tokens, headers and keys use a few levels only.
const MAX_DEPTH: u8 = 16;

/// The initial capacity for members, and for texts of a list.
const EXPECTED: usize = 16;

/// The longest list of texts that [`glance`] keeps, so that it stays cheap for any input.
const GLANCED_TEXTS: usize = 64;

/// The prefix of member names that `serde_json` reserves.
///
/// `serde_json::Value` reads an object whose first member has such a name as something else: as a number, or as the JSON in
/// the member's text. A token with such a name would look different to a reader of `Value` than to this crate, so it is
/// refused.
const RESERVED: &str = "$serde_json::private::";

/// A JSON value that borrows from its source text. Of containers, only lists of texts keep their contents.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Json<'a> {
    Null,
    Bool(bool),
    Integer(i64),
    /// An integer above `i64::MAX`, or a number with a fraction or an exponent.
    Float(f64),
    Text(Cow<'a, str>),
    /// An array of texts, or an empty one.
    Texts(Texts),
    /// Any other array; its elements were checked.
    Array,
    /// An object; its members were checked.
    Object,
}

impl Json<'_> {
    pub(crate) fn as_text(&self) -> Option<&str> {
        match self {
            Json::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// The requested members of an object.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Object<'a>(Vec<(&'static str, Json<'a>)>);

impl<'a> Object<'a> {
    pub(crate) fn new() -> Self {
        Self(Vec::with_capacity(EXPECTED))
    }

    /// Adds a member, whose name must not be present yet.
    pub(crate) fn insert(&mut self, name: &'static str, value: Json<'a>) {
        self.0.push((name, value));
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Json<'a>> {
        self.0.iter().find(|(member, _)| is_same(member, name)).map(|(_, value)| value)
    }

    /// Removes a member and returns its value.
    pub(crate) fn take(&mut self, name: &str) -> Option<Json<'a>> {
        let at = self.0.iter().position(|(member, _)| is_same(member, name))?;
        Some(self.0.swap_remove(at).1)
    }

    pub(crate) fn contains(&self, name: &str) -> bool {
        self.get(name).is_some()
    }
}

/// Compares two names: first their first letters, which usually differ.
fn is_same(one: &str, other: &str) -> bool {
    one.as_bytes().first() == other.as_bytes().first() && one == other
}

/// The error for a text that is not one strict JSON object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NotStrictJson;

/// Reads one JSON value, with nothing after it.
pub(crate) fn read<'a, S: Shape<'a>>(text: &'a str, shape: S) -> Result<S::Output, NotStrictJson> {
    read_by(Strictness::Strict, text, shape)
}

fn read_by<'a, S: Shape<'a>>(rules: Strictness, text: &'a str, shape: S) -> Result<S::Output, NotStrictJson> {
    let mut names = Names { rules, open: Vec::with_capacity(EXPECTED), hasher: RandomState::default() };
    let strict = Strict { names: &mut names, depth: MAX_DEPTH };
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let output = Reader { shape, strict }.deserialize(&mut deserializer).map_err(|_| NotStrictJson)?;
    deserializer.end().map_err(|_| NotStrictJson)?;
    Ok(output)
}

/// The way in which a value is read: the parts to keep, and their type.
pub(crate) trait Shape<'de>: Sized {
    type Output;

    /// Receives a scalar, or [`Json::Array`] or [`Json::Object`] for a container that the shape does not read.
    fn value(self, json: Json<'de>) -> Self::Output;

    /// Receives a text that contained escapes, unescaped.
    fn unescaped(self, text: &str) -> Self::Output {
        self.value(Json::Text(Cow::Owned(text.to_owned())))
    }

    /// Reads an array, to its end.
    fn array<A: SeqAccess<'de>>(self, elements: Elements<'_, A>) -> Result<Self::Output, A::Error> {
        elements.skip()?;
        Ok(self.value(Json::Array))
    }

    /// Reads an object, to its end.
    fn object<A: MapAccess<'de>>(self, members: Members<'_, A>) -> Result<Self::Output, A::Error> {
        members.skip()?;
        Ok(self.value(Json::Object))
    }
}

/// The elements of an array that is being read.
pub(crate) struct Elements<'s, A> {
    seq: A,
    inside: Strict<'s>,
}

impl<'de, A: SeqAccess<'de>> Elements<'_, A> {
    /// Reads the next element.
    pub(crate) fn next<S: Shape<'de>>(&mut self, shape: S) -> Result<Option<S::Output>, A::Error> {
        self.seq.next_element_seed(Reader { shape, strict: self.inside.reborrow() })
    }

    /// Checks the remaining elements, unless the rules are loose.
    pub(crate) fn skip(mut self) -> Result<(), A::Error> {
        match self.inside.names.rules {
            Strictness::Strict => while self.next(Skip)?.is_some() {},
            Strictness::Loose => while self.seq.next_element::<IgnoredAny>()?.is_some() {},
        }
        Ok(())
    }

    fn longest_list(&self) -> usize {
        match self.inside.names.rules {
            Strictness::Strict => usize::MAX,
            Strictness::Loose => GLANCED_TEXTS,
        }
    }
}

/// The members of an object that is being read.
pub(crate) struct Members<'s, A> {
    map: A,
    inside: Strict<'s>,
    /// The number of names that were open before this object.
    outer: usize,
}

impl<'de, A: MapAccess<'de>> Members<'_, A> {
    /// Reads the name of the next member; call `value` or `pass` next.
    pub(crate) fn name<S: Shape<'de>>(&mut self, shape: S) -> Result<Option<S::Output>, A::Error> {
        let name = self.map.next_key_seed(Name { shape, names: self.inside.names })?;
        if name.is_none() {
            self.inside.names.close(self.outer)?;
        }
        Ok(name)
    }

    /// Reads the value of the member whose name was read last.
    pub(crate) fn value<S: Shape<'de>>(&mut self, shape: S) -> Result<S::Output, A::Error> {
        self.map.next_value_seed(Reader { shape, strict: self.inside.reborrow() })
    }

    /// Skips the value of the member whose name was read last, and checks it unless the rules are loose.
    pub(crate) fn pass(&mut self) -> Result<(), A::Error> {
        match self.inside.names.rules {
            Strictness::Strict => self.value(Skip),
            Strictness::Loose => self.map.next_value::<IgnoredAny>().map(drop),
        }
    }

    /// Checks the remaining members.
    pub(crate) fn skip(mut self) -> Result<(), A::Error> {
        while self.name(Skip)?.is_some() {
            self.pass()?;
        }
        Ok(())
    }
}

/// The limits on a value: the depth to which it may nest, and the names in the objects around it.
struct Strict<'s> {
    names: &'s mut Names,
    depth: u8,
}

impl Strict<'_> {
    fn reborrow(&mut self) -> Strict<'_> {
        Strict { names: self.names, depth: self.depth }
    }

    fn inside<E: de::Error>(self) -> Result<Self, E> {
        match self.depth.checked_sub(1) {
            Some(depth) => Ok(Self { depth, ..self }),
            None => Err(E::custom("nested too deeply")),
        }
    }
}

/// Whether values that no shape reads are checked, too.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Strictness {
    Strict,
    Loose,
}

/// The hashes of the names of all objects that are open, the innermost one's last.
///
/// When an object ends, its hashes are sorted, so that equal names are neighbors: at most `n log n` steps for any input. Two
/// names with one hash count as equal. An attacker cannot choose such names, because the seed is random. By chance they
/// occur in one of 10^13 tokens of the maximal size, and that token is refused.
struct Names {
    rules: Strictness,
    open: Vec<u64>,
    hasher: RandomState,
}

impl Names {
    fn open<E: de::Error>(&mut self, name: &str) -> Result<(), E> {
        if name.starts_with(RESERVED) {
            return Err(E::custom("reserved member"));
        }
        if self.rules == Strictness::Strict {
            self.open.push(self.hasher.hash_one(name));
        }
        Ok(())
    }

    /// Ends an object; fails if a name occurs twice in it.
    fn close<E: de::Error>(&mut self, outer: usize) -> Result<(), E> {
        let names = self.open.get_mut(outer..).unwrap_or_default();
        names.sort_unstable();
        let is_twice = names.windows(2).any(|pair| matches!(pair, [one, other] if one == other));
        self.open.truncate(outer);
        if is_twice { Err(E::custom("duplicate member")) } else { Ok(()) }
    }
}

/// Reads a value by the rules, for a shape.
struct Reader<'s, S> {
    shape: S,
    strict: Strict<'s>,
}

impl<'de, S: Shape<'de>> DeserializeSeed<'de> for Reader<'_, S> {
    type Value = S::Output;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<S::Output, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, S: Shape<'de>> Visitor<'de> for Reader<'_, S> {
    type Value = S::Output;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E: de::Error>(self) -> Result<S::Output, E> {
        Ok(self.shape.value(Json::Null))
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<S::Output, E> {
        Ok(self.shape.value(Json::Bool(value)))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<S::Output, E> {
        Ok(self.shape.value(Json::Integer(value)))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<S::Output, E> {
        let json = i64::try_from(value).map_or_else(|_| Json::Float(lossy(value)), Json::Integer);
        Ok(self.shape.value(json))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<S::Output, E> {
        Ok(self.shape.value(Json::Float(value)))
    }

    fn visit_borrowed_str<E: de::Error>(self, value: &'de str) -> Result<S::Output, E> {
        Ok(self.shape.value(Json::Text(Cow::Borrowed(value))))
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<S::Output, E> {
        Ok(self.shape.unescaped(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<S::Output, A::Error> {
        self.shape.array(Elements { seq, inside: self.strict.inside()? })
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<S::Output, A::Error> {
        let outer = self.strict.names.open.len();
        self.shape.object(Members { map, inside: self.strict.inside()?, outer })
    }
}

/// Converts an integer above `i64::MAX`, which is out of every range that this crate accepts; only its magnitude matters.
#[expect(clippy::as_conversions, clippy::cast_precision_loss, reason = "only the magnitude is used")]
fn lossy(value: u64) -> f64 {
    value as f64
}

/// Reads a member's name.
struct Name<'s, S> {
    shape: S,
    names: &'s mut Names,
}

impl<'de, S: Shape<'de>> DeserializeSeed<'de> for Name<'_, S> {
    type Value = S::Output;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<S::Output, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de, S: Shape<'de>> Visitor<'de> for Name<'_, S> {
    type Value = S::Output;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a member name")
    }

    fn visit_borrowed_str<E: de::Error>(self, value: &'de str) -> Result<S::Output, E> {
        self.names.open(value)?;
        Ok(self.shape.value(Json::Text(Cow::Borrowed(value))))
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<S::Output, E> {
        self.names.open(value)?;
        Ok(self.shape.unescaped(value))
    }
}

/// Checks a value and keeps nothing of it.
struct Skip;

impl<'de> Shape<'de> for Skip {
    type Output = ();

    fn value(self, _: Json<'de>) {}

    fn unescaped(self, _: &str) {}
}

#[cfg(test)]
mod tests;
