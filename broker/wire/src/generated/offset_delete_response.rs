// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `OffsetDeleteResponse`, version 0.

use crate::codec::*;

/// `OffsetDeleteResponse`, version 0.
#[derive(Clone, Debug, PartialEq)]
pub struct OffsetDeleteResponse {
    /// The top-level error code, or 0 if there was no error.
    pub error_code: i16,
    /// The duration in milliseconds for which the request was throttled due to a quota violation, or zero if the request did not violate any quota.
    pub throttle_time_ms: i32,
    /// The responses for each topic.
    pub topics: Vec<OffsetDeleteResponseTopic>,
}

impl Default for OffsetDeleteResponse {
    fn default() -> OffsetDeleteResponse {
        OffsetDeleteResponse {
            error_code: 0,
            throttle_time_ms: 0,
            topics: Vec::new(),
        }
    }
}

impl OffsetDeleteResponse {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<OffsetDeleteResponse> {
        let flexible = false;
        let mut it = OffsetDeleteResponse::default();
        it.error_code = reader.i16()?;
        it.throttle_time_ms = reader.i32()?;
        it.topics = reader.array(flexible, 6, |reader| {
            OffsetDeleteResponseTopic::read(reader, version)
        })?;
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = false;
        writer.i16(self.error_code);
        writer.i32(self.throttle_time_ms);
        writer.array(Some(&self.topics), flexible, |writer, it| {
            it.write(writer, version)
        })?;
        Ok(())
    }
}

/// Part of [`OffsetDeleteResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct OffsetDeleteResponseTopic {
    /// The topic name.
    pub name: Str,
    /// The responses for each partition in the topic.
    pub partitions: Vec<OffsetDeleteResponsePartition>,
}

impl Default for OffsetDeleteResponseTopic {
    fn default() -> OffsetDeleteResponseTopic {
        OffsetDeleteResponseTopic {
            name: Str::new(),
            partitions: Vec::new(),
        }
    }
}

impl OffsetDeleteResponseTopic {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<OffsetDeleteResponseTopic> {
        let flexible = false;
        let mut it = OffsetDeleteResponseTopic::default();
        it.name = reader.string(flexible)?;
        it.partitions = reader.array(flexible, 6, |reader| {
            OffsetDeleteResponsePartition::read(reader, version)
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

/// Part of [`OffsetDeleteResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct OffsetDeleteResponsePartition {
    /// The partition index.
    pub partition_index: i32,
    /// The error code, or 0 if there was no error.
    pub error_code: i16,
}

impl Default for OffsetDeleteResponsePartition {
    fn default() -> OffsetDeleteResponsePartition {
        OffsetDeleteResponsePartition {
            partition_index: 0,
            error_code: 0,
        }
    }
}

impl OffsetDeleteResponsePartition {
    pub(crate) fn read(
        reader: &mut Reader,
        version: i16,
    ) -> Decoded<OffsetDeleteResponsePartition> {
        let flexible = false;
        let mut it = OffsetDeleteResponsePartition::default();
        it.partition_index = reader.i32()?;
        it.error_code = reader.i16()?;
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = false;
        writer.i32(self.partition_index);
        writer.i16(self.error_code);
        Ok(())
    }
}

impl Message for OffsetDeleteResponse {
    const NAME: &'static str = "OffsetDeleteResponse";
    const API_KEY: Option<i16> = Some(47);
    const VERSIONS: Versions = Versions { from: 0, to: 0 };
    const FLEXIBLE_FROM: Option<i16> = None;

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        OffsetDeleteResponse::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
