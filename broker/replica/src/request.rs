//! What is asked of a replica, and what it says to that: values.
//!
//! In: nothing. Out: the words between a replica and whoever serves requests. Never here: a decision.

use broker_types::{BrokerEpoch, BrokerId, LeaderEpoch, Monotonic, Offset};

use crate::EpochEnd;

/// Whose copies a producer waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Acks {
    /// No answer at all.
    None,
    Leader,
    /// All in-sync replicas: acks=-1.
    All,
}

/// Why the replica does not do what a request asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("this replica does not lead the partition")]
    NotLeader,
    #[error("this broker may have lost its session")]
    SelfFenced,
    #[error("{isr} replicas are in sync and {min_insync_replicas} must be")]
    NotEnoughReplicas {
        isr: usize,
        min_insync_replicas: usize,
    },
    #[error("the leader epoch is {current}, a later one")]
    FencedLeaderEpoch { current: LeaderEpoch },
    #[error("the leader epoch is {current}, an earlier one")]
    UnknownLeaderEpoch { current: LeaderEpoch },
    #[error("broker {broker} holds no replica, as far as the leader knows")]
    UnknownReplica { broker: BrokerId },
    #[error("broker {broker} has a later epoch, {current}")]
    StaleBrokerEpoch {
        broker: BrokerId,
        current: BrokerEpoch,
    },
    #[error("the offset is not in {log_start_offset}..={log_end_offset}")]
    OffsetOutOfRange {
        log_start_offset: Offset,
        log_end_offset: Offset,
    },
    #[error("the new leader does not know yet what is committed")]
    OffsetNotAvailable,
}

/// A follower's fetch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FollowerFetch {
    pub broker: BrokerId,
    pub broker_epoch: BrokerEpoch,
    /// The leader epoch the follower fetches in.
    pub leader_epoch: LeaderEpoch,
    /// The follower's durable end.
    pub fetch_offset: Offset,
    /// Where the follower's log begins, durably.
    pub log_start_offset: Offset,
    /// The latest epoch in the follower's log, see [`crate::EpochEnds::latest_epoch`].
    pub last_fetched_epoch: Option<LeaderEpoch>,
    /// The leader's log on `last_fetched_epoch`, see [`crate::EpochEnds::end_of`].
    pub epoch_end: Option<EpochEnd>,
}

/// What a follower is served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Served {
    /// Records from its fetch offset on, as many as there are.
    Records,
    /// No records: the logs part at or before this end, and the follower must truncate first.
    Diverging(EpochEnd),
}

/// A follower in sync, as the leader knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InSyncFollower {
    pub broker: BrokerId,
    /// Its durable end, as far as it has stated.
    pub end_offset: Offset,
    pub log_start_offset: Offset,
    /// When it last had all that the leader had.
    pub caught_up_at: Option<Monotonic>,
}
