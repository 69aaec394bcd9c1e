//! A macro crate exports nothing but macros, so its modules are included here as the crate's own.
#![no_main]
#![allow(dead_code, reason = "the macros' entry points are not among the modules")]

#[path = "../../kinde-perms-macros/src/arguments.rs"]
mod arguments;
#[path = "../src/attribute.rs"]
mod attribute;
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

libfuzzer_sys::fuzz_target!(|data: &[u8]| attribute::attribute(data));
