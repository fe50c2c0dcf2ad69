// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `OffsetCommitResponse`, versions 2 to 10.

use crate::codec::*;

/// `OffsetCommitResponse`, versions 2 to 10.
#[derive(Clone, Debug, PartialEq)]
pub struct OffsetCommitResponse {
    /// The duration in milliseconds for which the request was throttled due to a quota violation, or zero if the request did not violate any quota.
    pub throttle_time_ms: i32,
    /// The responses for each topic.
    pub topics: Vec<OffsetCommitResponseTopic>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for OffsetCommitResponse {
    fn default() -> OffsetCommitResponse {
        OffsetCommitResponse {
            throttle_time_ms: 0,
            topics: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl OffsetCommitResponse {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<OffsetCommitResponse> {
        let flexible = version >= 8;
        let mut it = OffsetCommitResponse::default();
        if version >= 3 {
            it.throttle_time_ms = reader.i32()?;
        }
        it.topics = reader.array(flexible, 3, |reader| {
            OffsetCommitResponseTopic::read(reader, version)
        })?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 8;
        if version >= 3 {
            writer.i32(self.throttle_time_ms);
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

/// Part of [`OffsetCommitResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct OffsetCommitResponseTopic {
    /// The topic name.
    pub name: Str,
    /// The topic ID.
    pub topic_id: [u8; 16],
    /// The responses for each partition in the topic.
    pub partitions: Vec<OffsetCommitResponsePartition>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for OffsetCommitResponseTopic {
    fn default() -> OffsetCommitResponseTopic {
        OffsetCommitResponseTopic {
            name: Str::new(),
            topic_id: [0; 16],
            partitions: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl OffsetCommitResponseTopic {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<OffsetCommitResponseTopic> {
        let flexible = version >= 8;
        let mut it = OffsetCommitResponseTopic::default();
        if version <= 9 {
            it.name = reader.string(flexible)?;
        }
        if version >= 10 {
            it.topic_id = reader.uuid()?;
        }
        it.partitions = reader.array(flexible, 6, |reader| {
            OffsetCommitResponsePartition::read(reader, version)
        })?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 8;
        if version <= 9 {
            writer.string(Some(&self.name), flexible)?;
        }
        if version >= 10 {
            writer.uuid(self.topic_id);
        }
        writer.array(Some(&self.partitions), flexible, |writer, it| {
            it.write(writer, version)
        })?;
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`OffsetCommitResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct OffsetCommitResponsePartition {
    /// The partition index.
    pub partition_index: i32,
    /// The error code, or 0 if there was no error.
    pub error_code: i16,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for OffsetCommitResponsePartition {
    fn default() -> OffsetCommitResponsePartition {
        OffsetCommitResponsePartition {
            partition_index: 0,
            error_code: 0,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl OffsetCommitResponsePartition {
    pub(crate) fn read(
        reader: &mut Reader,
        version: i16,
    ) -> Decoded<OffsetCommitResponsePartition> {
        let flexible = version >= 8;
        let mut it = OffsetCommitResponsePartition::default();
        it.partition_index = reader.i32()?;
        it.error_code = reader.i16()?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 8;
        writer.i32(self.partition_index);
        writer.i16(self.error_code);
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for OffsetCommitResponse {
    const NAME: &'static str = "OffsetCommitResponse";
    const API_KEY: Option<i16> = Some(8);
    const VERSIONS: Versions = Versions { from: 2, to: 10 };
    const FLEXIBLE_FROM: Option<i16> = Some(8);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        OffsetCommitResponse::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
