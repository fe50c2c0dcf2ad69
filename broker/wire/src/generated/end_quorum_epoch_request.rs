// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `EndQuorumEpochRequest`, versions 0 to 1.

use crate::codec::*;

/// `EndQuorumEpochRequest`, versions 0 to 1.
#[derive(Clone, Debug, PartialEq)]
pub struct EndQuorumEpochRequest {
    /// The cluster id.
    pub cluster_id: Option<Str>,
    /// The topics.
    pub topics: Vec<TopicData>,
    /// Endpoints for the leader.
    pub leader_endpoints: Vec<LeaderEndpoint>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for EndQuorumEpochRequest {
    fn default() -> EndQuorumEpochRequest {
        EndQuorumEpochRequest {
            cluster_id: None,
            topics: Vec::new(),
            leader_endpoints: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl EndQuorumEpochRequest {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<EndQuorumEpochRequest> {
        let flexible = version >= 1;
        let mut it = EndQuorumEpochRequest::default();
        it.cluster_id = reader.nullable_string(flexible)?;
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

/// Part of [`EndQuorumEpochRequest`].
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
            reader.array(flexible, 14, |reader| PartitionData::read(reader, version))?;
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

/// Part of [`EndQuorumEpochRequest`].
#[derive(Clone, Debug, PartialEq)]
pub struct PartitionData {
    /// The partition index.
    pub partition_index: i32,
    /// The current leader ID that is resigning.
    pub leader_id: i32,
    /// The current epoch.
    pub leader_epoch: i32,
    /// A sorted list of preferred successors to start the election.
    pub preferred_successors: Vec<i32>,
    /// A sorted list of preferred candidates to start the election.
    pub preferred_candidates: Vec<ReplicaInfo>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for PartitionData {
    fn default() -> PartitionData {
        PartitionData {
            partition_index: 0,
            leader_id: 0,
            leader_epoch: 0,
            preferred_successors: Vec::new(),
            preferred_candidates: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl PartitionData {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<PartitionData> {
        let flexible = version >= 1;
        let mut it = PartitionData::default();
        it.partition_index = reader.i32()?;
        it.leader_id = reader.i32()?;
        it.leader_epoch = reader.i32()?;
        if version <= 0 {
            it.preferred_successors = reader.array(flexible, 4, |reader| reader.i32())?;
        }
        if version >= 1 {
            it.preferred_candidates =
                reader.array(flexible, 1, |reader| ReplicaInfo::read(reader, version))?;
        }
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 1;
        writer.i32(self.partition_index);
        writer.i32(self.leader_id);
        writer.i32(self.leader_epoch);
        if version <= 0 {
            writer.array(Some(&self.preferred_successors), flexible, |writer, it| {
                writer.i32(*it);
                Ok(())
            })?;
        }
        if version >= 1 {
            writer.array(Some(&self.preferred_candidates), flexible, |writer, it| {
                it.write(writer, version)
            })?;
        }
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`EndQuorumEpochRequest`].
#[derive(Clone, Debug, PartialEq)]
pub struct ReplicaInfo {
    /// The ID of the candidate replica.
    pub candidate_id: i32,
    /// The directory ID of the candidate replica.
    pub candidate_directory_id: [u8; 16],
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for ReplicaInfo {
    fn default() -> ReplicaInfo {
        ReplicaInfo {
            candidate_id: 0,
            candidate_directory_id: [0; 16],
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl ReplicaInfo {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<ReplicaInfo> {
        let flexible = version >= 1;
        let mut it = ReplicaInfo::default();
        if version >= 1 {
            it.candidate_id = reader.i32()?;
        }
        if version >= 1 {
            it.candidate_directory_id = reader.uuid()?;
        }
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 1;
        if !(version >= 1) && self.candidate_id != 0 {
            return Err(EncodeError::Field {
                name: "ReplicaInfo",
                field: "candidate_id",
                version,
            });
        }
        if !(version >= 1) && self.candidate_directory_id != [0; 16] {
            return Err(EncodeError::Field {
                name: "ReplicaInfo",
                field: "candidate_directory_id",
                version,
            });
        }
        if version >= 1 {
            writer.i32(self.candidate_id);
        }
        if version >= 1 {
            writer.uuid(self.candidate_directory_id);
        }
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`EndQuorumEpochRequest`].
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

impl Message for EndQuorumEpochRequest {
    const NAME: &'static str = "EndQuorumEpochRequest";
    const API_KEY: Option<i16> = Some(54);
    const VERSIONS: Versions = Versions { from: 0, to: 1 };
    const FLEXIBLE_FROM: Option<i16> = Some(1);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        EndQuorumEpochRequest::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
