//! What compiles, what does not, and what the compiler then says. The messages are product text.
//!
//! `TRYBUILD=overwrite cargo test -p kinde-perms-tests ui` writes the expected messages anew; read the difference.

use std::fs;
use std::path::{Path, PathBuf};

#[path = "../ui/handlers/pass/impl_blocks.rs"]
mod impl_blocks;
#[path = "../ui/requires/pass/lints.rs"]
mod lints;
#[path = "../ui/requirement/pass/values.rs"]
mod values;

#[rustversion::attr(not(stable(1.95)), ignore = "compiler messages are pinned to Rust 1.95")]
#[test]
fn ui() {
    let manifest = Manifest::remove();
    run(&["check", "requires", "public", "handlers", "requirement", "guarded_router", "no_manifest"]);
    manifest.write();
    run(&["manifest"]);
}

fn run(groups: &[&str]) {
    let cases = trybuild::TestCases::new();
    for group in groups {
        for passing in fs::read_dir(format!("ui/{group}/pass")).into_iter().flatten() {
            cases.pass(passing.unwrap().path());
        }
        cases.compile_fail(format!("ui/{group}/fail/*.rs"));
    }
}

/// The manifest of the package that the cases are compiled in, which is not this one; gone when dropped.
struct Manifest(PathBuf);

impl Manifest {
    fn remove() -> Self {
        let scratch = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
        let path = scratch.join("tests/trybuild").join(env!("CARGO_PKG_NAME")).join("kinde.toml");
        let _ = fs::remove_file(&path);
        Self(path)
    }

    fn write(&self) {
        fs::copy("ui/manifest/kinde.toml", &self.0).unwrap();
    }
}

impl Drop for Manifest {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

/// These cases forbid lints of clippy's, which only reads what it compiles itself: this binary, not theirs.
#[test]
fn expansions_are_clean_under_the_users_lints() {
    lints::main();
    impl_blocks::main();
    values::main();
}
