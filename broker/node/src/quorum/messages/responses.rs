//! Answers of the quorum.
//!
//! In: an answer of `broker-raft`, or one from the wire. Out: the other. Never here: requests, or
//! the records of a fetch: the driver reads them from the log, or takes them apart.

use broker_raft::{
    EpochResponse, FetchAnswer, FetchSnapshotAnswer, Request, Response, Served, SnapshotId,
    VoteResponse, VoterChangeResponse,
};
use broker_types::{BrokerId, Epoch, ErrorCode, Offset, TopicId};
use broker_wire::messages::{
    self as wire, begin_quorum_epoch_response as begin, end_quorum_epoch_response as end,
    fetch_response as fetch, fetch_snapshot_response as snapshot,
    update_raft_voter_response as update, vote_response as vote,
};
use broker_wire::{ApiKey, Records};
use bytes::Bytes;

use super::{NodeAddress, PARTITION, TOPIC};

/// The addresses in a response's `NodeEndpoints`.
macro_rules! addresses {
    ($response:expr) => {
        $response
            .node_endpoints
            .iter()
            .map(|it| NodeAddress {
                id: it.node_id,
                host: it.host.clone(),
                port: it.port,
            })
            .collect::<Vec<NodeAddress>>()
    };
}

/// A response's `NodeEndpoints`: the leader's address, where it is known.
macro_rules! node_endpoints {
    ($kind:path, $leader:expr) => {
        $leader
            .into_iter()
            .map(|it| {
                let mut endpoint = <$kind>::default();
                endpoint.node_id = it.id;
                endpoint.host = it.host.clone();
                endpoint.port = it.port.into();
                endpoint
            })
            .collect()
    };
}

/// What another replica answered, and the addresses it told.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Answer {
    Vote(VoteResponse),
    Epoch(EpochResponse),
    VoterChange(VoterChangeResponse),
    Fetch(FetchFields),
    Snapshot(SnapshotFields),
}

/// A fetch response of the metadata log, its batches not yet taken apart.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct FetchFields {
    pub error: ErrorCode,
    pub epoch: Epoch,
    pub leader: Option<BrokerId>,
    pub high_watermark: Option<Offset>,
    pub diverging: Option<(Epoch, Offset)>,
    pub snapshot: Option<SnapshotId>,
    pub records: Bytes,
}

/// A part of a snapshot.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct SnapshotFields {
    pub error: ErrorCode,
    pub epoch: Epoch,
    pub leader: Option<BrokerId>,
    pub id: SnapshotId,
    pub size: u64,
    pub position: u64,
    pub payload: Bytes,
}

/// Reads the answer to `request`; `None` when it is not one.
pub(crate) fn answer_from_wire(
    request: &Request,
    response: broker_wire::Response,
) -> Option<(Answer, Vec<NodeAddress>)> {
    Some(match request {
        Request::Vote(_) => {
            let response = wire::VoteResponse::try_from(response).ok()?;
            let addresses = addresses!(response);
            (Answer::Vote(vote_from_wire(&response)?), addresses)
        }
        Request::BeginQuorumEpoch(_) => {
            let response = wire::BeginQuorumEpochResponse::try_from(response).ok()?;
            let addresses = addresses!(response);
            let partition = response.topics.first().and_then(|it| it.partitions.first());
            let fields = partition.map(|it| (it.error_code, it.leader_epoch, it.leader_id));
            (
                Answer::Epoch(epoch_from_wire(response.error_code, fields)?),
                addresses,
            )
        }
        Request::EndQuorumEpoch(_) => {
            let response = wire::EndQuorumEpochResponse::try_from(response).ok()?;
            let addresses = addresses!(response);
            let partition = response.topics.first().and_then(|it| it.partitions.first());
            let fields = partition.map(|it| (it.error_code, it.leader_epoch, it.leader_id));
            (
                Answer::Epoch(epoch_from_wire(response.error_code, fields)?),
                addresses,
            )
        }
        Request::Fetch(_) => {
            let response = wire::FetchResponse::try_from(response).ok()?;
            let to_address = |it: &fetch::NodeEndpoint| {
                let port = u16::try_from(it.port).ok()?;
                Some(NodeAddress {
                    id: it.node_id,
                    host: it.host.clone(),
                    port,
                })
            };
            let addresses = response
                .node_endpoints
                .iter()
                .filter_map(to_address)
                .collect();
            (Answer::Fetch(fetch_from_wire(response)?), addresses)
        }
        Request::FetchSnapshot(_) => {
            let response = wire::FetchSnapshotResponse::try_from(response).ok()?;
            let addresses = addresses!(response);
            (Answer::Snapshot(snapshot_from_wire(response)?), addresses)
        }
        Request::UpdateVoter(_) => {
            let response = wire::UpdateRaftVoterResponse::try_from(response).ok()?;
            let answer = VoterChangeResponse {
                error: code(response.error_code),
                epoch: Epoch::from_wire(response.current_leader.leader_epoch).unwrap_or_default(),
                leader: BrokerId::from_wire(response.current_leader.leader_id),
                message: "",
            };
            (Answer::VoterChange(answer), Vec::new())
        }
    })
}

fn code(raw: i16) -> ErrorCode {
    ErrorCode::from_wire(raw).unwrap_or(ErrorCode::UnknownServerError)
}

fn vote_from_wire(response: &wire::VoteResponse) -> Option<VoteResponse> {
    let error = code(response.error_code);
    if !error.is_none() {
        return Some(VoteResponse {
            error,
            epoch: Epoch::ZERO,
            leader: None,
            granted: false,
        });
    }
    let partition = response.topics.first()?.partitions.first()?;
    Some(VoteResponse {
        error: code(partition.error_code),
        epoch: Epoch::from_wire(partition.leader_epoch)?,
        leader: BrokerId::from_wire(partition.leader_id),
        granted: partition.vote_granted,
    })
}

fn epoch_from_wire(top: i16, partition: Option<(i16, i32, i32)>) -> Option<EpochResponse> {
    let error = code(top);
    if !error.is_none() {
        return Some(EpochResponse {
            error,
            epoch: Epoch::ZERO,
            leader: None,
        });
    }
    let (error, epoch, leader) = partition?;
    Some(EpochResponse {
        error: code(error),
        epoch: Epoch::from_wire(epoch)?,
        leader: BrokerId::from_wire(leader),
    })
}

fn fetch_from_wire(response: wire::FetchResponse) -> Option<FetchFields> {
    let refused = |error| FetchFields {
        error,
        epoch: Epoch::ZERO,
        leader: None,
        high_watermark: None,
        diverging: None,
        snapshot: None,
        records: Bytes::new(),
    };
    let error = code(response.error_code);
    if !error.is_none() {
        return Some(refused(error));
    }
    let partition = response
        .responses
        .into_iter()
        .next()?
        .partitions
        .into_iter()
        .next()?;
    let diverging = &partition.diverging_epoch;
    let snapshot = &partition.snapshot_id;
    let records = match partition.records {
        Some(Records::Bytes(bytes)) => bytes,
        Some(Records::Deferred { .. }) | None => Bytes::new(),
    };
    Some(FetchFields {
        error: code(partition.error_code),
        epoch: Epoch::from_wire(partition.current_leader.leader_epoch).unwrap_or_default(),
        leader: BrokerId::from_wire(partition.current_leader.leader_id),
        high_watermark: Offset::from_wire(partition.high_watermark),
        diverging: Epoch::from_wire(diverging.epoch).zip(Offset::from_wire(diverging.end_offset)),
        snapshot: Offset::from_wire(snapshot.end_offset)
            .zip(Epoch::from_wire(snapshot.epoch))
            .map(|(end_offset, epoch)| SnapshotId { end_offset, epoch }),
        records,
    })
}

fn snapshot_from_wire(response: wire::FetchSnapshotResponse) -> Option<SnapshotFields> {
    let top = code(response.error_code);
    let Some(partition) = response
        .topics
        .into_iter()
        .next()
        .and_then(|it| it.partitions.into_iter().next())
    else {
        let id = SnapshotId::default();
        let (epoch, payload) = (Epoch::ZERO, Bytes::new());
        let error = if top.is_none() {
            ErrorCode::UnknownServerError
        } else {
            top
        };
        return Some(SnapshotFields {
            error,
            epoch,
            leader: None,
            id,
            size: 0,
            position: 0,
            payload,
        });
    };
    let payload = match partition.unaligned_records {
        Records::Bytes(bytes) => bytes,
        Records::Deferred { .. } => Bytes::new(),
    };
    Some(SnapshotFields {
        error: code(partition.error_code),
        epoch: Epoch::from_wire(partition.current_leader.leader_epoch).unwrap_or_default(),
        leader: BrokerId::from_wire(partition.current_leader.leader_id),
        id: SnapshotId {
            end_offset: Offset::from_wire(partition.snapshot_id.end_offset)?,
            epoch: Epoch::from_wire(partition.snapshot_id.epoch)?,
        },
        size: u64::try_from(partition.size).ok()?,
        position: u64::try_from(partition.position).ok()?,
        payload,
    })
}

/// The answer to a request of the quorum that is not a fetch, for the key it came under.
#[allow(
    clippy::wildcard_enum_match_arm,
    reason = "no other key is answered so"
)]
pub(crate) fn answer_to_wire(
    key: ApiKey,
    response: &Response,
    leader: Option<&NodeAddress>,
) -> Option<broker_wire::Response> {
    Some(match (key, response) {
        (ApiKey::Vote, Response::Vote(it)) => vote_to_wire(it, leader).into(),
        (ApiKey::BeginQuorumEpoch, Response::BeginQuorumEpoch(it)) => {
            begun_to_wire(it, leader).into()
        }
        (ApiKey::EndQuorumEpoch, Response::EndQuorumEpoch(it)) => ended_to_wire(it, leader).into(),
        (ApiKey::UpdateRaftVoter, Response::VoterChange(it)) => {
            let current_leader = update::CurrentLeader {
                leader_id: BrokerId::option_to_wire(it.leader),
                leader_epoch: it.epoch.to_wire(),
                host: leader.map(|it| it.host.clone()).unwrap_or_default(),
                port: leader.map_or(0, |it| i32::from(it.port)),
                ..update::CurrentLeader::default()
            };
            let error_code = it.error.to_wire();
            wire::UpdateRaftVoterResponse {
                error_code,
                current_leader,
                ..Default::default()
            }
            .into()
        }
        (ApiKey::AddRaftVoter, Response::VoterChange(it)) => wire::AddRaftVoterResponse {
            error_code: it.error.to_wire(),
            error_message: (!it.message.is_empty()).then(|| it.message.into()),
            ..Default::default()
        }
        .into(),
        (ApiKey::RemoveRaftVoter, Response::VoterChange(it)) => wire::RemoveRaftVoterResponse {
            error_code: it.error.to_wire(),
            error_message: (!it.message.is_empty()).then(|| it.message.into()),
            ..Default::default()
        }
        .into(),
        _ => return None,
    })
}

fn begun_to_wire(
    response: &EpochResponse,
    leader: Option<&NodeAddress>,
) -> wire::BeginQuorumEpochResponse {
    let partition = begin::PartitionData {
        partition_index: PARTITION,
        error_code: response.error.to_wire(),
        leader_id: BrokerId::option_to_wire(response.leader),
        leader_epoch: response.epoch.to_wire(),
        ..begin::PartitionData::default()
    };
    let topic = begin::TopicData {
        topic_name: TOPIC.into(),
        partitions: vec![partition],
        ..Default::default()
    };
    let node_endpoints = node_endpoints!(begin::NodeEndpoint, leader);
    wire::BeginQuorumEpochResponse {
        topics: vec![topic],
        node_endpoints,
        ..Default::default()
    }
}

fn ended_to_wire(
    response: &EpochResponse,
    leader: Option<&NodeAddress>,
) -> wire::EndQuorumEpochResponse {
    let partition = end::PartitionData {
        partition_index: PARTITION,
        error_code: response.error.to_wire(),
        leader_id: BrokerId::option_to_wire(response.leader),
        leader_epoch: response.epoch.to_wire(),
        ..end::PartitionData::default()
    };
    let topic = end::TopicData {
        topic_name: TOPIC.into(),
        partitions: vec![partition],
        ..Default::default()
    };
    let node_endpoints = node_endpoints!(end::NodeEndpoint, leader);
    wire::EndQuorumEpochResponse {
        topics: vec![topic],
        node_endpoints,
        ..Default::default()
    }
}

fn vote_to_wire(response: &VoteResponse, leader: Option<&NodeAddress>) -> wire::VoteResponse {
    let partition = vote::PartitionData {
        partition_index: PARTITION,
        error_code: response.error.to_wire(),
        leader_id: BrokerId::option_to_wire(response.leader),
        leader_epoch: response.epoch.to_wire(),
        vote_granted: response.granted,
        ..vote::PartitionData::default()
    };
    let topic = vote::TopicData {
        topic_name: TOPIC.into(),
        partitions: vec![partition],
        ..Default::default()
    };
    let node_endpoints = node_endpoints!(vote::NodeEndpoint, leader);
    wire::VoteResponse {
        topics: vec![topic],
        node_endpoints,
        ..Default::default()
    }
}

/// The answer to a fetch; `records` are the bytes that [`Served::Records`] names.
pub(crate) fn fetch_to_wire(
    answer: &FetchAnswer,
    records: Bytes,
    leader: Option<&NodeAddress>,
) -> wire::FetchResponse {
    let mut partition = fetch::PartitionData {
        partition_index: PARTITION,
        error_code: answer.error.to_wire(),
        high_watermark: answer.high_watermark.to_wire(),
        log_start_offset: answer.log_start.to_wire(),
        current_leader: fetch::LeaderIdAndEpoch {
            leader_id: BrokerId::option_to_wire(answer.leader),
            leader_epoch: answer.epoch.to_wire(),
            ..fetch::LeaderIdAndEpoch::default()
        },
        aborted_transactions: None,
        records: Some(Records::Bytes(records)),
        ..fetch::PartitionData::default()
    };
    match &answer.served {
        Served::Nothing => partition.high_watermark = -1,
        Served::Records { .. } => {}
        Served::Diverging { epoch, end_offset } => {
            partition.diverging_epoch.epoch = epoch.to_wire();
            partition.diverging_epoch.end_offset = end_offset.to_wire();
        }
        Served::Snapshot(id) => {
            partition.snapshot_id.epoch = id.epoch.to_wire();
            partition.snapshot_id.end_offset = id.end_offset.to_wire();
        }
    }
    let topic = fetch::FetchableTopicResponse {
        topic_id: TopicId::METADATA.to_bytes(),
        partitions: vec![partition],
        ..fetch::FetchableTopicResponse::default()
    };
    let node_endpoints = node_endpoints!(fetch::NodeEndpoint, leader);
    wire::FetchResponse {
        responses: vec![topic],
        node_endpoints,
        ..Default::default()
    }
}

/// The answer to a request for a part of a snapshot.
pub(crate) fn snapshot_to_wire(
    answer: &FetchSnapshotAnswer,
    payload: Bytes,
    leader: Option<&NodeAddress>,
) -> wire::FetchSnapshotResponse {
    let partition = snapshot::PartitionSnapshot {
        index: PARTITION,
        error_code: answer.error.to_wire(),
        snapshot_id: snapshot::SnapshotId {
            end_offset: answer.id.end_offset.to_wire(),
            epoch: answer.id.epoch.to_wire(),
            ..snapshot::SnapshotId::default()
        },
        current_leader: snapshot::LeaderIdAndEpoch {
            leader_id: BrokerId::option_to_wire(answer.leader),
            leader_epoch: answer.epoch.to_wire(),
            ..snapshot::LeaderIdAndEpoch::default()
        },
        size: i64::try_from(answer.size).unwrap_or(i64::MAX),
        position: i64::try_from(answer.position).unwrap_or(i64::MAX),
        unaligned_records: Records::Bytes(payload),
        ..snapshot::PartitionSnapshot::default()
    };
    let topic = snapshot::TopicSnapshot {
        name: TOPIC.into(),
        partitions: vec![partition],
        ..Default::default()
    };
    let node_endpoints = node_endpoints!(snapshot::NodeEndpoint, leader);
    wire::FetchSnapshotResponse {
        topics: vec![topic],
        node_endpoints,
        ..Default::default()
    }
}
