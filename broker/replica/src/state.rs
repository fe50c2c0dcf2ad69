//! What the replica is told: metadata, configuration, surroundings.
//!
//! In: values that others have read. Out: the same, under names.
//! Never here: decisions.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use broker_types::{
    BrokerEpoch, BrokerId, Durability, LeaderEpoch, Monotonic, Offset, PartitionEpoch,
};

/// A partition as the committed metadata has it.
///
/// ELR and the sets of a reassignment are the controller's: a leader decides nothing by them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartitionState {
    /// `None` while no replica may lead.
    pub leader: Option<BrokerId>,
    pub leader_epoch: LeaderEpoch,
    pub partition_epoch: PartitionEpoch,
    /// All assigned replicas, those that a reassignment adds or removes included.
    pub replicas: BTreeSet<BrokerId>,
    /// Invariant: a subset of `replicas`, and the leader is in it.
    pub isr: BTreeSet<BrokerId>,
    pub leader_recovery: LeaderRecovery,
}

/// What the controller made of an AlterPartition that it adopted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlteredPartition {
    pub leader_epoch: LeaderEpoch,
    pub partition_epoch: PartitionEpoch,
    pub isr: BTreeSet<BrokerId>,
    pub leader_recovery: LeaderRecovery,
}

/// Whether the leader was elected knowing that it may lack records (KIP-704).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LeaderRecovery {
    Recovered,
    /// An unclean election: followers give up what the leader has not, below the high watermark
    /// too.
    Recovering,
}

/// What the configuration says of a partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Config {
    /// `min.insync.replicas` as configured. What counts is at most the number of replicas.
    pub min_insync_replicas: usize,
    /// `replica.lag.time.max.ms`: how long an ISR member may not have been caught up.
    pub replica_lag_time_max: Duration,
    pub durability: Durability,
}

/// A broker's registration, as the metadata has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Registration {
    pub broker_epoch: BrokerEpoch,
    /// Neither fenced nor in controlled shutdown: it may join an ISR.
    pub is_isr_eligible: bool,
}

/// The surroundings of one event.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    pub now: Monotonic,
    /// All registered brokers, this one too.
    pub registrations: &'a BTreeMap<BrokerId, Registration>,
    /// Whether this broker's own session may be over: no heartbeat was answered in time, so
    /// another leader may have been elected.
    pub is_self_fenced: bool,
}

/// Where an epoch ends in a log: the offset at which the next epoch begins, or the log's end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EpochEnd {
    pub leader_epoch: LeaderEpoch,
    pub end_offset: Offset,
}
