// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `AlterReplicaLogDirsResponse`, versions 1 to 2.

use crate::codec::*;

/// `AlterReplicaLogDirsResponse`, versions 1 to 2.
#[derive(Clone, Debug, PartialEq)]
pub struct AlterReplicaLogDirsResponse {
    /// Duration in milliseconds for which the request was throttled due to a quota violation, or zero if the request did not violate any quota.
    pub throttle_time_ms: i32,
    /// The results for each topic.
    pub results: Vec<AlterReplicaLogDirTopicResult>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for AlterReplicaLogDirsResponse {
    fn default() -> AlterReplicaLogDirsResponse {
        AlterReplicaLogDirsResponse {
            throttle_time_ms: 0,
            results: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl AlterReplicaLogDirsResponse {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<AlterReplicaLogDirsResponse> {
        let flexible = version >= 2;
        let mut it = AlterReplicaLogDirsResponse::default();
        it.throttle_time_ms = reader.i32()?;
        it.results = reader.array(flexible, 3, |reader| {
            AlterReplicaLogDirTopicResult::read(reader, version)
        })?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 2;
        writer.i32(self.throttle_time_ms);
        writer.array(Some(&self.results), flexible, |writer, it| {
            it.write(writer, version)
        })?;
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`AlterReplicaLogDirsResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct AlterReplicaLogDirTopicResult {
    /// The name of the topic.
    pub topic_name: Str,
    /// The results for each partition.
    pub partitions: Vec<AlterReplicaLogDirPartitionResult>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for AlterReplicaLogDirTopicResult {
    fn default() -> AlterReplicaLogDirTopicResult {
        AlterReplicaLogDirTopicResult {
            topic_name: Str::new(),
            partitions: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl AlterReplicaLogDirTopicResult {
    pub(crate) fn read(
        reader: &mut Reader,
        version: i16,
    ) -> Decoded<AlterReplicaLogDirTopicResult> {
        let flexible = version >= 2;
        let mut it = AlterReplicaLogDirTopicResult::default();
        it.topic_name = reader.string(flexible)?;
        it.partitions = reader.array(flexible, 6, |reader| {
            AlterReplicaLogDirPartitionResult::read(reader, version)
        })?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 2;
        writer.string(Some(&self.topic_name), flexible)?;
        writer.array(Some(&self.partitions), flexible, |writer, it| {
            it.write(writer, version)
        })?;
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`AlterReplicaLogDirsResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct AlterReplicaLogDirPartitionResult {
    /// The partition index.
    pub partition_index: i32,
    /// The error code, or 0 if there was no error.
    pub error_code: i16,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for AlterReplicaLogDirPartitionResult {
    fn default() -> AlterReplicaLogDirPartitionResult {
        AlterReplicaLogDirPartitionResult {
            partition_index: 0,
            error_code: 0,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl AlterReplicaLogDirPartitionResult {
    pub(crate) fn read(
        reader: &mut Reader,
        version: i16,
    ) -> Decoded<AlterReplicaLogDirPartitionResult> {
        let flexible = version >= 2;
        let mut it = AlterReplicaLogDirPartitionResult::default();
        it.partition_index = reader.i32()?;
        it.error_code = reader.i16()?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 2;
        writer.i32(self.partition_index);
        writer.i16(self.error_code);
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for AlterReplicaLogDirsResponse {
    const NAME: &'static str = "AlterReplicaLogDirsResponse";
    const API_KEY: Option<i16> = Some(34);
    const VERSIONS: Versions = Versions { from: 1, to: 2 };
    const FLEXIBLE_FROM: Option<i16> = Some(2);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        AlterReplicaLogDirsResponse::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
