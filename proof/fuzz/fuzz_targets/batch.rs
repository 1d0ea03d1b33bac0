#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| proof::fuzz::batch::check(input));
