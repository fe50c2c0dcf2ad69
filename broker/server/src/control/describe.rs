//! Describe: what this broker knows of itself and of its cluster.
//!
//! In: the image and the quorum as this broker has them. Out: a description. Never here: what others
//! know; that may be newer.

use std::collections::BTreeMap;
use std::time::Duration;

use broker_metadata::{ConfigResource, Image};
use broker_node::control::{PartitionHealth, QuorumReplica, QuorumState};
use broker_rpc as rpc;
use broker_types::{BrokerId, Offset};
use tonic::Status;

use super::Service;

pub(super) async fn describe(service: &Service) -> Result<rpc::DescribeResponse, Status> {
    let cluster_id = service.cluster_id.borrow().clone();
    let formatting = match cluster_id {
        Some(_) => rpc::Formatting::Formatted,
        None => rpc::Formatting::Waiting,
    };
    let mut described = rpc::DescribeResponse {
        node_id: service.broker_id.to_wire(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        directory_id: service.directory_id.to_string(),
        formatting: formatting.into(),
        cluster_id: cluster_id.unwrap_or_default(),
        ..rpc::DescribeResponse::default()
    };
    // Between its identity and its start there is nothing to tell of the cluster.
    if let Ok(node) = service.node() {
        described.broker_epoch = node.registered_epoch().map(|it| it.to_wire());
        described.quorum = node.quorum_state().await.as_ref().map(quorum);
        described.image = Some(image(&node.image()));
    }
    Ok(described)
}

fn quorum(state: &QuorumState) -> rpc::Quorum {
    let replicas = |it: &[QuorumReplica]| it.iter().map(replica).collect();
    rpc::Quorum {
        leader_id: state.leader.map(BrokerId::to_wire),
        epoch: state.epoch.to_wire(),
        high_watermark: state.high_watermark.to_wire(),
        voters: replicas(&state.voters),
        observers: replicas(&state.observers),
    }
}

fn replica(it: &QuorumReplica) -> rpc::quorum::Replica {
    rpc::quorum::Replica {
        node_id: it.id.to_wire(),
        directory_id: it.directory_id.to_string(),
        log_end_offset: it.log_end_offset.map(Offset::to_wire),
        behind_ms: it.behind.map(millis),
    }
}

fn image(image: &Image) -> rpc::ClusterImage {
    let mut places: BTreeMap<BrokerId, (usize, usize)> = BTreeMap::new();
    for (_, _, partition) in image.partitions() {
        for replica in &partition.replicas {
            places.entry(*replica).or_default().0 += 1;
        }
        if let Some(leader) = partition.leader {
            places.entry(leader).or_default().1 += 1;
        }
    }
    let health = image
        .topics()
        .map(|it| PartitionHealth::of(image, it))
        .fold(PartitionHealth::default(), PartitionHealth::and);
    let brokers = image.brokers().map(|it| {
        let (replicas, leaders) = places.get(&it.id).copied().unwrap_or_default();
        rpc::cluster_image::Broker {
            node_id: it.id.to_wire(),
            broker_epoch: it.epoch.to_wire(),
            directory_id: it
                .directories
                .first()
                .map(ToString::to_string)
                .unwrap_or_default(),
            rack: it.rack.as_deref().unwrap_or_default().to_owned(),
            is_fenced: it.is_fenced,
            is_in_controlled_shutdown: it.is_in_controlled_shutdown,
            replicas: count(replicas),
            leaders: count(leaders),
        }
    });
    let features = image
        .features()
        .map(|(name, level)| (name.to_string(), i32::from(level)));
    let configs = image.configs().of(&ConfigResource::ClusterDefault);
    rpc::ClusterImage {
        offset: image
            .position()
            .map_or(0, |it| it.offset.advance(1).to_wire()),
        brokers: brokers.collect(),
        partitions: count(health.partitions),
        under_replicated_partitions: count(health.under_replicated),
        under_min_isr_partitions: count(health.under_min_isr),
        offline_partitions: count(health.offline),
        features: features.collect(),
        config: configs
            .map(|(name, value)| (name.to_string(), value.to_string()))
            .collect(),
    }
}

pub(super) fn count(n: usize) -> i32 {
    i32::try_from(n).unwrap_or(i32::MAX)
}

pub(super) fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
