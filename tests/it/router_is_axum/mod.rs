//! `GuardedRouter` routes as Axum's `Router` does: random trees are built with both, and every request gets the same answer.
//!
//! More trees, or another seed: `KINDE_PERMS_TREES=100000 KINDE_PERMS_SEED=7 cargo test -p kinde-perms-tests --test it
//! router_is_axum`.

mod decoding;
mod diff;
mod matrix;
mod wire;

use std::cell::Cell;
use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::sync::Once;
use std::{env, io};

use axum::Router;
use axum::body::Body;
use http::{Request, StatusCode};
use kinde_perms_testkit::Offline;
use tower::ServiceExt;

use crate::trees::sight::{HANDLERS, Passed, SERVICES, Sight};
use crate::trees::{Rng, Tree, build, requests};

/// The compared parts of a response.
#[derive(Debug, PartialEq, Eq)]
struct Answer {
    status: StatusCode,
    /// The handler's view of the request; `None` if no handler answered.
    sight: Option<Sight>,
    /// The layers that the answer passed.
    passed: Option<Passed>,
}

async fn answer(app: &Router, request: Request<Body>) -> Answer {
    let Ok(mut response) = app.clone().oneshot(request).await;
    let (status, extensions) = (response.status(), response.extensions_mut());
    Answer { status, sight: extensions.remove(), passed: extensions.remove() }
}

/// Returns the result of `make`, or the message of its panic.
fn attempt<T>(make: impl FnOnce() -> T) -> Result<T, String> {
    thread_local!(static QUIET: Cell<bool> = const { Cell::new(false) });
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let loud = take_hook();
        set_hook(Box::new(move |info| {
            if !QUIET.get() {
                loud(info);
            }
        }));
    });
    QUIET.set(true);
    let result = catch_unwind(AssertUnwindSafe(make));
    QUIET.set(false);
    result.map_err(|panic| {
        let words = panic.downcast_ref::<String>().cloned();
        words.or_else(|| panic.downcast_ref::<&str>().map(|&words| words.to_owned())).unwrap_or_default()
    })
}

/// Reads a number from the environment.
#[expect(clippy::disallowed_methods, reason = "the settings of a test are the environment's")]
fn setting(name: &str, otherwise: u64) -> u64 {
    env::var(name).map_or(otherwise, |text| text.parse().unwrap())
}

/// Returns a token that meets every rule of the trees.
fn token(kinde: &Offline) -> String {
    let handlers = (0..HANDLERS).map(|number| format!("h{number}"));
    let services = (0..SERVICES).map(|number| format!("s{number}"));
    let keys: Vec<_> = handlers.chain(services).collect();
    kinde.token().permissions(keys.iter().map(String::as_str)).sign()
}

/// Returns the trees of a run. Each tree has its own seed, so that it can be tried alone.
fn trees() -> impl Iterator<Item = (u64, Rng, Tree)> {
    let (seed, trees) = (setting("KINDE_PERMS_SEED", 12), setting("KINDE_PERMS_TREES", 3000));
    (seed..seed.saturating_add(trees)).map(|seed| {
        let mut rng = Rng(seed);
        let tree = Tree::random(&mut rng);
        (seed, rng, tree)
    })
}

/// Counts of a run.
#[derive(Debug, Default)]
struct Tally {
    first: Option<u64>,
    trees: usize,
    requests: usize,
    refused: usize,
}

impl Tally {
    fn tree(&mut self, seed: u64) {
        self.first.get_or_insert(seed);
        self.trees = self.trees.saturating_add(1);
    }

    /// Writes to stderr directly, as the harness captures `eprintln!`.
    fn print(&self, test: &str) {
        let Self { first, trees, requests, refused } = self;
        let seed = first.unwrap_or_default();
        let line =
            format!("{test}: seed {seed}, {trees} trees, {requests} requests, {refused} builds refused");
        let _ = writeln!(io::stderr(), "{line}");
        assert!(*refused < trees / 2, "most trees are built: {line}");
    }
}

#[tokio::test]
async fn router_is_axum() {
    let kinde = Offline::new();
    let (token, validator) = (token(&kinde), &kinde.validator());
    let mut tally = Tally::default();
    for (seed, mut rng, tree) in trees() {
        tally.tree(seed);
        let both = (
            attempt(|| build::guarded(&tree, validator).with_state::<()>(validator.clone()).into_router()),
            attempt(|| build::axum(&tree, validator).with_state::<()>(validator.clone())),
        );
        let (guarded, plain) = match both {
            (Ok(guarded), Ok(plain)) => (guarded, plain),
            (Err(_), Err(_)) => {
                tally.refused += 1;
                continue;
            }
            (Ok(_), Err(words)) => panic!("Axum alone refuses tree {seed}: {words}\n{tree:#?}"),
            (Err(words), Ok(_)) => panic!("GuardedRouter alone refuses tree {seed}: {words}\n{tree:#?}"),
        };
        for (method, path) in tree.requests(&mut rng) {
            let token = (!rng.once_in(4)).then_some(&*token);
            let made = || requests::request(&method, &path, token);
            let (Some(one), Some(other)) = (made(), made()) else { continue };
            tally.requests += 1;
            let (ours, axums) = (answer(&guarded, one).await, answer(&plain, other).await);
            assert_eq!(ours, axums, "tree {seed}, {method} {path}, ours and Axum's\n{tree:#?}");
        }
    }
    tally.print("router_is_axum");
}
