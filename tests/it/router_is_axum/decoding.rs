//! Axum matches paths as sent; a service may decode them. If a public service reaches a guarded file by another spelling,
//! the rule of the path does not protect the file. The tests pin this limit and its remedy: separate folders.

use std::fs;
use std::path::{Path, PathBuf};

use http::StatusCode;
use kinde_perms::routing::{guarded_service, public_service};
use kinde_perms::{GuardedRouter, requirement};
use kinde_perms_testkit::Offline;
use kinde_perms_tests::{get, send};
use tower_http::services::ServeDir;

/// Spellings of `/admin/keys.txt` that Axum does not match below `/admin`, but `ServeDir` resolves to the folder `admin`.
const SPELLINGS: [&str; 5] = [
    "/%61dmin/keys.txt",
    "/admin%2Fkeys.txt",
    "//admin/keys.txt",
    "/./admin/keys.txt",
    "/%2e/admin/keys.txt",
];

/// A temporary folder that contains `admin/keys.txt`; removed on drop.
struct Site(PathBuf);

impl Site {
    fn new(name: &str) -> Self {
        let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        fs::create_dir_all(root.join("admin")).unwrap();
        fs::write(root.join("admin/keys.txt"), "secret").unwrap();
        Self(root)
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

async fn statuses(public: &Path, admin: &Path) -> Vec<StatusCode> {
    let kinde = Offline::new();
    let app = GuardedRouter::new()
        .nest_service("/admin", guarded_service(requirement!(roles = ["admin"]), ServeDir::new(admin)))
        .fallback_service(public_service("the page", ServeDir::new(public)))
        .with_state(kinde.validator())
        .into_router();
    assert_eq!(send(&app, get("/admin/keys.txt", None)).await.status, StatusCode::UNAUTHORIZED);
    let mut statuses = Vec::new();
    for path in SPELLINGS {
        statuses.push(send(&app, get(path, None)).await.status);
    }
    statuses
}

#[tokio::test]
async fn a_rule_holds_for_a_path_and_not_for_a_folder() {
    let site = Site::new("one-folder");
    let shared = statuses(&site.0, &site.0.join("admin")).await;
    assert_eq!(shared, [StatusCode::OK; SPELLINGS.len()], "the public service has the folder, too");
}

#[tokio::test]
async fn no_spelling_reaches_a_separate_folder() {
    let (page, admin) = (Site::new("page"), Site::new("admin"));
    fs::remove_dir_all(page.0.join("admin")).unwrap();
    let apart = statuses(&page.0, &admin.0.join("admin")).await;
    assert_eq!(apart, [StatusCode::NOT_FOUND; SPELLINGS.len()]);
}

/// `ServeDir` refuses dot segments that leave its folder, and Axum routes them by the prefix in which they were sent.
#[tokio::test]
async fn dot_segments_do_not_reach_a_guarded_folder() {
    let (page, site) = (Site::new("outer"), Site::new("inner"));
    let kinde = Offline::new();
    let app = GuardedRouter::new()
        .nest_service("/assets", public_service("the page", ServeDir::new(page.0.join("admin"))))
        .nest_service("/admin", guarded_service(requirement!(roles = ["admin"]), ServeDir::new(&site.0)))
        .with_state(kinde.validator())
        .into_router();
    for path in ["/assets/../admin/keys.txt", "/assets/..%2Fadmin/keys.txt", "/assets/%2e%2e/admin/keys.txt"]
    {
        assert_eq!(send(&app, get(path, None)).await.status, StatusCode::NOT_FOUND, "{path}");
    }
}
