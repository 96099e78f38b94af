//! Sessions that are kept open between calls: one for each address and whom it is kept for, shared by all its calls.
//!
//! What holds: a session is opened once, however many wait for it. A server that fails again and again is left in peace
//! for a while, longer each time. What nobody uses is closed, and of each sort there are never more than so many.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use executor_egress::process::Launcher;
use executor_egress::{Client, Injection};
use tokio::sync::broadcast;
use tokio::time::Instant;
use uuid::Uuid;

use super::endpoint::Endpoint;
use super::listener::Listener;
use super::opening::{self, Generation};
use super::session::Session;
use super::trouble::Trouble;

/// The most sessions over HTTP that are kept.
const MAX_SESSIONS: usize = 256;
/// The most programs that are.
const MAX_PROGRAMS: usize = 32;
/// How long a session is kept that nobody uses.
const IDLE: Duration = Duration::from_secs(5 * 60);
/// A session that lived no longer than this has failed.
const SHORT_LIFE: Duration = Duration::from_secs(10);
/// The first pause after a server has failed twice; it doubles up to the last.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LAST_PAUSE: Duration = Duration::from_secs(30);

/// Where a session leads, and for whom it is kept. Nobody gets that of another connection or workspace.
pub(super) type Key = (String, Option<Uuid>);

/// Opens sessions and keeps them.
pub(super) struct Pool {
    client: Client,
    /// What starts local programs, where they may be.
    launcher: Option<Launcher>,
    changes: broadcast::Sender<String>,
    slots: Mutex<HashMap<Key, Arc<Slot>>>,
}

struct Slot {
    is_program: bool,
    state: tokio::sync::Mutex<State>,
}

struct State {
    session: Option<Arc<Session>>,
    generation: Generation,
    failures: u32,
    rests: Option<(Instant, String)>,
}

impl Default for State {
    fn default() -> Self {
        Self { session: None, generation: Generation::Any, failures: 0, rests: None }
    }
}

impl Pool {
    pub(super) fn new(
        client: Client,
        launcher: Option<Launcher>,
        changes: broadcast::Sender<String>,
    ) -> Self {
        Self { client, launcher, changes, slots: Mutex::default() }
    }

    /// The session of that key, opened if there is none.
    pub(super) async fn session(
        &self,
        key: &Key,
        endpoint: &Endpoint,
        injection: Option<Injection>,
    ) -> Result<Arc<Session>, Trouble> {
        let slot = self.slot(key, endpoint);
        let mut state = slot.state.lock().await;
        if let Some(session) = &state.session {
            if !session.is_open() {
                let lived = session.opened.elapsed();
                state.lost(lived);
            } else if session.present(injection.clone()) {
                return Ok(Arc::clone(session));
            } else {
                state.session = None;
            }
        }
        if let Some((until, detail)) = &state.rests
            && let Some(left) = until.checked_duration_since(Instant::now())
        {
            return Err(Trouble::Resting { detail: detail.clone(), seconds: left.as_secs() + 1 });
        }
        let opened = self.open(key, endpoint, injection, state.generation).await;
        let opened = opened.inspect_err(|trouble| {
            if trouble.is_a_fault() {
                state.failed(&trouble.to_string());
            }
        });
        let session = Arc::new(opened?);
        state.generation = session.generation;
        state.session = Some(Arc::clone(&session));
        tokio::spawn(close_when_idle(Arc::downgrade(&slot), Arc::downgrade(&session)));
        Ok(session)
    }

    /// A session that is not kept.
    pub(super) async fn open(
        &self,
        key: &Key,
        endpoint: &Endpoint,
        injection: Option<Injection>,
        generation: Generation,
    ) -> Result<Session, Trouble> {
        let listener = Listener::new(key.0.clone(), self.changes.clone());
        match endpoint {
            Endpoint::Web(url) => {
                opening::over_http(&self.client, url, &listener, injection, generation).await
            }
            Endpoint::Program(command) => {
                let launcher = self.launcher.as_ref().ok_or(Trouble::Off)?;
                opening::with_program(launcher, command, key, &listener, injection, generation).await
            }
        }
    }

    /// Keeps a session no longer that the server has forgotten.
    pub(super) async fn discard(&self, key: &Key, session: &Arc<Session>) {
        let slot = self.slots.lock().unwrap_or_else(PoisonError::into_inner).get(key).cloned();
        let Some(slot) = slot else { return };
        let mut state = slot.state.lock().await;
        if state.session.as_ref().is_some_and(|kept| Arc::ptr_eq(kept, session)) {
            state.lost(session.opened.elapsed());
        }
    }

    fn slot(&self, key: &Key, endpoint: &Endpoint) -> Arc<Slot> {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(slot) = slots.get(key) {
            return Arc::clone(slot);
        }
        let is_program = matches!(endpoint, Endpoint::Program(_));
        let alike = || slots.iter().filter(|(_, slot)| slot.is_program == is_program);
        if alike().count() >= if is_program { MAX_PROGRAMS } else { MAX_SESSIONS } {
            let idlest = alike().max_by_key(|(_, slot)| slot.idle()).map(|(key, _)| key.clone());
            idlest.and_then(|key| slots.remove(&key));
        }
        let slot = Arc::new(Slot { is_program, state: tokio::sync::Mutex::default() });
        slots.insert(key.clone(), Arc::clone(&slot));
        slot
    }
}

impl Slot {
    /// How long it has not been of use. One whose session is being opened is in use.
    fn idle(&self) -> Duration {
        match self.state.try_lock() {
            Ok(state) => state.session.as_ref().map_or(Duration::MAX, |session| session.idle()),
            Err(_) => Duration::ZERO,
        }
    }
}

impl State {
    fn lost(&mut self, lived: Duration) {
        self.session = None;
        if lived < SHORT_LIFE {
            self.failed("its sessions end as soon as they have begun");
        } else {
            self.failures = 0;
            self.rests = None;
        }
    }

    /// Once is an accident; from the second time on there is a pause.
    fn failed(&mut self, detail: &str) {
        // Whoever runs it may have put another in its place.
        self.generation = Generation::Any;
        self.failures += 1;
        if self.failures > 1 {
            let pause = FIRST_PAUSE.saturating_mul(1 << (self.failures - 2).min(16)).min(LAST_PAUSE);
            self.rests = Some((Instant::now() + pause, detail.to_owned()));
        }
    }
}

async fn close_when_idle(slot: Weak<Slot>, session: Weak<Session>) {
    loop {
        let Some(left) = session.upgrade().map(|session| IDLE.saturating_sub(session.idle())) else { return };
        tokio::time::sleep(left.max(Duration::from_millis(100))).await;
        let (Some(slot), Some(session)) = (slot.upgrade(), session.upgrade()) else { return };
        if session.idle() < IDLE {
            continue;
        }
        let mut state = slot.state.lock().await;
        if state.session.as_ref().is_some_and(|kept| Arc::ptr_eq(kept, &session)) {
            state.session = None;
        }
        return;
    }
}
