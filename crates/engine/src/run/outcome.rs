//! From the ways in which an attempt can end to the end of its task.

use executor_core::journal::{CancelRequested, Event};
use executor_core::task::{TaskEnd, TaskError, TaskStatus, Warning};
use executor_core::{ErrorCode, Failure, Json};
use executor_sandbox::{CompileError, ProgramEnd, Stop, ThrownError};

use super::recorder::Recorder;

/// The end of a task whose program ended by itself.
pub(crate) fn of_program(end: ProgramEnd, warnings: Vec<Warning>, recorder: &Recorder) -> TaskEnd {
    match end {
        ProgramEnd::Returned(value) => TaskEnd {
            status: TaskStatus::Completed,
            result: Some(value.unwrap_or_else(Json::null)),
            error: None,
            warnings,
        },
        ProgramEnd::Threw(thrown) => {
            let (status, error) = of_thrown(thrown);
            failed(status, error, warnings, recorder)
        }
        ProgramEnd::Unserializable(what) => {
            let failure = Failure::new(
                ErrorCode::UnserializableResult,
                format!("The result has no JSON form: {what}."),
            );
            failed(TaskStatus::Failed, failure.into(), warnings, recorder)
        }
        ProgramEnd::Invalid(error) => failed(TaskStatus::Failed, of_compile_error(error), warnings, recorder),
    }
}

/// The end of a task that was ended from outside.
pub(crate) fn of_stop(stop: &Stop, recorder: &Recorder) -> TaskEnd {
    let status = if *stop == Stop::TimedOut { TaskStatus::TimedOut } else { TaskStatus::Failed };
    failed(status, Failure::from(stop).into(), Vec::new(), recorder)
}

/// The end of a task that failed for a reason of the engine's own.
pub(crate) fn of_failure(failure: Failure, recorder: &Recorder) -> TaskEnd {
    let status = if failure.code == ErrorCode::TimedOut { TaskStatus::TimedOut } else { TaskStatus::Failed };
    failed(status, failure.into(), Vec::new(), recorder)
}

/// The end of a task that somebody cancelled.
pub(crate) fn of_cancel(request: Option<&CancelRequested>, recorder: &Recorder) -> TaskEnd {
    let message = match request.and_then(|request| request.reason.as_deref()) {
        Some(reason) => format!("The task was cancelled: {reason}"),
        None => "The task was cancelled.".to_owned(),
    };
    failed(TaskStatus::Cancelled, Failure::new(ErrorCode::Cancelled, message).into(), Vec::new(), recorder)
}

/// The end of a task that somebody cancelled while it was rows only: its program is not run again for that.
pub(crate) fn of_cancel_before(request: &CancelRequested, recorder: &Recorder) -> TaskEnd {
    recorder.record(Event::CancelRequested(request.clone()));
    recorder.abandon();
    of_cancel(Some(request), recorder)
}

fn failed(status: TaskStatus, mut error: TaskError, warnings: Vec<Warning>, recorder: &Recorder) -> TaskEnd {
    error.writes_done = recorder.writes_done();
    TaskEnd { status, result: None, error: Some(error), warnings }
}

fn of_thrown(thrown: ThrownError) -> (TaskStatus, TaskError) {
    let status = match thrown.tool_error {
        Some(ErrorCode::PolicyDenied | ErrorCode::ApprovalDenied) => TaskStatus::Denied,
        _ => TaskStatus::Failed,
    };
    let code = thrown.tool_error.unwrap_or(ErrorCode::UncaughtError);
    let failure = Failure::new(code, thrown.message);
    let failure = match thrown.hint {
        Some(hint) => failure.with_hint(hint),
        None => failure,
    };
    let error = TaskError {
        failure,
        name: thrown.name,
        location: thrown.location,
        stack: thrown.stack,
        writes_done: Vec::new(),
    };
    (status, error)
}

fn of_compile_error(error: CompileError) -> TaskError {
    let mut failure = Failure::new(ErrorCode::SyntaxError, error.message);
    if let Some(hint) = error.hint {
        failure = failure.with_hint(hint);
    }
    TaskError { location: error.location, ..failure.into() }
}
