//! On what the figures were got: the processor, the disk, and what else ran.

use std::fmt;
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use serde::Serialize;

use crate::processes;
use crate::statistics::Durations;

const PROBES: usize = 100;

/// The machine that the program runs on.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Machine {
    processor: String,
    cores: usize,
    kernel: String,
    /// How long the disk of the data directory takes to make 4 KiB safe, in milliseconds.
    sync_p50: f64,
    sync_p99: f64,
    /// The load averages at the start.
    load: String,
}

impl Machine {
    /// Looks at this machine, and at the disk that a folder is on.
    pub fn look(folder: &Path) -> anyhow::Result<Self> {
        let text = |path: &str| fs_err::read_to_string(path).unwrap_or_default();
        let processors = text("/proc/cpuinfo");
        let named = processors.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
        let syncs = sync_times(folder)?;
        Ok(Self {
            processor: named.map_or("an unnamed processor", |(_, name)| name.trim()).to_owned(),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            kernel: text("/proc/sys/kernel/osrelease").trim().to_owned(),
            sync_p50: syncs.median(),
            sync_p99: syncs.at(0.99),
            load: text("/proc/loadavg").split(' ').take(3).collect::<Vec<_>>().join(" "),
        })
    }
}

impl fmt::Display for Machine {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { processor, cores, kernel, sync_p50, sync_p99, load } = self;
        write!(
            formatter,
            "{processor}, {cores} cores, Linux {kernel}; disk sync of 4 KiB p50 {sync_p50:.3} ms, p99 {sync_p99:.3} ms; \
             load at the start {load}."
        )
    }
}

fn sync_times(folder: &Path) -> anyhow::Result<Durations> {
    let mut file = tempfile::tempfile_in(folder)?;
    let mut times = Vec::with_capacity(PROBES);
    for _ in 0..PROBES {
        let begin = Instant::now();
        file.write_all(&[0; 4096])?;
        file.sync_data()?;
        times.push(begin.elapsed());
    }
    Ok(Durations::new(times))
}

/// Watches how much of the cores goes to processes that are not of this measurement.
#[derive(Debug)]
pub struct Others {
    began: Instant,
    busy: Option<Duration>,
    ours: Option<Duration>,
}

impl Others {
    /// Watches from now on.
    pub fn watch() -> Self {
        Self { began: Instant::now(), busy: busy(), ours: ours() }
    }

    /// The share of all cores that others used until now; none where the system does not say.
    pub fn share(&self) -> Option<f64> {
        let busy = busy()?.saturating_sub(self.busy?);
        let ours = ours()?.saturating_sub(self.ours?);
        let cores = std::thread::available_parallelism().map_or(1, usize::from) as f64;
        Some(busy.saturating_sub(ours).as_secs_f64() / (self.began.elapsed().as_secs_f64() * cores))
    }
}

/// What all processes have used since the machine started, without waiting for disks.
fn busy() -> Option<Duration> {
    let statistics = fs_err::read_to_string("/proc/stat").ok()?;
    let fields: Vec<u64> = statistics
        .lines()
        .next()?
        .split_whitespace()
        .skip(1)
        .filter_map(|field| field.parse().ok())
        .collect();
    // user, nice, system, idle, iowait, irq, softirq, steal
    let counted = [0, 1, 2, 5, 6, 7].iter().filter_map(|&place| fields.get(place));
    Some(processes::ticks(counted.sum()))
}

/// What this program and all that it has started have used.
fn ours() -> Option<Duration> {
    let usage = processes::processor(std::process::id()).ok()?;
    Some(usage.root + usage.others)
}
