//! What compiles, what does not, and what the compiler then says. The messages are product text.
//!
//! `TRYBUILD=overwrite cargo test -p kinde-perms-tests ui` writes the expected messages anew; read the difference.

#[rustversion::attr(not(stable(1.95)), ignore = "compiler messages are pinned to Rust 1.95")]
#[test]
fn ui() {
    let cases = trybuild::TestCases::new();
    for attribute in ["requires", "public", "handlers", "requirement"] {
        cases.pass(format!("ui/{attribute}/pass/*.rs"));
        cases.compile_fail(format!("ui/{attribute}/fail/*.rs"));
    }
}

