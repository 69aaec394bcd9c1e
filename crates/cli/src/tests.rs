//! The commands, from arguments to output.

mod dev;
mod hostile;
mod mint;

use std::path::PathBuf;

use clap::{CommandFactory as _, Parser as _};
use kinde_perms::access::{Access, AccessMatrix, Catalogue, Route};
use kinde_perms_testkit::Offline;

use super::*;
use crate::declared::Declared;
use kinde_perms::policy::Kind;

fn matrix(rule: &str) -> AccessMatrix {
    let routes = [
        Route::new("DELETE", "/todos/{id}", Access::Guarded(rule.parse().unwrap())),
        Route::new("GET", "/health", Access::Public("probes".to_owned())),
    ];
    let roles = Catalogue::new().role("editor", ["delete:todos"]).role("admin", ["delete:todos"]);
    routes.into_iter().collect::<AccessMatrix>().with_catalogue(roles)
}

/// A matrix on disk, deleted on drop.
struct File(PathBuf);

impl File {
    fn new(name: &str, rule: &str) -> Self {
        Self::of(name, &matrix(rule))
    }

    fn of(name: &str, matrix: &AccessMatrix) -> Self {
        let path = std::env::temp_dir().join(format!("kinde-perms-cli-{}-{name}.json", std::process::id()));
        std::fs::write(&path, matrix.to_json()).unwrap();
        Self(path)
    }

    fn toml(name: &str, text: &str) -> Self {
        let path = std::env::temp_dir().join(format!("kinde-perms-cli-{}-{name}.toml", std::process::id()));
        std::fs::write(&path, text).unwrap();
        Self(path)
    }

    fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }
}

impl Drop for File {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

fn ask(arguments: &[&str]) -> Result<Output, Failure> {
    shown_on(Terminal::default(), arguments)
}

fn shown_on(terminal: Terminal, arguments: &[&str]) -> Result<Output, Failure> {
    run(&Arguments::try_parse_from([&["kinde-perms"], arguments].concat()).unwrap(), terminal, &|_| ())
}

const TODOS: &str = r#"
[permissions]
"create:todos" = "Can create new todo items"
"read:todos" = ""
[roles.editor]
permissions = ["create:todos"]
[entitlements]
"Pro plan" = "All of it"
"#;

const STRICT: &str = r#"permissions = ["delete:todos"], roles = ["admin"]"#;
const LOOSE: &str = r#"permissions = ["delete:todos"]"#;

#[test]
fn the_arguments_are_well_formed() {
    Arguments::command().debug_assert();
}

#[test]
fn a_diff_that_grants_access_exits_with_1() {
    let (strict, loose) = (File::new("strict", STRICT), File::new("loose", LOOSE));
    let widened = ask(&["access", "diff", strict.path(), loose.path()]).unwrap();
    assert_eq!(widened.status, 1);
    assert!(widened.text.contains("gained  role editor"), "{}", widened.text);
    assert_eq!(ask(&["access", "diff", loose.path(), strict.path()]).unwrap().status, 0);
    let json = ask(&["--json", "access", "diff", strict.path(), loose.path()]).unwrap().text;
    assert_eq!(serde_json::from_str::<serde_json::Value>(&json).unwrap()["grants_access"], true);
    let shown = ask(&["access", "show", strict.path()]).unwrap();
    assert_eq!(shown, Output::new(matrix(STRICT).to_string(), false));
}

#[test]
fn a_token_is_explained_with_the_roles_that_would_do() {
    let (file, kinde) = (File::new("explain", STRICT), Offline::new());
    let explain = |route: &str, token: &str| {
        ask(&["token", "explain", "--access", file.path(), "--route", route, token]).unwrap()
    };
    let editor = kinde.token().permission("delete:todos").role("editor").sign();
    let refused = explain("delete /todos/17", &editor);
    assert_eq!(refused.status, 1);
    for part in
        ["DELETE /todos/{id}: 403", "token lacks role `admin`", "roles that would do: admin", "NOT VERIFIED"]
    {
        assert!(refused.text.contains(part), "{}", refused.text);
    }
    let admin = kinde.token().permission("delete:todos").role("admin");
    assert_eq!(explain("DELETE /todos/{id}", &admin.clone().sign()).status, 0);
    assert!(explain("DELETE /todos/{id}", &admin.expired().sign()).text.contains(": 401"));
    assert!(explain("DELETE /todos/{id}", "garbage").text.contains(": 401"));
    assert!(explain("GET /health", "").text.contains("everyone may call it: probes"));
}

#[test]
fn explain_finds_the_route_that_answers_the_request() {
    let row = |name: &str| {
        let (method, path) = name.split_once(' ').unwrap();
        Route::new(method, path, Access::Public("a test".to_owned()))
    };
    let rows =
        ["GET /a/{id}", "OTHER /a/{id}", "GET /a/new", "ANY /files/{*}", "GET /tail/{*rest}", "ANY /x/*"];
    let file = File::of("answer", &rows.into_iter().map(row).collect());
    let explain = |route: &str| ask(&["token", "explain", "--access", file.path(), "--route", route, ""]);
    for (asked, row) in [
        ("get /a/new?page=1", "GET /a/new"),
        ("HEAD /a/1", "GET /a/{id}"),
        ("PUT /a/1", "OTHER /a/{id}"),
        ("PUT /files", "ANY /files/{*}"),
        ("PUT /files/a/b", "ANY /files/{*}"),
        ("GET /tail/a/b", "GET /tail/{*rest}"),
        ("GET /x/y", "ANY /x/*"),
    ] {
        let text = explain(asked).unwrap().text;
        assert!(text.contains(&format!("\n{row}: 200\n")), "{asked}: {text}");
    }
    // A route's own pattern finds it, too.
    for row in rows {
        assert!(explain(row).unwrap().text.contains(&format!("\n{row}: 200\n")), "{row}");
    }
    for nobody in ["PUT /a/new", "GET /tail", "GET /x/", "GET /"] {
        assert!(explain(nobody).is_err(), "{nobody}");
    }
}

#[test]
fn a_flag_of_another_type_is_explained() {
    let (file, kinde) = (File::new("flag", r#"not(feature_flags = ["frozen"])"#), Offline::new());
    let explain = |value: serde_json::Value| {
        let token = kinde.token().feature_flag("frozen", value).sign();
        ask(&["token", "explain", "--access", file.path(), "--route", "DELETE /todos/17", &token]).unwrap()
    };
    assert_eq!(explain(false.into()).status, 0);
    let unknown = explain("no".into());
    assert_eq!(unknown.status, 1);
    assert!(
        unknown.text.contains("reason: token has another type of value for feature flag `frozen`"),
        "{}",
        unknown.text
    );
}

#[test]
fn a_token_is_shown_and_marked_as_unverified() {
    let token = Offline::new().token().subject("kp_7").sign();
    let text = ask(&["token", "inspect", &token]).unwrap().text;
    assert!(text.starts_with("NOT VERIFIED") && text.contains("\"sub\": \"kp_7\""), "{text}");
    let json = ask(&["token", "inspect", "--json", &token]).unwrap().text;
    assert_eq!(serde_json::from_str::<serde_json::Value>(&json).unwrap()["verified"], false);
    assert!(ask(&["token", "inspect", "a.b"]).is_err());
}

#[test]
fn an_unreadable_input_is_named_with_the_cure() {
    let Err(Failure { message, .. }) = ask(&["access", "show", "no/such/file"]) else { panic!() };
    assert!(
        message.starts_with("no/such/file: ") && message.contains("router.access().to_json()"),
        "{message}"
    );
    let file = File::new("routes", LOOSE);
    let Err(Failure { message, .. }) =
        ask(&["token", "explain", "--access", file.path(), "--route", "GET /nowhere", "x"])
    else {
        panic!()
    };
    assert!(message.contains("`kinde-perms access show` lists them"), "{message}");
}

#[test]
fn a_manifest_is_read_at_run_time() {
    let file = File::toml("todos", TODOS);
    let declared = Declared::open(Some(&file.0)).unwrap();
    let expected = Catalogue::new().role("editor", ["create:todos"]).permission("read:todos");
    assert_eq!(declared.catalogue(), expected);
}

#[test]
fn every_fault_of_a_manifest_is_reported_with_its_position() {
    let text = "[permissions]\n\"create todos\" = \"\"\n\"\" = 1\n  \"a\\nb\" = \"\"\n[roles]\n\"ä\" = { permissions = [\"zz:top\"] }";
    let file = File::toml("faulty", text);
    let Failure { message, .. } = Failure::from(Declared::open(Some(&file.0)).unwrap_err());
    let expected = [
        "2:1: the permission `create todos` contains whitespace: separate words with `:`, `.`, `-` or `_`, and give \
         several keys as several strings",
        "3:1: the permission `` is empty",
        "3:6: say what the permission `` is for, as a string, or as a table of description",
        "4:3: the permission `a\\nb` contains whitespace: separate words with `:`, `.`, `-` or `_`, and give several keys \
         as several strings",
        "6:1: the role `ä` contains a character outside ASCII",
        "6:24: the role `ä` bundles `zz:top`, which `[permissions]` does not declare; declare it there",
    ];
    let expected = expected.map(|fault| format!("{}:{fault}", file.path()));
    assert_eq!(message.lines().collect::<Vec<_>>(), expected);
    let Failure { message: missing, .. } =
        Failure::from(Declared::open(Some("no/such.toml".as_ref())).unwrap_err());
    assert_eq!(missing, "there is no `no/such.toml`");
}

/// Every kind in the table of `kinde-perms-policy` is counted, and missed where a rule asks for it.
#[test]
fn a_manifest_may_declare_every_kind() {
    for kind in Kind::in_manifest() {
        let section = kind.section().unwrap();
        let word = kind.word();
        let toml = File::toml(section.name, &format!("[{}]\nkept = \"\"", section.name));
        let matrix = File::new(section.name, &format!(r#"{word} = ["other"]"#));
        let told = ask(&["manifest", "check", toml.path(), "--access", matrix.path()]).unwrap();
        assert_eq!(told.status, 1, "{}", told.text);
        for line in
            [format!("declares 1 {}\n", section.noun), format!("error: unknown {} `other`;", section.noun)]
        {
            assert!(told.text.contains(&line), "{line}: {}", told.text);
        }
    }
}

#[test]
fn a_manifest_is_compared_with_the_routes() {
    let (toml, matrix) = (File::toml("check", TODOS), File::new("check", STRICT));
    let alone = ask(&["manifest", "check", toml.path()]).unwrap();
    let path = toml.path();
    let alone_text = format!(
        "{path}:4:1: warning: no role bundles the permission `read:todos`: list it under one, or users get it singly\n\
         {path} declares 2 permissions, 1 role, 1 entitlement\n"
    );
    assert_eq!(alone, Output::new(alone_text, false));
    let compared = ask(&["manifest", "check", path, "--access", matrix.path()]).unwrap();
    assert_eq!(compared.status, 1);
    for line in [
        format!("DELETE /todos/{{id}}: error: unknown permission `delete:todos`; did you mean `create:todos`? It is not declared in {path}"),
        format!("DELETE /todos/{{id}}: error: unknown role `admin`; it is not declared in {path}: add it to `[roles]` if it exists in Kinde"),
        format!("{path}:3:1: warning: no route asks for the permission `create:todos`: remove it, or guard what it is for"),
        "DELETE /todos/{id}: warning: no role alone reaches it: users need several roles, or something that no role gives".to_owned(),
    ] {
        assert!(compared.text.contains(&line), "{line}\n---\n{}", compared.text);
    }
    let json = ask(&["--json", "manifest", "check", path, "--access", matrix.path()]).unwrap();
    let json: serde_json::Value = serde_json::from_str(&json.text).unwrap();
    assert_eq!((&json["errors"], &json["remarks"][0]["line"]), (&true.into(), &4.into()));
    assert_eq!(json["remarks"][1]["route"], "DELETE /todos/{id}");
}

#[test]
fn a_faulty_manifest_exits_with_1_and_a_missing_one_fails() {
    let toml = File::toml("bad", "[permission]\n[roles.a]\npermissions = [\"x\"]");
    let path = toml.path();
    let bad = ask(&["manifest", "check", path]).unwrap();
    let text = format!(
        "{path}:1:2: error: unknown section `permission`; did you mean `permissions`?\n\
         {path}:3:16: error: the role `a` bundles `x`, which `[permissions]` does not declare; declare it there\n"
    );
    assert_eq!(bad, Output::new(text, true));
    assert_eq!(
        ask(&["manifest", "check", "no.toml"]),
        Err(Failure::new("there is no `no.toml`").with_file("no.toml"))
    );
    assert!(ask(&["manifest", "check", path, "--access", path]).is_err());
}

#[test]
fn a_flag_of_another_type_is_an_error() {
    let toml = File::toml("flags", "[feature_flags]\nseats = { type = \"integer\" }\nbeta = \"\"");
    let check = |rule| {
        let matrix = File::new("flags", rule);
        ask(&["manifest", "check", toml.path(), "--access", matrix.path()]).unwrap()
    };
    assert_eq!(check(r#"feature_flags = ["seats" = 5, "beta" = "x"]"#).status, 0);
    let mistyped = check(r#"feature_flags = ["seats" = "5"]"#);
    assert!(
        mistyped.status == 1 && mistyped.text.contains("so it never equals a string"),
        "{}",
        mistyped.text
    );
    let alone = check(r#"feature_flags = ["beta", "seats"]"#);
    assert!(alone.status == 1 && alone.text.contains("so it is never `true`"), "{}", alone.text);
}

#[test]
fn only_terminals_get_colors() {
    let terminal = Terminal { colors: true, columns: Some(100) };
    let (strict, loose) = (File::new("dull", STRICT), File::new("bright", LOOSE));
    let toml = File::toml("colors", TODOS);
    let editor = Offline::new().token().permission("delete:todos").role("editor").sign();
    let explain = ["token", "explain", "--access", strict.path(), "--route", "DELETE /todos/1", &editor];
    for (arguments, color) in [
        (&["access", "show", strict.path()][..], "\u{1b}[32myes"),
        (&["access", "diff", strict.path(), loose.path()], "\u{1b}[1m\u{1b}[31mgained  role editor"),
        (&["access", "diff", loose.path(), strict.path()], "\u{1b}[33mlost    role editor"),
        (&explain, ": \u{1b}[1m\u{1b}[31m403\u{1b}[0m\n"),
        (&["manifest", "check", toml.path()], ": \u{1b}[33mwarning\u{1b}[0m: "),
    ] {
        let (shown, plain) = (shown_on(terminal, arguments).unwrap(), ask(arguments).unwrap());
        assert!(shown.text.contains(color), "{arguments:?}: {:?}", shown.text);
        assert_eq!(anstream::adapter::strip_str(&shown.text).to_string(), plain.text, "{arguments:?}");
        let json = [&["--json"], arguments].concat();
        assert_eq!(shown_on(terminal, &json), ask(&json));
    }
    let markdown = ["access", "show", "--format", "markdown", strict.path()];
    assert_eq!(shown_on(terminal, &markdown), ask(&markdown));
}

#[test]
fn a_failure_is_a_line_or_an_object() {
    let missing = ask(&["access", "show", "no/such/file"]).unwrap_err();
    assert!(missing.shown(false, Terminal::default()).starts_with("error: no/such/file: "));
    let colored = missing.shown(false, Terminal { colors: true, columns: None });
    assert!(colored.starts_with("\u{1b}[1m\u{1b}[31merror:\u{1b}[0m no/such/file: "), "{colored:?}");
    let object = missing.shown(true, Terminal { colors: true, columns: None });
    let expected = format!(
        "{}\n",
        serde_json::json!({ "error": { "file": "no/such/file", "message": missing.message } })
    );
    assert_eq!(object, expected);
    let no_token = ask(&["token", "inspect", "a.b"]).unwrap_err();
    let object: serde_json::Value = serde_json::from_str(&no_token.shown(true, Terminal::default())).unwrap();
    assert_eq!(object, serde_json::json!({ "error": { "message": no_token.message } }));
}

#[test]
fn with_json_invalid_arguments_are_a_json_object() {
    for (arguments, json, message) in [
        (&["--json", "access", "shw"][..], true, "unrecognized subcommand 'shw'"),
        (&["token", "mint", "--json"], true, "the following required arguments were not provided"),
        (&["--json=yes", "access"], false, "unexpected value 'yes' for '--json'"),
        (&["access", "shw", "--", "--json"], false, "unrecognized subcommand 'shw'"),
    ] {
        let arguments: Vec<OsString> = ["kinde-perms"].iter().chain(arguments).map(OsString::from).collect();
        assert_eq!(asks_for_json(&arguments), json, "{arguments:?}");
        let failure = misused(&Arguments::try_parse_from(&arguments).unwrap_err());
        assert!(failure.message.starts_with(message), "{failure:?}");
        assert!(!failure.message.contains('\u{1b}'), "{failure:?}");
    }
}
