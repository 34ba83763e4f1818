//! How much one caller may ask in a minute: requests and complexity by principal; by address only what bears no good token.
//!
//! A whole minute's worth may come at once, and comes back evenly (GCRA). A good token is never refused for what others at
//! its address did: behind a proxy all callers have one.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use super::limits::Limits;

/// Keys of one kind that are remembered before those at rest are forgotten.
const MOST_KEYS: usize = 50_000;
/// Counts between two times at which they are.
const FORGOTTEN_EVERY: u32 = 1_000;

/// Why somebody must wait.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TooMuch {
    /// What there was too much of, and the limit, in words.
    pub(super) message: String,
    /// After which one more is taken.
    pub(super) wait: Duration,
}

/// Counts of all callers.
pub(super) struct Rates {
    requests: Kind<Arc<str>>,
    complexity: Kind<Arc<str>>,
    refused: Kind<IpAddr>,
}

struct Kind<K: Clone + Eq + std::hash::Hash> {
    limiter: DefaultKeyedRateLimiter<K>,
    per_minute: NonZeroU32,
    of: &'static str,
    taken: AtomicU32,
}

impl Rates {
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            requests: Kind::new(limits.requests_per_minute, "requests"),
            complexity: Kind::new(limits.complexity_per_minute, "points of complexity"),
            refused: Kind::new(limits.requests_per_minute, "requests without a good token"),
        }
    }

    /// One request of a principal.
    pub(super) fn request(&self, subject: &Arc<str>) -> Result<(), TooMuch> {
        self.requests.take(subject, NonZeroU32::MIN)
    }

    /// What an operation of a principal costs.
    pub(super) fn complexity(&self, subject: &Arc<str>, cost: u64) -> Result<(), TooMuch> {
        let cost = u32::try_from(cost).unwrap_or(u32::MAX);
        NonZeroU32::new(cost).map_or(Ok(()), |cost| self.complexity.take(subject, cost))
    }

    /// One request from an address that is to be answered with 401.
    pub(super) fn refused(&self, address: IpAddr) -> Result<(), TooMuch> {
        self.refused.take(&neighbourhood(address), NonZeroU32::MIN)
    }
}

impl<K: Clone + Eq + std::hash::Hash> Kind<K> {
    fn new(per_minute: NonZeroU32, of: &'static str) -> Self {
        Self {
            limiter: RateLimiter::keyed(Quota::per_minute(per_minute)),
            per_minute,
            of,
            taken: AtomicU32::new(0),
        }
    }

    fn take(&self, key: &K, count: NonZeroU32) -> Result<(), TooMuch> {
        // Looking through all of them is paid for by a thousand that came.
        if self.taken.fetch_add(1, Ordering::Relaxed).is_multiple_of(FORGOTTEN_EVERY)
            && self.limiter.len() > MOST_KEYS
        {
            self.limiter.retain_recent();
            self.limiter.shrink_to_fit();
        }
        let too_much = |wait| TooMuch {
            message: format!(
                "more {} than {} a minute: ask again later, or for less",
                self.of, self.per_minute
            ),
            wait,
        };
        match self.limiter.check_key_n(key, count) {
            Ok(Ok(())) => Ok(()),
            Ok(Err(until)) => Err(too_much(until.wait_time_from(DefaultClock::default().now()))),
            // More at once than a whole minute gives: no waiting helps, but the minute is as good an answer as any.
            Err(_) => Err(too_much(Duration::from_mins(1))),
        }
    }
}

/// One IPv6 customer has a /64 of addresses to ask from.
pub(super) fn neighbourhood(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6((v6.to_bits() & !u128::from(u64::MAX)).into()),
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rates(requests: u32, complexity: u32) -> Rates {
        let at_least_one = |figure| NonZeroU32::new(figure).expect("more than none");
        Rates::new(&Limits {
            requests_per_minute: at_least_one(requests),
            complexity_per_minute: at_least_one(complexity),
            ..Limits::default()
        })
    }

    #[test]
    fn each_principal_has_a_minute_of_its_own() {
        let rates = rates(3, 100);
        let (ada, bob): (Arc<str>, Arc<str>) = ("ada".into(), "bob".into());
        for _ in 0..3 {
            assert_eq!(rates.request(&ada), Ok(()));
        }
        let refused = rates.request(&ada).expect_err("one too many");
        assert!(refused.message.contains("more requests than 3 a minute"), "{}", refused.message);
        assert!(
            refused.wait > Duration::ZERO && refused.wait <= Duration::from_secs(20),
            "{:?}",
            refused.wait
        );
        assert_eq!(rates.request(&bob), Ok(()));
    }

    #[test]
    fn complexity_is_counted_by_what_it_is_and_none_costs_nothing() {
        let rates = rates(3, 100);
        let ada: Arc<str> = "ada".into();
        assert_eq!(rates.complexity(&ada, 0), Ok(()));
        assert_eq!(rates.complexity(&ada, 60), Ok(()));
        assert!(rates.complexity(&ada, 60).is_err());
        assert_eq!(rates.complexity(&ada, 30), Ok(()));
        assert!(rates.complexity(&ada, u64::MAX).is_err());
    }

    #[test]
    fn addresses_are_counted_by_who_can_have_them() {
        let rates = rates(2, 100);
        let address = |text: &str| text.parse().expect("an address");
        for (from, taken) in [
            ("2001:db8::1", true),
            ("2001:db8::2", true),
            ("2001:db8::3", false),
            ("2001:db8:0:1::1", true),
            ("127.0.0.1", true),
            ("::ffff:127.0.0.1", true),
            ("127.0.0.1", false),
            ("127.0.0.2", true),
        ] {
            assert_eq!(rates.refused(address(from)).is_ok(), taken, "{from}");
        }
    }
}
