//! One program in one JavaScript runtime, from its first turn to its end.

use std::rc::Rc;

use rquickjs::context::EvalOptions;
use rquickjs::function::{Args, This};
use rquickjs::loader::{ImportAttributes, Loader, Resolver};
use rquickjs::module::Declared;
use rquickjs::{Context, Ctx, Error, Exception, Function, Module, Object, Persistent, Runtime, Value};

use super::inbox::Inbox;
use super::outbox::Outbox;
use super::prelude::Preludes;
use super::state::State;
use super::{host, memory, thrown};
use crate::output::CompileError;
use crate::program::CompiledProgram;
use crate::protocol::{Begin, Deliver, Delivered, End, FromWorker, ProgramText, ToWorker};
use crate::transform;

/// The stack of a program. Beyond it is an error that code can catch: where it strikes is the same in each replay.
const STACK_BYTES: usize = 256 << 10;

/// Something of the prelude or the engine that cannot fail did.
#[derive(Debug)]
pub(super) struct Broken;

impl From<Error> for Broken {
    fn from(_: Error) -> Self {
        Broken
    }
}

/// A runtime with the prelude in it, waiting for a program.
pub(super) struct Machine {
    // Dropped in this order: nothing of the runtime outlives it.
    driver: Persistent<Object<'static>>,
    context: Context,
    runtime: Runtime,
    state: Rc<State>,
}

impl Machine {
    pub(super) fn prepare(
        preludes: &mut Preludes,
        version: u32,
        outbox: &Rc<Outbox>,
    ) -> Result<Self, Broken> {
        let prelude = preludes.of(version)?;
        let state = State::new(Rc::clone(outbox));
        let runtime = Runtime::new_with_alloc(memory::Counted::new(Rc::clone(&state)))?;
        runtime.set_max_stack_size(STACK_BYTES);
        let watched = Rc::clone(&state);
        runtime.set_interrupt_handler(Some(Box::new(move || {
            watched.check_time();
            false
        })));
        runtime.set_loader(NoModules, NoModules);
        let context = Context::full(&runtime)?;
        let driver = context.with(|ctx| {
            let driver: Object<'_> = prelude.load(&ctx)?.call((host::functions(&ctx, &state)?,))?;
            Ok::<_, Error>(Persistent::save(&ctx, driver))
        })?;
        Ok(Self { driver, context, runtime, state })
    }

    /// Runs a program until it ends or the server wants no more of it.
    pub(super) fn run(self, begin: Begin, inbox: &mut Inbox) -> Result<(), Broken> {
        self.state.begin(&begin);
        match self.start(begin.program) {
            Ok(()) => {}
            Err(Refused::Broken) => return Err(Broken),
            Err(Refused::Invalid(error)) => self.state.set_end(End::Invalid(error)),
        }
        self.finish_turn();
        while !self.state.has_ended() || self.report_end() {
            match inbox.next() {
                Some(ToWorker::Deliver(delivery)) => self.deliver(delivery)?,
                Some(ToWorker::Abandon) => return Ok(()),
                Some(ToWorker::Begin(_)) | None => return Err(Broken),
            }
        }
        Ok(())
    }

    /// Tells of the program's end. There is no next frame to wait for after it.
    fn report_end(&self) -> bool {
        if let Some(end) = self.state.take_end() {
            self.state.outbox().push(&FromWorker::Ended { end, ran_micros: self.state.turn_micros() });
            self.state.outbox().flush();
        }
        false
    }

    fn start(&self, program: ProgramText) -> Result<(), Refused> {
        let CompiledProgram { code, mapping, .. } = match program {
            ProgramText::Compiled(program) => program,
            ProgramText::Source { source, replay_version } => {
                let compiled = transform::compile(&source).map_err(Refused::Invalid)?;
                let program = CompiledProgram { replay_version, ..compiled };
                self.state.outbox().push(&FromWorker::Compiled(program.clone()));
                program
            }
        };
        self.state.set_mapping(mapping);
        self.context.with(|ctx| {
            let main: Function<'_> =
                evaluate(&ctx, thrown::PROGRAM, &code).map_err(|_| self.refusal(&ctx))?;
            self.drive(&ctx, "run", |arguments| arguments.push_arg(main)).map_err(|_| Refused::Broken)
        })
    }

    /// Why the engine does not take what the transform gave.
    fn refusal(&self, ctx: &Ctx<'_>) -> Refused {
        let caught = ctx.catch();
        let Some(error) = caught.as_object().and_then(|error| Exception::from_object(error.clone())) else {
            return Refused::Broken;
        };
        let stack = error.stack().unwrap_or_default();
        Refused::Invalid(CompileError {
            message: error.message().unwrap_or_else(|| "the code cannot be compiled".to_owned()),
            location: thrown::location(self.state.mapping(), &stack),
            hint: None,
        })
    }

    fn deliver(&self, delivery: Deliver) -> Result<(), Broken> {
        self.state.start_turn(delivery.now, delivery.turn_micros);
        self.context.with(|ctx| match delivery.what {
            Delivered::Completed { call, value } => self.settle(&ctx, call, true, value),
            Delivered::Failed { call, error } => self.settle(&ctx, call, false, error),
            Delivered::Timer { timer } => {
                self.drive(&ctx, "fireTimer", |arguments| arguments.push_arg(timer))
            }
        })?;
        if delivery.run {
            self.finish_turn();
        }
        Ok(())
    }

    fn settle(&self, ctx: &Ctx<'_>, call: u32, completed: bool, json: String) -> Result<(), Error> {
        let (completed, value) = match ctx.json_parse(json) {
            Ok(value) => (completed, value),
            Err(_) => (false, unreadable(ctx)?),
        };
        self.drive(ctx, "settleCall", |arguments| {
            arguments.push_arg(call)?;
            arguments.push_arg(completed)?;
            arguments.push_arg(value)
        })
    }

    /// Calls a function of the prelude.
    fn drive<'js>(
        &self,
        ctx: &Ctx<'js>,
        name: &str,
        fill: impl FnOnce(&mut Args<'js>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let driver = self.driver.clone().restore(ctx)?;
        let function: Function<'js> = driver.get(name)?;
        let mut arguments = Args::new(ctx.clone(), 3);
        arguments.this(This(driver).0)?;
        fill(&mut arguments)?;
        function.call_arg(arguments)
    }

    /// Runs the job queue until it is empty or the program has ended, and says that it waits.
    fn finish_turn(&self) {
        while !self.state.has_ended() {
            // A job that throws is a promise that nobody watches.
            if matches!(self.runtime.execute_pending_job(), Ok(false)) {
                break;
            }
            self.state.check_time();
        }
        if !self.state.has_ended() {
            self.state.outbox().push(&FromWorker::Idle { ran_micros: self.state.turn_micros() });
            self.state.outbox().flush();
        }
    }
}

/// Why a program does not start.
enum Refused {
    Invalid(CompileError),
    Broken,
}

fn evaluate<'js, V: rquickjs::FromJs<'js>>(ctx: &Ctx<'js>, name: &str, code: &str) -> Result<V, Error> {
    let mut options = EvalOptions::default();
    options.filename = Some(name.to_owned());
    ctx.eval_with_options(code, options)
}

/// What a call fails with whose outcome the engine cannot read, as when it is nested too deeply for its stack.
fn unreadable<'js>(ctx: &Ctx<'js>) -> Result<Value<'js>, Error> {
    let _ = ctx.catch();
    ctx.json_parse(
        r#"{"code":"upstream_invalid","message":"The answer is nested too deeply.","retryable":false}"#,
    )
}

/// Answers every `import(…)`.
struct NoModules;

impl Resolver for NoModules {
    fn resolve<'js>(
        &mut self,
        _ctx: &Ctx<'js>,
        base: &str,
        name: &str,
        _attributes: Option<ImportAttributes<'js>>,
    ) -> Result<String, Error> {
        let instead = "there are no modules; everything outside is a tool, `await tools.<source>.<tool>(…)`";
        Err(Error::new_resolving_message(base, name, instead))
    }
}

impl Loader for NoModules {
    fn load<'js>(
        &mut self,
        _ctx: &Ctx<'js>,
        name: &str,
        _attributes: Option<ImportAttributes<'js>>,
    ) -> Result<Module<'js, Declared>, Error> {
        Err(Error::new_loading(name))
    }
}
