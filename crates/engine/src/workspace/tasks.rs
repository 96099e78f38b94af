//! Tasks: submit, look, wait, follow, cancel, run again.

use std::time::Duration;

use executor_core::call::CallState;
use executor_core::journal::{CancelRequested, ConsoleLine, Emitted, Entry, Event};
use executor_core::limits::WorkspaceLimits;
use executor_core::task::TaskStatus;
use executor_core::{AuditAction, ErrorCode, Failure, Scope, TaskId};
use executor_store::{Authority, CallRow, Durability, NewTask, Task, TaskFilter};
use futures::StreamExt;
use serde_json::json;

use super::{EventFilter, Followed, Workspace};
use crate::audit;
use crate::directory::Snapshot;
use crate::failure::{StoreResult, of_store};
use crate::redact::REDACTED;
use crate::run::live::Live;
use crate::run::scheduler;
use crate::run::signals::Wish;
use crate::sight;
use crate::view::{CallView, Page, PageRequest, Submission, TaskSummary, TaskView};

/// The longest that an answer is waited for.
const MOST_WAIT_MS: u64 = 120_000;

/// The largest code that is taken, in bytes.
const MOST_CODE_BYTES: usize = 1 << 20;

/// How often a task that another process runs is looked at.
pub(super) const LOOK_AGAIN: Duration = Duration::from_millis(200);

/// What a task is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Until {
    /// Its end.
    Ended,
    /// Its end, or that it can go on only with a person or after a while.
    Stuck,
}

impl Until {
    /// Whether a task that stands there need not be waited for any longer.
    pub fn is_reached(self, status: TaskStatus) -> bool {
        status.is_final() || (self == Until::Stuck && status == TaskStatus::Waiting)
    }
}

impl Workspace {
    /// Accepts code to run (scope `run`), and waits for its end as long as the submission says.
    ///
    /// When this returns, the task is durable.
    pub async fn submit(&self, submission: Submission) -> Result<TaskView, Failure> {
        self.principal.require(Scope::Run)?;
        let wait = Duration::from_millis(submission.wait_ms.unwrap_or(0).min(MOST_WAIT_MS));
        if let Some(known) = self.known_task(&submission).await? {
            return self.wait(known, Until::Stuck, wait).await;
        }
        let snapshot = self.snapshot().await?;
        let limits = snapshot.limits;
        let task = self.new_task(submission, &snapshot)?;
        let warnings = self.engine.check_types(&self.principal, &snapshot, &task.code).await?;
        let id = task.id;
        match self.accept(task.clone(), &limits).await {
            // Somebody else came first with the same key.
            Err(failure) if failure.code == ErrorCode::NameTaken && task.idempotency_key.is_some() => {
                let again = Submission {
                    code: task.code,
                    idempotency_key: task.idempotency_key,
                    ..Submission::default()
                };
                let known = self.known_task(&again).await?.ok_or(failure)?;
                self.wait(known, Until::Stuck, wait).await
            }
            Err(failure) => Err(failure),
            Ok(()) => {
                let mut shown = self.wait(id, Until::Stuck, wait).await?;
                shown.warnings.splice(0..0, warnings);
                Ok(shown)
            }
        }
    }

    async fn known_task(&self, submission: &Submission) -> Result<Option<TaskId>, Failure> {
        let Some(key) = &submission.idempotency_key else { return Ok(None) };
        if key.is_empty() || key.len() > 200 {
            return Err(Failure::new(
                ErrorCode::InvalidRequest,
                "An idempotency key has 1 to 200 characters.",
            ));
        }
        let (store, now) = (&self.engine.store, self.engine.clock.now());
        let known = store.task_by_idempotency_key(self.id, self.principal.account, key, now).await.shown()?;
        match known {
            Some(task) if task.new.code == submission.code => Ok(Some(task.new.id)),
            Some(task) => Err(Failure::new(
                ErrorCode::IdempotencyConflict,
                format!("The key `{key}` was used for other code, in task {}.", task.new.id),
            )),
            None => Ok(None),
        }
    }

    fn new_task(&self, submission: Submission, snapshot: &Snapshot) -> Result<NewTask, Failure> {
        let engine = &self.engine;
        if engine.scheduler.is_closing() {
            return Err(Failure::new(
                ErrorCode::ShuttingDown,
                "The server is going down and takes no more tasks.",
            ));
        }
        if submission.code.trim().is_empty() {
            return Err(Failure::new(ErrorCode::InvalidRequest, "`code` is empty."));
        }
        if submission.code.len() > MOST_CODE_BYTES {
            let message =
                format!("The code has {} bytes; {MOST_CODE_BYTES} are taken.", submission.code.len());
            return Err(Failure::new(ErrorCode::CodeTooLarge, message));
        }
        let runtime = submission.runtime.unwrap_or_else(|| "quickjs".to_owned());
        if runtime != "quickjs" {
            let message = format!("There is no runtime `{runtime}` here.");
            return Err(
                Failure::new(ErrorCode::InvalidRequest, message).with_hint("Leave it out, or say `quickjs`.")
            );
        }
        let mut limits = snapshot.limits.narrow(engine.settings.task_limits);
        if let Some(timeout) = submission.timeout_ms {
            let most = engine.settings.most_timeout_ms;
            if timeout == 0 || timeout > most {
                let message = format!("`timeoutMs` is {timeout}; it has to be from 1 to {most}.");
                return Err(Failure::new(ErrorCode::InvalidRequest, message));
            }
            limits.timeout_ms = timeout;
        }
        let now = engine.clock.now();
        let seed = engine.ids.next_uuid(now).as_u64_pair().1;
        Ok(NewTask {
            id: TaskId::new(engine.ids.as_ref(), now),
            authority: Authority {
                organization: self.principal.organization,
                workspace: self.id,
                account: self.principal.account,
                key: self.principal.key,
                client: self.principal.client.clone(),
                toolkit: self.principal.toolkit.clone(),
            },
            idempotency_key: submission.idempotency_key,
            is_sensitive: snapshot.names_sensitive(&submission.code),
            code: submission.code,
            seed,
            limits,
            metadata: submission.metadata,
            runtime,
            created_at: now,
        })
    }

    async fn accept(&self, task: NewTask, limits: &WorkspaceLimits) -> Result<(), Failure> {
        let engine = &self.engine;
        let opening = engine.openings.enter(self.id).await;
        let most = engine.settings.unfinished_tasks;
        engine.quota.take(&engine.store, self.id, limits, most, task.created_at).await?;
        // A key has to be seen by whoever comes with the same one, so such a task is written before it runs.
        if task.idempotency_key.is_none()
            && let Some(place) = engine.scheduler.place(self.id, limits.concurrent_tasks)
        {
            scheduler::start(engine.clone(), task, place, opening);
            return Ok(());
        }
        let created = Entry { seq: 1, at: task.created_at, event: scheduler::created(&task) };
        let audit = audit::submitted(engine.ids.as_ref(), &task);
        engine.store.accept_task(task, vec![created], audit).await.shown()?;
        engine.scheduler.wake();
        Ok(())
    }

    /// A task (scope `read`).
    pub async fn task(&self, task: TaskId) -> Result<TaskView, Failure> {
        self.wait(task, Until::Ended, Duration::ZERO).await
    }

    /// A task, when it is so far or after `timeout` (scope `read`).
    pub async fn wait(&self, task: TaskId, until: Until, timeout: Duration) -> Result<TaskView, Failure> {
        if !self.principal.scopes.contains(&Scope::Run) {
            self.principal.require(Scope::Read)?;
        }
        let deadline = tokio::time::Instant::now() + timeout;
        loop {
            let taken_up = self.engine.live.taken_up(task);
            let taken_up = taken_up.notified();
            tokio::pin!(taken_up);
            taken_up.as_mut().enable();
            let found = match self.engine.live.get(self.id, task) {
                Some(live) => match so_far(&live, until, deadline).await {
                    Some(ended) => {
                        ended?;
                        match self.live_view(&live) {
                            ended if ended.summary.status.is_final() => return Ok(ended),
                            // It waits, or the attempt is lost and another will be made.
                            _ => self.stored(task).await?,
                        }
                    }
                    None => {
                        let view = self.live_view(&live);
                        // What is told of a task is on the disk before.
                        match live.recorder.flush(Durability::Synced).await {
                            Ok(()) => return self.with_what_it_waits_for(view).await,
                            // Another process has taken it up.
                            Err(executor_store::Error::LeaseLost) => self.stored(task).await?,
                            Err(error) => return Err(of_store(&error)),
                        }
                    }
                },
                None => self.stored(task).await?,
            };
            let now = tokio::time::Instant::now();
            if until.is_reached(found.status) || now >= deadline {
                return self.stored_view(found).await;
            }
            // Bounded, since another process may take the task up.
            let _ = tokio::time::timeout_at((now + LOOK_AGAIN).min(deadline), taken_up).await;
        }
    }

    /// Adds what a person has to decide before the task can go on.
    async fn with_what_it_waits_for(&self, mut view: TaskView) -> Result<TaskView, Failure> {
        if view.summary.status.is_final() {
            return Ok(view);
        }
        let task = view.summary.id;
        view.approvals = self.open_approvals(task).await?;
        let calls = self.engine.store.calls(self.id, task).await.shown()?;
        let unknown = |call: &CallRow| call.state == CallState::Unknown && call.settled_at.is_none();
        view.unknown_calls = calls.into_iter().filter(unknown).map(CallView::from).collect();
        Ok(view)
    }

    pub(super) async fn stored(&self, task: TaskId) -> Result<Task, Failure> {
        self.engine.store.task(self.id, task).await.map_err(|error| no_task(task, &error))
    }

    /// A task that this process runs, as its recorder has it.
    fn live_view(&self, live: &Live) -> TaskView {
        let mut task = live.task.clone();
        // The order matters: what comes before the end is there once the end is.
        if let Some((end, at)) = live.recorder.ended() {
            task.status = end.status;
            task.end = Some(end);
            task.ended_at = Some(at);
        }
        if !task.status.is_final() && *live.watch_asks().borrow() {
            // Only the open requests keep it from being rows.
            task.status = TaskStatus::Waiting;
        }
        let output = live.recorder.output();
        task.new.is_sensitive = live.recorder.is_sensitive();
        self.view(&task, output)
    }

    /// A task as the principal may see it.
    fn view(&self, task: &Task, output: (Vec<ConsoleLine>, Vec<Emitted>)) -> TaskView {
        let view = view(task, output);
        if self.sees(task) { view } else { sight::task(view) }
    }

    async fn stored_view(&self, mut task: Task) -> Result<TaskView, Failure> {
        let (mut console, mut emitted) = (Vec::new(), Vec::new());
        let mut after = 0;
        loop {
            let page = self.engine.store.journal(self.id, task.new.id, after, 1_000).await.shown()?;
            let Some(last) = page.last() else { break };
            after = last.seq;
            for entry in page {
                match entry.event {
                    Event::Console(line) => console.push(line),
                    Event::Emitted(item) => emitted.push(item),
                    _ => {}
                }
            }
        }
        if !task.status.is_final() && !self.sees_what_is_sensitive(&task) {
            // It may have become sensitive since it was read.
            task.new.is_sensitive = self.stored(task.new.id).await?.new.is_sensitive;
        }
        self.with_what_it_waits_for(self.view(&task, (console, emitted))).await
    }

    /// The tasks, newest first (scope `read`).
    pub async fn tasks(
        &self,
        status: Option<TaskStatus>,
        page: &PageRequest,
    ) -> Result<Page<TaskSummary>, Failure> {
        self.principal.require(Scope::Read)?;
        let before = match &page.cursor {
            Some(cursor) => Some(cursor.parse().map_err(|_| bad_cursor())?),
            None => None,
        };
        let size = page.size();
        let mut tasks =
            self.engine.store.tasks(self.id, TaskFilter { status, before }, size + 1).await.shown()?;
        let more = tasks.len() > size as usize;
        tasks.truncate(size as usize);
        let next_cursor = tasks.last().filter(|_| more).map(|task| task.new.id.to_string());
        let shown = |task: &Task| match summary(task) {
            whole if self.sees(task) => whole,
            whole => TaskSummary { title: REDACTED.to_owned(), ..whole },
        };
        Ok(Page { items: tasks.iter().map(shown).collect(), next_cursor })
    }

    /// A page of a task's journal (scope `read`).
    pub async fn events(&self, task: TaskId, filter: EventFilter) -> Result<Vec<Entry>, Failure> {
        self.principal.require(Scope::Read)?;
        self.settle_for_reading(task).await?;
        let limit = filter.limit.unwrap_or(200).clamp(1, 1_000);
        self.page(task, filter.after, limit).await
    }

    /// A page of a task's journal as the principal may see it.
    async fn page(&self, task: TaskId, after: u64, limit: u32) -> Result<Vec<Entry>, Failure> {
        let page = self.engine.store.journal(self.id, task, after, limit).await.shown()?;
        // Asked after the page is read: a task may become sensitive in between.
        let all = page.is_empty() || self.sees(&self.stored(task).await?);
        let shown = |entry| if all { sight::of_all(entry) } else { sight::entry(entry) };
        Ok(page.into_iter().map(shown).collect())
    }

    /// Whether the principal sees what the task carries.
    pub(super) fn sees(&self, task: &Task) -> bool {
        !task.new.is_sensitive || self.sees_what_is_sensitive(task)
    }

    fn sees_what_is_sensitive(&self, task: &Task) -> bool {
        sight::sees(&self.principal, task.new.authority.account)
    }

    /// A task's journal from the entry after `after` on, and then as it grows (scope `read`).
    pub async fn follow(&self, task: TaskId, after: u64) -> Result<Followed, Failure> {
        self.principal.require(Scope::Read)?;
        self.settle_for_reading(task).await?;
        let state = (self.clone(), after, false);
        let pages = futures::stream::unfold(state, move |(workspace, after, ended)| async move {
            if ended {
                return None;
            }
            match workspace.next_page(task, after).await {
                Ok(page) => {
                    let last = page.last().map_or(after, |entry| entry.seq);
                    let ended = page.last().is_some_and(|entry| matches!(entry.event, Event::TaskEnded(_)));
                    let page = page.into_iter().map(Ok).collect::<Vec<_>>();
                    Some((futures::stream::iter(page), (workspace, last, ended)))
                }
                Err(failure) => Some((futures::stream::iter(vec![Err(failure)]), (workspace, after, true))),
            }
        });
        Ok(pages.flatten().boxed())
    }

    /// Waits for events after that one.
    async fn next_page(&self, task: TaskId, after: u64) -> Result<Vec<Entry>, Failure> {
        loop {
            let live = self.engine.live.get(self.id, task);
            let mut grown = live.as_ref().map(|live| live.recorder.watch());
            self.settle_for_reading(task).await?;
            let page = self.page(task, after, 500).await?;
            if !page.is_empty() {
                return Ok(page);
            }
            match &mut grown {
                Some(grown) => {
                    let more = grown.wait_for(|seq| *seq > after);
                    // Bounded, so that a task that another process takes up is still followed.
                    let _ = tokio::time::timeout(Duration::from_secs(5), more).await;
                }
                None => tokio::time::sleep(LOOK_AGAIN).await,
            }
        }
    }

    /// Makes sure that the task is one of this workspace, and that what is read of it is on the disk.
    pub(super) async fn settle_for_reading(&self, task: TaskId) -> Result<Task, Failure> {
        if let Some(live) = self.engine.live.get(self.id, task) {
            live.recorder.flush(Durability::Synced).await.shown()?;
        }
        self.stored(task).await
    }

    /// The calls of a task (scope `read`).
    pub async fn calls(&self, task: TaskId) -> Result<Vec<CallView>, Failure> {
        self.principal.require(Scope::Read)?;
        self.settle_for_reading(task).await?;
        let calls = self.engine.store.calls(self.id, task).await.shown()?;
        Ok(calls.into_iter().map(CallView::from).collect())
    }

    /// Ends a task (scope `run`). [`ErrorCode::AlreadyEnded`] if it has ended.
    pub async fn cancel(&self, task: TaskId, reason: Option<String>) -> Result<TaskView, Failure> {
        self.principal.require(Scope::Run)?;
        let found = self.settle_for_reading(task).await?;
        if found.status.is_final() {
            let message = format!("Task {task} has ended; it is {}.", found.status.as_str());
            return Err(Failure::new(ErrorCode::AlreadyEnded, message));
        }
        let audit = self.audit(AuditAction::TaskCancelled).on(task).with(&json!({ "reason": reason }));
        let request = CancelRequested { by: self.principal.account.to_string(), reason };
        // Whoever has the task by then, this process, another, or nobody, finds it.
        self.leave(&found, &Wish::Cancel(request.clone()), audit).await?;
        // What runs here need not wait until its program does.
        if let Some(live) = self.engine.live.get(self.id, task) {
            live.cancel(request);
        }
        self.wait(task, Until::Ended, Duration::from_secs(5)).await
    }

    /// The same code as a new task, in the asker's name (scope `run`).
    pub async fn rerun(&self, task: TaskId, wait_ms: Option<u64>) -> Result<TaskView, Failure> {
        self.principal.require(Scope::Run)?;
        let task = self.stored(task).await?;
        if !self.sees(&task) {
            return Err(sight::not_seen(task.new.id));
        }
        self.submit(Submission {
            code: task.new.code,
            timeout_ms: Some(task.new.limits.timeout_ms),
            metadata: task.new.metadata,
            wait_ms,
            ..Submission::default()
        })
        .await
    }
}

/// How the attempt ended; nothing if the time is up, or it is as far as it is waited for.
async fn so_far(live: &Live, until: Until, deadline: tokio::time::Instant) -> Option<Result<(), Failure>> {
    let mut asks = live.watch_asks();
    tokio::select! {
        biased;
        ended = live.ended() => Some(ended),
        () = tokio::time::sleep_until(deadline) => None,
        _ = asks.wait_for(|asks| *asks), if until == Until::Stuck => None,
    }
}

fn view(task: &Task, (console, emitted): (Vec<ConsoleLine>, Vec<Emitted>)) -> TaskView {
    let next = (!task.status.is_final()).then(|| format!("Call `resume` with taskId {}.", task.new.id));
    let end = task.end.clone();
    TaskView {
        summary: summary(task),
        code: task.new.code.clone(),
        attempts: task.attempts,
        metadata: task.new.metadata.clone(),
        result: end.as_ref().and_then(|end| end.result.clone()),
        error: end.as_ref().and_then(|end| end.error.clone()),
        warnings: end.map(|end| end.warnings).unwrap_or_default(),
        console,
        emitted,
        approvals: Vec::new(),
        unknown_calls: Vec::new(),
        next,
    }
}

fn summary(task: &Task) -> TaskSummary {
    TaskSummary {
        id: task.new.id,
        workspace: task.new.authority.workspace,
        account: task.new.authority.account,
        client: task.new.authority.client.clone(),
        status: task.status,
        created_at: task.new.created_at,
        started_at: task.started_at,
        ended_at: task.ended_at,
        title: title(&task.new.code),
        is_sensitive: task.new.is_sensitive,
    }
}

/// The first line of code that says something, shortened.
fn title(code: &str) -> String {
    const LENGTH: usize = 80;
    let says_something =
        |line: &&str| !line.is_empty() && !line.starts_with("//") && !line.starts_with("```");
    let line = code.lines().map(str::trim).find(says_something).unwrap_or_default();
    match line.char_indices().nth(LENGTH) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line.to_owned(),
    }
}

fn no_task(task: TaskId, error: &executor_store::Error) -> Failure {
    match error {
        executor_store::Error::NotFound(_) => {
            Failure::new(ErrorCode::NotFound, format!("There is no task {task} in this workspace."))
        }
        other => of_store(other),
    }
}

pub(crate) fn bad_cursor() -> Failure {
    Failure::new(ErrorCode::InvalidRequest, "The cursor is none that was given out.")
        .with_hint("Ask for the first page without a cursor, and pass on what `nextCursor` says.")
}
