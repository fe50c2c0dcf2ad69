// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `OffsetDeleteRequest`, version 0.

use crate::codec::*;

/// `OffsetDeleteRequest`, version 0.
#[derive(Clone, Debug, PartialEq)]
pub struct OffsetDeleteRequest {
    /// The unique group identifier.
    pub group_id: Str,
    /// The topics to delete offsets for.
    pub topics: Vec<OffsetDeleteRequestTopic>,
}

impl Default for OffsetDeleteRequest {
    fn default() -> OffsetDeleteRequest {
        OffsetDeleteRequest {
            group_id: Str::new(),
            topics: Vec::new(),
        }
    }
}

impl OffsetDeleteRequest {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<OffsetDeleteRequest> {
        let flexible = false;
        let mut it = OffsetDeleteRequest::default();
        it.group_id = reader.string(flexible)?;
        it.topics = reader.array(flexible, 6, |reader| {
            OffsetDeleteRequestTopic::read(reader, version)
        })?;
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = false;
        writer.string(Some(&self.group_id), flexible)?;
        writer.array(Some(&self.topics), flexible, |writer, it| {
            it.write(writer, version)
        })?;
        Ok(())
    }
}

/// Part of [`OffsetDeleteRequest`].
#[derive(Clone, Debug, PartialEq)]
pub struct OffsetDeleteRequestTopic {
    /// The topic name.
    pub name: Str,
    /// Each partition to delete offsets for.
    pub partitions: Vec<OffsetDeleteRequestPartition>,
}

impl Default for OffsetDeleteRequestTopic {
    fn default() -> OffsetDeleteRequestTopic {
        OffsetDeleteRequestTopic {
            name: Str::new(),
            partitions: Vec::new(),
        }
    }
}

impl OffsetDeleteRequestTopic {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<OffsetDeleteRequestTopic> {
        let flexible = false;
        let mut it = OffsetDeleteRequestTopic::default();
        it.name = reader.string(flexible)?;
        it.partitions = reader.array(flexible, 4, |reader| {
            OffsetDeleteRequestPartition::read(reader, version)
        })?;
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = false;
        writer.string(Some(&self.name), flexible)?;
        writer.array(Some(&self.partitions), flexible, |writer, it| {
            it.write(writer, version)
        })?;
        Ok(())
    }
}

/// Part of [`OffsetDeleteRequest`].
#[derive(Clone, Debug, PartialEq)]
pub struct OffsetDeleteRequestPartition {
    /// The partition index.
    pub partition_index: i32,
}

impl Default for OffsetDeleteRequestPartition {
    fn default() -> OffsetDeleteRequestPartition {
        OffsetDeleteRequestPartition { partition_index: 0 }
    }
}

impl OffsetDeleteRequestPartition {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<OffsetDeleteRequestPartition> {
        let flexible = false;
        let mut it = OffsetDeleteRequestPartition::default();
        it.partition_index = reader.i32()?;
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = false;
        writer.i32(self.partition_index);
        Ok(())
    }
}

impl Message for OffsetDeleteRequest {
    const NAME: &'static str = "OffsetDeleteRequest";
    const API_KEY: Option<i16> = Some(47);
    const VERSIONS: Versions = Versions { from: 0, to: 0 };
    const FLEXIBLE_FROM: Option<i16> = None;

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        OffsetDeleteRequest::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
