//! OffsetForLeaderEpoch: where an epoch ends in a leader's log (KIP-320), so that a consumer can
//! tell whether records it has read are still there.
//!
//! In: an epoch. Out: the greatest one not above it, and its end.

use std::sync::Arc;

use broker_replica::RoleKind;
use broker_types::{ErrorCode, LeaderEpoch, PartitionIndex, TopicPartition};
use broker_wire::messages::offset_for_leader_epoch_request::OffsetForLeaderPartition;
use broker_wire::messages::offset_for_leader_epoch_response::{
    EpochEndOffset, OffsetForLeaderTopicResult,
};
use broker_wire::messages::{OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse};
use futures::channel::oneshot;

use super::fetch::check_epoch;
use crate::node::Node;
use crate::partitions::shard_of;
use crate::shard::Command;
use crate::world::World;

pub(super) async fn handle<W: World>(
    node: &Arc<Node<W>>,
    request: OffsetForLeaderEpochRequest,
) -> OffsetForLeaderEpochResponse {
    let mut topics = Vec::new();
    for topic in request.topics {
        let mut partitions = Vec::new();
        for wanted in &topic.partitions {
            let found = find(node, &topic.topic, wanted).await;
            let (error, (epoch, end)) = match found {
                Ok(found) => (ErrorCode::None, found),
                Err(error) => (error, (-1, -1)),
            };
            partitions.push(EpochEndOffset {
                error_code: error.to_wire(),
                partition: wanted.partition,
                leader_epoch: epoch,
                end_offset: end,
                ..EpochEndOffset::default()
            });
        }
        topics.push(OffsetForLeaderTopicResult {
            topic: topic.topic,
            partitions,
            ..OffsetForLeaderTopicResult::default()
        });
    }
    OffsetForLeaderEpochResponse {
        topics,
        ..OffsetForLeaderEpochResponse::default()
    }
}

async fn find<W: World>(
    node: &Arc<Node<W>>,
    topic: &str,
    wanted: &OffsetForLeaderPartition,
) -> Result<(i32, i64), ErrorCode> {
    let image = node.image();
    let topic = image
        .topic(topic)
        .ok_or(ErrorCode::UnknownTopicOrPartition)?;
    let index = PartitionIndex::from_wire(wanted.partition);
    let index = index.filter(|it| topic.partition(*it).is_some());
    let partition = index.ok_or(ErrorCode::UnknownTopicOrPartition)?;
    let id = TopicPartition {
        topic_id: topic.id,
        partition,
    };
    let view = node
        .partitions
        .partition(id)
        .ok_or(ErrorCode::NotLeaderOrFollower)?
        .view();
    if view.role != RoleKind::Leader {
        return Err(ErrorCode::NotLeaderOrFollower);
    }
    check_epoch(
        LeaderEpoch::from_wire(wanted.current_leader_epoch),
        view.leader_epoch,
    )?;
    let Some(epoch) = LeaderEpoch::from_wire(wanted.leader_epoch) else {
        return Ok((-1, -1));
    };
    if Some(epoch) == view.leader_epoch {
        return Ok((epoch.to_wire(), view.log.log_end_offset().to_wire()));
    }
    if Some(epoch) > view.leader_epoch {
        return Ok((-1, -1));
    }
    let (reply, answer) = oneshot::channel();
    let shard = shard_of(id, node.n_shards());
    node.tell_shard(
        shard,
        Command::EpochEnd {
            partition: id,
            leader_epoch: epoch,
            reply,
        },
    );
    let end = answer.await.map_err(|_| ErrorCode::NotLeaderOrFollower)?;
    Ok(end.map_or((-1, -1), |it| (it.epoch.to_wire(), it.end_offset.to_wire())))
}
