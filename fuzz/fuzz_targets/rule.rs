#![no_main]

#[path = "../src/runtime.rs"]
#[allow(dead_code, reason = "each target uses its own part")]
mod runtime;

libfuzzer_sys::fuzz_target!(|data: &[u8]| runtime::rule(data));
