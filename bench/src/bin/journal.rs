//! Measures what writing tasks and their journals costs: the store alone, in this process.

use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::Parser;
use executor_bench::common::Common;
use executor_bench::processes;
use executor_bench::report::{Bar, Report, Row};
use executor_bench::stage::{NOW, Stage, entry};
use executor_bench::statistics::{Durations, milliseconds};
use executor_core::audit::verify::HeadProof;
use executor_store::{Durability, Error, HeadTags, Location, Sealed};
use futures::StreamExt;

/// How many tasks are written at the same time where many are.
const MANY: usize = 64;

/// How many calls the task makes whose journal grows.
const CALLS: u64 = 10;

#[derive(Parser)]
struct Arguments {
    #[command(flatten)]
    common: Common,
    /// How many of each.
    #[arg(long, default_value_t = 2_000)]
    rounds: usize,
}

struct Bench {
    stage: Stage,
    rounds: usize,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let (place, mut report) = arguments.common.begin("journal")?;
    let location = match &arguments.common.database_url {
        Some(url) => Location::Postgres(url.clone()),
        None => Location::Sqlite(place.folder("data")?.join("data.db")),
    };
    let bench = Bench { stage: Stage::open(&location).await?, rounds: arguments.rounds };
    bench.run(&mut report).await?;
    report.note(format!(
        "{} of each, in {}. A line with \"at once\" is {MANY} at the same time, and the time is the share of each. The \
         processor is that of this process, a database's own not counted.",
        arguments.rounds,
        arguments.common.database()
    ));
    place.finish(report)
}

impl Bench {
    async fn run(&self, report: &mut Report) -> anyhow::Result<()> {
        for _ in 0..self.rounds / 4 {
            self.trivial().await?;
        }
        // The budget: a trivial task one sync, a call that reads none, a call that writes at most two.
        self.measure(report, "a trivial task, in one write", 1.0, || self.trivial()).await?;
        self.measure(report, "the same without its audit entry", 1.0, || self.unaudited()).await?;
        self.measure(report, "a task of ten calls that read", 1.0, || self.calls(Durability::Buffered))
            .await?;
        self.measure(report, "a task of ten calls that write", 21.0, || self.calls(Durability::Synced))
            .await?;
        self.claims(report).await?;
        self.seals(report).await
    }

    async fn trivial(&self) -> Result<(), Error> {
        let write = Stage::ended(self.stage.accepted(1..=4));
        self.stage.store.write_task(write, Durability::Synced).await
    }

    /// What no engine does: it shows what the entry costs.
    async fn unaudited(&self) -> Result<(), Error> {
        let mut write = Stage::ended(self.stage.accepted(1..=4));
        write.audit.clear();
        self.stage.store.write_task(write, Durability::Synced).await
    }

    /// A task whose calls are recorded before they leave, as durably as this, and after.
    async fn calls(&self, before: Durability) -> Result<(), Error> {
        let first = self.stage.accepted(1..=2);
        let task = first.task;
        self.stage.store.write_task(first, Durability::Buffered).await?;
        for call in 0..CALLS {
            let seq = 3 + 2 * call;
            self.stage.store.write_task(self.stage.more(task, seq..=seq), before).await?;
            self.stage.store.write_task(self.stage.more(task, seq + 1..=seq + 1), before).await?;
        }
        let last = 3 + 2 * CALLS;
        self.stage
            .store
            .write_task(Stage::ended(self.stage.more(task, last..=last)), Durability::Synced)
            .await
    }

    async fn measure<F, W>(&self, report: &mut Report, what: &str, syncs: f64, work: W) -> anyhow::Result<()>
    where
        W: Fn() -> F,
        F: Future<Output = Result<(), Error>>,
    {
        let (before, used, mut times) = (self.stage.store.syncs(), processor()?, Vec::new());
        for _ in 0..self.rounds {
            let began = Instant::now();
            work().await?;
            times.push(began.elapsed());
        }
        let times = Durations::new(times);
        let row = Row::new(what)
            .figure("p50", times.median(), "ms")
            .figure("p99", times.at(0.99), "ms")
            .figure("processor", milliseconds(processor()? - used) / self.rounds as f64, "ms")
            .judged("syncs", self.each(before), "each", Some(Bar::AtMost(syncs)));
        report.row(row);

        let (before, used, began) = (self.stage.store.syncs(), processor()?, Instant::now());
        let mut running = futures::stream::iter(0..self.rounds).map(|_| work()).buffer_unordered(MANY);
        while let Some(done) = running.next().await {
            done?;
        }
        let row = Row::new("  at once")
            .figure("", milliseconds(began.elapsed()) / self.rounds as f64, "ms")
            .figure("processor", milliseconds(processor()? - used) / self.rounds as f64, "ms")
            .figure("syncs", self.each(before), "each");
        report.row(row);
        Ok(())
    }

    fn each(&self, before: u64) -> f64 {
        (self.stage.store.syncs() - before) as f64 / self.rounds as f64
    }

    /// Sealing the audit entries of all of this.
    async fn seals(&self, report: &mut Report) -> anyhow::Result<()> {
        let (store, before, used, began) =
            (&self.stage.store, self.stage.store.syncs(), processor()?, Instant::now());
        let (mut batches, mut entries) = (Vec::new(), 0);
        for organization in store.unsealed().await? {
            loop {
                let began = Instant::now();
                let sealed = store.seal(organization, Arc::new(Tags), NOW).await?;
                batches.push(began.elapsed());
                match sealed {
                    Sealed::Some(more) => entries += more,
                    Sealed::All(more) => break entries += more,
                    other => anyhow::bail!("nothing can be sealed: {other:?}"),
                }
            }
        }
        let each = |time: Duration| milliseconds(time) / entries.max(1) as f64;
        let row = Row::new(format!("sealing an audit entry, of {entries}"))
            .figure("", each(began.elapsed()), "ms")
            .figure("processor", each(processor()? - used), "ms")
            .figure("p99 of a batch", Durations::new(batches).at(0.99), "ms")
            .judged("syncs", (store.syncs() - before) as f64, "in all", Some(Bar::AtMost(0.0)));
        report.row(row);
        Ok(())
    }

    /// Taking up tasks that wait.
    async fn claims(&self, report: &mut Report) -> anyhow::Result<()> {
        for _ in 0..self.rounds {
            self.stage.store.accept_task(self.stage.new_task(), vec![entry(1)], self.stage.note()).await?;
        }
        let mut times = Vec::new();
        loop {
            let began = Instant::now();
            if self.stage.store.claim_task(NOW.plus_millis(1), NOW).await?.is_none() {
                break;
            }
            times.push(began.elapsed());
        }
        let times = Durations::new(times);
        let row = Row::new(format!("taking up a task, of {} that wait", times.count()))
            .figure("p50", times.median(), "ms")
            .figure("p99", times.at(0.99), "ms");
        report.row(row);
        Ok(())
    }
}

/// Tags as cheap as can be: what is measured is the database.
struct Tags;

impl HeadTags for Tags {
    fn tag(&self, head: &str) -> Result<String, String> {
        Ok(head.to_owned())
    }

    fn check(&self, _: &str, _: &str) -> HeadProof {
        HeadProof::Authentic
    }
}

fn processor() -> anyhow::Result<Duration> {
    Ok(processes::processor(std::process::id())?.all())
}
