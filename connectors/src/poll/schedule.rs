//! When a source is collected next: pure arithmetic over how the last attempt went.

use std::time::Duration;

use rand::{Rng, RngExt};

/// After failures the wait doubles up to this, or up to the interval where that is longer.
const LONGEST_BACK_OFF: Duration = Duration::from_mins(3);

/// How an attempt went, as far as the next one depends on it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Attempt {
    /// Attempts in a row that failed, this one included; 0: it did not fail.
    pub(super) failures: u32,
    /// How long it took.
    pub(super) took: Duration,
    /// What the upstream asked for by `Retry-After`.
    pub(super) retry_after: Option<Duration>,
}

/// How long to wait from the end of an attempt to the beginning of the next.
///
/// A source that answers is collected once an interval, from beginning to beginning, varied by a tenth so that sources do
/// not march in step; one that needs longer than its interval still rests for a tenth of it.
pub(super) fn wait(interval: Duration, attempt: Attempt, rng: &mut impl Rng) -> Duration {
    let planned = if attempt.failures == 0 {
        let rest = interval.mul_f64(rng.random_range(0.9..=1.1)).saturating_sub(attempt.took);
        rest.max(interval / 10)
    } else {
        let doublings = (attempt.failures - 1).min(16);
        let back_off = interval.saturating_mul(1 << doublings).min(LONGEST_BACK_OFF.max(interval));
        back_off.mul_f64(rng.random_range(0.9..=1.0))
    };
    planned.max(attempt.retry_after.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    /// The wait lies between these, in seconds, whatever the draw.
    fn check(interval: u32, attempt: Attempt, least: f64, most: f64) {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let draws: Vec<f64> =
            (0..200).map(|_| wait(SECOND * interval, attempt, &mut rng).as_secs_f64()).collect();
        assert!(draws.iter().all(|draw| (least..=most).contains(draw)), "{attempt:?} {draws:?}");
        let spread = draws.iter().any(|draw| (draw - draws[0]).abs() > 0.001);
        assert_eq!(spread, least < most, "{attempt:?} {draws:?}");
    }

    #[test]
    fn waits() {
        let fine = Attempt { failures: 0, took: Duration::ZERO, retry_after: None };
        check(10, fine, 9.0, 11.0);
        check(10, Attempt { took: SECOND * 4, ..fine }, 5.0, 7.0);
        check(10, Attempt { took: SECOND * 40, ..fine }, 1.0, 1.0);
        check(10, Attempt { retry_after: Some(SECOND * 20), ..fine }, 20.0, 20.0);

        let failed = |failures| Attempt { failures, took: SECOND * 5, retry_after: None };
        check(10, failed(1), 9.0, 10.0);
        check(10, failed(2), 18.0, 20.0);
        check(10, failed(5), 144.0, 160.0);
        check(10, failed(6), 162.0, 180.0);
        check(10, failed(u32::MAX), 162.0, 180.0);
        check(300, failed(1), 270.0, 300.0);
        check(300, failed(9), 270.0, 300.0);
        check(10, Attempt { retry_after: Some(SECOND * 600), ..failed(1) }, 600.0, 600.0);
    }
}
