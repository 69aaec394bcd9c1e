//! Valid and invalid manifests, and rules that are compared with them.

use std::fs;
use std::path::{Path, PathBuf};

use kinde_perms_policy::Kind;
use proc_macro2::TokenStream;
use quote::quote;

use super::constants;
use super::{Catalog, writable};
use crate::{function, requirement};
use kinde_perms_policy::kinde_toml::find::{FoundManifest, search};
use kinde_perms_policy::kinde_toml::model::{ManifestFile, Position};
use kinde_perms_policy::kinde_toml::names::constant_name;
use kinde_perms_policy::kinde_toml::{read, words};

fn catalog(text: &str) -> Catalog {
    let (path, shown) = ("/p/kinde.toml".to_owned(), "kinde.toml".to_owned());
    Catalog::read(Ok(Some(FoundManifest { path, shown, text: text.to_owned() })))
}

fn reading(text: &str) -> ManifestFile {
    read::read(text, writable).unwrap()
}

const TODOS: &str = r#"
[permissions]
"create:todos" = "Can create new todo items"
"read:todos" = ""

[roles]
guest = "Just looks"
[roles.editor]
permissions = ["create:todos"]

[feature_flags]
beta = "New"
seats = { description = "How many", type = "integer" }

[entitlements]
"Pro plan" = "All of it"
"#;

#[test]
fn a_manifest_is_read_in_its_order() {
    let manifest = reading(TODOS);
    assert_eq!(manifest.keys(Kind::Permissions), ["create:todos", "read:todos"]);
    assert_eq!(manifest.keys(Kind::Roles), ["guest", "editor"]);
    assert_eq!(manifest.keys(Kind::Entitlements), ["Pro plan"]);
    let editor = manifest.find(Kind::Roles, "editor").unwrap();
    assert_eq!(
        (editor.at, editor.permissions[0].key.as_str()),
        (Position { line: 8, column: 8 }, "create:todos")
    );
    assert_eq!(editor.permissions[0].at, Position { line: 9, column: 16 });
    assert!(manifest.must_declare(Kind::Permissions) && !manifest.must_declare(Kind::Scopes));
    assert!(reading("[scopes]").must_declare(Kind::Scopes));
    assert!(reading("").must_declare(Kind::Roles), "no section, no such key");
}

#[test]
fn every_mistake_says_its_line() {
    let cases = [
        ("[permissions\n", "1: unclosed table, expected `]`"),
        ("\n[permissions]\na = \"x\"\na = \"y\"", "4: duplicate key"),
        ("[permission]", "1: unknown section `permission`; did you mean `permissions`?"),
        ("\nroles = [\"admin\"]", "2: `roles` is a section: write `[roles]`"),
        (
            "[permissions]\na = 5",
            "2: say what the permission `a` is for, as a string, or as a table of description",
        ),
        (
            "[roles]\nadmin = [\"a\"]",
            "2: say what the role `admin` is for, as a string, or as a table of description and permissions",
        ),
        (
            "[permissions]\na = { desc = \"x\" }",
            "2: a permission has no `desc`, only `description`; if the key is `a.desc`, put it in quotation marks",
        ),
        (
            "[permissions]\nread.todos = \"x\"",
            "2: a permission has no `todos`, only `description`; if the key is `read.todos`, put it in quotation marks",
        ),
        ("[permissions]\na.description = 1", "2: `description` is a string"),
        ("[permissions]\n\"\" = \"x\"", "2: a permission is not empty and has no control characters"),
        ("[permissions]\n\"a\\nb\" = \"x\"", "2: a permission is not empty and has no control characters"),
        ("[roles.a]\npermissions = \"x\"", "2: `permissions` is a list of permission keys"),
        ("[roles.a]\npermissions = [\n1]", "3: a permission is a string"),
        ("[roles.a]\npermission = []", "2: a role has no `permission`; did you mean `permissions`?"),
        (
            "[permissions]\n\"read:todos\" = \"\"\n[roles.a]\npermissions = [\n\"read:todo\"]",
            "5: the role `a` bundles `read:todo`, which `[permissions]` does not declare; did you mean `read:todos`?",
        ),
        (
            "[roles.a]\npermissions = [\"read:todo\"]",
            "2: the role `a` bundles `read:todo`, which `[permissions]` does not declare; declare it there",
        ),
        (
            "[permissions]\na = \"\"\n[roles.r]\npermissions = [\"a\", \"a\"]",
            "4: the role `r` lists `a` twice",
        ),
        (
            "[feature_flags]\na = { type = \"bool\" }",
            "2: unknown flag type `bool`; known are `boolean`, `integer`, `string`",
        ),
        ("[feature_flags]\na = { type = true }", "2: `type` is a string"),
    ];
    for (text, expected) in cases {
        assert_eq!(catalog(text).faults, [format!("kinde.toml:{expected}")], "{text}");
    }
    let sections: Vec<_> =
        Kind::in_manifest().filter_map(Kind::section).map(|section| section.name).collect();
    let unknown = format!("kinde.toml:1: unknown section `users`; known are {}", words::listed(&sections));
    assert_eq!(catalog("[users]").faults, [unknown]);
    let kindes = ["permissions", "roles", "feature_flags", "entitlements", "scopes"];
    assert!(kindes.iter().all(|section| sections.contains(section)), "{sections:?}");
    let several = catalog("[flags]\n[roles.a]\npermissions = [1]\n[permissions]\nb = 1").faults;
    assert_eq!(several.len(), 3, "{several:?}");
}

#[test]
fn names_of_constants() {
    let cases = [
        ("create:todos", "CREATE_TODOS"),
        ("darkMode", "DARK_MODE"),
        ("is_dark-mode", "IS_DARK_MODE"),
        ("Pro plan", "PRO_PLAN"),
        ("v2Beta", "V2_BETA"),
        ("HTTPServer", "HTTPSERVER"),
        ("2fa", "KEY_2FA"),
        ("::", "KEY___"),
        ("type", "TYPE"),
        ("größe", "GR__E"),
    ];
    for (key, expected) in cases {
        assert_eq!(constant_name(key), expected);
        syn::parse_str::<syn::Ident>(expected).unwrap();
    }
}

fn expansion(catalog: &Catalog) -> String {
    constants::expand(TokenStream::new(), catalog).to_string()
}

#[test]
fn constants_are_documented_and_judged() {
    let all = expansion(&catalog(TODOS));
    assert!(!all.contains("compile_error"), "{all}");
    assert!(all.contains(
        "# [doc = \"Can create new todo items (`create:todos`)\"] pub const CREATE_TODOS : & str = \
         :: kinde_perms :: __private :: manifest_key (:: kinde_perms :: __private :: Kind :: Permissions , \"create:todos\" , \"kinde.toml:3: the permission `create:todos`\") ;"
    ), "{all}");
    assert!(all.contains("# [doc = \"The permission `read:todos`.\"]"), "{all}");
    assert!(
        all.contains(
            "Kind :: Entitlements , \"Pro plan\" , \"kinde.toml:16: the entitlement `Pro plan`\") ;"
        ),
        "{all}"
    );
    assert!(
        all.contains(
            ":: kinde_perms :: policy :: ManifestRole :: new (\"editor\" , \"\" , & [\"create:todos\"])"
        ),
        "{all}"
    );
    assert!(all.contains("include_bytes ! (\"/p/kinde.toml\")"), "{all}");
}

#[test]
fn two_keys_of_one_constant_are_refused() {
    let text =
        "[permissions]\n\"create:todos\" = \"\"\n\"create.todos\" = \"\"\n[roles]\n\"create:todos\" = \"\"";
    let refused = expansion(&catalog(text));
    assert!(
        refused.contains(
            "kinde.toml:3: the permission `create.todos` would be the constant `CREATE_TODOS`, as `create:todos` \
             of line 2 is: rename one of them in Kinde"
        ),
        "{refused}"
    );
    assert_eq!(refused.matches("compile_error").count(), 1);
    assert!(!refused.contains("pub const"));
}

#[test]
fn constants_need_a_manifest() {
    let missing = expansion(&Catalog::default());
    assert!(missing.contains("compile_error") && missing.contains("there is no kinde.toml"), "{missing}");
}

fn handler(rule: TokenStream, catalog: &Catalog) -> String {
    let item = quote!(
        async fn handler() {}
    );
    function::requires(rule, &item, catalog).to_string()
}

#[test]
fn undeclared_literals_are_reported_and_constants_are_left_to_the_compiler() {
    let catalog = catalog(TODOS);
    let declared = handler(quote!(permissions = ["create:todos"], scopes = ["any"], org = "org_1"), &catalog);
    assert!(!declared.contains("compile_error") && !declared.contains("declared"), "{declared}");
    let undeclared = handler(quote!(permissions = ["create todos"]), &catalog);
    assert!(undeclared.contains("unknown permission `create todos`; did you mean `create:todos`?"));
    assert!(!undeclared.contains("checked_key"), "one message: {undeclared}");
    let constant = handler(quote!(permissions = [KEY]), &catalog);
    assert!(constant.contains("declared (checked_key ("), "{constant}");
    assert!(
        constant.contains("\"permission\" , \"create:todos\\nread:todos\" , \"kinde.toml\""),
        "{constant}"
    );
}

#[test]
fn a_flag_is_compared_with_its_own_type() {
    let catalog = catalog(TODOS);
    for (rule, fits) in [
        ("feature_flags = [\"seats\" = 5]", true),
        ("feature_flags = [\"seats\" = -1]", true),
        ("feature_flags = [\"beta\"]", true),
        ("feature_flags = [\"seats\" = \"5\"]", false),
        ("feature_flags = [\"seats\" = true]", false),
        ("feature_flags = [\"beta\" = \"x\"]", true),
    ] {
        let expansion = requirement::expand(rule.parse().unwrap(), &catalog).to_string();
        assert_eq!(!expansion.contains("so it never equals"), fits, "{rule}: {expansion}");
    }
}

#[test]
fn a_flag_named_alone_is_a_boolean_and_the_cure_compiles() {
    let catalog = catalog(
        "[feature_flags]\nseats = { type = \"integer\" }\ntheme = { type = \"string\" }\non = { type = \"boolean\" }\nbeta = \"\"",
    );
    let rule = |rule: &str| requirement::expand(rule.parse().unwrap(), &catalog).to_string();
    for fine in ["feature_flags = [\"on\", \"beta\"]", "not(feature_flags = [\"on\"])"] {
        assert!(!rule(fine).contains("compile_error"), "{fine}");
    }
    for (flag, declared) in [("seats", "an integer"), ("theme", "a string")] {
        for wrong in [format!("feature_flags = [{flag:?}]"), format!("not(feature_flags = [{flag:?}])")] {
            let expansion = rule(&wrong);
            let said =
                format!("the feature flag `{flag}` is {declared} in kinde.toml, so it is never `true`");
            assert!(expansion.contains(&said), "{wrong}: {expansion}");
            let cure =
                expansion.split_once("write `").unwrap().1.split_once('`').unwrap().0.replace('\\', "");
            assert!(!rule(&format!("feature_flags = [{cure}]")).contains("compile_error"), "{cure}");
        }
    }
    // Only the compiler knows the value of a constant.
    let bare = rule("feature_flags = [KEY]");
    assert!(bare.contains("of_type (") && bare.contains("\"seats\\ntheme\" , \"a boolean\""), "{bare}");
    let valued = rule("feature_flags = [KEY = 5]");
    assert!(valued.contains("\"theme\\non\" , \"an integer\""), "{valued}");
}

#[test]
fn a_broken_manifest_is_reported_once_and_admits_nobody() {
    let broken = catalog("[a_section_of_this_test]");
    let first = handler(quote!(authenticated), &broken);
    let second = handler(quote!(authenticated), &broken);
    assert!(first.contains("kinde.toml:1: unknown section `a_section_of_this_test`"), "{first}");
    assert!(!second.contains("compile_error"), "{second}");
    for expansion in [first, second] {
        assert!(expansion.contains("Node :: Any (& [])"), "{expansion}");
    }
}

/// An empty temporary folder, removed when dropped.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("kinde-perms-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn write(&self, file: &str, text: &str) {
        let path = self.0.join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn shown(&self, named: Option<&str>, package: &str) -> Option<String> {
        let found = search(named.map(Path::new), Some(&self.0.join(package))).unwrap();
        found.map(|place| place.shown)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn the_nearest_manifest_up_to_the_workspace_counts() {
    let folder = Folder::new("search");
    folder.write("kinde.toml", "");
    folder.write("w/Cargo.toml", "# [workspace] is below\n[workspace]\n");
    folder.write("w/crates/one/Cargo.toml", "[package]\nname = \"one\"");
    folder.write("alone/Cargo.toml", "[package]\nname = \"alone\"");
    assert_eq!(folder.shown(None, "w/crates/one"), None, "never beyond the workspace");
    assert_eq!(folder.shown(None, "alone"), None, "never beyond a package without one");
    folder.write("w/kinde.toml", "");
    assert_eq!(folder.shown(None, "w/crates/one").as_deref(), Some("kinde.toml"));
    folder.write("w/crates/kinde.toml", "");
    assert_eq!(folder.shown(None, "w/crates/one").as_deref(), Some("crates/kinde.toml"));
    folder.write("w/crates/one/kinde.toml", "x");
    assert_eq!(folder.shown(None, "w/crates/one").as_deref(), Some("kinde.toml"));
    folder.write("w/other.toml", "");
    assert_eq!(folder.shown(Some("other.toml"), "w/crates/one").as_deref(), Some("other.toml"));
    let absolute = folder.0.join("kinde.toml");
    let shown = folder.shown(absolute.to_str(), "w/crates/one");
    assert_eq!(shown.as_deref(), absolute.to_str(), "in full, as it is outside");
}

#[test]
fn a_named_manifest_must_be_there_and_be_text() {
    let folder = Folder::new("named");
    let missing = search(Some(Path::new("no.toml")), Some(&folder.0)).unwrap_err();
    assert!(missing.starts_with("`KINDE_PERMS_MANIFEST` names `"), "{missing}");
    assert!(missing.ends_with("no.toml`, and there is no such file"), "{missing}");
    fs::write(folder.0.join("kinde.toml"), b"\xff").unwrap();
    assert_eq!(search(None, Some(&folder.0)).unwrap_err(), "kinde.toml is not UTF-8");
    assert_eq!(search(None, None), Ok(None));
}
