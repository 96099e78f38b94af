//! What a program finds when it begins, in JavaScript. One prelude a replay version; each that was ever released stays.

/// One function of the host's functions; its result is how the worker drives the program.
const V1: &str = concat!(
    "(host) => {\n",
    include_str!("../../prelude/v1/01_intrinsics.js"),
    include_str!("../../prelude/v1/02_tools.js"),
    include_str!("../../prelude/v1/03_inspect.js"),
    include_str!("../../prelude/v1/04_console.js"),
    include_str!("../../prelude/v1/05_timers.js"),
    include_str!("../../prelude/v1/06_chance.js"),
    include_str!("../../prelude/v1/07_encoding.js"),
    include_str!("../../prelude/v1/08_url.js"),
    include_str!("../../prelude/v1/09_events.js"),
    include_str!("../../prelude/v1/10_clone.js"),
    include_str!("../../prelude/v1/11_missing.js"),
    include_str!("../../prelude/v1/12_run.js"),
    "}"
);

/// The prelude of [`crate::REPLAY_VERSION`], which every program gets that is compiled now.
pub(super) const CURRENT: &str = V1;
