//! A program run again from its start, fed what it had learned, up to where it stood.
//!
//! Nothing that comes out meanwhile is told: calls are held against the record, and once the last recorded delivery is
//! fed and the program waits again, what is left is told, which is calls without an outcome, pending timers, and lines
//! and values that the record does not have. A difference is found before any of that.

use std::time::Duration;

use crate::output::Output;
use crate::session::record::Record;
use crate::session::{Begin, Session};
use crate::stop::Stop;

/// How long a turn may run: one of many that are run again, or the last, which may never have been run to its end.
pub(super) struct Budget {
    left: Duration,
    live: Duration,
}

impl Budget {
    pub(super) fn of(begin: &Begin<'_>, record: &Record<'_>) -> Self {
        let left = if record.is_empty() { Duration::ZERO } else { begin.replay_budget };
        Self { left, live: begin.time_left }
    }

    /// The time of the next turn.
    pub(super) fn turn(&self, spent: Duration, is_last: bool) -> Duration {
        let left = self.left.saturating_sub(spent);
        if is_last { left.saturating_add(self.live) } else { left }
    }
}

/// Brings a session to where the record ends. Without a record there is nothing to do: the program is live.
pub(super) async fn run(
    session: &mut Session,
    begin: &Begin<'_>,
    record: Record<'_>,
    budget: Budget,
) -> Result<(), Stop> {
    if record.is_empty() {
        return Ok(());
    }
    let mut outputs = Vec::new();
    let mut deliveries = record.deliveries.iter().peekable();
    let mut ended = run_turn(session, &record, &mut outputs, deliveries.peek().is_none()).await?;
    while let Some((delivery, at)) = deliveries.next() {
        if ended {
            return Err(record.ended_early(delivery));
        }
        record.check_delivery(delivery, session.link.ledger())?;
        let is_last = deliveries.peek().is_none();
        let time = budget.turn(session.link.engine_time(), is_last);
        let run = begin.determinism.one_at_a_time || is_last;
        session.link.deliver(delivery.clone(), begin.effective_time(*at), time, run);
        if run {
            ended = run_turn(session, &record, &mut outputs, is_last).await?;
        }
    }
    record.check_whole(session.link.ledger(), ended)?;
    session.replay_time = session.link.engine_time();
    session.over = ended;
    let last_idle = outputs.iter().rposition(|output| matches!(output, Output::Idle { .. }));
    for (index, output) in outputs.into_iter().enumerate() {
        let stale = matches!(output, Output::Idle { .. }) && (ended || Some(index) != last_idle);
        if !stale {
            session.outputs.extend(record.remaining(output, session.link.ledger()));
        }
    }
    Ok(())
}

/// Runs one turn to its end, which may be the program's.
async fn run_turn(
    session: &mut Session,
    record: &Record<'_>,
    outputs: &mut Vec<Output>,
    is_last: bool,
) -> Result<bool, Stop> {
    loop {
        let output = match session.link.receive().await {
            Ok(output) => output,
            Err(Stop::TimedOut) if !is_last => return Err(Stop::ReplayLimit),
            // The record knows of a delivery to come, and that nothing waits for it is a divergence.
            Err(Stop::Deadlock) if !is_last => return Ok(false),
            Err(stop) => return Err(stop),
        };
        record.check(&output)?;
        let (waits, ended) = (matches!(output, Output::Idle { .. }), matches!(output, Output::Settled(_)));
        outputs.push(output);
        if waits || ended {
            return Ok(ended);
        }
    }
}
