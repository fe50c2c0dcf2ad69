//! Two other codecs in Rust: `kafka-protocol` (Kafka 4.1) for the versions that it has, and
//! `kacrab-protocol` (Kafka 4.3) for all that a broker serves.
//!
//! In: random messages. Out: whether the bytes are the same both ways. Never here: Java.

use std::collections::BTreeSet;

use broker_wire::ApiKey;
use bytes::{Bytes, BytesMut};
use kacrab_protocol::generated as kacrab;
use kafka_protocol::messages::{ApiKey as TheirKey, RequestKind, ResponseKind};

use crate::schema::{Message, Sample};
use crate::{rewritten, samples};

/// Reads what the crate wrote, writes it again, and has the crate read that.
#[track_caller]
fn check(
    message: &Message,
    sample: &Sample,
    rewrite: impl FnOnce(Bytes) -> Result<BytesMut, String>,
) {
    let what = format!("{} {}: {}", message.name, sample.version, sample.debug);
    let ours = rewritten(message, sample);
    let theirs = match rewrite(ours.clone()) {
        Ok(theirs) => theirs.freeze(),
        Err(error) => panic!("{what}: {error}"),
    };
    assert_eq!(theirs, ours, "{what}");
    let debug = (message.codec().debug)(theirs, sample.version);
    assert_eq!(debug.as_ref(), Ok(&sample.debug), "{what}");
}

fn with_kafka_protocol(
    is_request: bool,
    key: TheirKey,
    version: i16,
    bytes: Bytes,
) -> Result<BytesMut, String> {
    let mut bytes = bytes;
    let mut out = BytesMut::new();
    let written = if is_request {
        RequestKind::decode(key, &mut bytes, version).and_then(|it| it.encode(&mut out, version))
    } else {
        ResponseKind::decode(key, &mut bytes, version).and_then(|it| it.encode(&mut out, version))
    };
    written.map_err(|error| format!("{error:#}"))?;
    if bytes.is_empty() {
        Ok(out)
    } else {
        Err(format!("{} bytes are left", bytes.len()))
    }
}

/// Versions that `kafka-protocol` lists and refuses: they were not stable in Kafka 4.1.
const LISTED_BUT_REFUSED: &[(TheirKey, i16)] = &[
    (TheirKey::InitProducerId, 6),
    (TheirKey::OffsetCommit, 10),
    (TheirKey::OffsetFetch, 10),
];

#[test]
fn kafka_protocol_reads_and_writes_alike() {
    let mut n_messages = 0;
    let mut keys = BTreeSet::new();
    for (message, sample) in samples(70, true) {
        let is_request = message.kind == "request";
        if !is_request && message.kind != "response" {
            continue;
        }
        let Some(key) = message.api_key.and_then(|it| TheirKey::try_from(it).ok()) else {
            continue;
        };
        let range = key.valid_versions();
        if !(range.min..=range.max).contains(&sample.version)
            || LISTED_BUT_REFUSED.contains(&(key, sample.version))
        {
            continue;
        }
        check(message, &sample, |bytes| {
            with_kafka_protocol(is_request, key, sample.version, bytes)
        });
        keys.insert(message.name.as_str());
        n_messages += 1;
    }
    assert!(
        keys.len() > 160 && n_messages > 3_000,
        "{} {n_messages}",
        keys.len()
    );
}

macro_rules! kacrab_judges {
    ($($key:ident: $request:ident, $response:ident;)*) => {
        /// Reads and writes with `kacrab-protocol`; `None` when the broker does not serve the API.
        fn with_kacrab(key: ApiKey, is_request: bool, version: i16, bytes: Bytes) -> Option<Result<BytesMut, String>> {
            match (key, is_request) {
                $(
                    (ApiKey::$key, true) => Some(rewrite(
                        bytes,
                        |bytes| kacrab::$request::read(bytes, version),
                        |it, out| it.write(out, version),
                    )),
                    (ApiKey::$key, false) => Some(rewrite(
                        bytes,
                        |bytes| kacrab::$response::read(bytes, version),
                        |it, out| it.write(out, version),
                    )),
                )*
                #[allow(clippy::wildcard_enum_match_arm, reason = "the rest is not served")]
                _ => None,
            }
        }

        /// The APIs that clients or other brokers are served.
        const SERVED: &[ApiKey] = &[$(ApiKey::$key,)*];
    };
}

fn rewrite<T, E: std::fmt::Display>(
    mut bytes: Bytes,
    read: impl FnOnce(&mut Bytes) -> Result<T, E>,
    write: impl FnOnce(&T, &mut BytesMut) -> Result<(), E>,
) -> Result<BytesMut, String> {
    let value = read(&mut bytes).map_err(|error| error.to_string())?;
    if !bytes.is_empty() {
        return Err(format!("{} bytes are left", bytes.len()));
    }
    let mut out = BytesMut::new();
    write(&value, &mut out).map_err(|error| error.to_string())?;
    Ok(out)
}

kacrab_judges! {
    ApiVersions: ApiVersionsRequestData, ApiVersionsResponseData;
    Metadata: MetadataRequestData, MetadataResponseData;
    Produce: ProduceRequestData, ProduceResponseData;
    Fetch: FetchRequestData, FetchResponseData;
    ListOffsets: ListOffsetsRequestData, ListOffsetsResponseData;
    OffsetForLeaderEpoch: OffsetForLeaderEpochRequestData, OffsetForLeaderEpochResponseData;
    FindCoordinator: FindCoordinatorRequestData, FindCoordinatorResponseData;
    JoinGroup: JoinGroupRequestData, JoinGroupResponseData;
    SyncGroup: SyncGroupRequestData, SyncGroupResponseData;
    Heartbeat: HeartbeatRequestData, HeartbeatResponseData;
    LeaveGroup: LeaveGroupRequestData, LeaveGroupResponseData;
    OffsetCommit: OffsetCommitRequestData, OffsetCommitResponseData;
    OffsetFetch: OffsetFetchRequestData, OffsetFetchResponseData;
    DescribeGroups: DescribeGroupsRequestData, DescribeGroupsResponseData;
    ListGroups: ListGroupsRequestData, ListGroupsResponseData;
    DeleteGroups: DeleteGroupsRequestData, DeleteGroupsResponseData;
    OffsetDelete: OffsetDeleteRequestData, OffsetDeleteResponseData;
    InitProducerId: InitProducerIdRequestData, InitProducerIdResponseData;
    CreateTopics: CreateTopicsRequestData, CreateTopicsResponseData;
    DeleteTopics: DeleteTopicsRequestData, DeleteTopicsResponseData;
    CreatePartitions: CreatePartitionsRequestData, CreatePartitionsResponseData;
    DeleteRecords: DeleteRecordsRequestData, DeleteRecordsResponseData;
    DescribeConfigs: DescribeConfigsRequestData, DescribeConfigsResponseData;
    IncrementalAlterConfigs: IncrementalAlterConfigsRequestData, IncrementalAlterConfigsResponseData;
    AlterConfigs: AlterConfigsRequestData, AlterConfigsResponseData;
    DescribeCluster: DescribeClusterRequestData, DescribeClusterResponseData;
    DescribeTopicPartitions: DescribeTopicPartitionsRequestData, DescribeTopicPartitionsResponseData;
    DescribeQuorum: DescribeQuorumRequestData, DescribeQuorumResponseData;
    DescribeLogDirs: DescribeLogDirsRequestData, DescribeLogDirsResponseData;
    Vote: VoteRequestData, VoteResponseData;
    BeginQuorumEpoch: BeginQuorumEpochRequestData, BeginQuorumEpochResponseData;
    EndQuorumEpoch: EndQuorumEpochRequestData, EndQuorumEpochResponseData;
    FetchSnapshot: FetchSnapshotRequestData, FetchSnapshotResponseData;
    AddRaftVoter: AddRaftVoterRequestData, AddRaftVoterResponseData;
    RemoveRaftVoter: RemoveRaftVoterRequestData, RemoveRaftVoterResponseData;
    UpdateRaftVoter: UpdateRaftVoterRequestData, UpdateRaftVoterResponseData;
    BrokerRegistration: BrokerRegistrationRequestData, BrokerRegistrationResponseData;
    BrokerHeartbeat: BrokerHeartbeatRequestData, BrokerHeartbeatResponseData;
    AlterPartition: AlterPartitionRequestData, AlterPartitionResponseData;
    AllocateProducerIds: AllocateProducerIdsRequestData, AllocateProducerIdsResponseData;
    Envelope: EnvelopeRequestData, EnvelopeResponseData;
    UpdateFeatures: UpdateFeaturesRequestData, UpdateFeaturesResponseData;
}

#[test]
fn kacrab_reads_and_writes_alike_what_is_served() {
    let mut seen = BTreeSet::new();
    for (message, sample) in samples(80, true) {
        let is_request = message.kind == "request";
        if !is_request && message.kind != "response" {
            continue;
        }
        let number = message.api_key.expect("a key");
        let key = ApiKey::from_wire(number).expect("a known key");
        let ours = rewritten(message, &sample);
        if with_kacrab(key, is_request, sample.version, ours).is_none() {
            continue;
        }
        check(message, &sample, |bytes| {
            with_kacrab(key, is_request, sample.version, bytes).expect("as before")
        });
        seen.insert((key, is_request));
    }
    assert_eq!(seen.len(), 2 * SERVED.len());
}
