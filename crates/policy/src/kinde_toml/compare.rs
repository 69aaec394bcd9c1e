//! What a rule asks for, compared with a manifest.

use super::model::{FlagType, Manifest, Section};
use super::words;

impl Manifest {
    /// Says that a key is not declared in `file`, and what was probably meant.
    pub fn undeclared(&self, file: &str, section: Section, key: &str) -> Option<String> {
        if !self.governs(section) || self.find(section, key).is_some() {
            return None;
        }
        let unknown = format!("unknown {} `{key}`", section.noun());
        let elsewhere = Section::ALL.into_iter().find(|other| self.find(*other, key).is_some());
        Some(if let Some(near) = words::closest(key, &self.keys(section)) {
            format!("{unknown}; did you mean `{near}`? It is not declared in {file}")
        } else if let Some(other) = elsewhere {
            format!("{unknown}; {file} declares a {} of this name", other.noun())
        } else {
            format!(
                "{unknown}; it is not declared in {file}: add it to `[{}]` if it exists in Kinde",
                section.name()
            )
        })
    }

    /// Says that a flag has another type in `file`: one of one type never equals a value of another.
    pub fn mistyped(&self, file: &str, key: &str, asked: FlagType) -> Option<String> {
        let declared = self.find(Section::FeatureFlags, key)?.flag_type?;
        (declared != asked).then(|| {
            let (declared, asked) = (declared.noun(), asked.noun());
            format!("the feature flag `{key}` is {declared} in {file}, so it never equals {asked}")
        })
    }

    /// Says that a flag that is named alone is declared in `file` with a type of which no value is `true`.
    pub fn never_true(&self, file: &str, key: &str) -> Option<String> {
        let declared = self.find(Section::FeatureFlags, key)?.flag_type?;
        (declared != FlagType::Boolean).then(|| {
            let (declared, value) = (declared.noun(), declared.example());
            format!(
                "the feature flag `{key}` is {declared} in {file}, so it is never `true`, as a flag named alone must be: \
                 write `{key:?} = {value}`, with the value you mean"
            )
        })
    }
}
