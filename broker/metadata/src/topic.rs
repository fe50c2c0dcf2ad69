//! Topics by id and by name, cheap to share.
//!
//! In: `TopicRecord`, `PartitionRecord`, `PartitionChangeRecord`, `RemoveTopicRecord`. Out: topics
//! and their partitions. Never here: configs of topics (`config`), or what a change means.

use std::collections::BTreeMap;
use std::sync::Arc;

use broker_types::{PartitionIndex, TopicId, TopicPartition};
use broker_wire::Str;
use broker_wire::messages::partition_change_record::PartitionChangeRecord;
use broker_wire::messages::partition_record::PartitionRecord;
use broker_wire::messages::topic_record::TopicRecord;

use crate::apply_error::{ApplyError, field, topic_id};
use crate::partition::Partition;
use crate::topics_by_id::TopicsById;

/// A topic and its partitions, of which none is missing in between.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Topic {
    pub id: TopicId,
    pub name: Str,
    partitions: Vec<Arc<Partition>>,
}

impl Topic {
    pub fn partition(&self, index: PartitionIndex) -> Option<&Partition> {
        self.shared_partition(index).map(|it| it.as_ref())
    }

    pub(crate) fn shared_partition(&self, index: PartitionIndex) -> Option<&Arc<Partition>> {
        self.partitions.get(usize::try_from(index.value()).ok()?)
    }

    /// The partitions in the order of their indexes, from 0 without a gap.
    pub fn partitions(&self) -> impl ExactSizeIterator<Item = (PartitionIndex, &Partition)> {
        let partitions = self.partitions.iter().enumerate();
        partitions.map(|(place, it)| (index_of(place), it.as_ref()))
    }

    pub fn partition_count(&self) -> usize {
        self.partitions.len()
    }
}

/// The index of the partition in that place. A topic never has more than an index can count, for
/// each came from a record with its index.
pub(crate) fn index_of(place: usize) -> PartitionIndex {
    let index = u32::try_from(place)
        .ok()
        .filter(|it| *it <= PartitionIndex::MAX.value());
    PartitionIndex::new(index.expect("partitions are counted by index"))
}

/// All topics. A clone shares all of them; a change copies that one topic, and a small part of the list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Topics {
    by_id: TopicsById,
    by_name: Arc<BTreeMap<Str, TopicId>>,
}

impl Topics {
    pub(crate) fn by_id(&self) -> &TopicsById {
        &self.by_id
    }

    pub(crate) fn by_name(&self, name: &str) -> Option<&Arc<Topic>> {
        self.by_name.get(name).and_then(|it| self.by_id.get(*it))
    }

    /// In the order of their names.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Arc<Topic>> {
        self.by_name.values().filter_map(|it| self.by_id.get(*it))
    }

    pub(crate) fn len(&self) -> usize {
        self.by_id.len()
    }

    pub(crate) fn add(&mut self, record: &TopicRecord) -> Result<(), ApplyError> {
        let id = topic_id(record.topic_id, "TopicRecord")?;
        let name = record.name.clone();
        if self.by_id.get(id).is_some() || self.by_name.contains_key(&name) {
            return Err(ApplyError::DuplicateTopic { name, topic_id: id });
        }
        Arc::make_mut(&mut self.by_name).insert(name.clone(), id);
        let partitions = Vec::new();
        let topic = Topic {
            id,
            name,
            partitions,
        };
        self.by_id.insert(topic);
        Ok(())
    }

    /// Removes a topic with its partitions, and returns it.
    pub(crate) fn remove(&mut self, topic_id: TopicId) -> Result<Arc<Topic>, ApplyError> {
        let removed = self.by_id.remove(topic_id);
        let removed = removed.ok_or(ApplyError::UnknownTopic { topic_id })?;
        Arc::make_mut(&mut self.by_name).remove(&removed.name);
        Ok(removed)
    }

    pub(crate) fn put_partition(&mut self, record: &PartitionRecord) -> Result<(), ApplyError> {
        let topic_id = topic_id(record.topic_id, "PartitionRecord")?;
        let index = partition_index(record.partition_id, "PartitionRecord")?;
        let partition = Partition::from_record(record)?;
        self.check(topic_id, index, &partition)?;
        let topic = self.topic_mut(topic_id)?;
        let (place, count) = (index.value() as usize, topic.partitions.len());
        match topic.partitions.get_mut(place) {
            Some(known) => *known = Arc::new(partition),
            None if place == count => topic.partitions.push(Arc::new(partition)),
            None => {
                return Err(ApplyError::InvalidPartition {
                    topic_id,
                    partition: index,
                    rule: "partitions come in order",
                });
            }
        }
        Ok(())
    }

    /// Which partition it was.
    pub(crate) fn change_partition(
        &mut self,
        record: &PartitionChangeRecord,
    ) -> Result<TopicPartition, ApplyError> {
        let topic_id = topic_id(record.topic_id, "PartitionChangeRecord")?;
        let index = partition_index(record.partition_id, "PartitionChangeRecord")?;
        let known = self.by_id.get(topic_id);
        let known = known.ok_or(ApplyError::UnknownTopic { topic_id })?;
        let known = known.partition(index).ok_or(ApplyError::UnknownPartition {
            topic_id,
            partition: index,
        })?;
        let changed = known.changed(record)?;
        self.check(topic_id, index, &changed)?;
        let topic = self.topic_mut(topic_id)?;
        if let Some(place) = topic.partitions.get_mut(index.value() as usize) {
            *place = Arc::new(changed);
        }
        Ok(TopicPartition {
            topic_id,
            partition: index,
        })
    }

    /// Forgets the eligible leader replicas of one topic, or of all.
    pub(crate) fn clear_elr(&mut self, name: Option<&str>) {
        let has_elr = |it: &Partition| !it.elr.is_empty() || !it.last_known_elr.is_empty();
        let ids: Vec<TopicId> = self
            .iter()
            .filter(|it| name.is_none_or(|name| it.name == name))
            .filter(|it| it.partitions().any(|(_, it)| has_elr(it)))
            .map(|it| it.id)
            .collect();
        for id in ids {
            let Ok(topic) = self.topic_mut(id) else {
                continue;
            };
            for partition in topic.partitions.iter_mut().filter(|it| has_elr(it)) {
                let partition = Arc::make_mut(partition);
                partition.elr = Vec::new();
                partition.last_known_elr = Vec::new();
            }
        }
    }

    fn topic_mut(&mut self, topic_id: TopicId) -> Result<&mut Topic, ApplyError> {
        let topic = self.by_id.get_mut(topic_id);
        topic.ok_or(ApplyError::UnknownTopic { topic_id })
    }

    fn check(
        &self,
        topic_id: TopicId,
        partition: PartitionIndex,
        new: &Partition,
    ) -> Result<(), ApplyError> {
        match new.broken_rule() {
            None => Ok(()),
            Some(rule) => Err(ApplyError::InvalidPartition {
                topic_id,
                partition,
                rule,
            }),
        }
    }

    /// Asserts that both indexes name the same topics, and each partition's rules.
    pub(crate) fn assert_invariants(&self) {
        assert_eq!(self.by_id.len(), self.by_name.len());
        assert_eq!(self.by_id.len(), self.by_id.iter().count());
        for topic in self.by_id.iter() {
            assert_eq!(self.by_name.get(&topic.name), Some(&topic.id));
            for (index, partition) in topic.partitions() {
                let broken = partition.broken_rule();
                assert_eq!(broken, None, "{}-{index}: {partition:?}", topic.name);
            }
        }
    }
}

fn partition_index(raw: i32, record: &'static str) -> Result<PartitionIndex, ApplyError> {
    field(PartitionIndex::from_wire(raw), record, "PartitionId", raw)
}
