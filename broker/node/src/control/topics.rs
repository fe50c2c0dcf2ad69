//! Topics as their owners see them.
//!
//! In: names. Out: what the image says of them, and whether they hold a record, as their leaders
//! say. Never here: a change.

use std::collections::BTreeMap;
use std::sync::Arc;

use broker_metadata::{ConfigResource, Image, Topic};
use broker_types::{BrokerId, TopicId};
use broker_wire::messages::ListOffsetsRequest;
use broker_wire::messages::list_offsets_request::{ListOffsetsPartition, ListOffsetsTopic};
use broker_wire::{Response, Str};
use futures::future::join_all;

use super::ask::ask;
use crate::api::topic_names;
use crate::node::Node;
use crate::world::World;

/// `ListOffsetsPartition.Timestamp`.
pub(super) const LATEST: i64 = -1;
const EARLIEST: i64 = -2;
/// Neither a consumer's nor a replica's.
const NO_REPLICA: i32 = -1;

/// A partition and its leader.
pub(super) type Place = (Str, i32, Option<BrokerId>);

/// A topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicState {
    pub name: Str,
    pub topic_id: TopicId,
    pub partitions: usize,
    /// Of the partition that has the fewest, as it will be when it is not moved any more.
    pub replicas_min: usize,
    /// Of the partition that has the most.
    pub replicas_max: usize,
    pub under_replicated: usize,
    pub under_min_isr: usize,
    pub offline: usize,
    /// The topic's own values.
    pub configs: BTreeMap<Str, Str>,
    /// Whether no partition holds a record that can be read; `None` while that is not known.
    pub is_empty: Option<bool>,
}

/// Partitions that lack something.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PartitionHealth {
    pub partitions: usize,
    pub under_replicated: usize,
    pub under_min_isr: usize,
    pub offline: usize,
}

impl PartitionHealth {
    /// Of one topic.
    pub fn of(image: &Image, topic: &Topic) -> PartitionHealth {
        let min_insync_replicas = image.min_insync_replicas(&topic.name);
        let mut health = PartitionHealth::default();
        for (_, it) in topic.partitions() {
            health.partitions += 1;
            health.under_replicated += usize::from(it.is_under_replicated());
            health.under_min_isr += usize::from(it.isr.len() < min_insync_replicas);
            health.offline += usize::from(it.leader.is_none());
        }
        health
    }

    #[must_use]
    pub fn and(self, other: PartitionHealth) -> PartitionHealth {
        PartitionHealth {
            partitions: self.partitions + other.partitions,
            under_replicated: self.under_replicated + other.under_replicated,
            under_min_isr: self.under_min_isr + other.under_min_isr,
            offline: self.offline + other.offline,
        }
    }
}

impl<W: World> Node<W> {
    /// Names of topics after one, internal topics left out; whether there are more.
    pub fn topic_names(&self, after: &str, limit: usize) -> (Vec<Str>, bool) {
        let image = self.image();
        let is_after = |it: &&Arc<Topic>| after.is_empty() || &*it.name > after;
        let is_listed = |it: &&Arc<Topic>| !topic_names::is_internal(&it.name);
        let mut names: Vec<Str> = image
            .topics()
            .filter(is_after)
            .filter(is_listed)
            .map(|it| it.name.clone())
            .take(limit.saturating_add(1))
            .collect();
        let has_more = names.len() > limit;
        names.truncate(limit);
        (names, has_more)
    }

    /// The topics that exist, in the order asked.
    pub async fn topic_states(self: &Arc<Self>, names: &[String]) -> Vec<TopicState> {
        let image = self.image();
        let topics: Vec<Arc<Topic>> = names
            .iter()
            .filter_map(|it| image.topic(it))
            .map(Arc::clone)
            .collect();
        let emptiness = self.are_empty(&topics).await;
        let states = topics.iter().zip(emptiness);
        states
            .map(|(topic, is_empty)| state(&image, topic, is_empty))
            .collect()
    }

    /// Whether a topic holds no record; `None` while not every leader says.
    pub async fn is_empty_topic(self: &Arc<Self>, name: &str) -> Option<bool> {
        let topic = self.image().topic(name).map(Arc::clone)?;
        self.are_empty(&[topic]).await.into_iter().next().flatten()
    }

    async fn are_empty(self: &Arc<Self>, topics: &[Arc<Topic>]) -> Vec<Option<bool>> {
        let wanted: Vec<Place> = topics.iter().flat_map(|it| places(it)).collect();
        let (begins, ends) = futures::join!(
            self.offsets(&wanted, EARLIEST),
            self.offsets(&wanted, LATEST)
        );
        let is_empty = |topic: &Arc<Topic>| {
            let mut is_known = true;
            for (index, _) in topic.partitions() {
                let key = (topic.name.clone(), index.to_wire());
                match (begins.get(&key), ends.get(&key)) {
                    (Some(begin), Some(end)) if begin < end => return Some(false),
                    (Some(_), Some(_)) => {}
                    (None, _) | (_, None) => is_known = false,
                }
            }
            is_known.then_some(true)
        };
        topics.iter().map(is_empty).collect()
    }

    /// Offsets of partitions, each as its leader says; those that nobody says are left out.
    pub(super) async fn offsets(
        self: &Arc<Self>,
        partitions: &[Place],
        timestamp: i64,
    ) -> BTreeMap<(Str, i32), i64> {
        let mut by_leader: BTreeMap<BrokerId, BTreeMap<Str, Vec<ListOffsetsPartition>>> =
            BTreeMap::new();
        for (topic, partition_index, leader) in partitions {
            let Some(leader) = *leader else { continue };
            let topics = by_leader.entry(leader).or_default();
            topics
                .entry(topic.clone())
                .or_default()
                .push(ListOffsetsPartition {
                    partition_index: *partition_index,
                    current_leader_epoch: -1,
                    timestamp,
                    ..ListOffsetsPartition::default()
                });
        }
        let asked = by_leader.into_iter().map(|(leader, topics)| {
            let topics = topics
                .into_iter()
                .map(|(name, partitions)| ListOffsetsTopic {
                    name,
                    partitions,
                    ..ListOffsetsTopic::default()
                });
            let request = ListOffsetsRequest {
                replica_id: NO_REPLICA,
                topics: topics.collect(),
                ..ListOffsetsRequest::default()
            };
            ask(self, leader, request.into())
        });
        let mut offsets = BTreeMap::new();
        for answer in join_all(asked).await {
            let Some(Response::ListOffsets(answer)) = answer else {
                continue;
            };
            for topic in answer.topics {
                let known = topic.partitions.iter().filter(|it| it.error_code == 0);
                offsets
                    .extend(known.map(|it| ((topic.name.clone(), it.partition_index), it.offset)));
            }
        }
        offsets
    }
}

fn places(topic: &Topic) -> Vec<Place> {
    let partitions = topic.partitions();
    partitions
        .map(|(index, it)| (topic.name.clone(), index.to_wire(), it.leader))
        .collect()
}

fn state(image: &Image, topic: &Topic, is_empty: Option<bool>) -> TopicState {
    let health = PartitionHealth::of(image, topic);
    let counts = || topic.partitions().map(|(_, it)| it.target_replicas().len());
    let resource = ConfigResource::Topic(topic.name.clone());
    let configs = image.configs().of(&resource);
    let configs = configs.map(|(name, value)| (name.clone(), value.clone()));
    TopicState {
        name: topic.name.clone(),
        topic_id: topic.id,
        partitions: health.partitions,
        replicas_min: counts().min().unwrap_or(0),
        replicas_max: counts().max().unwrap_or(0),
        under_replicated: health.under_replicated,
        under_min_isr: health.under_min_isr,
        offline: health.offline,
        configs: configs.collect(),
        is_empty,
    }
}
