// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `TxnOffsetCommitRequest`, versions 0 to 5.

use crate::codec::*;

/// `TxnOffsetCommitRequest`, versions 0 to 5.
#[derive(Clone, Debug, PartialEq)]
pub struct TxnOffsetCommitRequest {
    /// The ID of the transaction.
    pub transactional_id: Str,
    /// The ID of the group.
    pub group_id: Str,
    /// The current producer ID in use by the transactional ID.
    pub producer_id: i64,
    /// The current epoch associated with the producer ID.
    pub producer_epoch: i16,
    /// The generation of the consumer.
    pub generation_id: i32,
    /// The member ID assigned by the group coordinator.
    pub member_id: Str,
    /// The unique identifier of the consumer instance provided by end user.
    pub group_instance_id: Option<Str>,
    /// Each topic that we want to commit offsets for.
    pub topics: Vec<TxnOffsetCommitRequestTopic>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for TxnOffsetCommitRequest {
    fn default() -> TxnOffsetCommitRequest {
        TxnOffsetCommitRequest {
            transactional_id: Str::new(),
            group_id: Str::new(),
            producer_id: 0,
            producer_epoch: 0,
            generation_id: -1,
            member_id: Str::new(),
            group_instance_id: None,
            topics: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl TxnOffsetCommitRequest {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<TxnOffsetCommitRequest> {
        let flexible = version >= 3;
        let mut it = TxnOffsetCommitRequest::default();
        it.transactional_id = reader.string(flexible)?;
        it.group_id = reader.string(flexible)?;
        it.producer_id = reader.i64()?;
        it.producer_epoch = reader.i16()?;
        if version >= 3 {
            it.generation_id = reader.i32()?;
        }
        if version >= 3 {
            it.member_id = reader.string(flexible)?;
        }
        if version >= 3 {
            it.group_instance_id = reader.nullable_string(flexible)?;
        }
        it.topics = reader.array(flexible, 3, |reader| {
            TxnOffsetCommitRequestTopic::read(reader, version)
        })?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 3;
        if !(version >= 3) && self.generation_id != -1 {
            return Err(EncodeError::Field {
                name: "TxnOffsetCommitRequest",
                field: "generation_id",
                version,
            });
        }
        if !(version >= 3) && !self.member_id.is_empty() {
            return Err(EncodeError::Field {
                name: "TxnOffsetCommitRequest",
                field: "member_id",
                version,
            });
        }
        if !(version >= 3) && self.group_instance_id.is_some() {
            return Err(EncodeError::Field {
                name: "TxnOffsetCommitRequest",
                field: "group_instance_id",
                version,
            });
        }
        writer.string(Some(&self.transactional_id), flexible)?;
        writer.string(Some(&self.group_id), flexible)?;
        writer.i64(self.producer_id);
        writer.i16(self.producer_epoch);
        if version >= 3 {
            writer.i32(self.generation_id);
        }
        if version >= 3 {
            writer.string(Some(&self.member_id), flexible)?;
        }
        if version >= 3 {
            writer.string(self.group_instance_id.as_deref(), flexible)?;
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

/// Part of [`TxnOffsetCommitRequest`].
#[derive(Clone, Debug, PartialEq)]
pub struct TxnOffsetCommitRequestTopic {
    /// The topic name.
    pub name: Str,
    /// The partitions inside the topic that we want to commit offsets for.
    pub partitions: Vec<TxnOffsetCommitRequestPartition>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for TxnOffsetCommitRequestTopic {
    fn default() -> TxnOffsetCommitRequestTopic {
        TxnOffsetCommitRequestTopic {
            name: Str::new(),
            partitions: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl TxnOffsetCommitRequestTopic {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<TxnOffsetCommitRequestTopic> {
        let flexible = version >= 3;
        let mut it = TxnOffsetCommitRequestTopic::default();
        it.name = reader.string(flexible)?;
        it.partitions = reader.array(flexible, 14, |reader| {
            TxnOffsetCommitRequestPartition::read(reader, version)
        })?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 3;
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

/// Part of [`TxnOffsetCommitRequest`].
#[derive(Clone, Debug, PartialEq)]
pub struct TxnOffsetCommitRequestPartition {
    /// The index of the partition within the topic.
    pub partition_index: i32,
    /// The message offset to be committed.
    pub committed_offset: i64,
    /// The leader epoch of the last consumed record.
    pub committed_leader_epoch: i32,
    /// Any associated metadata the client wants to keep.
    pub committed_metadata: Option<Str>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for TxnOffsetCommitRequestPartition {
    fn default() -> TxnOffsetCommitRequestPartition {
        TxnOffsetCommitRequestPartition {
            partition_index: 0,
            committed_offset: 0,
            committed_leader_epoch: -1,
            committed_metadata: Some(Str::new()),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl TxnOffsetCommitRequestPartition {
    pub(crate) fn read(
        reader: &mut Reader,
        version: i16,
    ) -> Decoded<TxnOffsetCommitRequestPartition> {
        let flexible = version >= 3;
        let mut it = TxnOffsetCommitRequestPartition::default();
        it.partition_index = reader.i32()?;
        it.committed_offset = reader.i64()?;
        if version >= 2 {
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
        let flexible = version >= 3;
        writer.i32(self.partition_index);
        writer.i64(self.committed_offset);
        if version >= 2 {
            writer.i32(self.committed_leader_epoch);
        }
        writer.string(self.committed_metadata.as_deref(), flexible)?;
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for TxnOffsetCommitRequest {
    const NAME: &'static str = "TxnOffsetCommitRequest";
    const API_KEY: Option<i16> = Some(28);
    const VERSIONS: Versions = Versions { from: 0, to: 5 };
    const FLEXIBLE_FROM: Option<i16> = Some(3);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        TxnOffsetCommitRequest::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
