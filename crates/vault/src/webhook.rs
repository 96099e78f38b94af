//! Signing messages to webhooks as the Standard Webhooks specification has it. The secret opens here only.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::context::Context;
use crate::error::Error;
use crate::key::random;
use crate::key_ring::KeyRing;
use crate::sealed::SealedSecret;

/// What every secret begins with, so that receivers and scanners know one.
const PREFIX: &str = "whsec_";

impl KeyRing {
    /// A new secret for a webhook: to be shown once, and to be stored.
    pub fn new_webhook_secret(&self, context: &Context) -> Result<(SecretString, SealedSecret), Error> {
        let secret = format!("{PREFIX}{}", STANDARD.encode(random::<32>()?.as_slice()));
        let secret = SecretString::from(secret);
        let sealed = self.seal(&secret, context)?;
        Ok((secret, sealed))
    }

    /// The value of `webhook-signature` for a message: its id, when it is sent in seconds since 1970, and its body.
    pub fn sign_webhook(
        &self,
        sealed: &SealedSecret,
        context: &Context,
        id: &str,
        timestamp: i64,
        body: &str,
    ) -> Result<String, Error> {
        sign(&self.open(sealed, context)?, id, timestamp, body)
    }
}

fn sign(secret: &SecretString, id: &str, timestamp: i64, body: &str) -> Result<String, Error> {
    let text = secret.expose_secret().strip_prefix(PREFIX).ok_or(Error::Malformed)?;
    let key = Zeroizing::new(STANDARD.decode(text).map_err(|_| Error::Malformed)?);
    let mut code = Hmac::<Sha256>::new_from_slice(&key).map_err(|_| Error::Malformed)?;
    code.update(format!("{id}.{timestamp}.{body}").as_bytes());
    Ok(format!("v1,{}", STANDARD.encode(code.finalize().into_bytes())))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    /// The example with which implementations of the specification are checked.
    #[test]
    fn the_signature_is_the_one_that_others_make() {
        let secret = SecretString::from("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        let body = r#"{"test": 2432232314}"#;
        let signature = sign(&secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, body).unwrap();
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }
}
