// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `BeginQuorumEpochRequest`, versions 0 to 1.

use crate::codec::*;

/// `BeginQuorumEpochRequest`, versions 0 to 1.
#[derive(Clone, Debug, PartialEq)]
pub struct BeginQuorumEpochRequest {
    /// The cluster id.
    pub cluster_id: Option<Str>,
    /// The replica id of the voter receiving the request.
    pub voter_id: i32,
    /// The topics.
    pub topics: Vec<TopicData>,
    /// Endpoints for the leader.
    pub leader_endpoints: Vec<LeaderEndpoint>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for BeginQuorumEpochRequest {
    fn default() -> BeginQuorumEpochRequest {
        BeginQuorumEpochRequest {
            cluster_id: None,
            voter_id: -1,
            topics: Vec::new(),
            leader_endpoints: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl BeginQuorumEpochRequest {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<BeginQuorumEpochRequest> {
        let flexible = version >= 1;
        let mut it = BeginQuorumEpochRequest::default();
        it.cluster_id = reader.nullable_string(flexible)?;
        if version >= 1 {
            it.voter_id = reader.i32()?;
        }
        it.topics = reader.array(flexible, 3, |reader| TopicData::read(reader, version))?;
        if version >= 1 {
            it.leader_endpoints =
                reader.array(flexible, 1, |reader| LeaderEndpoint::read(reader, version))?;
        }
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 1;
        writer.string(self.cluster_id.as_deref(), flexible)?;
        if version >= 1 {
            writer.i32(self.voter_id);
        }
        writer.array(Some(&self.topics), flexible, |writer, it| {
            it.write(writer, version)
        })?;
        if version >= 1 {
            writer.array(Some(&self.leader_endpoints), flexible, |writer, it| {
                it.write(writer, version)
            })?;
        }
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`BeginQuorumEpochRequest`].
#[derive(Clone, Debug, PartialEq)]
pub struct TopicData {
    /// The topic name.
    pub topic_name: Str,
    /// The partitions.
    pub partitions: Vec<PartitionData>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for TopicData {
    fn default() -> TopicData {
        TopicData {
            topic_name: Str::new(),
            partitions: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl TopicData {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<TopicData> {
        let flexible = version >= 1;
        let mut it = TopicData::default();
        it.topic_name = reader.string(flexible)?;
        it.partitions =
            reader.array(flexible, 12, |reader| PartitionData::read(reader, version))?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 1;
        writer.string(Some(&self.topic_name), flexible)?;
        writer.array(Some(&self.partitions), flexible, |writer, it| {
            it.write(writer, version)
        })?;
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`BeginQuorumEpochRequest`].
#[derive(Clone, Debug, PartialEq)]
pub struct PartitionData {
    /// The partition index.
    pub partition_index: i32,
    /// The directory id of the receiving replica.
    pub voter_directory_id: [u8; 16],
    /// The ID of the newly elected leader.
    pub leader_id: i32,
    /// The epoch of the newly elected leader.
    pub leader_epoch: i32,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for PartitionData {
    fn default() -> PartitionData {
        PartitionData {
            partition_index: 0,
            voter_directory_id: [0; 16],
            leader_id: 0,
            leader_epoch: 0,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl PartitionData {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<PartitionData> {
        let flexible = version >= 1;
        let mut it = PartitionData::default();
        it.partition_index = reader.i32()?;
        if version >= 1 {
            it.voter_directory_id = reader.uuid()?;
        }
        it.leader_id = reader.i32()?;
        it.leader_epoch = reader.i32()?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 1;
        writer.i32(self.partition_index);
        if version >= 1 {
            writer.uuid(self.voter_directory_id);
        }
        writer.i32(self.leader_id);
        writer.i32(self.leader_epoch);
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`BeginQuorumEpochRequest`].
#[derive(Clone, Debug, PartialEq)]
pub struct LeaderEndpoint {
    /// The name of the endpoint.
    pub name: Str,
    /// The node's hostname.
    pub host: Str,
    /// The node's port.
    pub port: u16,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for LeaderEndpoint {
    fn default() -> LeaderEndpoint {
        LeaderEndpoint {
            name: Str::new(),
            host: Str::new(),
            port: 0,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl LeaderEndpoint {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<LeaderEndpoint> {
        let flexible = version >= 1;
        let mut it = LeaderEndpoint::default();
        if version >= 1 {
            it.name = reader.string(flexible)?;
        }
        if version >= 1 {
            it.host = reader.string(flexible)?;
        }
        if version >= 1 {
            it.port = reader.u16()?;
        }
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 1;
        if !(version >= 1) && !self.name.is_empty() {
            return Err(EncodeError::Field {
                name: "LeaderEndpoint",
                field: "name",
                version,
            });
        }
        if !(version >= 1) && !self.host.is_empty() {
            return Err(EncodeError::Field {
                name: "LeaderEndpoint",
                field: "host",
                version,
            });
        }
        if !(version >= 1) && self.port != 0 {
            return Err(EncodeError::Field {
                name: "LeaderEndpoint",
                field: "port",
                version,
            });
        }
        if version >= 1 {
            writer.string(Some(&self.name), flexible)?;
        }
        if version >= 1 {
            writer.string(Some(&self.host), flexible)?;
        }
        if version >= 1 {
            writer.u16(self.port);
        }
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for BeginQuorumEpochRequest {
    const NAME: &'static str = "BeginQuorumEpochRequest";
    const API_KEY: Option<i16> = Some(53);
    const VERSIONS: Versions = Versions { from: 0, to: 1 };
    const FLEXIBLE_FROM: Option<i16> = Some(1);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        BeginQuorumEpochRequest::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
