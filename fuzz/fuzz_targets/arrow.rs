#![no_main]

libfuzzer_sys::fuzz_target!(init: sayso_fuzz::let_readers_contain_panics(), |data: &[u8]| sayso_fuzz::run("arrow", data));
