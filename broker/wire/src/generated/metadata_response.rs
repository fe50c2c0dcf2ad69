// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `MetadataResponse`, versions 0 to 13.

use crate::codec::*;

/// `MetadataResponse`, versions 0 to 13.
#[derive(Clone, Debug, PartialEq)]
pub struct MetadataResponse {
    /// The duration in milliseconds for which the request was throttled due to a quota violation, or zero if the request did not violate any quota.
    pub throttle_time_ms: i32,
    /// A list of brokers present in the cluster.
    pub brokers: Vec<MetadataResponseBroker>,
    /// The cluster ID that responding broker belongs to.
    pub cluster_id: Option<Str>,
    /// The ID of the controller broker.
    pub controller_id: i32,
    /// Each topic in the response.
    pub topics: Vec<MetadataResponseTopic>,
    /// 32-bit bitfield to represent authorized operations for this cluster.
    pub cluster_authorized_operations: i32,
    /// The top-level error code, or 0 if there was no error.
    pub error_code: i16,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for MetadataResponse {
    fn default() -> MetadataResponse {
        MetadataResponse {
            throttle_time_ms: 0,
            brokers: Vec::new(),
            cluster_id: None,
            controller_id: -1,
            topics: Vec::new(),
            cluster_authorized_operations: -2147483648,
            error_code: 0,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl MetadataResponse {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<MetadataResponse> {
        let flexible = version >= 9;
        let mut it = MetadataResponse::default();
        if version >= 3 {
            it.throttle_time_ms = reader.i32()?;
        }
        it.brokers = reader.array(flexible, 10, |reader| {
            MetadataResponseBroker::read(reader, version)
        })?;
        if version >= 2 {
            it.cluster_id = reader.nullable_string(flexible)?;
        }
        if version >= 1 {
            it.controller_id = reader.i32()?;
        }
        it.topics = reader.array(flexible, 8, |reader| {
            MetadataResponseTopic::read(reader, version)
        })?;
        if (8..=10).contains(&version) {
            it.cluster_authorized_operations = reader.i32()?;
        }
        if version >= 13 {
            it.error_code = reader.i16()?;
        }
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 9;
        if !((8..=10).contains(&version)) && self.cluster_authorized_operations != -2147483648 {
            return Err(EncodeError::Field {
                name: "MetadataResponse",
                field: "cluster_authorized_operations",
                version,
            });
        }
        if version >= 3 {
            writer.i32(self.throttle_time_ms);
        }
        writer.array(Some(&self.brokers), flexible, |writer, it| {
            it.write(writer, version)
        })?;
        if version >= 2 {
            writer.string(self.cluster_id.as_deref(), flexible)?;
        }
        if version >= 1 {
            writer.i32(self.controller_id);
        }
        writer.array(Some(&self.topics), flexible, |writer, it| {
            it.write(writer, version)
        })?;
        if (8..=10).contains(&version) {
            writer.i32(self.cluster_authorized_operations);
        }
        if version >= 13 {
            writer.i16(self.error_code);
        }
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`MetadataResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct MetadataResponseBroker {
    /// The broker ID.
    pub node_id: i32,
    /// The broker hostname.
    pub host: Str,
    /// The broker port.
    pub port: i32,
    /// The rack of the broker, or null if it has not been assigned to a rack.
    pub rack: Option<Str>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for MetadataResponseBroker {
    fn default() -> MetadataResponseBroker {
        MetadataResponseBroker {
            node_id: 0,
            host: Str::new(),
            port: 0,
            rack: None,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl MetadataResponseBroker {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<MetadataResponseBroker> {
        let flexible = version >= 9;
        let mut it = MetadataResponseBroker::default();
        it.node_id = reader.i32()?;
        it.host = reader.string(flexible)?;
        it.port = reader.i32()?;
        if version >= 1 {
            it.rack = reader.nullable_string(flexible)?;
        }
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 9;
        writer.i32(self.node_id);
        writer.string(Some(&self.host), flexible)?;
        writer.i32(self.port);
        if version >= 1 {
            writer.string(self.rack.as_deref(), flexible)?;
        }
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`MetadataResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct MetadataResponseTopic {
    /// The topic error, or 0 if there was no error.
    pub error_code: i16,
    /// The topic name. Null for non-existing topics queried by ID. This is never null when ErrorCode is zero. One of Name and TopicId is always populated.
    pub name: Option<Str>,
    /// The topic id. Zero for non-existing topics queried by name. This is never zero when ErrorCode is zero. One of Name and TopicId is always populated.
    pub topic_id: [u8; 16],
    /// True if the topic is internal.
    pub is_internal: bool,
    /// Each partition in the topic.
    pub partitions: Vec<MetadataResponsePartition>,
    /// 32-bit bitfield to represent authorized operations for this topic.
    pub topic_authorized_operations: i32,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for MetadataResponseTopic {
    fn default() -> MetadataResponseTopic {
        MetadataResponseTopic {
            error_code: 0,
            name: Some(Str::new()),
            topic_id: [0; 16],
            is_internal: false,
            partitions: Vec::new(),
            topic_authorized_operations: -2147483648,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl MetadataResponseTopic {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<MetadataResponseTopic> {
        let flexible = version >= 9;
        let mut it = MetadataResponseTopic::default();
        it.error_code = reader.i16()?;
        it.name = if version >= 12 {
            reader.nullable_string(flexible)?
        } else {
            Some(reader.string(flexible)?)
        };
        if version >= 10 {
            it.topic_id = reader.uuid()?;
        }
        if version >= 1 {
            it.is_internal = reader.bool()?;
        }
        it.partitions = reader.array(flexible, 18, |reader| {
            MetadataResponsePartition::read(reader, version)
        })?;
        if version >= 8 {
            it.topic_authorized_operations = reader.i32()?;
        }
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 9;
        if !(version >= 12) && self.name.is_none() {
            return Err(EncodeError::Null {
                name: "MetadataResponseTopic",
                field: "name",
                version,
            });
        }
        if !(version >= 8) && self.topic_authorized_operations != -2147483648 {
            return Err(EncodeError::Field {
                name: "MetadataResponseTopic",
                field: "topic_authorized_operations",
                version,
            });
        }
        writer.i16(self.error_code);
        writer.string(self.name.as_deref(), flexible)?;
        if version >= 10 {
            writer.uuid(self.topic_id);
        }
        if version >= 1 {
            writer.bool(self.is_internal);
        }
        writer.array(Some(&self.partitions), flexible, |writer, it| {
            it.write(writer, version)
        })?;
        if version >= 8 {
            writer.i32(self.topic_authorized_operations);
        }
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`MetadataResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct MetadataResponsePartition {
    /// The partition error, or 0 if there was no error.
    pub error_code: i16,
    /// The partition index.
    pub partition_index: i32,
    /// The ID of the leader broker.
    pub leader_id: i32,
    /// The leader epoch of this partition.
    pub leader_epoch: i32,
    /// The set of all nodes that host this partition.
    pub replica_nodes: Vec<i32>,
    /// The set of nodes that are in sync with the leader for this partition.
    pub isr_nodes: Vec<i32>,
    /// The set of offline replicas of this partition.
    pub offline_replicas: Vec<i32>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for MetadataResponsePartition {
    fn default() -> MetadataResponsePartition {
        MetadataResponsePartition {
            error_code: 0,
            partition_index: 0,
            leader_id: 0,
            leader_epoch: -1,
            replica_nodes: Vec::new(),
            isr_nodes: Vec::new(),
            offline_replicas: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl MetadataResponsePartition {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<MetadataResponsePartition> {
        let flexible = version >= 9;
        let mut it = MetadataResponsePartition::default();
        it.error_code = reader.i16()?;
        it.partition_index = reader.i32()?;
        it.leader_id = reader.i32()?;
        if version >= 7 {
            it.leader_epoch = reader.i32()?;
        }
        it.replica_nodes = reader.array(flexible, 4, |reader| reader.i32())?;
        it.isr_nodes = reader.array(flexible, 4, |reader| reader.i32())?;
        if version >= 5 {
            it.offline_replicas = reader.array(flexible, 4, |reader| reader.i32())?;
        }
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 9;
        writer.i16(self.error_code);
        writer.i32(self.partition_index);
        writer.i32(self.leader_id);
        if version >= 7 {
            writer.i32(self.leader_epoch);
        }
        writer.array(Some(&self.replica_nodes), flexible, |writer, it| {
            writer.i32(*it);
            Ok(())
        })?;
        writer.array(Some(&self.isr_nodes), flexible, |writer, it| {
            writer.i32(*it);
            Ok(())
        })?;
        if version >= 5 {
            writer.array(Some(&self.offline_replicas), flexible, |writer, it| {
                writer.i32(*it);
                Ok(())
            })?;
        }
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for MetadataResponse {
    const NAME: &'static str = "MetadataResponse";
    const API_KEY: Option<i16> = Some(3);
    const VERSIONS: Versions = Versions { from: 0, to: 13 };
    const FLEXIBLE_FROM: Option<i16> = Some(9);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        MetadataResponse::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
