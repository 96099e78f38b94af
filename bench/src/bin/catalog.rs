//! Measures finding and reading tools from code: `tools.search` and `tools.describe` inside `execute`, over the
//! documents of real APIs, and what they leave behind in memory.

use std::time::Duration;

use clap::Parser;
use executor_bench::api::Api;
use executor_bench::common::Common;
use executor_bench::load::{Crowd, Until};
use executor_bench::mcp::Prepared;
use executor_bench::real_documents::{self, RealDocument};
use executor_bench::report::{Bar, Row};
use executor_bench::server::Server;
use executor_bench::statistics::{megabytes, milliseconds};
use serde_json::json;

const QUERIES: [&str; 5] = [
    "create an issue",
    "list open pull requests of a repository",
    "refund a charge",
    "delete a pod",
    "invite a member to a team",
];

#[derive(Parser)]
struct Arguments {
    #[command(flatten)]
    common: Common,
    /// Over which documents.
    #[arg(long, value_delimiter = ',', default_value = "github,stripe,kubernetes")]
    documents: Vec<String>,
    /// How often.
    #[arg(long, default_value_t = 500)]
    calls: usize,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let (place, mut report) = arguments.common.begin("catalog")?;
    real_documents::fetch()?;
    let server = Server::start(place.setup(), &place.folder("data")?).await?;
    let mut api = Api::open(server.address()).await?;
    for name in &arguments.documents {
        let document = RealDocument::named(name)?;
        let text = fs_err::read_to_string(real_documents::folder()?.join(document.path()))?;
        let source = name.replace('-', "");
        api.remove_source(&source).await?;
        api.add_source(&json!({"name": source, "document": text, "baseUrl": document.base_url})).await?;
    }
    let queries = serde_json::to_string(&QUERIES)?;
    // The same program each time: which query it asks depends on what it is given by chance.
    let search = format!(
        "const queries = {queries}; const query = queries[Math.floor(Math.random() * queries.length)]; \
         const {{ items }} = await tools.search(query, {{ limit: 12 }});"
    );
    let scenarios = [
        ("nothing, for comparison", "return 1+1".to_owned(), None),
        ("`tools.search`", format!("{search} return items.length"), None),
        (
            "`tools.search` and `tools.describe` of the first",
            format!(
                "{search} const about = await tools.describe(items[0].path); return JSON.stringify(about).length"
            ),
            Some(Bar::AtMost(3.0)),
        ),
    ];
    let mut crowd = Crowd::open(server.address(), 1).await?;
    for (title, code, bar) in scenarios {
        let prepared = Prepared::execute(&code);
        crowd.call(&prepared, Until::Elapsed(Duration::from_secs(1))).await?;
        tokio::time::sleep(Duration::from_secs(1)).await;
        let (before, used) = (server.memory()?.proportional, server.processor()?);
        let called = crowd.call(&prepared, Until::Calls(arguments.calls)).await?;
        let used = milliseconds(server.processor()?.since(used).all()) / arguments.calls.max(1) as f64;
        tokio::time::sleep(Duration::from_secs(1)).await;
        let after = server.memory()?.proportional;
        let row = Row::new(title)
            .judged("p50", called.latencies.median(), "ms", bar)
            .figure("p99", called.latencies.at(0.99), "ms")
            .figure("processor", used, "ms each")
            .figure("left behind", (megabytes(after) - megabytes(before)).max(0.0), "MB in all");
        report.row(row);
    }
    report.note(format!("{} executes each, over {}.", arguments.calls, arguments.documents.join(", ")));
    place.finish(report)
}
