//! When a log is to be synced whose acknowledged records may be only in the page cache.
//!
//! In: how much is not synced, and for how long; `flush.messages` and `flush.ms`. Out: whether it is to
//! be synced now, or when at the latest. Never here: a sync, or a clock.
//!
//! With `durability: fsync` nothing is acknowledged that is not synced, so that this has no say: what is
//! due here was synced before.

use std::time::Duration;

use crate::config::LogConfig;

/// What of a log is in the page cache alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Unflushed {
    /// Offsets between the durable end and the log end.
    pub messages: u64,
    /// Time since the first of them was appended.
    pub since: Duration,
}

/// Whether a log is to be synced now.
pub fn is_due(config: &LogConfig, unflushed: Unflushed) -> bool {
    unflushed.messages > 0
        && (unflushed.messages >= config.flush_messages || left(config, unflushed).is_zero())
}

/// How long a log that gets no more records may go on without a sync.
pub fn left(config: &LogConfig, unflushed: Unflushed) -> Duration {
    Duration::from_millis(config.flush_ms).saturating_sub(unflushed.since)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_is_synced_after_so_many_records_or_so_much_time() {
        let config = |flush_messages, flush_ms| LogConfig {
            flush_messages,
            flush_ms,
            ..LogConfig::default()
        };
        let never = i64::MAX.unsigned_abs();
        for (flush_messages, flush_ms, messages, millis, expected) in [
            (never, never, 1_000_000, 1_000_000, false),
            (1, never, 0, 0, false),
            (1, never, 1, 0, true),
            (10, never, 9, 1_000_000, false),
            (10, never, 10, 0, true),
            (never, 500, 1, 499, false),
            (never, 500, 1, 500, true),
            (never, 0, 1, 0, true),
            (never, 0, 0, 1_000, false),
        ] {
            let since = Duration::from_millis(millis);
            let unflushed = Unflushed { messages, since };
            let config = config(flush_messages, flush_ms);
            let case = (flush_messages, flush_ms, messages, millis);
            assert_eq!(is_due(&config, unflushed), expected, "{case:?}");
        }
    }

    #[test]
    fn what_is_set_nowhere_leaves_it_to_the_operating_system() {
        let unflushed = Unflushed {
            messages: u64::MAX >> 2,
            since: Duration::from_secs(1 << 40),
        };
        assert!(!is_due(&LogConfig::default(), unflushed));
    }
}
