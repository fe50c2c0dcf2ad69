// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `DescribeQuorumResponse`, versions 0 to 2.

use crate::codec::*;

/// `DescribeQuorumResponse`, versions 0 to 2.
#[derive(Clone, Debug, PartialEq)]
pub struct DescribeQuorumResponse {
    /// The top level error code.
    pub error_code: i16,
    /// The error message, or null if there was no error.
    pub error_message: Option<Str>,
    /// The response from the describe quorum API.
    pub topics: Vec<TopicData>,
    /// The nodes in the quorum.
    pub nodes: Vec<Node>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for DescribeQuorumResponse {
    fn default() -> DescribeQuorumResponse {
        DescribeQuorumResponse {
            error_code: 0,
            error_message: Some(Str::new()),
            topics: Vec::new(),
            nodes: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl DescribeQuorumResponse {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<DescribeQuorumResponse> {
        let flexible = true;
        let mut it = DescribeQuorumResponse::default();
        it.error_code = reader.i16()?;
        if version >= 2 {
            it.error_message = reader.nullable_string(flexible)?;
        }
        it.topics = reader.array(flexible, 3, |reader| TopicData::read(reader, version))?;
        if version >= 2 {
            it.nodes = reader.array(flexible, 1, |reader| Node::read(reader, version))?;
        }
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = true;
        if !(version >= 2) && !self.nodes.is_empty() {
            return Err(EncodeError::Field {
                name: "DescribeQuorumResponse",
                field: "nodes",
                version,
            });
        }
        writer.i16(self.error_code);
        if version >= 2 {
            writer.string(self.error_message.as_deref(), flexible)?;
        }
        writer.array(Some(&self.topics), flexible, |writer, it| {
            it.write(writer, version)
        })?;
        if version >= 2 {
            writer.array(Some(&self.nodes), flexible, |writer, it| {
                it.write(writer, version)
            })?;
        }
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`DescribeQuorumResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct TopicData {
    /// The topic name.
    pub topic_name: Str,
    /// The partition data.
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
        let flexible = true;
        let mut it = TopicData::default();
        it.topic_name = reader.string(flexible)?;
        it.partitions =
            reader.array(flexible, 25, |reader| PartitionData::read(reader, version))?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = true;
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

/// Part of [`DescribeQuorumResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct PartitionData {
    /// The partition index.
    pub partition_index: i32,
    /// The partition error code.
    pub error_code: i16,
    /// The error message, or null if there was no error.
    pub error_message: Option<Str>,
    /// The ID of the current leader or -1 if the leader is unknown.
    pub leader_id: i32,
    /// The latest known leader epoch.
    pub leader_epoch: i32,
    /// The high water mark.
    pub high_watermark: i64,
    /// The current voters of the partition.
    pub current_voters: Vec<ReplicaState>,
    /// The observers of the partition.
    pub observers: Vec<ReplicaState>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for PartitionData {
    fn default() -> PartitionData {
        PartitionData {
            partition_index: 0,
            error_code: 0,
            error_message: Some(Str::new()),
            leader_id: 0,
            leader_epoch: 0,
            high_watermark: 0,
            current_voters: Vec::new(),
            observers: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl PartitionData {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<PartitionData> {
        let flexible = true;
        let mut it = PartitionData::default();
        it.partition_index = reader.i32()?;
        it.error_code = reader.i16()?;
        if version >= 2 {
            it.error_message = reader.nullable_string(flexible)?;
        }
        it.leader_id = reader.i32()?;
        it.leader_epoch = reader.i32()?;
        it.high_watermark = reader.i64()?;
        it.current_voters =
            reader.array(flexible, 13, |reader| ReplicaState::read(reader, version))?;
        it.observers = reader.array(flexible, 13, |reader| ReplicaState::read(reader, version))?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = true;
        writer.i32(self.partition_index);
        writer.i16(self.error_code);
        if version >= 2 {
            writer.string(self.error_message.as_deref(), flexible)?;
        }
        writer.i32(self.leader_id);
        writer.i32(self.leader_epoch);
        writer.i64(self.high_watermark);
        writer.array(Some(&self.current_voters), flexible, |writer, it| {
            it.write(writer, version)
        })?;
        writer.array(Some(&self.observers), flexible, |writer, it| {
            it.write(writer, version)
        })?;
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`DescribeQuorumResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// The ID of the associated node.
    pub node_id: i32,
    /// The listeners of this controller.
    pub listeners: Vec<Listener>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for Node {
    fn default() -> Node {
        Node {
            node_id: 0,
            listeners: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl Node {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<Node> {
        let flexible = true;
        let mut it = Node::default();
        if version >= 2 {
            it.node_id = reader.i32()?;
        }
        if version >= 2 {
            it.listeners = reader.array(flexible, 1, |reader| Listener::read(reader, version))?;
        }
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = true;
        if !(version >= 2) && self.node_id != 0 {
            return Err(EncodeError::Field {
                name: "Node",
                field: "node_id",
                version,
            });
        }
        if !(version >= 2) && !self.listeners.is_empty() {
            return Err(EncodeError::Field {
                name: "Node",
                field: "listeners",
                version,
            });
        }
        if version >= 2 {
            writer.i32(self.node_id);
        }
        if version >= 2 {
            writer.array(Some(&self.listeners), flexible, |writer, it| {
                it.write(writer, version)
            })?;
        }
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`DescribeQuorumResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct Listener {
    /// The name of the endpoint.
    pub name: Str,
    /// The hostname.
    pub host: Str,
    /// The port.
    pub port: u16,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for Listener {
    fn default() -> Listener {
        Listener {
            name: Str::new(),
            host: Str::new(),
            port: 0,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl Listener {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<Listener> {
        let flexible = true;
        let mut it = Listener::default();
        if version >= 2 {
            it.name = reader.string(flexible)?;
        }
        if version >= 2 {
            it.host = reader.string(flexible)?;
        }
        if version >= 2 {
            it.port = reader.u16()?;
        }
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = true;
        if !(version >= 2) && !self.name.is_empty() {
            return Err(EncodeError::Field {
                name: "Listener",
                field: "name",
                version,
            });
        }
        if !(version >= 2) && !self.host.is_empty() {
            return Err(EncodeError::Field {
                name: "Listener",
                field: "host",
                version,
            });
        }
        if !(version >= 2) && self.port != 0 {
            return Err(EncodeError::Field {
                name: "Listener",
                field: "port",
                version,
            });
        }
        if version >= 2 {
            writer.string(Some(&self.name), flexible)?;
        }
        if version >= 2 {
            writer.string(Some(&self.host), flexible)?;
        }
        if version >= 2 {
            writer.u16(self.port);
        }
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`DescribeQuorumResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct ReplicaState {
    /// The ID of the replica.
    pub replica_id: i32,
    /// The replica directory ID of the replica.
    pub replica_directory_id: [u8; 16],
    /// The last known log end offset of the follower or -1 if it is unknown.
    pub log_end_offset: i64,
    /// The last known leader wall clock time time when a follower fetched from the leader. This is reported as -1 both for the current leader or if it is unknown for a voter.
    pub last_fetch_timestamp: i64,
    /// The leader wall clock append time of the offset for which the follower made the most recent fetch request. This is reported as the current time for the leader and -1 if unknown for a voter.
    pub last_caught_up_timestamp: i64,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for ReplicaState {
    fn default() -> ReplicaState {
        ReplicaState {
            replica_id: 0,
            replica_directory_id: [0; 16],
            log_end_offset: 0,
            last_fetch_timestamp: -1,
            last_caught_up_timestamp: -1,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl ReplicaState {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<ReplicaState> {
        let flexible = true;
        let mut it = ReplicaState::default();
        it.replica_id = reader.i32()?;
        if version >= 2 {
            it.replica_directory_id = reader.uuid()?;
        }
        it.log_end_offset = reader.i64()?;
        if version >= 1 {
            it.last_fetch_timestamp = reader.i64()?;
        }
        if version >= 1 {
            it.last_caught_up_timestamp = reader.i64()?;
        }
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = true;
        if !(version >= 2) && self.replica_directory_id != [0; 16] {
            return Err(EncodeError::Field {
                name: "ReplicaState",
                field: "replica_directory_id",
                version,
            });
        }
        writer.i32(self.replica_id);
        if version >= 2 {
            writer.uuid(self.replica_directory_id);
        }
        writer.i64(self.log_end_offset);
        if version >= 1 {
            writer.i64(self.last_fetch_timestamp);
        }
        if version >= 1 {
            writer.i64(self.last_caught_up_timestamp);
        }
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for DescribeQuorumResponse {
    const NAME: &'static str = "DescribeQuorumResponse";
    const API_KEY: Option<i16> = Some(55);
    const VERSIONS: Versions = Versions { from: 0, to: 2 };
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        DescribeQuorumResponse::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
