//! What a program finds when it begins, in JavaScript. One prelude a replay version; each that was ever released stays.
//!
//! A worker compiles one at most once and loads the bytecode into each runtime: that is ten times as fast. The current
//! one is compiled before the worker has a program, an older one when its first program comes.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use rquickjs::module::WriteOptions;
use rquickjs::{CatchResultExt as _, Context, Ctx, Error, Function, Module, Result, Runtime};

use crate::program::REPLAY_VERSION;

/// A module whose default is a function of the host's functions; its result is how the worker drives the program.
///
/// Each part is the file of the version that last changed it.
macro_rules! prelude {
    ($($part:literal)*) => {
        concat!("export default (host) => {\n", $(include_str!(concat!("../../prelude/", $part)),)* "};")
    };
}

/// Every prelude that was ever released, from version 1 on.
#[expect(clippy::as_conversions, reason = "there is no other conversion of a constant")]
const RELEASED: [&str; REPLAY_VERSION as usize] = [
    prelude!(
        "v1/01_intrinsics.js"
        "v1/02_tools.js"
        "v1/03_inspect.js"
        "v1/04_console.js"
        "v1/05_timers.js"
        "v1/06_chance.js"
        "v1/07_encoding.js"
        "v1/08_url.js"
        "v1/09_events.js"
        "v1/10_clone.js"
        "v1/11_missing.js"
        "v1/12_run.js"
    ),
    prelude!(
        "v1/01_intrinsics.js"
        "v2/02_tools.js"
        "v2/03_inspect.js"
        "v1/04_console.js"
        "v1/05_timers.js"
        "v1/06_chance.js"
        "v1/07_encoding.js"
        "v1/08_url.js"
        "v1/09_events.js"
        "v1/10_clone.js"
        "v1/11_missing.js"
        "v1/12_run.js"
    ),
];

/// The name under which the engine knows the prelude.
const NAME: &str = "prelude";

/// The preludes that this process has compiled, by their version.
pub(super) struct Preludes(BTreeMap<u32, Prelude>);

impl Preludes {
    /// With the current one.
    pub(super) fn new() -> Result<Self> {
        let mut preludes = Self(BTreeMap::new());
        preludes.of(REPLAY_VERSION)?;
        Ok(preludes)
    }

    /// The prelude of a version. The server gives no program of one that there is not.
    pub(super) fn of(&mut self, version: u32) -> Result<&Prelude> {
        match self.0.entry(version) {
            Entry::Occupied(compiled) => Ok(compiled.into_mut()),
            Entry::Vacant(place) => {
                let index = usize::try_from(version).ok().and_then(|version| version.checked_sub(1));
                let source = index.and_then(|index| RELEASED.get(index)).ok_or(Error::Unknown)?;
                Ok(place.insert(Prelude::compile(source)?))
            }
        }
    }
}

/// A prelude as bytecode.
pub(super) struct Prelude {
    bytecode: Vec<u8>,
}

impl Prelude {
    fn compile(source: &str) -> Result<Self> {
        let runtime = Runtime::new()?;
        Context::full(&runtime)?.with(|ctx| {
            // The C library reads its time zone once, and from files: this makes it do so while there are files. The
            // value does not matter; a failure would show as a forbidden system call.
            let _ = ctx.eval::<i32, _>("new Date(0).getTimezoneOffset()").catch(&ctx);
            let module = Module::declare(ctx, NAME, source)?;
            Ok(Self { bytecode: module.write(WriteOptions::default())? })
        })
    }

    /// The prelude's function, in a runtime that has not seen it.
    #[expect(unsafe_code, reason = "bytecode is trusted by the engine, so it must be our own")]
    pub(super) fn load<'js>(&self, ctx: &Ctx<'js>) -> Result<Function<'js>> {
        // SAFETY: the bytes were written by `compile`, in this process, by this engine.
        let module = unsafe { Module::load(ctx.clone(), &self.bytecode) }?;
        let (module, evaluated) = module.eval()?;
        evaluated.finish::<()>()?;
        module.get("default")
    }
}
