//! Where keys come from, and what is refused.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use executor_vault::{Context, Error, KeyRing, Keys};
use secrecy::ExposeSecret as _;

use crate::support::{key, ring};

fn mode(path: &Path) -> u32 {
    fs_err::metadata(path).unwrap().permissions().mode() & 0o777
}

fn set_mode(path: &Path, mode: u32) {
    fs_err::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn the_key_is_made_once_and_for_its_owner_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("secret.key");
    let first = KeyRing::load_or_create(&path, &Keys::default()).unwrap();
    assert_eq!(mode(&path), 0o600);
    let again = KeyRing::load_or_create(&path, &Keys::default()).unwrap();
    assert_eq!(first.fingerprint(), again.fingerprint());
    assert_eq!(fs_err::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside it");

    let other = tempfile::tempdir().unwrap();
    let other = KeyRing::load_or_create(&other.path().join("secret.key"), &Keys::default()).unwrap();
    assert_ne!(first.fingerprint(), other.fingerprint());
}

#[test]
fn a_draft_of_a_crashed_start_is_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("secret.key");
    let draft = folder.path().join("secret.key.new");
    fs_err::write(&draft, "half").unwrap();
    set_mode(&draft, 0o644);
    KeyRing::load_or_create(&path, &Keys::default()).unwrap();
    assert_eq!(mode(&path), 0o600);
    assert!(!draft.exists());
}

#[test]
fn a_key_that_others_may_read_is_refused_with_the_remedy() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("secret.key");
    KeyRing::load_or_create(&path, &Keys::default()).unwrap();
    for unsafe_mode in [0o640, 0o604, 0o660, 0o620, 0o644, 0o777] {
        set_mode(&path, unsafe_mode);
        let error = KeyRing::load_or_create(&path, &Keys::default()).unwrap_err();
        assert!(matches!(error, Error::Permissions { mode, .. } if mode == unsafe_mode), "{unsafe_mode:o}");
        assert!(error.to_string().contains("chmod 600"));
    }
    set_mode(&path, 0o400);
    KeyRing::load_or_create(&path, &Keys::default()).unwrap();
}

#[test]
fn a_configured_key_wins_and_the_file_still_opens_what_it_sealed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("secret.key");
    let configured = Keys { current: Some(key('a')), previous: vec![key('b')] };

    let ring_without_file = KeyRing::load_or_create(&path, &configured).unwrap();
    assert_eq!(ring_without_file.fingerprint(), ring("a").fingerprint());
    assert!(!path.exists(), "a configured key needs no file");

    let context = Context::setting("smtp");
    let generated = KeyRing::load_or_create(&path, &Keys::default()).unwrap();
    let combined = KeyRing::load_or_create(&path, &configured).unwrap();
    for earlier in [&generated, &ring("b")] {
        let sealed = earlier.seal(&"text".into(), &context).unwrap();
        assert_eq!(combined.open(&sealed, &context).unwrap().expose_secret(), "text");
    }
}

#[test]
fn weak_and_ambiguous_keys_are_refused_without_being_shown() {
    for (text, too_short) in [
        ("", true),
        ("hunter2", true),
        ("0123456789012345678901234567890", true),
        ("                                        ", true),
        ("0123456789 0123456789 0123456789 012345", false),
        ("0123456789,0123456789,0123456789,012345", false),
    ] {
        let error = KeyRing::new(&text.into(), &[]).unwrap_err();
        assert_eq!(matches!(error, Error::KeyTooShort { .. }), too_short, "{text}");
        assert_eq!(matches!(error, Error::KeyCharacters), !too_short, "{text}");
        assert!(text.len() < 5 || !error.to_string().contains(text));
        assert!(KeyRing::new(&key('a'), &[text.into()]).is_err(), "previous keys too");
    }
}
