//! The offsets of one group: what is committed, and what has been written since.
//!
//! In: changes as they are appended, committed or lost. Out: offsets to show, and those that
//! retention or a deletion reaches.
//! Never here: who may commit, or the records' bytes.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use broker_types::{LeaderEpoch, Timestamp, TopicId};
use broker_wire::Str;

use crate::action::AppendToken;

/// An offset as a client committed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CommittedOffset {
    /// As the client sent it; Kafka does not look at it either.
    pub(crate) offset: i64,
    pub(crate) leader_epoch: Option<LeaderEpoch>,
    pub(crate) metadata: Str,
    pub(crate) commit_timestamp: Timestamp,
    /// Only with OffsetCommit versions 2 to 4, whose requests carry a retention time.
    pub(crate) expire_timestamp: Option<Timestamp>,
    /// `None` when the record has no topic id.
    pub(crate) topic_id: Option<TopicId>,
}

/// What is known about one partition's offset.
///
/// Invariant: something is committed or something is uncommitted; else there is no slot.
#[derive(Clone, Debug, Default)]
struct Slot {
    committed: Option<CommittedOffset>,
    /// Changes that are appended and not yet committed, oldest first. `None` is a tombstone.
    uncommitted: VecDeque<(AppendToken, Option<CommittedOffset>)>,
}

impl Slot {
    /// What the log says, committed or not.
    fn latest(&self) -> Option<&CommittedOffset> {
        match self.uncommitted.back() {
            Some((_, offset)) => offset.as_ref(),
            None => self.committed.as_ref(),
        }
    }

    fn is_vacant(&self) -> bool {
        self.committed.is_none() && self.uncommitted.is_empty()
    }
}

/// The offsets of one group, by topic and partition.
#[derive(Clone, Debug, Default)]
pub(crate) struct GroupOffsets {
    topics: BTreeMap<Str, BTreeMap<i32, Slot>>,
    n_slots: usize,
}

impl GroupOffsets {
    /// Whether nothing is committed and nothing is on its way.
    pub(crate) fn is_empty(&self) -> bool {
        self.topics.is_empty()
    }

    /// How many partitions have an offset, or one on its way.
    pub(crate) fn len(&self) -> usize {
        self.n_slots
    }

    pub(crate) fn committed(&self, topic: &str, partition: i32) -> Option<&CommittedOffset> {
        self.topics.get(topic)?.get(&partition)?.committed.as_ref()
    }

    /// Whether the log holds, or may come to hold, an offset for the partition.
    pub(crate) fn has_slot(&self, topic: &str, partition: i32) -> bool {
        self.topics
            .get(topic)
            .is_some_and(|it| it.contains_key(&partition))
    }

    /// All committed offsets, in the order of topics and partitions.
    pub(crate) fn all_committed(&self) -> impl Iterator<Item = (&Str, i32, &CommittedOffset)> {
        self.topics.iter().flat_map(|(topic, partitions)| {
            partitions
                .iter()
                .filter_map(move |(index, slot)| Some((topic, *index, slot.committed.as_ref()?)))
        })
    }

    /// All partitions for which the log holds, or may come to hold, an offset.
    pub(crate) fn slots(&self) -> impl Iterator<Item = (&Str, i32)> {
        self.topics
            .iter()
            .flat_map(|(topic, partitions)| partitions.keys().map(move |index| (topic, *index)))
    }

    pub(crate) fn topics(&self) -> impl Iterator<Item = &Str> {
        self.topics.keys()
    }

    /// The partitions of `topic` whose offsets are of the topic with this id, as far as is known.
    pub(crate) fn partitions_of(&self, topic: &str, topic_id: Option<TopicId>) -> Vec<i32> {
        let is_other = |offset: &CommittedOffset| matches!((offset.topic_id, topic_id), (Some(stored), Some(given)) if stored != given);
        self.topics
            .get(topic)
            .into_iter()
            .flatten()
            .filter(|(_, slot)| slot.latest().is_some_and(|it| !is_other(it)))
            .map(|(index, _)| *index)
            .collect()
    }

    /// The partitions whose offset has outlived `retention`, of the topics that `is_subscribed`
    /// does not name. `since` is when the time began to run, where not at the commit.
    /// Also whether nothing else is left.
    pub(crate) fn expired(
        &self,
        wall: Timestamp,
        retention: Duration,
        since: Option<Timestamp>,
        is_subscribed: impl Fn(&str) -> bool,
    ) -> (Vec<(Str, i32)>, bool) {
        let retention_ms = i64::try_from(retention.as_millis()).unwrap_or(i64::MAX);
        let mut expired = Vec::new();
        let mut is_all = true;
        for (topic, partitions) in &self.topics {
            let topic_is_subscribed = is_subscribed(topic);
            for (index, slot) in partitions {
                let Some(offset) = slot.latest() else {
                    // Its tombstone is on its way, and may yet fail.
                    is_all = false;
                    continue;
                };
                let is_over = match offset.expire_timestamp {
                    Some(expire_timestamp) => wall >= expire_timestamp,
                    None => {
                        let start = since.unwrap_or(offset.commit_timestamp);
                        wall.millis_since(start) >= retention_ms
                    }
                };
                if is_over && !topic_is_subscribed {
                    expired.push((topic.clone(), *index));
                } else {
                    is_all = false;
                }
            }
        }
        (expired, is_all)
    }

    /// Puts in place what the log said before it was loaded.
    pub(crate) fn load(&mut self, topic: Str, partition: i32, offset: Option<CommittedOffset>) {
        if let Some(offset) = offset {
            self.slot(topic, partition).committed = Some(offset);
        } else if self.has_slot(&topic, partition) {
            self.slot(topic.clone(), partition).committed = None;
            self.remove_if_vacant(&topic, partition);
        }
    }

    /// Notes a change that has been handed to the log.
    pub(crate) fn append(
        &mut self,
        token: AppendToken,
        topic: &Str,
        partition: i32,
        offset: Option<CommittedOffset>,
    ) {
        self.slot(topic.clone(), partition)
            .uncommitted
            .push_back((token, offset));
    }

    /// The change is committed: it is shown from now on.
    pub(crate) fn commit(&mut self, token: AppendToken, topic: &str, partition: i32) {
        let Some(slot) = self.slot_if_present(topic, partition) else {
            return;
        };
        while let Some((first, _)) = slot.uncommitted.front() {
            assert!(
                *first >= token,
                "appends commit in their order: {first:?} before {token:?}"
            );
            if *first > token {
                break;
            }
            if let Some((_, offset)) = slot.uncommitted.pop_front() {
                slot.committed = offset;
            }
        }
        self.remove_if_vacant(topic, partition);
    }

    /// The change never reached the log.
    pub(crate) fn roll_back(&mut self, token: AppendToken, topic: &str, partition: i32) {
        let Some(slot) = self.slot_if_present(topic, partition) else {
            return;
        };
        slot.uncommitted.retain(|(it, _)| *it != token);
        self.remove_if_vacant(topic, partition);
    }

    fn slot(&mut self, topic: Str, partition: i32) -> &mut Slot {
        let partitions = self.topics.entry(topic).or_default();
        if !partitions.contains_key(&partition) {
            self.n_slots += 1;
        }
        partitions.entry(partition).or_default()
    }

    fn slot_if_present(&mut self, topic: &str, partition: i32) -> Option<&mut Slot> {
        self.topics.get_mut(topic)?.get_mut(&partition)
    }

    fn remove_if_vacant(&mut self, topic: &str, partition: i32) {
        let Some(partitions) = self.topics.get_mut(topic) else {
            return;
        };
        if partitions.get(&partition).is_some_and(Slot::is_vacant) {
            partitions.remove(&partition);
            self.n_slots -= 1;
        }
        if partitions.is_empty() {
            self.topics.remove(topic);
        }
    }
}
