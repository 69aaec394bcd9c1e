//! Feature flags as a token carries them.

use serde::ser::{Serialize, SerializeMap, SerializeStruct, Serializer};

use crate::policy::{FlagLiteral, Standing};

/// The value of a feature flag.
///
/// # Comparison with rules
///
/// A rule compares a flag with a value of one JSON type. A flag named alone, as in `feature_flags = ["beta"]`, is compared
/// with `true`. For a well-formed `feature_flags` claim:
///
/// | value in the token | `"x"`, `"x" = true` | `"x" = false` | `"x" = 5` | `"x" = "on"` |
/// |---|---|---|---|---|
/// | no such flag | lacked | lacked | lacked | lacked |
/// | `true` | held | lacked | unknown | unknown |
/// | `false` | lacked | held | unknown | unknown |
/// | `5`, `5.0`, `5e0` | unknown | unknown | held | unknown |
/// | `0`, `6`, `-5`, `5.5`, `1e300`, `18446744073709551615` | unknown | unknown | lacked | unknown |
/// | `"on"` | unknown | unknown | unknown | held |
/// | `"off"`, `""`, `"5"`, `"true"`, `"false"` | unknown | unknown | unknown | lacked |
/// | `null`, `[]`, `[5]`, `["on"]`, `{}`, `{"x": true}` | unknown | unknown | unknown | unknown |
/// | `9007199254740992.0`, `9007199254740993.0`, `9223372036854775807.0` | unknown | unknown | unknown | unknown |
///
/// An unknown flag is neither held nor lacked, so neither the rule nor its negation holds. JSON has one type of number:
/// `5.0` is [`Integer(5)`](Self::Integer). A whole number of 2^53 or more with a fraction or an exponent is unknown, because
/// parsers round it. A flag without a `v` member makes the whole claim malformed, and every flag unknown. An absent claim
/// lacks every flag. Flags of Kinde's Account API are compared in the same way.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum FlagValue {
    /// A boolean flag.
    Bool(bool),
    /// An integer flag; `5.0` is 5.
    Integer(i64),
    /// A string flag.
    Text(Box<str>),
    /// Any other JSON value: `null`, a number that is no `i64`, an array or an object.
    Other(serde_json::Value),
}

impl FlagValue {
    /// Compares the flag with the value in a rule; `None` stands for `true`.
    fn standing(&self, wanted: Option<FlagLiteral<'_>>) -> Standing {
        match (wanted.unwrap_or(FlagLiteral::Bool(true)), self) {
            (FlagLiteral::Bool(wanted), Self::Bool(value)) => Standing::known(wanted == *value),
            (FlagLiteral::Integer(wanted), Self::Integer(value)) => Standing::known(wanted == *value),
            (FlagLiteral::Text(wanted), Self::Text(value)) => Standing::known(wanted == value.as_ref()),
            (FlagLiteral::Integer(_), Self::Other(serde_json::Value::Number(value)))
                if !is_rounded(value) =>
            {
                Standing::Lacking
            }
            _ => Standing::Incomparable,
        }
    }
}

/// 2^53. Every smaller whole number is exact as a float; 2^53 + 1 is rounded to 2^53.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// Returns a number as an integer, whether it is written as `5`, `5.0` or `5e0`.
#[expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    reason = "a whole float below 2^53 is an i64, exactly"
)]
fn integer(number: &serde_json::Number) -> Option<i64> {
    let whole = |float: &f64| float.fract() == 0.0 && float.abs() < EXACT;
    number.as_i64().or_else(|| number.as_f64().filter(whole).map(|float| float as i64))
}

/// Returns `true` if a number that [`integer`] does not take may have been an `i64` before a parser rounded it.
fn is_rounded(number: &serde_json::Number) -> bool {
    // 2^63: `i64::MAX` is rounded to it.
    number.as_f64().is_some_and(|float| float.fract() == 0.0 && float.abs() <= 9_223_372_036_854_775_808.0)
}

impl From<serde_json::Value> for FlagValue {
    fn from(value: serde_json::Value) -> Self {
        match value {
            serde_json::Value::Bool(value) => Self::Bool(value),
            serde_json::Value::String(value) => Self::Text(value.into()),
            serde_json::Value::Number(number) => {
                integer(&number).map_or(Self::Other(number.into()), Self::Integer)
            }
            other => Self::Other(other),
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

/// The feature flags of a token, by key; serializes to Kinde's `{"key":{"t":"b","v":true}}`.
#[derive(Clone, Debug, PartialEq)]
pub struct FeatureFlags(Vec<Flag>);

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Flag {
    pub(crate) name: Box<str>,
    /// Kinde's type letter: `b`, `i` or `s`. Rules use the JSON type of the value instead.
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

    /// Creates the flags, sorted by name for look-ups.
    ///
    /// A list of the Account API may have a name twice; a token may not. A flag with two different values becomes `null`,
    /// which no rule can compare.
    pub(crate) fn new(mut flags: Vec<Flag>) -> Self {
        flags.sort_by(|a, b| a.name.cmp(&b.name));
        flags.dedup_by(|again, first| {
            let is_same_flag = again.name == first.name;
            if is_same_flag && again.value != first.value {
                first.value = FlagValue::Other(serde_json::Value::Null);
            }
            is_same_flag
        });
        Self(flags)
    }

    /// Returns the approximate number of allocated bytes. The content of a [`FlagValue::Other`] does not count.
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

    /// Returns the names and values, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &FlagValue)> {
        self.0.iter().map(|flag| (flag.name.as_ref(), &flag.value))
    }

    /// Returns the flags with their types, sorted by name; a list of them serializes as in Kinde's `getFlags()`.
    pub fn entries(&self) -> impl Iterator<Item = FeatureFlag<'_>> {
        self.0.iter().map(FeatureFlag)
    }

    /// Compares one flag with the value of a rule, by the table at [`FlagValue`].
    pub(crate) fn standing(&self, name: &str, wanted: Option<FlagLiteral<'_>>) -> Standing {
        self.get(name).map_or(Standing::Lacking, |value| value.standing(wanted))
    }
}

/// One feature flag; serializes to `{"key","type","value"}`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FeatureFlag<'a>(&'a Flag);

impl<'a> FeatureFlag<'a> {
    /// Returns the key, by which rules name the flag.
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
