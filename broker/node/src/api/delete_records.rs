//! DeleteRecords: records below an offset are no longer readable.
//!
//! In: an offset for each partition, or -1 for the high watermark. Out: where each log begins now, at
//! every replica that lives.

use std::sync::Arc;
use std::time::Duration;

use broker_log::LogConfig;
use broker_types::{ErrorCode, Monotonic, Offset, PartitionIndex, TopicPartition};
use broker_wire::messages::delete_records_response::{
    DeleteRecordsPartitionResult, DeleteRecordsTopicResult,
};
use broker_wire::messages::{DeleteRecordsRequest, DeleteRecordsResponse};
use futures::channel::oneshot;

use super::{produce, topic_names};
use crate::configs;
use crate::node::Node;
use crate::partitions::shard_of;
use crate::shard::{Command, Deleted, DeletionFailure};
use crate::world::World;

/// Stands for the high watermark.
const HIGH_WATERMARK: i64 = -1;
/// Longest wait for other replicas, whatever was asked for.
const WAIT_MAX: Duration = Duration::from_secs(60);

pub(super) async fn handle<W: World>(
    node: &Arc<Node<W>>,
    request: DeleteRecordsRequest,
) -> DeleteRecordsResponse {
    let wait = u64::try_from(request.timeout_ms).map_or(Duration::ZERO, Duration::from_millis);
    let deadline = node.world.now() + wait.min(WAIT_MAX);
    // All are begun before the first is waited for.
    let begun: Vec<_> = request
        .topics
        .into_iter()
        .map(|topic| {
            let partitions = topic.partitions.iter();
            let begun = partitions.map(|it| {
                let begun = begin(node, &topic.name, it.partition_index, it.offset, deadline);
                (it.partition_index, begun)
            });
            let begun: Vec<_> = begun.collect();
            (topic.name, begun)
        })
        .collect();
    let mut topics = Vec::new();
    for (name, begun) in begun {
        let mut partitions = Vec::new();
        for (partition_index, begun) in begun {
            let deleted = match begun {
                Ok(answer) => deleted(answer.await),
                Err(error) => Err(error),
            };
            let (error, low_watermark) = match deleted {
                Ok(start) => (ErrorCode::None, start.to_wire()),
                Err(error) => (error, -1),
            };
            partitions.push(DeleteRecordsPartitionResult {
                partition_index,
                low_watermark,
                error_code: error.to_wire(),
                ..DeleteRecordsPartitionResult::default()
            });
        }
        topics.push(DeleteRecordsTopicResult {
            name,
            partitions,
            ..DeleteRecordsTopicResult::default()
        });
    }
    DeleteRecordsResponse {
        topics,
        ..DeleteRecordsResponse::default()
    }
}

/// Hands a deletion to its shard.
fn begin<W: World>(
    node: &Arc<Node<W>>,
    topic: &str,
    index: i32,
    offset: i64,
    deadline: Monotonic,
) -> Result<oneshot::Receiver<Deleted>, ErrorCode> {
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
            deadline,
            reply,
        },
    );
    Ok(answer)
}

fn deleted(answer: Result<Deleted, oneshot::Canceled>) -> Result<Offset, ErrorCode> {
    match answer {
        Ok(Ok(low_watermark)) => Ok(low_watermark),
        Ok(Err(DeletionFailure::Refused(failure))) => Err(produce::error_code(&failure)),
        Ok(Err(DeletionFailure::TimedOut)) => Err(ErrorCode::RequestTimedOut),
        Err(oneshot::Canceled) => Err(ErrorCode::NotLeaderOrFollower),
    }
}
