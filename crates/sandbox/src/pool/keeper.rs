//! The thread that starts workers and buries them.
//!
//! A worker dies with the *thread* that started it, so that thread must live as long as the sandbox. And one thread
//! starts one process at a time: many tasks at once are no storm of new processes.

use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};

use tokio::sync::oneshot;

use super::process::{Demoted, Process};
use crate::jail::TIME_ZONE;
use crate::options::{Options, WorkerCommand};

/// What the keeper is asked for.
#[derive(Debug)]
pub(crate) enum Request {
    /// Start a worker.
    Start(oneshot::Sender<io::Result<(Arc<Process>, UnixStream)>>),
    /// Wait for a killed worker to be gone.
    Bury(Child),
    /// There will be no more workers.
    Retire,
}

/// The way to the keeper's thread, which ends with it.
#[derive(Debug)]
pub(super) struct Keeper {
    requests: Sender<Request>,
}

impl Keeper {
    pub(super) fn start(options: &Options) -> io::Result<Self> {
        let (requests, received) = channel();
        let (command, diagnostics) = (options.command.clone(), options.worker_diagnostics);
        let own = requests.clone();
        std::thread::Builder::new()
            .name("sandbox-keeper".to_owned())
            .spawn(move || keep(&command, diagnostics, &own, &received))?;
        Ok(Self { requests })
    }

    pub(super) async fn start_worker(&self) -> io::Result<(Arc<Process>, UnixStream)> {
        let (reply, started) = oneshot::channel();
        let gone = || io::Error::other("the sandbox is going down");
        self.requests.send(Request::Start(reply)).map_err(|_| gone())?;
        started.await.map_err(|_| gone())?
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        let _ = self.requests.send(Request::Retire);
    }
}

fn keep(command: &WorkerCommand, diagnostics: bool, own: &Sender<Request>, received: &Receiver<Request>) {
    let demoted = Arc::<Demoted>::default();
    for request in received {
        match request {
            Request::Start(reply) => {
                let started = spawn(command, diagnostics).map(|(child, stream)| {
                    (Arc::new(Process::new(child, own.clone(), demoted.clone())), stream)
                });
                let _ = reply.send(started);
            }
            Request::Bury(mut child) => {
                let _ = child.wait();
            }
            Request::Retire => {
                while let Ok(Request::Bury(mut child)) = received.try_recv() {
                    let _ = child.wait();
                }
                return;
            }
        }
    }
}

/// Starts a worker whose standard input is one end of a pipe, and gives the other end.
fn spawn(command: &WorkerCommand, diagnostics: bool) -> io::Result<(Child, UnixStream)> {
    let (ours, theirs) = UnixStream::pair()?;
    ours.set_nonblocking(true)?;
    // No `pre_exec`: without it the child is made without copying our memory map, and it jails itself.
    let child = Command::new(&command.program)
        .args(&command.arguments)
        .env_clear()
        .env(TIME_ZONE.0, TIME_ZONE.1)
        .stdin(Stdio::from(OwnedFd::from(theirs)))
        .stdout(Stdio::null())
        .stderr(if diagnostics { Stdio::inherit() } else { Stdio::null() })
        .spawn()?;
    Ok((child, ours))
}
