//! Replays the corpora of the fuzz targets without a fuzzer. `tests/attribute` replays the corpus of `attribute`.

use std::fs;
use std::path::Path;

use kinde_perms_test_inputs::fuzz;

fn replay<T>(target: &str, run: fn(&[u8]) -> T) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus").join(target);
    let inputs: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(inputs.len() >= 15, "the corpus was found");
    for input in inputs {
        eprintln!("{}", input.display());
        run(&fs::read(input).unwrap());
    }
}

#[test]
fn headers() {
    replay("header", fuzz::header);
}

#[test]
fn tokens() {
    replay("jws", fuzz::jws);
}

#[test]
fn claims() {
    replay("claims", fuzz::claims);
}

#[test]
fn key_sets() {
    replay("key_set", fuzz::key_set);
}

#[test]
fn rules() {
    replay("rule", fuzz::rule);
}

#[test]
fn bearers() {
    replay("bearer", fuzz::bearer);
}
