//! Programs that fail by themselves, or that a limit ends.

use executor_core::ErrorCode;
use serde_json::json;

use super::Case;
use super::told::Told;
use super::world::World;

pub(super) const CASES: &[Case] = &[
    case(ErrorCode::SyntaxError, |world| Told::by_task(&world.run("return 1 +"))),
    case(ErrorCode::UncaughtError, |world| Told::by_task(&world.run("throw new TypeError('no')"))),
    case(ErrorCode::UnserializableResult, |world| Told::by_task(&world.run("return 10n"))),
    case(ErrorCode::Deadlock, |world| Told::by_task(&world.run("await new Promise(() => {})"))),
    case(ErrorCode::TimedOut, |world| {
        let endless = json!({ "code": "for (;;) {}", "timeoutMs": 100, "waitMs": 30_000 });
        Told::by_task(&world.submit(endless))
    }),
    case(ErrorCode::MemoryLimit, |world| {
        Told::by_task(&world.run("const all = []; for (;;) all.push('x'.repeat(1e6) + all.length)"))
    }),
    // Recursion ends in an error that can be caught; thrown on, it is the program's own.
    case(ErrorCode::UncaughtError, |world| Told::by_task(&world.run("const f = () => f() + 1; f()"))),
    case(ErrorCode::OutputLimit, |world| Told::by_task(&world.run("return 'x'.repeat(17 << 20)"))),
    case(ErrorCode::CallLimit, |world| {
        Told::by_task(&world.run("for (let i = 0; i < 1001; i++) tools.odd.well({}).catch(() => {})"))
    }),
    case(ErrorCode::JournalLimit, |world| {
        Told::by_task(&world.run("for (let i = 0; i < 10; i++) await tools.odd.megabytes({ count: 12 })"))
    }),
];

const fn case(code: ErrorCode, provoke: fn(&World) -> Told) -> Case {
    Case { code, provoke }
}
