//! Partitions that are moved together, under one throttle.
//!
//! In: `ReassignmentRecord`; partitions that are assigned once more, or whose topic is gone. Out: which
//! reassignment a partition is in. Never here: what moves where; the partitions know.
//!
//! No record ends a reassignment. It follows from the records of its partitions, so that every node
//! knows of the end with the change that makes it, and nothing can stay behind.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use broker_types::{PartitionIndex, TopicId, TopicPartition};
use broker_wire::Str;
use broker_wire::messages::reassignment_record::{ReassignedTopic, ReassignmentRecord};

use crate::apply_error::{ApplyError, field, topic_id};

const RECORD: &str = "ReassignmentRecord";
/// `ReassignmentRecord.Throttle` for "no limit".
const NO_THROTTLE: i64 = -1;

/// Some partitions on their way to other brokers.
///
/// Invariant: `partitions` is not empty; each is being reassigned, and is in no other reassignment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reassignment {
    /// Bytes per second that a broker may send adding replicas, and as many that it may receive as one.
    /// `None`: no limit.
    pub throttle: Option<u64>,
    /// Those that are not there yet.
    pub partitions: BTreeSet<TopicPartition>,
}

impl Reassignment {
    pub(crate) fn from_record(record: &ReassignmentRecord) -> Result<Reassignment, ApplyError> {
        let raw = record.throttle;
        let throttle = match raw {
            NO_THROTTLE => None,
            raw => Some(field(u64::try_from(raw).ok(), RECORD, "Throttle", raw)?),
        };
        let mut partitions = BTreeSet::new();
        for topic in &record.topics {
            let topic_id = topic_id(topic.topic_id, RECORD)?;
            for raw in &topic.partitions {
                let partition = PartitionIndex::from_wire(*raw);
                partitions.insert(TopicPartition {
                    topic_id,
                    partition: field(partition, RECORD, "Partitions", *raw)?,
                });
            }
        }
        Ok(Reassignment {
            throttle,
            partitions,
        })
    }

    pub(crate) fn to_record(&self, id: &Str) -> ReassignmentRecord {
        let mut topics: BTreeMap<TopicId, Vec<i32>> = BTreeMap::new();
        for it in &self.partitions {
            let partitions = topics.entry(it.topic_id).or_default();
            partitions.push(it.partition.to_wire());
        }
        let topics = topics
            .into_iter()
            .map(|(topic_id, partitions)| ReassignedTopic {
                topic_id: topic_id.to_bytes(),
                partitions,
                ..ReassignedTopic::default()
            });
        let throttle = self
            .throttle
            .map(|it| i64::try_from(it).unwrap_or(i64::MAX));
        ReassignmentRecord {
            reassignment_id: id.clone(),
            throttle: throttle.unwrap_or(NO_THROTTLE),
            topics: topics.collect(),
            ..ReassignmentRecord::default()
        }
    }
}

/// All reassignments that have a throttle of their own, by id.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Reassignments(Arc<BTreeMap<Str, Arc<Reassignment>>>);

impl Reassignments {
    pub(crate) fn by_id(&self) -> &Arc<BTreeMap<Str, Arc<Reassignment>>> {
        &self.0
    }

    /// The one that a partition is in. There are few, so each is asked.
    pub(crate) fn of(&self, place: TopicPartition) -> Option<(&Str, &Reassignment)> {
        let mut all = self.0.iter().map(|(id, it)| (id, it.as_ref()));
        all.find(|(_, it)| it.partitions.contains(&place))
    }

    /// Takes what a record says in the place of what was known under its id.
    pub(crate) fn put(&mut self, id: &Str, reassignment: Reassignment) {
        Arc::make_mut(&mut self.0).insert(id.clone(), Arc::new(reassignment));
    }

    /// Takes partitions out; a reassignment without any is gone.
    pub(crate) fn leave(&mut self, is_leaving: impl Fn(&TopicPartition) -> bool) {
        let has_leaving = |it: &Reassignment| it.partitions.iter().any(&is_leaving);
        if !self.0.values().any(|it| has_leaving(it)) {
            return;
        }
        Arc::make_mut(&mut self.0).retain(|_, it| {
            if has_leaving(it) {
                let partitions = &mut Arc::make_mut(it).partitions;
                partitions.retain(|it| !is_leaving(it));
            }
            !it.partitions.is_empty()
        });
    }

    pub(crate) fn leave_one(&mut self, place: TopicPartition) {
        if self.of(place).is_some() {
            self.leave(|it| *it == place);
        }
    }
}
