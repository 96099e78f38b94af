//! Running tasks: who is next, one attempt at a time, each with its recorder and its budget.

pub(crate) mod attempt;
mod budget;
pub(crate) mod live;
mod outcome;
pub(crate) mod recorder;
pub(crate) mod scheduler;
