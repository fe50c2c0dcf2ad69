// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `TxnOffsetCommitResponse`, versions 0 to 5.

use crate::codec::*;

/// `TxnOffsetCommitResponse`, versions 0 to 5.
#[derive(Clone, Debug, PartialEq)]
pub struct TxnOffsetCommitResponse {
    /// The duration in milliseconds for which the request was throttled due to a quota violation, or zero if the request did not violate any quota.
    pub throttle_time_ms: i32,
    /// The responses for each topic.
    pub topics: Vec<TxnOffsetCommitResponseTopic>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for TxnOffsetCommitResponse {
    fn default() -> TxnOffsetCommitResponse {
        TxnOffsetCommitResponse {
            throttle_time_ms: 0,
            topics: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl TxnOffsetCommitResponse {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<TxnOffsetCommitResponse> {
        let flexible = version >= 3;
        let mut it = TxnOffsetCommitResponse::default();
        it.throttle_time_ms = reader.i32()?;
        it.topics = reader.array(flexible, 3, |reader| {
            TxnOffsetCommitResponseTopic::read(reader, version)
        })?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 3;
        writer.i32(self.throttle_time_ms);
        writer.array(Some(&self.topics), flexible, |writer, it| {
            it.write(writer, version)
        })?;
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`TxnOffsetCommitResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct TxnOffsetCommitResponseTopic {
    /// The topic name.
    pub name: Str,
    /// The responses for each partition in the topic.
    pub partitions: Vec<TxnOffsetCommitResponsePartition>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for TxnOffsetCommitResponseTopic {
    fn default() -> TxnOffsetCommitResponseTopic {
        TxnOffsetCommitResponseTopic {
            name: Str::new(),
            partitions: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl TxnOffsetCommitResponseTopic {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<TxnOffsetCommitResponseTopic> {
        let flexible = version >= 3;
        let mut it = TxnOffsetCommitResponseTopic::default();
        it.name = reader.string(flexible)?;
        it.partitions = reader.array(flexible, 6, |reader| {
            TxnOffsetCommitResponsePartition::read(reader, version)
        })?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 3;
        writer.string(Some(&self.name), flexible)?;
        writer.array(Some(&self.partitions), flexible, |writer, it| {
            it.write(writer, version)
        })?;
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`TxnOffsetCommitResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct TxnOffsetCommitResponsePartition {
    /// The partition index.
    pub partition_index: i32,
    /// The error code, or 0 if there was no error.
    pub error_code: i16,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for TxnOffsetCommitResponsePartition {
    fn default() -> TxnOffsetCommitResponsePartition {
        TxnOffsetCommitResponsePartition {
            partition_index: 0,
            error_code: 0,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl TxnOffsetCommitResponsePartition {
    pub(crate) fn read(
        reader: &mut Reader,
        version: i16,
    ) -> Decoded<TxnOffsetCommitResponsePartition> {
        let flexible = version >= 3;
        let mut it = TxnOffsetCommitResponsePartition::default();
        it.partition_index = reader.i32()?;
        it.error_code = reader.i16()?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 3;
        writer.i32(self.partition_index);
        writer.i16(self.error_code);
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for TxnOffsetCommitResponse {
    const NAME: &'static str = "TxnOffsetCommitResponse";
    const API_KEY: Option<i16> = Some(28);
    const VERSIONS: Versions = Versions { from: 0, to: 5 };
    const FLEXIBLE_FROM: Option<i16> = Some(3);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        TxnOffsetCommitResponse::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
