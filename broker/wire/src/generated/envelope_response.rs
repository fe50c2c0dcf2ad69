// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `EnvelopeResponse`, version 0.

use crate::codec::*;

/// `EnvelopeResponse`, version 0.
#[derive(Clone, Debug, PartialEq)]
pub struct EnvelopeResponse {
    /// The embedded response header and data.
    pub response_data: Option<Bytes>,
    /// The error code, or 0 if there was no error.
    pub error_code: i16,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for EnvelopeResponse {
    fn default() -> EnvelopeResponse {
        EnvelopeResponse {
            response_data: None,
            error_code: 0,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl EnvelopeResponse {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<EnvelopeResponse> {
        let flexible = true;
        let mut it = EnvelopeResponse::default();
        it.response_data = reader.nullable_bytes(flexible)?;
        it.error_code = reader.i16()?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = true;
        writer.bytes(self.response_data.as_deref(), flexible)?;
        writer.i16(self.error_code);
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for EnvelopeResponse {
    const NAME: &'static str = "EnvelopeResponse";
    const API_KEY: Option<i16> = Some(58);
    const VERSIONS: Versions = Versions { from: 0, to: 0 };
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        EnvelopeResponse::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
