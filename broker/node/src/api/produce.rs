//! Produce: batches for partitions that this broker leads.
//!
//! In: one batch for each partition. Out: where each lies, once it is as safe as its producer wants
//! it. Never here: the batches' contents; the log checks those.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use broker_log::{AppendError, Origin, Refusal as LogRefusal, RefusedRecord, SequenceError};
use broker_metadata::Image;
use broker_replica::{Acks, Outcome, Refusal};
use broker_types::{ErrorCode, PartitionIndex, TopicId, TopicPartition};
use broker_wire::messages::produce_request::{PartitionProduceData, TopicProduceData};
use broker_wire::messages::produce_response::{
    BatchIndexAndErrorMessage, LeaderIdAndEpoch, NodeEndpoint, PartitionProduceResponse,
    TopicProduceResponse,
};
use broker_wire::messages::{ProduceRequest, ProduceResponse};
use broker_wire::record_batch::BatchHeader;
use broker_wire::{Records, Str};
use bytes::Bytes;
use futures::channel::oneshot;

use super::leader_hints::LeaderHints;
use super::topic_names;
use crate::connection::{Handled, RequestContext};
use crate::node::Node;
use crate::partitions::shard_of;
use crate::reachable::Reachable;
use crate::shard::{Append, AppendFailure, Appended, Command};
use crate::world::{BoxFuture, FileOf, World};

/// First version that names topics by id.
const IDS_FROM: i16 = 13;
/// First version that may carry zstd (KIP-110).
const ZSTD_FROM: i16 = 7;
/// First version that tells where the leader is (KIP-951).
const LEADER_HINTS_FROM: i16 = 10;
/// Who may write to the brokers' own topics.
const ADMIN_CLIENT: &str = "__admin_client";
/// What is said of a batch behind a refused one.
const BEHIND: &str = "what its producer sent before was refused for now, and must come first";
/// Said to a client whose records have no room.
const DISK_FULL: &str = "the leader's disk is almost full: it takes no records until there is room";
/// Longest time that a request may wait.
const TIMEOUT_MAX: Duration = Duration::from_secs(300);

/// What becomes of one partition of a request.
enum Part {
    /// Waits for its shard: which, and its place in what the shard was handed.
    Waiting {
        shard: usize,
        place: usize,
    },
    Refused(ErrorCode, Option<&'static str>),
}

type Answers = BTreeMap<usize, oneshot::Receiver<Vec<Result<Appended, AppendFailure>>>>;

/// Hands the batches to their shards, now; the future waits for the answers.
pub(crate) fn start<W: World>(
    node: &Arc<Node<W>>,
    context: &RequestContext,
    request: ProduceRequest,
) -> BoxFuture<Handled<FileOf<W>>> {
    let image = node.image();
    let acks = match request.acks {
        0 => Ok(Acks::None),
        1 => Ok(Acks::Leader),
        -1 => Ok(Acks::All),
        _ => Err(ErrorCode::InvalidRequiredAcks),
    };
    let timeout = u64::try_from(request.timeout_ms).map_or(Duration::ZERO, Duration::from_millis);
    let deadline = context.received_at + timeout.min(TIMEOUT_MAX);
    let is_transactional = request.transactional_id.is_some();
    let mut by_shard: BTreeMap<usize, Vec<Append>> = BTreeMap::new();
    let mut topics = Vec::new();
    for topic in request.topic_data {
        let found = resolve(&image, context, &topic);
        let mut parts = Vec::new();
        for data in topic.partition_data {
            let index = data.index;
            let checked = match (acks, found) {
                (Err(error), _) | (_, Err(error)) => Err((error, None)),
                (Ok(acks), Ok(id)) => check(context, is_transactional, id, data, &image)
                    .map(|(partition, batch)| (partition, batch, acks)),
            };
            let part = match checked {
                Err((error, message)) => Part::Refused(error, message),
                Ok((partition, batch, acks)) => {
                    let shard = shard_of(partition, node.n_shards());
                    let appends = by_shard.entry(shard).or_default();
                    let place = appends.len();
                    let origin = Origin::Client;
                    appends.push(Append {
                        partition,
                        batch,
                        acks,
                        origin,
                        deadline,
                    });
                    Part::Waiting { shard, place }
                }
            };
            parts.push((index, part));
        }
        topics.push((topic.name, topic.topic_id, parts));
    }
    let mut answers: Answers = BTreeMap::new();
    for (shard, appends) in by_shard {
        let (reply, answer) = oneshot::channel();
        node.tell_shard(shard, Command::Append { appends, reply });
        answers.insert(shard, answer);
    }
    let (node, context) = (Arc::clone(node), context.clone());
    let is_silent = request.acks == 0;
    Box::pin(async move { finish(&node, &context, topics, answers, is_silent).await })
}

fn resolve(
    image: &Image,
    context: &RequestContext,
    topic: &TopicProduceData,
) -> Result<TopicId, ErrorCode> {
    let found = if context.api_version >= IDS_FROM {
        let id = TopicId::from_wire(topic.topic_id);
        id.and_then(|it| image.topic_by_id(it))
            .ok_or(ErrorCode::UnknownTopicId)?
    } else {
        image
            .topic(&topic.name)
            .ok_or(ErrorCode::UnknownTopicOrPartition)?
    };
    let is_admin = context.client_id.as_deref() == Some(ADMIN_CLIENT);
    if topic_names::is_internal(&found.name) && !is_admin {
        return Err(ErrorCode::InvalidTopicException);
    }
    Ok(found.id)
}

type Refused = (ErrorCode, Option<&'static str>);

/// What can be said of a partition's data before its shard sees it.
fn check(
    context: &RequestContext,
    is_transactional: bool,
    topic_id: TopicId,
    data: PartitionProduceData,
    image: &Image,
) -> Result<(TopicPartition, Bytes), Refused> {
    let index = PartitionIndex::from_wire(data.index);
    let partition = index.ok_or((ErrorCode::UnknownTopicOrPartition, None))?;
    let id = TopicPartition {
        topic_id,
        partition,
    };
    if image.partition(id).is_none() {
        return Err((ErrorCode::UnknownTopicOrPartition, None));
    }
    let batch = match data.records {
        Some(Records::Bytes(bytes)) if !bytes.is_empty() => bytes,
        Some(_) | None => {
            return Err((
                ErrorCode::InvalidRecord,
                Some("a partition without a record batch"),
            ));
        }
    };
    if let Ok(header) = BatchHeader::parse(&batch) {
        if is_transactional || header.is_transactional() {
            let message = "transactions are not supported by this version of the broker";
            return Err((ErrorCode::InvalidTxnState, Some(message)));
        }
        let is_zstd = header.compression() == broker_wire::compression::Compression::Zstd;
        if is_zstd && context.api_version < ZSTD_FROM {
            return Err((ErrorCode::UnsupportedCompressionType, None));
        }
    }
    Ok((id, batch))
}

/// A topic's name and id, and what became of its partitions so far.
type TopicParts = (Str, [u8; 16], Vec<(i32, Part)>);

async fn finish<W: World>(
    node: &Node<W>,
    context: &RequestContext,
    topics: Vec<TopicParts>,
    answers: Answers,
    is_silent: bool,
) -> Handled<FileOf<W>> {
    let mut results = BTreeMap::new();
    for (shard, answer) in answers {
        for (place, result) in answer.await.unwrap_or_default().into_iter().enumerate() {
            results.insert((shard, place), result);
        }
    }
    let mut response = ProduceResponse::default();
    let mut has_failed = false;
    let mut has_moved = false;
    for (name, topic_id, parts) in topics {
        let mut partitions = Vec::new();
        for (index, part) in parts {
            let answered = match part {
                Part::Refused(error, message) => refused(index, error, message.map(Str::from)),
                Part::Waiting { shard, place } => match results.remove(&(shard, place)) {
                    Some(Ok(appended)) => accepted(index, &appended),
                    Some(Err(failure)) => failed(index, &failure),
                    None => failed(index, &AppendFailure::Closing),
                },
            };
            has_failed |= answered.error_code != 0;
            has_moved |= answered.error_code == ErrorCode::NotLeaderOrFollower.to_wire();
            partitions.push(answered);
        }
        response.responses.push(TopicProduceResponse {
            name,
            topic_id,
            partition_responses: partitions,
            ..TopicProduceResponse::default()
        });
    }
    if is_silent {
        // All that the protocol allows where no answer is wanted: the client notices and asks anew.
        return if has_failed {
            Handled::Close("a produce request with acks=0 failed".to_owned())
        } else {
            Handled::Silence
        };
    }
    if has_moved && context.api_version >= LEADER_HINTS_FROM {
        tell_leaders(node, context, &mut response);
    }
    response.into()
}

/// Where the partitions went that this broker does not lead.
fn tell_leaders<W: World>(
    node: &Node<W>,
    context: &RequestContext,
    response: &mut ProduceResponse,
) {
    let image = node.image();
    let mut hints = LeaderHints::new(&image, &context.listener);
    for topic in &mut response.responses {
        let Some(found) = hints.topic(topic.topic_id, &topic.name) else {
            continue;
        };
        for it in &mut topic.partition_responses {
            if it.error_code != ErrorCode::NotLeaderOrFollower.to_wire() {
                continue;
            }
            if let Some((leader, leader_epoch)) = hints.leader(found, it.index) {
                it.current_leader = LeaderIdAndEpoch {
                    leader_id: leader.to_wire(),
                    leader_epoch: leader_epoch.to_wire(),
                    ..LeaderIdAndEpoch::default()
                };
            }
        }
    }
    response.node_endpoints = hints.into_endpoints().map(endpoint).collect();
}

fn endpoint(broker: Reachable) -> NodeEndpoint {
    NodeEndpoint {
        node_id: broker.id.to_wire(),
        host: broker.host,
        port: i32::from(broker.port),
        rack: broker.rack,
        ..NodeEndpoint::default()
    }
}

fn accepted(index: i32, appended: &Appended) -> PartitionProduceResponse {
    PartitionProduceResponse {
        index,
        base_offset: appended.base_offset.to_wire(),
        log_append_time_ms: appended.log_append_time.map_or(-1, |it| it.as_millis()),
        log_start_offset: appended.log_start_offset.to_wire(),
        ..PartitionProduceResponse::default()
    }
}

fn refused(index: i32, error: ErrorCode, message: Option<Str>) -> PartitionProduceResponse {
    PartitionProduceResponse {
        index,
        error_code: error.to_wire(),
        base_offset: -1,
        error_message: message,
        ..PartitionProduceResponse::default()
    }
}

fn failed(index: i32, failure: &AppendFailure) -> PartitionProduceResponse {
    let mut response = refused(index, error_code(failure), None);
    match failure {
        AppendFailure::Log(error) => {
            response.error_message = Some(error.to_string().into());
            response.record_errors = record_errors(error);
        }
        AppendFailure::DiskFull => response.error_message = Some(DISK_FULL.into()),
        AppendFailure::Behind => response.error_message = Some(BEHIND.into()),
        AppendFailure::NoReplica
        | AppendFailure::Closing
        | AppendFailure::Replica(_)
        | AppendFailure::Undecided(_) => {}
    }
    response
}

fn record_errors(error: &AppendError) -> Vec<BatchIndexAndErrorMessage> {
    let records: &[RefusedRecord] = match error {
        AppendError::Refused(
            LogRefusal::InvalidRecords { records } | LogRefusal::InvalidTimestamp { records },
        ) => records,
        AppendError::Refused(_)
        | AppendError::Sequence(_)
        | AppendError::Damaged { .. }
        | AppendError::UnexpectedOffset { .. }
        | AppendError::StaleEpoch { .. }
        | AppendError::Log(_) => &[],
    };
    records
        .iter()
        .map(|it| BatchIndexAndErrorMessage {
            batch_index: i32::try_from(it.batch_index).unwrap_or(i32::MAX),
            batch_index_error_message: Some(it.message.as_str().into()),
            ..BatchIndexAndErrorMessage::default()
        })
        .collect()
}

/// The error code of a batch that is not known to be safe.
pub(crate) fn error_code(failure: &AppendFailure) -> ErrorCode {
    match failure {
        AppendFailure::NoReplica | AppendFailure::Closing => ErrorCode::NotLeaderOrFollower,
        AppendFailure::Replica(refusal) => replica_code(refusal),
        AppendFailure::Undecided(Outcome::NotLeader | Outcome::Committed) => {
            ErrorCode::NotLeaderOrFollower
        }
        AppendFailure::Undecided(Outcome::NotEnoughReplicasAfterAppend) => {
            ErrorCode::NotEnoughReplicasAfterAppend
        }
        AppendFailure::Undecided(Outcome::TimedOut) => ErrorCode::RequestTimedOut,
        AppendFailure::Log(error) => log_code(error),
        // What Kafka answers when it cannot write: nothing was appended, and clients look up the leader
        // and try again, with the same sequence, until their delivery timeout.
        AppendFailure::DiskFull => ErrorCode::KafkaStorageError,
        // Nothing was appended, and every client tries again, in the order of the sequences.
        AppendFailure::Behind => ErrorCode::NotEnoughReplicas,
    }
}

fn log_code(error: &AppendError) -> ErrorCode {
    match error {
        AppendError::Refused(refusal) => match refusal {
            LogRefusal::InvalidBatch { .. } | LogRefusal::InvalidRecords { .. } => {
                ErrorCode::InvalidRecord
            }
            LogRefusal::InvalidTimestamp { .. } => ErrorCode::InvalidTimestamp,
            LogRefusal::Corrupt(_) | LogRefusal::Decompress(_) => ErrorCode::CorruptMessage,
            LogRefusal::TooLarge { .. } | LogRefusal::TooLargeDecompressed(_) => {
                ErrorCode::MessageTooLarge
            }
            LogRefusal::LargerThanSegment { .. } => ErrorCode::RecordListTooLarge,
            LogRefusal::Recompress(_) => ErrorCode::UnknownServerError,
        },
        AppendError::Sequence(error) => match error {
            SequenceError::OutOfOrder { .. } => ErrorCode::OutOfOrderSequenceNumber,
            SequenceError::Fenced { .. } => ErrorCode::InvalidProducerEpoch,
        },
        AppendError::Damaged { .. }
        | AppendError::UnexpectedOffset { .. }
        | AppendError::StaleEpoch { .. } => ErrorCode::UnknownServerError,
        AppendError::Log(_) => ErrorCode::KafkaStorageError,
    }
}

/// The error code of what a replica refuses.
pub(crate) fn replica_code(refusal: &Refusal) -> ErrorCode {
    match refusal {
        Refusal::NotLeader | Refusal::SelfFenced => ErrorCode::NotLeaderOrFollower,
        Refusal::NotEnoughReplicas { .. } => ErrorCode::NotEnoughReplicas,
        Refusal::FencedLeaderEpoch { .. } => ErrorCode::FencedLeaderEpoch,
        Refusal::UnknownLeaderEpoch { .. } => ErrorCode::UnknownLeaderEpoch,
        Refusal::UnknownReplica { .. } => ErrorCode::UnknownTopicOrPartition,
        Refusal::StaleBrokerEpoch { .. } => ErrorCode::StaleBrokerEpoch,
        Refusal::OffsetOutOfRange { .. } => ErrorCode::OffsetOutOfRange,
        Refusal::OffsetNotAvailable => ErrorCode::OffsetNotAvailable,
    }
}
