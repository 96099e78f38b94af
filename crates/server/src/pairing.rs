//! Pairing: a link that makes a browser the local owner's, with the right to decide approvals.
//!
//! Invariants:
//! - A code works once, and only in the process that made it.
//! - Codes are kept and compared as digests only.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use executor_core::{Digest, ErrorCode, Failure};

/// How many codes may wait to be used; one more ends the oldest.
const MOST_CODES: usize = 16;

/// The codes that wait to be used. Clones share them.
#[derive(Clone, Default)]
pub struct Pairing {
    codes: Arc<Mutex<VecDeque<Digest>>>,
}

impl Pairing {
    /// A new link under the server's public address. Fails where the system gives no randomness.
    pub fn link(&self, public_url: &str) -> Result<String, Failure> {
        let code = executor_vault::random_token("exp_")
            .map_err(|error| Failure::new(ErrorCode::Internal, error.to_string()))?;
        let mut codes = self.codes.lock().unwrap_or_else(PoisonError::into_inner);
        codes.push_back(Digest::of(code.as_bytes()));
        if codes.len() > MOST_CODES {
            codes.pop_front();
        }
        Ok(format!("{}/pair?code={code}", public_url.trim_end_matches('/')))
    }

    /// Uses a code up. Whether there was such a one.
    pub(crate) fn consume(&self, code: &str) -> bool {
        let digest = Digest::of(code.as_bytes());
        let mut codes = self.codes.lock().unwrap_or_else(PoisonError::into_inner);
        let place = codes.iter().position(|known| *known == digest);
        place.is_some_and(|place| codes.remove(place).is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(pairing: &Pairing) -> String {
        let link = pairing.link("http://localhost:4788/").unwrap();
        link.strip_prefix("http://localhost:4788/pair?code=").unwrap().to_owned()
    }

    #[test]
    fn a_code_works_once() {
        let pairing = Pairing::default();
        let (first, second) = (code(&pairing), code(&pairing));
        assert!(pairing.consume(&first) && pairing.consume(&second));
        assert!(!pairing.consume(&first) && !pairing.consume("") && !pairing.consume("exp_"));
    }

    #[test]
    fn too_many_codes_end_the_oldest() {
        let pairing = Pairing::default();
        let codes: Vec<_> = (0..=MOST_CODES).map(|_| code(&pairing)).collect();
        assert!(!pairing.consume(&codes[0]));
        assert!(codes[1..].iter().all(|code| pairing.consume(code)));
    }
}
