//! Running tasks: who is next, one attempt at a time, each with its recorder and its budget.

pub(crate) mod attempt;
mod budget;
mod closing;
pub(crate) mod fair_share;
pub(crate) mod live;
mod outcome;
pub(crate) mod places;
pub(crate) mod quota;
pub(crate) mod recorder;
pub(crate) mod scheduler;
pub(crate) mod signals;
pub(crate) mod stepping;
