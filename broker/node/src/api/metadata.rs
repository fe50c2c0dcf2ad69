//! Metadata: brokers, topics and partition leaders, as a listener's clients may reach them.
//!
//! In: names, ids, or all. Out: what the image says of them. A topic that does not exist is created
//! in the background when the client and the cluster allow it. Never here: waiting for that.

use std::ops::RangeInclusive;
use std::sync::Arc;

use broker_metadata::{Image, Partition, Topic};
use broker_types::{BrokerId, ErrorCode, PartitionIndex, TopicId};
use broker_wire::Str;
use broker_wire::messages::metadata_request::MetadataRequestTopic;
use broker_wire::messages::metadata_response::{
    MetadataResponseBroker, MetadataResponsePartition, MetadataResponseTopic,
};
use broker_wire::messages::{MetadataRequest, MetadataResponse};

use super::repeated::once_each;
use super::{authorized, topic_names};
use crate::connection::RequestContext;
use crate::node::Node;
use crate::reachable::ReachableBrokers;
use crate::world::World;

/// First version in which an empty list means no topic, and null means all.
const EMPTY_IS_NONE_FROM: i16 = 1;
/// Versions that may ask what is allowed on the cluster; DescribeCluster answers that since.
const CLUSTER_OPERATIONS: RangeInclusive<i16> = 8..=10;
/// First version in which topics may be named by id.
const IDS_FROM: i16 = 12;

pub(super) fn handle<W: World>(
    node: &Arc<Node<W>>,
    context: &RequestContext,
    request: &MetadataRequest,
) -> MetadataResponse {
    let image = node.image();
    let me = node.config.broker_id;
    let reachable = ReachableBrokers::never_none(&image, &context.listener, me);
    let wanted = request.topics.as_ref();
    let is_all = wanted.is_none_or(|it| it.is_empty() && context.api_version < EMPTY_IS_NONE_FROM);
    let mut missing = Vec::new();
    let mut topics: Vec<MetadataResponseTopic> = if is_all {
        image
            .topics()
            .map(|it| describe(it, &image, &reachable))
            .collect()
    } else {
        let wanted = wanted.into_iter().flatten();
        let wanted = once_each(wanted, |it| (it.name.clone(), it.topic_id));
        let mut answer = |it| {
            let topic = find(it, context.api_version, &image, &reachable);
            if topic.error_code == ErrorCode::UnknownTopicOrPartition.to_wire() {
                missing.extend(topic.name.clone());
            }
            topic
        };
        wanted.map(&mut answer).collect()
    };
    if request.allow_auto_topic_creation && !missing.is_empty() {
        super::auto_create::start(node, missing);
    }
    for topic in topics.iter_mut().filter(|it| it.error_code == 0) {
        let is_asked = request.include_topic_authorized_operations;
        topic.topic_authorized_operations = authorized::operations(authorized::TOPIC, is_asked);
    }
    let is_asked = request.include_cluster_authorized_operations
        && CLUSTER_OPERATIONS.contains(&context.api_version);
    MetadataResponse {
        cluster_authorized_operations: authorized::operations(authorized::CLUSTER, is_asked),
        brokers: reachable.iter().map(|it| broker(it.id, it)).collect(),
        cluster_id: Some(image.cluster_id().clone()),
        controller_id: BrokerId::option_to_wire(reachable.controller(node.active_controller())),
        topics,
        ..MetadataResponse::default()
    }
}

fn broker(id: BrokerId, it: &crate::reachable::Reachable) -> MetadataResponseBroker {
    MetadataResponseBroker {
        node_id: id.to_wire(),
        host: it.host.clone(),
        port: i32::from(it.port),
        rack: it.rack.clone(),
        ..MetadataResponseBroker::default()
    }
}

fn find(
    wanted: &MetadataRequestTopic,
    version: i16,
    image: &Image,
    reachable: &ReachableBrokers,
) -> MetadataResponseTopic {
    let refused = |error: ErrorCode| MetadataResponseTopic {
        error_code: error.to_wire(),
        name: wanted
            .name
            .clone()
            .or_else(|| (version < IDS_FROM).then(Str::new)),
        topic_id: wanted.topic_id,
        ..MetadataResponseTopic::default()
    };
    let found = match (&wanted.name, TopicId::from_wire(wanted.topic_id)) {
        (_, Some(_)) if version < IDS_FROM => return refused(ErrorCode::InvalidRequest),
        (Some(_), Some(_)) | (None, None) => return refused(ErrorCode::InvalidRequest),
        (None, Some(id)) => image.topic_by_id(id).ok_or(ErrorCode::UnknownTopicId),
        (Some(name), None) if topic_names::is_valid(name) => {
            image.topic(name).ok_or(ErrorCode::UnknownTopicOrPartition)
        }
        (Some(_), None) => Err(ErrorCode::InvalidTopicException),
    };
    match found {
        Ok(topic) => describe(topic, image, reachable),
        Err(error) => refused(error),
    }
}

fn describe(topic: &Topic, image: &Image, reachable: &ReachableBrokers) -> MetadataResponseTopic {
    let partitions = topic
        .partitions()
        .map(|(index, it)| partition(index, it, image, reachable))
        .collect();
    MetadataResponseTopic {
        name: Some(topic.name.clone()),
        topic_id: topic.id.to_bytes(),
        is_internal: topic_names::is_internal(&topic.name),
        partitions,
        ..MetadataResponseTopic::default()
    }
}

fn partition(
    index: PartitionIndex,
    partition: &Partition,
    image: &Image,
    reachable: &ReachableBrokers,
) -> MetadataResponsePartition {
    let ids = |list: &[BrokerId]| list.iter().map(|it| it.to_wire()).collect();
    let leader = partition.leader.filter(|it| reachable.contains(*it));
    let error = match (partition.leader, leader) {
        (_, Some(_)) => ErrorCode::None,
        // It leads, but not where this client could reach it.
        (Some(it), None) if image.broker(it).is_some_and(|it| !it.is_fenced) => {
            ErrorCode::ListenerNotFound
        }
        (_, None) => ErrorCode::LeaderNotAvailable,
    };
    MetadataResponsePartition {
        error_code: error.to_wire(),
        partition_index: index.to_wire(),
        leader_id: BrokerId::option_to_wire(leader),
        leader_epoch: partition.leader_epoch.to_wire(),
        replica_nodes: ids(&partition.replicas),
        isr_nodes: ids(&partition.isr),
        offline_replicas: offline(partition, reachable),
        ..MetadataResponsePartition::default()
    }
}

/// The replicas that this listener's clients cannot reach.
pub(super) fn offline(partition: &Partition, reachable: &ReachableBrokers) -> Vec<i32> {
    let replicas = partition.replicas.iter();
    replicas
        .filter(|it| !reachable.contains(**it))
        .map(|it| it.to_wire())
        .collect()
}
