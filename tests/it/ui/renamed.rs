//! `crate = path` is for a dependency that has another name, or is re-exported.
#![deny(warnings)]

use axum::Router;
use axum::routing::get;

mod vendored {
    pub(crate) mod kinde {
        pub(crate) use ::kinde_perms::__private;
        pub(crate) use ::kinde_perms::*;
    }
}

mod kinde_perms {}

use vendored::kinde;

#[kinde::requires(permissions = ["a"], crate = crate::ui::renamed::vendored::kinde)]
async fn absolute() {}

#[kinde::requires(permissions = ["a"], crate = kinde)]
#[kinde::requires(roles = ["b"], crate = kinde)]
async fn relative() {}

#[kinde::public(reason = "health check", crate = kinde)]
async fn open() {}

struct Todos;

#[kinde::handlers(crate = kinde)]
impl Todos {
    #[kinde::requires(permissions = ["a"])]
    async fn list() {}
}

const RULE: kinde::Requirement = kinde::requirement!(roles = ["admin"], crate = kinde);

pub(crate) fn main() {
    let _: Router<kinde::Validator> = Router::new()
        .route("/absolute", get(absolute))
        .route("/relative", get(relative))
        .route("/open", get(open))
        .route("/list", get(Todos::list));
    let _ = RULE;
}
