//! The inputs of the fuzz targets, replayed without a fuzzer. Those of the attributes are replayed in the macro crate.

use std::fs;
use std::path::Path;

#[path = "../../fuzz/src/runtime.rs"]
mod runtime;

fn replay(target: &str, run: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus").join(target);
    let mut inputs = 0;
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        println!("{}", path.display());
        run(&fs::read(path).unwrap());
        inputs += 1;
    }
    assert!(inputs >= 15, "the corpus was found");
}

#[test]
fn headers() {
    replay("header", runtime::header);
}

#[test]
fn tokens() {
    replay("jws", runtime::jws);
}

#[test]
fn claims() {
    replay("claims", runtime::claims);
}

#[test]
fn key_sets() {
    replay("key_set", runtime::key_set);
}

#[test]
fn rules() {
    replay("rule", runtime::rule);
}

#[test]
fn bearers() {
    replay("bearer", runtime::bearer);
}
