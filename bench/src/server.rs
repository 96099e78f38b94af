//! A real `executor serve` with a data directory and a port of its own.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use rustix::process::{Pid, Signal, kill_process};

use crate::http::Connection;
use crate::processes::{self, Memory, Processor};

/// How long a server may take to be ready, or to end.
const PATIENCE: Duration = Duration::from_secs(60);

/// How servers are started.
#[derive(Debug, Clone)]
pub struct Setup {
    /// The program.
    pub executor: PathBuf,
    /// The database, where it is not the SQLite file.
    pub database_url: Option<String>,
}

/// A running server. It is killed when this is dropped.
#[derive(Debug)]
pub struct Server {
    child: Child,
    address: SocketAddr,
    ready_after: Duration,
}

impl Server {
    /// Starts a server on a data directory, and waits until it says that it is ready.
    pub async fn start(setup: &Setup, folder: &Path) -> anyhow::Result<Self> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, free_port()?));
        let log = folder.join("server.log");
        let mut command = Command::new(&setup.executor);
        command
            .arg("serve")
            .env_clear()
            .env("HOME", folder)
            .env("EXECUTOR_DATA_DIR", folder)
            .env("EXECUTOR_ALLOW_LOCAL_NETWORK", "true")
            .env("PORT", address.port().to_string())
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(fs_err::File::create(&log)?.into_parts().0);
        if let Some(url) = &setup.database_url {
            command.env("EXECUTOR_DATABASE_URL", url);
        }
        let began = Instant::now();
        let child = command.spawn().with_context(|| format!("{} cannot be run", setup.executor.display()))?;
        let mut server = Self { child, address, ready_after: Duration::ZERO };
        while !is_ready(address).await {
            if server.child.try_wait()?.is_some() || began.elapsed() > PATIENCE {
                bail!("the server does not become ready: {}", fs_err::read_to_string(&log)?);
            }
            // Nothing else runs here meanwhile, and the runtime's own clock knows only whole milliseconds.
            std::thread::sleep(Duration::from_micros(200));
        }
        server.ready_after = began.elapsed();
        Ok(server)
    }

    /// How long it took from the start of the process until it was ready.
    pub fn ready_after(&self) -> Duration {
        self.ready_after
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The id of its process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// What it and its workers have used until now.
    pub fn processor(&self) -> anyhow::Result<Processor> {
        processes::processor(self.id())
    }

    /// The memory of it and its workers.
    pub fn memory(&self) -> anyhow::Result<Memory> {
        processes::memory(self.id())
    }

    /// Tells it to stop, and waits until it has.
    pub fn stop(mut self) -> anyhow::Result<()> {
        let id = i32::try_from(self.id()).ok().and_then(Pid::from_raw).context("a process has an id")?;
        kill_process(id, Signal::TERM)?;
        let began = Instant::now();
        while self.child.try_wait()?.is_none() {
            anyhow::ensure!(began.elapsed() < PATIENCE, "the server does not stop");
            std::thread::sleep(Duration::from_millis(5));
        }
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

async fn is_ready(address: SocketAddr) -> bool {
    let Ok(mut connection) = Connection::open(address).await else { return false };
    connection.send("GET", "/api/ready", "", b"").await.is_ok_and(|answer| answer.status == 200)
}

fn free_port() -> anyhow::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}
