// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `RemoteLogSegmentMetadataRecord`, version 0.

use crate::codec::*;

/// `RemoteLogSegmentMetadataRecord`, version 0.
#[derive(Clone, Debug, PartialEq)]
pub struct RemoteLogSegmentMetadataRecord {
    /// Unique representation of the remote log segment.
    pub remote_log_segment_id: RemoteLogSegmentIdEntry,
    /// Start offset  of the segment.
    pub start_offset: i64,
    /// End offset  of the segment.
    pub end_offset: i64,
    /// Broker id from which this event is generated.
    pub broker_id: i32,
    /// Maximum timestamp in milliseconds with in this segment.
    pub max_timestamp_ms: i64,
    /// Epoch time in milliseconds at which this event is generated.
    pub event_timestamp_ms: i64,
    /// Leader epoch to start-offset mappings for the records with in this segment.
    pub segment_leader_epochs: Vec<SegmentLeaderEpochEntry>,
    /// Segment size in bytes.
    pub segment_size_in_bytes: i32,
    /// Custom metadata.
    pub custom_metadata: Option<Bytes>,
    /// State identifier of the remote log segment, which is RemoteLogSegmentState.id().
    pub remote_log_segment_state: i8,
    /// Flag to indicate if the transaction index is empty.
    pub txn_index_empty: bool,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for RemoteLogSegmentMetadataRecord {
    fn default() -> RemoteLogSegmentMetadataRecord {
        RemoteLogSegmentMetadataRecord {
            remote_log_segment_id: RemoteLogSegmentIdEntry::default(),
            start_offset: 0,
            end_offset: 0,
            broker_id: 0,
            max_timestamp_ms: 0,
            event_timestamp_ms: 0,
            segment_leader_epochs: Vec::new(),
            segment_size_in_bytes: 0,
            custom_metadata: None,
            remote_log_segment_state: 0,
            txn_index_empty: false,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl RemoteLogSegmentMetadataRecord {
    pub(crate) fn read(
        reader: &mut Reader,
        version: i16,
    ) -> Decoded<RemoteLogSegmentMetadataRecord> {
        let flexible = true;
        let mut it = RemoteLogSegmentMetadataRecord::default();
        it.remote_log_segment_id = RemoteLogSegmentIdEntry::read(reader, version)?;
        it.start_offset = reader.i64()?;
        it.end_offset = reader.i64()?;
        it.broker_id = reader.i32()?;
        it.max_timestamp_ms = reader.i64()?;
        it.event_timestamp_ms = reader.i64()?;
        it.segment_leader_epochs = reader.array(flexible, 13, |reader| {
            SegmentLeaderEpochEntry::read(reader, version)
        })?;
        it.segment_size_in_bytes = reader.i32()?;
        it.custom_metadata = reader.nullable_bytes(flexible)?;
        it.remote_log_segment_state = reader.i8()?;
        if flexible {
            let unknown = reader.tagged_fields(|tag, reader| {
                match tag {
                    0 => it.txn_index_empty = reader.bool()?,
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
        self.remote_log_segment_id.write(writer, version)?;
        writer.i64(self.start_offset);
        writer.i64(self.end_offset);
        writer.i32(self.broker_id);
        writer.i64(self.max_timestamp_ms);
        writer.i64(self.event_timestamp_ms);
        writer.array(Some(&self.segment_leader_epochs), flexible, |writer, it| {
            it.write(writer, version)
        })?;
        writer.i32(self.segment_size_in_bytes);
        writer.bytes(self.custom_metadata.as_deref(), flexible)?;
        writer.i8(self.remote_log_segment_state);
        if flexible {
            let mut tagged = TaggedFields::default();
            if self.txn_index_empty {
                tagged.add(0, |writer| {
                    writer.bool(self.txn_index_empty);
                    Ok(())
                })?;
            }
            writer.tagged_fields(tagged, &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`RemoteLogSegmentMetadataRecord`].
#[derive(Clone, Debug, PartialEq)]
pub struct RemoteLogSegmentIdEntry {
    /// Represents unique topic partition.
    pub topic_id_partition: TopicIdPartitionEntry,
    /// Unique identifier of the remote log segment.
    pub id: [u8; 16],
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for RemoteLogSegmentIdEntry {
    fn default() -> RemoteLogSegmentIdEntry {
        RemoteLogSegmentIdEntry {
            topic_id_partition: TopicIdPartitionEntry::default(),
            id: [0; 16],
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl RemoteLogSegmentIdEntry {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<RemoteLogSegmentIdEntry> {
        let flexible = true;
        let mut it = RemoteLogSegmentIdEntry::default();
        it.topic_id_partition = TopicIdPartitionEntry::read(reader, version)?;
        it.id = reader.uuid()?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = true;
        self.topic_id_partition.write(writer, version)?;
        writer.uuid(self.id);
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`RemoteLogSegmentMetadataRecord`].
#[derive(Clone, Debug, PartialEq)]
pub struct TopicIdPartitionEntry {
    /// Topic name.
    pub name: Str,
    /// Unique identifier of the topic.
    pub id: [u8; 16],
    /// Partition number.
    pub partition: i32,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for TopicIdPartitionEntry {
    fn default() -> TopicIdPartitionEntry {
        TopicIdPartitionEntry {
            name: Str::new(),
            id: [0; 16],
            partition: 0,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl TopicIdPartitionEntry {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<TopicIdPartitionEntry> {
        let flexible = true;
        let mut it = TopicIdPartitionEntry::default();
        it.name = reader.string(flexible)?;
        it.id = reader.uuid()?;
        it.partition = reader.i32()?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = true;
        writer.string(Some(&self.name), flexible)?;
        writer.uuid(self.id);
        writer.i32(self.partition);
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`RemoteLogSegmentMetadataRecord`].
#[derive(Clone, Debug, PartialEq)]
pub struct SegmentLeaderEpochEntry {
    /// Leader epoch
    pub leader_epoch: i32,
    /// Start offset for the leader epoch.
    pub offset: i64,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for SegmentLeaderEpochEntry {
    fn default() -> SegmentLeaderEpochEntry {
        SegmentLeaderEpochEntry {
            leader_epoch: 0,
            offset: 0,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl SegmentLeaderEpochEntry {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<SegmentLeaderEpochEntry> {
        let flexible = true;
        let mut it = SegmentLeaderEpochEntry::default();
        it.leader_epoch = reader.i32()?;
        it.offset = reader.i64()?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = true;
        writer.i32(self.leader_epoch);
        writer.i64(self.offset);
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for RemoteLogSegmentMetadataRecord {
    const NAME: &'static str = "RemoteLogSegmentMetadataRecord";
    const API_KEY: Option<i16> = Some(0);
    const VERSIONS: Versions = Versions { from: 0, to: 0 };
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        RemoteLogSegmentMetadataRecord::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
