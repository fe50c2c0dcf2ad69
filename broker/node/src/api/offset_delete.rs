//! OffsetDelete: offsets of a group are forgotten.
//!
//! In: a group and partitions. Out: an error code for each. Partitions that do not exist are refused
//! here; the rest goes to the coordinator.

use std::collections::BTreeMap;

use broker_coordinator::Response;
use broker_metadata::Image;
use broker_types::{ErrorCode, PartitionIndex};
use broker_wire::Str;
use broker_wire::messages::offset_delete_request::OffsetDeleteRequestTopic;
use broker_wire::messages::offset_delete_response::{
    OffsetDeleteResponsePartition, OffsetDeleteResponseTopic,
};
use broker_wire::messages::{OffsetDeleteRequest, OffsetDeleteResponse};

use super::group_call;
use crate::connection::RequestContext;
use crate::groups::Call;
use crate::node::Node;
use crate::world::World;

pub(super) async fn handle<W: World>(
    node: &Node<W>,
    context: &RequestContext,
    mut request: OffsetDeleteRequest,
) -> OffsetDeleteResponse {
    let refused = split(&mut request.topics, &node.image());
    if request.topics.is_empty() {
        return OffsetDeleteResponse {
            topics: refused,
            ..OffsetDeleteResponse::default()
        };
    }
    let group = request.group_id.clone();
    match group_call::call(node, context, &group, Call::DeleteOffsets(request)).await {
        Ok(Response::OffsetDelete(response)) => merge(response, refused),
        Ok(other) => panic!("a OffsetDelete was answered with {other:?}"),
        Err(error) => OffsetDeleteResponse {
            error_code: error.to_wire(),
            ..Default::default()
        },
    }
}

/// Takes out of `topics` what does not exist, and returns the answer for it.
fn split(
    topics: &mut Vec<OffsetDeleteRequestTopic>,
    image: &Image,
) -> Vec<OffsetDeleteResponseTopic> {
    let mut refused = Vec::new();
    for topic in &mut *topics {
        let found = image.topic(&topic.name);
        let exists = |index: i32| {
            let index = PartitionIndex::from_wire(index);
            found
                .zip(index)
                .is_some_and(|(it, index)| it.partition(index).is_some())
        };
        let partitions = topic.partitions.iter().map(|it| it.partition_index);
        let partitions: Vec<_> = partitions
            .filter(|it| !exists(*it))
            .map(|partition_index| OffsetDeleteResponsePartition {
                partition_index,
                error_code: ErrorCode::UnknownTopicOrPartition.to_wire(),
            })
            .collect();
        if !partitions.is_empty() {
            refused.push(OffsetDeleteResponseTopic {
                name: topic.name.clone(),
                partitions,
            });
        }
        topic.partitions.retain(|it| exists(it.partition_index));
    }
    topics.retain(|it| !it.partitions.is_empty());
    refused
}

/// One answer; an error of the whole group counts more than what does not exist.
fn merge(
    mut response: OffsetDeleteResponse,
    refused: Vec<OffsetDeleteResponseTopic>,
) -> OffsetDeleteResponse {
    if response.error_code != 0 {
        return response;
    }
    let mut refused: BTreeMap<Str, Vec<_>> = refused
        .into_iter()
        .map(|it| (it.name, it.partitions))
        .collect();
    for topic in &mut response.topics {
        topic
            .partitions
            .extend(refused.remove(&topic.name).into_iter().flatten());
    }
    response.topics.extend(
        refused
            .into_iter()
            .map(|(name, partitions)| OffsetDeleteResponseTopic { name, partitions }),
    );
    response
}
