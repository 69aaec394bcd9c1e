//! The access matrix agrees with the served router: for random trees, the enforced rule is the rule of the row that
//! `Matcher` finds for the request.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};
use std::thread;

use axum::Router;
use http::{Method, StatusCode};
use kinde_perms::access::{AccessMatrix, Matcher, Route, RouteMatch};
use kinde_perms::{audit::AuditEvent, time::SystemClock};
use kinde_perms_testkit::Offline;

use super::{Tally, answer, attempt, token, trees};
use crate::trees::{build, requests};

/// The rule and the route of each decision.
type Decisions = Arc<Mutex<Vec<(Option<String>, Option<String>)>>>;

struct Served<'m> {
    app: Router,
    matcher: Matcher<'m>,
    decisions: Decisions,
    token: &'m str,
}

impl Served<'_> {
    /// Sends a request with a token that meets every rule, and without one; returns the row that answers both.
    async fn check(&self, method: &Method, path: &str) -> Option<&Route> {
        let with = requests::request(method, path, Some(self.token))?;
        let without = requests::request(method, path, None)?;
        let found = self.matcher.answer(method.as_str(), with.uri().path());
        self.decisions.lock().unwrap().clear();
        let (with, without) = (answer(&self.app, with).await, answer(&self.app, without).await);
        let Some(row) = found.route() else {
            let status = if found == RouteMatch::NotFound {
                StatusCode::NOT_FOUND
            } else {
                StatusCode::METHOD_NOT_ALLOWED
            };
            assert_eq!((with.status, with.sight), (status, None), "no handler answers");
            return None;
        };
        let by = with.sight.as_ref().map(|sight| &sight.by[..2]).unwrap_or_default();
        let rule = row.access().rule().map(ToString::to_string);
        let served =
            if rule.is_some() { format!("permissions = [\"{by}\"]") } else { format!("public: {by}") };
        assert_eq!(row.access().to_string(), served, "{row} answers");
        if rule.is_some() {
            assert_eq!((without.status, without.sight), (StatusCode::UNAUTHORIZED, None), "{row} is guarded");
            let route = (!row.path().ends_with("/*")).then(|| without_empty(row.path()));
            let decisions = self.decisions.lock().unwrap();
            assert_eq!(
                *decisions,
                [(rule.clone(), route.clone()), (rule, route)],
                "the observer sees both decisions"
            );
        } else {
            assert_eq!((without.status, without.sight), (with.status, with.sight), "{row} is public");
            assert!(self.decisions.lock().unwrap().is_empty(), "{row} decides nothing");
        }
        Some(row)
    }
}

/// Removes empty segments, as Axum's `NestedPath` does after a prefix that ends with two slashes.
fn without_empty(path: &str) -> String {
    path.split('/').filter(|segment| !segment.is_empty()).collect::<Vec<_>>().join("/")
}

/// Prints the request and the tree if an assertion fails.
struct Context<F: Fn() -> String>(F);

impl<F: Fn() -> String> Drop for Context<F> {
    fn drop(&mut self) {
        if thread::panicking() {
            eprintln!("{}", (self.0)());
        }
    }
}

/// Returns requests that match a row, of every depth; no tree has `~` in a path.
fn derived(row: &Route) -> Vec<(Method, String)> {
    let method = if ["ANY", "OTHER"].contains(&row.method()) { "PURGE" } else { row.method() };
    let deeper =
        || (0..8).map(|depth| "/~".repeat(depth)).chain(["/".to_owned(), "/~/".to_owned()]).collect();
    let (start, ends): (_, Vec<_>) = match row.path().rsplit_once('/') {
        // A prefix may end with a slash, which is then the slash before the rest.
        Some((prefix, "*" | "{*}")) => (prefix.strip_suffix('/').unwrap_or(prefix), deeper()),
        Some((prefix, end)) if end.starts_with("{*") => (prefix, deeper()),
        _ => (row.path(), vec![String::new()]),
    };
    let fill = |segment: &str| match segment.split_once('{') {
        // A doubled brace is an escaped brace.
        Some((_, end)) if end.starts_with('{') => segment.replace("{{", "{"),
        Some((start, _)) => format!("{start}~"),
        None => segment.to_owned(),
    };
    let start = start.split('/').map(fill).collect::<Vec<_>>().join("/");
    let paths = ends.into_iter().map(|end| format!("{start}{end}")).filter(|path| !path.is_empty());
    paths.map(|path| (method.parse().unwrap(), path)).collect()
}

fn assert_unique(matrix: &AccessMatrix) {
    let mut keys = HashSet::new();
    assert!(matrix.routes().iter().all(|row| keys.insert(row.to_string())), "two rows of one key: {matrix}");
}

#[tokio::test]
async fn the_matrix_is_what_is_served() {
    let decisions = Decisions::default();
    let log = Arc::clone(&decisions);
    let kinde = Offline::with(SystemClock, |builder| {
        builder.observer(move |event: &AuditEvent<'_>| {
            let rule = event.rule().map(ToString::to_string);
            log.lock().unwrap().push((rule, event.route().map(without_empty)));
        })
    });
    let (token, validator) = (token(&kinde), &kinde.validator());
    let (mut tally, mut rows, mut shadowed_rows) = (Tally::default(), 0, 0);
    for (seed, mut rng, tree) in trees() {
        tally.tree(seed);
        let Ok(router) = attempt(|| build::guarded(&tree, validator)) else {
            tally.refused += 1;
            continue;
        };
        let matrix = router.access();
        assert_unique(&matrix);
        let app = router.with_state::<()>(validator.clone()).into_router();
        let matcher = matrix.matcher();
        let shadowed: HashSet<_> = matcher.shadowed().iter().map(ToString::to_string).collect();
        let served = Served { app, matcher, decisions: Arc::clone(&decisions), token: &token };
        let mut reached = HashSet::new();
        let asked: Vec<_> = matrix.routes().iter().flat_map(derived).chain(tree.requests(&mut rng)).collect();
        for (method, path) in asked {
            tally.requests += 1;
            let _about = Context(|| format!("tree {seed}, {method} {path}\n{matrix}\n{tree:#?}"));
            reached.extend(served.check(&method, &path).await.map(ToString::to_string));
        }
        for row in matrix.routes().iter().map(ToString::to_string) {
            assert!(
                reached.contains(&row) != shadowed.contains(&row),
                "tree {seed}: {row} is reached, or shadowed\n{matrix}\n{tree:#?}"
            );
        }
        rows += matrix.routes().len();
        shadowed_rows += shadowed.len();
    }
    assert!(rows > shadowed_rows);
    tally.print(&format!("the_matrix_is_what_is_served ({rows} rows, {shadowed_rows} of them shadowed)"));
}
