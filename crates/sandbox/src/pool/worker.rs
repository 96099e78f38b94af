//! The server's end of one worker: frames in and out, without ever waiting for a worker that does not read.

use std::io::ErrorKind;
use std::process::ExitStatus;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::io::Interest;
use tokio::net::UnixStream;

use super::process::{Killed, Process};
use super::watchdog::{Watch, Watchdog};
use crate::protocol::{Decoder, FrameError, FromWorker, ToWorker, encode};

/// How long a worker may leave its pipe full.
const MOST_STUCK: Duration = Duration::from_secs(1);
const READ_BYTES: usize = 64 << 10;

/// What comes instead of a frame.
#[derive(Debug)]
pub(crate) enum Broken {
    /// The worker is dead, or as good as.
    Dead,
    /// It is dead, and had not read all that it was sent.
    Unread,
    /// It wrote what is no frame.
    Frame(FrameError),
}

/// The server's end of a worker.
#[derive(Debug)]
pub(crate) struct Worker {
    stream: UnixStream,
    decoder: Decoder,
    outgoing: Vec<u8>,
    /// The system said that it died with its pipe unread, which it says once.
    died_unread: bool,
    stuck: Option<Watch>,
    process: Arc<Process>,
    watchdog: Arc<Watchdog>,
    /// Programs that it has begun.
    pub(crate) programs: u32,
}

impl Worker {
    pub(super) fn new(stream: UnixStream, process: Arc<Process>, watchdog: Arc<Watchdog>) -> Self {
        Self {
            stream,
            decoder: Decoder::default(),
            outgoing: Vec::new(),
            died_unread: false,
            stuck: None,
            process,
            watchdog,
            programs: 0,
        }
    }

    pub(crate) fn process(&self) -> &Arc<Process> {
        &self.process
    }

    /// Whether it was we who killed it.
    pub(crate) fn is_condemned(&self) -> bool {
        self.process.killed().is_some()
    }

    /// Has the worker killed at `deadline`, unless the watch is dropped before.
    pub(crate) fn watch(&self, deadline: Instant) -> Watch {
        self.watchdog.watch(&self.process, deadline, Killed::Overdue)
    }

    /// Sends a frame. What the pipe does not take now leaves while [`Worker::receive`] waits.
    pub(crate) fn send(&mut self, frame: &ToWorker) -> Result<(), FrameError> {
        encode(frame, &mut self.outgoing)?;
        self.write();
        Ok(())
    }

    /// The next frame. Cancel-safe.
    pub(crate) async fn receive(&mut self) -> Result<FromWorker, Broken> {
        loop {
            if let Some(frame) = self.decoder.next().map_err(Broken::Frame)? {
                return Ok(frame);
            }
            self.write();
            if self.read()? {
                continue;
            }
            let interest = if self.outgoing.is_empty() {
                Interest::READABLE
            } else {
                Interest::READABLE | Interest::WRITABLE
            };
            self.stream.ready(interest).await.map_err(|_| self.dead())?;
        }
    }

    /// Whether it waits quietly for a program, as a worker on the shelf should.
    pub(crate) fn is_quiet(&self) -> bool {
        matches!(self.stream.try_read(&mut [0]), Err(error) if error.kind() == ErrorKind::WouldBlock)
    }

    /// Makes sure that it is dead and says how it died.
    pub(crate) async fn bury(&self) -> Option<ExitStatus> {
        self.process.bury().await
    }

    /// Reads what there is; whether there was anything.
    fn read(&mut self) -> Result<bool, Broken> {
        let buffer = self.decoder.buffer();
        buffer.reserve(READ_BYTES);
        match self.stream.try_read_buf(buffer) {
            Ok(0) => Err(self.dead()),
            Ok(_) => Ok(true),
            Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(false),
            Err(error) => {
                self.died_unread |= error.kind() == ErrorKind::ConnectionReset;
                Err(self.dead())
            }
        }
    }

    fn dead(&self) -> Broken {
        if self.died_unread || !self.outgoing.is_empty() { Broken::Unread } else { Broken::Dead }
    }

    /// Writes what the pipe takes. A worker that leaves it full is killed. That one is dead is seen when it is read from.
    fn write(&mut self) {
        let mut written = 0;
        while written < self.outgoing.len() {
            match self.stream.try_write(&self.outgoing[written..]) {
                Ok(0) | Err(_) => break,
                Ok(bytes) => written += bytes,
            }
        }
        self.outgoing.drain(..written);
        if self.outgoing.is_empty() {
            self.stuck = None;
        } else if written > 0 || self.stuck.is_none() {
            self.stuck = Some(self.watchdog.watch(&self.process, Instant::now() + MOST_STUCK, Killed::Stuck));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;
    use crate::protocol::{Deliver, Delivered};

    #[tokio::test]
    async fn a_worker_that_does_not_read_is_killed() {
        let (ours, theirs) = UnixStream::pair().unwrap();
        let child = std::process::Command::new("sleep").arg("60").spawn().unwrap();
        let process = Arc::new(Process::new(child, channel().0, Arc::default()));
        let mut worker = Worker::new(ours, Arc::clone(&process), Arc::new(Watchdog::start().unwrap()));
        let what = Delivered::Completed { call: 1, value: "x".repeat(4 << 20) };
        worker.send(&ToWorker::Deliver(Deliver { what, now: 0, turn_micros: 0, run: true })).unwrap();
        let answer = tokio::time::timeout(MOST_STUCK * 2, worker.receive()).await;
        assert!(answer.is_err());
        assert_eq!(process.killed(), Some(Killed::Stuck));
        assert!(!process.bury().await.unwrap().success());
        drop(theirs);
    }
}
