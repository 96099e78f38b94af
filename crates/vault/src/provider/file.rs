//! `file`: the reference is the path of a file under a folder that the operator names.
//!
//! This is how orchestrators hand secrets to a container, so links within the folder are followed.

use std::io;
use std::path::{Component, Path, PathBuf};

use fs_err::tokio as fs;
use futures::FutureExt as _;
use futures::future::BoxFuture;
use secrecy::SecretString;
use tokio::io::AsyncReadExt as _;
use zeroize::Zeroizing;

use crate::context::Context;
use crate::error::Error;
use crate::key_file::check_permissions;
use crate::provider::CredentialProvider;

const MAX_BYTES: u64 = 64 * 1024;

/// Reads secrets from files under one folder.
#[derive(Debug, Clone)]
pub struct FileProvider {
    root: PathBuf,
}

impl FileProvider {
    /// Opens the folder `root` to connections.
    pub fn new(root: impl Into<PathBuf>) -> Result<Self, Error> {
        Ok(Self { root: fs_err::canonicalize(root.into())? })
    }

    async fn read(&self, reference: &str) -> Result<SecretString, Error> {
        let path = self.locate(reference).await?;
        let mut file = fs::File::open(&path).await?;
        check_permissions(&path, &file.metadata().await?)?;

        let mut bytes = Zeroizing::new(Vec::new());
        (&mut file).take(MAX_BYTES + 1).read_to_end(&mut bytes).await?;
        if bytes.len() as u64 > MAX_BYTES {
            return Err(Error::TooLarge { limit: MAX_BYTES });
        }
        let text = std::str::from_utf8(&bytes).map_err(|_| Error::NotText)?;
        // Editors and `echo` end a file with a line break that is no part of the secret.
        let text = text.strip_suffix('\n').unwrap_or(text);
        Ok(text.strip_suffix('\r').unwrap_or(text).into())
    }

    /// The file that `reference` names, which must lie under the root even when every link has been followed.
    async fn locate(&self, reference: &str) -> Result<PathBuf, Error> {
        let refused =
            |reason: &str| Error::Reference { reference: reference.to_owned(), reason: reason.to_owned() };
        let relative = Path::new(reference);
        let is_plain = relative.components().all(|component| matches!(component, Component::Normal(_)));
        if !is_plain || reference.is_empty() {
            return Err(refused("it has to be a path below the folder for credentials"));
        }
        let path = match fs::canonicalize(self.root.join(relative)).await {
            Ok(path) => path,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(Error::Absent(reference.to_owned()));
            }
            Err(error) => return Err(error.into()),
        };
        match path.starts_with(&self.root) {
            true => Ok(path),
            false => Err(refused("it leads out of the folder for credentials")),
        }
    }
}

impl CredentialProvider for FileProvider {
    fn name(&self) -> &'static str {
        "file"
    }

    fn fetch<'a>(&'a self, reference: &'a str, _: &'a Context) -> BoxFuture<'a, Result<SecretString, Error>> {
        self.read(reference).boxed()
    }
}
