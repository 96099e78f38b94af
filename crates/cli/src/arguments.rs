//! The command line.

use std::collections::BTreeMap;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::commands;

/// Runs agents' code between policies, credentials and people.
#[derive(Debug, Parser)]
#[command(name = "executor", version, propagate_version = true, arg_required_else_help = true)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// A kind of source.
#[derive(Debug, Clone, Copy, ValueEnum)]
#[value(rename_all = "snake_case")]
pub(crate) enum Kind {
    Openapi,
    Graphql,
    Mcp,
    GoogleDiscovery,
}

impl Kind {
    /// Its name in the API.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Openapi => "openapi",
            Self::Graphql => "graphql",
            Self::Mcp => "mcp",
            Self::GoogleDiscovery => "google_discovery",
        }
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Start the server: API, MCP and status page on one port
    #[command(after_help = "Examples:\n  executor serve\n  executor serve --port 8080 --data-dir ./data")]
    Serve(ServeFlags),
    /// Run TypeScript from a file, or from standard input with `-`
    #[command(
        after_help = "Examples:\n  executor run script.ts --wait\n  echo 'return 1 + 1' | executor run -"
    )]
    Run(commands::run::Run),
    /// Call one tool
    #[command(
        after_help = "Example:\n  executor call github.issues.listForRepo '{\"owner\": \"o\", \"repo\": \"r\"}'"
    )]
    Call(commands::run::Call),
    /// Find tools and see what they take
    Tools(commands::tools::Tools),
    /// Add, list, refresh and remove sources of tools
    Sources(commands::sources::Sources),
    /// Add, list, rotate and remove connections to sources
    Connections(commands::connections::Connections),
    /// Add, order, explain, try out and remove policy rules
    Policies(commands::policies::Policies),
    /// Narrow the catalog for an agent: add, list, change and remove toolkits
    Toolkits(commands::toolkits::Toolkits),
    /// Mark tools whose calls carry what is not for everybody
    Sensitive(commands::sensitive::Sensitive),
    /// What the workspace may use: tasks at once and a minute, calls, sizes
    Limits(commands::limits::Limits),
    /// See what waits for a person, and decide
    Approvals(commands::approvals::Approvals),
    /// Add, list, try out and remove webhooks, and see what they were told
    Webhooks(commands::webhooks::Webhooks),
    /// Look at tasks, follow and cancel them, run them again
    Tasks(commands::tasks::Tasks),
    /// Make, list and revoke API keys
    Keys(commands::keys::Keys),
    /// Add, list and remove members of the organization
    Members(commands::members::Members),
    /// List, verify and export the record of who did what, and say how long it is kept
    Audit(commands::audit::Audit),
    /// Serve MCP on standard input and output, for clients that start a process
    #[command(after_help = "Example:\n  claude mcp add executor -- executor mcp")]
    Mcp(commands::mcp::Mcp),
    /// Check what Executor needs on this machine
    Doctor(commands::doctor::Doctor),
    /// Show each setting with its value and where that comes from
    Config(ConfigCommand),
    /// Write completions for a shell
    #[command(after_help = "Example:\n  executor completions bash > /etc/bash_completion.d/executor")]
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
}

/// Which server and which workspace a command talks to.
#[derive(Debug, Args)]
pub(crate) struct Target {
    /// The server's address; the owner of the data directory if not said. The key is EXECUTOR_API_KEY
    #[arg(long, env = "EXECUTOR_API_URL", global = true)]
    pub(crate) url: Option<String>,
    /// The workspace, by slug or id
    #[arg(long, global = true, default_value = "default")]
    pub(crate) workspace: String,
    #[command(flatten)]
    pub(crate) data: DataFlags,
}

#[derive(Debug, Args)]
pub(crate) struct ServeFlags {
    #[command(flatten)]
    pub(crate) settings: SettingFlags,
    /// Write logs as JSON lines
    #[arg(long)]
    pub(crate) json_logs: bool,
}

/// Flags that stand for variables of the configuration, and win over them.
#[derive(Debug, Default, Args)]
pub(crate) struct SettingFlags {
    /// The port to listen on
    #[arg(long)]
    port: Option<String>,
    /// The address to listen on
    #[arg(long)]
    host: Option<String>,
    #[command(flatten)]
    data: DataFlags,
}

/// Where the data is.
#[derive(Debug, Default, Args)]
pub(crate) struct DataFlags {
    /// The folder of the database, of blobs and of keys
    #[arg(long, value_name = "FOLDER", global = true)]
    data_dir: Option<String>,
}

/// The flags that were given, under the names of the variables that they stand for.
pub(crate) type Given = BTreeMap<String, String>;

impl SettingFlags {
    /// Those that were given.
    pub(crate) fn given(&self) -> Given {
        let mut given = self.data.given();
        for (name, value) in [("PORT", &self.port), ("EXECUTOR_HOST", &self.host)] {
            given.extend(value.clone().map(|value| (name.to_owned(), value)));
        }
        given
    }
}

impl DataFlags {
    /// Those that were given.
    pub(crate) fn given(&self) -> Given {
        self.data_dir.iter().map(|folder| ("EXECUTOR_DATA_DIR".to_owned(), folder.clone())).collect()
    }
}

#[derive(Debug, Args)]
pub(crate) struct ConfigCommand {
    #[command(flatten)]
    pub(crate) settings: SettingFlags,
    /// Write JSON
    #[arg(long)]
    pub(crate) json: bool,
    #[command(subcommand)]
    pub(crate) action: Option<ConfigAction>,
}

#[derive(Debug, Clone, Copy, Subcommand)]
pub(crate) enum ConfigAction {
    /// List every problem at once; exits with 2 if there is one
    Check,
}
