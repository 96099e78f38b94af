//! One attempt of one task: from the program's first turn, or its replay, to the task's end.
//!
//! The program runs one turn at a time. While it waits, the calls that it made go on; what comes back first is
//! recorded and delivered first. Everything the program learns passes through here.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use executor_core::call::{CallNumber, CallState, Outcome};
use executor_core::journal::{CallSettled, Entry, Event, ProgramEnded, TaskWaiting, TimerFired};
use executor_core::task::{TaskEnd, Warning};
use executor_core::{ErrorCode, Failure, Timestamp};
use executor_sandbox::{
    Begin, Delivery, IssuedCall, Output, Program, ProgramEnd, Session, Stop, Tenant, TimerSet,
};
use executor_store::Durability;
use tokio::task::JoinSet;

use super::budget::Budget;
use super::live::Live;
use super::outcome;
use super::recorder::Recorder;
use super::signals;
use crate::Inner;
use crate::calls::{Caller, Interruption};

/// Events that only this process knows are written after this long at the latest.
const WRITE_AFTER: Duration = Duration::from_millis(20);

/// A timer that is due sooner keeps its worker.
const NEAR_TIMER_MS: u64 = 10_000;

/// One attempt of one task.
pub(crate) struct Attempt {
    engine: Arc<Inner>,
    live: Arc<Live>,
    recorder: Arc<Recorder>,
    caller: Arc<Caller>,
    session: Session,
    budget: Budget,
    calls: JoinSet<(CallNumber, Result<Outcome, Interruption>)>,
    /// Calls without an outcome.
    unsettled: BTreeMap<CallNumber, IssuedCall>,
    /// Calls that an earlier attempt saw settle after the program had ended.
    unread: Vec<CallNumber>,
    /// Those of them that wait for a place among the calls in flight.
    waiting: VecDeque<CallNumber>,
    /// Those of them that wait for a person.
    held: BTreeSet<CallNumber>,
    calls_in_flight: u32,
    most_in_flight: u32,
    /// By the moment at which they are due.
    timers: BTreeSet<(Timestamp, u32)>,
    ready: VecDeque<(CallNumber, Outcome)>,
    engine_time: Duration,
}

/// Why an attempt ended without the task's end.
pub(crate) enum Unfinished {
    /// Another attempt may end otherwise.
    Retry(Failure),
    /// The task waits: it is rows only.
    Waiting,
    /// Nothing can be recorded at present, or somebody else holds the lease.
    Storage(executor_store::Error),
}

impl Attempt {
    /// Gives the program to a worker; where the journal has deliveries, it is run again up to the last.
    pub(crate) async fn begin(engine: Arc<Inner>, live: Arc<Live>, history: &[Entry]) -> Result<Self, Stop> {
        let task = &live.task;
        let limits = task.new.limits;
        let budget =
            Budget::new(Duration::from_millis(limits.timeout_ms), Duration::from_millis(task.used_ms));
        let program = match task.program.as_deref().map(serde_json::from_str) {
            Some(Ok(compiled)) => Program::Compiled(compiled),
            // Compiling again gives the same program, as long as the replay version is the same.
            Some(Err(_)) | None => Program::Source(task.new.code.clone()),
        };
        let authority = &task.new.authority;
        let session = engine
            .sandbox
            .begin(Begin {
                tenant: Tenant::new(format!("{} {}", authority.workspace, authority.account)),
                program,
                seed: task.new.seed,
                started_at: task.new.created_at,
                limits: (&limits).into(),
                time_left: budget.left(Instant::now()),
                history,
                replay_budget: Duration::from_millis(2 * task.engine_ms + 1_000),
                determinism: executor_sandbox::Determinism::default(),
            })
            .await?;
        let recorder = live.recorder.clone();
        let caller = Arc::new(Caller::new(engine.clone(), recorder.clone(), task));
        Ok(Self {
            engine,
            live,
            recorder,
            caller,
            session,
            budget,
            calls: JoinSet::new(),
            unsettled: BTreeMap::new(),
            unread: Vec::new(),
            waiting: VecDeque::new(),
            held: BTreeSet::new(),
            calls_in_flight: 0,
            most_in_flight: limits.calls_in_flight,
            timers: BTreeSet::new(),
            ready: VecDeque::new(),
            engine_time: Duration::ZERO,
        })
    }

    /// Runs the program to its end, and gives the end that is to be recorded.
    pub(crate) async fn run(mut self) -> Result<TaskEnd, Unfinished> {
        let live = self.live.clone();
        let cancelled = live.cancelled();
        tokio::pin!(cancelled);
        let driven = tokio::select! {
            biased;
            request = &mut cancelled => {
                if let Some(request) = &request {
                    self.recorder.record(Event::CancelRequested(request.clone()));
                }
                self.abandon_calls().await;
                return Ok(outcome::of_cancel(request.as_ref(), &self.recorder));
            }
            driven = self.drive() => driven,
        };
        self.note_time();
        match driven {
            Ok(end) => Ok(end),
            Err(Ended::Stopped(stop)) if stop.may_retry() => {
                self.abandon_calls().await;
                Err(Unfinished::Retry(Failure::from(&stop)))
            }
            Err(Ended::Stopped(stop)) => {
                self.abandon_calls().await;
                Ok(outcome::of_stop(&stop, &self.recorder))
            }
            Err(Ended::Waiting) => Err(Unfinished::Waiting),
            Err(Ended::Failed(failure)) => {
                self.abandon_calls().await;
                Ok(outcome::of_failure(failure, &self.recorder))
            }
            Err(Ended::Storage(error)) => Err(Unfinished::Storage(error)),
        }
    }

    async fn drive(&mut self) -> Result<TaskEnd, Ended> {
        loop {
            match self.turn().await? {
                Some(end) => return self.close(end).await,
                None => self.wait_and_deliver().await?,
            }
        }
    }

    /// Takes what comes out of the program until it waits or has ended.
    async fn turn(&mut self) -> Result<Option<ProgramEnd>, Ended> {
        loop {
            let write_at = tokio::time::sleep(WRITE_AFTER);
            let output = tokio::select! {
                biased;
                output = self.session.next() => output?,
                Some(done) = self.calls.join_next() => {
                    self.take_done(done)?;
                    continue;
                }
                () = write_at, if self.recorder.has_unwritten() => {
                    self.recorder.flush(Durability::Buffered).await?;
                    continue;
                }
            };
            match output {
                Output::Compiled(program) => {
                    let version = program.replay_version;
                    let text = serde_json::to_string(&program).map_err(internal)?;
                    self.recorder.progress(|progress| progress.program = Some((text, version)));
                }
                Output::Call(call) => self.issue(call).await?,
                Output::TimerSet(TimerSet { timer, due_at, .. }) => {
                    self.timers.insert((due_at, timer));
                }
                Output::TimerCleared { timer } => self.timers.retain(|(_, number)| *number != timer),
                Output::Console(line) => {
                    self.recorder.record(Event::Console(line));
                }
                Output::Emit(emitted) => {
                    self.recorder.record(Event::Emitted(emitted));
                }
                Output::Idle { .. } => {
                    self.live.has_begun();
                    return Ok(None);
                }
                Output::Settled(end) => return Ok(Some(end)),
            }
        }
    }

    /// Records a call and sends it on its way, unless as many as may be are under way.
    async fn issue(&mut self, call: IssuedCall) -> Result<(), Ended> {
        let limit = self.caller.limits().journal_bytes;
        if self.recorder.journal_bytes() > limit {
            let message = format!("The task's journal has reached {} MiB.", limit >> 20);
            return Err(Ended::Failed(Failure::new(ErrorCode::JournalLimit, message)));
        }
        if !call.replayed {
            // Decided before anything of the call is recorded: marks count for calls that are made from now on.
            if !self.recorder.is_sensitive() && self.is_sensitive(&call.event.path).await? {
                self.recorder.becomes_sensitive();
            }
            self.caller.record_issued(&call.event);
        }
        let number = call.event.call;
        if call.replayed && self.recorder.is_settled(number) {
            // What settled after the program's end reached no code, then and now.
            self.unread.push(number);
            return Ok(());
        }
        self.unsettled.insert(number, call);
        self.go_on(number);
        Ok(())
    }

    /// Whether calls of this path carry what is not for everybody.
    async fn is_sensitive(&self, path: &str) -> Result<bool, Ended> {
        let authority = &self.live.task.new.authority;
        let snapshot = self.engine.directory.snapshot(authority.organization, authority.workspace).await?;
        Ok(snapshot.is_sensitive(path))
    }

    /// Takes a call on from where it stands, as soon as there is a place for it.
    fn go_on(&mut self, call: CallNumber) {
        self.waiting.push_back(call);
        self.start_waiting();
    }

    fn start_waiting(&mut self) {
        while self.calls_in_flight < self.most_in_flight
            && let Some(number) = self.waiting.pop_front()
        {
            let Some(call) = self.unsettled.get(&number).cloned() else { continue };
            self.calls_in_flight += 1;
            let caller = self.caller.clone();
            self.calls.spawn(async move { (number, caller.carry_out(call).await) });
        }
    }

    fn take_done(&mut self, done: JoinedCall) -> Result<(), Ended> {
        let (call, result) =
            done.map_err(|error| internal(format!("a call's task ended by itself: {error}")))?;
        self.calls_in_flight -= 1;
        self.start_waiting();
        match result {
            Ok(outcome) => {
                self.unsettled.remove(&call);
                self.ready.push_back((call, outcome));
            }
            // Somebody may have decided before the call knew that it waits.
            Err(Interruption::Held) if !self.recorder.standing(call).waits() => self.go_on(call),
            Err(Interruption::Held) => {
                self.held.insert(call);
            }
            Err(Interruption::Withdrawn) => {}
            Err(Interruption::Storage(error)) => return Err(Ended::Storage(error)),
            Err(Interruption::Failed(failure)) => return Err(Ended::Failed(failure)),
        }
        Ok(())
    }

    /// Turns what others want of the task into events, and lets the calls that it is about go on.
    async fn heed_signals(&mut self) -> Result<(), Ended> {
        let task = &self.live.task.new;
        let signals = self.engine.store.signals(task.authority.workspace, task.id).await?;
        let heeded = signals::heed(&self.recorder, &signals);
        if let Some(request) = heeded.cancel {
            self.live.cancel(request);
        }
        for call in heeded.calls {
            // One that is not held yet sees the decision when it would be.
            if self.held.remove(&call) {
                self.go_on(call);
            }
        }
        Ok(())
    }

    /// Whether nothing can go on but a person or a distant timer.
    fn is_idle(&self, now: Timestamp) -> bool {
        let distant = |due: &Timestamp| due.millis_since(now) > NEAR_TIMER_MS;
        self.calls_in_flight == 0
            && self.waiting.is_empty()
            && self.timers.first().is_none_or(|(due, _)| distant(due))
    }

    /// Gives everything back, unless somebody wants something of the task.
    async fn suspend(&mut self) -> Result<(), Ended> {
        self.note_time();
        let waiting = TaskWaiting {
            held: self.held.iter().copied().collect(),
            wake_at: self.timers.first().map(|(due, _)| *due),
        };
        match self.recorder.wait(waiting).await {
            Ok(()) => Err(Ended::Waiting),
            Err(executor_store::Error::Signalled) => self.heed_signals().await,
            Err(error) => Err(error.into()),
        }
    }

    /// Waits for the next thing that the program can learn, records it, and hands it over.
    async fn wait_and_deliver(&mut self) -> Result<(), Ended> {
        self.note_time();
        loop {
            if let Some((call, outcome)) = self.ready.pop_front() {
                let at =
                    self.recorder.record(Event::CallSettled(CallSettled { call, outcome: outcome.clone() }));
                self.caller.settled(call, &outcome, at);
                return self.deliver(Delivery::CallSettled { call, outcome }, at);
            }
            let now = self.engine.clock.now();
            if let Some((due, timer)) = self.timers.first().copied().filter(|(due, _)| *due <= now) {
                self.timers.remove(&(due, timer));
                let at = self.recorder.record(Event::TimerFired(TimerFired { timer }));
                return self.deliver(Delivery::TimerFired { timer }, at);
            }
            if self.is_idle(now) {
                self.suspend().await?;
                continue;
            }
            let asking = self.recorder.live_questions();
            let is_near = |(due, _): &(Timestamp, u32)| due.millis_since(now) <= NEAR_TIMER_MS;
            let only_asks = asking > 0 && asking >= self.calls_in_flight && self.waiting.is_empty();
            self.live.asks(only_asks && !self.timers.first().is_some_and(is_near));
            self.budget.engine_stopped(Instant::now(), self.calls_in_flight > asking);
            let deadline = self.budget.deadline();
            let live = self.live.clone();
            let until_timer =
                self.timers.first().map(|(due, _)| Duration::from_millis(due.millis_since(now)));
            tokio::select! {
                biased;
                Some(done) = self.calls.join_next() => self.take_done(done)?,
                () = live.signalled() => self.heed_signals().await?,
                () = sleep(until_timer), if until_timer.is_some() => {}
                () = sleep_until(deadline), if deadline.is_some() => return Err(Ended::Stopped(Stop::TimedOut)),
                () = tokio::time::sleep(WRITE_AFTER), if self.recorder.has_unwritten() => {
                    self.recorder.flush(Durability::Buffered).await?;
                }
            }
        }
    }

    fn deliver(&mut self, delivery: Delivery, at: Timestamp) -> Result<(), Ended> {
        self.live.asks(false);
        let now = Instant::now();
        self.budget.engine_resumed(now);
        let left = self.budget.left(now);
        if left.is_zero() {
            return Err(Ended::Stopped(Stop::TimedOut));
        }
        self.session.deliver(delivery, at, left);
        Ok(())
    }

    /// The program has ended: what is in flight may finish, what has not left is withdrawn, and nothing new starts.
    async fn close(&mut self, end: ProgramEnd) -> Result<TaskEnd, Ended> {
        self.note_time();
        let returned = matches!(end, ProgramEnd::Returned(_));
        self.recorder.record(Event::ProgramEnded(ProgramEnded { returned }));
        self.caller.close();
        let mut warnings: Vec<Warning> = Vec::new();
        let mut unread = std::mem::take(&mut self.unread);
        for call in self.waiting.drain(..) {
            self.recorder.withdraw(call);
            unread.push(call);
        }
        while let Some((call, outcome)) = self.ready.pop_front() {
            self.settle_unread(call, outcome);
            unread.push(call);
        }
        self.budget.engine_stopped(Instant::now(), self.calls_in_flight > 0);
        while !self.calls.is_empty() {
            let deadline = self.budget.deadline();
            tokio::select! {
                biased;
                Some(done) = self.calls.join_next() => {
                    if let Ok((call, _)) = &done {
                        unread.push(*call);
                    }
                    self.take_done(done)?;
                    while let Some((call, outcome)) = self.ready.pop_front() {
                        self.settle_unread(call, outcome);
                    }
                }
                () = sleep_until(deadline) => {
                    unread.extend(self.abandon_calls().await);
                    break;
                }
            }
        }
        for call in std::mem::take(&mut self.held) {
            unread.push(call);
            // What may have happened stays unknown.
            if self.recorder.call_state(call) == Some(CallState::Held) {
                self.recorder.withdraw(call);
            }
        }
        unread.sort_unstable();
        unread.dedup();
        warnings.extend(unread.into_iter().map(not_awaited));
        Ok(outcome::of_program(end, warnings, &self.recorder))
    }

    fn settle_unread(&self, call: CallNumber, outcome: Outcome) {
        let at = self.recorder.record(Event::CallSettled(CallSettled { call, outcome: outcome.clone() }));
        self.caller.settled(call, &outcome, at);
    }

    /// Ends the calls in flight. Those whose request may have left are unknown if they must not be repeated.
    async fn abandon_calls(&mut self) -> Vec<CallNumber> {
        // One that runs at this moment goes on until it waits, and could still record or send something.
        self.calls.shutdown().await;
        self.calls_in_flight = 0;
        self.recorder.abandon()
    }

    fn note_time(&mut self) {
        let total = self.session.engine_time();
        let replayed = self.session.replay_time();
        let ran = total.saturating_sub(replayed).saturating_sub(self.engine_time);
        self.engine_time += ran;
        self.budget.engine_ran(ran);
        let left = self.budget.left(Instant::now());
        let used = Duration::from_millis(self.caller.limits().timeout_ms).saturating_sub(left);
        self.recorder.progress(|progress| {
            progress.engine_ms += millis(ran);
            progress.used_ms = millis(used);
        });
    }
}

type JoinedCall = Result<(CallNumber, Result<Outcome, Interruption>), tokio::task::JoinError>;

/// Why the program was not driven to its end.
enum Ended {
    Stopped(Stop),
    Waiting,
    Failed(Failure),
    Storage(executor_store::Error),
}

impl From<Stop> for Ended {
    fn from(stop: Stop) -> Self {
        Self::Stopped(stop)
    }
}

impl From<executor_store::Error> for Ended {
    fn from(error: executor_store::Error) -> Self {
        Self::Storage(error)
    }
}

fn internal(error: impl ToString) -> Ended {
    Ended::Failed(Failure::new(ErrorCode::Internal, error.to_string()))
}

fn not_awaited(call: CallNumber) -> Warning {
    Warning {
        code: "call_not_awaited".to_owned(),
        call: Some(call),
        message: format!(
            "The program ended before call {call} did; await it if its result or failure matters."
        ),
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

async fn sleep(duration: Option<Duration>) {
    match duration {
        Some(duration) => tokio::time::sleep(duration).await,
        None => std::future::pending().await,
    }
}

async fn sleep_until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline.into()).await,
        None => std::future::pending().await,
    }
}
