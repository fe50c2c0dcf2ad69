//! Topics that brokers keep for themselves.
//!
//! In: the cluster's configs and its size. Out: what to ask `CreateTopics` for. Never here: when.

use broker_wire::messages::create_topics_request::{CreatableTopic, CreatableTopicConfig};

use crate::config::ConfigResource;
use crate::image::Image;

/// Where groups and their offsets are kept.
pub const GROUP_METADATA_TOPIC_NAME: &str = "__consumer_offsets";

const PARTITIONS: i32 = 50;
const REPLICATION_FACTOR: i16 = 3;

/// The topic of groups and offsets. `brokers` is how many the cluster has, those included that have
/// not registered yet: a topic made while the others start must not stay with one replica.
pub fn group_metadata_topic(image: &Image, brokers: usize) -> CreatableTopic {
    let default = |key: &str| {
        let value = image.configs().value(&ConfigResource::ClusterDefault, key);
        value.map(|it| it.trim())
    };
    let partitions = default("offsets.topic.num.partitions").and_then(|it| it.parse().ok());
    let factor = default("offsets.topic.replication.factor").and_then(|it| it.parse().ok());
    let factor: i16 = factor.unwrap_or(REPLICATION_FACTOR);
    let brokers = i16::try_from(brokers).unwrap_or(i16::MAX);
    let configs = [
        ("cleanup.policy", "compact"),
        ("compression.type", "producer"),
        ("segment.bytes", "104857600"),
    ];
    let configs = configs.map(|(name, value)| CreatableTopicConfig {
        name: name.into(),
        value: Some(value.into()),
        ..CreatableTopicConfig::default()
    });
    CreatableTopic {
        name: GROUP_METADATA_TOPIC_NAME.into(),
        num_partitions: partitions.unwrap_or(PARTITIONS),
        replication_factor: factor.min(brokers),
        configs: configs.into(),
        ..CreatableTopic::default()
    }
}
