// A macro crate exports macros only. So this file includes its modules by path. `include!` it at the root of a crate: the
// modules name each other from there.

#[path = "../../kinde-perms-macros/src/arguments.rs"]
mod arguments;
#[path = "../../kinde-perms-macros/src/check.rs"]
mod check;
#[path = "../../kinde-perms-macros/src/errors.rs"]
mod errors;
#[path = "../../kinde-perms-macros/src/function.rs"]
mod function;
#[path = "../../kinde-perms-macros/src/guarded.rs"]
mod guarded;
#[path = "../../kinde-perms-macros/src/handlers.rs"]
mod handlers;
#[path = "../../kinde-perms-macros/src/manifest/mod.rs"]
mod manifest;
#[path = "../../kinde-perms-macros/src/marker.rs"]
mod marker;
#[path = "../../kinde-perms-macros/src/public.rs"]
mod public;
#[path = "../../kinde-perms-macros/src/requirement.rs"]
mod requirement;
#[path = "../../kinde-perms-macros/src/requires/mod.rs"]
mod requires;
#[path = "../../kinde-perms-macros/src/root.rs"]
mod root;

#[path = "attribute.rs"]
mod attribute;
