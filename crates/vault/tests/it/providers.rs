//! What each provider gives out, and what it refuses to.

use std::collections::BTreeMap;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;

use executor_vault::{Context, CredentialProvider, EnvironmentProvider, Error, FileProvider, Vault};
use futures::executor::block_on;
use secrecy::ExposeSecret as _;

use crate::support::{SECRET, ring, scope};

fn fetch(provider: &dyn CredentialProvider, reference: &str) -> Result<String, Error> {
    let context = Context::credential(&scope(1, 0, 1), "token");
    block_on(provider.fetch(reference, &context)).map(|secret| secret.expose_secret().to_owned())
}

#[test]
fn managed_credentials_come_back_to_their_own_connection_only() {
    let vault = Vault::new(ring("a"), vec![]);
    let values = BTreeMap::from([("token".to_owned(), SECRET.into())]);
    let sealed = vault.seal(&values, &scope(1, 2, 3)).unwrap();
    let references: BTreeMap<_, _> =
        sealed.iter().map(|(field, sealed)| (field.clone(), sealed.to_string())).collect();
    assert!(!format!("{references:?}").contains(SECRET));

    block_on(vault.fetch("managed", &references, &scope(1, 2, 3))).unwrap();
    let stolen = block_on(vault.fetch("managed", &references, &scope(1, 2, 4)));
    assert!(matches!(stolen, Err(Error::Refused)));
}

#[test]
fn a_provider_that_is_not_set_up_is_named() {
    let vault = Vault::new(ring("a"), vec![]);
    assert_eq!(vault.providers().collect::<Vec<_>>(), ["managed"]);
    let error = block_on(vault.fetch("keychain", &BTreeMap::new(), &scope(1, 2, 3))).unwrap_err();
    assert!(matches!(error, Error::UnknownProvider(name) if name == "keychain"));
}

#[test]
fn the_environment_is_open_only_below_its_prefix() {
    let environment = [("TEAM_GITHUB", SECRET), ("EXECUTOR_SECRET_KEY", "key"), ("PATH", "/bin")];
    let environment = environment.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let provider = EnvironmentProvider::new("TEAM_", environment).unwrap();

    assert_eq!(fetch(&provider, "TEAM_GITHUB").unwrap(), SECRET);
    assert!(matches!(fetch(&provider, "TEAM_NOTHING"), Err(Error::Absent(_))));
    for name in ["EXECUTOR_SECRET_KEY", "PATH", "team_github", ""] {
        assert!(matches!(fetch(&provider, name), Err(Error::Reference { .. })), "{name}");
    }
    assert!(EnvironmentProvider::new("", []).is_err());
}

fn write(path: &Path, content: &[u8], mode: u32) {
    fs_err::write(path, content).unwrap();
    fs_err::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

#[tokio::test]
async fn files_are_open_only_below_their_folder() {
    let outside = tempfile::tempdir().unwrap();
    let root = outside.path().join("root");
    fs_err::create_dir_all(root.join("..data")).unwrap();
    let outer = outside.path().join("outer");
    for (path, content, mode) in [
        (outer.clone(), b"outer".as_slice(), 0o600),
        (root.join("token"), b"s3cr3t-canary\r\n", 0o600),
        (root.join("..data/mounted"), b"two\nlines\n\n", 0o400),
        (root.join("shared"), b"x", 0o640),
        (root.join("binary"), b"\xff\xfe", 0o600),
        (root.join("huge"), &[b'x'; 70_000], 0o600),
    ] {
        write(&path, content, mode);
    }
    symlink("..data/mounted", root.join("mounted")).unwrap();
    symlink(&outer, root.join("escape")).unwrap();
    let provider = FileProvider::new(&root).unwrap();
    let context = Context::credential(&scope(1, 0, 1), "token");
    let fetch = async |reference: &str| {
        provider.fetch(reference, &context).await.map(|secret| secret.expose_secret().to_owned())
    };

    assert_eq!(fetch("token").await.unwrap(), SECRET);
    assert_eq!(
        fetch("mounted").await.unwrap(),
        "two\nlines\n",
        "a link within the folder, one line break less"
    );
    assert!(matches!(fetch("shared").await, Err(Error::Permissions { mode: 0o640, .. })));
    assert!(matches!(fetch("binary").await, Err(Error::NotText)));
    assert!(matches!(fetch("huge").await, Err(Error::TooLarge { .. })));
    assert!(matches!(fetch("absent").await, Err(Error::Absent(_))));
    assert!(matches!(fetch("..data").await, Err(Error::File(_) | Error::Permissions { .. })), "a folder");
    for reference in
        ["../outer", "..data/../../outer", outer.to_str().unwrap(), "/etc/passwd", "./token", "", "escape"]
    {
        assert!(matches!(fetch(reference).await, Err(Error::Reference { .. })), "{reference}");
    }
}
