// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `FetchResponse`, versions 4 to 18.

use crate::codec::*;

/// `FetchResponse`, versions 4 to 18.
#[derive(Clone, Debug, PartialEq)]
pub struct FetchResponse {
    /// The duration in milliseconds for which the request was throttled due to a quota violation, or zero if the request did not violate any quota.
    pub throttle_time_ms: i32,
    /// The top level response error code.
    pub error_code: i16,
    /// The fetch session ID, or 0 if this is not part of a fetch session.
    pub session_id: i32,
    /// The response topics.
    pub responses: Vec<FetchableTopicResponse>,
    /// Endpoints for all current-leaders enumerated in PartitionData, with errors NOT_LEADER_OR_FOLLOWER & FENCED_LEADER_EPOCH.
    pub node_endpoints: Vec<NodeEndpoint>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for FetchResponse {
    fn default() -> FetchResponse {
        FetchResponse {
            throttle_time_ms: 0,
            error_code: 0,
            session_id: 0,
            responses: Vec::new(),
            node_endpoints: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl FetchResponse {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<FetchResponse> {
        let flexible = version >= 12;
        let mut it = FetchResponse::default();
        it.throttle_time_ms = reader.i32()?;
        if version >= 7 {
            it.error_code = reader.i16()?;
        }
        if version >= 7 {
            it.session_id = reader.i32()?;
        }
        it.responses = reader.array(flexible, 3, |reader| {
            FetchableTopicResponse::read(reader, version)
        })?;
        if flexible {
            let unknown = reader.tagged_fields(|tag, reader| {
                match tag {
                    0 if version >= 16 => {
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
        let flexible = version >= 12;
        if !(version >= 7) && self.session_id != 0 {
            return Err(EncodeError::Field {
                name: "FetchResponse",
                field: "session_id",
                version,
            });
        }
        if !(version >= 16) && !self.node_endpoints.is_empty() {
            return Err(EncodeError::Field {
                name: "FetchResponse",
                field: "node_endpoints",
                version,
            });
        }
        writer.i32(self.throttle_time_ms);
        if version >= 7 {
            writer.i16(self.error_code);
        }
        if version >= 7 {
            writer.i32(self.session_id);
        }
        writer.array(Some(&self.responses), flexible, |writer, it| {
            it.write(writer, version)
        })?;
        if flexible {
            let mut tagged = TaggedFields::default();
            if version >= 16 && !self.node_endpoints.is_empty() {
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

/// Part of [`FetchResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct FetchableTopicResponse {
    /// The topic name.
    pub topic: Str,
    /// The unique topic ID.
    pub topic_id: [u8; 16],
    /// The topic partitions.
    pub partitions: Vec<PartitionData>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for FetchableTopicResponse {
    fn default() -> FetchableTopicResponse {
        FetchableTopicResponse {
            topic: Str::new(),
            topic_id: [0; 16],
            partitions: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl FetchableTopicResponse {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<FetchableTopicResponse> {
        let flexible = version >= 12;
        let mut it = FetchableTopicResponse::default();
        if version <= 12 {
            it.topic = reader.string(flexible)?;
        }
        if version >= 13 {
            it.topic_id = reader.uuid()?;
        }
        it.partitions =
            reader.array(flexible, 30, |reader| PartitionData::read(reader, version))?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 12;
        if version <= 12 {
            writer.string(Some(&self.topic), flexible)?;
        }
        if version >= 13 {
            writer.uuid(self.topic_id);
        }
        writer.array(Some(&self.partitions), flexible, |writer, it| {
            it.write(writer, version)
        })?;
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`FetchResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct PartitionData {
    /// The partition index.
    pub partition_index: i32,
    /// The error code, or 0 if there was no fetch error.
    pub error_code: i16,
    /// The current high water mark.
    pub high_watermark: i64,
    /// The last stable offset (or LSO) of the partition. This is the last offset such that the state of all transactional records prior to this offset have been decided (ABORTED or COMMITTED).
    pub last_stable_offset: i64,
    /// The current log start offset.
    pub log_start_offset: i64,
    /// In case divergence is detected based on the `LastFetchedEpoch` and `FetchOffset` in the request, this field indicates the largest epoch and its end offset such that subsequent records are known to diverge.
    pub diverging_epoch: EpochEndOffset,
    /// The current leader of the partition.
    pub current_leader: LeaderIdAndEpoch,
    /// In the case of fetching an offset less than the LogStartOffset, this is the end offset and epoch that should be used in the FetchSnapshot request.
    pub snapshot_id: SnapshotId,
    /// The aborted transactions.
    pub aborted_transactions: Option<Vec<AbortedTransaction>>,
    /// The preferred read replica for the consumer to use on its next fetch request.
    pub preferred_read_replica: i32,
    /// The record data.
    pub records: Option<Records>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for PartitionData {
    fn default() -> PartitionData {
        PartitionData {
            partition_index: 0,
            error_code: 0,
            high_watermark: 0,
            last_stable_offset: -1,
            log_start_offset: -1,
            diverging_epoch: EpochEndOffset::default(),
            current_leader: LeaderIdAndEpoch::default(),
            snapshot_id: SnapshotId::default(),
            aborted_transactions: Some(Vec::new()),
            preferred_read_replica: -1,
            records: Some(Records::default()),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl PartitionData {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<PartitionData> {
        let flexible = version >= 12;
        let mut it = PartitionData::default();
        it.partition_index = reader.i32()?;
        it.error_code = reader.i16()?;
        it.high_watermark = reader.i64()?;
        it.last_stable_offset = reader.i64()?;
        if version >= 5 {
            it.log_start_offset = reader.i64()?;
        }
        it.aborted_transactions = reader.nullable_array(flexible, 16, |reader| {
            AbortedTransaction::read(reader, version)
        })?;
        if version >= 11 {
            it.preferred_read_replica = reader.i32()?;
        }
        it.records = reader.nullable_records(flexible)?;
        if flexible {
            let unknown = reader.tagged_fields(|tag, reader| {
                match tag {
                    0 if version >= 12 => {
                        it.diverging_epoch = EpochEndOffset::read(reader, version)?
                    }
                    1 if version >= 12 => {
                        it.current_leader = LeaderIdAndEpoch::read(reader, version)?
                    }
                    2 if version >= 12 => it.snapshot_id = SnapshotId::read(reader, version)?,
                    _ => return Ok(false),
                }
                Ok(true)
            })?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 12;
        if !(version >= 12) && self.diverging_epoch != EpochEndOffset::default() {
            return Err(EncodeError::Field {
                name: "PartitionData",
                field: "diverging_epoch",
                version,
            });
        }
        if !(version >= 12) && self.current_leader != LeaderIdAndEpoch::default() {
            return Err(EncodeError::Field {
                name: "PartitionData",
                field: "current_leader",
                version,
            });
        }
        if !(version >= 12) && self.snapshot_id != SnapshotId::default() {
            return Err(EncodeError::Field {
                name: "PartitionData",
                field: "snapshot_id",
                version,
            });
        }
        if !(version >= 11) && self.preferred_read_replica != -1 {
            return Err(EncodeError::Field {
                name: "PartitionData",
                field: "preferred_read_replica",
                version,
            });
        }
        writer.i32(self.partition_index);
        writer.i16(self.error_code);
        writer.i64(self.high_watermark);
        writer.i64(self.last_stable_offset);
        if version >= 5 {
            writer.i64(self.log_start_offset);
        }
        writer.array(
            self.aborted_transactions.as_deref(),
            flexible,
            |writer, it| it.write(writer, version),
        )?;
        if version >= 11 {
            writer.i32(self.preferred_read_replica);
        }
        writer.records(self.records.as_ref(), flexible)?;
        if flexible {
            let mut tagged = TaggedFields::default();
            if self.diverging_epoch != EpochEndOffset::default() {
                tagged.add(0, |writer| {
                    self.diverging_epoch.write(writer, version)?;
                    Ok(())
                })?;
            }
            if self.current_leader != LeaderIdAndEpoch::default() {
                tagged.add(1, |writer| {
                    self.current_leader.write(writer, version)?;
                    Ok(())
                })?;
            }
            if self.snapshot_id != SnapshotId::default() {
                tagged.add(2, |writer| {
                    self.snapshot_id.write(writer, version)?;
                    Ok(())
                })?;
            }
            writer.tagged_fields(tagged, &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`FetchResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct EpochEndOffset {
    /// The largest epoch.
    pub epoch: i32,
    /// The end offset of the epoch.
    pub end_offset: i64,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for EpochEndOffset {
    fn default() -> EpochEndOffset {
        EpochEndOffset {
            epoch: -1,
            end_offset: -1,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl EpochEndOffset {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<EpochEndOffset> {
        let flexible = version >= 12;
        let mut it = EpochEndOffset::default();
        if version >= 12 {
            it.epoch = reader.i32()?;
        }
        if version >= 12 {
            it.end_offset = reader.i64()?;
        }
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 12;
        if !(version >= 12) && self.epoch != -1 {
            return Err(EncodeError::Field {
                name: "EpochEndOffset",
                field: "epoch",
                version,
            });
        }
        if !(version >= 12) && self.end_offset != -1 {
            return Err(EncodeError::Field {
                name: "EpochEndOffset",
                field: "end_offset",
                version,
            });
        }
        if version >= 12 {
            writer.i32(self.epoch);
        }
        if version >= 12 {
            writer.i64(self.end_offset);
        }
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`FetchResponse`].
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
            leader_id: -1,
            leader_epoch: -1,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl LeaderIdAndEpoch {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<LeaderIdAndEpoch> {
        let flexible = version >= 12;
        let mut it = LeaderIdAndEpoch::default();
        if version >= 12 {
            it.leader_id = reader.i32()?;
        }
        if version >= 12 {
            it.leader_epoch = reader.i32()?;
        }
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 12;
        if !(version >= 12) && self.leader_id != -1 {
            return Err(EncodeError::Field {
                name: "LeaderIdAndEpoch",
                field: "leader_id",
                version,
            });
        }
        if !(version >= 12) && self.leader_epoch != -1 {
            return Err(EncodeError::Field {
                name: "LeaderIdAndEpoch",
                field: "leader_epoch",
                version,
            });
        }
        if version >= 12 {
            writer.i32(self.leader_id);
        }
        if version >= 12 {
            writer.i32(self.leader_epoch);
        }
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`FetchResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct SnapshotId {
    /// The end offset of the epoch.
    pub end_offset: i64,
    /// The largest epoch.
    pub epoch: i32,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for SnapshotId {
    fn default() -> SnapshotId {
        SnapshotId {
            end_offset: -1,
            epoch: -1,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl SnapshotId {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<SnapshotId> {
        let flexible = version >= 12;
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
        let flexible = version >= 12;
        writer.i64(self.end_offset);
        writer.i32(self.epoch);
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`FetchResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct AbortedTransaction {
    /// The producer id associated with the aborted transaction.
    pub producer_id: i64,
    /// The first offset in the aborted transaction.
    pub first_offset: i64,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for AbortedTransaction {
    fn default() -> AbortedTransaction {
        AbortedTransaction {
            producer_id: 0,
            first_offset: 0,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl AbortedTransaction {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<AbortedTransaction> {
        let flexible = version >= 12;
        let mut it = AbortedTransaction::default();
        it.producer_id = reader.i64()?;
        it.first_offset = reader.i64()?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 12;
        writer.i64(self.producer_id);
        writer.i64(self.first_offset);
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`FetchResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct NodeEndpoint {
    /// The ID of the associated node.
    pub node_id: i32,
    /// The node's hostname.
    pub host: Str,
    /// The node's port.
    pub port: i32,
    /// The rack of the node, or null if it has not been assigned to a rack.
    pub rack: Option<Str>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for NodeEndpoint {
    fn default() -> NodeEndpoint {
        NodeEndpoint {
            node_id: 0,
            host: Str::new(),
            port: 0,
            rack: None,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl NodeEndpoint {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<NodeEndpoint> {
        let flexible = version >= 12;
        let mut it = NodeEndpoint::default();
        if version >= 16 {
            it.node_id = reader.i32()?;
        }
        if version >= 16 {
            it.host = reader.string(flexible)?;
        }
        if version >= 16 {
            it.port = reader.i32()?;
        }
        if version >= 16 {
            it.rack = reader.nullable_string(flexible)?;
        }
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 12;
        if !(version >= 16) && self.node_id != 0 {
            return Err(EncodeError::Field {
                name: "NodeEndpoint",
                field: "node_id",
                version,
            });
        }
        if !(version >= 16) && !self.host.is_empty() {
            return Err(EncodeError::Field {
                name: "NodeEndpoint",
                field: "host",
                version,
            });
        }
        if !(version >= 16) && self.port != 0 {
            return Err(EncodeError::Field {
                name: "NodeEndpoint",
                field: "port",
                version,
            });
        }
        if !(version >= 16) && self.rack.is_some() {
            return Err(EncodeError::Field {
                name: "NodeEndpoint",
                field: "rack",
                version,
            });
        }
        if version >= 16 {
            writer.i32(self.node_id);
        }
        if version >= 16 {
            writer.string(Some(&self.host), flexible)?;
        }
        if version >= 16 {
            writer.i32(self.port);
        }
        if version >= 16 {
            writer.string(self.rack.as_deref(), flexible)?;
        }
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for FetchResponse {
    const NAME: &'static str = "FetchResponse";
    const API_KEY: Option<i16> = Some(1);
    const VERSIONS: Versions = Versions { from: 4, to: 18 };
    const FLEXIBLE_FROM: Option<i16> = Some(12);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        FetchResponse::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
