//! What a cluster is set up with before anything fails: its defaults and its topics.
//!
//! In: a number of partitions. Out: requests, sent until they are done. Never here: what clients do.

use std::time::Duration;

use broker_node::configs::RACK_AWARE_SELECTOR;
use broker_types::ErrorCode;
use broker_wire::messages::create_topics_request::{CreatableTopic, CreatableTopicConfig};
use broker_wire::messages::incremental_alter_configs_request::{
    AlterConfigsResource, AlterableConfig,
};
use broker_wire::messages::{CreateTopicsRequest, IncrementalAlterConfigsRequest};
use broker_wire::{Request, Response};

use crate::clients::{Client, DELETE_RETENTION};
use crate::run::{GROUP_PARTITIONS, JOURNAL, LEDGER, MIN_FREE, TABLE};

/// Defaults of the whole cluster: few partitions of the brokers' own topic, for there is little to
/// see in many.
pub(crate) fn defaults() -> Request {
    let min_free = MIN_FREE.to_string();
    let group_partitions = GROUP_PARTITIONS.to_string();
    let configs = [
        ("min.insync.replicas", "2"),
        ("offsets.topic.num.partitions", &group_partitions),
        ("log.cleaner.backoff.ms", "300"),
        ("log.flush.interval.ms", "900"),
        ("log.segment.delete.delay.ms", "700"),
        ("tidemill.disk.min.free.bytes", min_free.as_str()),
        ("tidemill.scrub.interval.ms", "2000"),
        ("tidemill.scrub.max.bytes.per.second", "1000000000"),
        ("replica.selector.class", RACK_AWARE_SELECTOR),
        ("leader.replication.throttled.rate", "200000"),
        ("follower.replication.throttled.rate", "150000"),
    ];
    let configs = configs.into_iter().map(|(name, value)| AlterableConfig {
        name: name.into(),
        value: Some(value.into()),
        ..AlterableConfig::default()
    });
    let resource = AlterConfigsResource {
        // A broker, and the empty name: the default of all.
        resource_type: 4,
        configs: configs.collect(),
        ..AlterConfigsResource::default()
    };
    IncrementalAlterConfigsRequest {
        resources: vec![resource],
        ..IncrementalAlterConfigsRequest::default()
    }
    .into()
}

/// The topics that clients write to.
pub(crate) fn topics(n_partitions: i32) -> Request {
    let topic = |name: &str, num_partitions, configs: &[(&str, &str)]| {
        let configs = configs.iter().chain(&[("min.insync.replicas", "2")]);
        let configs = configs.map(|(name, value)| CreatableTopicConfig {
            name: (*name).into(),
            value: Some((*value).into()),
            ..CreatableTopicConfig::default()
        });
        CreatableTopic {
            name: name.into(),
            num_partitions,
            replication_factor: 3,
            configs: configs.collect(),
            ..CreatableTopic::default()
        }
    };
    // So often that a run sees it many times.
    let retention = DELETE_RETENTION.as_millis().to_string();
    let compacted = [
        ("cleanup.policy", "compact"),
        ("segment.ms", "400"),
        ("min.cleanable.dirty.ratio", "0.1"),
        ("delete.retention.ms", &retention),
    ];
    let throttled = [
        ("leader.replication.throttled.replicas", "*"),
        ("follower.replication.throttled.replicas", "*"),
    ];
    CreateTopicsRequest {
        topics: vec![
            topic(LEDGER, n_partitions, &throttled),
            // Many small segments.
            topic(JOURNAL, 1, &[("segment.ms", "1500")]),
            topic(TABLE, 1, &compacted),
        ],
        timeout_ms: 5_000,
        ..CreateTopicsRequest::default()
    }
    .into()
}

/// Sends a request to anybody until everything in it is so.
pub(crate) async fn ask_until_done(client: &Client, request: &Request) {
    loop {
        let peer = client.anybody();
        let newest = request.api_key().versions().to;
        let answer = client.ask(&peer, request, newest, Duration::from_secs(6));
        let errors: Vec<i16> = match answer.await {
            Ok(Response::CreateTopics(it)) => it.topics.iter().map(|it| it.error_code).collect(),
            Ok(Response::IncrementalAlterConfigs(it)) => {
                it.responses.iter().map(|it| it.error_code).collect()
            }
            Ok(_) | Err(_) => vec![ErrorCode::NetworkException.to_wire()],
        };
        let exists = ErrorCode::TopicAlreadyExists.to_wire();
        if errors.iter().all(|it| *it == 0 || *it == exists) {
            return;
        }
        client.pause(Duration::from_millis(100)).await;
    }
}
