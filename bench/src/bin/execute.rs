//! Measures `execute` over MCP: latency, throughput, processor time and memory, with and without calls of tools.

use std::time::Duration;

use clap::Parser;
use executor_bench::api::Api;
use executor_bench::common::Common;
use executor_bench::load::{Called, Crowd, Until};
use executor_bench::mcp::Prepared;
use executor_bench::processes::Processor;
use executor_bench::report::{Bar, Report, Row};
use executor_bench::sampling::Sampling;
use executor_bench::server::Server;
use executor_bench::statistics::{megabytes, milliseconds};
use executor_bench::upstream::{self, Upstream};

const TRIVIAL: &str = "return 1+1";
const SYNCS: &str = "executor_store_syncs_total";

/// How many clients the bar of the throughput is for.
const MANY: usize = 64;

#[derive(Parser)]
struct Arguments {
    #[command(flatten)]
    common: Common,
    /// How many clients call `return 1+1` at the same time.
    #[arg(long, value_delimiter = ',', default_values_t = [1, 8, MANY])]
    clients: Vec<usize>,
    /// How long each measurement goes on.
    #[arg(long, default_value_t = 6)]
    seconds: u64,
    /// How long the server is left alone before its memory is looked at.
    #[arg(long, default_value_t = 5)]
    rest: u64,
}

/// What is measured, and what it should be.
struct Scenario {
    title: String,
    code: String,
    clients: usize,
    p50: Option<Bar>,
    p99: Option<Bar>,
    processor: Option<Bar>,
    rate: Option<Bar>,
}

struct Bench {
    server: Server,
    upstream: Upstream,
    api: Api,
    duration: Duration,
    rest: Duration,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let (place, mut report) = arguments.common.begin("execute")?;
    let server = Server::start(place.setup(), &place.folder("data")?).await?;
    let upstream = Upstream::start(None)?;
    let mut api = Api::open(server.address()).await?;
    api.remove_source(upstream::NAME).await?;
    api.add_source(&upstream.source()).await?;
    let (duration, rest) = (Duration::from_secs(arguments.seconds), Duration::from_secs(arguments.rest));
    let mut bench = Bench { server, upstream, api, duration, rest };
    bench.run(&arguments, &mut report).await?;
    place.finish(report)
}

impl Bench {
    async fn run(&mut self, arguments: &Arguments, report: &mut Report) -> anyhow::Result<()> {
        tokio::time::sleep(self.rest).await;
        let idle = self.server.memory()?;
        for scenario in scenarios(arguments) {
            self.measure(&scenario, report).await?;
        }
        tokio::time::sleep(self.rest).await;
        let after = self.server.memory()?;
        let row = Row::new("memory of all processes, idle with one source, and after all this")
            .figure("before", megabytes(idle.proportional), "MB")
            .figure("after", megabytes(after.proportional), "MB")
            .figure("processes", after.processes as f64, "");
        report.row(row);
        report.note(format!("The data is in {}.", arguments.common.database()));
        if after.closed > 0 {
            report.note(
                "Workers could not be looked into: only their own pages are counted. Run as administrator.",
            );
        }
        Ok(())
    }

    async fn measure(&mut self, scenario: &Scenario, report: &mut Report) -> anyhow::Result<()> {
        let prepared = Prepared::execute(&scenario.code);
        let mut crowd = Crowd::open(self.server.address(), scenario.clients).await?;
        crowd.call(&prepared, Until::Elapsed(self.duration / 8)).await?;

        let memory = Sampling::start(self.server.id(), Duration::from_millis(500));
        let (used, mock) = (self.server.processor()?, self.upstream.processor()?);
        let syncs = self.api.counter(SYNCS).await?;
        let called = crowd.call(&prepared, Until::Elapsed(self.duration)).await?;
        let syncs = self.api.counter(SYNCS).await? - syncs;
        let used = self.server.processor()?.since(used);
        let mock = self.upstream.processor()? - mock;
        let peak = memory.stop();

        report.row(latency_row(scenario, &called, used));
        let calls = called.latencies.count() as f64;
        let row = Row::new("  of which, and beside it")
            .figure("server", milliseconds(used.root) / calls, "ms")
            .figure("workers", milliseconds(used.others) / calls, "ms")
            .figure("mock", milliseconds(mock) / calls, "ms")
            .figure("syncs", syncs / calls, "each")
            .figure("memory", megabytes(peak), "MB at most")
            .figure("calls", calls, "");
        report.row(row);
        Ok(())
    }
}

fn latency_row(scenario: &Scenario, called: &Called, used: Processor) -> Row {
    let processor = milliseconds(used.all()) / called.latencies.count().max(1) as f64;
    Row::new(&scenario.title)
        .judged("p50", called.latencies.at(0.5), "ms", scenario.p50)
        .figure("p90", called.latencies.at(0.9), "ms")
        .judged("p99", called.latencies.at(0.99), "ms", scenario.p99)
        .judged("processor", processor, "ms each", scenario.processor)
        .judged("throughput", called.rate(), "a second", scenario.rate)
}

fn scenarios(arguments: &Arguments) -> Vec<Scenario> {
    let is_postgres = arguments.common.database_url.is_some();
    let (latency, rate) = if is_postgres { (3.0, 800.0) } else { (1.0, 1_200.0) };
    let trivial = arguments.clients.iter().map(|&clients| Scenario {
        title: format!("`{TRIVIAL}`, {clients} at a time"),
        code: TRIVIAL.to_owned(),
        clients,
        p50: (clients == 1).then_some(Bar::AtMost(latency)),
        p99: (clients == 1 && !is_postgres).then_some(Bar::AtMost(5.0)),
        processor: (!is_postgres).then_some(Bar::AtMost(0.8)),
        rate: (clients == MANY).then_some(Bar::AtLeast(rate)),
    });
    let call = upstream::CALL;
    let with_calls = [
        ("one call of a tool", format!("return await {call}({{id: 1}})"), Some(2.0)),
        (
            "three calls in sequence",
            format!(
                "const a = await {call}({{id: 1}}); const b = await {call}({{id: a.id + 1}}); \
                 return await {call}({{id: b.id + 1}})"
            ),
            Some(3.0),
        ),
        (
            "100 calls in parallel",
            format!(
                "return (await Promise.all(Array.from({{length: 100}}, (_, id) => {call}({{id}})))).length"
            ),
            Some(20.0),
        ),
        (
            "500 calls in sequence, as a long task makes",
            format!("let id = 0; while (id < 500) ({{ id }} = await {call}({{id: id + 1}})); return id"),
            None,
        ),
    ];
    let with_calls = with_calls.into_iter().map(|(title, code, latency)| Scenario {
        title: title.to_owned(),
        code,
        clients: 1,
        p50: latency.filter(|_| !is_postgres).map(Bar::AtMost),
        p99: None,
        processor: None,
        rate: None,
    });
    trivial.chain(with_calls).collect()
}
