//! The shapes by which JSON values are read.

use serde::de::{self, MapAccess, SeqAccess};

use super::{
    EXPECTED, Elements, Json, Members, NotStrictJson, Object, Shape, Strictness, Texts, is_same, read,
    read_by,
};

/// Reads a value as [`Json`].
pub(crate) struct Flat;

impl<'de> Shape<'de> for Flat {
    type Output = Json<'de>;

    fn value(self, json: Json<'de>) -> Json<'de> {
        json
    }

    fn array<A: SeqAccess<'de>>(self, mut elements: Elements<'_, A>) -> Result<Json<'de>, A::Error> {
        let mut texts = Texts::with_capacity(EXPECTED, EXPECTED * EXPECTED);
        while let Some(is_text) = elements.next(Push(&mut texts))? {
            if !is_text || texts.len() > elements.longest_list() {
                elements.skip()?;
                return Ok(Json::Array);
            }
        }
        Ok(Json::Texts(texts))
    }
}

/// Adds a text to a list; returns `false` for a value that is no text.
struct Push<'t>(&'t mut Texts);

impl<'de> Shape<'de> for Push<'_> {
    type Output = bool;

    fn value(self, json: Json<'de>) -> bool {
        json.as_text().is_some_and(|text| self.unescaped(text))
    }

    fn unescaped(self, text: &str) -> bool {
        self.0.push(text);
        true
    }
}

/// Finds a text among the known ones.
pub(crate) struct Known(pub(crate) &'static [&'static str]);

impl<'de> Shape<'de> for Known {
    type Output = Option<&'static str>;

    fn value(self, json: Json<'de>) -> Option<&'static str> {
        json.as_text().and_then(|text| self.unescaped(text))
    }

    fn unescaped(self, text: &str) -> Option<&'static str> {
        self.0.iter().find(|known| is_same(known, text)).copied()
    }
}

/// Keeps the members of the given names, each read by [`Flat`]; returns `None` for a value that is no object.
pub(crate) struct Pick(pub(crate) &'static [&'static str]);

impl<'de> Shape<'de> for Pick {
    type Output = Option<Object<'de>>;

    fn value(self, _: Json<'de>) -> Option<Object<'de>> {
        None
    }

    fn object<A: MapAccess<'de>>(self, mut members: Members<'_, A>) -> Result<Self::Output, A::Error> {
        let mut object = Object::new();
        while let Some(name) = members.name(Known(self.0))? {
            match name {
                Some(name) if object.contains(name) => return Err(de::Error::custom("duplicate member")),
                Some(name) => object.insert(name, members.value(Flat)?),
                None => members.pass()?,
            }
        }
        Ok(Some(object))
    }
}

/// Reads one JSON object, with nothing after it, and returns its members of the given names.
pub(crate) fn parse_object<'a>(
    text: &'a str,
    names: &'static [&'static str],
) -> Result<Object<'a>, NotStrictJson> {
    read(text, Pick(names))?.ok_or(NotStrictJson)
}

/// Reads the named members of one JSON object for a guess, without enforcing the rules on other members.
///
/// `glance` takes half the time of [`parse_object`] and hardly any memory. It accepts every text that `parse_object` accepts,
/// and more. A long list of texts becomes [`Json::Array`].
pub(crate) fn glance<'a>(text: &'a str, names: &'static [&'static str]) -> Result<Object<'a>, NotStrictJson> {
    read_by(Strictness::Loose, text, Pick(names))?.ok_or(NotStrictJson)
}
