//! Feature flags as a token carries them.

use serde::ser::{Serialize, SerializeMap, SerializeStruct, Serializer};

use crate::policy::FlagLiteral;

/// The value of a feature flag.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum FlagValue {
    /// A boolean flag.
    Bool(bool),
    /// An integer flag.
    Integer(i64),
    /// A string flag.
    Text(Box<str>),
    /// Any other JSON value; no rule can compare it.
    Other(serde_json::Value),
}

impl FlagValue {
    /// Same JSON type and equal; `None` asks for anything but `false`, and `null` is nothing.
    fn satisfies(&self, wanted: Option<FlagLiteral<'_>>) -> bool {
        match (wanted, self) {
            (None, Self::Bool(value)) => *value,
            (None, Self::Other(value)) => !value.is_null(),
            (None, Self::Integer(_) | Self::Text(_)) => true,
            (Some(FlagLiteral::Bool(wanted)), Self::Bool(value)) => wanted == *value,
            (Some(FlagLiteral::Integer(wanted)), Self::Integer(value)) => wanted == *value,
            (Some(FlagLiteral::Text(wanted)), Self::Text(value)) => wanted == value.as_ref(),
            (Some(_), _) => false,
        }
    }
}

impl From<serde_json::Value> for FlagValue {
    fn from(value: serde_json::Value) -> Self {
        match value {
            serde_json::Value::Bool(value) => Self::Bool(value),
            serde_json::Value::String(value) => Self::Text(value.into()),
            other => other.as_i64().map_or(Self::Other(other), Self::Integer),
        }
    }
}

impl Serialize for FlagValue {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Integer(value) => serializer.serialize_i64(*value),
            Self::Text(value) => serializer.serialize_str(value),
            Self::Other(value) => value.serialize(serializer),
        }
    }
}

/// The feature flags of a token, by key; serialises to Kinde's `{"key":{"t":"b","v":true}}`.
#[derive(Clone, Debug, PartialEq)]
pub struct FeatureFlags(Vec<Flag>);

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Flag {
    pub(crate) name: Box<str>,
    /// Kinde's type letter: `b`, `i`, `s`. Informative: the JSON type of the value is what counts.
    pub(crate) kind: Option<Box<str>>,
    pub(crate) value: FlagValue,
}

impl Flag {
    fn footprint(&self) -> usize {
        let text = match &self.value {
            FlagValue::Text(text) => text.len(),
            _ => 0,
        };
        let texts = self.name.len().saturating_add(text);
        texts.saturating_add(self.kind.as_deref().map_or(0, str::len)).saturating_add(size_of::<Self>())
    }
}

impl FeatureFlags {
    pub(super) const EMPTY: &'static Self = &Self(Vec::new());

    /// Sorts by name, for look-ups; a strict object has no name twice.
    pub(crate) fn new(mut flags: Vec<Flag>) -> Self {
        flags.sort_unstable_by(|a, b| a.name.cmp(&b.name));
        Self(flags)
    }

    /// Returns about how many bytes the flags have allocated; a value that no rule can compare is counted as a word.
    pub(super) fn allocated(&self) -> usize {
        self.0.iter().map(Flag::footprint).fold(0, usize::saturating_add)
    }

    fn find(&self, name: &str) -> Option<&Flag> {
        let at = self.0.binary_search_by(|flag| flag.name.as_ref().cmp(name)).ok()?;
        self.0.get(at)
    }

    /// Returns the value of one flag.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&FlagValue> {
        self.find(name).map(|flag| &flag.value)
    }

    /// Returns names and values, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &FlagValue)> {
        self.0.iter().map(|flag| (flag.name.as_ref(), &flag.value))
    }

    /// Returns the flags with their types, by name; a list of them serialises as Kinde's `getFlags()` does.
    pub fn entries(&self) -> impl Iterator<Item = FeatureFlag<'_>> {
        self.0.iter().map(FeatureFlag)
    }

    pub(crate) fn satisfies(&self, name: &str, wanted: Option<FlagLiteral<'_>>) -> bool {
        self.get(name).is_some_and(|value| value.satisfies(wanted))
    }
}

/// One feature flag; serialises to `{"key","type","value"}`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FeatureFlag<'a>(&'a Flag);

impl<'a> FeatureFlag<'a> {
    /// Returns the key, which is what rules name.
    #[must_use]
    pub fn key(&self) -> &'a str {
        &self.0.name
    }

    /// Returns the type as Kinde writes it: `b`, `i` or `s` in tokens, `boolean`, `integer` or `string` in the Account
    /// API.
    #[must_use]
    pub fn kind(&self) -> Option<&'a str> {
        self.0.kind.as_deref()
    }

    /// Returns the value.
    #[must_use]
    pub fn value(&self) -> &'a FlagValue {
        &self.0.value
    }
}

impl Serialize for FeatureFlag<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut flag = serializer.serialize_struct("FeatureFlag", 3)?;
        flag.serialize_field("key", self.key())?;
        match self.kind() {
            Some(kind) => flag.serialize_field("type", kind)?,
            None => flag.skip_field("type")?,
        }
        flag.serialize_field("value", self.value())?;
        flag.end()
    }
}

impl Serialize for FeatureFlags {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for flag in &self.0 {
            map.serialize_entry(flag.name.as_ref(), &Wire(flag))?;
        }
        map.end()
    }
}

/// One flag in Kinde's `{"t","v"}` form.
struct Wire<'a>(&'a Flag);

impl Serialize for Wire<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut flag = serializer.serialize_struct("Flag", 2)?;
        match &self.0.kind {
            Some(kind) => flag.serialize_field("t", kind)?,
            None => flag.skip_field("t")?,
        }
        flag.serialize_field("v", &self.0.value)?;
        flag.end()
    }
}
