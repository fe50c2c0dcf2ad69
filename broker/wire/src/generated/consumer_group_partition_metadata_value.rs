// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `ConsumerGroupPartitionMetadataValue`, version 0.

use crate::codec::*;

/// `ConsumerGroupPartitionMetadataValue`, version 0.
#[derive(Clone, Debug, PartialEq)]
pub struct ConsumerGroupPartitionMetadataValue {
    /// The list of topic metadata.
    pub topics: Vec<TopicMetadata>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for ConsumerGroupPartitionMetadataValue {
    fn default() -> ConsumerGroupPartitionMetadataValue {
        ConsumerGroupPartitionMetadataValue {
            topics: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl ConsumerGroupPartitionMetadataValue {
    pub(crate) fn read(
        reader: &mut Reader,
        version: i16,
    ) -> Decoded<ConsumerGroupPartitionMetadataValue> {
        let flexible = true;
        let mut it = ConsumerGroupPartitionMetadataValue::default();
        it.topics = reader.array(flexible, 23, |reader| TopicMetadata::read(reader, version))?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = true;
        writer.array(Some(&self.topics), flexible, |writer, it| {
            it.write(writer, version)
        })?;
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`ConsumerGroupPartitionMetadataValue`].
#[derive(Clone, Debug, PartialEq)]
pub struct TopicMetadata {
    /// The topic id.
    pub topic_id: [u8; 16],
    /// The topic name.
    pub topic_name: Str,
    /// The number of partitions of the topic.
    pub num_partitions: i32,
    /// Deprecated: this field is not used after 4.0. Partitions mapped to a set of racks. If the rack information is unavailable for all the partitions, an empty list is stored.
    pub partition_metadata: Vec<PartitionMetadata>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for TopicMetadata {
    fn default() -> TopicMetadata {
        TopicMetadata {
            topic_id: [0; 16],
            topic_name: Str::new(),
            num_partitions: 0,
            partition_metadata: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl TopicMetadata {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<TopicMetadata> {
        let flexible = true;
        let mut it = TopicMetadata::default();
        it.topic_id = reader.uuid()?;
        it.topic_name = reader.string(flexible)?;
        it.num_partitions = reader.i32()?;
        it.partition_metadata = reader.array(flexible, 6, |reader| {
            PartitionMetadata::read(reader, version)
        })?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = true;
        writer.uuid(self.topic_id);
        writer.string(Some(&self.topic_name), flexible)?;
        writer.i32(self.num_partitions);
        writer.array(Some(&self.partition_metadata), flexible, |writer, it| {
            it.write(writer, version)
        })?;
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`ConsumerGroupPartitionMetadataValue`].
#[derive(Clone, Debug, PartialEq)]
pub struct PartitionMetadata {
    /// The partition number.
    pub partition: i32,
    /// The set of racks that the partition is mapped to.
    pub racks: Vec<Str>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for PartitionMetadata {
    fn default() -> PartitionMetadata {
        PartitionMetadata {
            partition: 0,
            racks: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl PartitionMetadata {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<PartitionMetadata> {
        let flexible = true;
        let mut it = PartitionMetadata::default();
        it.partition = reader.i32()?;
        it.racks = reader.array(flexible, 1, |reader| reader.string(flexible))?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = true;
        writer.i32(self.partition);
        writer.array(Some(&self.racks), flexible, |writer, it| {
            writer.string(Some(it), flexible)
        })?;
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for ConsumerGroupPartitionMetadataValue {
    const NAME: &'static str = "ConsumerGroupPartitionMetadataValue";
    const API_KEY: Option<i16> = Some(4);
    const VERSIONS: Versions = Versions { from: 0, to: 0 };
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        ConsumerGroupPartitionMetadataValue::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
