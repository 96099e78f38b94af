//! Asking a client's user to decide about what a task waits for.
//!
//! How depends on the client: one with a session is asked while its request is being answered ([`session`]); one
//! without is told what to ask, and comes again with the answers ([`rounds`]); one with the Tasks extension gets the
//! task itself and finds the questions there ([`tasks`]).
//!
//! Invariants:
//! - An answer is the decision of the principal of the request that carries it, and is checked as such.
//! - Where that principal may not decide, a client's user is only shown the way to a page.

pub(crate) mod question;
pub(crate) mod rounds;
pub(crate) mod session;
pub(crate) mod tasks;

use rmcp::RoleServer;
use rmcp::service::RequestContext;

use crate::endpoint::Caller;
use question::Modes;

/// How a client's user is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// Not at all: the answer says what to do.
    Nowhere,
    /// By a request within the session.
    InSession,
    /// By an answer that wants more.
    InRounds,
    /// By the task that the client polls.
    AsTask,
}

impl Way {
    pub(crate) fn of(context: &RequestContext<RoleServer>) -> Self {
        let has_session = Caller::has_session(&context.extensions);
        let polls = context.client_capabilities().is_some_and(|client| client.supports_tasks());
        match Modes::of(context) {
            _ if polls && !has_session => Way::AsTask,
            modes if !modes.any() => Way::Nowhere,
            _ if has_session => Way::InSession,
            _ => Way::InRounds,
        }
    }
}
