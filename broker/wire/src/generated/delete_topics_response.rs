// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `DeleteTopicsResponse`, versions 1 to 6.

use crate::codec::*;

/// `DeleteTopicsResponse`, versions 1 to 6.
#[derive(Clone, Debug, PartialEq)]
pub struct DeleteTopicsResponse {
    /// The duration in milliseconds for which the request was throttled due to a quota violation, or zero if the request did not violate any quota.
    pub throttle_time_ms: i32,
    /// The results for each topic we tried to delete.
    pub responses: Vec<DeletableTopicResult>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for DeleteTopicsResponse {
    fn default() -> DeleteTopicsResponse {
        DeleteTopicsResponse {
            throttle_time_ms: 0,
            responses: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl DeleteTopicsResponse {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<DeleteTopicsResponse> {
        let flexible = version >= 4;
        let mut it = DeleteTopicsResponse::default();
        it.throttle_time_ms = reader.i32()?;
        it.responses = reader.array(flexible, 4, |reader| {
            DeletableTopicResult::read(reader, version)
        })?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 4;
        writer.i32(self.throttle_time_ms);
        writer.array(Some(&self.responses), flexible, |writer, it| {
            it.write(writer, version)
        })?;
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`DeleteTopicsResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct DeletableTopicResult {
    /// The topic name.
    pub name: Option<Str>,
    /// The unique topic ID.
    pub topic_id: [u8; 16],
    /// The deletion error, or 0 if the deletion succeeded.
    pub error_code: i16,
    /// The error message, or null if there was no error.
    pub error_message: Option<Str>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for DeletableTopicResult {
    fn default() -> DeletableTopicResult {
        DeletableTopicResult {
            name: Some(Str::new()),
            topic_id: [0; 16],
            error_code: 0,
            error_message: None,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl DeletableTopicResult {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<DeletableTopicResult> {
        let flexible = version >= 4;
        let mut it = DeletableTopicResult::default();
        it.name = if version >= 6 {
            reader.nullable_string(flexible)?
        } else {
            Some(reader.string(flexible)?)
        };
        if version >= 6 {
            it.topic_id = reader.uuid()?;
        }
        it.error_code = reader.i16()?;
        if version >= 5 {
            it.error_message = reader.nullable_string(flexible)?;
        }
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 4;
        if !(version >= 6) && self.name.is_none() {
            return Err(EncodeError::Null {
                name: "DeletableTopicResult",
                field: "name",
                version,
            });
        }
        writer.string(self.name.as_deref(), flexible)?;
        if version >= 6 {
            writer.uuid(self.topic_id);
        }
        writer.i16(self.error_code);
        if version >= 5 {
            writer.string(self.error_message.as_deref(), flexible)?;
        }
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for DeleteTopicsResponse {
    const NAME: &'static str = "DeleteTopicsResponse";
    const API_KEY: Option<i16> = Some(20);
    const VERSIONS: Versions = Versions { from: 1, to: 6 };
    const FLEXIBLE_FROM: Option<i16> = Some(4);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        DeleteTopicsResponse::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
