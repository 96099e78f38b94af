//! Webhooks' secrets: shown once, stored sealed, and good for signing at their own place only.

use executor_core::{OrganizationId, WebhookId, WorkspaceId};
use executor_vault::{Context, Error};
use secrecy::ExposeSecret;
use uuid::Uuid;

use crate::support::ring;

fn context(webhook: u128) -> Context {
    let (one, two) = (Uuid::from_u128(1), Uuid::from_u128(2));
    Context::webhook(
        OrganizationId::from(one),
        WorkspaceId::from(two),
        WebhookId::from(Uuid::from_u128(webhook)),
    )
}

#[test]
fn a_secret_is_new_each_time_and_stored_sealed() {
    let ring = ring("a");
    let (secret, sealed) = ring.new_webhook_secret(&context(3)).unwrap();
    let (other, _) = ring.new_webhook_secret(&context(3)).unwrap();
    assert_ne!(secret.expose_secret(), other.expose_secret());
    let key = secret.expose_secret().strip_prefix("whsec_").unwrap();
    assert_eq!(key.len(), 44, "32 bytes in Base64");
    assert!(!sealed.to_string().contains(key));
    assert_eq!(ring.open(&sealed, &context(3)).unwrap().expose_secret(), secret.expose_secret());
}

#[test]
fn a_signature_is_of_the_id_the_time_and_the_body() {
    let ring = ring("a");
    let (_, sealed) = ring.new_webhook_secret(&context(3)).unwrap();
    let sign = |id, timestamp, body| ring.sign_webhook(&sealed, &context(3), id, timestamp, body).unwrap();
    let signature = sign("msg_1", 1_800_000_000, "{}");
    assert_eq!(signature, sign("msg_1", 1_800_000_000, "{}"));
    for other in [
        sign("msg_2", 1_800_000_000, "{}"),
        sign("msg_1", 1_800_000_001, "{}"),
        sign("msg_1", 1_800_000_000, "[]"),
    ] {
        assert_ne!(signature, other);
    }
}

#[test]
fn another_webhook_cannot_sign_with_it() {
    let ring = ring("a");
    let (_, sealed) = ring.new_webhook_secret(&context(3)).unwrap();
    let refused = ring.sign_webhook(&sealed, &context(4), "msg_1", 0, "{}");
    assert!(matches!(refused, Err(Error::Refused)), "{refused:?}");
}
