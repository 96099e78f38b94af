//! What a program finds when it begins, in JavaScript. One prelude a replay version; each that was ever released stays.
//!
//! A worker compiles it once and loads the bytecode into each runtime: that is ten times as fast.

use rquickjs::module::WriteOptions;
use rquickjs::{CatchResultExt as _, Context, Ctx, Function, Module, Result, Runtime};

/// A module whose default is a function of the host's functions; its result is how the worker drives the program.
const V1: &str = concat!(
    "export default (host) => {\n",
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
    "};"
);

/// The prelude of [`crate::REPLAY_VERSION`], which every program gets that is compiled now.
const CURRENT: &str = V1;

/// The name under which the engine knows the prelude.
const NAME: &str = "prelude";

/// The prelude as bytecode.
pub(super) struct Prelude {
    bytecode: Vec<u8>,
}

impl Prelude {
    pub(super) fn compile() -> Result<Self> {
        let runtime = Runtime::new()?;
        Context::full(&runtime)?.with(|ctx| {
            // The C library reads its time zone once, and from files: this makes it do so while there are files. The
            // value does not matter; a failure would show as a forbidden system call.
            let _ = ctx.eval::<i32, _>("new Date(0).getTimezoneOffset()").catch(&ctx);
            let module = Module::declare(ctx, NAME, CURRENT)?;
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
