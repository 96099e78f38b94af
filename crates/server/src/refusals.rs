//! Refused attempts to sign in, and which of them the audit log is told of.
//!
//! Invariants:
//! - An address is told of at most once a minute, with how often it was refused since it was told of last.
//! - So many addresses are told of in a minute and no more: whoever guesses cannot fill the log.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long nothing more is told of an address.
const QUIET: Duration = Duration::from_secs(60);

/// The most addresses that are told of within that time.
const MOST_ADDRESSES: usize = 64;

/// Refused attempts of the last while, by where they came from.
#[derive(Default)]
pub(crate) struct Refusals(Mutex<HashMap<Option<IpAddr>, Refused>>);

struct Refused {
    told_at: Instant,
    /// Attempts since then.
    untold: u64,
}

impl Refusals {
    /// Notes an attempt from an address, if that is known. Gives how many are to be told of now, if any are.
    pub(crate) fn note(&self, address: Option<IpAddr>, now: Instant) -> Option<u64> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_quiet = |refused: &Refused| now.duration_since(refused.told_at) < QUIET;
        if let Some(refused) = known.get_mut(&address) {
            refused.untold += 1;
            return (!is_quiet(refused)).then(|| {
                refused.told_at = now;
                std::mem::take(&mut refused.untold)
            });
        }
        if known.len() >= MOST_ADDRESSES {
            known.retain(|_, refused| is_quiet(refused));
        }
        (known.len() < MOST_ADDRESSES).then(|| {
            known.insert(address, Refused { told_at: now, untold: 0 });
            1
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(number: u8) -> Option<IpAddr> {
        Some(IpAddr::from([192, 0, 2, number]))
    }

    #[test]
    fn an_address_is_told_of_once_a_minute_with_what_was_not_told() {
        let (refusals, now) = (Refusals::default(), Instant::now());
        let at = |seconds| now + Duration::from_secs(seconds);
        assert_eq!(refusals.note(address(1), now), Some(1));
        assert_eq!([1, 2, 59].map(|second| refusals.note(address(1), at(second))), [None; 3]);
        assert_eq!(refusals.note(address(2), at(59)), Some(1), "another address");
        assert_eq!(refusals.note(None, at(59)), Some(1), "none that is known");
        assert_eq!(refusals.note(address(1), at(60)), Some(4));
        assert_eq!(refusals.note(address(1), at(61)), None);
    }

    #[test]
    fn many_addresses_do_not_fill_the_log() {
        let (refusals, now) = (Refusals::default(), Instant::now());
        let all = |at| (0..=u8::MAX).filter_map(|number| refusals.note(address(number), at)).count();
        assert_eq!(all(now), MOST_ADDRESSES);
        assert_eq!(all(now + QUIET / 2), 0);
        assert!(all(now + QUIET) <= MOST_ADDRESSES);
    }
}
