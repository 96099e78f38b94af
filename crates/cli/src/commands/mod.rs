//! The commands that talk to a server.

pub(crate) mod approvals;
pub(crate) mod audit;
pub(crate) mod connections;
pub(crate) mod doctor;
pub(crate) mod keys;
pub(crate) mod limits;
pub(crate) mod mcp;
pub(crate) mod members;
mod outcome;
pub(crate) mod policies;
mod progress;
pub(crate) mod run;
pub(crate) mod sensitive;
pub(crate) mod sources;
pub(crate) mod tasks;
pub(crate) mod toolkits;
pub(crate) mod tools;
pub(crate) mod webhooks;

use std::process::ExitCode;

use crate::arguments::Target;
use crate::connect::Connection;

/// Connects or hosts, does the work, and closes.
pub(crate) async fn with<F>(
    target: &Target,
    work: impl FnOnce(crate::client::Client) -> F,
) -> anyhow::Result<ExitCode>
where
    F: Future<Output = anyhow::Result<ExitCode>>,
{
    let connection = Connection::open(target).await?;
    let done = work(connection.client.clone()).await;
    connection.close().await?;
    done
}

/// Asks before something is destroyed. Where nobody can answer, the answer is no.
#[expect(clippy::print_stderr, reason = "a question to the person at the terminal")]
pub(crate) fn confirm(question: &str, yes: bool) -> anyhow::Result<()> {
    use std::io::{BufRead, IsTerminal};
    if yes {
        return Ok(());
    }
    if !std::io::stdin().is_terminal() {
        anyhow::bail!("{question} Say --yes to do it without being asked.");
    }
    eprint!("{question} [y/N] ");
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer)?;
    match answer.trim().to_lowercase().as_str() {
        "y" | "yes" => Ok(()),
        _ => anyhow::bail!("nothing was done"),
    }
}
