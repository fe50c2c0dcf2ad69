// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `WriteShareGroupStateResponse`, versions 0 to 1.

use crate::codec::*;

/// `WriteShareGroupStateResponse`, versions 0 to 1.
#[derive(Clone, Debug, PartialEq)]
pub struct WriteShareGroupStateResponse {
    /// The write results.
    pub results: Vec<WriteStateResult>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for WriteShareGroupStateResponse {
    fn default() -> WriteShareGroupStateResponse {
        WriteShareGroupStateResponse {
            results: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl WriteShareGroupStateResponse {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<WriteShareGroupStateResponse> {
        let flexible = true;
        let mut it = WriteShareGroupStateResponse::default();
        it.results = reader.array(flexible, 18, |reader| {
            WriteStateResult::read(reader, version)
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

/// Part of [`WriteShareGroupStateResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct WriteStateResult {
    /// The topic identifier.
    pub topic_id: [u8; 16],
    /// The results for the partitions.
    pub partitions: Vec<PartitionResult>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for WriteStateResult {
    fn default() -> WriteStateResult {
        WriteStateResult {
            topic_id: [0; 16],
            partitions: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl WriteStateResult {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<WriteStateResult> {
        let flexible = true;
        let mut it = WriteStateResult::default();
        it.topic_id = reader.uuid()?;
        it.partitions =
            reader.array(flexible, 8, |reader| PartitionResult::read(reader, version))?;
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

/// Part of [`WriteShareGroupStateResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct PartitionResult {
    /// The partition index.
    pub partition: i32,
    /// The error code, or 0 if there was no error.
    pub error_code: i16,
    /// The error message, or null if there was no error.
    pub error_message: Option<Str>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for PartitionResult {
    fn default() -> PartitionResult {
        PartitionResult {
            partition: 0,
            error_code: 0,
            error_message: None,
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
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for WriteShareGroupStateResponse {
    const NAME: &'static str = "WriteShareGroupStateResponse";
    const API_KEY: Option<i16> = Some(85);
    const VERSIONS: Versions = Versions { from: 0, to: 1 };
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        WriteShareGroupStateResponse::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
