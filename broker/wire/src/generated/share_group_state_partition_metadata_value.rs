// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `ShareGroupStatePartitionMetadataValue`, version 0.

use crate::codec::*;

/// `ShareGroupStatePartitionMetadataValue`, version 0.
#[derive(Clone, Debug, PartialEq)]
pub struct ShareGroupStatePartitionMetadataValue {
    /// The topic-partitions whose share-group state is being initialized.
    pub initializing_topics: Vec<TopicPartitionsInfo>,
    /// The topics with initialized share-group state.
    pub initialized_topics: Vec<TopicPartitionsInfo>,
    /// The topics whose share-group state is being deleted.
    pub deleting_topics: Vec<TopicInfo>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for ShareGroupStatePartitionMetadataValue {
    fn default() -> ShareGroupStatePartitionMetadataValue {
        ShareGroupStatePartitionMetadataValue {
            initializing_topics: Vec::new(),
            initialized_topics: Vec::new(),
            deleting_topics: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl ShareGroupStatePartitionMetadataValue {
    pub(crate) fn read(
        reader: &mut Reader,
        version: i16,
    ) -> Decoded<ShareGroupStatePartitionMetadataValue> {
        let flexible = true;
        let mut it = ShareGroupStatePartitionMetadataValue::default();
        it.initializing_topics = reader.array(flexible, 19, |reader| {
            TopicPartitionsInfo::read(reader, version)
        })?;
        it.initialized_topics = reader.array(flexible, 19, |reader| {
            TopicPartitionsInfo::read(reader, version)
        })?;
        it.deleting_topics =
            reader.array(flexible, 18, |reader| TopicInfo::read(reader, version))?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = true;
        writer.array(Some(&self.initializing_topics), flexible, |writer, it| {
            it.write(writer, version)
        })?;
        writer.array(Some(&self.initialized_topics), flexible, |writer, it| {
            it.write(writer, version)
        })?;
        writer.array(Some(&self.deleting_topics), flexible, |writer, it| {
            it.write(writer, version)
        })?;
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`ShareGroupStatePartitionMetadataValue`].
#[derive(Clone, Debug, PartialEq)]
pub struct TopicPartitionsInfo {
    /// The topic identifier.
    pub topic_id: [u8; 16],
    /// The topic name.
    pub topic_name: Str,
    /// The partitions.
    pub partitions: Vec<i32>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for TopicPartitionsInfo {
    fn default() -> TopicPartitionsInfo {
        TopicPartitionsInfo {
            topic_id: [0; 16],
            topic_name: Str::new(),
            partitions: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl TopicPartitionsInfo {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<TopicPartitionsInfo> {
        let flexible = true;
        let mut it = TopicPartitionsInfo::default();
        it.topic_id = reader.uuid()?;
        it.topic_name = reader.string(flexible)?;
        it.partitions = reader.array(flexible, 4, |reader| reader.i32())?;
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
        writer.array(Some(&self.partitions), flexible, |writer, it| {
            writer.i32(*it);
            Ok(())
        })?;
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`ShareGroupStatePartitionMetadataValue`].
#[derive(Clone, Debug, PartialEq)]
pub struct TopicInfo {
    /// The topic identifier.
    pub topic_id: [u8; 16],
    /// The topic name.
    pub topic_name: Str,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for TopicInfo {
    fn default() -> TopicInfo {
        TopicInfo {
            topic_id: [0; 16],
            topic_name: Str::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl TopicInfo {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<TopicInfo> {
        let flexible = true;
        let mut it = TopicInfo::default();
        it.topic_id = reader.uuid()?;
        it.topic_name = reader.string(flexible)?;
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
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for ShareGroupStatePartitionMetadataValue {
    const NAME: &'static str = "ShareGroupStatePartitionMetadataValue";
    const API_KEY: Option<i16> = Some(15);
    const VERSIONS: Versions = Versions { from: 0, to: 0 };
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        ShareGroupStatePartitionMetadataValue::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
