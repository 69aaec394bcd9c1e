//! The row that answers a request.

use proptest::prelude::*;

use super::super::pattern::Pattern;
use super::*;

fn rows<'a>(rows: impl IntoIterator<Item = &'a str>) -> AccessMatrix {
    let row = |row: &str| {
        let (method, path) = row.split_once(' ').unwrap();
        Route::new(method, path, Access::Public("a test".to_owned()))
    };
    rows.into_iter().map(row).collect()
}

fn answer(matrix: &AccessMatrix, method: &str, path: &str) -> String {
    match matrix.matcher().answer(method, path) {
        RouteMatch::Route(route) => route.to_string(),
        RouteMatch::MethodNotAllowed => "405".to_owned(),
        RouteMatch::NotFound => "404".to_owned(),
    }
}

#[test]
fn a_request_is_answered_by_the_row_that_axum_would_choose() {
    let matrix = rows([
        "GET /a/{id}",
        "ANY /a/{id}",
        "GET /a/new",
        "OTHER /a/new",
        "GET /b",
        "HEAD /b",
        "ANY /files/{*}",
        "GET /files/x/{y}",
        "ANY /slash//{*}",
        "ANY /nested/*",
        "ANY /nested-slash//*",
        "GET /nested/{id}/x",
        "ANY /*",
    ]);
    for (method, path, row) in [
        ("GET", "/a/1", "GET /a/{id}"),
        ("HEAD", "/a/1", "GET /a/{id}"),
        ("ANY", "/a/1", "ANY /a/{id}"),
        ("PURGE", "/a/1", "ANY /a/{id}"),
        ("GET", "/a/new", "GET /a/new"),
        ("POST", "/a/new", "OTHER /a/new"),
        ("OTHER", "/a/new", "OTHER /a/new"),
        ("HEAD", "/b", "HEAD /b"),
        // A path that is there is not looked for elsewhere.
        ("POST", "/b", "405"),
        ("GET", "/b/", "ANY /*"),
        ("GET", "/files", "ANY /files/{*}"),
        ("GET", "/files/", "ANY /files/{*}"),
        ("GET", "/files/x/y/z", "ANY /files/{*}"),
        ("POST", "/files/x/y", "405"),
        ("GET", "/slash", "ANY /*"),
        ("GET", "/slash/", "ANY /slash//{*}"),
        ("GET", "/slash/a", "ANY /slash//{*}"),
        ("GET", "/nested", "ANY /nested/*"),
        ("GET", "/nested/", "ANY /*"),
        ("GET", "/nested/1", "ANY /nested/*"),
        ("GET", "/nested/1/x", "GET /nested/{id}/x"),
        ("GET", "/nested-slash", "ANY /*"),
        ("GET", "/nested-slash/", "ANY /nested-slash//*"),
        ("OPTIONS", "*", "ANY /*"),
        ("CONNECT", "", "ANY /*"),
    ] {
        assert_eq!(answer(&matrix, method, path), row, "{method} {path}");
    }
    assert!(matrix.matcher().shadowed().is_empty());
}

#[test]
fn without_a_root_fallback_an_unknown_path_has_no_row() {
    let matrix = rows(["GET /a", "ANY /b/*"]);
    for path in ["/", "/x", "/b/", "*", ""] {
        assert_eq!(answer(&matrix, "GET", path), "404", "{path}");
    }
}

#[test]
fn a_row_whose_requests_other_rows_answer_is_shadowed() {
    let shadowed = |matrix: AccessMatrix| -> Vec<_> {
        matrix.matcher().shadowed().iter().map(ToString::to_string).collect()
    };
    let paths = rows(["GET /a", "ANY /a/{*x}", "ANY /a/*", "ANY /b/{*x}", "ANY /b/*"]);
    assert_eq!(shadowed(paths), ["ANY /a/*"]);
    assert_eq!(shadowed(rows(["ANY /b", "OTHER /b", "GET /c", "OTHER /c"])), ["OTHER /b"]);
    // The root's fallback is left with `OPTIONS *`.
    assert!(shadowed(rows(["ANY /", "ANY /{*x}", "ANY /*"])).is_empty());
}

#[test]
fn of_rows_that_no_router_can_have_together_the_first_answers() {
    let many = format!("GET {}", "/{a}".repeat(26));
    let matrix = rows([
        "GET /a",
        "GET /a",
        "GET /{a}",
        "GET /{*b}",
        "GET x",
        "GET /{",
        "GET /{a}b",
        "OTHER /*",
        &many,
    ]);
    assert_eq!(answer(&matrix, "GET", "/a"), "GET /a");
    assert_eq!(answer(&matrix, "GET", "/b"), "GET /{*b}");
}

proptest! {
    /// `matchit` accepts every parsed pattern, and the samples of a pattern match it.
    #[test]
    fn any_text_is_a_pattern_or_none(text in "(/|[{}*a]){0,20}") {
        if let Some(pattern) = Pattern::parse(&text) {
            let mut router = matchit::Router::new();
            prop_assert!(router.insert(pattern.to_string(), ()).is_ok(), "{}", pattern);
            for path in pattern.requests('~', 3) {
                prop_assert!(router.at(&path).is_ok(), "{} as {}", pattern, path);
            }
            prop_assert!(matchit::Router::new().insert(&text, ()).is_ok(), "{}", text);
        } else if text.starts_with('/') {
            prop_assert!(matchit::Router::new().insert(&text, ()).is_err(), "{}", text);
        }
    }
}
