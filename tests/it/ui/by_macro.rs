//! Handlers that a `macro_rules!` macro writes.
#![deny(warnings)]

use axum::Router;
use axum::routing::get;
use kinde_perms::{Validator, requires};

macro_rules! handler {
    ($visibility:vis $name:ident, $constant:path, $expression:expr, $list:expr, $($key:literal),+) => {
        #[requires(permissions = [$($key),+], roles = [$constant, $expression], scopes = $list, org = $expression)]
        $visibility async fn $name() {}
    };
}

const ADMIN: &str = "admin";

handler!(pub(crate) list, self::ADMIN, "a", ["openid"], "read:todos", "read:lists");
handler!(create, ADMIN, ADMIN_OF_ALL, ["openid", ADMIN], "create:todos");

const ADMIN_OF_ALL: &str = "all";

pub(crate) fn main() {
    let _: Router<Validator> = Router::new().route("/", get(list).post(create));
}
