// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `FetchSnapshotResponse`, versions 0 to 1.

use crate::codec::*;

/// `FetchSnapshotResponse`, versions 0 to 1.
#[derive(Clone, Debug, PartialEq)]
pub struct FetchSnapshotResponse {
    /// The duration in milliseconds for which the request was throttled due to a quota violation, or zero if the request did not violate any quota.
    pub throttle_time_ms: i32,
    /// The top level response error code.
    pub error_code: i16,
    /// The topics to fetch.
    pub topics: Vec<TopicSnapshot>,
    /// Endpoints for all current-leaders enumerated in PartitionSnapshot.
    pub node_endpoints: Vec<NodeEndpoint>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for FetchSnapshotResponse {
    fn default() -> FetchSnapshotResponse {
        FetchSnapshotResponse {
            throttle_time_ms: 0,
            error_code: 0,
            topics: Vec::new(),
            node_endpoints: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl FetchSnapshotResponse {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<FetchSnapshotResponse> {
        let flexible = true;
        let mut it = FetchSnapshotResponse::default();
        it.throttle_time_ms = reader.i32()?;
        it.error_code = reader.i16()?;
        it.topics = reader.array(flexible, 3, |reader| TopicSnapshot::read(reader, version))?;
        if flexible {
            let unknown = reader.tagged_fields(|tag, reader| {
                match tag {
                    0 if version >= 1 => {
                        it.node_endpoints = reader
                            .array(flexible, 1, |reader| NodeEndpoint::read(reader, version))?
                    }
                    _ => return Ok(false),
                }
                Ok(true)
            })?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = true;
        if !(version >= 1) && !self.node_endpoints.is_empty() {
            return Err(EncodeError::Field {
                name: "FetchSnapshotResponse",
                field: "node_endpoints",
                version,
            });
        }
        writer.i32(self.throttle_time_ms);
        writer.i16(self.error_code);
        writer.array(Some(&self.topics), flexible, |writer, it| {
            it.write(writer, version)
        })?;
        if flexible {
            let mut tagged = TaggedFields::default();
            if version >= 1 && !self.node_endpoints.is_empty() {
                tagged.add(0, |writer| {
                    writer.array(Some(&self.node_endpoints), true, |writer, it| {
                        it.write(writer, version)
                    })?;
                    Ok(())
                })?;
            }
            writer.tagged_fields(tagged, &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`FetchSnapshotResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct TopicSnapshot {
    /// The name of the topic to fetch.
    pub name: Str,
    /// The partitions to fetch.
    pub partitions: Vec<PartitionSnapshot>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for TopicSnapshot {
    fn default() -> TopicSnapshot {
        TopicSnapshot {
            name: Str::new(),
            partitions: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl TopicSnapshot {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<TopicSnapshot> {
        let flexible = true;
        let mut it = TopicSnapshot::default();
        it.name = reader.string(flexible)?;
        it.partitions = reader.array(flexible, 37, |reader| {
            PartitionSnapshot::read(reader, version)
        })?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = true;
        writer.string(Some(&self.name), flexible)?;
        writer.array(Some(&self.partitions), flexible, |writer, it| {
            it.write(writer, version)
        })?;
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`FetchSnapshotResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct PartitionSnapshot {
    /// The partition index.
    pub index: i32,
    /// The error code, or 0 if there was no fetch error.
    pub error_code: i16,
    /// The snapshot endOffset and epoch fetched.
    pub snapshot_id: SnapshotId,
    /// The leader of the partition at the time of the snapshot.
    pub current_leader: LeaderIdAndEpoch,
    /// The total size of the snapshot.
    pub size: i64,
    /// The starting byte position within the snapshot included in the Bytes field.
    pub position: i64,
    /// Snapshot data in records format which may not be aligned on an offset boundary.
    pub unaligned_records: Records,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for PartitionSnapshot {
    fn default() -> PartitionSnapshot {
        PartitionSnapshot {
            index: 0,
            error_code: 0,
            snapshot_id: SnapshotId::default(),
            current_leader: LeaderIdAndEpoch::default(),
            size: 0,
            position: 0,
            unaligned_records: Records::default(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl PartitionSnapshot {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<PartitionSnapshot> {
        let flexible = true;
        let mut it = PartitionSnapshot::default();
        it.index = reader.i32()?;
        it.error_code = reader.i16()?;
        it.snapshot_id = SnapshotId::read(reader, version)?;
        it.size = reader.i64()?;
        it.position = reader.i64()?;
        it.unaligned_records = reader.records(flexible)?;
        if flexible {
            let unknown = reader.tagged_fields(|tag, reader| {
                match tag {
                    0 => it.current_leader = LeaderIdAndEpoch::read(reader, version)?,
                    _ => return Ok(false),
                }
                Ok(true)
            })?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = true;
        writer.i32(self.index);
        writer.i16(self.error_code);
        self.snapshot_id.write(writer, version)?;
        writer.i64(self.size);
        writer.i64(self.position);
        writer.records(Some(&self.unaligned_records), flexible)?;
        if flexible {
            let mut tagged = TaggedFields::default();
            if self.current_leader != LeaderIdAndEpoch::default() {
                tagged.add(0, |writer| {
                    self.current_leader.write(writer, version)?;
                    Ok(())
                })?;
            }
            writer.tagged_fields(tagged, &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`FetchSnapshotResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct SnapshotId {
    /// The snapshot end offset.
    pub end_offset: i64,
    /// The snapshot epoch.
    pub epoch: i32,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for SnapshotId {
    fn default() -> SnapshotId {
        SnapshotId {
            end_offset: 0,
            epoch: 0,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl SnapshotId {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<SnapshotId> {
        let flexible = true;
        let mut it = SnapshotId::default();
        it.end_offset = reader.i64()?;
        it.epoch = reader.i32()?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = true;
        writer.i64(self.end_offset);
        writer.i32(self.epoch);
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`FetchSnapshotResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct LeaderIdAndEpoch {
    /// The ID of the current leader or -1 if the leader is unknown.
    pub leader_id: i32,
    /// The latest known leader epoch.
    pub leader_epoch: i32,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for LeaderIdAndEpoch {
    fn default() -> LeaderIdAndEpoch {
        LeaderIdAndEpoch {
            leader_id: 0,
            leader_epoch: 0,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl LeaderIdAndEpoch {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<LeaderIdAndEpoch> {
        let flexible = true;
        let mut it = LeaderIdAndEpoch::default();
        it.leader_id = reader.i32()?;
        it.leader_epoch = reader.i32()?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = true;
        writer.i32(self.leader_id);
        writer.i32(self.leader_epoch);
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`FetchSnapshotResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct NodeEndpoint {
    /// The ID of the associated node.
    pub node_id: i32,
    /// The node's hostname.
    pub host: Str,
    /// The node's port.
    pub port: u16,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for NodeEndpoint {
    fn default() -> NodeEndpoint {
        NodeEndpoint {
            node_id: 0,
            host: Str::new(),
            port: 0,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl NodeEndpoint {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<NodeEndpoint> {
        let flexible = true;
        let mut it = NodeEndpoint::default();
        if version >= 1 {
            it.node_id = reader.i32()?;
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
        let flexible = true;
        if !(version >= 1) && self.node_id != 0 {
            return Err(EncodeError::Field {
                name: "NodeEndpoint",
                field: "node_id",
                version,
            });
        }
        if !(version >= 1) && !self.host.is_empty() {
            return Err(EncodeError::Field {
                name: "NodeEndpoint",
                field: "host",
                version,
            });
        }
        if !(version >= 1) && self.port != 0 {
            return Err(EncodeError::Field {
                name: "NodeEndpoint",
                field: "port",
                version,
            });
        }
        if version >= 1 {
            writer.i32(self.node_id);
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

impl Message for FetchSnapshotResponse {
    const NAME: &'static str = "FetchSnapshotResponse";
    const API_KEY: Option<i16> = Some(59);
    const VERSIONS: Versions = Versions { from: 0, to: 1 };
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        FetchSnapshotResponse::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
