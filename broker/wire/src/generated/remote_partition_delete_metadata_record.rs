// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `RemotePartitionDeleteMetadataRecord`, version 0.

use crate::codec::*;

/// `RemotePartitionDeleteMetadataRecord`, version 0.
#[derive(Clone, Debug, PartialEq)]
pub struct RemotePartitionDeleteMetadataRecord {
    /// Represents unique topic partition.
    pub topic_id_partition: TopicIdPartitionEntry,
    /// Broker (controller or leader) id from which this event is created. DELETE_PARTITION_MARKED is sent by the controller. DELETE_PARTITION_STARTED and DELETE_PARTITION_FINISHED are sent by remote log metadata topic partition leader.
    pub broker_id: i32,
    /// Epoch time in milliseconds at which this event is generated.
    pub event_timestamp_ms: i64,
    /// Deletion state identifier of the remote partition, which is RemotePartitionDeleteState.id().
    pub remote_partition_delete_state: i8,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for RemotePartitionDeleteMetadataRecord {
    fn default() -> RemotePartitionDeleteMetadataRecord {
        RemotePartitionDeleteMetadataRecord {
            topic_id_partition: TopicIdPartitionEntry::default(),
            broker_id: 0,
            event_timestamp_ms: 0,
            remote_partition_delete_state: 0,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl RemotePartitionDeleteMetadataRecord {
    pub(crate) fn read(
        reader: &mut Reader,
        version: i16,
    ) -> Decoded<RemotePartitionDeleteMetadataRecord> {
        let flexible = true;
        let mut it = RemotePartitionDeleteMetadataRecord::default();
        it.topic_id_partition = TopicIdPartitionEntry::read(reader, version)?;
        it.broker_id = reader.i32()?;
        it.event_timestamp_ms = reader.i64()?;
        it.remote_partition_delete_state = reader.i8()?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = true;
        self.topic_id_partition.write(writer, version)?;
        writer.i32(self.broker_id);
        writer.i64(self.event_timestamp_ms);
        writer.i8(self.remote_partition_delete_state);
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`RemotePartitionDeleteMetadataRecord`].
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

impl Message for RemotePartitionDeleteMetadataRecord {
    const NAME: &'static str = "RemotePartitionDeleteMetadataRecord";
    const API_KEY: Option<i16> = Some(2);
    const VERSIONS: Versions = Versions { from: 0, to: 0 };
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        RemotePartitionDeleteMetadataRecord::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
