//! The functions that the prelude is given. What a program can reach of them it reaches through the prelude only, and
//! still nothing here trusts an argument.

use std::rc::Rc;

use executor_core::error::ErrorCode;
use executor_core::journal::ConsoleLevel;
use rquickjs::function::Func;
use rquickjs::{ArrayBuffer, Ctx, Exception, Object, Result, TypedArray};

use super::state::State;
use super::{text, thrown, url};
use crate::output::ThrownError;
use crate::protocol::{End, FromWorker, Limit, MOST_PATH_BYTES};

/// What `crypto.getRandomValues` fills at most.
const MOST_RANDOM_BYTES: usize = 1 << 16;

/// An object with all of them.
pub(super) fn functions<'js>(ctx: &Ctx<'js>, state: &Rc<State>) -> Result<Object<'js>> {
    let host = Object::new(ctx.clone())?;
    add_effects(&host, state)?;
    add_inputs(&host, state)?;
    add_ends(&host, state)?;
    add_text(&host, state)?;
    Ok(host)
}

/// What the program does.
fn add_effects<'js>(host: &Object<'js>, state: &Rc<State>) -> Result<()> {
    let shared = Rc::clone(state);
    let call = move |ctx: Ctx<'js>,
                     path: String,
                     arguments: String,
                     options: String,
                     stack: Option<String>| {
        if path.len() > MOST_PATH_BYTES {
            return Err(Exception::throw_type(&ctx, "the path of a tool has no more than 512 characters"));
        }
        if text::is_too_deep(&arguments) || text::is_too_deep(&options) {
            let message =
                format!("tools.{path}: the arguments are nested more than {} deep", text::MOST_DEPTH);
            return Err(Exception::throw_type(&ctx, &message));
        }
        shared.check_size(&arguments, Limit::Arguments);
        shared.check_size(&options, Limit::Arguments);
        let call = shared.next_call();
        let place = stack.and_then(|stack| thrown::location(shared.mapping(), &stack));
        let (arguments, options) = (text::mend(arguments), text::mend(options));
        shared.outbox().push(&FromWorker::Call {
            call,
            path,
            arguments,
            options,
            line: place.map(|place| place.line),
        });
        Ok(call)
    };
    host.set("call", Func::from(call))?;

    let shared = Rc::clone(state);
    let timer_set = move |delay_millis: f64| {
        let timer = shared.next_timer();
        // The prelude gives whole milliseconds of at most 30 days.
        #[expect(
            clippy::as_conversions,
            reason = "`as` takes the nearest that fits, which is right for any number"
        )]
        let delay_millis = delay_millis as u64;
        shared.outbox().push(&FromWorker::TimerSet { timer, delay_millis });
        timer
    };
    host.set("timerSet", Func::from(timer_set))?;

    let shared = Rc::clone(state);
    host.set(
        "timerClear",
        Func::from(move |timer: u32| shared.outbox().push(&FromWorker::TimerCleared { timer })),
    )?;

    let shared = Rc::clone(state);
    let console = move |level: String, line: String| {
        let level = match level.as_str() {
            "debug" => ConsoleLevel::Debug,
            "warn" => ConsoleLevel::Warn,
            "error" => ConsoleLevel::Error,
            _ => ConsoleLevel::Info,
        };
        shared.write_line(level, line);
    };
    host.set("console", Func::from(console))?;

    let shared = Rc::clone(state);
    let emit = move |ctx: Ctx<'js>, value: String| {
        if text::is_too_deep(&value) {
            return Err(Exception::throw_type(
                &ctx,
                &format!("emit: the value is nested more than {} deep", text::MOST_DEPTH),
            ));
        }
        shared.emit(text::mend(value));
        Ok(())
    };
    host.set("emit", Func::from(emit))
}

/// What the program learns besides deliveries: time and chance.
fn add_inputs<'js>(host: &Object<'js>, state: &Rc<State>) -> Result<()> {
    let shared = Rc::clone(state);
    #[expect(clippy::as_conversions, reason = "a time of ours is far within the integers of a double")]
    host.set("now", Func::from(move || shared.now() as f64))?;
    let shared = Rc::clone(state);
    host.set("random", Func::from(move || shared.with_random(|random| random.fraction())))?;
    let shared = Rc::clone(state);
    host.set("randomUuid", Func::from(move || shared.with_random(|random| random.uuid())))?;
    let shared = Rc::clone(state);
    let random_bytes = move |ctx: Ctx<'js>, count: u32| {
        let count = usize::try_from(count).unwrap_or(usize::MAX).min(MOST_RANDOM_BYTES);
        ArrayBuffer::new_copy(ctx, shared.with_random(|random| random.bytes(count)))
    };
    host.set("randomBytes", Func::from(random_bytes))
}

/// How the program ends.
fn add_ends<'js>(host: &Object<'js>, state: &Rc<State>) -> Result<()> {
    let shared = Rc::clone(state);
    let returned = move |result: Option<String>| match result {
        Some(result) if text::is_too_deep(&result) => {
            shared.set_end(End::Unserializable(format!("nested more than {} deep", text::MOST_DEPTH)));
        }
        Some(result) => {
            shared.check_size(&result, Limit::Result);
            shared.set_end(End::Returned(Some(text::mend(result))));
        }
        None => shared.set_end(End::Returned(None)),
    };
    host.set("returned", Func::from(returned))?;

    let shared = Rc::clone(state);
    let threw = move |name: Option<String>,
                      message: String,
                      stack: String,
                      code: Option<String>,
                      hint: Option<String>| {
        let error = thrown::thrown(shared.mapping(), name, message, &stack);
        let tool_error = code.as_deref().and_then(ErrorCode::from_name);
        shared.set_end(End::Threw(ThrownError { tool_error, hint, ..error }));
    };
    host.set("threw", Func::from(threw))?;

    let shared = Rc::clone(state);
    host.set("unserializable", Func::from(move |what: String| shared.set_end(End::Unserializable(what))))
}

/// What is done better here than in JavaScript.
fn add_text<'js>(host: &Object<'js>, state: &Rc<State>) -> Result<()> {
    let shared = Rc::clone(state);
    host.set("trace", Func::from(move |stack: String| thrown::trace(shared.mapping(), &stack)))?;
    host.set(
        "utf8Encode",
        Func::from(move |ctx: Ctx<'js>, string: String| ArrayBuffer::new_copy(ctx, string)),
    )?;
    let utf8_decode = move |bytes: TypedArray<'js, u8>, fatal: bool, keep_mark: bool| {
        let bytes = bytes_of(&bytes);
        let bytes = bytes.as_slice();
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").filter(|_| !keep_mark).unwrap_or(bytes);
        if fatal {
            str::from_utf8(bytes).ok().map(str::to_owned)
        } else {
            Some(String::from_utf8_lossy(bytes).into_owned())
        }
    };
    host.set("utf8Decode", Func::from(utf8_decode))?;
    let parse =
        move |ctx: Ctx<'js>, text: String, base: Option<String>| url::parse(ctx, &text, base.as_deref());
    host.set("url", Func::from(parse))?;
    let change = move |ctx: Ctx<'js>, href: String, part: String, value: String| {
        url::change(ctx, &href, &part, &value)
    };
    host.set("urlSet", Func::from(change))?;
    host.set("formParse", Func::from(|query: String| url::parse_form(&query)))?;
    host.set("formSerialize", Func::from(|list: Vec<String>| url::serialize_form(&list)))
}

/// A copy of an array's bytes; a detached one has none.
#[expect(unsafe_code, reason = "the engine gives the bytes of an array by pointer only")]
fn bytes_of(array: &TypedArray<'_, u8>) -> Vec<u8> {
    // SAFETY: the array lives, and no code of the program runs that could move its bytes while they are copied.
    array.as_raw().map(|bytes| unsafe { bytes.as_ref() }.to_vec()).unwrap_or_default()
}
