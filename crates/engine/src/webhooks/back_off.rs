//! When a message is sent again: seven times within about a day.

use executor_core::WebhookDeliveryId;

/// How long after each attempt the next one follows, in milliseconds, before the spread.
const DELAYS_MS: [i64; 7] = [5_000, 30_000, 120_000, 600_000, 3_600_000, 14_400_000, 43_200_000];

/// How long after that many attempts the next one follows, in milliseconds; nothing if there is none.
///
/// Up to a tenth more than the table says, by the message's id, so that what failed together does not come back together.
pub(super) fn after(attempts: u32, delivery: WebhookDeliveryId) -> Option<i64> {
    let delay = *DELAYS_MS.get(usize::try_from(attempts).ok()?.checked_sub(1)?)?;
    let (_, random) = delivery.uuid().as_u64_pair();
    let spread = random.rotate_left(attempts.wrapping_mul(8)) % (delay / 10).unsigned_abs();
    Some(delay.saturating_add_unsigned(spread))
}

#[cfg(test)]
mod tests {
    use executor_core::Timestamp;
    use executor_core::id::RandomIds;

    use super::*;

    #[test]
    fn attempts_are_spread_over_less_than_a_day_and_then_there_are_no_more() {
        let ids = RandomIds::default();
        let all: Vec<_> = (0..100)
            .map(|_| WebhookDeliveryId::new(&ids, Timestamp::from_millis(1_800_000_000_000)))
            .collect();
        for (attempts, delay) in (1..).zip(DELAYS_MS) {
            let seen: Vec<_> = all.iter().filter_map(|id| after(attempts, *id)).collect();
            assert!(seen.len() == 100 && seen.iter().all(|ms| (delay..delay + delay / 10).contains(ms)));
            assert!(seen.iter().any(|ms| *ms != seen[0]), "those that failed together come back apart");
        }
        assert!(all.iter().all(|id| after(8, *id).is_none() && after(0, *id).is_none()));
        let (total, hour) = (DELAYS_MS.iter().sum::<i64>(), 3_600_000);
        assert!((16 * hour..22 * hour).contains(&total));
    }
}
