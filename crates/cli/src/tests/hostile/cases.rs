//! The hostile files and arguments.

use std::path::PathBuf;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use clap::CommandFactory as _;
use serde_json::{Value, json};

use super::super::Arguments;

/// One of this program's colors, other escape sequences, bidirectional marks, C1, three kinds of line breaks before a
/// forged line, a tab, a zero-width space, a tag, DEL.
pub(super) const HOSTILE: &str =
    "x\u{1b}[32m\u{1b}]0;t\u{7}\u{202e}\u{2066}\u{9b}31m\u{2028}\r\nFORGED\t\u{200b}\u{e0041}\u{7f}y";

/// The characters of [`HOSTILE`] that the name of an entitlement may have.
const NAME: &str = "\u{202e}FORGED\u{2066}\u{200b}";

/// The arguments of one call.
pub(super) type Case = Vec<String>;

fn case(arguments: &[&[&str]]) -> Case {
    arguments.concat().iter().map(|argument| (*argument).to_owned()).collect()
}

/// Every command with hostile files, tokens and arguments: cases that succeed, and cases that fail in each way.
pub(super) fn all(folder: &Folder) -> Vec<Case> {
    let files = Files::of(folder);
    [of_matrices(&files), of_tokens(&files), of_mint(&files, folder), of_manifests(&files, folder), misused()]
        .concat()
}

/// The command that does not end.
pub(super) fn serving() -> Case {
    let names = ["--client-id", HOSTILE, "--audience", HOSTILE, "--redirect-uri", HOSTILE];
    case(&[&["dev", "--address", "127.0.0.1:0"], &names])
}

/// Returns the full names of the commands that have no subcommands.
pub(super) fn leaves(command: &clap::Command) -> Vec<String> {
    let below = command.get_subcommands().flat_map(|below| {
        let (name, inner) = (below.get_name(), leaves(below));
        let inner = if inner.is_empty() { vec![String::new()] } else { inner };
        inner.into_iter().map(move |leaf| format!("{name} {leaf}").trim_end().to_owned())
    });
    below.collect()
}

/// A folder of hostile files, deleted on drop.
pub(super) struct Folder(PathBuf);

impl Folder {
    pub(super) fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("kinde-perms-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn path(&self, name: &str) -> String {
        self.0.join(name).to_str().unwrap().to_owned()
    }

    fn file(&self, name: &str, text: impl AsRef<[u8]>) -> String {
        std::fs::write(self.path(name), text).unwrap();
        self.path(name)
    }

    fn matrix(&self, name: &str, routes: &Value) -> String {
        let roles = json!({ HOSTILE: [HOSTILE, "p"], "wide": ["p", "q"], "narrow": ["p"] });
        let document = json!({
            "format": "kinde-perms/access", "version": 1, "routes": routes,
            "catalogue": { "roles": roles, "permissions": [HOSTILE, "unused"] },
        });
        self.file(name, document.to_string())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

struct Files {
    strict: String,
    loose: String,
    /// Matrices that cannot be read.
    broken: Vec<String>,
    /// Manifests; the first is a good one.
    manifests: Vec<String>,
    people: Vec<String>,
}

impl Files {
    fn of(folder: &Folder) -> Self {
        let escaped = HOSTILE.chars().fold(String::new(), |text, c| format!("{text}\\U{:08x}", u32::from(c)));
        let toml = format!("\"{escaped}\"");
        let person = |at, text| folder.file(&format!("people-{at}"), text);
        Self {
            strict: folder.matrix("strict", &routes()),
            loose: folder.matrix("loose", &json!([route("GET", &json!({ "public": "x" }))])),
            broken: broken(folder),
            manifests: manifests(folder, &toml),
            people: vec![
                person(0, format!("[[person]]\nid = {toml}\n[[person]]\nid = {toml}")),
                person(1, format!("[[person]]\nid = \"a\"\n{toml} = 1")),
                person(2, format!("[[person]]\nid = \"a\"\nroles = [{toml}]")),
                person(3, format!("[[person]\n{HOSTILE}")),
                format!("no/{HOSTILE}"),
            ],
        }
    }
}

fn route(method: &str, access: &Value) -> Value {
    let handler = json!({ "name": HOSTILE, "file": HOSTILE, "line": 1 });
    let mut route = json!({ "method": method, "path": format!("/{HOSTILE}"), "handler": handler });
    route.as_object_mut().unwrap().extend(access.as_object().unwrap().clone());
    route
}

fn routes() -> Value {
    let rule = format!(
        r#"roles = ["admin"], feature_flags = ["a" = "{NAME}"], any(permissions = ["p"], billing_entitlements = ["{NAME}"])"#
    );
    json!([
        route("GET", &json!({ "public": HOSTILE })),
        route(HOSTILE, &json!({ "public": HOSTILE })),
        route("PUT", &json!({ "requires": rule })),
        route("POST", &json!({ "requires": rule, "checks": [HOSTILE] })),
    ])
}

fn broken(folder: &Folder) -> Vec<String> {
    let typed =
        |member: &str, value: Value| json!([{ "method": "GET", "path": "/", "public": "x", member: value }]);
    vec![
        folder.file("not-json", format!("{{\"{HOSTILE}")),
        folder.file("foreign", json!({ "format": HOSTILE, "version": 1, "routes": [] }).to_string()),
        folder.matrix("member", &typed(HOSTILE, json!(1))),
        folder.matrix("type", &typed("checks", json!(HOSTILE))),
        folder.matrix("unclear", &json!([route("GET", &json!({}))])),
        folder.matrix("rule", &json!([route(HOSTILE, &json!({ "requires": HOSTILE }))])),
        format!("no/{HOSTILE}"),
    ]
}

fn manifests(folder: &Folder, toml: &str) -> Vec<String> {
    // Some file systems refuse such a name; there the file is simply missing.
    let named = folder.path(HOSTILE);
    let _ = std::fs::write(&named, "[permissions]\n");
    vec![
        folder.file("good.toml", "[permissions]\nunused = \"\"\n[roles.r]\npermissions = []\n"),
        folder.file("section.toml", format!("[{toml}]\na = 1")),
        folder.file("key.toml", format!("[permissions]\n{toml} = {toml}")),
        folder.file("field.toml", format!("[roles.r]\n{toml} = 1\npermissions = [{toml}]")),
        folder.file("flag.toml", format!("[feature_flags]\nf = {{ type = {toml} }}")),
        folder.file("syntax.toml", format!("[permissions\n# {HOSTILE}")),
        named,
        format!("no/{HOSTILE}"),
    ]
}

fn token() -> String {
    let part = |value: Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    let payload =
        json!({ "iss": HOSTILE, "sub": HOSTILE, HOSTILE: HOSTILE, "permissions": [HOSTILE], "exp": 1 });
    format!("{}.{}.x", part(json!({ "alg": HOSTILE, HOSTILE: 1 })), part(payload))
}

fn of_matrices(Files { strict, loose, broken, .. }: &Files) -> Vec<Case> {
    let diff = |before: &str, after: &str, format: &str| {
        case(&[&["access", "diff", before, after, "--format", format]])
    };
    let mut cases = Vec::new();
    for format in ["text", "markdown", "json", "html", HOSTILE] {
        cases.push(case(&[&["access", "show", strict, "--format", format]]));
        cases.push(diff(strict, loose, format));
        cases.push(diff(loose, strict, format));
    }
    for file in broken {
        cases.push(case(&[&["access", "show", file]]));
        cases.push(diff(file, strict, "text"));
        cases.push(diff(strict, file, "text"));
    }
    cases
}

fn of_tokens(Files { strict, broken, .. }: &Files) -> Vec<Case> {
    let explain = |access: &str, route: &str, token: &str| {
        case(&[&["token", "explain", "--access", access, "--route", route, token]])
    };
    let (get, put) = (format!("GET /{HOSTILE}"), format!("PUT /{HOSTILE}"));
    let cases = vec![
        case(&[&["token", "inspect", &token()]]),
        case(&[&["token", "inspect", HOSTILE]]),
        explain(strict, &get, ""),
        explain(strict, &put, &token()),
        explain(strict, &put, HOSTILE),
        explain(strict, &format!("GET /nowhere/{HOSTILE}"), ""),
    ];
    cases.into_iter().chain(broken.iter().map(|file| explain(file, "GET /", ""))).collect()
}

fn of_mint(Files { broken, manifests, .. }: &Files, folder: &Folder) -> Vec<Case> {
    let (key, nowhere) = (folder.path("key"), format!("no/{HOSTILE}"));
    let from = |issuer: &str, audience: &str, more: &[&str]| {
        case(&[&["token", "mint", "--issuer", issuer, "--audience", audience], more])
    };
    let mint = |more: &[&str]| from("https://acme.test", "api", &[&["--key", &key], more].concat());
    let mut cases = vec![
        from(HOSTILE, HOSTILE, &[]),
        from(&nowhere, HOSTILE, &[]),
        from("https://acme.test", HOSTILE, &["--key", &nowhere]),
        from("https://acme.test", "api", &["--key", &broken[0]]),
        mint(&["--jwks", &nowhere]),
        mint(&["--jwks", &broken[0]]),
        mint(&["--subject", HOSTILE, "--org", HOSTILE]),
        mint(&["--flag", &format!("f={HOSTILE}")]),
    ];
    for option in ["--permission", "--role", "--scope", "--flag", "--persona", "--expires-in"] {
        cases.push(mint(&[option, HOSTILE]));
        cases.push(mint(&["--manifest", &manifests[0], option, HOSTILE]));
    }
    cases.extend(manifests.iter().skip(1).map(|file| mint(&["--manifest", file])));
    cases
}

fn of_manifests(Files { strict, broken, manifests, people, .. }: &Files, folder: &Folder) -> Vec<Case> {
    let check = |more: &[&str]| case(&[&["manifest", "check"], more]);
    let dev = |more: &[&str]| case(&[&["dev", "--address", "127.0.0.1:0"], more]);
    let good = &manifests[0];
    let mut cases = vec![check(&[good, "--access", strict]), dev(&["--manifest", &folder.path(HOSTILE)])];
    cases.extend(broken.iter().map(|file| check(&[good, "--access", file])));
    cases.extend(manifests.iter().map(|file| check(&[file])));
    cases.extend(manifests.iter().skip(1).map(|file| dev(&["--manifest", file])));
    cases.extend(people.iter().map(|file| dev(&["--people", file, "--manifest", good])));
    cases.push(case(&[&["dev", "--address", HOSTILE]]));
    cases
}

/// Unknown options and commands, at every place.
fn misused() -> Vec<Case> {
    let mut cases = Vec::new();
    for leaf in leaves(&Arguments::command()) {
        let words: Vec<&str> = leaf.split(' ').collect();
        cases.push(case(&[&words, &[&format!("--{HOSTILE}")]]));
        cases.push(case(&[&words, &[HOSTILE; 4]]));
        cases.push(case(&[words.split_last().unwrap().1, &[HOSTILE]]));
    }
    cases
}
