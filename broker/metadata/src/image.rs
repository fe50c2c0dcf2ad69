//! The cluster's metadata after some prefix of the metadata log.
//!
//! In: records, in the order of the log. Out: the same [`Image`] on every node, and a snapshot of
//! it as records. Never here: which records to write.

use std::collections::BTreeMap;
use std::sync::Arc;

use broker_types::{
    BrokerEpoch, BrokerId, Epoch, Offset, PartitionIndex, ProducerId, TopicId, TopicPartition,
};
use broker_wire::messages::feature_level_record::FeatureLevelRecord;
use broker_wire::messages::partition_change_record::PartitionChangeRecord;
use broker_wire::messages::producer_ids_record::ProducerIdsRecord;
use broker_wire::messages::reassignment_record::ReassignmentRecord;
use broker_wire::messages::stop_grant_record::StopGrantRecord;
use broker_wire::messages::topic_record::TopicRecord;
use broker_wire::{MetadataRecord, Str};

use crate::apply_error::{ApplyError, field, topic_id};
use crate::broker::Broker;
use crate::config::{ConfigResource, ConfigSource, Configs};
use crate::partition::Partition;
use crate::reassignment::{Reassignment, Reassignments};
use crate::topic::{Topic, Topics};
use crate::topics_by_id::TopicsById;

/// Where in the metadata log an image stands: the last record that it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    pub offset: Offset,
    /// Epoch of the quorum in which that record was written.
    pub epoch: Epoch,
}

/// The cluster's metadata. A clone is a handful of pointers; a change after it copies the one topic,
/// broker or resource that changes, and the list that it is in; of that of the topics, a small part.
///
/// Invariant: what [`Image::assert_invariants`] asserts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    cluster_id: Str,
    topics: Topics,
    brokers: Arc<BTreeMap<BrokerId, Arc<Broker>>>,
    configs: Configs,
    features: Arc<BTreeMap<Str, i16>>,
    next_producer_id: ProducerId,
    /// Brokers that may be stopped, under the registration of then.
    stop_grants: Arc<BTreeMap<BrokerId, BrokerEpoch>>,
    /// Those of one throttle each.
    reassignments: Reassignments,
    position: Option<Position>,
}

impl Image {
    /// The image of an empty log.
    pub fn new(cluster_id: Str) -> Image {
        Image {
            cluster_id,
            topics: Topics::default(),
            brokers: Arc::default(),
            configs: Configs::default(),
            features: Arc::default(),
            next_producer_id: ProducerId::ZERO,
            stop_grants: Arc::default(),
            reassignments: Reassignments::default(),
            position: None,
        }
    }

    pub fn cluster_id(&self) -> &Str {
        &self.cluster_id
    }

    /// The last record of the log that this image holds. `None`: no record.
    pub fn position(&self) -> Option<Position> {
        self.position
    }

    pub fn topic(&self, name: &str) -> Option<&Arc<Topic>> {
        self.topics.by_name(name)
    }

    pub fn topic_by_id(&self, id: TopicId) -> Option<&Arc<Topic>> {
        self.topics.by_id().get(id)
    }

    /// All topics, in the order of their names.
    pub fn topics(&self) -> impl Iterator<Item = &Arc<Topic>> {
        self.topics.iter()
    }

    pub fn topic_count(&self) -> usize {
        self.topics.len()
    }

    pub fn partition(&self, partition: TopicPartition) -> Option<&Partition> {
        self.topic_by_id(partition.topic_id)?
            .partition(partition.partition)
    }

    /// All partitions of all topics, in the order of the topics' names.
    pub fn partitions(&self) -> impl Iterator<Item = (&Topic, PartitionIndex, &Partition)> {
        self.topics().flat_map(|topic| {
            let partitions = topic.partitions();
            partitions.map(move |(index, it)| (topic.as_ref(), index, it))
        })
    }

    pub fn broker(&self, id: BrokerId) -> Option<&Arc<Broker>> {
        self.brokers.get(&id)
    }

    /// All registered brokers, in the order of their ids, fenced ones included.
    pub fn brokers(&self) -> impl ExactSizeIterator<Item = &Arc<Broker>> {
        self.brokers.values()
    }

    pub fn configs(&self) -> &Configs {
        &self.configs
    }

    /// A topic's config and where it was set: on the topic, on `broker`, or for the cluster. The key
    /// of a broker's config differs from the topic's for some configs (`log.retention.ms` for
    /// `retention.ms`): it comes as `broker_key`.
    pub fn topic_config(
        &self,
        topic: &Str,
        key: &str,
        broker: BrokerId,
        broker_key: &str,
    ) -> Option<(&Str, ConfigSource)> {
        let places = [
            (
                ConfigResource::Topic(topic.clone()),
                key,
                ConfigSource::Topic,
            ),
            (
                ConfigResource::Broker(broker),
                broker_key,
                ConfigSource::Broker,
            ),
            (
                ConfigResource::ClusterDefault,
                broker_key,
                ConfigSource::ClusterDefault,
            ),
        ];
        places.into_iter().find_map(|(resource, key, source)| {
            let value = self.configs.value(&resource, key)?;
            Some((value, source))
        })
    }

    /// A topic's config as the controller sees it: set on the topic or for the cluster.
    pub fn cluster_wide_topic_config(&self, topic: &Str, key: &str) -> Option<&Str> {
        let on_topic = ConfigResource::Topic(topic.clone());
        let configs = &self.configs;
        configs
            .value(&on_topic, key)
            .or_else(|| configs.value(&ConfigResource::ClusterDefault, key))
    }

    /// `min.insync.replicas` of a topic, at least 1. It is never taken from a single broker's config:
    /// all brokers and the controller must have the same (KIP-966).
    pub fn min_insync_replicas(&self, topic: &Str) -> usize {
        let value = self.cluster_wide_topic_config(topic, "min.insync.replicas");
        let value = value.and_then(|it| it.trim().parse().ok());
        value.unwrap_or(1_usize).max(1)
    }

    /// Level of a feature; 0 when it is not in use.
    pub fn feature_level(&self, name: &str) -> i16 {
        self.features.get(name).copied().unwrap_or(0)
    }

    /// Features in use and their levels.
    pub fn features(&self) -> impl Iterator<Item = (&Str, i16)> {
        self.features.iter().map(|(name, level)| (name, *level))
    }

    /// First producer id that no block has given out.
    pub fn next_producer_id(&self) -> ProducerId {
        self.next_producer_id
    }

    /// The registration under which a broker may be stopped, if it may.
    pub fn stop_grant(&self, broker: BrokerId) -> Option<BrokerEpoch> {
        self.stop_grants.get(&broker).copied()
    }

    /// Brokers that may be stopped, and the registration of each.
    pub fn stop_grants(&self) -> impl Iterator<Item = (BrokerId, BrokerEpoch)> {
        self.stop_grants.iter().map(|(id, epoch)| (*id, *epoch))
    }

    /// A reassignment that was begun under this id and is not over.
    pub fn reassignment(&self, id: &str) -> Option<&Reassignment> {
        self.reassignments.by_id().get(id).map(Arc::as_ref)
    }

    /// All reassignments that were begun under an id, in the order of these.
    pub fn reassignments(&self) -> impl ExactSizeIterator<Item = (&Str, &Reassignment)> {
        let all = self.reassignments.by_id().iter();
        all.map(|(id, it)| (id, it.as_ref()))
    }

    /// The reassignment that a partition is in, if it was begun under an id.
    pub fn reassignment_of(&self, place: TopicPartition) -> Option<(&Str, &Reassignment)> {
        self.reassignments.of(place)
    }

    pub(crate) fn reassignments_by_id(&self) -> &Arc<BTreeMap<Str, Arc<Reassignment>>> {
        self.reassignments.by_id()
    }

    pub(crate) fn topics_by_id(&self) -> &TopicsById {
        self.topics.by_id()
    }

    pub(crate) fn brokers_by_id(&self) -> &Arc<BTreeMap<BrokerId, Arc<Broker>>> {
        &self.brokers
    }

    pub(crate) fn features_by_name(&self) -> &Arc<BTreeMap<Str, i16>> {
        &self.features
    }

    /// States that all records up to `position` have been applied. The records of one decision are
    /// one batch: publish an image only at the end of a batch.
    ///
    /// # Panics
    /// When that is not further on.
    pub fn advance(&mut self, position: Position) {
        if let Some(before) = self.position {
            assert!(
                before.offset < position.offset && before.epoch <= position.epoch,
                "an image goes forward: {before:?} to {position:?}"
            );
        }
        self.position = Some(position);
    }

    /// Applies one record. On an error the image may hold a part of the batch: throw it away.
    ///
    /// # Errors
    /// When the record does not fit what came before it.
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "kinds of records that nobody here writes are refused alike"
    )]
    pub fn apply(&mut self, record: &MetadataRecord) -> Result<(), ApplyError> {
        match record {
            MetadataRecord::RegisterBroker(record) => {
                let broker = Broker::from_record(record)?;
                Arc::make_mut(&mut self.brokers).insert(broker.id, Arc::new(broker));
            }
            MetadataRecord::UnregisterBroker(record) => {
                let id = self.registered(record.broker_id, record.broker_epoch)?;
                Arc::make_mut(&mut self.brokers).remove(&id);
            }
            MetadataRecord::BrokerRegistrationChange(record) => {
                let broker_id = self.registered(record.broker_id, record.broker_epoch)?;
                let broker = Arc::make_mut(&mut self.brokers).get_mut(&broker_id);
                let broker = broker.ok_or(ApplyError::UnknownBroker { broker_id })?;
                Arc::make_mut(broker).apply(record)?;
            }
            MetadataRecord::Topic(record) => self.topics.add(record)?,
            MetadataRecord::Partition(record) => self.topics.put_partition(record)?,
            MetadataRecord::PartitionChange(record) => self.change_partition(record)?,
            MetadataRecord::RemoveTopic(record) => {
                let id = topic_id(record.topic_id, "RemoveTopicRecord")?;
                let removed = self.topics.remove(id)?;
                self.configs.remove_topic(&removed.name);
                self.reassignments.leave(|it| it.topic_id == id);
            }
            MetadataRecord::ClearElr(record) => {
                let name = &record.topic_name;
                self.topics.clear_elr((!name.is_empty()).then_some(name));
            }
            MetadataRecord::Config(record) => self.configs.apply(record)?,
            MetadataRecord::FeatureLevel(record) => self.apply_feature(record),
            MetadataRecord::ProducerIds(record) => self.apply_producer_ids(record)?,
            MetadataRecord::StopGrant(record) => self.apply_stop_grant(record)?,
            MetadataRecord::Reassignment(record) => self.apply_reassignment(record)?,
            MetadataRecord::NoOp(_) => {}
            other => {
                let api_key = other.api_key();
                return Err(ApplyError::Unsupported { api_key });
            }
        }
        Ok(())
    }

    /// A partition that is assigned once more, or is where it was to be, is in no reassignment.
    fn change_partition(&mut self, record: &PartitionChangeRecord) -> Result<(), ApplyError> {
        let place = self.topics.change_partition(record)?;
        let assigned = [
            &record.replicas,
            &record.adding_replicas,
            &record.removing_replicas,
        ];
        if assigned.iter().any(|it| it.is_some()) {
            self.reassignments.leave_one(place);
        }
        Ok(())
    }

    fn apply_reassignment(&mut self, record: &ReassignmentRecord) -> Result<(), ApplyError> {
        let id = &record.reassignment_id;
        let reassignment = Reassignment::from_record(record)?;
        if let Some(rule) = self.broken_rule(id, &reassignment) {
            let id = id.clone();
            return Err(ApplyError::InvalidReassignment { id, rule });
        }
        self.reassignments.put(id, reassignment);
        Ok(())
    }

    /// The first rule of a reassignment's invariant that does not hold.
    fn broken_rule(&self, id: &Str, reassignment: &Reassignment) -> Option<&'static str> {
        if reassignment.partitions.is_empty() {
            return Some("it has partitions");
        }
        for place in &reassignment.partitions {
            if !self
                .partition(*place)
                .is_some_and(Partition::is_reassigning)
            {
                return Some("its partitions are being reassigned");
            }
            if self.reassignment_of(*place).is_some_and(|it| it.0 != id) {
                return Some("its partitions are in no other one");
            }
        }
        None
    }

    /// The broker's id, if the registration that a record speaks of is the present one.
    fn registered(&self, broker_id: i32, epoch: i64) -> Result<BrokerId, ApplyError> {
        const RECORD: &str = "a record about a registered broker";
        let id = field(
            BrokerId::from_wire(broker_id),
            RECORD,
            "BrokerId",
            broker_id,
        )?;
        let stated = field(BrokerEpoch::from_wire(epoch), RECORD, "BrokerEpoch", epoch)?;
        let broker = self.brokers.get(&id);
        let broker = broker.ok_or(ApplyError::UnknownBroker { broker_id: id })?;
        if broker.epoch != stated {
            return Err(ApplyError::BrokerEpoch {
                broker_id: id,
                registered: broker.epoch,
                stated,
            });
        }
        Ok(id)
    }

    fn apply_feature(&mut self, record: &FeatureLevelRecord) {
        let features = Arc::make_mut(&mut self.features);
        if record.feature_level == 0 {
            features.remove(&record.name);
        } else {
            features.insert(record.name.clone(), record.feature_level);
        }
    }

    fn apply_producer_ids(&mut self, record: &ProducerIdsRecord) -> Result<(), ApplyError> {
        let raw = record.next_producer_id;
        let next = ProducerId::from_wire(raw);
        let to = field(next, "ProducerIdsRecord", "NextProducerId", raw)?;
        let from = self.next_producer_id;
        if to < from {
            return Err(ApplyError::ProducerIdsBack { from, to });
        }
        self.next_producer_id = to;
        Ok(())
    }

    fn apply_stop_grant(&mut self, record: &StopGrantRecord) -> Result<(), ApplyError> {
        const RECORD: &str = "StopGrantRecord";
        let (raw, raw_epoch) = (record.broker_id, record.broker_epoch);
        let id = field(BrokerId::from_wire(raw), RECORD, "BrokerId", raw)?;
        let epoch = BrokerEpoch::from_wire(raw_epoch);
        let epoch = field(epoch, RECORD, "BrokerEpoch", raw_epoch)?;
        let grants = Arc::make_mut(&mut self.stop_grants);
        if record.held {
            grants.insert(id, epoch);
        } else {
            grants.remove(&id);
        }
        Ok(())
    }

    /// The whole image as records: applied to a new image they give this one. Its position is not
    /// among them: it is the snapshot's own.
    pub fn records(&self) -> impl Iterator<Item = MetadataRecord> {
        let features = self.features.iter().map(|(name, level)| {
            MetadataRecord::from(FeatureLevelRecord {
                name: name.clone(),
                feature_level: *level,
                ..FeatureLevelRecord::default()
            })
        });
        let brokers = self.brokers.values().map(|it| it.to_record().into());
        let topics = self.topics.iter().flat_map(|topic| {
            let record = TopicRecord {
                name: topic.name.clone(),
                topic_id: topic.id.to_bytes(),
                ..TopicRecord::default()
            };
            let partitions = topic.partitions();
            let partitions = partitions.map(|(index, it)| it.to_record(topic.id, index).into());
            std::iter::once(MetadataRecord::from(record)).chain(partitions)
        });
        let configs = self.configs.iter().flat_map(|(resource, configs)| {
            configs.iter().map(|(name, value)| {
                let record = resource.record(name.clone(), Some(value.clone()));
                MetadataRecord::from(record)
            })
        });
        let producer_ids = (self.next_producer_id > ProducerId::ZERO).then(|| {
            MetadataRecord::from(ProducerIdsRecord {
                broker_id: -1,
                next_producer_id: self.next_producer_id.to_wire(),
                ..ProducerIdsRecord::default()
            })
        });
        let stop_grants = self.stop_grants.iter().map(|(id, epoch)| {
            MetadataRecord::from(StopGrantRecord {
                broker_id: id.to_wire(),
                broker_epoch: epoch.to_wire(),
                held: true,
                ..StopGrantRecord::default()
            })
        });
        let reassignments = self.reassignments();
        let reassignments = reassignments.map(|(id, it)| it.to_record(id).into());
        features
            .chain(brokers)
            .chain(topics)
            .chain(configs)
            .chain(producer_ids)
            .chain(stop_grants)
            .chain(reassignments)
    }

    /// Asserts what holds after every decision: each partition's rules; no fenced or unknown broker
    /// leads or is in an ISR; an ISR at its minimum has no ELR beside it; a topic has partitions; what is
    /// in a reassignment is being reassigned, and is in no other one.
    pub fn assert_invariants(&self) {
        self.topics.assert_invariants();
        for (id, it) in self.reassignments() {
            assert_eq!(self.broken_rule(id, it), None, "{id}: {it:?}");
        }
        for topic in self.topics() {
            assert!(topic.partition_count() > 0, "{} has partitions", topic.name);
            let min_insync_replicas = self.min_insync_replicas(&topic.name);
            for (index, partition) in topic.partitions() {
                let context = || format!("{}-{index}: {partition:?}", topic.name);
                let is_unfenced = |it: &BrokerId| self.broker(*it).is_some_and(|it| !it.is_fenced);
                assert!(partition.isr.iter().all(is_unfenced), "{}", context());
                let minimum = min_insync_replicas.min(partition.replicas.len());
                if partition.isr.len() >= minimum {
                    assert!(partition.elr.is_empty(), "{}", context());
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
