//! Fetch: records for consumers below the high watermark, for followers up to the end of the log.
//!
//! In: positions in partitions, how much and how long to wait. Out: ranges of files, sent as they
//! are; epochs where logs part; who is nearer to a consumer. Consumers never enter a shard; followers do, for their position
//! counts.

mod followers;
mod nearby;
mod read;

use std::sync::Arc;
use std::time::Duration;

use broker_log::ReadSlice;
use broker_metadata::Image;
use broker_replica::{FollowerFetch, Served};
use broker_types::{
    BrokerEpoch, BrokerId, ErrorCode, LeaderEpoch, Offset, PartitionIndex, TopicId, TopicPartition,
};
use broker_wire::messages::fetch_request::{FetchPartition, FetchTopic};
use broker_wire::messages::fetch_response::{
    FetchableTopicResponse, LeaderIdAndEpoch, NodeEndpoint, PartitionData,
};
use broker_wire::messages::{FetchRequest, FetchResponse};
use broker_wire::{Records, Request, Response};

use super::leader_hints::LeaderHints;
use crate::connection::{FileRange, Handled, Listener, RequestContext};
use crate::fetch_sessions::{Answered, PartitionKey, SessionRequest, TopicKey, Wanted};
use crate::follower_sessions::is_of_session;
use crate::node::Node;
use crate::quorum::messages::is_about_metadata;
use crate::race::race;
use crate::waiter::Waiter;
use crate::world::{FileOf, World};
use nearby::Nearby;
pub(super) use read::check_epoch;
use read::{Fetch, Reader};

/// First version that names topics by id.
const IDS_FROM: i16 = 13;
/// First version whose clients say their rack, and may read from followers (KIP-392).
const RACKS_FROM: i16 = 11;
/// First version that tells where the leader is (KIP-951).
const LEADER_HINTS_FROM: i16 = 16;
/// Most bytes of one answer, whatever was asked for (`fetch.max.bytes`).
const BYTES_MAX: i32 = 57_671_680;
/// Longest wait, whatever was asked for.
const WAIT_MAX: Duration = Duration::from_secs(60);

pub(super) async fn handle<W: World>(
    node: &Arc<Node<W>>,
    context: &RequestContext,
    request: FetchRequest,
) -> Handled<FileOf<W>> {
    let is_replica = request.replica_id >= 0 || request.replica_state.replica_id >= 0;
    if is_replica && context.listener != Listener::Replication {
        return Handled::Close("a fetch of a replica on a listener for clients".to_owned());
    }
    if is_about_metadata(&request) {
        return super::envelope::ask_quorum(node, Request::Fetch(request)).await;
    }
    let by_id = context.api_version >= IDS_FROM;
    let wait = u64::try_from(request.max_wait_ms).map_or(Duration::ZERO, Duration::from_millis);
    let deadline = context.received_at + wait.min(WAIT_MAX);
    let replica = is_replica.then(|| replica(&request)).flatten();
    // A broker that is not registered has no place to remember what it fetches.
    let known = replica.filter(|(id, _)| node.image().broker(*id).is_some());
    if let Some(known) = known
        && by_id
        && is_of_session(request.session_epoch)
    {
        return followers::handle(node, known, request, deadline).await;
    }
    let begun = node.with_sessions(|it| it.begin(session(&request, by_id), node.world.now()));
    let begun = match begun {
        Ok(begun) => begun,
        Err(error) => return error_response(error),
    };
    let max_bytes = request.max_bytes.clamp(0, BYTES_MAX);
    let nearby = if is_replica {
        None
    } else {
        let (image, me) = (node.image(), node.config.broker_id);
        Nearby::new(&image, me, &context.listener, &request.rack_id)
    };
    let fetch = Fetch {
        replica,
        may_follow: context.api_version >= RACKS_FROM,
        nearby,
        // More than fits the answer never comes together.
        min_bytes: request.min_bytes.min(max_bytes),
        max_bytes,
        wanted: begun.wanted,
    };
    let read = read_until(node, &fetch, deadline).await;
    let answered: Vec<(PartitionKey, Answered)> = read
        .iter()
        .map(|it| (it.key.clone(), it.answered()))
        .collect();
    let (now, random) = (node.world.now(), node.world.random());
    let (session_id, carried) =
        node.with_sessions(|it| it.finish(begun.context, &answered, now, random));
    let read = read
        .into_iter()
        .zip(carried)
        .filter(|(_, is_carried)| *is_carried);
    let (mut response, files) = respond(session_id, read.map(|(it, _)| it).collect(), by_id);
    if context.api_version >= LEADER_HINTS_FROM {
        tell_leaders(&node.image(), &context.listener, &mut response);
    }
    Handled::WithFiles {
        response: Response::Fetch(response),
        files,
    }
}

/// Whether there are as many bytes as are wanted, or no more by waiting.
fn is_enough<W: World>(read: &[read::Partition<W>], fetch: &Fetch) -> bool {
    let n_bytes: u64 = read.iter().map(|it| u64::from(it.length())).sum();
    // What there is beyond a slice comes with the next fetch, and not by waiting.
    i64::try_from(n_bytes).unwrap_or(i64::MAX) >= i64::from(fetch.min_bytes)
        || read.iter().any(|it| it.has_more)
}

/// An answer that says nothing but an error.
fn error_response<F>(error: ErrorCode) -> Handled<F> {
    FetchResponse {
        error_code: error.to_wire(),
        ..FetchResponse::default()
    }
    .into()
}

/// What a request says of its session.
fn session(request: &FetchRequest, by_id: bool) -> SessionRequest {
    SessionRequest {
        session_id: request.session_id,
        session_epoch: request.session_epoch,
        uses_ids: by_id,
        wanted: request
            .topics
            .iter()
            .flat_map(|it| wanted(it, by_id))
            .collect(),
        forgotten: request
            .forgotten_topics_data
            .iter()
            .flat_map(|topic| {
                let key = key(&topic.topic, topic.topic_id, by_id);
                let partitions = topic.partitions.iter();
                partitions.filter_map(move |it| partition_key(key.clone(), *it))
            })
            .collect(),
    }
}

fn replica(request: &FetchRequest) -> Option<(BrokerId, BrokerEpoch)> {
    let state = &request.replica_state;
    let id = BrokerId::from_wire(state.replica_id.max(request.replica_id))?;
    Some((id, BrokerEpoch::from_wire(state.replica_epoch)?))
}

fn key(name: &str, id: [u8; 16], by_id: bool) -> TopicKey {
    if by_id {
        TopicKey::Id(TopicId::from_bytes(id))
    } else {
        TopicKey::Name(name.into())
    }
}

fn partition_key(topic: TopicKey, index: i32) -> Option<PartitionKey> {
    Some(PartitionKey {
        topic,
        partition: PartitionIndex::from_wire(index)?,
    })
}

fn wanted(topic: &FetchTopic, by_id: bool) -> Vec<(PartitionKey, Wanted)> {
    let key = key(&topic.topic, topic.topic_id, by_id);
    let wanted = |it: &FetchPartition| Wanted {
        current_leader_epoch: it.current_leader_epoch,
        fetch_offset: it.fetch_offset,
        last_fetched_epoch: it.last_fetched_epoch,
        log_start_offset: it.log_start_offset,
        partition_max_bytes: it.partition_max_bytes,
        high_watermark: it.high_watermark,
    };
    let partitions = topic.partitions.iter();
    partitions
        .filter_map(|it| Some((partition_key(key.clone(), it.partition)?, wanted(it))))
        .collect()
}

/// Reads until there is enough, or something to say, or the time is up.
async fn read_until<W: World>(
    node: &Arc<Node<W>>,
    fetch: &Fetch,
    deadline: broker_types::Monotonic,
) -> Vec<read::Partition<W>> {
    let waiter = Arc::new(Waiter::default());
    loop {
        let reader = Reader { node, fetch };
        let read = reader.read().await;
        let has_word = read.iter().any(read::Partition::must_be_told);
        if is_enough(&read, fetch) || has_word || node.world.now() >= deadline {
            read::record(node, &read);
            return read;
        }
        reader.watch(&read, &waiter);
        race(waiter.woken(), node.world.sleep_until(deadline)).await;
    }
}

fn respond<W: World>(
    session_id: i32,
    read: Vec<read::Partition<W>>,
    by_id: bool,
) -> (FetchResponse, Vec<FileRange<FileOf<W>>>) {
    let mut files = Vec::new();
    let mut responses: Vec<FetchableTopicResponse> = Vec::new();
    for partition in read {
        let (topic, topic_id) = match &partition.key.topic {
            TopicKey::Id(id) => ("".into(), id.to_bytes()),
            TopicKey::Name(name) => (name.to_string().into(), [0; 16]),
        };
        let mut data = partition.data;
        data.records = Some(match partition.slice {
            None => Records::default(),
            Some(ReadSlice {
                file,
                position,
                length,
                ..
            }) => {
                let token = u32::try_from(files.len()).unwrap_or(u32::MAX);
                files.push(FileRange {
                    file,
                    position,
                    length,
                });
                Records::Deferred { token, length }
            }
        });
        let is_same = |it: &&mut FetchableTopicResponse| {
            if by_id {
                it.topic_id == topic_id
            } else {
                it.topic == topic
            }
        };
        match responses.last_mut().filter(is_same) {
            Some(last) => last.partitions.push(data),
            None => responses.push(FetchableTopicResponse {
                topic,
                topic_id,
                partitions: vec![data],
                ..FetchableTopicResponse::default()
            }),
        }
    }
    let response = FetchResponse {
        session_id,
        responses,
        ..FetchResponse::default()
    };
    (response, files)
}

/// Where the partitions went that this broker does not lead, or not as its client believes.
fn tell_leaders(image: &Image, listener: &Listener, response: &mut FetchResponse) {
    let codes = [ErrorCode::NotLeaderOrFollower, ErrorCode::FencedLeaderEpoch];
    let is_elsewhere =
        |it: &PartitionData| codes.iter().any(|code| code.to_wire() == it.error_code);
    let mut topics = response.responses.iter().flat_map(|it| &it.partitions);
    if !topics.any(is_elsewhere) {
        return;
    }
    let mut hints = LeaderHints::new(image, listener);
    for topic in &mut response.responses {
        let Some(found) = hints.topic(topic.topic_id, &topic.topic) else {
            continue;
        };
        for it in topic.partitions.iter_mut().filter(|it| is_elsewhere(it)) {
            if let Some((leader, leader_epoch)) = hints.leader(found, it.partition_index) {
                it.current_leader = LeaderIdAndEpoch {
                    leader_id: leader.to_wire(),
                    leader_epoch: leader_epoch.to_wire(),
                    ..LeaderIdAndEpoch::default()
                };
            }
        }
    }
    let endpoints = hints.into_endpoints().map(|it| NodeEndpoint {
        node_id: it.id.to_wire(),
        host: it.host,
        port: i32::from(it.port),
        rack: it.rack,
        ..NodeEndpoint::default()
    });
    response.node_endpoints = endpoints.collect();
}

/// What a follower asks of one partition.
fn follower_fetch(replica: (BrokerId, BrokerEpoch), wanted: &Wanted) -> Option<FollowerFetch> {
    let (broker, broker_epoch) = replica;
    Some(FollowerFetch {
        broker,
        broker_epoch,
        leader_epoch: LeaderEpoch::from_wire(wanted.current_leader_epoch)?,
        fetch_offset: Offset::from_wire(wanted.fetch_offset)?,
        log_start_offset: Offset::from_wire(wanted.log_start_offset).unwrap_or_default(),
        last_fetched_epoch: LeaderEpoch::from_wire(wanted.last_fetched_epoch),
        epoch_end: None,
    })
}

/// An answer for a partition that has nothing but an error.
fn error_data(partition: PartitionIndex, error: ErrorCode) -> PartitionData {
    PartitionData {
        partition_index: partition.to_wire(),
        error_code: error.to_wire(),
        high_watermark: -1,
        last_stable_offset: -1,
        log_start_offset: -1,
        aborted_transactions: None,
        ..PartitionData::default()
    }
}

/// Where the logs of a leader and a follower part.
fn diverging(served: &Served) -> Option<(LeaderEpoch, Offset)> {
    match served {
        Served::Diverging(end) => Some((end.leader_epoch, end.end_offset)),
        Served::Records => None,
    }
}

/// Identity of a partition whose topic exists.
fn id_of(topic_id: TopicId, partition: PartitionIndex) -> TopicPartition {
    TopicPartition {
        topic_id,
        partition,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::test_image;

    #[test]
    fn whoever_asks_the_wrong_broker_is_told_of_the_right_one() {
        let image = test_image::image(&[("orders", 4)]);
        let partition = |(index, code): (i32, ErrorCode)| PartitionData {
            error_code: code.to_wire(),
            partition_index: index,
            ..PartitionData::default()
        };
        let codes = [
            ErrorCode::None,
            ErrorCode::NotLeaderOrFollower,
            ErrorCode::FencedLeaderEpoch,
            ErrorCode::OffsetOutOfRange,
        ];
        let topic = FetchableTopicResponse {
            topic_id: test_image::topic_id(0),
            partitions: (0..).zip(codes).map(partition).collect(),
            ..FetchableTopicResponse::default()
        };
        let mut response = FetchResponse {
            responses: vec![topic],
            ..FetchResponse::default()
        };
        tell_leaders(&image, &test_image::listener(), &mut response);
        let partitions = &response.responses[0].partitions;
        let told = partitions
            .iter()
            .map(|it| (it.current_leader.leader_id, it.current_leader.leader_epoch));
        let told: Vec<(i32, i32)> = told.collect();
        assert_eq!(told, [(-1, -1), (2, 7), (2, 7), (-1, -1)]);
        let endpoints = response.node_endpoints.iter();
        let endpoints: Vec<_> = endpoints.map(|it| (it.node_id, it.port)).collect();
        assert_eq!(endpoints, [(2, 9092)]);
    }
}
