//! OffsetFetch: how far groups have read.
//!
//! In: one group, or since version 8 many, each with partitions or all. Out: committed offsets.
//! Topics are named by id since version 10: they are resolved here, both ways.

use broker_coordinator::{offset_fetch_groups, offset_fetch_response, refused_offset_fetch};
use broker_metadata::Image;
use broker_types::{ErrorCode, TopicId};
use broker_wire::messages::offset_fetch_request::OffsetFetchRequestGroup;
use broker_wire::messages::offset_fetch_response::{
    OffsetFetchResponseGroup, OffsetFetchResponsePartitions, OffsetFetchResponseTopics,
};
use broker_wire::messages::{OffsetFetchRequest, OffsetFetchResponse};

use super::group_call;
use crate::connection::RequestContext;
use crate::groups::Query;
use crate::node::Node;
use crate::world::World;

/// First version that names topics by id.
const IDS_FROM: i16 = 10;

pub(super) async fn handle<W: World>(
    node: &Node<W>,
    context: &RequestContext,
    request: OffsetFetchRequest,
) -> OffsetFetchResponse {
    let version = context.api_version;
    let image = node.image();
    let mut answers = Vec::new();
    for mut group in offset_fetch_groups(version, request) {
        let unknown = if version >= IDS_FROM {
            resolve(&mut group, &image)
        } else {
            Vec::new()
        };
        let mut answer = fetch(node, group).await;
        if version >= IDS_FROM {
            name(&mut answer, &image);
        }
        answer.topics.extend(unknown);
        answers.push(answer);
    }
    offset_fetch_response(version, answers)
}

async fn fetch<W: World>(
    node: &Node<W>,
    group: OffsetFetchRequestGroup,
) -> OffsetFetchResponseGroup {
    let asked = group.clone();
    let answered = async {
        let partition = node.group_partition(&asked.group_id)?;
        group_call::query(node, partition, |reply| Query::Offsets(group, reply)).await
    };
    answered
        .await
        .unwrap_or_else(|error: ErrorCode| refused_offset_fetch(&asked, error))
}

/// Gives the topics their names, and takes out those that do not exist: their answer.
fn resolve(group: &mut OffsetFetchRequestGroup, image: &Image) -> Vec<OffsetFetchResponseTopics> {
    let mut unknown = Vec::new();
    let Some(topics) = &mut group.topics else {
        return unknown;
    };
    topics.retain_mut(|topic| {
        let id = TopicId::from_wire(topic.topic_id);
        if let Some(found) = id.and_then(|it| image.topic_by_id(it)) {
            topic.name = found.name.clone();
            return true;
        }
        let partition = |index: &i32| OffsetFetchResponsePartitions {
            partition_index: *index,
            committed_offset: -1,
            error_code: ErrorCode::UnknownTopicId.to_wire(),
            ..OffsetFetchResponsePartitions::default()
        };
        unknown.push(OffsetFetchResponseTopics {
            topic_id: topic.topic_id,
            partitions: topic.partition_indexes.iter().map(partition).collect(),
            ..OffsetFetchResponseTopics::default()
        });
        false
    });
    unknown
}

/// Gives the topics of an answer their ids; those that exist no more are left out.
fn name(answer: &mut OffsetFetchResponseGroup, image: &Image) {
    answer.topics.retain_mut(|topic| {
        let Some(found) = image.topic(&topic.name) else {
            return false;
        };
        topic.topic_id = found.id.to_bytes();
        true
    });
}
