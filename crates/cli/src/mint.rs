//! `token mint`: tokens for development, signed with a key that no real issuer has.

use std::collections::HashSet;
use std::time::Duration;

use http::Uri;
use kinde_perms::__crates::{is_loopback, permissions_of};
use kinde_perms::{Algorithm, Validator};
use kinde_perms_testkit::{Persona, SigningKey, TokenBuilder};
use serde_json::{Value, json};

use kinde_perms::policy::Kind;
use kinde_perms_policy::kinde_toml::model::FlagType;

use crate::arguments::Mint;
use crate::declared::{self, Declared};
use crate::key_file;
use crate::output::{Failure, Output};
use crate::runtime;

/// Reserved top-level domains (RFC 6761 §6.2 to §6.5).
const RESERVED: [&str; 3] = ["test", "example", "localhost"];

pub(crate) fn run(mint: &Mint, json: bool) -> Result<Output, Failure> {
    check_issuer(&mint.issuer)?;
    if mint.key.is_none() && mint.jwks.is_none() && !json {
        return Err(Failure::new(
            "nobody could verify this token: keep its key with `--key FILE`, or write the public half of a new one with \
             `--jwks FILE`"
                .to_owned(),
        ));
    }
    let holder = Holder::of(mint)?;
    let key = match &mint.key {
        Some(path) => key_file::open(path)?,
        None => SigningKey::generate(Algorithm::Rs256),
    };
    let (token, key_set) = (holder.token(mint, &key), key_file::public_set(&key));
    verify(mint, &key_set, &token)?;
    if let Some(path) = &mint.jwks {
        key_file::write_key_set(path, &key_set)?;
    }
    if json {
        return Ok(Output::json(&json!({ "token": token, "key_set": key_set }), false));
    }
    Ok(Output::new(format!("{token}\n"), false))
}

/// Refuses issuers that may be real, so that nobody takes the token for a real one.
fn check_issuer(issuer: &str) -> Result<(), Failure> {
    let uri: Option<Uri> = issuer.parse().ok();
    if uri.as_ref().is_some_and(|uri| uri.scheme().is_none()) {
        return Err(Failure::new(format!(
            "the issuer `{issuer}` has no scheme: write `http://{issuer}`, or https"
        )));
    }
    let host = uri.as_ref().and_then(Uri::host).unwrap_or_default();
    let top = host.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
    if is_loopback(host) || RESERVED.contains(&top.as_str()) {
        return Ok(());
    }
    Err(Failure::new(format!(
        "`{issuer}` may be a real issuer, and only Kinde signs for those: name one on loopback, such as \
         http://127.0.0.1:4000, or below `.test`, `.example` or `.localhost`, such as https://acme.test"
    )))
}

/// Verifies the token with a validator, as its API will.
fn verify(mint: &Mint, key_set: &Value, token: &str) -> Result<(), Failure> {
    let builder = Validator::builder(&mint.issuer, &mint.audience);
    let validator = builder
        .build_with_static_keys(&key_set.to_string())
        .map_err(|error| Failure::new(error.to_string()))?;
    match runtime::block_on(validator.verify(token))? {
        Ok(_) => Ok(()),
        Err(error) => Err(Failure::new(format!("a validator would refuse this token: {error}"))),
    }
}

/// The claims of the token's holder.
struct Holder {
    subject: Option<String>,
    permissions: Vec<String>,
    roles: Vec<String>,
    flags: Vec<(String, Value)>,
}

impl Holder {
    fn of(mint: &Mint) -> Result<Self, Failure> {
        let declared = mint.manifest.as_deref().map(|file| Declared::open(Some(file))).transpose()?;
        let declared = declared.as_ref();
        let persona = mint.persona.as_deref();
        let persona = persona.and_then(|id| Persona::ALL.into_iter().find(|persona| persona.id() == id));
        let given = |of_persona: &[&str], given: &[String]| -> Vec<String> {
            let mut seen = HashSet::new();
            let all = of_persona.iter().copied().chain(given.iter().map(String::as_str));
            all.filter(|key| seen.insert(*key)).map(str::to_owned).collect()
        };
        let permissions = given(persona.map_or(&[], Persona::permissions), &mint.permissions);
        let roles = given(persona.map_or(&[], Persona::roles), &mint.roles);
        check_keys(declared, Kind::Permissions, &permissions)?;
        check_keys(declared, Kind::Roles, &roles)?;
        check_keys(declared, Kind::Scopes, &mint.scopes)?;
        let catalogue = declared.map(Declared::catalogue).unwrap_or_default();
        let permissions = permissions_of(&catalogue, &permissions, &roles);
        let subject = mint.subject.clone().or_else(|| persona.map(|persona| persona.subject().to_owned()));
        let flags = mint.flags.iter().map(|flag| read_flag(declared, flag)).collect::<Result<_, _>>()?;
        Ok(Self { subject, permissions, roles, flags })
    }

    fn token(&self, mint: &Mint, key: &SigningKey) -> String {
        let token = TokenBuilder::new(&mint.issuer, &mint.audience)
            .key(key)
            .expires_in(Duration::from_secs(mint.expires_in))
            .permissions(self.permissions.iter().map(String::as_str))
            .roles(self.roles.iter().map(String::as_str))
            .scopes(mint.scopes.iter().map(String::as_str));
        let token = self.subject.iter().fold(token, |token, subject| token.subject(subject));
        let token = mint.org.iter().fold(token, |token, org| token.org_code(org));
        let flags = self.flags.iter();
        flags.fold(token, |token, (name, value)| token.feature_flag(name, value.clone())).sign()
    }
}

/// Refuses keys that are malformed or that the manifest does not declare.
fn check_keys(declared: Option<&Declared>, kind: Kind, keys: &[String]) -> Result<(), Failure> {
    for key in keys {
        declared::check_grammar(kind, key).map_err(Failure::new)?;
        if let Some(fault) = declared.and_then(|declared| declared.undeclared(kind, key)) {
            return Err(Failure::new(fault));
        }
    }
    Ok(())
}

/// Reads `name=value`. The value has the flag's type in the manifest, or else the type that it looks like.
fn read_flag(declared: Option<&Declared>, text: &str) -> Result<(String, Value), Failure> {
    let (name, value) = text.split_once('=').ok_or_else(|| {
        Failure::new(format!(
            "`--flag {text}` has no value: write `--flag {text}=true`, or an integer, or a text"
        ))
    })?;
    let name = name.to_owned();
    check_keys(declared, Kind::FeatureFlags, std::slice::from_ref(&name))?;
    let flag = declared.and_then(|declared| declared.manifest.find(Kind::FeatureFlags, &name));
    let flag_type = flag.and_then(|flag| flag.flag_type);
    let boolean = value.parse::<bool>().ok().map(Value::from);
    let integer = value.parse::<i64>().ok().map(Value::from);
    let read = match flag_type {
        None => boolean.or(integer).or_else(|| Some(value.into())),
        Some(FlagType::Boolean) => boolean,
        Some(FlagType::Integer) => integer,
        Some(FlagType::String) => Some(value.into()),
    };
    read.map(|value| (name.clone(), value)).ok_or_else(|| {
        let noun = flag_type.map_or("something else", FlagType::noun);
        Failure::new(format!("`--flag {text}`: the manifest says that the feature flag `{name}` is {noun}"))
    })
}
