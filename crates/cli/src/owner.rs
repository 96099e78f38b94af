//! Who owns the data directory: the holder of a lock of the operating system on `<data dir>/lock`.
//!
//! The owner publishes where it serves and the local owner's token in `<data dir>/server.json` (0600). The lock goes with
//! the process however that ends; the file may stay, so it counts only while the lock is held.

use std::fs::{DirBuilder, File};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use anyhow::Context;
use executor_core::{ErrorCode, Failure};
use rustix::fs::{FlockOperation, flock};
use serde::{Deserialize, Serialize};

/// The file that says where the owner serves.
const PUBLISHED: &str = "server.json";

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
        // Private if it is made here; a folder that was there before keeps the rights that its owner gave it.
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)
            .map_err(|error| unusable(folder, "made", &error))?;
        let path = folder.join("lock");
        let lock = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            .open(&path)
            .map_err(|error| unusable(&path, "opened", &error))?;
        match flock(&lock, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {
                // What an owner that was killed left behind names a place where now anybody may listen.
                let _ = fs_err::remove_file(folder.join(PUBLISHED));
                Ok(Some(Self { _lock: lock, folder: folder.to_owned(), published: false }))
            }
            Err(rustix::io::Errno::WOULDBLOCK) => Ok(None),
            Err(error) => Err(error).with_context(|| format!("{} cannot be locked", path.display())),
        }
    }

    /// Tells other commands where this process serves.
    pub(crate) fn publish(&mut self, published: &Published) -> anyhow::Result<()> {
        use std::io::Write;
        let path = self.folder.join(PUBLISHED);
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
            let _ = fs_err::remove_file(self.folder.join(PUBLISHED));
        }
    }
}

fn unusable(path: &Path, what: &str, error: &std::io::Error) -> Failure {
    let message = format!("{} cannot be {what}: {error}.", path.display());
    Failure::new(ErrorCode::StorageUnavailable, message)
        .with_hint("Make it writable for you, or choose another folder with --data-dir.")
}

/// Where the present owner serves, if it has said so. Counts only while somebody holds the lock.
pub(crate) fn published(folder: &Path) -> Option<Published> {
    serde_json::from_slice(&fs_err::read(folder.join(PUBLISHED)).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_has_one_owner_who_says_where_it_serves_for_as_long_as_it_does() {
        let folder = tempfile::TempDir::new().unwrap();
        let mut first = Ownership::take(folder.path()).unwrap().unwrap();
        assert!(Ownership::take(folder.path()).unwrap().is_none());
        assert!(published(folder.path()).is_none());
        let here = Published { url: "http://127.0.0.1:1".to_owned(), token: "t".to_owned() };
        first.publish(&here).unwrap();
        assert_eq!(published(folder.path()).unwrap().url, here.url);
        drop(first);
        assert!(published(folder.path()).is_none());
        assert!(Ownership::take(folder.path()).unwrap().is_some());
    }

    #[test]
    fn what_a_killed_owner_left_behind_does_not_count() {
        let folder = tempfile::TempDir::new().unwrap();
        std::fs::write(folder.path().join(PUBLISHED), r#"{"url":"http://127.0.0.1:1","token":"t"}"#).unwrap();
        let _owner = Ownership::take(folder.path()).unwrap().unwrap();
        assert!(published(folder.path()).is_none());
    }
}
