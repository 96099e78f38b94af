//! Checks a program against declarations before it runs, with the TypeScript compiler, if there is one.
//!
//! The compiler is a program of its own, so the server does not parse user code here either. It is given nothing but two
//! files in a folder that is removed afterwards: no environment, no module resolution that would lead it to other files,
//! a bound on its time, its memory and what it says. One that fails, or takes too long, says nothing against a program.

#![expect(clippy::disallowed_types, reason = "the compiler is the operator's own program, and no source")]

mod program;
mod report;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use rustix::process::{Pid, Resource, Rlimit, prlimit};
use tokio::process::Command;
use tokio::sync::Semaphore;

pub use report::TypeError;

/// What code finds when it begins, as declarations.
pub const ENVIRONMENT: &str = include_str!("environment.d.ts");

/// How long the compiler may take. It needs a tenth of a second for most programs.
const TIMEOUT: Duration = Duration::from_secs(5);

/// The address space of a compiler, in bytes. It reserves much more than it uses.
const MOST_MEMORY: u64 = 8 << 30;

/// Compilers that run at once.
const AT_ONCE: usize = 2;

/// The name of the program's file, which the compiler's reports begin with.
const PROGRAM: &str = "program.ts";

const ARGUMENTS: [&str; 18] = [
    "--noEmit",
    "--pretty",
    "false",
    "--strict",
    "--noImplicitAny",
    "false",
    "--useUnknownInCatchVariables",
    "false",
    "--noResolve",
    "--types",
    "",
    "--lib",
    "es2023",
    "--target",
    "es2022",
    "--module",
    "esnext",
    "--skipLibCheck",
];

/// The compiler.
#[derive(Debug)]
pub struct TypeChecker {
    compiler: PathBuf,
    search_path: OsString,
    folder: PathBuf,
    places: Semaphore,
}

/// Why a program could not be checked. It may be right or wrong.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// The compiler cannot be run.
    #[error("the TypeScript compiler cannot be run: {0}")]
    Io(#[from] std::io::Error),
    /// It took too long.
    #[error("the TypeScript compiler took more than {} s", TIMEOUT.as_secs())]
    Timeout,
    /// It failed in a way that is not the program's.
    #[error("the TypeScript compiler failed: {0}")]
    Compiler(String),
}

impl TypeChecker {
    /// A compiler, by its path or by its name on the search path. Each check has a folder of its own in `folder`.
    #[must_use]
    pub fn new(compiler: PathBuf, search_path: OsString, folder: PathBuf) -> Self {
        Self { compiler, search_path, folder, places: Semaphore::new(AT_ONCE) }
    }

    /// What is wrong with a program, given the declarations of what it uses; nothing if it is well typed.
    pub async fn check(&self, code: &str, declarations: &str) -> Result<Vec<TypeError>, CheckError> {
        // The semaphore is never closed.
        let _place = self.places.acquire().await;
        std::fs::create_dir_all(&self.folder)?;
        let folder = Folder::new(&self.folder)?;
        std::fs::write(folder.0.join("environment.d.ts"), ENVIRONMENT)?;
        std::fs::write(folder.0.join("tools.d.ts"), declarations)?;
        std::fs::write(folder.0.join(PROGRAM), program::wrap(code))?;
        let child = Command::new(&self.compiler)
            .args(ARGUMENTS)
            .args(["environment.d.ts", "tools.d.ts", PROGRAM])
            .env_clear()
            .env("PATH", &self.search_path)
            .current_dir(&folder.0)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .process_group(0)
            .kill_on_drop(true)
            .spawn()?;
        limit(child.id());
        let output = tokio::time::timeout(TIMEOUT, child.wait_with_output());
        let output = output.await.map_err(|_| CheckError::Timeout)??;
        let said = String::from_utf8_lossy(&output.stdout);
        let errors = report::read(&said, code);
        match (output.status.success(), errors.is_empty()) {
            (true, _) => Ok(Vec::new()),
            (false, false) => Ok(errors),
            (false, true) => Err(CheckError::Compiler(said.lines().next().unwrap_or("no word").to_owned())),
        }
    }
}

fn limit(child: Option<u32>) {
    let pid = child.and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
    if let Some(pid) = pid {
        let memory = Rlimit { current: Some(MOST_MEMORY), maximum: Some(MOST_MEMORY) };
        // One that has ended already needs no limit.
        let _ = prlimit(Some(pid), Resource::As, memory);
    }
}

/// A folder that goes with its value.
struct Folder(PathBuf);

impl Folder {
    fn new(parent: &Path) -> std::io::Result<Self> {
        use std::sync::atomic::{AtomicU64, Ordering};
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let name = format!("{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let folder = parent.join(name);
        // One of that name was left behind by a process that died.
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir(&folder)?;
        Ok(Self(folder))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.0) {
            tracing::warn!(%error, folder = %self.0.display(), "a folder could not be removed");
        }
    }
}
