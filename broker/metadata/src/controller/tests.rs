//! A controller in a world of its own, and what must hold after every decision.

mod alter_partition;
mod alter_topic;
mod availability;
mod brokers;
mod configs;
mod heartbeats;
mod leaders;
mod partitions;
mod random;
mod reassignments;
mod stops;
mod throttled_reassignments;
mod topics;
mod updates;

use std::collections::BTreeMap;

use broker_types::{
    BrokerEpoch, BrokerId, DirectoryId, ErrorCode, PartitionIndex, TopicId, TopicPartition,
};
use broker_wire::Str;
use broker_wire::messages::alter_partition_request as alter;
use broker_wire::messages::broker_heartbeat_request::BrokerHeartbeatRequest;
use broker_wire::messages::broker_heartbeat_response::BrokerHeartbeatResponse;
use broker_wire::messages::broker_registration_request::{
    BrokerRegistrationRequest, Feature, Listener,
};
use broker_wire::messages::create_topics_request::{
    CreatableTopic, CreatableTopicConfig, CreateTopicsRequest,
};
use broker_wire::messages::create_topics_response::CreatableTopicResult;
use broker_wire::messages::incremental_alter_configs_request as configs_request;

use super::*;
use crate::config::ConfigResource;
use crate::feature;
use crate::partition::{LeaderRecovery, Partition};

const CLUSTER: &str = "a cluster";

fn code(raw: i16) -> ErrorCode {
    ErrorCode::from_wire(raw).unwrap()
}

fn ids(ids: &[u32]) -> Vec<BrokerId> {
    ids.iter().map(|it| BrokerId::new(*it)).collect()
}

/// Knows a few configs.
struct Rules;

impl ConfigRules for Rules {
    fn validate(&self, _: &ConfigResource, configs: &BTreeMap<Str, Str>) -> Result<(), String> {
        for (name, value) in configs {
            let is_valid = match &**name {
                "retention.ms"
                | "min.insync.replicas"
                | "num.partitions"
                | "leader.imbalance.check.interval.seconds"
                | "leader.imbalance.per.broker.percentage" => value.parse::<i32>().is_ok(),
                "unclean.leader.election.enable"
                | "delete.topic.enable"
                | "auto.leader.rebalance.enable" => value.parse::<bool>().is_ok(),
                "cleanup.policy" => !value.is_empty(),
                "default.replication.factor" => true,
                _ => false,
            };
            if !is_valid {
                return Err(format!("{name} cannot be {value}"));
            }
        }
        Ok(())
    }

    fn list_default(&self, _: &ConfigResource, key: &str) -> Option<Str> {
        (key == "cleanup.policy").then(|| "delete".into())
    }
}

struct World {
    controller: Controller,
    /// What a broker has that applies the committed records.
    replayed: Image,
    now: Monotonic,
    log_end_offset: Offset,
    last_id: u64,
}

impl World {
    fn new() -> World {
        let mut image = Image::new(CLUSTER.into());
        for record in feature::bootstrap_records() {
            image.apply(&record).unwrap();
        }
        World {
            controller: Controller::new(Settings::default(), image.clone(), Monotonic::ZERO),
            replayed: image,
            now: Monotonic::ZERO,
            log_end_offset: Offset::new(10),
            last_id: 0,
        }
    }

    /// Brokers 1 to `count`, active, in the racks a, b, c, a, b, ...
    fn with_brokers(count: u32) -> World {
        let mut world = World::new();
        for id in 1..=count {
            world.start(id);
        }
        world
    }

    fn with_durability(mut self, durability: Durability) -> World {
        self.controller.settings.durability = durability;
        self
    }

    fn moment(&self) -> Moment {
        Moment {
            now: self.now,
            log_end_offset: self.log_end_offset,
        }
    }

    fn pass(&mut self, millis: u64) {
        self.now = self.now + Duration::from_millis(millis);
    }

    /// Commits the records, and checks all that must hold afterwards.
    #[track_caller]
    fn commit<R>(&mut self, decision: Decision<R>) -> R {
        let before = self.replayed.clone();
        for record in &decision.records {
            let bytes = record.encode(record.versions().to).unwrap();
            let read = MetadataRecord::decode(bytes).unwrap();
            self.replayed.apply(&read).unwrap();
        }
        assert_eq!(self.replayed, self.controller.image);
        self.replayed.assert_invariants();
        assert_epochs_grow(&before, &self.replayed);
        self.log_end_offset = self.log_end_offset.advance(decision.records.len() as u64);
        decision.response
    }

    /// The controller is lost, and another one takes over.
    fn fail_over(&mut self) {
        let image = self.replayed.clone();
        self.controller = Controller::new(Settings::default(), image, self.now);
    }

    fn new_id(&mut self) -> [u8; 16] {
        self.last_id += 1;
        let mut id = [0x77; 16];
        id[8..].copy_from_slice(&self.last_id.to_be_bytes());
        id
    }

    fn registration(&mut self, id: u32) -> BrokerRegistrationRequest {
        let features = feature::SUPPORTED.iter().map(|(name, versions)| Feature {
            name: (*name).into(),
            min_supported_version: versions.min,
            max_supported_version: versions.max,
            ..Feature::default()
        });
        let racks = ["c", "a", "b"];
        BrokerRegistrationRequest {
            broker_id: BrokerId::new(id).to_wire(),
            cluster_id: CLUSTER.into(),
            incarnation_id: self.new_id(),
            listeners: vec![Listener {
                name: "CLIENT".into(),
                host: "localhost".into(),
                port: 9092,
                ..Listener::default()
            }],
            features: features.collect(),
            rack: Some(racks[id as usize % 3].into()),
            log_dirs: vec![[u8::try_from(id).unwrap(); 16]],
            previous_broker_epoch: BrokerEpoch::option_to_wire(self.epoch_of(id)),
            ..BrokerRegistrationRequest::default()
        }
    }

    #[track_caller]
    fn register(&mut self, request: &BrokerRegistrationRequest) -> ErrorCode {
        let decision = self.controller.register_broker(self.moment(), request);
        let response = self.commit(decision);
        code(response.error_code)
    }

    /// Registers a process on the broker's intact disk, and lets it catch up.
    #[track_caller]
    fn start(&mut self, id: u32) {
        let request = self.registration(id);
        assert_eq!(self.register(&request), ErrorCode::None);
        assert!(!self.beat(id).is_fenced);
    }

    fn epoch_of(&self, id: u32) -> Option<BrokerEpoch> {
        let broker = self.replayed.broker(BrokerId::new(id));
        broker.map(|it| it.epoch)
    }

    fn heartbeat_of(&self, id: u32) -> BrokerHeartbeatRequest {
        BrokerHeartbeatRequest {
            broker_id: BrokerId::new(id).to_wire(),
            broker_epoch: BrokerEpoch::option_to_wire(self.epoch_of(id)),
            current_metadata_offset: self.log_end_offset.to_wire() - 1,
            ..BrokerHeartbeatRequest::default()
        }
    }

    #[track_caller]
    fn heartbeat(&mut self, request: &BrokerHeartbeatRequest) -> BrokerHeartbeatResponse {
        let decision = self.controller.heartbeat(self.moment(), request);
        self.commit(decision)
    }

    /// A heartbeat of a broker that has applied all records and wants nothing.
    #[track_caller]
    fn beat(&mut self, id: u32) -> BrokerHeartbeatResponse {
        let request = self.heartbeat_of(id);
        self.heartbeat(&request)
    }

    #[track_caller]
    fn ask_to_shut_down(&mut self, id: u32) -> BrokerHeartbeatResponse {
        let request = BrokerHeartbeatRequest {
            want_shut_down: true,
            ..self.heartbeat_of(id)
        };
        self.heartbeat(&request)
    }

    /// The broker's process dies, and the controller is told by its closed port.
    #[track_caller]
    fn kill(&mut self, id: u32) {
        let (broker, epoch) = (BrokerId::new(id), self.epoch_of(id).unwrap());
        assert!(self.controller.connection_lost(broker, epoch));
        let decision = self.controller.probed(broker, epoch, ProbeResult::Refused);
        self.commit(decision);
    }

    #[track_caller]
    fn create(&mut self, topics: Vec<CreatableTopic>) -> Vec<CreatableTopicResult> {
        let request = CreateTopicsRequest {
            topics,
            ..CreateTopicsRequest::default()
        };
        let mut last_id = self.last_id;
        let mut new_id = || {
            last_id += 1;
            let mut id = [0x55; 16];
            id[8..].copy_from_slice(&last_id.to_be_bytes());
            TopicId::from_bytes(id)
        };
        let decision = self.controller.create_topics(&request, &Rules, &mut new_id);
        self.last_id = last_id;
        self.commit(decision).topics
    }

    /// A topic with `min.insync.replicas`.
    #[track_caller]
    fn create_topic(&mut self, name: &str, partitions: i32, factor: i16, min_isr: u32) {
        let min_isr = min_isr.to_string();
        let topic = CreatableTopic {
            configs: vec![config("min.insync.replicas", Some(&min_isr))],
            ..topic(name, partitions, factor)
        };
        let results = self.create(vec![topic]);
        assert_eq!(code(results[0].error_code), ErrorCode::None, "{results:?}");
    }

    fn place(&self, topic: &str, index: u32) -> TopicPartition {
        TopicPartition {
            topic_id: self.replayed.topic(topic).unwrap().id,
            partition: PartitionIndex::new(index),
        }
    }

    fn partition(&self, topic: &str, index: u32) -> Partition {
        self.replayed
            .partition(self.place(topic, index))
            .unwrap()
            .clone()
    }

    /// The request of a partition's leader for another ISR.
    fn isr_request(&self, place: TopicPartition, isr: &[BrokerId]) -> alter::AlterPartitionRequest {
        let partition = self.replayed.partition(place).unwrap();
        let epoch = |it: BrokerId| {
            let broker = self.replayed.broker(it);
            BrokerEpoch::option_to_wire(broker.map(|it| it.epoch))
        };
        let leader = partition.leader.unwrap();
        let isr = isr.iter().map(|it| alter::BrokerState {
            broker_id: it.to_wire(),
            broker_epoch: epoch(*it),
            ..alter::BrokerState::default()
        });
        alter::AlterPartitionRequest {
            broker_id: leader.to_wire(),
            broker_epoch: epoch(leader),
            topics: vec![alter::TopicData {
                topic_id: place.topic_id.to_bytes(),
                partitions: vec![alter::PartitionData {
                    partition_index: place.partition.to_wire(),
                    leader_epoch: partition.leader_epoch.to_wire(),
                    new_isr_with_epochs: isr.collect(),
                    partition_epoch: partition.partition_epoch.to_wire(),
                    ..alter::PartitionData::default()
                }],
                ..alter::TopicData::default()
            }],
            ..alter::AlterPartitionRequest::default()
        }
    }

    /// The code for the request's only partition, or for all of it.
    #[track_caller]
    fn alter(&mut self, request: &alter::AlterPartitionRequest) -> ErrorCode {
        let decision = self.controller.alter_partition(request);
        let response = self.commit(decision);
        let partition = response
            .topics
            .first()
            .map(|it| it.partitions[0].error_code);
        code(partition.unwrap_or(response.error_code))
    }

    #[track_caller]
    fn set_isr(&mut self, topic: &str, index: u32, isr: &[u32]) {
        let request = self.isr_request(self.place(topic, index), &ids(isr));
        assert_eq!(self.alter(&request), ErrorCode::None);
    }

    /// Sets or unsets one config, by Kafka's type of the resource.
    #[track_caller]
    fn set_config(
        &mut self,
        kind: i8,
        resource: &str,
        key: &str,
        value: Option<&str>,
    ) -> ErrorCode {
        let operation = if value.is_some() { 0 } else { 1 };
        self.operate_config(kind, resource, key, operation, value)
    }

    #[track_caller]
    fn operate_config(
        &mut self,
        kind: i8,
        resource: &str,
        key: &str,
        operation: i8,
        value: Option<&str>,
    ) -> ErrorCode {
        let request = configs_request::IncrementalAlterConfigsRequest {
            resources: vec![configs_request::AlterConfigsResource {
                resource_type: kind,
                resource_name: resource.into(),
                configs: vec![configs_request::AlterableConfig {
                    name: key.into(),
                    config_operation: operation,
                    value: value.map(Into::into),
                    ..configs_request::AlterableConfig::default()
                }],
                ..configs_request::AlterConfigsResource::default()
            }],
            ..configs_request::IncrementalAlterConfigsRequest::default()
        };
        let decision = self.controller.incremental_alter_configs(&request, &Rules);
        code(self.commit(decision).responses[0].error_code)
    }
}

fn topic(name: &str, partitions: i32, factor: i16) -> CreatableTopic {
    CreatableTopic {
        name: name.into(),
        num_partitions: partitions,
        replication_factor: factor,
        ..CreatableTopic::default()
    }
}

fn config(name: &str, value: Option<&str>) -> CreatableTopicConfig {
    CreatableTopicConfig {
        name: name.into(),
        value: value.map(Into::into),
        ..CreatableTopicConfig::default()
    }
}

/// A partition's epochs never go back; another leader has another epoch; any change is counted.
#[track_caller]
fn assert_epochs_grow(before: &Image, after: &Image) {
    for (topic, index, partition) in after.partitions() {
        let place = TopicPartition {
            topic_id: topic.id,
            partition: index,
        };
        let Some(old) = before.partition(place) else {
            continue;
        };
        if old == partition {
            continue;
        }
        assert!(
            old.partition_epoch < partition.partition_epoch,
            "{old:?} {partition:?}"
        );
        assert!(
            old.leader_epoch <= partition.leader_epoch,
            "{old:?} {partition:?}"
        );
        if old.leader != partition.leader {
            assert!(
                old.leader_epoch < partition.leader_epoch,
                "{old:?} {partition:?}"
            );
        }
    }
}
