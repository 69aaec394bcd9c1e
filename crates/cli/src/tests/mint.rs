//! Tokens for development, and the keys that sign them.

use std::sync::Barrier;
use std::{fs, thread};

use clap::Parser as _;
use kinde_perms::{Claims, Rule, Validator, claims::FlagValue};

use super::{File, TODOS, ask};
use crate::arguments::Arguments;
use crate::output::Failure;
use crate::{key_file, runtime};

const ISSUER: &str = "https://acme.kinde.test";
const API: &str = "https://api.example.test";

/// A path without a file; a file there is deleted on drop.
fn fresh(name: &str) -> File {
    let file = File::toml(name, "");
    fs::remove_file(&file.0).unwrap();
    file
}

fn mint(arguments: &[&str]) -> Result<String, String> {
    let common = ["token", "mint", "--issuer", ISSUER, "--audience", API];
    ask(&[&common, arguments].concat()).map(|output| output.text).map_err(|failure| failure.message)
}

/// Verifies a token as an API with this key set does.
fn verified(token: &str, key_set: &str) -> Claims {
    let validator = Validator::builder(ISSUER, API).build_with_static_keys(key_set).unwrap();
    runtime::block_on(validator.verify(token.trim_end())).unwrap().unwrap()
}

#[test]
fn a_minted_token_is_good_for_a_validator_with_the_printed_keys() {
    let (key, jwks) = (fresh("key"), fresh("jwks"));
    let arguments = [
        ["--key", key.path()],
        ["--jwks", jwks.path()],
        ["--subject", "kp_7"],
        ["--permission", "create:todos"],
        ["--role", "boss"],
        ["--scope", "todos"],
        ["--flag", "beta=true"],
        ["--flag", "seats=5"],
        ["--org", "org_9"],
        ["--expires-in", "60"],
    ];
    let token = mint(arguments.as_flattened()).unwrap();
    let key_set = fs::read_to_string(&jwks.0).unwrap();
    assert!(!key_set.contains("\"d\""), "the public half alone");
    let claims = verified(&token, &key_set);
    assert_eq!((claims.subject(), claims.org_code()), (Some("kp_7"), Some("org_9")));
    let rule = r#"permissions = ["create:todos"], roles = ["boss"], scopes = ["todos"], feature_flags = ["beta" = true, "seats" = 5]"#;
    let rule: Rule = rule.parse().unwrap();
    assert!(rule.decide(&claims).is_allow(), "{:?}", rule.decide(&claims));
    assert_eq!(claims.permissions().iter().count(), 1);
    let again = mint(&["--key", key.path(), "--persona", "admin"]).unwrap();
    let claims = verified(&again, &key_set);
    assert!(
        claims.permission("delete:todos").is_granted()
            && claims.roles().iter().any(|role| role.key() == "admin"),
        "the key is kept"
    );
}

#[cfg(unix)]
#[test]
fn a_key_is_private_from_the_beginning_and_stays_so() {
    use std::os::unix::fs::PermissionsExt as _;
    let key = fresh("private");
    mint(&["--key", key.path()]).unwrap();
    assert_eq!(fs::metadata(&key.0).unwrap().permissions().mode() & 0o777, 0o600);
    for mode in [0o640, 0o604, 0o620] {
        fs::set_permissions(&key.0, fs::Permissions::from_mode(mode)).unwrap();
        let refused = mint(&["--key", key.path()]).unwrap_err();
        assert!(refused.contains("others than its owner may read or write it"), "{refused}");
    }
}

#[test]
fn foreign_files_are_refused_and_left_alone() {
    let pem = "-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\n";
    let foreign = r#"{"format":"kinde-perms/development-key","version":1,"private_key":"AAAA"}"#;
    for text in ["", "{}", pem, foreign] {
        let file = File::toml("foreign", text);
        #[cfg(unix)]
        fs::set_permissions(&file.0, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        let refused = mint(&["--key", file.path()]).unwrap_err();
        assert!(refused.contains("`token mint` did not write this"), "{refused}");
        let refused = mint(&["--jwks", file.path()]).unwrap_err();
        assert!(refused.contains("will not be overwritten"), "{refused}");
        assert_eq!(fs::read_to_string(&file.0).unwrap(), text);
    }
    assert!(mint(&["--key", "no/such/folder/key"]).unwrap_err().starts_with("no/such/folder/key: "));
}

#[test]
fn a_real_issuer_is_refused_before_any_key_is_made() {
    let key = fresh("none");
    let issue =
        |issuer: &str| ask(&["token", "mint", "--issuer", issuer, "--audience", API, "--key", key.path()]);
    for issuer in [
        "https://acme.kinde.com",
        "https://auth.acme.com",
        "https://test.kinde.com",
        "https://acme.test.kinde.com",
        "https://localhost.kinde.com",
        "https://acme.test@acme.kinde.com",
        "https://10.0.0.1",
        "https://test.",
        "http://[::2]",
        "",
    ] {
        let Err(Failure { message, .. }) = issue(issuer) else { panic!("{issuer}") };
        assert!(message.contains("may be a real issuer"), "{issuer}: {message}");
    }
    let Err(Failure { message, .. }) = issue("localhost:4000") else { panic!() };
    assert!(message.contains("has no scheme: write `http://localhost:4000`"), "{message}");
    assert!(!key.0.exists());
    let Err(Failure { message, .. }) = issue("http://acme.test") else { panic!("plain http to a name") };
    assert!(message.contains("https"), "{message}");
    for issuer in ["http://127.0.0.1:4000", "http://[::1]:1", "https://a.localhost", "https://A.EXAMPLE"] {
        issue(issuer).unwrap();
    }
}

#[test]
fn a_manifest_expands_roles_and_refuses_what_it_does_not_declare() {
    let toml = File::toml("mint", &format!("{TODOS}[feature_flags]\nplan = {{ type = \"string\" }}\n"));
    let with = |more: &[&str]| {
        let text = mint(&[&["--json", "--manifest", toml.path()], more].concat())?;
        let json: serde_json::Value = serde_json::from_str(&text).unwrap();
        Ok(verified(json["token"].as_str().unwrap(), &json["key_set"].to_string()))
    };
    let claims = with(&["--role", "editor", "--permission", "create:todos", "--flag", "plan=5"]).unwrap();
    assert_eq!(claims.permissions().iter().collect::<Vec<_>>(), ["create:todos"]);
    assert_eq!(claims.feature_flag("plan"), Some(&FlagValue::Text("5".into())));
    for (arguments, expected) in [
        (["--permission", "create:todo"], "did you mean `create:todos`?"),
        (["--role", "boss"], "add it to `[roles]`"),
        (["--flag", "beta=1"], "unknown feature flag `beta`"),
        (["--persona", "admin"], "unknown permission `update:todos`"),
        (["--permission", "a b"], "contains whitespace"),
        (["--flag", "plan"], "write `--flag plan=true`"),
    ] {
        let message: String = with(&arguments).unwrap_err();
        assert!(message.contains(expected), "{message}");
    }
}

#[test]
fn a_token_that_nobody_could_verify_is_not_minted() {
    assert!(mint(&[]).unwrap_err().starts_with("nobody could verify this token"));
    let many: Vec<String> = (0..1000).map(|at| format!("a-rather-long-permission:{at}")).collect();
    let many: Vec<&str> = many.iter().flat_map(|key| ["--permission", key]).collect();
    assert!(mint(&[&["--json"], many.as_slice()].concat()).unwrap_err().contains("a validator would refuse"));
    let common = ["kinde-perms", "token", "mint", "--issuer", ISSUER, "--audience", API];
    for bad in [["--expires-in", "0"], ["--expires-in", "1h"], ["--persona", "boss"]] {
        assert!(Arguments::try_parse_from([&common[..], &bad].concat()).is_err(), "{bad:?}");
    }
}

#[test]
fn two_first_uses_at_once_get_the_same_key() {
    let (key, start) = (fresh("race"), Barrier::new(2));
    let open = || {
        start.wait();
        key_file::open(&key.0).map(|key| key_file::public_set(&key))
    };
    let [one, other] = thread::scope(|scope| {
        [scope.spawn(open), scope.spawn(open)].map(|thread| thread.join().unwrap().unwrap())
    });
    assert_eq!(one, other);
    assert_eq!(key_file::public_set(&key_file::open(&key.0).unwrap()), one, "it is the one that is kept");
    let name = key.0.file_name().unwrap().to_str().unwrap();
    let beside = fs::read_dir(key.0.parent().unwrap()).unwrap();
    let left = beside.filter(|entry| entry.as_ref().unwrap().file_name().to_str().unwrap().starts_with(name));
    assert_eq!(left.count(), 1, "nothing is left beside it");
}

#[test]
fn only_a_public_key_set_is_overwritten() {
    let public = File::toml("public-set", r#"{"keys":[{"kty":"RSA","n":"AQAB","e":"AQAB"}]}"#);
    mint(&["--jwks", public.path()]).unwrap();
    for text in [
        r#"{"keys":[{"kty":"RSA","n":"AQAB","e":"AQAB","d":"AQAB"}]}"#.to_owned(),
        r#"{"keys":[{"kty":"EC"},{"kty":"oct","k":"AAAA"}]}"#.to_owned(),
        r#"{"keys":["AAAA"]}"#.to_owned(),
        format!(r#"{{"keys":[]}}{}"#, " ".repeat(20_000)),
    ] {
        let file = File::toml("private-set", &text);
        let refused = mint(&["--jwks", file.path()]).unwrap_err();
        assert!(refused.contains("will not be overwritten"), "{refused}");
        assert_eq!(fs::read_to_string(&file.0).unwrap(), text);
    }
}
