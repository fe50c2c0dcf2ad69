//! Why the controller refuses a request.
//!
//! In: what was found. Out: a message for people and the one Kafka error code for it. Never here:
//! where in a response the two go.

use broker_types::{BrokerEpoch, BrokerId, ErrorCode, PartitionIndex};
use broker_wire::Str;

/// A request, or a part of one, that is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    // Brokers.
    #[error("the broker is of cluster {stated}, this is {own}")]
    InconsistentClusterId { own: Str, stated: Str },
    #[error("another process is registered as broker {broker_id} and may still be running")]
    DuplicateBrokerRegistration { broker_id: BrokerId },
    #[error("the registration is invalid: {reason}")]
    InvalidRegistration { reason: &'static str },
    #[error("the broker does not support {feature} at level {level}, which the cluster uses")]
    UnsupportedFeature { feature: Str, level: i16 },
    #[error("broker {broker_id} is not registered with epoch {stated}")]
    StaleBrokerEpoch { broker_id: i32, stated: i64 },
    #[error("broker {broker_id} is not registered")]
    BrokerIdNotRegistered { broker_id: i32 },

    // Partitions.
    #[error("there is no such topic or partition")]
    UnknownTopicOrPartition,
    #[error("there is no topic with this id")]
    UnknownTopicId,
    #[error("the epoch in the request is newer than this controller's")]
    StaleController,
    #[error("the leader epoch is {current}, not {stated}")]
    FencedLeaderEpoch { current: i32, stated: i32 },
    #[error("the partition epoch is {current}, not {stated}")]
    InvalidUpdateVersion { current: i32, stated: i32 },
    #[error("broker {broker_id} does not lead the partition")]
    NotLeader { broker_id: BrokerId },
    #[error("the ISR is invalid: {rule}")]
    InvalidIsr { rule: &'static str },
    #[error("broker {broker_id} cannot be in the ISR: {reason}")]
    IneligibleReplica {
        broker_id: i32,
        reason: &'static str,
        registered: Option<BrokerEpoch>,
    },
    #[error("the change made another broker the leader")]
    NewLeaderElected,
    #[error("the leader is the preferred one, or an election is not needed")]
    ElectionNotNeeded,
    #[error("the preferred leader is not in the ISR, or cannot lead now")]
    PreferredLeaderNotAvailable,
    #[error("no replica can lead now")]
    EligibleLeadersNotAvailable,
    #[error("the partition is not being reassigned")]
    NoReassignmentInProgress,

    // Topics.
    #[error("the topic name is invalid: {rule}")]
    InvalidTopicName { rule: &'static str },
    #[error("the topic name collides with the topic {existing}: '.' and '_' count as the same")]
    TopicNameCollision { existing: Str },
    #[error("a topic with this name exists")]
    TopicAlreadyExists,
    #[error("the request names this topic twice")]
    DuplicateInRequest,
    #[error("{reason}")]
    InvalidRequest { reason: &'static str },
    #[error("the number of partitions is invalid: {reason}")]
    InvalidPartitions { reason: String },
    #[error("the replication factor is invalid: {reason}")]
    InvalidReplicationFactor { reason: String },
    #[error("the assignment of partition {partition} is invalid: {reason}")]
    InvalidReplicaAssignment {
        partition: PartitionIndex,
        reason: String,
    },
    #[error("a request may create at most {limit} partitions")]
    TooManyPartitions { limit: usize },
    #[error("a request may reassign at most {limit} partitions; ask for the others in another one")]
    TooManyReassignments { limit: usize },
    #[error("topics cannot be deleted: delete.topic.enable is false")]
    TopicDeletionDisabled,

    // Configs, features, producer ids.
    #[error("{reason}")]
    InvalidConfig { reason: String },
    #[error("the feature {feature} cannot have level {level}: {reason}")]
    InvalidFeatureLevel {
        feature: Str,
        level: i16,
        reason: String,
    },
    #[error("all producer ids have been given out")]
    ProducerIdsExhausted,
}

impl Refusal {
    /// The error code that clients and brokers know the refusal by.
    pub fn error_code(&self) -> ErrorCode {
        match self {
            Refusal::InconsistentClusterId { .. } => ErrorCode::InconsistentClusterId,
            Refusal::DuplicateBrokerRegistration { .. } => ErrorCode::DuplicateBrokerRegistration,
            Refusal::InvalidRegistration { .. } => ErrorCode::InvalidRegistration,
            Refusal::UnsupportedFeature { .. } => ErrorCode::UnsupportedVersion,
            Refusal::StaleBrokerEpoch { .. } => ErrorCode::StaleBrokerEpoch,
            Refusal::BrokerIdNotRegistered { .. } => ErrorCode::BrokerIdNotRegistered,
            Refusal::UnknownTopicOrPartition => ErrorCode::UnknownTopicOrPartition,
            Refusal::UnknownTopicId => ErrorCode::UnknownTopicId,
            Refusal::StaleController => ErrorCode::NotController,
            Refusal::FencedLeaderEpoch { .. } => ErrorCode::FencedLeaderEpoch,
            Refusal::InvalidUpdateVersion { .. } => ErrorCode::InvalidUpdateVersion,
            Refusal::IneligibleReplica { .. } => ErrorCode::IneligibleReplica,
            Refusal::NewLeaderElected => ErrorCode::NewLeaderElected,
            Refusal::ElectionNotNeeded => ErrorCode::ElectionNotNeeded,
            Refusal::PreferredLeaderNotAvailable => ErrorCode::PreferredLeaderNotAvailable,
            Refusal::EligibleLeadersNotAvailable => ErrorCode::EligibleLeadersNotAvailable,
            Refusal::NoReassignmentInProgress => ErrorCode::NoReassignmentInProgress,
            Refusal::InvalidTopicName { .. } | Refusal::TopicNameCollision { .. } => {
                ErrorCode::InvalidTopicException
            }
            Refusal::TopicAlreadyExists => ErrorCode::TopicAlreadyExists,
            Refusal::NotLeader { .. }
            | Refusal::InvalidIsr { .. }
            | Refusal::DuplicateInRequest
            | Refusal::InvalidRequest { .. } => ErrorCode::InvalidRequest,
            Refusal::InvalidPartitions { .. } => ErrorCode::InvalidPartitions,
            Refusal::InvalidReplicationFactor { .. } => ErrorCode::InvalidReplicationFactor,
            Refusal::InvalidReplicaAssignment { .. } => ErrorCode::InvalidReplicaAssignment,
            Refusal::TooManyPartitions { .. } | Refusal::TooManyReassignments { .. } => {
                ErrorCode::PolicyViolation
            }
            Refusal::TopicDeletionDisabled => ErrorCode::TopicDeletionDisabled,
            Refusal::InvalidConfig { .. } => ErrorCode::InvalidConfig,
            Refusal::InvalidFeatureLevel { .. } => ErrorCode::InvalidUpdateVersion,
            Refusal::ProducerIdsExhausted => ErrorCode::UnknownServerError,
        }
    }

    /// Code and message, as responses carry them.
    pub(crate) fn to_wire(&self) -> (i16, Option<Str>) {
        (self.error_code().to_wire(), Some(self.to_string().into()))
    }
}

/// Code and message of a part of a request that was done or refused.
pub(crate) fn outcome<T>(result: &Result<T, Refusal>) -> (i16, Option<Str>) {
    match result {
        Ok(_) => (ErrorCode::None.to_wire(), None),
        Err(refusal) => refusal.to_wire(),
    }
}
