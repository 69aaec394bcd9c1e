//! Changes of the row that answers a request, where the row itself did not change.

use super::*;

const READ: &str = r#"permissions = ["read"]"#;

/// `METHOD /path: rule`; without a rule the row is public.
fn rows<'a>(rows: impl IntoIterator<Item = &'a str>) -> AccessMatrix {
    let row = |row: &str| {
        let (name, rule) = row.split_once(": ").unwrap_or((row, ""));
        let (method, path) = name.split_once(' ').unwrap();
        let access = match rule {
            "" => Access::Public("a test".to_owned()),
            rule => Access::Guarded(rule.parse().unwrap()),
        };
        Route::new(method, path, access)
    };
    rows.into_iter().map(row).collect()
}

/// The changes as `gained METHOD /path`, `lost …`, or `other …`.
fn changes<'a>(
    before: impl IntoIterator<Item = &'a str>,
    after: impl IntoIterator<Item = &'a str>,
) -> Vec<String> {
    let diff = AccessDiff::between(&rows(before), &rows(after));
    let line = |change: &Change| {
        let kind = match (change.gained(), change.lost()) {
            ([], []) => "other",
            ([], _) => "lost",
            (_, []) => "gained",
            _ => "both",
        };
        format!("{kind} {} {}", change.method(), change.path())
    };
    diff.changes().iter().map(line).collect()
}

#[test]
fn a_method_that_a_fallback_answers_is_compared_on_its_path() {
    let before = ["GET /a", "OTHER /a: authenticated", "GET /b", "OTHER /b: authenticated"];
    let after = ["GET /a", "OTHER /a: authenticated", "GET /b", "OTHER /b"];
    assert_eq!(changes(before, after), ["gained OTHER /b"]);
}

#[test]
fn two_rows_with_one_method_and_path_are_compared_apart() {
    let both = |second| ["OTHER /*: authenticated", second];
    assert_eq!(changes(both("OTHER /*: authenticated"), both("OTHER /*")), ["gained OTHER /*"]);
    assert!(changes(both("OTHER /*"), both("OTHER /*")).is_empty());
    let both = |second| ["GET /a: authenticated", second];
    assert_eq!(changes(both("GET /a: authenticated"), both("GET /a")), ["lost GET /a", "gained GET /a"]);
}

#[test]
fn a_removed_guarded_route_leaves_its_requests_to_the_wider_row() {
    let guarded = format!("DELETE /a/{{id}}: {READ}");
    // All other methods were 405.
    let both = |path: &str, who: &str| [format!("{who} DELETE {path}"), format!("{who} ANY {path}")];
    for below in ["ANY /{*rest}", "ANY /a/{*}", "ANY /a/*", "ANY /*", "ANY /a/{*rest}"] {
        // Axum takes no tail beside a parameter.
        let guarded = if below.contains("/a/{") { guarded.replace("{id}", "b") } else { guarded.clone() };
        let path = guarded.split([' ', ':']).nth(1).unwrap();
        assert_eq!(changes([&*guarded, below], [below]), both(path, "gained"), "{below}");
        assert_eq!(changes([below], [&*guarded, below]), both(path, "lost"), "{below}");
    }
}

#[test]
fn a_route_that_a_public_one_now_hides_is_a_gain() {
    // Nothing of the guarded row itself has changed.
    assert_eq!(
        changes(["GET /a/{id}: authenticated"], ["GET /a/{id}: authenticated", "GET /a/me"]),
        ["gained GET /a/me"]
    );
    assert_eq!(
        changes(["ANY /a/*: authenticated"], ["ANY /a/*: authenticated", "ANY /a/{*}"]),
        // No row had `/a/` before.
        ["gained ANY /a/{*}", "gained ANY /a/*"]
    );
    assert_eq!(changes(["ANY /a: authenticated"], ["ANY /a: authenticated", "HEAD /a"]), ["gained HEAD /a"]);
    // Neither pattern contains the other, so their intersection is named.
    assert_eq!(
        changes(["GET /{x}/b: authenticated"], ["GET /{x}/b: authenticated", "GET /a/{y}", "POST /a/b"]),
        ["lost GET /a/b", "gained POST /a/b", "gained GET /a/{y}"]
    );
}

#[test]
fn a_class_is_named_by_paths_of_its_own() {
    // The intersection contains `/v{x}/a`, which another route has.
    let before = ["ANY /v{x}/a", "ANY /{x}/a/{*}: authenticated"];
    let after = ["ANY /v{x}/a", "ANY /v{x}/*"];
    assert_eq!(
        changes(before, after),
        ["gained ANY /v{_}/a/{*_}", "lost ANY /{x}/a/{*}", "gained ANY /v{x}/*"]
    );
}

#[test]
fn a_head_request_is_served_by_get_and_compared_as_such() {
    let get = format!("GET /a: {READ}");
    let head = format!("HEAD /a: {READ}");
    assert!(changes([&*get], [&*get, &head]).is_empty());
    assert_eq!(changes([&*get, "HEAD /a"], [&*get]), ["lost HEAD /a"]);
    assert_eq!(changes([&*get, &head], [&*get, "HEAD /a"]), ["gained HEAD /a"]);
}

#[test]
fn requests_that_no_row_names_have_changes_too() {
    // A method that only the fallback of the method has.
    assert_eq!(
        changes(["GET /a: authenticated"], ["GET /a: authenticated", "OTHER /a"]),
        ["gained OTHER /a"]
    );
    // A path that only is left over.
    assert_eq!(changes(["ANY /a/*: authenticated", "ANY /*"], ["ANY /*"]), ["gained ANY /a/*"]);
    assert_eq!(
        changes(["ANY /a/{*}: authenticated", "ANY /*"], ["ANY /a/*: authenticated", "ANY /*"]),
        ["gained ANY /a/{*}"]
    );
    assert_eq!(changes(["ANY /a/{*}: authenticated"], ["ANY /a//{*}: authenticated"]), ["lost ANY /a/{*}"]);
    // Paths longer than any route, with routes for all that are shorter.
    let below: Vec<_> = ["", "/{a}", "/{a}/", "/{a}/{b}", "/{a}/{b}/", "/{a}/{b}/{c}", "/{a}/{b}/{c}/"]
        .map(|path| format!("ANY /p{path}: authenticated"))
        .into();
    let with = |fallback| below.iter().map(String::as_str).chain([fallback]);
    assert_eq!(changes(with("ANY /p/*: authenticated"), with("ANY /p/*")), ["gained ANY /p/*"]);
    // `OPTIONS *` has no path that a route could have.
    assert_eq!(
        changes(["ANY /", "ANY /{*x}", "ANY /*: authenticated"], ["ANY /", "ANY /{*x}", "ANY /*"]),
        ["gained ANY /*"]
    );
}

#[test]
fn rows_that_answer_as_before_are_no_change_however_they_are_written() {
    let rule = |row: &str| format!("{row}: {READ}");
    for (before, after) in [
        (vec!["GET /a/{id}"], vec!["GET /a/{name}"]),
        (vec!["ANY /a"], vec!["ANY /a", "POST /a", "OTHER /a"]),
        (vec!["ANY /a/{*}"], vec!["ANY /a", "ANY /a/", "ANY /a/{*rest}"]),
        (vec!["ANY /a/*", "GET /a/b"], vec!["ANY /a/*", "GET /a/b", "ANY /a/c"]),
        // The row that is gone had no request.
        (vec!["ANY /a/*", "ANY /a", "ANY /a/{*x}"], vec!["ANY /a", "ANY /a/{*x}"]),
    ] {
        let rows = |rows: Vec<&str>| rows.into_iter().map(rule).collect::<Vec<_>>();
        let (before, after) = (rows(before), rows(after));
        let changes = changes(before.iter().map(String::as_str), after.iter().map(String::as_str));
        assert!(changes.is_empty(), "{before:?} {after:?} {changes:?}");
    }
}

#[test]
fn a_change_of_one_row_among_many_is_one_change() {
    let rows = |rule: &str| {
        let others = (0..200)
            .flat_map(|at| [format!("GET /{{x}}/{at}/{{id}}: {READ}"), format!("ANY /{at}/{{*}}: {READ}")]);
        others.chain([format!("ANY /*{rule}")]).collect::<Vec<_>>()
    };
    let (before, after) = (rows(": authenticated"), rows(""));
    let changes = changes(before.iter().map(String::as_str), after.iter().map(String::as_str));
    assert_eq!(changes, ["gained ANY /*"]);
}
