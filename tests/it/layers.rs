//! The layer rule of ARCHITECTURE.md, read off the imports. `circles` finds modules that import each other.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Lower layers know nothing of higher ones; modules of one row may know each other.
const LAYERS: [&[&str]; 6] = [
    &["json", "meter", "time", "claims", "policy"],
    &["access", "token"],
    &["jwks", "account"],
    &["audit", "rejection", "validator"],
    &["edge"],
    &["extract", "routing", "tower"],
];

/// Modules that are pure: no waiting, no I/O, no clock, nothing of HTTP or of logging.
const PURE: [&str; 7] =
    ["access", "json", "claims", "token", "jwks/document", "jwks/schedule", "account/breaker"];

/// What a pure module must not name.
const IMPURE: [&str; 9] =
    ["async ", ".await", "tokio", "std::net", "std::fs", "tracing", "http::", "SystemTime", "Instant"];

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../kinde-perms/src")
}

fn policy_source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/policy/src")
}

fn files() -> Vec<(String, String)> {
    files_of(&source())
}

/// Every source file of a crate but the tests, by its path below `src`.
fn files_of(source: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut folders = vec![source.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(source).unwrap().to_str().unwrap().replace('\\', "/");
            if name.contains("tests") {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
                found.push((name, code.to_owned()));
            }
        }
    }
    assert!(found.len() > 20, "the sources were found");
    found
}

fn module_of(file: &str) -> &str {
    file.split(['/', '.']).next().unwrap_or_default()
}

fn layer_of(module: &str) -> Option<usize> {
    LAYERS.iter().position(|layer| layer.contains(&module))
}

/// Names that the crate root re-exports, and the module each comes from.
fn root_names() -> HashMap<String, String> {
    let root = fs::read_to_string(source().join("lib.rs")).unwrap();
    let mut names = HashMap::new();
    for statement in root.split(';') {
        let Some(path) = statement.split("pub use self::").nth(1) else { continue };
        let (module, list) = path.split_once("::").unwrap();
        for name in list.trim_matches(['{', '}']).split(',') {
            names.insert(name.trim_matches(['{', '}', ' ', '\n']).to_owned(), module.to_owned());
        }
    }
    assert_eq!(names.get("Claims").map(String::as_str), Some("claims"));
    names
}

/// The modules that a file names by `crate::…`, through the root's re-exports too.
fn named_modules(code: &str, root: &HashMap<String, String>) -> Vec<String> {
    let code: String =
        code.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
    let mut modules = Vec::new();
    for after in code.split("crate::").skip(1) {
        let names = match after.strip_prefix('{') {
            Some(list) => list.split('}').next().unwrap_or_default(),
            None => after.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default(),
        };
        for name in names.split(',').map(str::trim).filter(|name| !name.is_empty()) {
            let name = name.split("::").next().unwrap_or_default();
            modules.push(root.get(name).cloned().unwrap_or_else(|| name.to_owned()));
        }
    }
    modules
}

#[test]
fn no_module_names_a_higher_layer() {
    let root = root_names();
    let mut wrong = Vec::new();
    for (file, code) in files() {
        let Some(layer) = layer_of(module_of(&file)) else { continue };
        for module in named_modules(&code, &root) {
            if layer_of(&module).is_some_and(|named| named > layer) {
                wrong.push(format!("{file} names {module}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_module_has_a_layer() {
    for (file, _) in files() {
        let module = module_of(&file);
        assert!(
            layer_of(module).is_some() || ["lib", "__crates", "__private", "manual"].contains(&module),
            "{file} has no layer"
        );
    }
}

#[test]
fn pure_modules_stay_pure() {
    let mut wrong = Vec::new();
    let is_pure = |file: &str| {
        PURE.iter().any(|pure| file.starts_with(&format!("{pure}/")) || file == format!("{pure}.rs"))
    };
    // Rules are pure but for what looks for the file that the macros and the program read.
    let rules = files_of(&policy_source()).into_iter().filter(|(file, _)| file != "kinde_toml/find.rs");
    for (file, code) in files().into_iter().filter(|(file, _)| is_pure(file)).chain(rules) {
        // What the compiler is to say to a user may mention anything.
        let said = |line: &str| {
            ["//", "note = ", "#[must_use = "].iter().any(|start| line.trim_start().starts_with(start))
        };
        for line in code.lines().filter(|line| !said(line)) {
            wrong.extend(
                IMPURE
                    .iter()
                    .filter(|word| line.contains(*word))
                    .map(|word| format!("{file}: {word}: {line}")),
            );
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn each_foreign_library_is_named_in_one_place() {
    let naming = |word: &str, apart_from: &[&str]| {
        let mut files: Vec<_> =
            files().into_iter().filter(|(_, code)| code.contains(word)).map(|(file, _)| file).collect();
        files.retain(|file| !apart_from.iter().any(|apart| file.starts_with(apart)));
        files
    };
    // The HTTP client's TLS names its provider.
    assert_eq!(naming("aws_lc_rs::", &["jwks/http"]), ["token/signature.rs"]);
    assert_eq!(naming("jsonwebtoken::", &[]), ["jwks/document.rs"]);
    assert_eq!(naming("reqwest::", &["jwks/http"]), [""; 0]);
    assert_eq!(naming("SystemTime::now", &[]), ["time.rs"]);
}
