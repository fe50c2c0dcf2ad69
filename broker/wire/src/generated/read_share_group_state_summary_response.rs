// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `ReadShareGroupStateSummaryResponse`, versions 0 to 1.

use crate::codec::*;

/// `ReadShareGroupStateSummaryResponse`, versions 0 to 1.
#[derive(Clone, Debug, PartialEq)]
pub struct ReadShareGroupStateSummaryResponse {
    /// The read results.
    pub results: Vec<ReadStateSummaryResult>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for ReadShareGroupStateSummaryResponse {
    fn default() -> ReadShareGroupStateSummaryResponse {
        ReadShareGroupStateSummaryResponse {
            results: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl ReadShareGroupStateSummaryResponse {
    pub(crate) fn read(
        reader: &mut Reader,
        version: i16,
    ) -> Decoded<ReadShareGroupStateSummaryResponse> {
        let flexible = true;
        let mut it = ReadShareGroupStateSummaryResponse::default();
        it.results = reader.array(flexible, 18, |reader| {
            ReadStateSummaryResult::read(reader, version)
        })?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = true;
        writer.array(Some(&self.results), flexible, |writer, it| {
            it.write(writer, version)
        })?;
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`ReadShareGroupStateSummaryResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct ReadStateSummaryResult {
    /// The topic identifier.
    pub topic_id: [u8; 16],
    /// The results for the partitions.
    pub partitions: Vec<PartitionResult>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for ReadStateSummaryResult {
    fn default() -> ReadStateSummaryResult {
        ReadStateSummaryResult {
            topic_id: [0; 16],
            partitions: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl ReadStateSummaryResult {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<ReadStateSummaryResult> {
        let flexible = true;
        let mut it = ReadStateSummaryResult::default();
        it.topic_id = reader.uuid()?;
        it.partitions = reader.array(flexible, 24, |reader| {
            PartitionResult::read(reader, version)
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
        writer.array(Some(&self.partitions), flexible, |writer, it| {
            it.write(writer, version)
        })?;
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`ReadShareGroupStateSummaryResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct PartitionResult {
    /// The partition index.
    pub partition: i32,
    /// The error code, or 0 if there was no error.
    pub error_code: i16,
    /// The error message, or null if there was no error.
    pub error_message: Option<Str>,
    /// The state epoch of the share-partition.
    pub state_epoch: i32,
    /// The leader epoch of the share-partition.
    pub leader_epoch: i32,
    /// The share-partition start offset.
    pub start_offset: i64,
    /// The number of offsets greater than or equal to share-partition start offset for which delivery has been completed.
    pub delivery_complete_count: i32,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for PartitionResult {
    fn default() -> PartitionResult {
        PartitionResult {
            partition: 0,
            error_code: 0,
            error_message: None,
            state_epoch: 0,
            leader_epoch: 0,
            start_offset: 0,
            delivery_complete_count: -1,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl PartitionResult {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<PartitionResult> {
        let flexible = true;
        let mut it = PartitionResult::default();
        it.partition = reader.i32()?;
        it.error_code = reader.i16()?;
        it.error_message = reader.nullable_string(flexible)?;
        it.state_epoch = reader.i32()?;
        it.leader_epoch = reader.i32()?;
        it.start_offset = reader.i64()?;
        if version >= 1 {
            it.delivery_complete_count = reader.i32()?;
        }
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = true;
        writer.i32(self.partition);
        writer.i16(self.error_code);
        writer.string(self.error_message.as_deref(), flexible)?;
        writer.i32(self.state_epoch);
        writer.i32(self.leader_epoch);
        writer.i64(self.start_offset);
        if version >= 1 {
            writer.i32(self.delivery_complete_count);
        }
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for ReadShareGroupStateSummaryResponse {
    const NAME: &'static str = "ReadShareGroupStateSummaryResponse";
    const API_KEY: Option<i16> = Some(87);
    const VERSIONS: Versions = Versions { from: 0, to: 1 };
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        ReadShareGroupStateSummaryResponse::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
