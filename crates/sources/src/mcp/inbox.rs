//! What a server says about calls that are under way, brought to those who wait for them.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rmcp::model::{ElicitRequestParams, ElicitResult, ProgressNotificationParam, ProgressToken, RequestId};
use tokio::sync::{mpsc, oneshot};

/// The most messages that wait to be taken. Progress beyond is passed over.
const CAPACITY: usize = 32;

/// The most requests of a server's whose origin is remembered.
const MOST_ORIGINS: usize = 256;

/// Something that a server says about a call.
pub(super) enum Said {
    /// How far it is.
    Progress(ProgressNotificationParam),
    /// It asks a person. Whoever drops the sender cancels.
    Question(ElicitRequestParams, oneshot::Sender<ElicitResult>),
}

/// The calls of a session that somebody listens to.
#[derive(Default)]
pub(super) struct Inboxes {
    calls: Mutex<HashMap<RequestId, Inbox>>,
    /// Which call a request of the server's came with: each has a stream of its own over HTTP.
    origins: Mutex<HashMap<RequestId, RequestId>>,
}

struct Inbox {
    token: ProgressToken,
    said: mpsc::Sender<Said>,
}

/// Where the messages come in that are about one call.
pub(super) fn channel() -> (mpsc::Sender<Said>, mpsc::Receiver<Said>) {
    mpsc::channel(CAPACITY)
}

impl Inboxes {
    /// What is said about that request goes there, until the guard is dropped.
    pub(super) fn open<'a>(
        &'a self,
        request: &RequestId,
        token: &ProgressToken,
        said: mpsc::Sender<Said>,
    ) -> impl Drop + use<'a> {
        lock(&self.calls).insert(request.clone(), Inbox { token: token.clone(), said });
        Opened { inboxes: self, request: request.clone() }
    }

    /// A request of the server's came on the stream of that call.
    pub(super) fn note_origin(&self, request: RequestId, call: RequestId) {
        let mut origins = lock(&self.origins);
        if origins.len() >= MOST_ORIGINS {
            origins.clear();
        }
        origins.insert(request, call);
    }

    /// Whom a server's request is for. Where nothing says which call it is about, that is known only if there is one: nobody
    /// is asked in the name of a task that may be another.
    pub(super) fn asked_by(&self, request: &RequestId) -> Option<mpsc::Sender<Said>> {
        let origin = lock(&self.origins).remove(request);
        let calls = lock(&self.calls);
        let inbox = match origin {
            Some(call) => calls.get(&call),
            None if calls.len() == 1 => calls.values().next(),
            None => None,
        };
        inbox.map(|inbox| inbox.said.clone())
    }

    pub(super) fn progress(&self, progress: ProgressNotificationParam) {
        let calls = lock(&self.calls);
        if let Some(inbox) = calls.values().find(|inbox| inbox.token == progress.progress_token) {
            let _ = inbox.said.try_send(Said::Progress(progress));
        }
    }
}

struct Opened<'a> {
    inboxes: &'a Inboxes,
    request: RequestId,
}

impl Drop for Opened<'_> {
    fn drop(&mut self) {
        lock(&self.inboxes.calls).remove(&self.request);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
