//! What compiles, what does not, and what the compiler then says. The messages are product text.
//!
//! `TRYBUILD=overwrite cargo test -p kinde-perms-tests ui` writes the expected messages anew; read the difference.

#[path = "../ui/handlers/pass/impl_blocks.rs"]
mod impl_blocks;
#[path = "../ui/requires/pass/lints.rs"]
mod lints;
#[path = "../ui/requirement/pass/values.rs"]
mod values;

#[rustversion::attr(not(stable(1.95)), ignore = "compiler messages are pinned to Rust 1.95")]
#[test]
fn ui() {
    let cases = trybuild::TestCases::new();
    for attribute in ["requires", "public", "handlers", "requirement", "guarded_router"] {
        cases.pass(format!("ui/{attribute}/pass/*.rs"));
        cases.compile_fail(format!("ui/{attribute}/fail/*.rs"));
    }
}

/// These cases forbid lints of clippy's, which only reads what it compiles itself: this binary, not theirs.
#[test]
fn expansions_are_clean_under_the_users_lints() {
    lints::main();
    impl_blocks::main();
    values::main();
}
