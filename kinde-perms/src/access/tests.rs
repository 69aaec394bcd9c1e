//! The formats, the role table and the difference.

mod bundles;
mod classes;
mod matcher;

use super::*;

fn guarded(method: &str, path: &str, rule: &str) -> Route {
    Route::new(method, path, Access::Guarded(rule.parse().unwrap()))
}

fn public(path: &str, reason: &str) -> Route {
    Route::new("GET", path, Access::Public(reason.to_owned()))
}

fn catalogue() -> Catalogue {
    Catalogue::new()
        .role("viewer", ["read"])
        .role("editor", ["read", "write"])
        .role("admin", ["delete"])
        .permission("export")
}

fn matrix(routes: impl IntoIterator<Item = Route>) -> AccessMatrix {
    routes.into_iter().collect::<AccessMatrix>().with_catalogue(catalogue())
}

fn sample() -> AccessMatrix {
    matrix([
        guarded("DELETE", "/a", r#"permissions = ["delete"], roles = ["admin"]"#),
        guarded("GET", "/a", r#"permissions = ["read"]"#),
        guarded("PUT", "/a", r#"permissions = ["write"], scopes = ["s"]"#),
        guarded("POST", "/both", r#"permissions = ["write", "delete"]"#),
        guarded("GET", "/typo", r#"permissions = ["raed"]"#),
        public("/h|`x`", "for <all> | everyone\u{1b}[31m"),
    ])
}

#[test]
fn text_is_aligned_and_lists_the_findings() {
    assert_eq!(
        sample().to_string(),
        r#"METHOD  PATH    ACCESS
GET     /a      permissions = ["read"]
PUT     /a      permissions = ["write"], scopes = ["s"]
DELETE  /a      permissions = ["delete"], roles = ["admin"]
POST    /both   permissions = ["delete", "write"]
GET     /h|`x`  public: for <all> | everyone\u{1b}[31m
GET     /typo   permissions = ["raed"]

METHOD  PATH    no token  admin  editor  viewer
GET     /a      -         -      yes     yes
PUT     /a      -         -      if (1)  -
DELETE  /a      -         yes    -       -
POST    /both   -         -      -       -
GET     /h|`x`  yes       yes    yes     yes
GET     /typo   -         -      -       -
(1) scopes = ["s"]

No role alone reaches `POST /both`.
No role alone reaches `GET /typo`.
Role `editor` reaches every route that `viewer` does.
No route asks for permission `export`.
Permission `raed` is asked for, and does not exist.
"#
    );
}

#[test]
fn one_handler_of_other_methods_on_every_path_is_one_line() {
    let other = |path: &str, reason: &str| Route::new("OTHER", path, Access::Public(reason.to_owned()));
    let routes = |others: [Route; 2]| {
        let own = ["/a", "/b"].map(|path| guarded("GET", path, "authenticated"));
        let any = guarded("ANY", "/any", "authenticated");
        own.into_iter().chain([any]).chain(others).collect::<AccessMatrix>().to_string()
    };
    assert_eq!(
        routes([other("/a", "405"), other("/b", "405")]),
        "METHOD  PATH       ACCESS\n\
         GET     /a         authenticated\n\
         ANY     /any       authenticated\n\
         GET     /b         authenticated\n\
         OTHER   each path  public: 405\n"
    );
    for apart in [[other("/a", "405"), other("/b", "own")], [other("/a", "405"), other("/c", "405")]] {
        let text = routes(apart.clone());
        assert!(apart.iter().all(|route| text.contains(&format!("OTHER   {}", route.path()))), "{text}");
    }
}

#[test]
fn markdown_keeps_cells_apart_whatever_is_in_them() {
    let text = sample().render(Format::Markdown);
    assert!(
        text.contains("| GET | `` /h\\|`x` `` | public: for \\<all\\> \\| everyone\\\\u\\{1b\\}\\[31m |\n"),
        "{text}"
    );
    assert!(
        text.contains("| PUT | `/a` | - | - | if (1) | - |\n\n") || text.contains("1. `scopes = [\"s\"]`"),
        "{text}"
    );
    for table in text.split("\n\n").filter(|part| part.starts_with('|')) {
        let cells = |line: &str| line.replace("\\|", "").matches('|').count();
        let first = cells(table.lines().next().unwrap());
        assert!(table.lines().all(|line| cells(line) == first), "{table}");
    }
}

#[test]
fn a_code_span_of_markdown_is_not_left() {
    let route = guarded("GET", "/``<b>`", "authenticated");
    assert!(matrix([route]).render(Format::Markdown).contains("| ``` /``<b>` ``` |"));
}

#[test]
fn json_reads_back_to_the_same() {
    let with_handler = guarded("GET", "/x", "authenticated").at(Handler::new("a::b", "src/a.rs", 7));
    let written = matrix(sample().routes().iter().cloned().chain([with_handler]));
    let read = AccessMatrix::from_json(&written.to_json()).unwrap();
    assert_eq!(read, written);
    assert!(!written.clone().without_handlers().to_json().contains("src/a.rs"));
    assert!(AccessDiff::between(&written, &read.without_handlers()).is_empty());
}

#[test]
fn a_text_that_is_no_matrix_is_refused_with_the_reason() {
    let document = |version: u32, route: &str| {
        format!(r#"{{"format":"kinde-perms/access","version":{version},"routes":[{route}]}}"#)
    };
    for (text, message) in [
        ("{".to_owned(), "not an access matrix: EOF while parsing an object at line 1 column 1"),
        ("{}".to_owned(), "not an access matrix: missing field `format` at line 1 column 2"),
        (
            r#"{"format":"x","version":1}"#.to_owned(),
            "not an access matrix: `format` is not `kinde-perms/access`",
        ),
        (document(2, "17"), "access matrix of version 2; this program reads 1"),
        (document(1, r#"{"method":"GET","path":"/"}"#), "GET / must have either `public` or `requires`"),
        (
            document(1, r#"{"method":"GET","path":"/","requires":"roles = []"}"#),
            "the rule of GET / cannot be read: at byte 9: expected a string in quotation marks",
        ),
        // As an earlier version wrote it.
        (
            document(1, r#"{"method":"OTHER","path":"/*","public":"x"}"#),
            "no router has OTHER /* beside the other routes; have the router write the file anew",
        ),
        (
            document(
                1,
                r#"{"method":"GET","path":"/{a}","public":"x"},{"method":"GET","path":"/{b}","public":"x"}"#,
            ),
            "no router has GET /{b} beside the other routes; have the router write the file anew",
        ),
    ] {
        assert_eq!(AccessMatrix::from_json(&text).unwrap_err().to_string(), message, "{text}");
    }
}

fn diff(before: &str, after: &str) -> AccessDiff {
    AccessDiff::between(&matrix([guarded("GET", "/", before)]), &matrix([guarded("GET", "/", after)]))
}

fn names(who: &[Who]) -> Vec<String> {
    who.iter().map(Who::to_string).collect()
}

#[test]
fn a_rule_that_is_written_differently_is_no_change() {
    let same = diff(
        r#"any(permissions = ["a"], all(permissions = ["a"], roles = ["b"]))"#,
        r#"permissions = ["a"]"#,
    );
    assert!(same.is_empty());
    assert_eq!(same.to_string(), "Access is unchanged.\n");
}

#[test]
fn a_wider_rule_names_who_gained_and_a_narrower_one_who_lost() {
    let (narrow, wide) = (r#"permissions = ["write"], roles = ["admin"]"#, r#"permissions = ["write"]"#);
    let change = diff(narrow, wide);
    assert!(change.grants_access());
    let gained = ["role editor", "permission write alone (bundled by role editor)"];
    assert_eq!(names(change.changes()[0].gained()), gained);
    assert!(change.changes()[0].lost().is_empty());
    let back = diff(wide, narrow);
    assert!(!back.grants_access());
    assert_eq!(names(back.changes()[0].lost()), gained);
}

#[test]
fn no_gain_is_missed() {
    let change =
        diff(r#"permissions = ["read", "delete"], scopes = ["s"]"#, r#"permissions = ["read", "delete"]"#);
    assert_eq!(names(change.changes()[0].gained()), ["some combination of claims"]);
    let swapped = diff(r#"permissions = ["read"]"#, r#"permissions = ["write"]"#);
    assert_eq!(
        names(swapped.changes()[0].lost()),
        ["role viewer", "permission read alone (bundled by role editor, viewer)"]
    );
    assert_eq!(names(swapped.changes()[0].gained()), ["permission write alone (bundled by role editor)"]);
}

#[test]
fn routes_come_and_go_and_become_public() {
    let (one, two) =
        (guarded("GET", "/one", "authenticated"), guarded("GET", "/two", r#"permissions = ["read"]"#));
    let change = AccessDiff::between(&matrix([one.clone()]), &matrix([two]));
    let [removed, added] = change.changes() else { panic!("{change}") };
    assert_eq!((removed.path(), removed.after()), ("/one", None));
    assert!(removed.gained().is_empty() && removed.lost().contains(&Who::AnyToken));
    assert_eq!((added.path(), added.before()), ("/two", None));
    assert!(added.gained().contains(&Who::Role("viewer".to_owned())));

    let open = AccessDiff::between(&matrix([one]), &matrix([public("/one", "x")]));
    assert_eq!(open.changes()[0].gained(), [Who::Anyone]);
    assert!(open.changes()[0].lost().is_empty());

    let reason = AccessDiff::between(&matrix([public("/one", "x")]), &matrix([public("/one", "y")]));
    assert!(!reason.grants_access() && !reason.is_empty());
}

#[test]
fn another_handler_of_a_method_is_no_gain_where_any_took_it_before() {
    let any = guarded("ANY", "/", r#"permissions = ["read"]"#);
    let get = guarded("GET", "/", r#"permissions = ["read"]"#);
    let change = AccessDiff::between(&matrix([any.clone()]), &matrix([any, get]));
    assert!(change.is_empty(), "{change}");
}

#[test]
fn a_role_that_bundles_more_permissions_gains_access() {
    let route = || [guarded("DELETE", "/", r#"permissions = ["delete"]"#)];
    let before = matrix(route());
    let after = matrix(route()).with_catalogue(catalogue().role("editor", ["read", "write", "delete"]));
    let change = AccessDiff::between(&before, &after);
    assert_eq!(names(change.changes()[0].gained()), ["role editor"]);
    let json: serde_json::Value = serde_json::from_str(&change.to_json()).unwrap();
    assert_eq!(json["grants_access"], true);
    assert_eq!(json["changes"][0]["gained"], serde_json::json!([{"role": "editor"}]));
    assert!(
        change.to_markdown().starts_with("**Somebody gained access.**\n\n| Method |"),
        "{}",
        change.to_markdown()
    );
}

#[test]
fn an_openapi_document_gets_the_access_of_each_operation() {
    let matrix = matrix([
        guarded("GET", "/a/{id}", r#"permissions = ["read"]"#),
        guarded("ANY", "/b", "authenticated"),
        guarded("GET", "/left/out", "authenticated"),
        public("/h", "open"),
        public("/*", "a fallback"),
    ]);
    let own = serde_json::json!({"description": "mine"});
    let mut document = serde_json::json!({"openapi": "3.1.0", "paths": {
        "/a/{name}": {"get": {"responses": {"403": own}}, "summary": "kept"},
        "/b": {"post": {}},
        "/h": {"get": {"responses": {}}},
        "/nowhere": {"get": {}},
    }});
    let coverage = matrix.describe(&mut document);
    assert_eq!(coverage.undocumented, ["GET /left/out"]);
    assert_eq!(coverage.unrouted, ["GET /nowhere"]);
    let operation = &document["paths"]["/a/{name}"]["get"];
    assert_eq!(operation["x-kinde-requirement"], r#"permissions = ["read"]"#);
    assert_eq!(operation["responses"]["403"], own);
    assert_eq!(operation["responses"]["401"]["$ref"], "#/components/responses/KindeUnauthorized");
    assert_eq!(document["paths"]["/b"]["post"]["security"], serde_json::json!([{"kinde": []}]));
    let open = &document["paths"]["/h"]["get"];
    assert_eq!(
        (&open["security"], &open["x-kinde-public"]),
        (&serde_json::json!([]), &serde_json::json!("open"))
    );
    assert_eq!(open["responses"], serde_json::json!({}));
    assert_eq!(document["paths"]["/nowhere"]["get"], serde_json::json!({}));
    for pointer in ["securitySchemes/kinde", "schemas/KindeProblem", "responses/KindeForbidden"] {
        assert!(document.pointer(&format!("/components/{pointer}")).is_some(), "{pointer}");
    }
    // Once told, it stays as it is.
    let once = document.clone();
    matrix.describe(&mut document);
    assert_eq!(document, once);
}

#[test]
fn the_html_page_escapes_all_text() {
    let page = matrix([
        public("/<b>", "<script>alert('x')</script> <!--rows--> \"&"),
        guarded("GET", "/a", r#"permissions = ["read"], scopes = ["s"]"#),
    ])
    .render(Format::Html);
    assert_eq!(page.matches("<script").count(), 1);
    assert!(page.contains("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &lt;!--rows--&gt; &quot;&amp;"));
    assert!(page.contains("<code>/&lt;b&gt;</code>") && !page.contains("<!--"));
    assert!(page.contains(r#"data-mark="if" data-label="editor">if (1)</td>"#), "{page}");
    // Nothing is loaded from anywhere.
    assert!(!page.contains("http") && !page.contains("src=") && !page.contains("url("));
}

#[test]
fn a_check_is_shown_and_its_removal_grants_access() {
    let access = |rule: &str, checks: &[&str]| {
        let checks = checks.iter().map(|&check| check.to_owned());
        Route::new("PATCH", "/", Access::guarded(rule.parse().unwrap(), checks))
    };
    let checked = matrix([access(r#"permissions = ["write"]"#, &["owns"])]);
    let plain = matrix([access(r#"permissions = ["write"]"#, &[])]);
    assert_eq!(checked.routes()[0].access().to_string(), r#"permissions = ["write"], check = owns"#);
    assert_eq!(access("authenticated", &["b", "a"]).access().to_string(), "check = a, check = b");
    assert!(
        checked.to_string().contains("if (1)") && checked.to_string().contains("(1) check = owns\n"),
        "{checked}"
    );
    assert_eq!(AccessMatrix::from_json(&checked.to_json()).unwrap(), checked);

    let change = AccessDiff::between(&checked, &plain);
    assert_eq!(
        names(change.changes()[0].gained()),
        ["role editor", "permission write alone (bundled by role editor)"]
    );
    assert!(!AccessDiff::between(&plain, &checked).grants_access());
    let other = matrix([access(r#"permissions = ["write"]"#, &["owns_too"])]);
    assert!(AccessDiff::between(&checked, &other).grants_access());
}

#[test]
fn an_operation_is_described_by_the_route_that_serves_it_and_by_no_other() {
    let open = |method: &str, path: &str| Route::new(method, path, Access::Public("open".to_owned()));
    let matrix = matrix([
        guarded("GET", "/a/{id}", "authenticated"),
        guarded("GET", "/v{major}/b", "authenticated"),
        guarded("GET", "/files/{*path}", "authenticated"),
        guarded("ANY", "/docs/{*}", "authenticated"),
        open("OTHER", "/a/{id}"),
        open("ANY", "/nested/*"),
        open("ANY", "/{*page}"),
        open("ANY", "/*"),
    ]);
    for (method, path, described) in [
        ("get", "/a/{name}", true),
        ("get", "/v{n}/b", true),
        ("get", "/files/{file}", true),
        ("get", "/docs", true),
        ("post", "/docs/{name}/x.json", true),
        // A template of its own, though Axum hands its requests to another route.
        ("get", "/a/{id}.json", false),
        ("get", "/a/{id}-{name}", false),
        ("get", "/a/b", false),
        ("get", "/{version}/b", false),
        ("get", "/files/{file}/x", false),
        // Nobody but a fallback or a page for all that is left.
        ("post", "/a/{name}", false),
        ("get", "/admin/{id}", false),
        ("get", "/nested/{id}", false),
        ("get", "/*", false),
        ("get", "/", false),
    ] {
        let mut document = serde_json::json!({"paths": {path: {method: {}}}});
        let coverage = matrix.describe(&mut document);
        assert_eq!(coverage.unrouted.is_empty(), described, "{method} {path}");
        let security = &document["paths"][path][method]["security"];
        assert_eq!(security.is_array(), described, "{method} {path}: {security}");
        assert_eq!(
            coverage.undocumented.len(),
            if described && !path.starts_with("/docs") { 3 } else { 4 },
            "{method} {path}"
        );
    }
}

#[test]
fn every_format_reports_a_route_without_requests() {
    let matrix: AccessMatrix =
        [guarded("ANY", "/a/{*}", "authenticated"), guarded("ANY", "/a/*", "authenticated")]
            .into_iter()
            .collect();
    assert_eq!(
        matrix.to_string(),
        "METHOD  PATH    ACCESS\nANY     /a/{*}  authenticated\nANY     /a/*    authenticated\n\n\
         No request reaches `ANY /a/*`: other routes answer them all.\n"
    );
    assert!(matrix.render(Format::Markdown).contains("- No request reaches `ANY /a/*`: other"));
    assert!(matrix.render(Format::Html).contains("<li>No request reaches <code>ANY /a/*</code>: other"));
}
