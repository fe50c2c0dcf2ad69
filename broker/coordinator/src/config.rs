//! What a coordinator can be told: Kafka's group and offset configs, and our bounds.
//!
//! In: values from the broker's configuration. Out: the same, as durations and counts.
//! Never here: reading or changing a configuration.

use std::time::Duration;

/// Settings of the group coordinator. Fields are named after Kafka's broker configs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// `group.min.session.timeout.ms`.
    pub group_min_session_timeout: Duration,
    /// `group.max.session.timeout.ms`.
    pub group_max_session_timeout: Duration,
    /// `group.initial.rebalance.delay.ms`: how long an empty group waits for more members.
    pub group_initial_rebalance_delay: Duration,
    /// `group.max.size`: members of one group.
    pub group_max_size: usize,
    /// `offset.metadata.max.bytes`: of one partition's commit.
    pub offset_metadata_bytes_max: usize,
    /// `offsets.retention.minutes`.
    pub offsets_retention: Duration,
    /// `offsets.retention.check.interval.ms`.
    pub offsets_retention_check_interval: Duration,
    /// `offsets.commit.timeout.ms`: how long an answer waits for its records to be committed.
    pub offsets_commit_timeout: Duration,

    /// Groups of this partition. One more is refused with POLICY_VIOLATION.
    pub groups_max: usize,
    /// Member ids of one group given out and not yet joined with. One more is refused with
    /// GROUP_MAX_SIZE_REACHED.
    pub pending_members_max: usize,
    /// The same of all groups of this partition. One more is refused with
    /// COORDINATOR_NOT_AVAILABLE, for they go by themselves.
    pub pending_members_of_all_groups_max: usize,
    /// Bytes of the names and the protocol metadata of all members of one group. A member that
    /// would pass it is refused with GROUP_MAX_SIZE_REACHED.
    pub group_metadata_bytes_max: usize,
    /// Offsets of this partition, all groups together. One more is refused with POLICY_VIOLATION.
    pub offsets_max: usize,
    /// Appends that wait to be committed. While so many wait, changes of offsets and deletions of
    /// groups are refused with COORDINATOR_NOT_AVAILABLE.
    pub writes_waiting_max: usize,
}

impl Default for Config {
    /// Kafka's defaults, and bounds that a healthy cluster does not meet.
    fn default() -> Config {
        Config {
            group_min_session_timeout: Duration::from_secs(6),
            group_max_session_timeout: Duration::from_secs(30 * 60),
            group_initial_rebalance_delay: Duration::from_secs(3),
            group_max_size: usize::MAX,
            offset_metadata_bytes_max: 4096,
            offsets_retention: Duration::from_secs(7 * 24 * 60 * 60),
            offsets_retention_check_interval: Duration::from_secs(10 * 60),
            offsets_commit_timeout: Duration::from_secs(5),
            groups_max: 20_000,
            pending_members_max: 5_000,
            pending_members_of_all_groups_max: 100_000,
            group_metadata_bytes_max: 16 << 20,
            offsets_max: 1_000_000,
            writes_waiting_max: 10_000,
        }
    }
}
