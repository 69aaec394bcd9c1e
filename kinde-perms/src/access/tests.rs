//! The formats and the role table; the modules have the rest.

mod bundles;
mod classes;
mod diff;
mod matcher;
mod openapi;

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
