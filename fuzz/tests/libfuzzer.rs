//! One target under libFuzzer, which owns the command line: `TRENT_FUZZ_TARGET` names the target.
#![no_main]
#![allow(clippy::panic, reason = "a program of tests: a panic is how it fails")]

use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;
use trent_fuzz::{Target, target};

fn chosen() -> &'static Target {
    static TARGET: OnceLock<&Target> = OnceLock::new();
    TARGET.get_or_init(|| {
        let name = std::env::var_os("TRENT_FUZZ_TARGET").unwrap_or_default();
        let found = name.to_str().and_then(target);
        found.unwrap_or_else(|| panic!("TRENT_FUZZ_TARGET names no target: {}", name.display()))
    })
}

fuzz_target!(|data: &[u8]| {
    (chosen().run)(data);
});
