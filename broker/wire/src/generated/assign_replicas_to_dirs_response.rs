// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `AssignReplicasToDirsResponse`, version 0.

use crate::codec::*;

/// `AssignReplicasToDirsResponse`, version 0.
#[derive(Clone, Debug, PartialEq)]
pub struct AssignReplicasToDirsResponse {
    /// The duration in milliseconds for which the request was throttled due to a quota violation, or zero if the request did not violate any quota.
    pub throttle_time_ms: i32,
    /// The top level response error code.
    pub error_code: i16,
    /// The list of directories and their assigned partitions.
    pub directories: Vec<DirectoryData>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for AssignReplicasToDirsResponse {
    fn default() -> AssignReplicasToDirsResponse {
        AssignReplicasToDirsResponse {
            throttle_time_ms: 0,
            error_code: 0,
            directories: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl AssignReplicasToDirsResponse {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<AssignReplicasToDirsResponse> {
        let flexible = true;
        let mut it = AssignReplicasToDirsResponse::default();
        it.throttle_time_ms = reader.i32()?;
        it.error_code = reader.i16()?;
        it.directories =
            reader.array(flexible, 18, |reader| DirectoryData::read(reader, version))?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = true;
        writer.i32(self.throttle_time_ms);
        writer.i16(self.error_code);
        writer.array(Some(&self.directories), flexible, |writer, it| {
            it.write(writer, version)
        })?;
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`AssignReplicasToDirsResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct DirectoryData {
    /// The ID of the directory.
    pub id: [u8; 16],
    /// The list of topics and their assigned partitions.
    pub topics: Vec<TopicData>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for DirectoryData {
    fn default() -> DirectoryData {
        DirectoryData {
            id: [0; 16],
            topics: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl DirectoryData {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<DirectoryData> {
        let flexible = true;
        let mut it = DirectoryData::default();
        it.id = reader.uuid()?;
        it.topics = reader.array(flexible, 18, |reader| TopicData::read(reader, version))?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = true;
        writer.uuid(self.id);
        writer.array(Some(&self.topics), flexible, |writer, it| {
            it.write(writer, version)
        })?;
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`AssignReplicasToDirsResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct TopicData {
    /// The ID of the assigned topic.
    pub topic_id: [u8; 16],
    /// The list of assigned partitions.
    pub partitions: Vec<PartitionData>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for TopicData {
    fn default() -> TopicData {
        TopicData {
            topic_id: [0; 16],
            partitions: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl TopicData {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<TopicData> {
        let flexible = true;
        let mut it = TopicData::default();
        it.topic_id = reader.uuid()?;
        it.partitions = reader.array(flexible, 7, |reader| PartitionData::read(reader, version))?;
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

/// Part of [`AssignReplicasToDirsResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct PartitionData {
    /// The partition index.
    pub partition_index: i32,
    /// The partition level error code.
    pub error_code: i16,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for PartitionData {
    fn default() -> PartitionData {
        PartitionData {
            partition_index: 0,
            error_code: 0,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl PartitionData {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<PartitionData> {
        let flexible = true;
        let mut it = PartitionData::default();
        it.partition_index = reader.i32()?;
        it.error_code = reader.i16()?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = true;
        writer.i32(self.partition_index);
        writer.i16(self.error_code);
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for AssignReplicasToDirsResponse {
    const NAME: &'static str = "AssignReplicasToDirsResponse";
    const API_KEY: Option<i16> = Some(73);
    const VERSIONS: Versions = Versions { from: 0, to: 0 };
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        AssignReplicasToDirsResponse::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
