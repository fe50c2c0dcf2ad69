//! OffsetCommit: a group, or somebody for it, notes how far it has read.
//!
//! In: offsets by partition, topics by name or, since version 10, by id. Out: an error code for
//! each. Partitions that do not exist are refused here; the rest goes to the coordinator.

use std::collections::BTreeMap;

use broker_coordinator::Response;
use broker_metadata::{Image, Topic};
use broker_types::{ErrorCode, PartitionIndex, TopicId};
use broker_wire::messages::offset_commit_request::OffsetCommitRequestTopic;
use broker_wire::messages::offset_commit_response::{
    OffsetCommitResponsePartition, OffsetCommitResponseTopic,
};
use broker_wire::messages::{OffsetCommitRequest, OffsetCommitResponse};

use super::group_call;
use crate::connection::RequestContext;
use crate::groups::Call;
use crate::node::Node;
use crate::world::World;

/// First version that names topics by id.
const IDS_FROM: i16 = 10;

pub(super) async fn handle<W: World>(
    node: &Node<W>,
    context: &RequestContext,
    mut request: OffsetCommitRequest,
) -> OffsetCommitResponse {
    let image = node.image();
    let by_id = context.api_version >= IDS_FROM;
    let asked = std::mem::take(&mut request.topics);
    let mut refused = BTreeMap::new();
    for topic in &asked {
        request
            .topics
            .extend(known(topic, by_id, &image, &mut refused));
    }
    let group = request.group_id.clone();
    let answer = if request.topics.is_empty() {
        Ok(OffsetCommitResponse::default())
    } else {
        match group_call::call(node, context, &group, Call::Commit(request)).await {
            Ok(Response::OffsetCommit(response)) => Ok(response),
            Ok(other) => panic!("an OffsetCommit was answered with {other:?}"),
            Err(error) => Err(error),
        }
    };
    merge(asked, answer, &refused)
}

type Refused = BTreeMap<([u8; 16], String, i32), ErrorCode>;

fn find(
    topic: &OffsetCommitRequestTopic,
    by_id: bool,
    image: &Image,
) -> Option<std::sync::Arc<Topic>> {
    if by_id {
        TopicId::from_wire(topic.topic_id)
            .and_then(|it| image.topic_by_id(it))
            .cloned()
    } else {
        image.topic(&topic.name).cloned()
    }
}

/// The part of a topic that exists, with name and id; the rest is noted as refused.
fn known(
    topic: &OffsetCommitRequestTopic,
    by_id: bool,
    image: &Image,
    refused: &mut Refused,
) -> Option<OffsetCommitRequestTopic> {
    let found = find(topic, by_id, image);
    let mut known = topic.clone();
    let is_known = |index: i32| {
        let index = PartitionIndex::from_wire(index);
        found
            .as_ref()
            .zip(index)
            .is_some_and(|(topic, index)| topic.partition(index).is_some())
    };
    let error = match &found {
        None if by_id => ErrorCode::UnknownTopicId,
        None | Some(_) => ErrorCode::UnknownTopicOrPartition,
    };
    for partition in &topic.partitions {
        let index = partition.partition_index;
        if !is_known(index) {
            refused.insert((topic.topic_id, topic.name.to_string(), index), error);
        }
    }
    known.partitions.retain(|it| is_known(it.partition_index));
    let found = found?;
    known.name = found.name.clone();
    known.topic_id = found.id.to_bytes();
    (!known.partitions.is_empty()).then_some(known)
}

/// The answer in the shape of the request.
fn merge(
    asked: Vec<OffsetCommitRequestTopic>,
    answer: Result<OffsetCommitResponse, ErrorCode>,
    refused: &Refused,
) -> OffsetCommitResponse {
    let mut codes: BTreeMap<([u8; 16], i32), i16> = BTreeMap::new();
    let mut codes_by_name: BTreeMap<(String, i32), i16> = BTreeMap::new();
    if let Ok(response) = &answer {
        for topic in &response.topics {
            for it in &topic.partitions {
                codes.insert((topic.topic_id, it.partition_index), it.error_code);
                codes_by_name.insert((topic.name.to_string(), it.partition_index), it.error_code);
            }
        }
    }
    let fallback = answer
        .err()
        .unwrap_or(ErrorCode::UnknownServerError)
        .to_wire();
    let code = |topic: &OffsetCommitRequestTopic, index: i32| {
        let key = (topic.topic_id, topic.name.to_string(), index);
        let refused = refused.get(&key).map(|it| it.to_wire());
        let (id, name, _) = key;
        refused
            .or_else(|| codes.get(&(id, index)).copied())
            .or_else(|| codes_by_name.get(&(name, index)).copied())
            .unwrap_or(fallback)
    };
    let topics = asked
        .into_iter()
        .map(|topic| OffsetCommitResponseTopic {
            partitions: topic
                .partitions
                .iter()
                .map(|it| OffsetCommitResponsePartition {
                    partition_index: it.partition_index,
                    error_code: code(&topic, it.partition_index),
                    ..OffsetCommitResponsePartition::default()
                })
                .collect(),
            name: topic.name,
            topic_id: topic.topic_id,
            ..OffsetCommitResponseTopic::default()
        })
        .collect();
    OffsetCommitResponse {
        topics,
        ..OffsetCommitResponse::default()
    }
}
