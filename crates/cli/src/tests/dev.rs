//! The issuer to develop against: its instructions, and the people that can sign in to it.

use std::cell::RefCell;
use std::io::{self, Write as _};
use std::net::TcpStream;

use clap::Parser as _;
use serde_json::{Value, json};
use tokio::task::spawn_blocking;

use super::File;
use crate::arguments::{Arguments, Command};
use crate::dev::serve;

/// Returns the text that the command prints before it serves, or its failure.
fn said(arguments: &[&str]) -> Result<String, String> {
    serving(arguments, |_| async {})
}

/// As [`said`], and uses the text before the issuer stops.
fn serving<F: Future<Output = ()>>(
    arguments: &[&str],
    meanwhile: impl Fn(String) -> F,
) -> Result<String, String> {
    let arguments = [&["kinde-perms", "dev"], arguments].concat();
    let Arguments { json, command: Command::Dev(dev) } = Arguments::try_parse_from(arguments).unwrap() else {
        panic!()
    };
    let said = RefCell::new(String::new());
    let stopped = async {
        let said = said.borrow().clone();
        meanwhile(said).await;
    };
    let output = serve(&dev, json, &|text| said.borrow_mut().push_str(text), stopped);
    output.map(|_| said.into_inner()).map_err(|failure| failure.message)
}

/// Returns the people on the page, with roles and permissions.
fn people(arguments: &[&str]) -> Result<Vec<(String, String, String)>, String> {
    let state = RefCell::new(String::new());
    let fetch = async |said: String| {
        let described: Value = serde_json::from_str(&said).unwrap();
        let address = described["issuer"].as_str().unwrap().trim_start_matches("http://").to_owned();
        let answer = spawn_blocking(move || {
            let mut stream = TcpStream::connect(&address).unwrap();
            write!(stream, "GET /dev/state HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")
                .unwrap();
            io::read_to_string(stream).unwrap()
        });
        let answer = answer.await.unwrap();
        state.borrow_mut().push_str(answer.split_once("\r\n\r\n").unwrap().1);
    };
    serving(&[&["--json", "--address", "127.0.0.1:0"], arguments].concat(), fetch)?;
    let state: Value = serde_json::from_str(&state.borrow()).unwrap();
    let people = state["personas"].as_array().unwrap().iter();
    let part = |person: &Value, part: &str| person[part].to_string().replace('"', "");
    Ok(people.map(|one| (part(one, "id"), part(one, "roles"), part(one, "permissions"))).collect())
}

const MANIFEST: &str = r#"
    [permissions]
    "read:todos" = ""
    "create:todos" = ""
    [roles]
    viewer = { permissions = ["read:todos"] }
    editor = { permissions = ["read:todos", "create:todos"] }
    [feature_flags]
    beta = { type = "boolean" }
"#;

#[test]
fn a_manifest_gives_one_person_for_each_role() {
    let somebody = |id: &str, permissions: &str| (id.to_owned(), format!("[{id}]"), permissions.to_owned());
    let expected = [somebody("editor", "[create:todos,read:todos]"), somebody("viewer", "[read:todos]")];
    assert_eq!(people(&["--manifest", File::toml("dev-roles", MANIFEST).path()]).unwrap(), expected);
    let refused =
        people(&["--manifest", File::toml("dev-bare", "[permissions]\na = \"\"").path()]).unwrap_err();
    assert!(refused.ends_with("name people with `--people`"), "{refused}");
    assert_eq!(people(&["--manifest", "no.toml"]).unwrap_err(), "there is no `no.toml`");
}

#[test]
fn people_have_only_keys_that_the_manifest_declares() {
    let manifest = File::toml("dev-manifest", MANIFEST);
    let with = |text: &str| {
        people(&["--manifest", manifest.path(), "--people", File::toml("dev-people", text).path()])
    };
    let expected = ("a".to_owned(), "[editor]".to_owned(), "[read:todos,create:todos]".to_owned());
    let text = "[[person]]\nid = \"a\"\nroles = [\"editor\"]\npermissions = [\"read:todos\"]\nfeature_flags = { beta = true }";
    assert_eq!(with(text).unwrap(), [expected]);
    for (text, message) in [
        ("roles = [\n\"viewer\",\n\"edtor\"]", ":5: unknown role `edtor`; did you mean `editor`?"),
        ("permissions = [\"read:todo\"]", ":3: unknown permission `read:todo`; did you mean `read:todos`?"),
        ("entitlements = [\"Pro\"]", ":3: unknown entitlement `Pro`; "),
        ("feature_flags.bta = true", ":3: unknown feature flag `bta`; did you mean `beta`?"),
        ("feature_flags = { beta = \"x\" }", ":3: the feature flag `beta` is a boolean in "),
    ] {
        let refused = with(&format!("[[person]]\nid = \"a\"\n{text}")).unwrap_err();
        assert!(refused.contains(message), "{message}\n{refused}");
    }
}

#[test]
fn the_instructions_name_every_setting() {
    let text = said(&["--address", "127.0.0.1:0", "--audience", "api.test", "--client-id", "page"]).unwrap();
    assert!(text.starts_with("NOT FOR PRODUCTION"), "{text}");
    for part in [
        "/dev  what it is doing",
        "VITE_KINDE_DOMAIN=http://127.0.0.1:",
        "VITE_KINDE_CLIENT_ID=page\n",
        "VITE_KINDE_REDIRECT_URL=http://127.0.0.1:5173\n",
        "KINDE_ISSUER_URL=http://127.0.0.1:",
        "KINDE_API_AUDIENCE=api.test\n",
        "KINDE_CLIENT_ID=page-server\n",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[test]
fn json_output_has_the_same_settings() {
    let text = said(&["--json", "--address", "127.0.0.1:0", "--redirect-uri", "http://127.0.0.1:9"]).unwrap();
    let described: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert!(described["issuer"].as_str().unwrap().starts_with("http://127.0.0.1:"));
    assert_eq!(described["redirect_uris"], json!(["http://127.0.0.1:9"]));
}

#[test]
fn a_failure_to_start_is_explained() {
    assert!(said(&["--address", "0.0.0.0:0"]).unwrap_err().contains("listens on loopback only"));
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let refused = said(&["--address", &taken.local_addr().unwrap().to_string()]).unwrap_err();
    assert!(refused.ends_with("another one with `--address`; port 0 takes a free one"), "{refused}");
    let local = ["--address", "127.0.0.1:0", "--redirect-uri", "nowhere"];
    assert!(said(&local).unwrap_err().contains("`nowhere` is no address to return to"));
    let people = ["--address", "127.0.0.1:0", "--people", "no/such/people.toml"];
    assert!(said(&people).unwrap_err().starts_with("no/such/people.toml: "));
}
