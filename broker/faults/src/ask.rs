//! Questions to one broker, and to no other: what it knows, and what an administrator asks for.
//!
//! In: the address of its client listener. Out: its answer. Never here: finding out whom to ask; a client
//! that asks whom it likes would not tell what a certain broker believes.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use broker_wire::messages::create_topics_request::{CreatableTopic, CreatableTopicConfig};
use broker_wire::messages::describe_quorum_request::{PartitionData, TopicData};
use broker_wire::messages::incremental_alter_configs_request::{
    AlterConfigsResource, AlterableConfig,
};
use broker_wire::messages::metadata_request::MetadataRequestTopic;
use broker_wire::messages::{
    CreateTopicsRequest, DescribeQuorumRequest, IncrementalAlterConfigsRequest, MetadataRequest,
};
use broker_wire::{Request, Response, frame};

/// Short: one that does not answer is a broker with a fault.
const ANSWER_WITHIN: Duration = Duration::from_secs(2);
/// What the cluster has to do first takes longer.
const DONE_WITHIN: Duration = Duration::from_secs(30);
const CLIENT_ID: &str = "faults";
const METADATA_VERSION: i16 = 9;
const DESCRIBE_QUORUM_VERSION: i16 = 1;
const CREATE_TOPICS_VERSION: i16 = 5;
const ALTER_CONFIGS_VERSION: i16 = 1;
const TIMEOUT_MS: i32 = 20_000;

/// A partition, as one broker sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Partition {
    pub(crate) index: i32,
    /// `None`: nobody.
    pub(crate) leader: Option<u32>,
    pub(crate) leader_epoch: i32,
    pub(crate) isr: Vec<u32>,
}

/// What a config is set for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Resource {
    Topic,
    /// All brokers.
    Brokers,
}

fn ask(address: SocketAddr, request: &Request, version: i16, within: Duration) -> Result<Response> {
    let key = request.api_key();
    let mut stream = TcpStream::connect_timeout(&address, ANSWER_WITHIN)?;
    stream.set_read_timeout(Some(within))?;
    let body = frame::encode_request(request, version, 1, CLIENT_ID)?;
    stream.write_all(&u32::try_from(body.len())?.to_be_bytes())?;
    stream.write_all(&body)?;
    let mut length = [0; 4];
    stream.read_exact(&mut length)?;
    let mut answer = vec![0; usize::try_from(u32::from_be_bytes(length))?];
    stream.read_exact(&mut answer)?;
    Ok(frame::decode_response(key, version, 1, answer.into())?)
}

/// The partitions of a topic.
pub(crate) fn partitions(address: SocketAddr, topic: &str) -> Result<Vec<Partition>> {
    let request = MetadataRequest {
        topics: Some(vec![MetadataRequestTopic {
            name: Some(topic.into()),
            ..MetadataRequestTopic::default()
        }]),
        allow_auto_topic_creation: false,
        ..MetadataRequest::default()
    };
    let answer = ask(address, &request.into(), METADATA_VERSION, ANSWER_WITHIN)?;
    let Response::Metadata(answer) = answer else {
        bail!("another answer came");
    };
    let topic = answer.topics.first().context("no topic was described")?;
    ensure!(topic.error_code == 0, "error code {}", topic.error_code);
    let partitions = topic.partitions.iter().map(|it| Partition {
        index: it.partition_index,
        leader: u32::try_from(it.leader_id).ok(),
        leader_epoch: it.leader_epoch,
        isr: it
            .isr_nodes
            .iter()
            .filter_map(|id| u32::try_from(*id).ok())
            .collect(),
    });
    Ok(partitions.collect())
}

/// Who leads the metadata quorum.
pub(crate) fn controller(address: SocketAddr) -> Result<u32> {
    let request = DescribeQuorumRequest {
        topics: vec![TopicData {
            topic_name: "__cluster_metadata".into(),
            partitions: vec![PartitionData::default()],
            ..TopicData::default()
        }],
        ..DescribeQuorumRequest::default()
    };
    let answer = ask(
        address,
        &request.into(),
        DESCRIBE_QUORUM_VERSION,
        ANSWER_WITHIN,
    )?;
    let Response::DescribeQuorum(answer) = answer else {
        bail!("another answer came");
    };
    let partition = answer.topics.first().and_then(|it| it.partitions.first());
    let partition = partition.context("no quorum was described")?;
    ensure!(
        partition.error_code == 0,
        "error code {}",
        partition.error_code
    );
    u32::try_from(partition.leader_id).context("nobody leads the quorum")
}

/// Makes a topic of three replicas; `configs` are names and values.
pub(crate) fn create_topic(
    address: SocketAddr,
    name: &str,
    n_partitions: i32,
    configs: &[(&str, &str)],
) -> Result<()> {
    let configs = configs.iter().map(|(name, value)| CreatableTopicConfig {
        name: (*name).into(),
        value: Some((*value).into()),
        ..CreatableTopicConfig::default()
    });
    let request = CreateTopicsRequest {
        topics: vec![CreatableTopic {
            name: name.into(),
            num_partitions: n_partitions,
            replication_factor: 3,
            configs: configs.collect(),
            ..CreatableTopic::default()
        }],
        timeout_ms: TIMEOUT_MS,
        ..CreateTopicsRequest::default()
    };
    let answer = ask(address, &request.into(), CREATE_TOPICS_VERSION, DONE_WITHIN)?;
    let Response::CreateTopics(answer) = answer else {
        bail!("another answer came");
    };
    let result = answer.topics.first().context("no topic was answered for")?;
    ensure!(
        result.error_code == 0,
        "failed to create {name}: error code {} {:?}",
        result.error_code,
        result.error_message
    );
    Ok(())
}

/// Sets a config of a topic, or of all brokers.
pub(crate) fn set_config(
    address: SocketAddr,
    resource: Resource,
    name: &str,
    config: (&str, &str),
) -> Result<()> {
    let request = IncrementalAlterConfigsRequest {
        resources: vec![AlterConfigsResource {
            resource_type: match resource {
                Resource::Topic => 2,
                Resource::Brokers => 4,
            },
            resource_name: name.into(),
            configs: vec![AlterableConfig {
                name: config.0.into(),
                config_operation: 0,
                value: Some(config.1.into()),
                ..AlterableConfig::default()
            }],
            ..AlterConfigsResource::default()
        }],
        ..IncrementalAlterConfigsRequest::default()
    };
    let answer = ask(address, &request.into(), ALTER_CONFIGS_VERSION, DONE_WITHIN)?;
    let Response::IncrementalAlterConfigs(answer) = answer else {
        bail!("another answer came");
    };
    let result = answer
        .responses
        .first()
        .context("no config was answered for")?;
    ensure!(
        result.error_code == 0,
        "failed to set {}: error code {} {:?}",
        config.0,
        result.error_code,
        result.error_message
    );
    Ok(())
}
