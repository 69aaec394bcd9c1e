//! The file of people for `kinde-perms dev`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use kinde_perms_testkit::Person;
use serde::Deserialize;
use serde_json::Value;
use toml::Spanned;

use kinde_perms::policy::Kind;
use kinde_perms_policy::kinde_toml::model::FlagType;

use crate::declared::Declared;
use crate::output::Failure;

/// One `[[person]]` table for each person.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    person: Vec<Entry>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    id: Spanned<String>,
    name: Option<String>,
    email: Option<String>,
    subject: Option<String>,
    org: Option<Org>,
    #[serde(default)]
    roles: Vec<Spanned<String>>,
    #[serde(default)]
    permissions: Vec<Spanned<String>>,
    #[serde(default)]
    feature_flags: BTreeMap<Spanned<String>, Flag>,
    #[serde(default)]
    plans: Vec<String>,
    #[serde(default)]
    entitlements: Vec<Spanned<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Org {
    code: String,
    name: String,
}

/// The value of a feature flag, in one of Kinde's types.
#[derive(Debug, Deserialize)]
#[serde(untagged, expecting = "a feature flag is true, false, a whole number or a text")]
enum Flag {
    Boolean(bool),
    Integer(i64),
    Text(String),
}

/// Reads the people. If there is a manifest, it must declare their keys.
pub(crate) fn read(path: &Path, declared: Option<&Declared>) -> Result<Vec<Person>, Failure> {
    let text = fs::read_to_string(path).map_err(|error| Failure::of(path, error))?;
    parse(&path.display().to_string(), &text, declared)
}

fn parse(name: &str, text: &str, declared: Option<&Declared>) -> Result<Vec<Person>, Failure> {
    let at = |offset: usize, fault: &str| {
        Failure::new(format_args!("{name}:{}: {fault}", line(text, offset))).with_file(name)
    };
    let file: File = toml::from_str(text).map_err(|error| {
        at(error.span().map_or(0, |span| span.start), &error.message().replace('\n', ", "))
    })?;
    let mut ids = BTreeSet::new();
    for person in &file.person {
        let offset = person.id.span().start;
        if person.id.get_ref().is_empty() {
            return Err(at(offset, "an `id` must not be empty"));
        }
        if !ids.insert(person.id.get_ref()) {
            return Err(at(offset, &format!("there are two people `{}`", person.id.get_ref())));
        }
        if let Some((offset, fault)) = declared.and_then(|declared| person.undeclared(declared)) {
            return Err(at(offset, &fault));
        }
    }
    Ok(file.person.into_iter().map(Entry::person).collect())
}

fn line(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|byte| *byte == b'\n').count().saturating_add(1)
}

impl Entry {
    /// Returns the offset of the first undeclared key, with the fault.
    fn undeclared(&self, declared: &Declared) -> Option<(usize, String)> {
        let lists = [
            (Kind::Roles, &self.roles),
            (Kind::Permissions, &self.permissions),
            (Kind::Entitlements, &self.entitlements),
        ];
        let mut keys = lists.iter().flat_map(|(section, keys)| keys.iter().map(|key| (*section, key)));
        let at = |key: &Spanned<String>, fault: Option<String>| Some((key.span().start, fault?));
        keys.find_map(|(section, key)| at(key, declared.undeclared(section, key.get_ref()))).or_else(|| {
            self.feature_flags
                .iter()
                .find_map(|(key, flag)| at(key, declared.misused(key.get_ref(), flag.into())))
        })
    }

    fn person(self) -> Person {
        let person = Person::new(self.id.get_ref());
        let person = self.name.iter().fold(person, |person, name| person.name(name));
        let person = self.email.iter().fold(person, |person, email| person.email(email));
        let person = self.subject.iter().fold(person, |person, subject| person.subject(subject));
        let person = self.org.iter().fold(person, |person, org| person.org(&org.code, &org.name));
        let person = self.roles.iter().fold(person, |person, key| person.role(key.get_ref()));
        let person = self.permissions.iter().fold(person, |person, key| person.permission(key.get_ref()));
        let flags = self.feature_flags.into_iter();
        let person = flags.fold(person, |person, (key, flag)| person.feature_flag(key.get_ref(), flag));
        let person = self.plans.iter().fold(person, |person, key| person.plan(key));
        self.entitlements.iter().fold(person, |person, name| person.entitlement(name.get_ref()))
    }
}

impl From<&Flag> for FlagType {
    fn from(flag: &Flag) -> Self {
        match flag {
            Flag::Boolean(_) => Self::Boolean,
            Flag::Integer(_) => Self::Integer,
            Flag::Text(_) => Self::String,
        }
    }
}

impl From<Flag> for Value {
    fn from(flag: Flag) -> Self {
        match flag {
            Flag::Boolean(value) => value.into(),
            Flag::Integer(value) => value.into(),
            Flag::Text(value) => value.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(text: &str) -> String {
        parse("people.toml", text, None).unwrap_err().message
    }

    #[test]
    fn a_file_can_set_everything_about_people() {
        let text = r#"
            [[person]]
            id = "viewer"
            roles = ["viewer"]

            [[person]]
            id = "auditor"
            name = "Demo Auditor"
            email = "audit@example.test"
            subject = "kp_7"
            org = { code = "org_demo", name = "Demo" }
            roles = ["auditor"]
            permissions = ["read:reports"]
            feature_flags = { beta = true, theme = "pink", max = 5 }
            plans = ["pro"]
            entitlements = ["Pro plan"]
        "#;
        let auditor = Person::new("auditor")
            .name("Demo Auditor")
            .email("audit@example.test")
            .subject("kp_7")
            .org("org_demo", "Demo")
            .role("auditor")
            .permission("read:reports")
            .feature_flag("beta", true)
            .feature_flag("max", 5)
            .feature_flag("theme", "pink")
            .plan("pro")
            .entitlement("Pro plan");
        assert_eq!(parse("people.toml", text, None), Ok(vec![Person::new("viewer").role("viewer"), auditor]));
    }

    #[test]
    fn a_fault_names_its_line() {
        for (text, message) in [
            ("", "people.toml:1: missing field `person`"),
            ("\n[[person]]\nid = 7\n", "people.toml:3: invalid type: integer `7`, expected a string"),
            ("[[person]]\nid = \"a\"\nrole = [\"x\"]\n", "people.toml:3: unknown field `role`"),
            ("[[person]]\nname = \"x\"\n", "people.toml:1: missing field `id`"),
            ("[[person]]\nid = \"\"\n", "people.toml:2: an `id` must not be empty"),
            ("[[person]]\nid = \"a\"\n\n[[person]]\nid = \"a\"\n", "people.toml:5: there are two people `a`"),
            (
                "[[person]]\nid = \"a\"\nfeature_flags = { a = 1.5 }\n",
                "people.toml:3: a feature flag is true",
            ),
            ("[[person]\n", "people.toml:1: "),
        ] {
            assert!(fault(text).starts_with(message), "{message}: {}", fault(text));
        }
    }

    #[test]
    fn a_file_that_is_not_there_is_named() {
        assert!(
            read(Path::new("no/such/people.toml"), None)
                .unwrap_err()
                .message
                .starts_with("no/such/people.toml: ")
        );
    }
}
