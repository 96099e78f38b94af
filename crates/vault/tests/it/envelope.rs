//! Sealing, opening, tampering, rotation.

use executor_vault::{Context, Error, SealedSecret};
use proptest::prelude::*;
use secrecy::ExposeSecret as _;

use crate::support::{SECRET, ring, scope};

fn context() -> Context {
    Context::credential(&scope(1, 2, 3), "token")
}

#[test]
fn a_secret_opens_in_its_own_context_only() {
    let sealed = ring("a").seal(&SECRET.into(), &context()).unwrap();
    assert_eq!(ring("a").open(&sealed, &context()).unwrap().expose_secret(), SECRET);
    for (what, other) in [
        ("organization", Context::credential(&scope(9, 2, 3), "token")),
        ("workspace", Context::credential(&scope(1, 9, 3), "token")),
        ("no workspace", Context::credential(&scope(1, 0, 3), "token")),
        ("connection", Context::credential(&scope(1, 2, 9), "token")),
        ("field", Context::credential(&scope(1, 2, 3), "password")),
        ("purpose", Context::setting("token")),
    ] {
        assert!(matches!(ring("a").open(&sealed, &other), Err(Error::Refused)), "{what}");
    }
}

#[test]
fn the_same_secret_never_looks_the_same() {
    let [one, two] = [(); 2].map(|()| ring("a").seal(&SECRET.into(), &context()).unwrap().to_string());
    assert_ne!(one, two);
    assert!(!one.contains(SECRET));
}

#[test]
fn every_flipped_bit_is_noticed() {
    let ring = ring("a");
    let text = ring.seal(&"short".into(), &context()).unwrap().to_string();
    for index in 0..text.len() {
        for bit in 0..7 {
            let mut bytes = text.clone().into_bytes();
            bytes[index] ^= 1 << bit;
            let altered = String::from_utf8(bytes).unwrap();
            let opened = altered.parse::<SealedSecret>().and_then(|sealed| ring.open(&sealed, &context()));
            assert!(opened.is_err(), "{index} {bit}: {altered}");
        }
    }
}

#[test]
fn pieces_of_two_secrets_do_not_combine() {
    let ring = ring("a");
    let [one, two] = ["one", "two"].map(|text| ring.seal(&text.into(), &context()).unwrap().to_string());
    let (head, _) = one.rsplit_once('.').unwrap();
    let (_, tail) = two.rsplit_once('.').unwrap();
    let mixed: SealedSecret = format!("{head}.{tail}").parse().unwrap();
    assert!(matches!(ring.open(&mixed, &context()), Err(Error::Refused)));
}

#[test]
fn rotation_keeps_old_secrets_readable_and_moves_them() {
    let old = ring("a").seal(&SECRET.into(), &context()).unwrap();

    let both = ring("ba");
    assert_eq!(both.open(&old, &context()).unwrap().expose_secret(), SECRET);
    let moved = both.rewrap(&old).unwrap().unwrap();
    assert_eq!(moved.fingerprint(), both.fingerprint());
    assert!(both.rewrap(&moved).unwrap().is_none());

    let new = ring("b");
    assert_eq!(new.open(&moved, &context()).unwrap().expose_secret(), SECRET);
    for error in [new.open(&old, &context()).unwrap_err(), new.rewrap(&old).unwrap_err()] {
        assert!(matches!(error, Error::UnknownKey(missing) if missing == ring("a").fingerprint()));
        assert!(error.to_string().contains("EXECUTOR_SECRET_KEY_PREVIOUS"));
    }
}

#[test]
fn what_is_no_sealed_secret_is_told_so() {
    for text in ["", "plaintext", "v1", "v1.a.b", "v1.0011223344556677.*.*", "v1.0011223344556677.AA.AA.AA"] {
        assert!(matches!(text.parse::<SealedSecret>(), Err(Error::Malformed)), "{text}");
    }
    assert!(matches!("v2.x".parse::<SealedSecret>(), Err(Error::UnknownFormat(format)) if format == "v2"));

    let short: SealedSecret = format!("v1.{}.AA.AA", ring("a").fingerprint()).parse().unwrap();
    assert!(matches!(ring("a").open(&short, &context()), Err(Error::Malformed)));
}

#[test]
fn a_sealed_secret_is_stored_as_text() {
    let sealed = ring("a").seal(&SECRET.into(), &context()).unwrap();
    let json = serde_json::to_string(&sealed).unwrap();
    assert_eq!(json, format!("\"{sealed}\""));
    assert_eq!(serde_json::from_str::<SealedSecret>(&json).unwrap(), sealed);
}

proptest! {
    #[test]
    fn any_text_comes_back(secret in "\\PC{0,200}", field in "\\PC{0,20}") {
        let context = Context::credential(&scope(1, 2, 3), &field);
        let stored = ring("a").seal(&secret.as_str().into(), &context).unwrap().to_string();
        let opened = ring("ba").open(&stored.parse().unwrap(), &context).unwrap();
        prop_assert_eq!(opened.expose_secret(), secret);
    }

    #[test]
    fn any_stored_text_is_judged(text in "(v1\\.)?[a-zA-Z0-9._-]{0,80}") {
        if let Ok(sealed) = text.parse::<SealedSecret>() {
            prop_assert!(ring("a").open(&sealed, &context()).is_err());
        }
    }
}
