//! `AccessDiff` agrees with requests: it compares two random routers, and both are asked with every token. Each difference
//! must be listed, and each listed change must show in a request.

use std::collections::HashSet;
use std::io::{self, Write as _};

use axum::Router;
use http::Method;
use kinde_perms::Validator;
use kinde_perms::access::{Access, AccessDiff, AccessMatrix, Change, Matcher};
use kinde_perms_testkit::Offline;

use super::{answer, attempt, setting};
use crate::trees::{Call, Rng, Tree, build, requests, sight};

/// Returns the tree with one to three random edits.
fn edited(tree: &Tree, rng: &mut Rng) -> Tree {
    let mut tree = tree.clone();
    (0..=rng.below(3)).for_each(|_| edit(&mut tree, rng));
    tree
}

fn edit(tree: &mut Tree, rng: &mut Rng) {
    let at = rng.below(tree.calls.len().saturating_add(1));
    let new = Tree::random(rng).calls.swap_remove(0);
    let (handler, service) = (rng.below(sight::HANDLERS), rng.below(sight::SERVICES));
    let kind = rng.below(4);
    match tree.calls.get_mut(at) {
        None => tree.calls.push(new),
        Some(Call::Nest(_, inner) | Call::Merge(inner)) if kind > 1 => edit(inner, rng),
        Some(Call::Route(_, methods)) if kind > 1 => methods.handler = handler,
        Some(Call::Fallback(number) | Call::MethodNotAllowedFallback(number)) if kind > 1 => {
            *number = handler;
        }
        Some(Call::NestService(_, number) | Call::RouteService(_, number)) if kind > 1 => *number = service,
        Some(_) if kind > 0 => drop(tree.calls.remove(at)),
        Some(call) => *call = new,
    }
}

struct Served {
    matrix: AccessMatrix,
    app: Router,
}

impl Served {
    fn of(tree: &Tree, validator: &Validator) -> Option<Self> {
        let router = attempt(|| build::guarded(tree, validator)).ok()?;
        let matrix = router.access();
        Some(Self { matrix, app: router.with_state::<()>(validator.clone()).into_router() })
    }

    async fn lets_in(&self, method: &Method, path: &str, token: Option<&str>) -> bool {
        let request = requests::request(method, path, token).unwrap();
        answer(&self.app, request).await.sight.is_some()
    }
}

/// Two routers, before and after, with the matcher of each.
struct Pair<'m> {
    sides: [&'m Served; 2],
    matchers: [Matcher<'m>; 2],
    diff: AccessDiff,
    tokens: &'m [Option<String>],
}

impl<'m> Pair<'m> {
    fn of(before: &'m Served, after: &'m Served, tokens: &'m [Option<String>]) -> Self {
        let matchers = [before.matrix.matcher(), after.matrix.matcher()];
        let diff = AccessDiff::between(&before.matrix, &after.matrix);
        Self { sides: [before, after], matchers, diff, tokens }
    }

    fn access(&self, method: &Method, path: &str) -> [Option<&Access>; 2] {
        self.matchers.each_ref().map(|matcher| {
            matcher.answer(method.as_str(), path).route().map(kinde_perms::access::Route::access)
        })
    }

    /// Returns the changes of which the request is an example.
    fn changes(&self, method: &Method, path: &str) -> HashSet<usize> {
        let access = self.access(method, path);
        let is_of = |change: &Change| [change.before(), change.after()] == access;
        self.diff.changes().iter().enumerate().filter(|(_, change)| is_of(change)).map(|(at, _)| at).collect()
    }

    /// Asks both routers with every token; returns the changes confirmed by a loss, and those confirmed by a gain.
    async fn ask(&self, method: &Method, path: &str) -> Result<[HashSet<usize>; 2], String> {
        let mut shown = [HashSet::new(), HashSet::new()];
        let changes = self.changes(method, requests::request(method, path, None).unwrap().uri().path());
        for token in self.tokens {
            let [before, after] = self.sides;
            let was = before.lets_in(method, path, token.as_deref()).await;
            let is = after.lets_in(method, path, token.as_deref()).await;
            if was == is {
                continue;
            }
            let tells = |at: &&usize| {
                let change = &self.diff.changes()[**at];
                !if is { change.gained() } else { change.lost() }.is_empty()
            };
            let telling: Vec<_> = changes.iter().filter(tells).copied().collect();
            if telling.is_empty() || (is && !self.diff.grants_access()) {
                return Err(format!("{method} {path}: let in {was} before, {is} now, and no change says so"));
            }
            shown[usize::from(is)].extend(telling);
        }
        Ok(shown)
    }
}

/// Returns requests that match the path of a change; no tree has `~` in a path.
fn examples(change: &Change) -> Vec<(Method, String)> {
    let method = if ["ANY", "OTHER"].contains(&change.method()) { "PURGE" } else { change.method() };
    let deeper =
        || (0..8).map(|depth| "/~".repeat(depth)).chain(["/".to_owned(), "/~/".to_owned()]).collect();
    let (start, ends) = match change.path().rsplit_once('/') {
        // A prefix may end with a slash, which is then the slash before the rest.
        Some((prefix, "*" | "{*}")) => (prefix.strip_suffix('/').unwrap_or(prefix), deeper()),
        Some((prefix, end)) if end.starts_with("{*") => (prefix, deeper()),
        _ => (change.path(), vec![String::new()]),
    };
    let fill = |segment: &str| match segment.replace("{{", "\0").split_once('{') {
        Some((start, _)) => format!("{start}~"),
        None => segment.replace("{{", "{"),
    };
    let start = start.split('/').map(fill).collect::<Vec<_>>().join("/");
    let paths = ends.into_iter().map(|end| format!("{start}{end}")).filter(|path| !path.is_empty());
    paths.map(|path| (method.parse().unwrap(), path)).collect()
}

#[tokio::test]
async fn the_difference_is_what_requests_show() {
    let kinde = Offline::new();
    let keys = ["h1", "h3", "h5", "h7", "s1", "s3"];
    let single = keys.map(|key| Some(kinde.token().permission(key).sign()));
    let tokens: Vec<_> = [None].into_iter().chain(single).collect();
    let (mut compared, mut asked, mut changes, mut gains) = (0, 0, 0, 0);
    let (first, trees) = (setting("KINDE_PERMS_SEED", 12), setting("KINDE_PERMS_TREES", 3000) / 4);
    for seed in first..first.saturating_add(trees) {
        let mut rng = Rng(seed);
        let before = Tree::random(&mut rng);
        let after = if rng.once_in(8) { Tree::random(&mut rng) } else { edited(&before, &mut rng) };
        let served = [&before, &after].map(|tree| Served::of(tree, &kinde.validator()));
        let [Some(one), Some(other)] = served else { continue };
        let pair = Pair::of(&one, &other, &tokens);
        let told = pair.diff.changes();
        let about =
            || format!("tree {seed}\n{}{}{}{before:#?}{after:#?}", one.matrix, other.matrix, pair.diff);
        let mut shown = [HashSet::new(), HashSet::new()];
        let mut witnessed = HashSet::new();
        let near = before.requests(&mut rng).into_iter().chain(after.requests(&mut rng));
        for (method, path) in told.iter().flat_map(examples).chain(near) {
            let Some(request) = requests::request(&method, &path, None) else { continue };
            let path = request.uri().to_string();
            asked += 1;
            witnessed.extend(pair.changes(&method, request.uri().path()));
            let found = pair.ask(&method, &path).await.unwrap_or_else(|fault| panic!("{fault}\n{}", about()));
            shown.iter_mut().zip(found).for_each(|(all, found)| all.extend(found));
        }
        // No false alarm: a request confirms each change.
        for (at, change) in told.iter().enumerate() {
            assert!(witnessed.contains(&at), "no request is an example of {change:?}\n{}", about());
            assert!(
                change.lost().is_empty() || shown[0].contains(&at),
                "no token lost {change:?}\n{}",
                about()
            );
            assert!(
                change.gained().is_empty() || shown[1].contains(&at),
                "no token gained {change:?}\n{}",
                about()
            );
            gains += usize::from(!change.gained().is_empty());
        }
        changes += told.len();
        compared += 1;
    }
    // Written directly, as the harness captures `eprintln!`.
    let _ = writeln!(
        io::stderr(),
        "the_difference_is_what_requests_show: seed {first}, {compared} pairs of trees, {asked} requests with {} tokens \
         each, {changes} changes, {gains} of them gains",
        tokens.len()
    );
    assert!(gains > 100, "there was something to find");
}
