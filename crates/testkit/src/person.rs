//! The people who can sign in to an issuer.

use serde_json::Value;

use crate::account::AccountData;
use crate::persona::Persona;
use crate::token::TokenBuilder;
use kinde_perms::__crates::permissions_of;
use kinde_perms::access::Catalogue;

/// The default organization of people: code and name.
const ORGANIZATION: (&str, &str) = ("org_8f3c1d5e7a2", "Example");

/// A person who can sign in to an [`Issuer`](crate::Issuer), with the content of their tokens.
///
/// ```
/// use kinde_perms_testkit::{Person, Persona};
///
/// let viewer = Person::from(Persona::Viewer).org("org_demo", "Demo");
/// let auditor = Person::new("auditor").role("auditor").permission("read:reports").feature_flag("beta", true);
/// ```
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub struct Person {
    id: String,
    subject: String,
    name: String,
    email: String,
    org: Option<(String, String)>,
    roles: Vec<String>,
    permissions: Vec<String>,
    feature_flags: Vec<(String, Value)>,
    plans: Vec<String>,
    entitlements: Vec<String>,
}

impl Person {
    /// Creates a person without rights.
    ///
    /// `id` identifies the person on the sign-in page and begins the default email address.
    pub fn new(id: &str) -> Self {
        let (code, org) = ORGANIZATION;
        Self {
            id: id.to_owned(),
            subject: format!("kp_{id}"),
            name: format!("Demo {}", capitalized(id)),
            email: format!("{id}@example.test"),
            org: Some((code.to_owned(), org.to_owned())),
            roles: Vec::new(),
            permissions: Vec::new(),
            feature_flags: Vec::new(),
            plans: Vec::new(),
            entitlements: Vec::new(),
        }
    }

    /// Sets the user's id, the `sub` of the tokens; by default `kp_` and the person's id.
    pub fn subject(mut self, subject: &str) -> Self {
        subject.clone_into(&mut self.subject);
        self
    }

    /// Sets the name; the first word is the given name.
    pub fn name(mut self, name: &str) -> Self {
        name.clone_into(&mut self.name);
        self
    }

    /// Sets the email address.
    pub fn email(mut self, email: &str) -> Self {
        email.clone_into(&mut self.email);
        self
    }

    /// Sets the organization, by its code and its name.
    pub fn org(mut self, code: &str, name: &str) -> Self {
        self.org = Some((code.to_owned(), name.to_owned()));
        self
    }

    /// Removes the organization; tokens then carry no permissions and roles, as with Kinde.
    pub fn without_org(mut self) -> Self {
        self.org = None;
        self
    }

    /// Adds a role, and its permissions if the issuer has a [catalogue](crate::IssuerBuilder::catalogue).
    pub fn role(mut self, key: &str) -> Self {
        self.roles.push(key.to_owned());
        self
    }

    /// Adds a permission.
    pub fn permission(mut self, key: &str) -> Self {
        self.permissions.push(key.to_owned());
        self
    }

    /// Sets a feature flag to a boolean, a string or an integer.
    pub fn feature_flag(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.feature_flags.push((key.to_owned(), value.into()));
        self
    }

    /// Adds a plan that the person has subscribed to.
    pub fn plan(mut self, key: &str) -> Self {
        self.plans.push(key.to_owned());
        self
    }

    /// Adds a billing entitlement, by its price name.
    pub fn entitlement(mut self, price_name: &str) -> Self {
        self.entitlements.push(price_name.to_owned());
        self
    }
}

/// Getters for the issuer.
impl Person {
    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    pub(crate) fn sub(&self) -> &str {
        &self.subject
    }

    pub(super) fn full_name(&self) -> &str {
        &self.name
    }

    /// Returns the given name and the family name.
    pub(super) fn names(&self) -> (&str, &str) {
        self.name.split_once(' ').unwrap_or((&self.name, ""))
    }

    pub(super) fn address(&self) -> &str {
        &self.email
    }

    pub(super) fn org_code(&self) -> Option<&str> {
        self.org.as_ref().map(|(code, _)| code.as_str())
    }

    pub(super) fn org_name(&self) -> Option<&str> {
        self.org.as_ref().map(|(_, name)| name.as_str())
    }

    pub(super) fn role_keys(&self) -> &[String] {
        &self.roles
    }

    pub(super) fn permission_keys(&self) -> &[String] {
        &self.permissions
    }

    pub(crate) fn set_permissions(&mut self, permissions: Vec<String>) {
        self.permissions = permissions;
    }

    /// Adds the permissions that the person's roles bundle.
    pub(crate) fn resolve(&mut self, catalogue: &Catalogue) {
        self.permissions = permissions_of(catalogue, &self.permissions, &self.roles);
    }

    /// Adds the person's claims to an access token as Kinde does: empty claims are left out.
    pub(super) fn claims(&self, token: TokenBuilder) -> TokenBuilder {
        let token = token.subject(&self.subject).without("org_code");
        let token = self
            .feature_flags
            .iter()
            .fold(token, |token, (key, value)| token.feature_flag(key, value.clone()));
        match &self.org {
            None => token,
            Some((code, _)) => token
                .org_code(code)
                .permissions(self.permissions.iter().map(String::as_str))
                .roles(self.roles.iter().map(String::as_str)),
        }
    }

    /// Returns the person's current data for the Account API.
    pub(crate) fn account(&self) -> AccountData {
        let account = self.org_code().map_or_else(AccountData::without_org, AccountData::new);
        let account = self.permissions.iter().fold(account, |account, key| account.permission(key));
        let account = self.roles.iter().fold(account, |account, key| account.role(key));
        let flags = self.feature_flags.iter();
        let account = flags.fold(account, |account, (key, value)| account.feature_flag(key, value.clone()));
        let account = self.plans.iter().fold(account, |account, key| account.plan(key));
        self.entitlements.iter().fold(account, |account, name| account.entitlement(name))
    }
}

/// The guide's person, with the roles and permissions of the guide.
impl From<Persona> for Person {
    fn from(persona: Persona) -> Self {
        let person = Self::new(persona.id()).subject(persona.subject());
        let person = persona.roles().iter().fold(person, |person, key| person.role(key));
        persona.permissions().iter().fold(person, |person, key| person.permission(key))
    }
}

fn capitalized(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
