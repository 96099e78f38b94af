//! What a process and all that it has started use, from `/proc`.

use std::collections::HashSet;
use std::time::Duration;

use anyhow::Context;

/// Processor time.
#[derive(Debug, Clone, Copy, Default)]
pub struct Processor {
    /// Of the process itself.
    pub root: Duration,
    /// Of all that it has started, those that have ended included.
    pub others: Duration,
}

impl Processor {
    /// What was used since an earlier look.
    pub fn since(self, earlier: Self) -> Self {
        Self {
            root: self.root.saturating_sub(earlier.root),
            others: self.others.saturating_sub(earlier.others),
        }
    }

    /// All of it.
    pub fn all(self) -> Duration {
        self.root + self.others
    }
}

/// Memory of a tree of processes, in bytes.
#[derive(Debug, Clone, Copy, Default)]
pub struct Memory {
    /// What the processes have for themselves, and their share of what they have together.
    pub proportional: u64,
    /// How many processes.
    pub processes: usize,
    /// Of how many only their own pages could be counted, because they may not be looked into.
    pub closed: usize,
}

/// A process as `/proc/<id>/stat` has it.
struct Status {
    id: u32,
    parent: u32,
    own: Duration,
    /// Of children that have ended and were waited for.
    ended: Duration,
}

/// The processor time of a process and of all that it has started.
pub fn processor(root: u32) -> anyhow::Result<Processor> {
    let mut used = Processor::default();
    for status in tree(root)? {
        used.others += status.ended;
        match status.id == root {
            true => used.root += status.own,
            false => used.others += status.own,
        }
    }
    Ok(used)
}

/// The memory of a process and of all that it has started.
pub fn memory(root: u32) -> anyhow::Result<Memory> {
    let mut memory = Memory::default();
    for status in tree(root)? {
        let detailed = fs_err::read_to_string(format!("/proc/{}/smaps_rollup", status.id)).ok();
        let found = detailed.as_deref().and_then(|text| kilobytes(text, "Pss:"));
        let found = match found {
            Some(proportional) => proportional,
            None => {
                // A jailed process shows its maps only to an administrator.
                let Ok(text) = fs_err::read_to_string(format!("/proc/{}/status", status.id)) else {
                    continue;
                };
                memory.closed += 1;
                kilobytes(&text, "RssAnon:").unwrap_or(0)
            }
        };
        memory.proportional += found;
        memory.processes += 1;
    }
    Ok(memory)
}

/// The resident memory of one process: now, and at its highest since [`forget_peak`], in bytes.
pub fn resident(id: u32) -> anyhow::Result<(u64, u64)> {
    let text = fs_err::read_to_string(format!("/proc/{id}/status"))?;
    let field = |name| kilobytes(&text, name).with_context(|| format!("process {id} has no {name}"));
    Ok((field("VmRSS:")?, field("VmHWM:")?))
}

/// Lets the peak of [`resident`] begin anew.
pub fn forget_peak(id: u32) -> anyhow::Result<()> {
    Ok(fs_err::write(format!("/proc/{id}/clear_refs"), "5")?)
}

/// A number of clock ticks as `/proc` counts them: a hundred a second, whatever the kernel does inside.
pub(crate) fn ticks(count: u64) -> Duration {
    Duration::from_millis(10 * count)
}

fn tree(root: u32) -> anyhow::Result<Vec<Status>> {
    let mut all = Vec::new();
    for entry in fs_err::read_dir("/proc")? {
        let name = entry?.file_name();
        let Some(id) = name.to_str().and_then(|name| name.parse().ok()) else { continue };
        // It may have ended since.
        all.extend(fs_err::read_to_string(format!("/proc/{id}/stat")).ok().and_then(|text| parse(id, &text)));
    }
    let mut ids = HashSet::from([root]);
    loop {
        let before = ids.len();
        ids.extend(
            all.iter()
                .filter(|status| ids.contains(&status.parent))
                .map(|status| status.id)
                .collect::<Vec<_>>(),
        );
        if ids.len() == before {
            break;
        }
    }
    all.retain(|status| ids.contains(&status.id));
    anyhow::ensure!(all.iter().any(|status| status.id == root), "process {root} has ended");
    Ok(all)
}

fn parse(id: u32, text: &str) -> Option<Status> {
    // The name, in parentheses, may hold anything.
    let fields: Vec<&str> = text.rsplit_once(')')?.1.split_whitespace().collect();
    let number = |place: usize| fields.get(place)?.parse::<u64>().ok();
    Some(Status {
        id,
        parent: fields.get(1)?.parse().ok()?,
        own: ticks(number(11)? + number(12)?),
        ended: ticks(number(13)? + number(14)?),
    })
}

fn kilobytes(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    Some(line.split_whitespace().next()?.parse::<u64>().ok()? * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_parentheses_does_not_confuse() {
        let text = "7 (a) b) S 3 7 7 0 -1 4 1 0 0 0 12 5 30 4 20 0 1 0";
        let status = parse(7, text).unwrap();
        assert_eq!((status.parent, status.own), (3, Duration::from_millis(170)));
        assert_eq!(status.ended, Duration::from_millis(340));
    }

    #[test]
    fn this_process_is_found() {
        assert!(memory(std::process::id()).unwrap().proportional > 100_000);
        assert!(resident(std::process::id()).unwrap().1 > 100_000);
        assert!(processor(std::process::id()).is_ok());
    }
}
