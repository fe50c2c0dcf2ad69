//! How far partitions that are being moved have got.
//!
//! In: partitions and brokers. Out: how large each replica is, as its broker says, and so how much is
//! left for each. Never here: which partitions are being moved; the controller knows.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use broker_metadata::controller::MovingPartition;
use broker_types::{BrokerId, TopicPartition};
use broker_wire::messages::DescribeLogDirsRequest;
use broker_wire::messages::describe_log_dirs_request::DescribableLogDirTopic;
use broker_wire::{Response, Str};
use futures::future::join_all;

use super::ask::ask;
use crate::node::Node;
use crate::world::World;

/// Bytes of a partition's replicas on brokers, where they are known.
type Sizes = BTreeMap<(BrokerId, Str, i32), u64>;

/// What each adding replica still has to get.
pub type BytesLeft = BTreeMap<(TopicPartition, BrokerId), u64>;

impl<W: World> Node<W> {
    /// By how much adding replicas are smaller than their leader's; nothing is left for one in sync. One
    /// of which that is not known is left out.
    pub async fn bytes_left(self: &Arc<Self>, moving: &[MovingPartition]) -> BytesLeft {
        let sizes = self.replica_sizes(moving).await;
        let mut all = BytesLeft::new();
        for it in moving {
            let index = it.place.partition.to_wire();
            let size = |broker: BrokerId| sizes.get(&(broker, it.topic.clone(), index)).copied();
            for broker in &it.adding {
                let left = match (it.isr.contains(broker), it.leader.and_then(size)) {
                    (true, _) => Some(0),
                    (false, Some(whole)) => size(*broker).map(|it| whole.saturating_sub(it)),
                    (false, None) => None,
                };
                all.extend(left.map(|left| ((it.place, *broker), left)));
            }
        }
        all
    }

    async fn replica_sizes(self: &Arc<Self>, moving: &[MovingPartition]) -> Sizes {
        let mut by_broker: BTreeMap<BrokerId, BTreeMap<Str, BTreeSet<i32>>> = BTreeMap::new();
        for it in moving {
            let behind = it.adding.iter().filter(|broker| !it.isr.contains(broker));
            for broker in behind.copied().chain(it.leader) {
                let topics = by_broker.entry(broker).or_default();
                let partitions = topics.entry(it.topic.clone()).or_default();
                partitions.insert(it.place.partition.to_wire());
            }
        }
        let asked = by_broker.into_iter().map(|(broker, topics)| async move {
            let topics = topics
                .into_iter()
                .map(|(topic, partitions)| DescribableLogDirTopic {
                    topic,
                    partitions: partitions.into_iter().collect(),
                    ..DescribableLogDirTopic::default()
                });
            let request = DescribeLogDirsRequest {
                topics: Some(topics.collect()),
                ..DescribeLogDirsRequest::default()
            };
            (broker, ask(self, broker, request.into()).await)
        });
        let mut sizes = Sizes::new();
        for (broker, answer) in join_all(asked).await {
            let Some(Response::DescribeLogDirs(answer)) = answer else {
                continue;
            };
            let topics = answer.results.into_iter().flat_map(|it| it.topics);
            for topic in topics {
                for it in topic.partitions {
                    let size = u64::try_from(it.partition_size).unwrap_or(0);
                    sizes.insert((broker, topic.name.clone(), it.partition_index), size);
                }
            }
        }
        sizes
    }
}
