//! Why a record cannot be applied.
//!
//! In: a record's raw fields. Out: the same as typed values, or an [`ApplyError`]. Never here: what a
//! caller does about it; a node that cannot apply a committed record must stop, for its image would
//! part from the others'.

use broker_types::{BrokerEpoch, BrokerId, PartitionIndex, ProducerId, TopicId};
use broker_wire::Str;

/// A committed record that the image cannot take.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ApplyError {
    #[error("records of kind {api_key} are not supported")]
    Unsupported { api_key: i16 },
    #[error("{record}: the field {field} cannot be {value}")]
    Field {
        record: &'static str,
        field: &'static str,
        value: i64,
    },
    #[error("there is no topic with the id {topic_id}")]
    UnknownTopic { topic_id: TopicId },
    #[error("there is a topic {name} or one with the id {topic_id} already")]
    DuplicateTopic { name: Str, topic_id: TopicId },
    #[error("topic {topic_id} has no partition {partition}")]
    UnknownPartition {
        topic_id: TopicId,
        partition: PartitionIndex,
    },
    #[error("partition {partition} of topic {topic_id}: {rule}")]
    InvalidPartition {
        topic_id: TopicId,
        partition: PartitionIndex,
        /// The rule that does not hold.
        rule: &'static str,
    },
    #[error("broker {broker_id} is not registered")]
    UnknownBroker { broker_id: BrokerId },
    #[error("broker {broker_id} is registered with epoch {registered}, not {stated}")]
    BrokerEpoch {
        broker_id: BrokerId,
        registered: BrokerEpoch,
        stated: BrokerEpoch,
    },
    #[error("the reassignment {id}: {rule}")]
    InvalidReassignment {
        id: Str,
        /// The rule that does not hold.
        rule: &'static str,
    },
    #[error("producer ids would go back from {from} to {to}")]
    ProducerIdsBack { from: ProducerId, to: ProducerId },
}

/// The value that a field holds, or the error that names the field.
pub(crate) fn field<T>(
    value: Option<T>,
    record: &'static str,
    field: &'static str,
    raw: impl Into<i64>,
) -> Result<T, ApplyError> {
    value.ok_or_else(|| ApplyError::Field {
        record,
        field,
        value: raw.into(),
    })
}

/// Ids of brokers, none of them negative.
pub(crate) fn broker_ids(
    raw: &[i32],
    record: &'static str,
    name: &'static str,
) -> Result<Vec<BrokerId>, ApplyError> {
    raw.iter()
        .map(|it| field(BrokerId::from_wire(*it), record, name, *it))
        .collect()
}

/// A topic's id, which no record leaves out.
pub(crate) fn topic_id(raw: [u8; 16], record: &'static str) -> Result<TopicId, ApplyError> {
    field(TopicId::from_wire(raw), record, "TopicId", 0)
}

pub(crate) fn to_wire(ids: &[BrokerId]) -> Vec<i32> {
    ids.iter().map(|it| it.to_wire()).collect()
}
