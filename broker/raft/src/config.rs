//! What a replica is told when it is opened: who it is, how long it waits, the seed of its jitter.
//!
//! Never here: Kafka's config keys as text; `broker-node` reads them.

use std::time::Duration;

use crate::{Endpoint, ReplicaKey};

/// How long a replica waits, and for what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// `controller.quorum.election.timeout.ms`: an election runs for once to twice as long.
    pub election: Duration,
    /// `controller.quorum.fetch.timeout.ms`: a follower that hears nothing for so long stands, a
    /// leader from whom a majority did not fetch for one and a half times as long resigns.
    pub fetch: Duration,
    /// `controller.quorum.election.backoff.max.ms`: the longest wait after a lost election.
    pub election_backoff_max: Duration,
    /// `controller.quorum.retry.backoff.ms`: the wait before a failed request is sent again.
    pub retry_backoff: Duration,
    /// The longest wait between losing the leader's connection and a pre-vote. It is random, so
    /// that of several followers one comes first.
    pub lost_connection_max: Duration,
}

impl Timeouts {
    /// How long a leader leads without a majority that fetches.
    pub(crate) fn check_quorum(&self) -> Duration {
        self.fetch + self.fetch / 2
    }

    /// How often a leader tells a voter that does not fetch who leads, and how often a follower
    /// that loads a snapshot shows that it is alive.
    pub(crate) fn reminder(&self) -> Duration {
        self.fetch / 4
    }
}

impl Default for Timeouts {
    fn default() -> Timeouts {
        Timeouts {
            election: Duration::from_millis(1000),
            fetch: Duration::from_millis(2000),
            election_backoff_max: Duration::from_millis(300),
            retry_backoff: Duration::from_millis(50),
            lost_connection_max: Duration::from_millis(100),
        }
    }
}

/// What a replica is told when it is opened.
#[derive(Clone, Debug)]
pub struct Config {
    pub me: ReplicaKey,
    /// Where this replica listens for the quorum. A voter of which the log says something else
    /// asks the leader to update it (`UpdateRaftVoter`).
    pub endpoints: Vec<Endpoint>,
    pub timeouts: Timeouts,
    /// Decides the jitter of elections. Differs between replicas, and between starts of one.
    pub seed: u64,
}

/// Seeded randomness for waits (splitmix64).
#[derive(Clone, Debug)]
pub(crate) struct Jitter(u64);

impl Jitter {
    pub(crate) fn new(seed: u64) -> Jitter {
        Jitter(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`, which is not zero.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound.max(1)
    }

    /// A duration in `shortest..=longest`.
    pub(crate) fn between(&mut self, shortest: Duration, longest: Duration) -> Duration {
        let span = longest.saturating_sub(shortest).as_micros();
        let span = u64::try_from(span).unwrap_or(u64::MAX - 1);
        shortest + Duration::from_micros(self.below(span.saturating_add(1)))
    }
}
