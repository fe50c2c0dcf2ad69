// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `DeleteShareGroupOffsetsResponse`, version 0.

use crate::codec::*;

/// `DeleteShareGroupOffsetsResponse`, version 0.
#[derive(Clone, Debug, PartialEq)]
pub struct DeleteShareGroupOffsetsResponse {
    /// The duration in milliseconds for which the request was throttled due to a quota violation, or zero if the request did not violate any quota.
    pub throttle_time_ms: i32,
    /// The top-level error code, or 0 if there was no error.
    pub error_code: i16,
    /// The top-level error message, or null if there was no error.
    pub error_message: Option<Str>,
    /// The results for each topic.
    pub responses: Vec<DeleteShareGroupOffsetsResponseTopic>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for DeleteShareGroupOffsetsResponse {
    fn default() -> DeleteShareGroupOffsetsResponse {
        DeleteShareGroupOffsetsResponse {
            throttle_time_ms: 0,
            error_code: 0,
            error_message: None,
            responses: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl DeleteShareGroupOffsetsResponse {
    pub(crate) fn read(
        reader: &mut Reader,
        version: i16,
    ) -> Decoded<DeleteShareGroupOffsetsResponse> {
        let flexible = true;
        let mut it = DeleteShareGroupOffsetsResponse::default();
        it.throttle_time_ms = reader.i32()?;
        it.error_code = reader.i16()?;
        it.error_message = reader.nullable_string(flexible)?;
        it.responses = reader.array(flexible, 21, |reader| {
            DeleteShareGroupOffsetsResponseTopic::read(reader, version)
        })?;
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
        writer.string(self.error_message.as_deref(), flexible)?;
        writer.array(Some(&self.responses), flexible, |writer, it| {
            it.write(writer, version)
        })?;
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`DeleteShareGroupOffsetsResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct DeleteShareGroupOffsetsResponseTopic {
    /// The topic name.
    pub topic_name: Str,
    /// The unique topic ID.
    pub topic_id: [u8; 16],
    /// The topic-level error code, or 0 if there was no error.
    pub error_code: i16,
    /// The topic-level error message, or null if there was no error.
    pub error_message: Option<Str>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for DeleteShareGroupOffsetsResponseTopic {
    fn default() -> DeleteShareGroupOffsetsResponseTopic {
        DeleteShareGroupOffsetsResponseTopic {
            topic_name: Str::new(),
            topic_id: [0; 16],
            error_code: 0,
            error_message: None,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl DeleteShareGroupOffsetsResponseTopic {
    pub(crate) fn read(
        reader: &mut Reader,
        version: i16,
    ) -> Decoded<DeleteShareGroupOffsetsResponseTopic> {
        let flexible = true;
        let mut it = DeleteShareGroupOffsetsResponseTopic::default();
        it.topic_name = reader.string(flexible)?;
        it.topic_id = reader.uuid()?;
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
        writer.string(Some(&self.topic_name), flexible)?;
        writer.uuid(self.topic_id);
        writer.i16(self.error_code);
        writer.string(self.error_message.as_deref(), flexible)?;
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for DeleteShareGroupOffsetsResponse {
    const NAME: &'static str = "DeleteShareGroupOffsetsResponse";
    const API_KEY: Option<i16> = Some(92);
    const VERSIONS: Versions = Versions { from: 0, to: 0 };
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        DeleteShareGroupOffsetsResponse::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
