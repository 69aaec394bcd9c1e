#![no_main]
#![allow(dead_code, reason = "the macros' own entry points are not among the modules")]

include!("../src/macros.rs");

libfuzzer_sys::fuzz_target!(|data: &[u8]| attribute::attribute(data));
