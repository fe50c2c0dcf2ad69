// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `InitializeShareGroupStateResponse`, version 0.

use crate::codec::*;

/// `InitializeShareGroupStateResponse`, version 0.
#[derive(Clone, Debug, PartialEq)]
pub struct InitializeShareGroupStateResponse {
    /// The initialization results.
    pub results: Vec<InitializeStateResult>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for InitializeShareGroupStateResponse {
    fn default() -> InitializeShareGroupStateResponse {
        InitializeShareGroupStateResponse {
            results: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl InitializeShareGroupStateResponse {
    pub(crate) fn read(
        reader: &mut Reader,
        version: i16,
    ) -> Decoded<InitializeShareGroupStateResponse> {
        let flexible = true;
        let mut it = InitializeShareGroupStateResponse::default();
        it.results = reader.array(flexible, 18, |reader| {
            InitializeStateResult::read(reader, version)
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

/// Part of [`InitializeShareGroupStateResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct InitializeStateResult {
    /// The topic identifier.
    pub topic_id: [u8; 16],
    /// The results for the partitions.
    pub partitions: Vec<PartitionResult>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for InitializeStateResult {
    fn default() -> InitializeStateResult {
        InitializeStateResult {
            topic_id: [0; 16],
            partitions: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl InitializeStateResult {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<InitializeStateResult> {
        let flexible = true;
        let mut it = InitializeStateResult::default();
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

/// Part of [`InitializeShareGroupStateResponse`].
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

impl Message for InitializeShareGroupStateResponse {
    const NAME: &'static str = "InitializeShareGroupStateResponse";
    const API_KEY: Option<i16> = Some(83);
    const VERSIONS: Versions = Versions { from: 0, to: 0 };
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        InitializeShareGroupStateResponse::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
