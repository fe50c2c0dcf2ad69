//! Points in time, as values that come in: a monotonic one for waiting, a wall one for records.
//!
//! In: what a clock elsewhere read. Out: comparisons and sums.
//! Never here: a clock. The two kinds never convert into each other.

use std::ops::{Add, Sub};
use std::time::Duration;

/// A point on a monotonic clock whose zero means nothing: microseconds since it.
///
/// Sessions, timeouts and leases are measured on it, so that a jump of the wall clock
/// moves none of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Monotonic(u64);

impl Monotonic {
    pub const ZERO: Monotonic = Monotonic(0);
    /// Later than every point a clock will read: a deadline that never comes.
    pub const NEVER: Monotonic = Monotonic(u64::MAX);

    pub const fn from_micros(micros: u64) -> Monotonic {
        Monotonic(micros)
    }

    pub const fn as_micros(self) -> u64 {
        self.0
    }

    /// Time that has passed since `earlier`; zero when `earlier` is not earlier.
    pub fn since(self, earlier: Monotonic) -> Duration {
        Duration::from_micros(self.0.saturating_sub(earlier.0))
    }
}

impl Add<Duration> for Monotonic {
    type Output = Monotonic;

    /// A sum past the end of time is [`Monotonic::NEVER`].
    fn add(self, duration: Duration) -> Monotonic {
        let micros = u64::try_from(duration.as_micros()).unwrap_or(u64::MAX);
        Monotonic(self.0.saturating_add(micros))
    }
}

impl Sub<Duration> for Monotonic {
    type Output = Monotonic;

    /// A difference before zero is zero.
    fn sub(self, duration: Duration) -> Monotonic {
        let micros = u64::try_from(duration.as_micros()).unwrap_or(u64::MAX);
        Monotonic(self.0.saturating_sub(micros))
    }
}

/// Wall-clock time of a record: milliseconds since 1970, as Kafka writes it. May be negative only
/// where a client sent it so.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    pub const fn from_millis(millis: i64) -> Timestamp {
        Timestamp(millis)
    }

    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// Milliseconds from `earlier` to this; negative when `earlier` is later.
    pub fn millis_since(self, earlier: Timestamp) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    #[must_use]
    pub fn plus_millis(self, millis: i64) -> Timestamp {
        Timestamp(self.0.saturating_add(millis))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn monotonic_time_saturates_at_both_ends() {
        let second = Duration::from_secs(1);
        assert_eq!(Monotonic::ZERO - second, Monotonic::ZERO);
        assert_eq!(Monotonic::NEVER + second, Monotonic::NEVER);
        assert_eq!((Monotonic::ZERO + second).since(Monotonic::ZERO), second);
        assert_eq!(Monotonic::ZERO.since(Monotonic::NEVER), Duration::ZERO);
    }
}
