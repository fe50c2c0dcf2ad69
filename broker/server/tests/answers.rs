//! What brokers answer where others' clients have come to rely on it, request by request: errors in
//! the place where each version has them, and the same ones that Kafka gives.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm,
    reason = "an answer that is not as expected ends the test"
)]

mod judges;
mod raw;

use std::time::{Duration, Instant};

use broker_wire::messages::{
    self as wire, create_topics_request as create, delete_records_request as delete_records,
    delete_topics_request as delete, describe_configs_request as configs,
    describe_topic_partitions_request as topics, fetch_request as fetch,
    incremental_alter_configs_request as alter, list_offsets_request as offsets,
    metadata_request as metadata, offset_commit_request as commit,
    offset_delete_request as offset_delete, offset_fetch_request as fetched,
};
use broker_wire::{Records, Request, Response};
use judges::Cluster;
use raw::Client;

const TOPIC: &str = "orders";
const GROUP: &str = "billing";

const UNKNOWN_TOPIC_OR_PARTITION: i16 = 3;
const OFFSET_OUT_OF_RANGE: i16 = 1;
const NOT_LEADER_OR_FOLLOWER: i16 = 6;
const NOT_COORDINATOR: i16 = 16;
const OFFSET_METADATA_TOO_LARGE: i16 = 12;
const INVALID_REQUEST: i16 = 42;
const INVALID_CONFIG: i16 = 40;
const TOPIC_DELETION_DISABLED: i16 = 73;
const UNSUPPORTED_VERSION: i16 = 35;

/// Takes the response of one kind; another one ends the test.
macro_rules! answer {
    ($kind:ident, $client:expr, $request:expr, $version:expr) => {
        match $client.ask(&Request::from($request), $version) {
            Response::$kind(it) => it,
            other => panic!("answered with {other:?}"),
        }
    };
}

/// One client for each broker: the one that coordinates the group, and the other.
fn by_coordinator(cluster: &Cluster) -> (Client, Client) {
    let request = || wire::FindCoordinatorRequest {
        key: GROUP.into(),
        ..Default::default()
    };
    let addresses: Vec<&str> = cluster.bootstrap.split(',').collect();
    let mut asked = Client::connect(addresses[0]);
    let port = until(|| {
        let found = answer!(FindCoordinator, asked, request(), 3);
        (found.error_code == 0).then(|| format!(":{}", found.port))
    });
    let (here, there): (Vec<&str>, Vec<&str>) =
        addresses.iter().partition(|it| it.ends_with(&port));
    (Client::connect(here[0]), Client::connect(there[0]))
}

fn offset_fetch(version: i16) -> wire::OffsetFetchRequest {
    if version < 8 {
        return wire::OffsetFetchRequest {
            group_id: GROUP.into(),
            topics: Some(vec![fetched::OffsetFetchRequestTopic {
                name: TOPIC.into(),
                partition_indexes: vec![0, 1],
                ..Default::default()
            }]),
            ..Default::default()
        };
    }
    wire::OffsetFetchRequest {
        groups: vec![fetched::OffsetFetchRequestGroup {
            group_id: GROUP.into(),
            topics: Some(vec![fetched::OffsetFetchRequestTopics {
                name: TOPIC.into(),
                partition_indexes: vec![0, 1],
                ..Default::default()
            }]),
            ..Default::default()
        }],
        ..Default::default()
    }
}

#[test]
fn a_group_elsewhere_is_an_error_in_each_version_and_not_an_offset() {
    let cluster = Cluster::start(2);
    cluster.create_topic(TOPIC, 2, 1);
    let (mut here, mut elsewhere) = by_coordinator(&cluster);
    commit(&mut here, 5);
    for version in 1..=9 {
        let told = answer!(OffsetFetch, elsewhere, offset_fetch(version), version);
        let of_group = told
            .groups
            .first()
            .map_or(told.error_code, |it| it.error_code);
        if version >= 2 {
            assert_eq!(of_group, NOT_COORDINATOR, "version {version}: {told:?}");
            continue;
        }
        // No room for it but in the partitions: without them a client begins anew, or at the end.
        let partitions = &told.topics[0].partitions;
        let told: Vec<_> = partitions
            .iter()
            .map(|it| (it.partition_index, it.committed_offset, it.error_code))
            .collect();
        assert_eq!(told, [(0, -1, NOT_COORDINATOR), (1, -1, NOT_COORDINATOR)]);
    }
    let told = answer!(OffsetFetch, here, offset_fetch(1), 1);
    let partition = &told.topics[0].partitions[0];
    assert_eq!((partition.committed_offset, partition.error_code), (5, 0));
    what_does_not_exist_is_not_deleted(&mut here);
    whoever_asks_the_wrong_broker_is_told_of_the_right_one(&cluster);
}

fn commit(client: &mut Client, offset: i64) {
    let partition = commit::OffsetCommitRequestPartition {
        committed_offset: offset,
        ..Default::default()
    };
    let topic = commit::OffsetCommitRequestTopic {
        name: TOPIC.into(),
        partitions: vec![partition],
        ..Default::default()
    };
    let request = || wire::OffsetCommitRequest {
        group_id: GROUP.into(),
        topics: vec![topic.clone()],
        ..Default::default()
    };
    // The groups may still be loading.
    until(|| {
        let committed = answer!(OffsetCommit, client, request(), 7);
        (committed.topics[0].partitions[0].error_code == 0).then_some(())
    });
}

fn what_does_not_exist_is_not_deleted(client: &mut Client) {
    let topic = |name: &'static str, indexes: &[i32]| offset_delete::OffsetDeleteRequestTopic {
        name: name.into(),
        partitions: indexes
            .iter()
            .map(|it| offset_delete::OffsetDeleteRequestPartition {
                partition_index: *it,
            })
            .collect(),
    };
    let request = wire::OffsetDeleteRequest {
        group_id: GROUP.into(),
        topics: vec![topic(TOPIC, &[0, 7]), topic("nowhere", &[0])],
    };
    let deleted = answer!(OffsetDelete, client, request, 0);
    let mut codes: Vec<_> = deleted
        .topics
        .iter()
        .flat_map(|topic| {
            let partitions = topic.partitions.iter();
            partitions.map(|it| (topic.name.to_string(), it.partition_index, it.error_code))
        })
        .collect();
    codes.sort();
    let expected = [
        ("nowhere".to_owned(), 0, UNKNOWN_TOPIC_OR_PARTITION),
        (TOPIC.to_owned(), 0, 0),
        (TOPIC.to_owned(), 7, UNKNOWN_TOPIC_OR_PARTITION),
    ];
    assert_eq!(codes, expected);
    let told = answer!(OffsetFetch, client, offset_fetch(1), 1);
    assert_eq!(told.topics[0].partitions[0].committed_offset, -1);
}

#[test]
fn one_broker_answers_like_kafka() {
    let cluster = Cluster::start(1);
    cluster.create_topic(TOPIC, 1, 1);
    cluster.kcat(&["-P", "-t", TOPIC], "one\ntwo\nthree\n");
    let mut client = Client::connect(&cluster.bootstrap);
    timestamps_before_all_time_are_places_or_nothing(&mut client);
    records_that_are_gone_are_deleted_again_without_error(&mut client);
    a_fetch_at_the_end_of_a_segment_does_not_wait(&cluster, &mut client);
    kafkas_dynamic_configs_of_brokers_are_taken(&mut client);
    settings_of_groups_apply_while_they_run(&mut client);
    everything_is_authorized_where_nothing_is_forbidden(&mut client);
    what_is_named_often_is_answered_once(&mut client);
}

fn records_that_are_gone_are_deleted_again_without_error(client: &mut Client) {
    let mut delete = |offset| {
        let topic = delete_records::DeleteRecordsTopic {
            name: TOPIC.into(),
            partitions: vec![delete_records::DeleteRecordsPartition {
                offset,
                ..Default::default()
            }],
            ..Default::default()
        };
        let request = wire::DeleteRecordsRequest {
            topics: vec![topic],
            timeout_ms: 10_000,
            ..Default::default()
        };
        let deleted = answer!(DeleteRecords, client, request, 2);
        let partition = &deleted.topics[0].partitions[0];
        (partition.error_code, partition.low_watermark)
    };
    assert_eq!(delete(2), (0, 2));
    assert_eq!(delete(1), (0, 2));
    assert_eq!(delete(0), (0, 2));
    assert_eq!(delete(-2), (OFFSET_OUT_OF_RANGE, -1));
    assert_eq!(delete(4), (OFFSET_OUT_OF_RANGE, -1));
    assert_eq!(delete(-1), (0, 3));
}

fn timestamps_before_all_time_are_places_or_nothing(client: &mut Client) {
    let places = [
        (-2, 0),
        (-7, UNSUPPORTED_VERSION),
        (-3, UNSUPPORTED_VERSION),
    ];
    for (timestamp, expected) in places {
        let codes = offset_codes(client, &[timestamp]);
        assert_eq!(codes, [expected], "{timestamp}");
    }
    // Two questions about one partition: neither is answered.
    assert_eq!(offset_codes(client, &[-1, -2]), [INVALID_REQUEST; 2]);
}

/// The error codes of places in partition 0.
fn offset_codes(client: &mut Client, timestamps: &[i64]) -> Vec<i16> {
    let partition = |timestamp: &i64| offsets::ListOffsetsPartition {
        timestamp: *timestamp,
        ..Default::default()
    };
    let topic = offsets::ListOffsetsTopic {
        name: TOPIC.into(),
        partitions: timestamps.iter().map(partition).collect(),
        ..Default::default()
    };
    let request = wire::ListOffsetsRequest {
        replica_id: -1,
        topics: vec![topic],
        ..Default::default()
    };
    let told = answer!(ListOffsets, client, request, 6);
    let partitions = told.topics[0].partitions.iter();
    partitions.map(|it| it.error_code).collect()
}

fn whoever_asks_the_wrong_broker_is_told_of_the_right_one(cluster: &Cluster) {
    let addresses: Vec<&str> = cluster.bootstrap.split(',').collect();
    let mut client = Client::connect(addresses[0]);
    let described = answer!(Metadata, client, metadata_of(&[TOPIC]), 12);
    let topic = &described.topics[0];
    let leader = topic.partitions.iter().find(|it| it.partition_index == 0);
    let leader = leader.unwrap().leader_id;
    let port = |id: i32| {
        described
            .brokers
            .iter()
            .find(|it| it.node_id == id)
            .unwrap()
            .port
    };
    let other = described
        .brokers
        .iter()
        .find(|it| it.node_id != leader)
        .unwrap();
    let mut other = Client::connect(&format!("{}:{}", other.host, other.port));
    for version in [13, 15, 16, 17] {
        let told = answer!(Fetch, other, fetch(topic.topic_id, 0, 1, 0), version);
        let partition = &told.responses[0].partitions[0];
        assert_eq!(partition.error_code, NOT_LEADER_OR_FOLLOWER);
        let hint = (
            partition.current_leader.leader_id,
            told.node_endpoints.first(),
        );
        if version < 16 {
            assert_eq!(hint, (-1, None), "version {version}");
        } else {
            assert_eq!(hint.0, leader);
            assert_eq!(hint.1.unwrap().port, port(leader));
        }
    }
}

/// Asks for partition 0.
fn fetch(topic_id: [u8; 16], offset: i64, min_bytes: i32, max_wait_ms: i32) -> wire::FetchRequest {
    let partition = fetch::FetchPartition {
        fetch_offset: offset,
        partition_max_bytes: 1 << 20,
        ..Default::default()
    };
    let topic = fetch::FetchTopic {
        topic_id,
        partitions: vec![partition],
        ..Default::default()
    };
    wire::FetchRequest {
        min_bytes,
        max_bytes: 1 << 24,
        max_wait_ms,
        session_epoch: -1,
        topics: vec![topic],
        ..Default::default()
    }
}

fn a_fetch_at_the_end_of_a_segment_does_not_wait(cluster: &Cluster, client: &mut Client) {
    let config = create::CreatableTopicConfig {
        name: "internal.segment.bytes".into(),
        value: Some("300".into()),
        ..Default::default()
    };
    let topic = create::CreatableTopic {
        name: "short".into(),
        num_partitions: 1,
        replication_factor: 1,
        configs: vec![config],
        ..Default::default()
    };
    let request = wire::CreateTopicsRequest {
        topics: vec![topic],
        timeout_ms: 10_000,
        ..Default::default()
    };
    let created = answer!(CreateTopics, client, request, 7);
    assert_eq!(created.topics[0].error_code, 0, "{created:?}");
    // Batches of one record, three to a segment.
    for value in 0..8 {
        cluster.kcat(&["-P", "-t", "short"], &format!("{value}\n"));
    }
    // A wait is longer than the client waits for an answer.
    let request = fetch(created.topics[0].topic_id, 0, 1 << 20, 60_000);
    let fetched = answer!(Fetch, client, request, 16);
    let partition = &fetched.responses[0].partitions[0];
    assert_eq!((partition.error_code, partition.high_watermark), (0, 8));
    assert!(matches!(&partition.records, Some(Records::Bytes(it)) if !it.is_empty()));
}

const BROKER: i8 = 4;
const FROM_CLUSTER: i8 = 3;

/// Sets a config of the cluster, or with an id that of a broker; returns the error.
fn set(client: &mut Client, broker: &str, name: &'static str, value: &'static str) -> i16 {
    let config = alter::AlterableConfig {
        name: name.into(),
        value: Some(value.into()),
        ..Default::default()
    };
    let resource = alter::AlterConfigsResource {
        resource_type: BROKER,
        resource_name: broker.into(),
        configs: vec![config],
        ..Default::default()
    };
    let request = wire::IncrementalAlterConfigsRequest {
        resources: vec![resource],
        ..Default::default()
    };
    let altered = answer!(IncrementalAlterConfigs, client, request, 1);
    altered.responses[0].error_code
}

fn kafkas_dynamic_configs_of_brokers_are_taken(client: &mut Client) {
    let described = answer!(
        DescribeCluster,
        client,
        wire::DescribeClusterRequest::default(),
        0
    );
    let broker = described.brokers[0].broker_id.to_string();
    let relogin = "sasl.kerberos.min.time.before.relogin";
    assert_eq!(set(client, &broker, relogin, "58000"), 0);
    assert_eq!(set(client, "", "num.io.threads", "16"), 0);
    assert_eq!(set(client, "", "num.io.threads", "none"), INVALID_CONFIG);
    assert_eq!(set(client, "", "no.such.config", "1"), INVALID_CONFIG);
    let resource = configs::DescribeConfigsResource {
        resource_type: BROKER,
        resource_name: broker.as_str().into(),
        configuration_keys: Some(vec!["num.io.threads".into()]),
        ..Default::default()
    };
    let request = || wire::DescribeConfigsRequest {
        resources: vec![resource.clone()],
        include_documentation: true,
        ..Default::default()
    };
    let config = until(|| {
        let described = answer!(DescribeConfigs, client, request(), 4);
        let config = described.results[0].configs[0].clone();
        (config.config_source == FROM_CLUSTER).then_some(config)
    });
    assert_eq!(config.value.as_deref(), Some("16"));
    assert!(config.documentation.unwrap().contains("no effect yet"));

    assert_eq!(set(client, "", "delete.topic.enable", "FALSE"), 0);
    let topic = delete::DeleteTopicState {
        name: Some("short".into()),
        ..Default::default()
    };
    let request = wire::DeleteTopicsRequest {
        topics: vec![topic],
        timeout_ms: 10_000,
        ..Default::default()
    };
    let deleted = answer!(DeleteTopics, client, request, 6);
    assert_eq!(deleted.responses[0].error_code, TOPIC_DELETION_DISABLED);
}

fn settings_of_groups_apply_while_they_run(client: &mut Client) {
    let key = wire::FindCoordinatorRequest {
        key: GROUP.into(),
        ..Default::default()
    };
    until(|| (answer!(FindCoordinator, client, key.clone(), 3).error_code == 0).then_some(()));
    let mut other = Client::connect(&client.address());
    let mut commit = |metadata: &'static str| {
        let partition = commit::OffsetCommitRequestPartition {
            committed_offset: 1,
            committed_metadata: Some(metadata.into()),
            ..Default::default()
        };
        let topic = commit::OffsetCommitRequestTopic {
            name: TOPIC.into(),
            partitions: vec![partition],
            ..Default::default()
        };
        let request = wire::OffsetCommitRequest {
            group_id: GROUP.into(),
            topics: vec![topic],
            ..Default::default()
        };
        let committed = answer!(OffsetCommit, client, request, 7);
        committed.topics[0].partitions[0].error_code
    };
    until(|| (commit("five!") == 0).then_some(()));
    assert_eq!(set(&mut other, "", "offset.metadata.max.bytes", "4"), 0);
    until(|| (commit("five!") == OFFSET_METADATA_TOO_LARGE).then_some(()));
    assert_eq!(commit("four"), 0);
}

/// Asks until there is an answer: what is decided reaches a broker a moment later.
fn until<T>(mut ask: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(Instant::now() < deadline, "it did not come about");
        std::thread::park_timeout(Duration::from_millis(50));
    }
}

const ALL_OF_TOPIC: i32 = 3576;
const ALL_OF_GROUP: i32 = 3400;
const ALL_OF_CLUSTER: i32 = 8096;

fn everything_is_authorized_where_nothing_is_forbidden(client: &mut Client) {
    for is_asked in [true, false] {
        let expected = |all| if is_asked { all } else { i32::MIN };
        for version in [8, 10, 13] {
            let request = wire::MetadataRequest {
                include_cluster_authorized_operations: is_asked && version <= 10,
                include_topic_authorized_operations: is_asked,
                ..metadata_of(&[TOPIC])
            };
            let told = answer!(Metadata, client, request, version);
            let of_topic = told.topics[0].topic_authorized_operations;
            assert_eq!(of_topic, expected(ALL_OF_TOPIC));
            if version <= 10 {
                let of_cluster = told.cluster_authorized_operations;
                assert_eq!(of_cluster, expected(ALL_OF_CLUSTER));
            }
        }
        let request = wire::DescribeClusterRequest {
            include_cluster_authorized_operations: is_asked,
            ..Default::default()
        };
        let told = answer!(DescribeCluster, client, request, 1);
        assert_eq!(told.cluster_authorized_operations, expected(ALL_OF_CLUSTER));
        let request = wire::DescribeGroupsRequest {
            groups: vec![GROUP.into()],
            include_authorized_operations: is_asked,
            ..Default::default()
        };
        let told = answer!(DescribeGroups, client, request, 5);
        let of_group = told.groups[0].authorized_operations;
        assert_eq!(of_group, expected(ALL_OF_GROUP));
    }
    let topic = topics::TopicRequest {
        name: TOPIC.into(),
        ..Default::default()
    };
    let request = wire::DescribeTopicPartitionsRequest {
        topics: vec![topic],
        ..Default::default()
    };
    let told = answer!(DescribeTopicPartitions, client, request, 0);
    assert_eq!(told.topics[0].topic_authorized_operations, ALL_OF_TOPIC);
}

fn metadata_of(names: &[&'static str]) -> wire::MetadataRequest {
    let topic = |name: &&'static str| metadata::MetadataRequestTopic {
        name: Some((*name).into()),
        ..Default::default()
    };
    wire::MetadataRequest {
        topics: Some(names.iter().map(topic).collect()),
        ..Default::default()
    }
}

fn what_is_named_often_is_answered_once(client: &mut Client) {
    let request = metadata_of(&["short", TOPIC, "short", TOPIC, "short"]);
    let told = answer!(Metadata, client, request, 12);
    let names: Vec<_> = told
        .topics
        .iter()
        .filter_map(|it| it.name.as_deref())
        .collect();
    assert_eq!(names, ["short", TOPIC]);
    let by_id = |it: &_| metadata::MetadataRequestTopic {
        topic_id: *it,
        ..Default::default()
    };
    let ids: Vec<[u8; 16]> = told.topics.iter().map(|it| it.topic_id).collect();
    let request = wire::MetadataRequest {
        topics: Some(ids.iter().chain(&ids).map(by_id).collect()),
        ..Default::default()
    };
    let told = answer!(Metadata, client, request, 12);
    assert_eq!(told.topics.len(), 2);
    let request = wire::DescribeGroupsRequest {
        groups: vec![GROUP.into(); 3],
        ..Default::default()
    };
    assert_eq!(answer!(DescribeGroups, client, request, 5).groups.len(), 1);
    let request = wire::FindCoordinatorRequest {
        coordinator_keys: vec![GROUP.into(), "other".into(), GROUP.into()],
        ..Default::default()
    };
    let told = answer!(FindCoordinator, client, request, 4);
    let keys: Vec<&str> = told.coordinators.iter().map(|it| &*it.key).collect();
    assert_eq!(keys, [GROUP, "other"]);
}
