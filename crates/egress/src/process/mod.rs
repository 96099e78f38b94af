//! The other door: programs on this machine that are spoken with line by line, over standard input and output.
//!
//! What holds for every program:
//!
//! - It inherits nothing: no variable but a search path, those that lead into its own folder and those that are meant for
//!   it, and no descriptor. Secret variables come in an [`Injection`] and are joined here.
//! - It has a folder of its own, with its home, caches and temporary files in it, and starts in there.
//! - It and all that it starts are one process group, with limits, and end with the [`Program`] that stands for it.
//! - Nothing that it writes is kept without a bound.
//!
//! This is no jail for hostile code: a program may read what its user may read, and dial where it likes. It runs because
//! whoever runs the server has allowed it to.

mod limits;
mod program;
mod words;

use std::ffi::OsString;
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use tokio::process::Command;

use crate::injection::Injection;

pub use program::{Ended, Input, Program};

/// What is started.
#[derive(Debug, Clone, Copy)]
pub struct Invocation<'a> {
    /// The name of its folder: the same each time that its caches should be.
    pub folder: &'a str,
    /// The program, by its name or its path.
    pub program: &'a str,
    /// Its arguments.
    pub arguments: &'a [String],
    /// Variables in the clear.
    pub variables: &'a [(String, String)],
    /// Variables that are secret.
    pub injection: Option<&'a Injection>,
}

/// Starts programs.
#[derive(Debug, Clone)]
pub struct Launcher {
    folder: PathBuf,
    search_path: OsString,
}

impl Launcher {
    /// Programs are looked for on the search path; each gets a folder of its own in `folder`.
    #[must_use]
    pub fn new(folder: PathBuf, search_path: OsString) -> Self {
        Self { folder, search_path }
    }

    /// Starts a program.
    pub fn start(&self, invocation: Invocation<'_>) -> Result<Program, Ended> {
        let Invocation { folder, program, arguments, variables, injection } = invocation;
        let failed = |what: &str, error: &io::Error| Ended::new(format!("{what}: {error}"));
        let folders = Folders::of(&self.folder.join(folder));
        folders.create().map_err(|error| failed("its folder could not be made", &error))?;
        let mut command = Command::new(program);
        command
            .args(arguments)
            .env_clear()
            .env("PATH", &self.search_path)
            .env("LANG", "C.UTF-8")
            .envs(folders.variables())
            .envs(variables.iter().map(|(name, value)| (name, value)))
            .envs(injection.into_iter().flat_map(Injection::variables))
            .current_dir(&folders.work)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .kill_on_drop(true);
        let child = command.spawn().map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => {
                Ended::new(format!("there is no program `{program}` on the search path"))
            }
            _ => failed("it could not be started", &error),
        })?;
        if let Some(id) = child.id() {
            limits::set(id);
        }
        Program::of(child, injection)
    }
}

/// The folders of one program.
struct Folders {
    home: PathBuf,
    cache: PathBuf,
    temporary: PathBuf,
    work: PathBuf,
}

impl Folders {
    fn of(folder: &Path) -> Self {
        Self {
            home: folder.join("home"),
            cache: folder.join("cache"),
            temporary: folder.join("tmp"),
            work: folder.join("work"),
        }
    }

    /// Makes them, for nobody else to look into.
    fn create(&self) -> io::Result<()> {
        let mut builder = std::fs::DirBuilder::new();
        builder.recursive(true).mode(0o700);
        [&self.home, &self.cache, &self.temporary, &self.work]
            .into_iter()
            .try_for_each(|folder| builder.create(folder))
    }

    fn variables(&self) -> [(&'static str, &Path); 3] {
        [("HOME", &self.home), ("XDG_CACHE_HOME", &self.cache), ("TMPDIR", &self.temporary)]
    }
}
