//! Each request in each version that the broker lists: the answer can be read, and speaks of what
//! was asked. Clients of every age are out there, and most pick other versions than ours.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm,
    reason = "an answer that is not as expected ends the test"
)]

mod judges;
mod raw;

use broker_types::ErrorCode;
use broker_wire::messages::{
    self as wire, alter_partition_reassignments_request as moves, delete_records_request as delete,
    describe_configs_request as configs, describe_quorum_request as quorum,
    elect_leaders_request as elections, fetch_request as fetch, list_offsets_request as offsets,
    metadata_request as metadata, offset_commit_request as commit, offset_fetch_request as fetched,
    offset_for_leader_epoch_request as epochs,
};
use broker_wire::{ApiKey, Request, Response, Str};
use judges::Cluster;
use raw::Client;

const TOPIC: &str = "orders";
const GROUP: &str = "billing";
/// Where the quorum's log is described from.
const QUORUM_TOPIC: &str = "__cluster_metadata";

/// A request with something in it, in a form that `version` can carry.
fn request(key: ApiKey, version: i16, topic_id: [u8; 16]) -> Request {
    let by_id = |from: i16| {
        if version >= from {
            (Str::new(), topic_id)
        } else {
            (TOPIC.into(), [0; 16])
        }
    };
    match key {
        ApiKey::Fetch => {
            let (topic, topic_id) = by_id(13);
            let partition = fetch::FetchPartition {
                partition_max_bytes: 1 << 20,
                ..Default::default()
            };
            let partitions = vec![partition];
            wire::FetchRequest {
                max_bytes: 1 << 20,
                session_epoch: -1,
                topics: vec![fetch::FetchTopic {
                    topic,
                    topic_id,
                    partitions,
                    ..Default::default()
                }],
                ..Default::default()
            }
            .into()
        }
        ApiKey::ListOffsets => {
            let partition = offsets::ListOffsetsPartition {
                timestamp: -1,
                ..Default::default()
            };
            let partitions = vec![partition];
            let topic = offsets::ListOffsetsTopic {
                name: TOPIC.into(),
                partitions,
                ..Default::default()
            };
            wire::ListOffsetsRequest {
                replica_id: -1,
                topics: vec![topic],
                ..Default::default()
            }
            .into()
        }
        ApiKey::Metadata => {
            let topic = metadata::MetadataRequestTopic {
                name: Some(TOPIC.into()),
                ..Default::default()
            };
            wire::MetadataRequest {
                topics: Some(vec![topic]),
                ..Default::default()
            }
            .into()
        }
        ApiKey::FindCoordinator if version >= 4 => {
            let coordinator_keys = vec![GROUP.into()];
            wire::FindCoordinatorRequest {
                coordinator_keys,
                ..Default::default()
            }
            .into()
        }
        ApiKey::FindCoordinator => wire::FindCoordinatorRequest {
            key: GROUP.into(),
            ..Default::default()
        }
        .into(),
        ApiKey::OffsetCommit => {
            let (name, topic_id) = by_id(10);
            let partition = commit::OffsetCommitRequestPartition {
                committed_offset: 1,
                ..Default::default()
            };
            let partitions = vec![partition];
            let topic = commit::OffsetCommitRequestTopic {
                name,
                topic_id,
                partitions,
                ..Default::default()
            };
            wire::OffsetCommitRequest {
                group_id: GROUP.into(),
                topics: vec![topic],
                ..Default::default()
            }
            .into()
        }
        ApiKey::OffsetFetch if version >= 8 => {
            let (name, topic_id) = by_id(10);
            let partition_indexes = vec![0];
            let topic = fetched::OffsetFetchRequestTopics {
                name,
                topic_id,
                partition_indexes,
                ..Default::default()
            };
            let group = fetched::OffsetFetchRequestGroup {
                group_id: GROUP.into(),
                topics: Some(vec![topic]),
                ..Default::default()
            };
            wire::OffsetFetchRequest {
                groups: vec![group],
                ..Default::default()
            }
            .into()
        }
        ApiKey::OffsetFetch => {
            let topic = fetched::OffsetFetchRequestTopic {
                name: TOPIC.into(),
                partition_indexes: vec![0],
                ..Default::default()
            };
            wire::OffsetFetchRequest {
                group_id: GROUP.into(),
                topics: Some(vec![topic]),
                ..Default::default()
            }
            .into()
        }
        _ => administrative(key),
    }
}

fn administrative(key: ApiKey) -> Request {
    match key {
        ApiKey::OffsetForLeaderEpoch => {
            let partitions = vec![epochs::OffsetForLeaderPartition::default()];
            let topic = epochs::OffsetForLeaderTopic {
                topic: TOPIC.into(),
                partitions,
                ..Default::default()
            };
            wire::OffsetForLeaderEpochRequest {
                topics: vec![topic],
                ..Default::default()
            }
            .into()
        }
        ApiKey::DescribeConfigs => {
            let of_topic = configs::DescribeConfigsResource {
                resource_type: 2,
                resource_name: TOPIC.into(),
                configuration_keys: None,
                ..Default::default()
            };
            wire::DescribeConfigsRequest {
                resources: vec![of_topic],
                ..Default::default()
            }
            .into()
        }
        ApiKey::DescribeGroups => {
            let groups = vec![GROUP.into(), "nobody".into()];
            wire::DescribeGroupsRequest {
                groups,
                ..Default::default()
            }
            .into()
        }
        ApiKey::DeleteRecords => {
            let partitions = vec![delete::DeleteRecordsPartition::default()];
            let topic = delete::DeleteRecordsTopic {
                name: TOPIC.into(),
                partitions,
                ..Default::default()
            };
            let timeout_ms = 10_000;
            wire::DeleteRecordsRequest {
                topics: vec![topic],
                timeout_ms,
                ..Default::default()
            }
            .into()
        }
        ApiKey::DescribeQuorum => {
            let partitions = vec![quorum::PartitionData::default()];
            let topic = quorum::TopicData {
                topic_name: QUORUM_TOPIC.into(),
                partitions,
                ..Default::default()
            };
            wire::DescribeQuorumRequest {
                topics: vec![topic],
                ..Default::default()
            }
            .into()
        }
        ApiKey::DescribeLogDirs => wire::DescribeLogDirsRequest {
            topics: None,
            ..Default::default()
        }
        .into(),
        ApiKey::DescribeCluster => wire::DescribeClusterRequest::default().into(),
        ApiKey::ListGroups => wire::ListGroupsRequest::default().into(),
        ApiKey::ApiVersions => wire::ApiVersionsRequest {
            client_software_name: "every-version".into(),
            client_software_version: "1".into(),
            ..Default::default()
        }
        .into(),
        other => changing(other),
    }
}

/// What changes something is asked for nothing: what it does is tested by the tools.
fn changing(key: ApiKey) -> Request {
    match key {
        ApiKey::Produce => wire::ProduceRequest {
            acks: 1,
            ..Default::default()
        }
        .into(),
        ApiKey::JoinGroup => wire::JoinGroupRequest::default().into(),
        ApiKey::Heartbeat => wire::HeartbeatRequest::default().into(),
        ApiKey::LeaveGroup => wire::LeaveGroupRequest::default().into(),
        ApiKey::SyncGroup => wire::SyncGroupRequest::default().into(),
        ApiKey::CreateTopics => wire::CreateTopicsRequest::default().into(),
        ApiKey::DeleteTopics => wire::DeleteTopicsRequest::default().into(),
        ApiKey::InitProducerId => wire::InitProducerIdRequest::default().into(),
        ApiKey::AlterConfigs => wire::AlterConfigsRequest::default().into(),
        ApiKey::CreatePartitions => wire::CreatePartitionsRequest::default().into(),
        ApiKey::DeleteGroups => wire::DeleteGroupsRequest::default().into(),
        ApiKey::IncrementalAlterConfigs => wire::IncrementalAlterConfigsRequest::default().into(),
        ApiKey::OffsetDelete => wire::OffsetDeleteRequest::default().into(),
        ApiKey::DescribeTopicPartitions => wire::DescribeTopicPartitionsRequest::default().into(),
        ApiKey::AddRaftVoter => wire::AddRaftVoterRequest::default().into(),
        ApiKey::RemoveRaftVoter => wire::RemoveRaftVoterRequest::default().into(),
        // To where it is.
        ApiKey::AlterPartitionReassignments => wire::AlterPartitionReassignmentsRequest {
            timeout_ms: 10_000,
            topics: vec![moves::ReassignableTopic {
                name: TOPIC.into(),
                partitions: vec![moves::ReassignablePartition {
                    replicas: Some(vec![1]),
                    ..Default::default()
                }],
                ..Default::default()
            }],
            ..Default::default()
        }
        .into(),
        ApiKey::ListPartitionReassignments => wire::ListPartitionReassignmentsRequest {
            timeout_ms: 10_000,
            topics: None,
            ..Default::default()
        }
        .into(),
        ApiKey::ElectLeaders => wire::ElectLeadersRequest {
            timeout_ms: 10_000,
            topic_partitions: Some(vec![elections::TopicPartitions {
                topic: TOPIC.into(),
                partitions: vec![0],
                ..Default::default()
            }]),
            ..Default::default()
        }
        .into(),
        // One that does not exist.
        ApiKey::UnregisterBroker => wire::UnregisterBrokerRequest {
            broker_id: 99,
            ..Default::default()
        }
        .into(),
        other => panic!("{} is listed: say here how it is asked", other.name()),
    }
}

/// The error in the part of an answer that speaks of what was asked, where there is one.
fn error(response: &Response) -> Option<i16> {
    match response {
        Response::Fetch(it) => Some(it.responses[0].partitions[0].error_code),
        Response::ListOffsets(it) => Some(it.topics[0].partitions[0].error_code),
        Response::Metadata(it) => Some(it.topics[0].error_code),
        Response::FindCoordinator(it) => Some(
            it.coordinators
                .first()
                .map_or(it.error_code, |it| it.error_code),
        ),
        Response::OffsetCommit(it) => Some(it.topics[0].partitions[0].error_code),
        Response::OffsetFetch(it) => Some(match it.groups.first() {
            Some(group) => group.topics[0].partitions[0].error_code,
            None => it.topics[0].partitions[0].error_code,
        }),
        Response::OffsetForLeaderEpoch(it) => Some(it.topics[0].partitions[0].error_code),
        Response::DescribeConfigs(it) => Some(it.results[0].error_code),
        Response::DescribeGroups(it) => Some(it.groups[0].error_code),
        Response::DeleteRecords(it) => Some(it.topics[0].partitions[0].error_code),
        Response::DescribeQuorum(it) => Some(it.topics[0].partitions[0].error_code),
        Response::DescribeLogDirs(it) => Some(it.results[0].error_code),
        Response::DescribeCluster(it) => Some(it.error_code),
        Response::ListGroups(it) => Some(it.error_code),
        Response::ApiVersions(it) => Some(it.error_code),
        Response::AlterPartitionReassignments(it) => {
            Some(it.error_code.max(it.responses[0].partitions[0].error_code))
        }
        Response::ListPartitionReassignments(it) => Some(it.error_code),
        // Its leader is the preferred one, and the broker is not there: both are said so.
        Response::ElectLeaders(it) => {
            let error_code = it.replica_election_results[0].partition_result[0].error_code;
            Some(error_code - ErrorCode::ElectionNotNeeded.to_wire())
        }
        Response::UnregisterBroker(it) => {
            Some(it.error_code - ErrorCode::BrokerIdNotRegistered.to_wire())
        }
        _ => None,
    }
}

#[test]
fn every_listed_version_is_answered() {
    let cluster = Cluster::start(1);
    cluster.create_topic(TOPIC, 1, 1);
    cluster.kcat(&["-P", "-t", TOPIC], "one\ntwo\n");
    // Makes the group, so that old and new requests alike find one.
    cluster.kcat(
        &[
            "-G",
            GROUP,
            "-c",
            "2",
            "-X",
            "auto.offset.reset=earliest",
            TOPIC,
        ],
        "",
    );

    let mut client = Client::connect(&cluster.bootstrap);
    let Response::Metadata(described) = client.ask(&request(ApiKey::Metadata, 12, [0; 16]), 12)
    else {
        panic!("Metadata was answered with something else");
    };
    let topic_id = described.topics[0].topic_id;
    let Response::ApiVersions(listed) = client.ask(&wire::ApiVersionsRequest::default().into(), 0)
    else {
        panic!("ApiVersions was answered with something else");
    };
    let mut n_answered = 0;
    for it in &listed.api_keys {
        let key = ApiKey::from_wire(it.api_key).unwrap();
        // Of Produce more is listed than served; see the list itself.
        for version in it.min_version.max(key.versions().from)..=it.max_version {
            let response = client.ask(&request(key, version, topic_id), version);
            if let Some(code) = error(&response) {
                assert_eq!(code, 0, "{} {version}: {response:?}", key.name());
            }
            n_answered += 1;
        }
    }
    assert!(n_answered > 100, "only {n_answered} versions were listed");
}
