//! Requests of the quorum.
//!
//! In: a request of `broker-raft`, or one from the wire. Out: the other. Never here: answers.

use broker_raft::{
    AddVoterRequest, BeginQuorumEpochRequest, EndQuorumEpochRequest, Endpoint, FetchRequest,
    FetchSnapshotRequest, RemoveVoterRequest, ReplicaKey, Request, SnapshotId, UpdateVoterRequest,
    VoteRequest,
};
use broker_types::{BrokerId, DirectoryId, Epoch, ErrorCode, Offset, TopicId};
use broker_wire::messages::vote_request as vote;
use broker_wire::messages::{self as wire, begin_quorum_epoch_request as begin};
use broker_wire::messages::{end_quorum_epoch_request as end, fetch_request as fetch};
use broker_wire::messages::{
    fetch_snapshot_request as snapshot, update_raft_voter_request as update,
};
use broker_wire::{self as broker_wire, Str};

use super::{PARTITION, TOPIC, endpoints, endpoints_of};

/// Why a request is not one of the quorum's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Refused(pub ErrorCode);

/// Most bytes that one answer to a fetch may bring.
pub(super) const FETCH_BYTES_MAX: i32 = 8 * 1024 * 1024;
/// How long a leader may keep a fetch that brings no news.
pub(super) const FETCH_WAIT_MS_MAX: i32 = 500;
/// Most bytes of a snapshot in one answer.
pub(super) const SNAPSHOT_BYTES_MAX: i32 = 1024 * 1024;

/// A request as it is sent, with the version that carries all of it.
pub(crate) fn to_wire(
    request: &Request,
    cluster_id: &Str,
    me: &[Endpoint],
) -> (broker_wire::Request, i16) {
    let cluster_id = Some(cluster_id.clone());
    match request {
        Request::Vote(it) => (vote_to_wire(it, cluster_id).into(), 2),
        Request::BeginQuorumEpoch(it) => (begin_to_wire(it, cluster_id, me).into(), 1),
        Request::EndQuorumEpoch(it) => (end_to_wire(it, cluster_id, me).into(), 1),
        Request::Fetch(it) => (fetch_to_wire(it, cluster_id).into(), 18),
        Request::FetchSnapshot(it) => (snapshot_to_wire(it, cluster_id).into(), 1),
        Request::UpdateVoter(it) => (update_to_wire(it, cluster_id).into(), 0),
    }
}

fn vote_to_wire(request: &VoteRequest, cluster_id: Option<Str>) -> wire::VoteRequest {
    let partition = vote::PartitionData {
        partition_index: PARTITION,
        replica_epoch: request.epoch.to_wire(),
        replica_id: request.candidate.id.to_wire(),
        replica_directory_id: request.candidate.directory_id.to_bytes(),
        voter_directory_id: request.voter.directory_id.to_bytes(),
        last_offset_epoch: request.last_epoch.to_wire(),
        last_offset: request.last_offset.to_wire(),
        pre_vote: request.pre_vote,
        ..vote::PartitionData::default()
    };
    wire::VoteRequest {
        cluster_id,
        voter_id: request.voter.id.to_wire(),
        topics: vec![vote::TopicData {
            topic_name: TOPIC.into(),
            partitions: vec![partition],
            ..vote::TopicData::default()
        }],
        ..wire::VoteRequest::default()
    }
}

fn begin_to_wire(
    request: &BeginQuorumEpochRequest,
    cluster_id: Option<Str>,
    me: &[Endpoint],
) -> wire::BeginQuorumEpochRequest {
    let partition = begin::PartitionData {
        partition_index: PARTITION,
        voter_directory_id: request.voter.directory_id.to_bytes(),
        leader_id: request.leader.to_wire(),
        leader_epoch: request.epoch.to_wire(),
        ..begin::PartitionData::default()
    };
    wire::BeginQuorumEpochRequest {
        cluster_id,
        voter_id: request.voter.id.to_wire(),
        topics: vec![begin::TopicData {
            topic_name: TOPIC.into(),
            partitions: vec![partition],
            ..begin::TopicData::default()
        }],
        leader_endpoints: endpoints!(begin::LeaderEndpoint, me),
        ..wire::BeginQuorumEpochRequest::default()
    }
}

fn end_to_wire(
    request: &EndQuorumEpochRequest,
    cluster_id: Option<Str>,
    me: &[Endpoint],
) -> wire::EndQuorumEpochRequest {
    let candidates = request.preferred.iter().map(|it| end::ReplicaInfo {
        candidate_id: it.id.to_wire(),
        candidate_directory_id: it.directory_id.to_bytes(),
        ..end::ReplicaInfo::default()
    });
    let partition = end::PartitionData {
        partition_index: PARTITION,
        leader_id: request.leader.to_wire(),
        leader_epoch: request.epoch.to_wire(),
        preferred_candidates: candidates.collect(),
        ..end::PartitionData::default()
    };
    wire::EndQuorumEpochRequest {
        cluster_id,
        topics: vec![end::TopicData {
            topic_name: TOPIC.into(),
            partitions: vec![partition],
            ..end::TopicData::default()
        }],
        leader_endpoints: endpoints!(end::LeaderEndpoint, me),
        ..wire::EndQuorumEpochRequest::default()
    }
}

/// A fetch of the metadata log.
pub(super) fn fetch_to_wire(request: &FetchRequest, cluster_id: Option<Str>) -> wire::FetchRequest {
    let partition = fetch::FetchPartition {
        partition: PARTITION,
        current_leader_epoch: request.epoch.to_wire(),
        fetch_offset: request.fetch_offset.to_wire(),
        last_fetched_epoch: request.last_fetched_epoch.to_wire(),
        partition_max_bytes: FETCH_BYTES_MAX,
        replica_directory_id: request.replica.directory_id.to_bytes(),
        high_watermark: request.high_watermark.to_wire(),
        ..fetch::FetchPartition::default()
    };
    wire::FetchRequest {
        cluster_id,
        replica_state: fetch::ReplicaState {
            replica_id: request.replica.id.to_wire(),
            ..fetch::ReplicaState::default()
        },
        max_wait_ms: FETCH_WAIT_MS_MAX,
        min_bytes: 1,
        max_bytes: FETCH_BYTES_MAX,
        session_epoch: -1,
        topics: vec![fetch::FetchTopic {
            topic_id: TopicId::METADATA.to_bytes(),
            partitions: vec![partition],
            ..fetch::FetchTopic::default()
        }],
        ..wire::FetchRequest::default()
    }
}

fn snapshot_to_wire(
    request: &FetchSnapshotRequest,
    cluster_id: Option<Str>,
) -> wire::FetchSnapshotRequest {
    let partition = snapshot::PartitionSnapshot {
        partition: PARTITION,
        current_leader_epoch: request.epoch.to_wire(),
        snapshot_id: snapshot::SnapshotId {
            end_offset: request.id.end_offset.to_wire(),
            epoch: request.id.epoch.to_wire(),
            ..snapshot::SnapshotId::default()
        },
        position: i64::try_from(request.position).unwrap_or(i64::MAX),
        replica_directory_id: request.replica.directory_id.to_bytes(),
        ..snapshot::PartitionSnapshot::default()
    };
    wire::FetchSnapshotRequest {
        cluster_id,
        replica_id: request.replica.id.to_wire(),
        max_bytes: SNAPSHOT_BYTES_MAX,
        topics: vec![snapshot::TopicSnapshot {
            name: TOPIC.into(),
            partitions: vec![partition],
            ..snapshot::TopicSnapshot::default()
        }],
        ..wire::FetchSnapshotRequest::default()
    }
}

fn update_to_wire(
    request: &UpdateVoterRequest,
    cluster_id: Option<Str>,
) -> wire::UpdateRaftVoterRequest {
    wire::UpdateRaftVoterRequest {
        cluster_id,
        current_leader_epoch: request.epoch.to_wire(),
        voter_id: request.voter.id.to_wire(),
        voter_directory_id: request.voter.directory_id.to_bytes(),
        listeners: endpoints!(update::Listener, request.endpoints),
        k_raft_version_feature: update::KRaftVersionFeature {
            min_supported_version: 0,
            max_supported_version: 1,
            ..update::KRaftVersionFeature::default()
        },
        ..wire::UpdateRaftVoterRequest::default()
    }
}

/// Whether a fetch is one of a replica of the metadata log.
pub(crate) fn is_about_metadata(request: &wire::FetchRequest) -> bool {
    request
        .topics
        .iter()
        .any(|it| it.topic_id == TopicId::METADATA.to_bytes())
}

/// What another replica asks, or why it is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    Quorum(Request),
    AddVoter(AddVoterRequest),
    RemoveVoter(RemoveVoterRequest),
}

/// Reads a request of the quorum. `cluster_id` is ours: a stranger's is refused.
///
/// # Errors
/// The code to answer with.
#[allow(
    clippy::wildcard_enum_match_arm,
    reason = "no other request is the quorum's"
)]
pub(crate) fn from_wire(
    request: &broker_wire::Request,
    cluster_id: &str,
) -> Result<Asked, Refused> {
    let stated = match request {
        broker_wire::Request::Vote(it) => &it.cluster_id,
        broker_wire::Request::BeginQuorumEpoch(it) => &it.cluster_id,
        broker_wire::Request::EndQuorumEpoch(it) => &it.cluster_id,
        broker_wire::Request::Fetch(it) => &it.cluster_id,
        broker_wire::Request::FetchSnapshot(it) => &it.cluster_id,
        broker_wire::Request::UpdateRaftVoter(it) => &it.cluster_id,
        broker_wire::Request::AddRaftVoter(it) => &it.cluster_id,
        broker_wire::Request::RemoveRaftVoter(it) => &it.cluster_id,
        _ => return Err(Refused(ErrorCode::InvalidRequest)),
    };
    if stated.as_deref().is_some_and(|it| it != cluster_id) {
        return Err(Refused(ErrorCode::InconsistentClusterId));
    }
    read(request).ok_or(Refused(ErrorCode::InvalidRequest))
}

#[allow(
    clippy::wildcard_enum_match_arm,
    reason = "no other request is the quorum's"
)]
fn read(request: &broker_wire::Request) -> Option<Asked> {
    Some(Asked::Quorum(match request {
        broker_wire::Request::Vote(it) => Request::Vote(vote_from_wire(it)?),
        broker_wire::Request::BeginQuorumEpoch(it) => {
            let [topic] = it.topics.as_slice() else {
                return None;
            };
            let [partition] = topic.partitions.as_slice() else {
                return None;
            };
            Request::BeginQuorumEpoch(BeginQuorumEpochRequest {
                epoch: Epoch::from_wire(partition.leader_epoch)?,
                leader: BrokerId::from_wire(partition.leader_id)?,
                voter: key(it.voter_id, partition.voter_directory_id)?,
            })
        }
        broker_wire::Request::EndQuorumEpoch(it) => {
            let [topic] = it.topics.as_slice() else {
                return None;
            };
            let [partition] = topic.partitions.as_slice() else {
                return None;
            };
            let preferred = partition.preferred_candidates.iter();
            Request::EndQuorumEpoch(EndQuorumEpochRequest {
                epoch: Epoch::from_wire(partition.leader_epoch)?,
                leader: BrokerId::from_wire(partition.leader_id)?,
                preferred: preferred
                    .filter_map(|it| key(it.candidate_id, it.candidate_directory_id))
                    .collect(),
            })
        }
        broker_wire::Request::Fetch(it) => Request::Fetch(fetch_from_wire(it)?),
        broker_wire::Request::FetchSnapshot(it) => Request::FetchSnapshot(snapshot_from_wire(it)?),
        broker_wire::Request::UpdateRaftVoter(it) => Request::UpdateVoter(UpdateVoterRequest {
            epoch: Epoch::from_wire(it.current_leader_epoch)?,
            voter: key(it.voter_id, it.voter_directory_id)?,
            endpoints: endpoints_of!(it.listeners),
        }),
        broker_wire::Request::AddRaftVoter(it) => {
            return Some(Asked::AddVoter(AddVoterRequest {
                voter: key(it.voter_id, it.voter_directory_id)?,
                endpoints: endpoints_of!(it.listeners),
            }));
        }
        broker_wire::Request::RemoveRaftVoter(it) => {
            let voter = key(it.voter_id, it.voter_directory_id)?;
            return Some(Asked::RemoveVoter(RemoveVoterRequest { voter }));
        }
        _ => return None,
    }))
}

fn key(id: i32, directory_id: [u8; 16]) -> Option<ReplicaKey> {
    Some(ReplicaKey {
        id: BrokerId::from_wire(id)?,
        directory_id: DirectoryId::from_wire(directory_id)?,
    })
}

fn vote_from_wire(request: &wire::VoteRequest) -> Option<VoteRequest> {
    let [topic] = request.topics.as_slice() else {
        return None;
    };
    let [partition] = topic.partitions.as_slice() else {
        return None;
    };
    Some(VoteRequest {
        epoch: Epoch::from_wire(partition.replica_epoch)?,
        candidate: key(partition.replica_id, partition.replica_directory_id)?,
        voter: key(request.voter_id, partition.voter_directory_id)?,
        last_epoch: Epoch::from_wire(partition.last_offset_epoch)?,
        last_offset: Offset::from_wire(partition.last_offset)?,
        pre_vote: partition.pre_vote,
    })
}

fn fetch_from_wire(request: &wire::FetchRequest) -> Option<FetchRequest> {
    let [topic] = request.topics.as_slice() else {
        return None;
    };
    let [partition] = topic.partitions.as_slice() else {
        return None;
    };
    if topic.topic_id != TopicId::METADATA.to_bytes() || partition.partition != PARTITION {
        return None;
    }
    Some(FetchRequest {
        epoch: Epoch::from_wire(partition.current_leader_epoch)?,
        replica: key(
            request.replica_state.replica_id,
            partition.replica_directory_id,
        )?,
        fetch_offset: Offset::from_wire(partition.fetch_offset)?,
        last_fetched_epoch: Epoch::from_wire(partition.last_fetched_epoch)?,
        high_watermark: Offset::from_wire(partition.high_watermark)?,
    })
}

fn snapshot_from_wire(request: &wire::FetchSnapshotRequest) -> Option<FetchSnapshotRequest> {
    let [topic] = request.topics.as_slice() else {
        return None;
    };
    let [partition] = topic.partitions.as_slice() else {
        return None;
    };
    Some(FetchSnapshotRequest {
        epoch: Epoch::from_wire(partition.current_leader_epoch)?,
        replica: key(request.replica_id, partition.replica_directory_id)?,
        id: SnapshotId {
            end_offset: Offset::from_wire(partition.snapshot_id.end_offset)?,
            epoch: Epoch::from_wire(partition.snapshot_id.epoch)?,
        },
        position: u64::try_from(partition.position).ok()?,
    })
}
