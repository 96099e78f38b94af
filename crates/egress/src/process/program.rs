//! A running program.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt as _;
use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::AsyncWriteExt as _;
use tokio::process::{Child, ChildStdin, ChildStdout};
use tokio::runtime::Handle;
use tokio::sync::Mutex;
use tokio_util::codec::{FramedRead, LinesCodec, LinesCodecError};

use super::words::LastWords;
use crate::echo::Scrubber;
use crate::injection::Injection;

/// The longest line in bytes that is taken.
const MAX_LINE: usize = 16 * 1024 * 1024;
/// How long a program may take to end once it has been told to.
const FAREWELL: Duration = Duration::from_millis(500);

/// Why nothing more comes of a program, as the rest of a sentence.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Ended(String);

impl Ended {
    /// For that reason, which is the rest of a sentence about the program.
    #[must_use]
    pub fn new(reason: impl Into<String>) -> Self {
        Self(reason.into())
    }
}

/// A running program. It is told to end when this is dropped, and killed if it does not.
#[derive(Debug)]
pub struct Program {
    child: Option<Child>,
    group: Option<Pid>,
    input: Input,
    output: FramedRead<ChildStdout, LinesCodec>,
    scrubber: Scrubber,
    words: LastWords,
}

/// Where a program is written to. Clones write to the same.
#[derive(Debug, Clone)]
pub struct Input(Arc<Mutex<ChildStdin>>);

impl Input {
    /// Writes a line. Lines that are written at the same time come one after another.
    pub async fn write(&self, line: &str) -> io::Result<()> {
        let mut stdin = self.0.lock().await;
        stdin.write_all(line.as_bytes()).await?;
        stdin.write_all(b"\n").await?;
        stdin.flush().await
    }
}

impl Program {
    pub(super) fn of(mut child: Child, injection: Option<&Injection>) -> Result<Self, Ended> {
        let missing = || Ended::new("it has no standard streams");
        let id = child.id().ok_or_else(missing)?;
        let stdin = child.stdin.take().ok_or_else(missing)?;
        let stdout = child.stdout.take().ok_or_else(missing)?;
        let stderr = child.stderr.take().ok_or_else(missing)?;
        Ok(Self {
            group: i32::try_from(id).ok().and_then(Pid::from_raw),
            child: Some(child),
            input: Input(Arc::new(Mutex::new(stdin))),
            output: FramedRead::new(stdout, LinesCodec::new_with_max_length(MAX_LINE)),
            words: LastWords::listen(stderr, id, Scrubber::of(injection)),
            scrubber: Scrubber::of(injection),
        })
    }

    /// Where it is written to.
    #[must_use]
    pub fn input(&self) -> Input {
        self.input.clone()
    }

    /// The next line that it writes. Nothing is lost if nobody waits for it to the end.
    pub async fn line(&mut self) -> Result<String, Ended> {
        match self.output.next().await {
            Some(Ok(line)) => Ok(self.scrubber.text(line)),
            Some(Err(LinesCodecError::MaxLineLengthExceeded)) => {
                Err(Ended::new(format!("it wrote a line of more than {} MiB", MAX_LINE / 1024 / 1024)))
            }
            Some(Err(LinesCodecError::Io(error))) => {
                Err(Ended::new(format!("it could not be read: {error}")))
            }
            None => Err(self.end().await),
        }
    }

    /// How it ended, and what it said last.
    async fn end(&mut self) -> Ended {
        let status = match &mut self.child {
            Some(child) => tokio::time::timeout(FAREWELL, child.wait()).await,
            None => return Ended::new("it has ended"),
        };
        let end = match status {
            Ok(Ok(status)) => format!("it ended with {status}"),
            _ => "it closed its output".to_owned(),
        };
        match self.words.text(FAREWELL).await {
            words if words.is_empty() => Ended::new(end),
            words => Ended::new(format!("{end}; it said: {words}")),
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let (Some(mut child), Some(group)) = (self.child.take(), self.group) else { return };
        let signal = move |signal| {
            // The group is gone where all of it has ended.
            let _ = kill_process_group(group, signal);
        };
        let Ok(runtime) = Handle::try_current() else { return signal(Signal::KILL) };
        signal(Signal::TERM);
        runtime.spawn(async move {
            // Until somebody waits for the program its number is nobody else's.
            tokio::time::sleep(FAREWELL).await;
            signal(Signal::KILL);
            let _ = child.wait().await;
        });
    }
}
