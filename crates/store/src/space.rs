//! How much more fits on the disk.

use crate::Store;

impl Store {
    /// The bytes that are free where this process keeps its database. Nothing if a server keeps it, or nobody can tell.
    pub fn free_bytes(&self) -> Option<u64> {
        let free = rustix::fs::statvfs(self.folder.as_deref()?).ok()?;
        free.f_bavail.checked_mul(free.f_frsize)
    }
}
