#![no_main]

#[path = "../src/reward.rs"]
mod reward;

libfuzzer_sys::fuzz_target!(|data: &[u8]| reward::reward(kinde_perms_test_inputs::fuzz::header(data)));
