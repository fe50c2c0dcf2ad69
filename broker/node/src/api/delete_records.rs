//! DeleteRecords: records below an offset are no longer readable.
//!
//! In: an offset for each partition, or -1 for the high watermark. Out: where each log begins now.

use std::sync::Arc;

use broker_log::LogConfig;
use broker_types::{ErrorCode, Offset, PartitionIndex, TopicPartition};
use broker_wire::messages::delete_records_response::{
    DeleteRecordsPartitionResult, DeleteRecordsTopicResult,
};
use broker_wire::messages::{DeleteRecordsRequest, DeleteRecordsResponse};
use futures::channel::oneshot;

use super::{produce, topic_names};
use crate::configs;
use crate::node::Node;
use crate::partitions::shard_of;
use crate::shard::Command;
use crate::world::World;

/// Stands for the high watermark.
const HIGH_WATERMARK: i64 = -1;

pub(super) async fn handle<W: World>(
    node: &Arc<Node<W>>,
    request: DeleteRecordsRequest,
) -> DeleteRecordsResponse {
    let mut topics = Vec::new();
    for topic in request.topics {
        let mut partitions = Vec::new();
        for wanted in &topic.partitions {
            let deleted = delete(node, &topic.name, wanted.partition_index, wanted.offset).await;
            let (error, low_watermark) = match deleted {
                Ok(start) => (ErrorCode::None, start.to_wire()),
                Err(error) => (error, -1),
            };
            partitions.push(DeleteRecordsPartitionResult {
                partition_index: wanted.partition_index,
                low_watermark,
                error_code: error.to_wire(),
                ..DeleteRecordsPartitionResult::default()
            });
        }
        topics.push(DeleteRecordsTopicResult {
            name: topic.name,
            partitions,
            ..DeleteRecordsTopicResult::default()
        });
    }
    DeleteRecordsResponse {
        topics,
        ..DeleteRecordsResponse::default()
    }
}

async fn delete<W: World>(
    node: &Arc<Node<W>>,
    topic: &str,
    index: i32,
    offset: i64,
) -> Result<Offset, ErrorCode> {
    let image = node.image();
    let topic = image
        .topic(topic)
        .ok_or(ErrorCode::UnknownTopicOrPartition)?;
    if topic_names::is_internal(&topic.name) {
        return Err(ErrorCode::InvalidTopicException);
    }
    let config: LogConfig = configs::log_config(&image, &topic.name, node.config.broker_id);
    if config.cleanup_policy.compact && !config.cleanup_policy.delete {
        return Err(ErrorCode::PolicyViolation);
    }
    let index = PartitionIndex::from_wire(index).filter(|it| topic.partition(*it).is_some());
    let partition = index.ok_or(ErrorCode::UnknownTopicOrPartition)?;
    let id = TopicPartition {
        topic_id: topic.id,
        partition,
    };
    let to = match (offset, Offset::from_wire(offset)) {
        (HIGH_WATERMARK, _) => None,
        (_, Some(offset)) => Some(offset),
        (_, None) => return Err(ErrorCode::OffsetOutOfRange),
    };
    let (reply, answer) = oneshot::channel();
    node.tell_shard(
        shard_of(id, node.n_shards()),
        Command::DeleteRecords {
            partition: id,
            to,
            reply,
        },
    );
    let deleted = answer.await.map_err(|_| ErrorCode::NotLeaderOrFollower)?;
    deleted.map_err(|failure| produce::error_code(&failure))
}
