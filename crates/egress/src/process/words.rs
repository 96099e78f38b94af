//! What a program says on standard error: the end of it is kept, so that the program's own end can be explained.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use tokio::io::AsyncReadExt as _;
use tokio::process::ChildStderr;
use tokio::task::JoinHandle;

use crate::echo::Scrubber;

/// The most bytes that are kept.
const MAX_KEPT: usize = 4096;
/// How many lines of them are told.
const MAX_LINES: usize = 5;

/// The last words of a program.
#[derive(Debug)]
pub(super) struct LastWords {
    kept: Arc<Mutex<Vec<u8>>>,
    listening: JoinHandle<()>,
}

impl LastWords {
    /// Listens until the program closes the stream.
    pub(super) fn listen(mut stderr: ChildStderr, id: u32, mut scrubber: Scrubber) -> Self {
        let kept = Arc::<Mutex<Vec<u8>>>::default();
        let keeping = Arc::clone(&kept);
        let listening = tokio::spawn(async move {
            let mut piece = [0; MAX_KEPT];
            loop {
                let read = stderr.read(&mut piece).await.unwrap_or(0);
                let said = match read {
                    0 => scrubber.rest(),
                    _ => scrubber.piece(Bytes::copy_from_slice(&piece[..read])),
                };
                tracing::debug!(id, said = %String::from_utf8_lossy(&said).trim_end(), "a program says");
                let mut kept = keeping.lock().unwrap_or_else(PoisonError::into_inner);
                kept.extend_from_slice(&said);
                let surplus = kept.len().saturating_sub(MAX_KEPT);
                kept.drain(..surplus);
                if read == 0 {
                    return;
                }
            }
        });
        Self { kept, listening }
    }

    /// The lines that it has said last, as one, once it has said all or the time is up.
    pub(super) async fn text(&mut self, patience: Duration) -> String {
        if !self.listening.is_finished() {
            let _ = tokio::time::timeout(patience, &mut self.listening).await;
        }
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let said = String::from_utf8_lossy(&kept);
        let mut lines: Vec<_> = said.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        lines.drain(..lines.len().saturating_sub(MAX_LINES));
        lines.join(" / ")
    }
}
