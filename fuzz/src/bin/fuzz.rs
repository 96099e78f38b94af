//! One program for all targets: `EXECUTOR_FUZZ_TARGET` names the one that libFuzzer feeds. See `fuzz/run`.

#![no_main]
#![allow(unsafe_code, reason = "libFuzzer calls by name")]

use std::sync::LazyLock;

use executor_fuzz::{TARGETS, Target};

static TARGET: LazyLock<&Target> = LazyLock::new(|| {
    #[expect(clippy::disallowed_methods, reason = "no setting of the product")]
    let name = std::env::var("EXECUTOR_FUZZ_TARGET").unwrap_or_default();
    let target = TARGETS.iter().find(|target| target.name == name);
    #[expect(clippy::panic, reason = "there is nothing else to do")]
    target.unwrap_or_else(|| panic!("EXECUTOR_FUZZ_TARGET names no target: `{name}`"))
});

libfuzzer_sys::fuzz_target!(
    init: for seed in (TARGET.deep)() {
        (TARGET.run)(&seed);
    },
    |bytes: &[u8]| (TARGET.run)(bytes)
);
