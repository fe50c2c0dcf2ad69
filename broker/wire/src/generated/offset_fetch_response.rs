// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `OffsetFetchResponse`, versions 1 to 10.

use crate::codec::*;

/// `OffsetFetchResponse`, versions 1 to 10.
#[derive(Clone, Debug, PartialEq)]
pub struct OffsetFetchResponse {
    /// The duration in milliseconds for which the request was throttled due to a quota violation, or zero if the request did not violate any quota.
    pub throttle_time_ms: i32,
    /// The responses per topic.
    pub topics: Vec<OffsetFetchResponseTopic>,
    /// The top-level error code, or 0 if there was no error.
    pub error_code: i16,
    /// The responses per group id.
    pub groups: Vec<OffsetFetchResponseGroup>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for OffsetFetchResponse {
    fn default() -> OffsetFetchResponse {
        OffsetFetchResponse {
            throttle_time_ms: 0,
            topics: Vec::new(),
            error_code: 0,
            groups: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl OffsetFetchResponse {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<OffsetFetchResponse> {
        let flexible = version >= 6;
        let mut it = OffsetFetchResponse::default();
        if version >= 3 {
            it.throttle_time_ms = reader.i32()?;
        }
        if version <= 7 {
            it.topics = reader.array(flexible, 1, |reader| {
                OffsetFetchResponseTopic::read(reader, version)
            })?;
        }
        if (2..=7).contains(&version) {
            it.error_code = reader.i16()?;
        }
        if version >= 8 {
            it.groups = reader.array(flexible, 1, |reader| {
                OffsetFetchResponseGroup::read(reader, version)
            })?;
        }
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 6;
        if !(version <= 7) && !self.topics.is_empty() {
            return Err(EncodeError::Field {
                name: "OffsetFetchResponse",
                field: "topics",
                version,
            });
        }
        if !(version >= 8) && !self.groups.is_empty() {
            return Err(EncodeError::Field {
                name: "OffsetFetchResponse",
                field: "groups",
                version,
            });
        }
        if version >= 3 {
            writer.i32(self.throttle_time_ms);
        }
        if version <= 7 {
            writer.array(Some(&self.topics), flexible, |writer, it| {
                it.write(writer, version)
            })?;
        }
        if (2..=7).contains(&version) {
            writer.i16(self.error_code);
        }
        if version >= 8 {
            writer.array(Some(&self.groups), flexible, |writer, it| {
                it.write(writer, version)
            })?;
        }
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`OffsetFetchResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct OffsetFetchResponseTopic {
    /// The topic name.
    pub name: Str,
    /// The responses per partition.
    pub partitions: Vec<OffsetFetchResponsePartition>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for OffsetFetchResponseTopic {
    fn default() -> OffsetFetchResponseTopic {
        OffsetFetchResponseTopic {
            name: Str::new(),
            partitions: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl OffsetFetchResponseTopic {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<OffsetFetchResponseTopic> {
        let flexible = version >= 6;
        let mut it = OffsetFetchResponseTopic::default();
        if version <= 7 {
            it.name = reader.string(flexible)?;
        }
        if version <= 7 {
            it.partitions = reader.array(flexible, 1, |reader| {
                OffsetFetchResponsePartition::read(reader, version)
            })?;
        }
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 6;
        if !(version <= 7) && !self.name.is_empty() {
            return Err(EncodeError::Field {
                name: "OffsetFetchResponseTopic",
                field: "name",
                version,
            });
        }
        if !(version <= 7) && !self.partitions.is_empty() {
            return Err(EncodeError::Field {
                name: "OffsetFetchResponseTopic",
                field: "partitions",
                version,
            });
        }
        if version <= 7 {
            writer.string(Some(&self.name), flexible)?;
        }
        if version <= 7 {
            writer.array(Some(&self.partitions), flexible, |writer, it| {
                it.write(writer, version)
            })?;
        }
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`OffsetFetchResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct OffsetFetchResponsePartition {
    /// The partition index.
    pub partition_index: i32,
    /// The committed message offset.
    pub committed_offset: i64,
    /// The leader epoch.
    pub committed_leader_epoch: i32,
    /// The partition metadata.
    pub metadata: Option<Str>,
    /// The error code, or 0 if there was no error.
    pub error_code: i16,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for OffsetFetchResponsePartition {
    fn default() -> OffsetFetchResponsePartition {
        OffsetFetchResponsePartition {
            partition_index: 0,
            committed_offset: 0,
            committed_leader_epoch: -1,
            metadata: Some(Str::new()),
            error_code: 0,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl OffsetFetchResponsePartition {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<OffsetFetchResponsePartition> {
        let flexible = version >= 6;
        let mut it = OffsetFetchResponsePartition::default();
        if version <= 7 {
            it.partition_index = reader.i32()?;
        }
        if version <= 7 {
            it.committed_offset = reader.i64()?;
        }
        if (5..=7).contains(&version) {
            it.committed_leader_epoch = reader.i32()?;
        }
        if version <= 7 {
            it.metadata = reader.nullable_string(flexible)?;
        }
        if version <= 7 {
            it.error_code = reader.i16()?;
        }
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 6;
        if !(version <= 7) && self.partition_index != 0 {
            return Err(EncodeError::Field {
                name: "OffsetFetchResponsePartition",
                field: "partition_index",
                version,
            });
        }
        if !(version <= 7) && self.committed_offset != 0 {
            return Err(EncodeError::Field {
                name: "OffsetFetchResponsePartition",
                field: "committed_offset",
                version,
            });
        }
        if !(version <= 7) && self.metadata.as_deref() != Some("") {
            return Err(EncodeError::Field {
                name: "OffsetFetchResponsePartition",
                field: "metadata",
                version,
            });
        }
        if !(version <= 7) && self.error_code != 0 {
            return Err(EncodeError::Field {
                name: "OffsetFetchResponsePartition",
                field: "error_code",
                version,
            });
        }
        if version <= 7 {
            writer.i32(self.partition_index);
        }
        if version <= 7 {
            writer.i64(self.committed_offset);
        }
        if (5..=7).contains(&version) {
            writer.i32(self.committed_leader_epoch);
        }
        if version <= 7 {
            writer.string(self.metadata.as_deref(), flexible)?;
        }
        if version <= 7 {
            writer.i16(self.error_code);
        }
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`OffsetFetchResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct OffsetFetchResponseGroup {
    /// The group ID.
    pub group_id: Str,
    /// The responses per topic.
    pub topics: Vec<OffsetFetchResponseTopics>,
    /// The group-level error code, or 0 if there was no error.
    pub error_code: i16,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for OffsetFetchResponseGroup {
    fn default() -> OffsetFetchResponseGroup {
        OffsetFetchResponseGroup {
            group_id: Str::new(),
            topics: Vec::new(),
            error_code: 0,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl OffsetFetchResponseGroup {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<OffsetFetchResponseGroup> {
        let flexible = version >= 6;
        let mut it = OffsetFetchResponseGroup::default();
        if version >= 8 {
            it.group_id = reader.string(flexible)?;
        }
        if version >= 8 {
            it.topics = reader.array(flexible, 1, |reader| {
                OffsetFetchResponseTopics::read(reader, version)
            })?;
        }
        if version >= 8 {
            it.error_code = reader.i16()?;
        }
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 6;
        if !(version >= 8) && !self.group_id.is_empty() {
            return Err(EncodeError::Field {
                name: "OffsetFetchResponseGroup",
                field: "group_id",
                version,
            });
        }
        if !(version >= 8) && !self.topics.is_empty() {
            return Err(EncodeError::Field {
                name: "OffsetFetchResponseGroup",
                field: "topics",
                version,
            });
        }
        if !(version >= 8) && self.error_code != 0 {
            return Err(EncodeError::Field {
                name: "OffsetFetchResponseGroup",
                field: "error_code",
                version,
            });
        }
        if version >= 8 {
            writer.string(Some(&self.group_id), flexible)?;
        }
        if version >= 8 {
            writer.array(Some(&self.topics), flexible, |writer, it| {
                it.write(writer, version)
            })?;
        }
        if version >= 8 {
            writer.i16(self.error_code);
        }
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`OffsetFetchResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct OffsetFetchResponseTopics {
    /// The topic name.
    pub name: Str,
    /// The topic ID.
    pub topic_id: [u8; 16],
    /// The responses per partition.
    pub partitions: Vec<OffsetFetchResponsePartitions>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for OffsetFetchResponseTopics {
    fn default() -> OffsetFetchResponseTopics {
        OffsetFetchResponseTopics {
            name: Str::new(),
            topic_id: [0; 16],
            partitions: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl OffsetFetchResponseTopics {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<OffsetFetchResponseTopics> {
        let flexible = version >= 6;
        let mut it = OffsetFetchResponseTopics::default();
        if (8..=9).contains(&version) {
            it.name = reader.string(flexible)?;
        }
        if version >= 10 {
            it.topic_id = reader.uuid()?;
        }
        if version >= 8 {
            it.partitions = reader.array(flexible, 1, |reader| {
                OffsetFetchResponsePartitions::read(reader, version)
            })?;
        }
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 6;
        if !(version >= 8) && !self.partitions.is_empty() {
            return Err(EncodeError::Field {
                name: "OffsetFetchResponseTopics",
                field: "partitions",
                version,
            });
        }
        if (8..=9).contains(&version) {
            writer.string(Some(&self.name), flexible)?;
        }
        if version >= 10 {
            writer.uuid(self.topic_id);
        }
        if version >= 8 {
            writer.array(Some(&self.partitions), flexible, |writer, it| {
                it.write(writer, version)
            })?;
        }
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`OffsetFetchResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct OffsetFetchResponsePartitions {
    /// The partition index.
    pub partition_index: i32,
    /// The committed message offset.
    pub committed_offset: i64,
    /// The leader epoch.
    pub committed_leader_epoch: i32,
    /// The partition metadata.
    pub metadata: Option<Str>,
    /// The partition-level error code, or 0 if there was no error.
    pub error_code: i16,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for OffsetFetchResponsePartitions {
    fn default() -> OffsetFetchResponsePartitions {
        OffsetFetchResponsePartitions {
            partition_index: 0,
            committed_offset: 0,
            committed_leader_epoch: -1,
            metadata: Some(Str::new()),
            error_code: 0,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl OffsetFetchResponsePartitions {
    pub(crate) fn read(
        reader: &mut Reader,
        version: i16,
    ) -> Decoded<OffsetFetchResponsePartitions> {
        let flexible = version >= 6;
        let mut it = OffsetFetchResponsePartitions::default();
        if version >= 8 {
            it.partition_index = reader.i32()?;
        }
        if version >= 8 {
            it.committed_offset = reader.i64()?;
        }
        if version >= 8 {
            it.committed_leader_epoch = reader.i32()?;
        }
        if version >= 8 {
            it.metadata = reader.nullable_string(flexible)?;
        }
        if version >= 8 {
            it.error_code = reader.i16()?;
        }
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 6;
        if !(version >= 8) && self.partition_index != 0 {
            return Err(EncodeError::Field {
                name: "OffsetFetchResponsePartitions",
                field: "partition_index",
                version,
            });
        }
        if !(version >= 8) && self.committed_offset != 0 {
            return Err(EncodeError::Field {
                name: "OffsetFetchResponsePartitions",
                field: "committed_offset",
                version,
            });
        }
        if !(version >= 8) && self.metadata.as_deref() != Some("") {
            return Err(EncodeError::Field {
                name: "OffsetFetchResponsePartitions",
                field: "metadata",
                version,
            });
        }
        if !(version >= 8) && self.error_code != 0 {
            return Err(EncodeError::Field {
                name: "OffsetFetchResponsePartitions",
                field: "error_code",
                version,
            });
        }
        if version >= 8 {
            writer.i32(self.partition_index);
        }
        if version >= 8 {
            writer.i64(self.committed_offset);
        }
        if version >= 8 {
            writer.i32(self.committed_leader_epoch);
        }
        if version >= 8 {
            writer.string(self.metadata.as_deref(), flexible)?;
        }
        if version >= 8 {
            writer.i16(self.error_code);
        }
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for OffsetFetchResponse {
    const NAME: &'static str = "OffsetFetchResponse";
    const API_KEY: Option<i16> = Some(9);
    const VERSIONS: Versions = Versions { from: 1, to: 10 };
    const FLEXIBLE_FROM: Option<i16> = Some(6);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        OffsetFetchResponse::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
