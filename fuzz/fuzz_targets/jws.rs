#![no_main]

#[path = "../src/reward.rs"]
mod reward;
#[path = "../src/runtime.rs"]
#[allow(dead_code, reason = "each target uses its own part")]
mod runtime;

libfuzzer_sys::fuzz_target!(|data: &[u8]| reward::reward(runtime::jws(data)));
