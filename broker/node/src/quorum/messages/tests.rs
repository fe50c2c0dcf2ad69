//! Every request and answer of the quorum survives the way over the wire, as bytes.

use broker_raft::{
    BeginQuorumEpochRequest, EndQuorumEpochRequest, Endpoint, EpochResponse, FetchRequest,
    FetchSnapshotRequest, ReplicaKey, Request, Response, SnapshotId, UpdateVoterRequest,
    VoteRequest, VoteResponse, VoterChangeResponse,
};
use broker_types::{BrokerId, DirectoryId, Epoch, ErrorCode, Offset};
use broker_wire::frame::{self, LENGTH_BYTES, Parsed};
use broker_wire::{ApiKey, Str};

use super::*;

const CLUSTER: &str = "a-cluster";

fn key(id: i32) -> ReplicaKey {
    let directory = 0x1000_u128 + id.cast_unsigned() as u128;
    ReplicaKey {
        id: BrokerId::from_wire(id).unwrap(),
        directory_id: DirectoryId::from_wire(directory.to_be_bytes()).unwrap(),
    }
}

fn epoch(raw: i32) -> Epoch {
    Epoch::from_wire(raw).unwrap()
}

fn offset(raw: i64) -> Offset {
    Offset::from_wire(raw).unwrap()
}

fn endpoint() -> Endpoint {
    Endpoint {
        name: "REPLICATION".to_owned(),
        host: "broker-1.local".to_owned(),
        port: 9091,
    }
}

fn requests() -> Vec<Request> {
    let id = SnapshotId {
        end_offset: offset(90),
        epoch: epoch(4),
    };
    vec![
        Request::Vote(VoteRequest {
            epoch: epoch(7),
            candidate: key(1),
            voter: key(2),
            last_epoch: epoch(5),
            last_offset: offset(123),
            pre_vote: true,
        }),
        Request::BeginQuorumEpoch(BeginQuorumEpochRequest {
            epoch: epoch(8),
            leader: BrokerId::from_wire(1).unwrap(),
            voter: key(3),
        }),
        Request::EndQuorumEpoch(EndQuorumEpochRequest {
            epoch: epoch(9),
            leader: BrokerId::from_wire(1).unwrap(),
            preferred: vec![key(3), key(2)],
        }),
        Request::Fetch(FetchRequest {
            epoch: epoch(9),
            replica: key(3),
            fetch_offset: offset(200),
            last_fetched_epoch: epoch(8),
            high_watermark: offset(180),
        }),
        Request::FetchSnapshot(FetchSnapshotRequest {
            epoch: epoch(9),
            replica: key(3),
            id,
            position: 4096,
        }),
        Request::UpdateVoter(UpdateVoterRequest {
            epoch: epoch(9),
            voter: key(3),
            endpoints: vec![endpoint()],
        }),
    ]
}

/// The request as the other side decodes it.
fn sent(request: &Request, cluster_id: &str) -> broker_wire::Request {
    let (request, version) = to_wire(request, &Str::from(cluster_id), &[endpoint()]);
    let bytes = frame::encode_request(&request, version, 5, "a-broker").unwrap();
    match frame::parse_request(bytes).unwrap() {
        Parsed::Request(it) => it.decode().unwrap().0,
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_request_arrives_as_it_was_sent() {
    for request in requests() {
        let asked = from_wire(&sent(&request, CLUSTER), CLUSTER);
        assert_eq!(asked, Ok(Asked::Quorum(request)));
    }
}

#[test]
fn a_request_of_another_cluster_is_refused() {
    for request in requests() {
        let asked = from_wire(&sent(&request, "a-stranger"), CLUSTER);
        assert_eq!(
            asked,
            Err(Refused(ErrorCode::InconsistentClusterId)),
            "{request:?}"
        );
    }
}

#[test]
fn a_request_of_a_replica_without_a_directory_is_refused() {
    let mut request = sent(&requests()[0], CLUSTER);
    let broker_wire::Request::Vote(vote) = &mut request else {
        panic!("{request:?}")
    };
    vote.topics[0].partitions[0].replica_directory_id = [0; 16];
    assert_eq!(
        from_wire(&request, CLUSTER),
        Err(Refused(ErrorCode::InvalidRequest))
    );
}

/// The answer to `request` as whoever asked reads it.
fn answered(
    request: &Request,
    key: ApiKey,
    version: i16,
    response: &Response,
    leader: &NodeAddress,
) -> (Answer, Vec<NodeAddress>) {
    let response = answer_to_wire(key, response, Some(leader)).unwrap();
    let (bytes, _) = frame::encode_response(&response, version, 5).unwrap();
    let response = frame::decode_response(key, version, 5, bytes.slice(LENGTH_BYTES..)).unwrap();
    answer_from_wire(request, response).unwrap()
}

#[test]
fn answers_arrive_as_they_were_given_with_the_leaders_address() {
    let requests = requests();
    let leader = NodeAddress {
        id: 1,
        host: "broker-1.local".into(),
        port: 9091,
    };
    let vote = VoteResponse {
        error: ErrorCode::None,
        epoch: epoch(7),
        leader: BrokerId::from_wire(1),
        granted: true,
    };
    let moved = EpochResponse {
        error: ErrorCode::FencedLeaderEpoch,
        epoch: epoch(11),
        leader: BrokerId::from_wire(1),
    };
    let change = VoterChangeResponse {
        error: ErrorCode::None,
        epoch: epoch(11),
        leader: BrokerId::from_wire(1),
        message: "",
    };

    let given = Response::Vote(vote.clone());
    let (answer, told) = answered(&requests[0], ApiKey::Vote, 2, &given, &leader);
    assert_eq!((answer, told), (Answer::Vote(vote), vec![leader.clone()]));

    let given = Response::BeginQuorumEpoch(moved.clone());
    let (answer, told) = answered(&requests[1], ApiKey::BeginQuorumEpoch, 1, &given, &leader);
    assert_eq!(
        (answer, told),
        (Answer::Epoch(moved.clone()), vec![leader.clone()])
    );

    let given = Response::EndQuorumEpoch(moved.clone());
    let (answer, told) = answered(&requests[2], ApiKey::EndQuorumEpoch, 1, &given, &leader);
    assert_eq!((answer, told), (Answer::Epoch(moved), vec![leader.clone()]));

    let given = Response::VoterChange(change.clone());
    let (answer, _) = answered(&requests[5], ApiKey::UpdateRaftVoter, 0, &given, &leader);
    assert_eq!(answer, Answer::VoterChange(change));
}

#[test]
fn an_answer_to_something_else_is_none() {
    let response = broker_wire::messages::VoteResponse::default().into();
    assert!(answer_from_wire(&requests()[1], response).is_none());
}
