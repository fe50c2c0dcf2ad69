// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `RemoteLogSegmentMetadataUpdateRecord`, version 0.

use crate::codec::*;

/// `RemoteLogSegmentMetadataUpdateRecord`, version 0.
#[derive(Clone, Debug, PartialEq)]
pub struct RemoteLogSegmentMetadataUpdateRecord {
    /// Unique representation of the remote log segment.
    pub remote_log_segment_id: RemoteLogSegmentIdEntry,
    /// Broker id from which this event is generated.
    pub broker_id: i32,
    /// Epoch time in milliseconds at which this event is generated.
    pub event_timestamp_ms: i64,
    /// Custom metadata.
    pub custom_metadata: Option<Bytes>,
    /// State identifier of the remote log segment, which is RemoteLogSegmentState.id().
    pub remote_log_segment_state: i8,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for RemoteLogSegmentMetadataUpdateRecord {
    fn default() -> RemoteLogSegmentMetadataUpdateRecord {
        RemoteLogSegmentMetadataUpdateRecord {
            remote_log_segment_id: RemoteLogSegmentIdEntry::default(),
            broker_id: 0,
            event_timestamp_ms: 0,
            custom_metadata: None,
            remote_log_segment_state: 0,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl RemoteLogSegmentMetadataUpdateRecord {
    pub(crate) fn read(
        reader: &mut Reader,
        version: i16,
    ) -> Decoded<RemoteLogSegmentMetadataUpdateRecord> {
        let flexible = true;
        let mut it = RemoteLogSegmentMetadataUpdateRecord::default();
        it.remote_log_segment_id = RemoteLogSegmentIdEntry::read(reader, version)?;
        it.broker_id = reader.i32()?;
        it.event_timestamp_ms = reader.i64()?;
        it.custom_metadata = reader.nullable_bytes(flexible)?;
        it.remote_log_segment_state = reader.i8()?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = true;
        self.remote_log_segment_id.write(writer, version)?;
        writer.i32(self.broker_id);
        writer.i64(self.event_timestamp_ms);
        writer.bytes(self.custom_metadata.as_deref(), flexible)?;
        writer.i8(self.remote_log_segment_state);
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`RemoteLogSegmentMetadataUpdateRecord`].
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

/// Part of [`RemoteLogSegmentMetadataUpdateRecord`].
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

impl Message for RemoteLogSegmentMetadataUpdateRecord {
    const NAME: &'static str = "RemoteLogSegmentMetadataUpdateRecord";
    const API_KEY: Option<i16> = Some(1);
    const VERSIONS: Versions = Versions { from: 0, to: 0 };
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        RemoteLogSegmentMetadataUpdateRecord::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
