//! UI cases that must not compile, compared with the expected messages (`.stderr`). The messages are product text.
//!
//! `TRYBUILD=overwrite cargo test -p kinde-perms-compile-tests --test fail` rewrites the messages; read the diff.
//!
//! Cases that must compile are modules of `tests/it/ui`: a single one here would make trybuild build everything, one
//! case after the other.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails, in its helpers too")]

use std::fs;
use std::path::{Path, PathBuf};

#[rustversion::attr(not(stable(1.95)), ignore = "compiler messages are pinned to Rust 1.95")]
#[test]
fn ui() {
    let manifest = Manifest::remove();
    let entries = fs::read_dir(".").unwrap().map(|entry| entry.unwrap());
    let groups: Vec<_> =
        entries.filter(|entry| entry.path().join("fail").is_dir()).map(|entry| entry.file_name()).collect();
    assert!(groups.len() >= 9, "{groups:?}");
    run(groups.iter().filter_map(|group| group.to_str()).filter(|group| *group != "manifest"));
    manifest.write();
    run(["manifest"].into_iter());
}

fn run<'a>(groups: impl Iterator<Item = &'a str>) {
    let cases = trybuild::TestCases::new();
    for group in groups {
        cases.compile_fail(format!("{group}/fail/*.rs"));
    }
}

/// The `kinde.toml` of the package in which trybuild compiles the cases; removed on drop.
struct Manifest(PathBuf);

impl Manifest {
    fn remove() -> Self {
        let scratch = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
        let path = scratch.join("tests/trybuild").join(env!("CARGO_PKG_NAME")).join("kinde.toml");
        let _ = fs::remove_file(&path);
        Self(path)
    }

    fn write(&self) {
        fs::copy("kinde.toml", &self.0).unwrap();
    }
}

impl Drop for Manifest {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}
