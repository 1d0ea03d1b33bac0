#![no_main]

use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};

fuzz_target!(|input: &[u8]| proof::fuzz::event::check(input));

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    let mut random = fastrand::Rng::with_seed(seed.into());
    // One input in sixteen need not be an event any more.
    if random.u8(..16) == 0 {
        return fuzzer_mutate(data, size, max_size);
    }
    let mutate = |mut text: Vec<u8>| {
        let (size, max_size) = (text.len(), 2 * text.len() + 64);
        text.resize(max_size, 0);
        let mutated = fuzzer_mutate(&mut text, size, max_size);
        text.truncate(mutated);
        text
    };
    match proof::fuzz::event::mutate(&data[..size], &mut random, mutate) {
        Some(event) if event.len() <= max_size => {
            data[..event.len()].copy_from_slice(&event);
            event.len()
        }
        _ => fuzzer_mutate(data, size, max_size),
    }
});
