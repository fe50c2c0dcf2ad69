// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `OffsetCommitRequest`, versions 2 to 10.

use crate::codec::*;

/// `OffsetCommitRequest`, versions 2 to 10.
#[derive(Clone, Debug, PartialEq)]
pub struct OffsetCommitRequest {
    /// The unique group identifier.
    pub group_id: Str,
    /// The generation of the group if using the classic group protocol or the member epoch if using the consumer protocol.
    pub generation_id_or_member_epoch: i32,
    /// The member ID assigned by the group coordinator.
    pub member_id: Str,
    /// The unique identifier of the consumer instance provided by end user.
    pub group_instance_id: Option<Str>,
    /// The time period in ms to retain the offset.
    pub retention_time_ms: i64,
    /// The topics to commit offsets for.
    pub topics: Vec<OffsetCommitRequestTopic>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for OffsetCommitRequest {
    fn default() -> OffsetCommitRequest {
        OffsetCommitRequest {
            group_id: Str::new(),
            generation_id_or_member_epoch: -1,
            member_id: Str::new(),
            group_instance_id: None,
            retention_time_ms: -1,
            topics: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl OffsetCommitRequest {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<OffsetCommitRequest> {
        let flexible = version >= 8;
        let mut it = OffsetCommitRequest::default();
        it.group_id = reader.string(flexible)?;
        it.generation_id_or_member_epoch = reader.i32()?;
        it.member_id = reader.string(flexible)?;
        if version >= 7 {
            it.group_instance_id = reader.nullable_string(flexible)?;
        }
        if version <= 4 {
            it.retention_time_ms = reader.i64()?;
        }
        it.topics = reader.array(flexible, 3, |reader| {
            OffsetCommitRequestTopic::read(reader, version)
        })?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 8;
        if !(version >= 7) && self.group_instance_id.is_some() {
            return Err(EncodeError::Field {
                name: "OffsetCommitRequest",
                field: "group_instance_id",
                version,
            });
        }
        writer.string(Some(&self.group_id), flexible)?;
        writer.i32(self.generation_id_or_member_epoch);
        writer.string(Some(&self.member_id), flexible)?;
        if version >= 7 {
            writer.string(self.group_instance_id.as_deref(), flexible)?;
        }
        if version <= 4 {
            writer.i64(self.retention_time_ms);
        }
        writer.array(Some(&self.topics), flexible, |writer, it| {
            it.write(writer, version)
        })?;
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`OffsetCommitRequest`].
#[derive(Clone, Debug, PartialEq)]
pub struct OffsetCommitRequestTopic {
    /// The topic name.
    pub name: Str,
    /// The topic ID.
    pub topic_id: [u8; 16],
    /// Each partition to commit offsets for.
    pub partitions: Vec<OffsetCommitRequestPartition>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for OffsetCommitRequestTopic {
    fn default() -> OffsetCommitRequestTopic {
        OffsetCommitRequestTopic {
            name: Str::new(),
            topic_id: [0; 16],
            partitions: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl OffsetCommitRequestTopic {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<OffsetCommitRequestTopic> {
        let flexible = version >= 8;
        let mut it = OffsetCommitRequestTopic::default();
        if version <= 9 {
            it.name = reader.string(flexible)?;
        }
        if version >= 10 {
            it.topic_id = reader.uuid()?;
        }
        it.partitions = reader.array(flexible, 14, |reader| {
            OffsetCommitRequestPartition::read(reader, version)
        })?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 8;
        if version <= 9 {
            writer.string(Some(&self.name), flexible)?;
        }
        if version >= 10 {
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

/// Part of [`OffsetCommitRequest`].
#[derive(Clone, Debug, PartialEq)]
pub struct OffsetCommitRequestPartition {
    /// The partition index.
    pub partition_index: i32,
    /// The message offset to be committed.
    pub committed_offset: i64,
    /// The leader epoch of this partition.
    pub committed_leader_epoch: i32,
    /// Any associated metadata the client wants to keep.
    pub committed_metadata: Option<Str>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for OffsetCommitRequestPartition {
    fn default() -> OffsetCommitRequestPartition {
        OffsetCommitRequestPartition {
            partition_index: 0,
            committed_offset: 0,
            committed_leader_epoch: -1,
            committed_metadata: Some(Str::new()),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl OffsetCommitRequestPartition {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<OffsetCommitRequestPartition> {
        let flexible = version >= 8;
        let mut it = OffsetCommitRequestPartition::default();
        it.partition_index = reader.i32()?;
        it.committed_offset = reader.i64()?;
        if version >= 6 {
            it.committed_leader_epoch = reader.i32()?;
        }
        it.committed_metadata = reader.nullable_string(flexible)?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 8;
        writer.i32(self.partition_index);
        writer.i64(self.committed_offset);
        if version >= 6 {
            writer.i32(self.committed_leader_epoch);
        }
        writer.string(self.committed_metadata.as_deref(), flexible)?;
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for OffsetCommitRequest {
    const NAME: &'static str = "OffsetCommitRequest";
    const API_KEY: Option<i16> = Some(8);
    const VERSIONS: Versions = Versions { from: 2, to: 10 };
    const FLEXIBLE_FROM: Option<i16> = Some(8);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        OffsetCommitRequest::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
