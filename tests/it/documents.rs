//! Each test that SECURITY.md or `how-others-failed.md` names must exist: the test reads the code spans of both documents
//! and looks for a file, module or function of that name.

use std::fs;
use std::path::{Path, PathBuf};

const DOCUMENTS: [&str; 2] = ["SECURITY.md", "kinde-perms/docs/how-others-failed.md"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Returns the code spans of a document, with `{a,b}` expanded.
fn names(document: &str) -> Vec<String> {
    let text = fs::read_to_string(root().join(document)).unwrap();
    let code = text.split('`').skip(1).step_by(2).map(str::to_owned);
    code.flat_map(|name| match (name.split_once('{'), name.split_once('}')) {
        (Some((before, _)), Some((inside, after))) => {
            let all = inside.trim_start_matches(before).trim_start_matches('{').split(',');
            all.map(|one| format!("{before}{one}{after}")).collect()
        }
        _ => vec![name],
    })
    .collect()
}

/// Returns the text of a file, or of all files below a folder.
fn text_below(path: &Path) -> String {
    if path.is_dir() {
        return fs::read_dir(path).unwrap().map(|entry| text_below(&entry.unwrap().path())).collect();
    }
    fs::read_to_string(path).unwrap_or_default()
}

fn has_function(path: &Path, name: &str) -> bool {
    text_below(path).contains(&format!("fn {name}("))
}

/// Returns `true` if `name` is a path in the repository, optionally with `::` and a function in it.
fn is_path(name: &str) -> bool {
    let (path, function) = name.split_once("::").unwrap_or((name, ""));
    let path = root().join(path);
    path.exists() && (function.is_empty() || has_function(&path, function))
}

/// Returns `true` if `name` is a module of the library, optionally with `::` and a function in it.
fn is_module(name: &str) -> bool {
    let source = root().join("kinde-perms/src");
    let places = |module: &str| {
        let path = source.join(module.replace("::", "/"));
        [path.with_extension("rs"), path.join("mod.rs"), path]
    };
    let parent = name.rsplit_once("::").map_or("", |(parent, _)| parent);
    let last = name.rsplit("::").next().unwrap_or_default();
    // A module `tests` may be inline in the file that it tests.
    let owner = parent.trim_end_matches("::tests");
    places(name).iter().any(|place| place.exists())
        || places(parent)
            .iter()
            .chain(&places(owner))
            .any(|place| place.exists() && has_function(place, last))
        || (last == "tests" && places(parent).iter().any(|place| text_below(place).contains("mod tests")))
}

#[test]
fn every_test_that_a_document_names_exists() {
    for document in DOCUMENTS {
        let all = names(document);
        let tests: Vec<&String> = all
            .iter()
            .filter(|name| name.contains("tests/") || name.contains("fuzz/") || name.contains("::"))
            .filter(|name| !name.starts_with("manual::") && !name.starts_with(char::is_uppercase))
            .collect();
        assert!(tests.len() > 20, "{document} names tests");
        let missing: Vec<_> = tests.into_iter().filter(|name| !is_path(name) && !is_module(name)).collect();
        assert!(missing.is_empty(), "{document}: {missing:#?}");
    }
}

#[test]
fn every_place_in_the_table_of_tests_exists() {
    let text = fs::read_to_string(root().join("CONTRIBUTING.md")).unwrap();
    let rows =
        text.lines().skip_while(|line| *line != "| subject | tests |").take_while(|line| !line.is_empty());
    let cells: Vec<&str> = rows.skip(2).filter_map(|row| row.split(" | ").last()).collect();
    let places: Vec<&str> = cells.iter().flat_map(|cell| cell.split('`').skip(1).step_by(2)).collect();
    assert!(places.len() > 40, "the table was found");
    let missing: Vec<_> = places.into_iter().filter(|place| !root().join(place).exists()).collect();
    assert!(missing.is_empty(), "CONTRIBUTING.md: {missing:#?}");
}
