//! Who owns the data directory: the holder of a lock of the operating system on `<data dir>/lock`.
//!
//! The owner publishes where it serves and the local owner's token in `<data dir>/server.json` (0600). The lock goes with
//! the process however that ends; the file may stay, so it counts only while the lock is held.

use std::fs::{File, Permissions};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use anyhow::Context;
use rustix::fs::{FlockOperation, flock};
use serde::{Deserialize, Serialize};

/// Where the owner of a data directory serves.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Published {
    /// The address of its API.
    pub(crate) url: String,
    /// The local owner's token.
    pub(crate) token: String,
}

/// The ownership of a data directory, for as long as this lives.
pub(crate) struct Ownership {
    _lock: File,
    folder: PathBuf,
    published: bool,
}

impl Ownership {
    /// Takes the lock. Nothing if another process has it.
    pub(crate) fn take(folder: &Path) -> anyhow::Result<Option<Self>> {
        fs_err::create_dir_all(folder)?;
        fs_err::set_permissions(folder, Permissions::from_mode(0o700))?;
        let path = folder.join("lock");
        let lock = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            .open(&path)
            .with_context(|| format!("{} cannot be opened", path.display()))?;
        match flock(&lock, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(Some(Self { _lock: lock, folder: folder.to_owned(), published: false })),
            Err(rustix::io::Errno::WOULDBLOCK) => Ok(None),
            Err(error) => Err(error).with_context(|| format!("{} cannot be locked", path.display())),
        }
    }

    /// Tells other commands where this process serves.
    pub(crate) fn publish(&mut self, published: &Published) -> anyhow::Result<()> {
        use std::io::Write;
        let path = self.folder.join("server.json");
        // Written beside its place and moved there, so that nobody ever reads half of it.
        let beside = self.folder.join("server.json.new");
        let mut file = File::options().create(true).truncate(true).write(true).mode(0o600).open(&beside)?;
        file.write_all(&serde_json::to_vec(published)?)?;
        fs_err::rename(&beside, &path)?;
        self.published = true;
        Ok(())
    }
}

impl Drop for Ownership {
    fn drop(&mut self) {
        if self.published {
            // It would only name a server that is gone; whoever reads it checks anyway.
            let _ = fs_err::remove_file(self.folder.join("server.json"));
        }
    }
}

/// Where the present owner serves, if it has said so.
pub(crate) fn published(folder: &Path) -> Option<Published> {
    serde_json::from_slice(&fs_err::read(folder.join("server.json")).ok()?).ok()
}
