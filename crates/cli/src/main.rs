//! The `executor` command: thin. It reads the configuration, puts the parts together, and talks to the server.
//!
//! `serve` owns a data directory; every other command talks to whoever does, or becomes that for as long as it lives.

#![forbid(unsafe_code)]

mod arguments;
mod client;
mod commands;
mod configuration;
mod connect;
mod duration;
mod failure;
mod host;
mod input;
mod logging;
mod output;
mod owner;
mod proxy;
mod serve;
mod sse;

use std::process::ExitCode;

use clap::{CommandFactory, Parser};

use crate::arguments::{Arguments, Command};

/// The hidden subcommand by which the sandbox starts a worker.
const WORKER: &str = "__worker";

fn main() -> ExitCode {
    // Before anything else: a worker holds nothing that it does not need.
    if std::env::args().nth(1).as_deref() == Some(WORKER) {
        return executor_sandbox::worker::main();
    }
    // What is kept is for its owner only, in whatever folder it is kept.
    rustix::process::umask(rustix::fs::Mode::RWXG | rustix::fs::Mode::RWXO);
    let arguments = Arguments::parse();
    run(arguments).unwrap_or_else(|error| failure::report(&error))
}

fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    match arguments.command {
        Command::Serve(flags) => runtime.block_on(serve::serve(&flags)),
        Command::Config(command) => configuration::show(&command),
        Command::Completions { shell } => {
            clap_complete::generate(shell, &mut Arguments::command(), "executor", &mut std::io::stdout());
            Ok(ExitCode::SUCCESS)
        }
        Command::Run(command) => runtime.block_on(command.run()),
        Command::Call(command) => runtime.block_on(command.run()),
        Command::Tools(command) => runtime.block_on(command.run()),
        Command::Sources(command) => runtime.block_on(command.run()),
        Command::Connections(command) => runtime.block_on(command.run()),
        Command::Policies(command) => runtime.block_on(command.run()),
        Command::Webhooks(command) => runtime.block_on(command.run()),
        Command::Sensitive(command) => runtime.block_on(command.run()),
        Command::Toolkits(command) => runtime.block_on(command.run()),
        Command::Limits(command) => runtime.block_on(command.run()),
        Command::Approvals(command) => runtime.block_on(command.run()),
        Command::Tasks(command) => runtime.block_on(command.run()),
        Command::Keys(command) => runtime.block_on(command.run()),
        Command::Members(command) => runtime.block_on(command.run()),
        Command::Audit(command) => runtime.block_on(command.run()),
        Command::Mcp(command) => runtime.block_on(command.run()),
        Command::Doctor(command) => runtime.block_on(command.run()),
    }
}
