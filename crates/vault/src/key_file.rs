//! The file that keeps the generated key: readable by its owner alone, made once, never half written.

use std::io::{self, Write as _};
use std::path::Path;

use fs_err as fs;
use secrecy::{ExposeSecret as _, SecretString};
use zeroize::Zeroizing;

use crate::error::Error;
use crate::key::Key;

/// The key in the file, if there is one.
pub(crate) fn read(path: &Path) -> Result<Option<SecretString>, Error> {
    let metadata = match fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    check_permissions(path, &metadata)?;
    let text = Zeroizing::new(fs::read_to_string(path)?);
    Ok(Some(text.trim().into()))
}

/// Makes the file, with a new key.
///
/// Written beside its place and renamed, so that a crash leaves either no key or a whole one. The owner of the data
/// directory is the only process that gets here.
pub(crate) fn create(path: &Path) -> Result<SecretString, Error> {
    let key = Key::generate()?;
    let draft = path.with_extension("key.new");
    if let Err(error) = fs::remove_file(&draft)
        && error.kind() != io::ErrorKind::NotFound
    {
        return Err(error.into());
    }
    let mut file = private().open(&draft)?;
    writeln!(file, "{}", key.expose_secret())?;
    file.sync_all()?;
    fs::rename(&draft, path)?;
    if let Some(directory) = path.parent().filter(|directory| !directory.as_os_str().is_empty()) {
        fs::File::open(directory)?.sync_all()?;
    }
    Ok(key)
}

fn private() -> fs::OpenOptions {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use fs_err::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options
}

/// Refuses a file that others than its owner may read or write.
#[cfg(unix)]
pub(crate) fn check_permissions(path: &Path, metadata: &std::fs::Metadata) -> Result<(), Error> {
    use std::os::unix::fs::PermissionsExt as _;

    let mode = metadata.permissions().mode() & 0o777;
    if mode & 0o077 == 0 { Ok(()) } else { Err(Error::Permissions { path: path.to_owned(), mode }) }
}

/// Permission bits say nothing on this platform.
#[cfg(not(unix))]
pub(crate) fn check_permissions(_: &Path, _: &std::fs::Metadata) -> Result<(), Error> {
    Ok(())
}
