//! What does not compile, and what the compiler then says. The messages are product text.
//!
//! `TRYBUILD=overwrite cargo test -p kinde-perms-compile-tests --test fail` writes the expected messages anew; read the difference.
//!
//! Only cases that fail: one that must compile would make trybuild build everything, and each case after the other.
//! Those are modules of `tests/it/ui.rs`.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails, in its helpers too")]

use std::fs;
use std::path::{Path, PathBuf};

#[rustversion::attr(not(stable(1.95)), ignore = "compiler messages are pinned to Rust 1.95")]
#[test]
fn ui() {
    let manifest = Manifest::remove();
    let groups: Vec<_> = fs::read_dir("ui").unwrap().map(|group| group.unwrap().file_name()).collect();
    assert!(groups.len() >= 9, "{groups:?}");
    run(groups.iter().filter_map(|group| group.to_str()).filter(|group| *group != "manifest"));
    manifest.write();
    run(["manifest"].into_iter());
}

fn run<'a>(groups: impl Iterator<Item = &'a str>) {
    let cases = trybuild::TestCases::new();
    for group in groups {
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
