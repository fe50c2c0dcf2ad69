//! DescribeTopicPartitions: topics a page at a time, with their eligible leader replicas (KIP-966).
//!
//! In: names and where the last page ended. Out: partitions up to the limit, and where to go on.

use broker_metadata::{Partition, Topic};
use broker_types::{BrokerId, ErrorCode, PartitionIndex};
use broker_wire::Str;
use broker_wire::messages::describe_topic_partitions_response::{
    Cursor, DescribeTopicPartitionsResponsePartition, DescribeTopicPartitionsResponseTopic,
};
use broker_wire::messages::{DescribeTopicPartitionsRequest, DescribeTopicPartitionsResponse};

use super::metadata::offline;
use super::{authorized, topic_names};
use crate::connection::RequestContext;
use crate::node::Node;
use crate::reachable::ReachableBrokers;
use crate::world::World;

/// Most partitions of one answer (`max.request.partition.size.limit`).
const PARTITIONS_MAX: usize = 2_000;

pub(super) fn handle<W: World>(
    node: &Node<W>,
    context: &RequestContext,
    request: &DescribeTopicPartitionsRequest,
) -> DescribeTopicPartitionsResponse {
    let image = node.image();
    let reachable = ReachableBrokers::new(&image, &context.listener);
    let mut names: Vec<Str> = if request.topics.is_empty() {
        image.topics().map(|it| it.name.clone()).collect()
    } else {
        request.topics.iter().map(|it| it.name.clone()).collect()
    };
    names.sort();
    names.dedup();
    let from = request
        .cursor
        .as_ref()
        .map(|it| (it.topic_name.clone(), it.partition_index));
    if let Some((topic, _)) = &from {
        names.retain(|it| it >= topic);
    }
    let limit = usize::try_from(request.response_partition_limit).unwrap_or(0);
    let mut left = limit.clamp(1, PARTITIONS_MAX);
    let mut topics = Vec::new();
    let mut next_cursor = None;
    for name in names {
        let Some(topic) = image.topic(&name) else {
            topics.push(unknown(name));
            continue;
        };
        let first = match &from {
            Some((topic, index)) if *topic == name => PartitionIndex::from_wire(*index),
            Some(_) | None => None,
        };
        let (described, next) = describe(topic, first.unwrap_or_default(), left, &reachable);
        left -= described.partitions.len();
        if !described.partitions.is_empty() || next.is_none() {
            topics.push(described);
        }
        if next.is_some() {
            next_cursor = next;
            break;
        }
    }
    for topic in &mut topics {
        topic.topic_authorized_operations = authorized::operations(authorized::TOPIC, true);
    }
    DescribeTopicPartitionsResponse {
        topics,
        next_cursor,
        ..Default::default()
    }
}

fn unknown(name: Str) -> DescribeTopicPartitionsResponseTopic {
    let error = if topic_names::is_valid(&name) {
        ErrorCode::UnknownTopicOrPartition
    } else {
        ErrorCode::InvalidTopicException
    };
    DescribeTopicPartitionsResponseTopic {
        error_code: error.to_wire(),
        name: Some(name),
        ..DescribeTopicPartitionsResponseTopic::default()
    }
}

/// At most `left` partitions from `first` on, and the cursor of the first that found no room.
fn describe(
    topic: &Topic,
    first: PartitionIndex,
    left: usize,
    reachable: &ReachableBrokers,
) -> (DescribeTopicPartitionsResponseTopic, Option<Cursor>) {
    let mut rest = topic.partitions().filter(|(index, _)| *index >= first);
    let partitions = rest
        .by_ref()
        .take(left)
        .map(|(index, it)| partition(index, it, reachable))
        .collect();
    let next = rest.next().map(|(index, _)| Cursor {
        topic_name: topic.name.clone(),
        partition_index: index.to_wire(),
        ..Cursor::default()
    });
    let described = DescribeTopicPartitionsResponseTopic {
        name: Some(topic.name.clone()),
        topic_id: topic.id.to_bytes(),
        is_internal: topic_names::is_internal(&topic.name),
        partitions,
        ..DescribeTopicPartitionsResponseTopic::default()
    };
    (described, next)
}

fn partition(
    index: PartitionIndex,
    partition: &Partition,
    reachable: &ReachableBrokers,
) -> DescribeTopicPartitionsResponsePartition {
    let ids = |list: &[BrokerId]| list.iter().map(|it| it.to_wire()).collect::<Vec<i32>>();
    let leader = partition.leader.filter(|it| reachable.contains(*it));
    let error = if leader.is_some() {
        ErrorCode::None
    } else {
        ErrorCode::LeaderNotAvailable
    };
    DescribeTopicPartitionsResponsePartition {
        error_code: error.to_wire(),
        partition_index: index.to_wire(),
        leader_id: BrokerId::option_to_wire(leader),
        leader_epoch: partition.leader_epoch.to_wire(),
        replica_nodes: ids(&partition.replicas),
        isr_nodes: ids(&partition.isr),
        eligible_leader_replicas: Some(ids(&partition.elr)),
        last_known_elr: Some(ids(&partition.last_known_elr)),
        offline_replicas: offline(partition, reachable),
        ..DescribeTopicPartitionsResponsePartition::default()
    }
}
