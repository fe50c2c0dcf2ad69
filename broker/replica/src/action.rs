//! What the driver must do.
//!
//! In: decisions. Out: values, performed elsewhere in the order in which they were made.
//! Never here: how they are done.

use broker_types::{BrokerEpoch, BrokerId, LeaderEpoch, Offset, PartitionEpoch};

/// What the driver must do, in this order, before it hands in the next event. An action that fails
/// takes the replica offline: the decisions after it count on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Note in the log's epochs that this one begins here. Nothing may be appended before.
    AssignLeaderEpoch {
        leader_epoch: LeaderEpoch,
        start_offset: Offset,
    },
    /// Fetch from this leader; whatever was on its way from another one will be dropped.
    StartFetching {
        leader: BrokerId,
        leader_epoch: LeaderEpoch,
    },
    StopFetching,
    /// Cut the log back to `to` or, where `to` lies within a batch, to the batch's start, and
    /// forget the epochs that begin there or later, also where no record is cut; then report with
    /// `handle_truncated`.
    Truncate {
        to: Offset,
    },
    /// Delete all records and let the log begin at `start_offset`; then report with
    /// `handle_truncated`.
    TruncateFully {
        start_offset: Offset,
    },
    /// Truncation to `to` would lose committed records and nobody allowed that. The replica takes
    /// no part until an operator decides.
    Halt {
        to: Offset,
        high_watermark: Offset,
    },
    /// Records below this offset are no longer readable on the leader, and need not be here.
    AdvanceLogStart {
        to: Offset,
    },
    /// Publish the high watermark, wake fetches that wait for it, checkpoint it in time.
    SetHighWatermark(Offset),
    /// Ask the controller for another ISR; answer with `handle_altered_partition` or
    /// `handle_alter_partition_error`.
    AlterPartition(AlterPartition),
    /// Answer a produce request that waited.
    Complete {
        token: Token,
        outcome: Outcome,
    },
}

/// A request for another ISR (AlterPartition, KIP-497).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlterPartition {
    pub leader_epoch: LeaderEpoch,
    /// The epoch the change builds on; the controller refuses it on any other.
    pub partition_epoch: PartitionEpoch,
    /// Tells apart the requests that build on one partition epoch; not on the wire.
    pub attempt: u64,
    pub isr: Vec<IsrMember>,
    /// Replicas that are leaving because they lost records they once stated to have: they may not
    /// be kept as eligible leaders either.
    pub lossy: Vec<BrokerId>,
}

/// A member of a proposed ISR. The epoch lets the controller refuse one that was registered anew
/// in the meantime, perhaps with an empty disk (KIP-903).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IsrMember {
    pub broker_id: BrokerId,
    /// `None` for a member that has not fetched in this leader epoch; it was in the ISR before.
    pub broker_epoch: Option<BrokerEpoch>,
}

/// Stands for an answer that waits; its meaning is the driver's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Token(pub u64);

/// What became of a produce request that waited for all in-sync replicas.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// All in-sync replicas have its records, and they were as many as `min.insync.replicas`.
    Committed,
    /// Leadership was lost: the records may survive or not (NOT_LEADER_OR_FOLLOWER).
    NotLeader,
    /// Its time was up while the ISR was too small: the records may survive or not.
    NotEnoughReplicasAfterAppend,
    /// Its time was up: the records may survive or not (REQUEST_TIMED_OUT).
    TimedOut,
}
