//! Large values, kept as files under their own digest, apart for each workspace.

use std::path::{Path, PathBuf};

use executor_core::{Digest, WorkspaceId};

use crate::error::Error;

/// The folder of blobs. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Blobs {
    folder: PathBuf,
}

impl Blobs {
    /// Blobs below this folder, which is made when it is needed.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    /// Keeps bytes, durably, and gives the digest under which they are found. The same bytes are kept once.
    pub async fn put(&self, workspace: WorkspaceId, bytes: Vec<u8>) -> Result<Digest, Error> {
        let digest = Digest::of(&bytes);
        let path = self.path(workspace, digest);
        let written = tokio::task::spawn_blocking(move || write(&path, &bytes)).await;
        written.map_err(|error| Error::Other(error.to_string()))??;
        Ok(digest)
    }

    /// The bytes, or [`Error::NotFound`].
    pub async fn get(&self, workspace: WorkspaceId, digest: Digest) -> Result<Vec<u8>, Error> {
        found(fs_err::tokio::read(self.path(workspace, digest)).await)
    }

    /// How many bytes it has, or [`Error::NotFound`].
    pub async fn size(&self, workspace: WorkspaceId, digest: Digest) -> Result<u64, Error> {
        found(fs_err::tokio::metadata(self.path(workspace, digest)).await).map(|metadata| metadata.len())
    }

    fn path(&self, workspace: WorkspaceId, digest: Digest) -> PathBuf {
        let name = digest.to_string();
        self.folder.join(workspace.to_string()).join(&name[..2]).join(name)
    }
}

fn found<T>(read: std::io::Result<T>) -> Result<T, Error> {
    read.map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => Error::NotFound("blob"),
        _ => error.into(),
    })
}

/// Written beside its place and moved there, so that a file under its digest is always whole.
fn write(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    use std::io::Write;
    if path.exists() {
        return Ok(());
    }
    let Some(folder) = path.parent() else { return Err(Error::Other("a blob has no folder".to_owned())) };
    fs_err::create_dir_all(folder)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| Error::from(error.error))?;
    fs_err::File::open(folder)?.sync_all()?;
    Ok(())
}
