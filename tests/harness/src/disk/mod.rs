//! A disk that forgets what was not synced (`ENGINE.md` 10.4).
//!
//! SQLite reaches its files through a layer of this process. For the files of a [`Disk`] that layer keeps two things:
//! what was synced, and what was written since. When the engine on it dies, [`Disk::after`] gives what the next start
//! finds: after the death of a process everything that was written, after a loss of power everything that was synced
//! and any part of the rest.

mod layer;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use tempfile::TempDir;

use crate::fate::Fate;
use crate::random::Random;

/// The files of a disk at rest.
pub type Files = BTreeMap<String, Vec<u8>>;

/// How an engine ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Death {
    /// The process is gone; the operating system keeps what was written.
    Killed,
    /// The machine is gone; what was not synced is there or not, write by write.
    PowerLost,
}

/// A folder whose SQLite files can lose what was not synced.
pub struct Disk {
    folder: TempDir,
    fate: Arc<Fate>,
    /// Whether a sync does what it says. Without it the proofs must fail.
    honest: bool,
    files: Mutex<BTreeMap<String, Image>>,
}

#[derive(Default)]
struct Image {
    synced: Vec<u8>,
    since: Vec<Change>,
}

enum Change {
    Write(usize, Vec<u8>),
    Truncate(usize),
}

impl Disk {
    /// A disk with these files, on which an engine lives as long as its fate lets it.
    pub fn new(files: &Files, fate: Arc<Fate>, honest: bool) -> Arc<Self> {
        layer::install();
        // In memory, where there is such a folder: what is durable is decided here and not by a real disk.
        let folder = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap();
        let mut images = BTreeMap::new();
        for (name, bytes) in files {
            std::fs::write(folder.path().join(name), bytes).unwrap();
            images.insert(name.clone(), Image { synced: bytes.clone(), since: Vec::new() });
        }
        let disk = Arc::new(Self { folder, fate, honest, files: Mutex::new(images) });
        layer::watch(&disk);
        disk
    }

    /// Where the database is.
    pub fn database(&self) -> PathBuf {
        self.path().join("data.db")
    }

    /// The fate of the engine on it.
    pub fn fate(&self) -> &Fate {
        &self.fate
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// What the next start finds.
    pub fn after(&self, death: Death, random: &mut Random) -> Files {
        let files = self.files.lock().unwrap();
        let mut found = |image: &Image| {
            let mut bytes = image.synced.clone();
            for change in &image.since {
                if death == Death::Killed || random.once_in(2) {
                    change.apply(&mut bytes);
                }
            }
            bytes
        };
        files.iter().map(|(name, image)| (name.clone(), found(image))).collect()
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        layer::forget(self.path());
    }
}

impl Change {
    fn apply(&self, bytes: &mut Vec<u8>) {
        match self {
            Change::Write(offset, written) => {
                let end = offset + written.len();
                if bytes.len() < end {
                    bytes.resize(end, 0);
                }
                bytes[*offset..end].copy_from_slice(written);
            }
            Change::Truncate(length) => bytes.truncate(*length),
        }
    }
}
