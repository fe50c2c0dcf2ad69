// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `DeleteShareGroupStateRequest`, version 0.

use crate::codec::*;

/// `DeleteShareGroupStateRequest`, version 0.
#[derive(Clone, Debug, PartialEq)]
pub struct DeleteShareGroupStateRequest {
    /// The group identifier.
    pub group_id: Str,
    /// The data for the topics.
    pub topics: Vec<DeleteStateData>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for DeleteShareGroupStateRequest {
    fn default() -> DeleteShareGroupStateRequest {
        DeleteShareGroupStateRequest {
            group_id: Str::new(),
            topics: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl DeleteShareGroupStateRequest {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<DeleteShareGroupStateRequest> {
        let flexible = true;
        let mut it = DeleteShareGroupStateRequest::default();
        it.group_id = reader.string(flexible)?;
        it.topics = reader.array(flexible, 18, |reader| {
            DeleteStateData::read(reader, version)
        })?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = true;
        writer.string(Some(&self.group_id), flexible)?;
        writer.array(Some(&self.topics), flexible, |writer, it| {
            it.write(writer, version)
        })?;
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`DeleteShareGroupStateRequest`].
#[derive(Clone, Debug, PartialEq)]
pub struct DeleteStateData {
    /// The topic identifier.
    pub topic_id: [u8; 16],
    /// The data for the partitions.
    pub partitions: Vec<PartitionData>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for DeleteStateData {
    fn default() -> DeleteStateData {
        DeleteStateData {
            topic_id: [0; 16],
            partitions: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl DeleteStateData {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<DeleteStateData> {
        let flexible = true;
        let mut it = DeleteStateData::default();
        it.topic_id = reader.uuid()?;
        it.partitions = reader.array(flexible, 5, |reader| PartitionData::read(reader, version))?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = true;
        writer.uuid(self.topic_id);
        writer.array(Some(&self.partitions), flexible, |writer, it| {
            it.write(writer, version)
        })?;
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`DeleteShareGroupStateRequest`].
#[derive(Clone, Debug, PartialEq)]
pub struct PartitionData {
    /// The partition index.
    pub partition: i32,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for PartitionData {
    fn default() -> PartitionData {
        PartitionData {
            partition: 0,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl PartitionData {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<PartitionData> {
        let flexible = true;
        let mut it = PartitionData::default();
        it.partition = reader.i32()?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = true;
        writer.i32(self.partition);
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for DeleteShareGroupStateRequest {
    const NAME: &'static str = "DeleteShareGroupStateRequest";
    const API_KEY: Option<i16> = Some(86);
    const VERSIONS: Versions = Versions { from: 0, to: 0 };
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        DeleteShareGroupStateRequest::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
