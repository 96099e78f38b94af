//! Measures what hostile code does to a server and to its other users: how long it is alive beyond its limit, how
//! much memory it leaves behind, and how long a neighbour's calls take meanwhile.

use std::time::{Duration, Instant};

use clap::Parser;
use executor_bench::api::Api;
use executor_bench::common::Common;
use executor_bench::load::{Crowd, Until};
use executor_bench::mcp::Prepared;
use executor_bench::report::{Bar, Report, Row};
use executor_bench::sampling::Sampling;
use executor_bench::server::Server;
use executor_bench::statistics::{Durations, megabytes, milliseconds};

/// What the neighbour calls.
const NEIGHBOUR: &str = "return 1+1";

/// The most that a program may live beyond its limit, in milliseconds.
const BEYOND: f64 = 50.0;

/// A program that means harm.
struct Attack {
    name: &'static str,
    code: &'static str,
    /// Whether the time limit is what ends it.
    runs_out_of_time: bool,
}

/// The first ones are those that have bars.
const ATTACKS: [Attack; 7] = [
    Attack { name: "endless loop", code: "while (true) {}", runs_out_of_time: true },
    Attack {
        name: "regular-expression bomb",
        code: "return /^(a+)+$/.test('a'.repeat(40) + 'b')",
        runs_out_of_time: true,
    },
    Attack {
        name: "memory bomb of arrays",
        code: "const all = []; while (true) all.push(new Array(1000).fill(1))",
        runs_out_of_time: false,
    },
    Attack {
        name: "200,000 console lines",
        code: "for (let line = 0; line < 200000; line++) console.log('line number ' + line)",
        runs_out_of_time: false,
    },
    Attack { name: "endless promises", code: "while (true) await Promise.resolve()", runs_out_of_time: true },
    Attack {
        name: "loop of long native calls",
        code: "const text = 'a'.repeat(1 << 22); while (true) text.split('').reverse().join('')",
        runs_out_of_time: true,
    },
    Attack {
        name: "memory bomb of strings",
        code: "let text = 'x'; while (true) text += text",
        runs_out_of_time: false,
    },
];

#[derive(Parser)]
struct Arguments {
    #[command(flatten)]
    common: Common,
    /// The time limit of the hostile programs, in milliseconds.
    #[arg(long, default_value_t = 1_000)]
    limit: u64,
    /// How long each attack is repeated, and how long the neighbour is measured alone, in seconds.
    #[arg(long, default_value_t = 4)]
    seconds: u64,
    /// How many of the attacks: the first ones.
    #[arg(long, default_value_t = ATTACKS.len())]
    attacks: usize,
    /// How many hostile programs run at the same time.
    #[arg(long, default_value_t = 1)]
    at_once: usize,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let (place, mut report) = arguments.common.begin("hostile")?;
    let server = Server::start(place.setup(), &place.folder("data")?).await?;
    let neighbour = Prepared::execute(NEIGHBOUR);
    let mut crowd = Crowd::open(server.address(), 1).await?;
    crowd.call(&neighbour, Until::Elapsed(Duration::from_secs(1))).await?;
    for attack in ATTACKS.into_iter().take(arguments.attacks) {
        let duration = Duration::from_secs(arguments.seconds);
        let alone = crowd.call(&neighbour, Until::Elapsed(duration)).await?.latencies;
        tokio::time::sleep(Duration::from_secs(1)).await;
        measure(&arguments, &server, &mut crowd, &attack, &alone, &mut report).await?;
    }
    report.note(format!(
        "Each attack was repeated for {} s by {} at once, under a limit of {} ms. The neighbour is one client that calls \
         `{NEIGHBOUR}` in the same workspace, measured alone just before.",
        arguments.seconds, arguments.at_once, arguments.limit
    ));
    place.finish(report)
}

async fn measure(
    arguments: &Arguments,
    server: &Server,
    crowd: &mut Crowd,
    attack: &Attack,
    alone: &Durations,
    report: &mut Report,
) -> anyhow::Result<()> {
    let duration = Duration::from_secs(arguments.seconds);
    let before = server.memory()?.proportional;
    let sampling = Sampling::start(server.id(), Duration::from_millis(50));
    let attackers: Vec<_> = (0..arguments.at_once)
        .map(|_| tokio::spawn(repeat(server.address(), attack.code, arguments.limit, duration)))
        .collect();
    let neighbour = crowd.call(&Prepared::execute(NEIGHBOUR), Until::Elapsed(duration)).await?.latencies;
    let (mut times, mut ends) = (Vec::new(), Vec::new());
    for attacker in attackers {
        for (time, end) in attacker.await?? {
            times.push(time);
            ends.push(end);
        }
    }
    let most = sampling.stop();
    tokio::time::sleep(Duration::from_secs(5)).await;
    let after = server.memory()?.proportional;

    ends.sort_unstable();
    ends.dedup();
    let times = Durations::new(times);
    let row = Row::new(format!("{}: {}", attack.name, ends.join(", ")));
    let row = match attack.runs_out_of_time {
        true => {
            let limit = milliseconds(Duration::from_millis(arguments.limit));
            row.figure("p50 beyond the limit", times.median() - limit, "ms").judged(
                "most beyond the limit",
                times.at(1.0) - limit,
                "ms",
                Some(Bar::AtMost(BEYOND)),
            )
        }
        false => row.figure("p50 until its end", times.median(), "ms").figure("most", times.at(1.0), "ms"),
    };
    report.row(row.figure("times", times.count() as f64, ""));
    let row = Row::new("  a neighbour's p99")
        .figure("alone", alone.at(0.99), "ms")
        .judged("meanwhile", neighbour.at(0.99), "ms", Some(Bar::AtMost(2.0 * alone.at(0.99))))
        .figure("calls", neighbour.count() as f64, "");
    report.row(row);
    let row = Row::new("  memory of all processes")
        .figure("before", megabytes(before), "MB")
        .figure("at most", megabytes(most), "MB")
        .judged("after 5 s", megabytes(after), "MB", Some(Bar::AtMost(1.1 * megabytes(before))));
    report.row(row);
    Ok(())
}

/// Runs hostile code again and again; gives how long each run took and how it ended.
async fn repeat(
    address: std::net::SocketAddr,
    code: &str,
    limit: u64,
    duration: Duration,
) -> anyhow::Result<Vec<(Duration, String)>> {
    let mut api = Api::open(address).await?;
    let (first, mut runs) = (Instant::now(), Vec::new());
    while first.elapsed() < duration {
        let began = Instant::now();
        let task = api.run(code, limit).await?;
        let end = task["error"]["code"].as_str().or(task["status"].as_str()).unwrap_or("unknown");
        runs.push((began.elapsed(), end.to_owned()));
    }
    Ok(runs)
}
