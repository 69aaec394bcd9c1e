#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| kinde_perms_test_inputs::fuzz::rule(data));
