//! What a program writes, as it writes it, and how far APIs say that its calls are, for a client that asked to be told.

use executor_core::TaskId;
use executor_core::journal::Event;
use executor_engine::{Followed, Workspace};
use futures::StreamExt;
use futures::stream::ReadyChunks;

/// The most entries of a journal that are looked at together.
const TOGETHER: usize = 256;

/// The console of a running task.
pub(crate) struct Console {
    entries: Option<ReadyChunks<Followed>>,
    shown: usize,
}

impl Console {
    /// From the line after the first `shown` on. Who may not read the journal hears nothing.
    pub(crate) async fn follow(workspace: &Workspace, task: TaskId, shown: usize) -> Self {
        let entries = workspace.follow(task, 0).await.ok();
        Self { entries: entries.map(|entries| entries.ready_chunks(TOGETHER)), shown }
    }

    /// One that says nothing.
    pub(crate) fn silent() -> Self {
        Self { entries: None, shown: 0 }
    }

    /// The next lines, together if several came at once. Never comes where there is nothing more to say. Cancel-safe.
    pub(crate) async fn next(&mut self) -> String {
        while let Some(entries) = &mut self.entries {
            let Some(chunk) = entries.next().await else {
                self.entries = None;
                break;
            };
            let mut lines = Vec::new();
            // Of what comes together, only the last says how far things are now.
            let mut progress = None;
            for entry in chunk.into_iter().filter_map(Result::ok) {
                match entry.event {
                    Event::CallProgress(said) => progress = Some(said.to_string()),
                    event => lines.extend(self.unseen(event)),
                }
            }
            lines.extend(progress);
            if !lines.is_empty() {
                return lines.join("\n");
            }
        }
        std::future::pending().await
    }

    fn unseen(&self, event: Event) -> Option<String> {
        match event {
            Event::Console(line) if usize::try_from(line.line).is_ok_and(|line| line > self.shown) => {
                Some(line.text)
            }
            _ => None,
        }
    }
}
