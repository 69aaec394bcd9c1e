//! The servers. Each answers `ok` if the token has the permission to create todos.

mod axum_jwt_auth;
mod guarded;
mod handwritten;
mod jwt_authorizer;
mod tower_oauth2;

use std::hash::{BuildHasher, RandomState};
use std::io::Read;
use std::path::Path;

use axum::Router;
use axum::http::Method;
use axum::routing::get;
use kinde_perms::ValidatorBuilder;
use serde::Deserialize;
use tokio::net::TcpListener;
use tokio::runtime::Builder;

use crate::fixture::{PERMISSION, read};

pub const BARE: &str = "bare";

/// The issuer's key set, for servers that fetch it.
pub const KEYS: &str = "keys";

/// The claims that a hand-written check reads.
#[derive(Clone, Debug, Deserialize)]
struct Claims {
    #[serde(default)]
    permissions: Vec<String>,
}

impl Claims {
    fn allow(&self) -> bool {
        self.permissions.iter().any(|held| held == PERMISSION)
    }
}

async fn bare() -> &'static str {
    "ok"
}

/// A handler with a trivial first argument: Axum's own cost of an argument, which a guard is too.
async fn with_argument(_: Method) -> &'static str {
    "ok"
}

/// Shifts all later allocations by an amount that differs from process to process.
fn shuffle_memory() {
    let random = RandomState::new();
    for number in 0..random.hash_one("blocks") % 64 {
        let size = random.hash_one(number) % 2048;
        Box::leak(vec![0_u8; 16 + size as usize].into_boxed_slice());
    }
}

/// Returns the number of worker threads: `WORKERS`, one if unset.
fn workers() -> usize {
    std::env::var("WORKERS").map_or(1, |workers| workers.parse().expect("a number of workers"))
}

/// Serves until standard input ends, which happens with the end of the comparison.
pub fn serve(name: &str, folder: &Path) {
    std::thread::spawn(|| {
        let _ = std::io::stdin().read(&mut [0]);
        std::process::exit(0);
    });
    shuffle_memory();
    let runtime = match workers() {
        1 => Builder::new_current_thread().enable_all().build(),
        more => Builder::new_multi_thread().worker_threads(more).enable_all().build(),
    };
    let runtime = runtime.expect("a runtime");
    runtime.block_on(async {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
        println!("{}", listener.local_addr().expect("its address").port());
        if name == "jwt_authorizer" {
            return jwt_authorizer::serve(listener, folder).await;
        }
        let router = router(name, folder).await;
        axum::serve(listener, router).await.expect("the server runs");
    });
}

async fn router(name: &str, folder: &Path) -> Router {
    match name {
        // The same state, so that only the guard differs.
        BARE => Router::new().route("/", get(bare)).with_state(guarded::validator(folder, |builder| builder)),
        KEYS => {
            let keys = read(folder, "keys");
            Router::new().route("/.well-known/jwks.json", get(async || keys))
        }
        "with_argument" => Router::new()
            .route("/", get(with_argument))
            .with_state(guarded::validator(folder, |builder| builder)),
        "guarded_warm" | "guarded_2000_tokens" => guarded::router(folder, |builder| builder),
        "guarded_cold" => guarded::router(folder, |builder: ValidatorBuilder| builder.cache(guarded::tiny())),
        "handwritten" => handwritten::router(folder),
        "axum_jwt_auth" => axum_jwt_auth::router(folder),
        "tower_oauth2_resource_server" => tower_oauth2::router(folder).await,
        other => panic!("there is no server `{other}`"),
    }
}
