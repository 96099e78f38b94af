//! The arguments that the programs share, and the folders that they use.

use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;
use tempfile::TempDir;

use crate::machine::{Machine, Others};
use crate::report::Report;
use crate::server::Setup;

/// Arguments of every program that starts servers.
#[derive(Debug, Clone, Args)]
pub struct Common {
    /// The program to measure; the `executor` beside this program if not said.
    #[arg(long)]
    pub executor: Option<PathBuf>,
    /// Where data directories are made; its disk is what counts. Beside the built programs if not said.
    #[arg(long)]
    pub data: Option<PathBuf>,
    /// A PostgreSQL for the data, instead of a SQLite file. It should be empty.
    #[arg(long)]
    pub database_url: Option<String>,
    /// Print JSON instead of a table.
    #[arg(long)]
    pub json: bool,
}

/// Where a measurement happens: everything in it is removed in the end.
#[derive(Debug)]
pub struct Place {
    folder: TempDir,
    others: Others,
    json: bool,
    setup: Setup,
}

impl Common {
    /// Makes a place, and an empty report about it.
    pub fn begin(&self, program: &'static str) -> anyhow::Result<(Place, Report)> {
        let data = match &self.data {
            Some(folder) => folder.clone(),
            None => target()?.join("bench"),
        };
        fs_err::create_dir_all(&data)?;
        let folder = tempfile::Builder::new().prefix("data-").tempdir_in(&data)?;
        let executor = match &self.executor {
            Some(program) => fs_err::canonicalize(program)?,
            None => sibling("executor")?,
        };
        let mut report = Report::new(program, Machine::look(folder.path())?);
        if cfg!(debug_assertions) {
            report.note("These programs were built without optimising: the figures mean nothing.");
        }
        let setup = Setup { executor, database_url: self.database_url.clone() };
        Ok((Place { folder, others: Others::watch(), json: self.json, setup }, report))
    }

    /// How the data is kept, for a report.
    pub fn database(&self) -> &'static str {
        if self.database_url.is_some() { "PostgreSQL" } else { "SQLite" }
    }
}

impl Place {
    /// A folder in it, made if it is not there.
    pub fn folder(&self, name: &str) -> anyhow::Result<PathBuf> {
        let folder = self.folder.path().join(name);
        fs_err::create_dir_all(&folder)?;
        Ok(folder)
    }

    /// How servers are started here.
    pub fn setup(&self) -> &Setup {
        &self.setup
    }

    /// Prints the report.
    pub fn finish(self, report: Report) -> anyhow::Result<()> {
        report.print(self.json, &self.others)
    }
}

/// A program that is built beside this one.
pub fn sibling(name: &str) -> anyhow::Result<PathBuf> {
    let this = std::env::current_exe()?;
    let program = this.with_file_name(name);
    anyhow::ensure!(program.exists(), "{} is not built; use bench/run", program.display());
    Ok(program)
}

/// The folder of everything that is built.
pub fn target() -> anyhow::Result<PathBuf> {
    let this = std::env::current_exe()?;
    this.parent().and_then(Path::parent).map(Path::to_owned).context("this program is in no folder")
}
