// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `RequestHeader`, versions 1 to 2.

use crate::codec::*;

/// `RequestHeader`, versions 1 to 2.
#[derive(Clone, Debug, PartialEq)]
pub struct RequestHeader {
    /// The API key of this request.
    pub request_api_key: i16,
    /// The API version of this request.
    pub request_api_version: i16,
    /// The correlation ID of this request.
    pub correlation_id: i32,
    /// The client ID string.
    pub client_id: Option<Str>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for RequestHeader {
    fn default() -> RequestHeader {
        RequestHeader {
            request_api_key: 0,
            request_api_version: 0,
            correlation_id: 0,
            client_id: Some(Str::new()),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl RequestHeader {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<RequestHeader> {
        let flexible = version >= 2;
        let mut it = RequestHeader::default();
        it.request_api_key = reader.i16()?;
        it.request_api_version = reader.i16()?;
        it.correlation_id = reader.i32()?;
        it.client_id = reader.nullable_string(false)?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 2;
        writer.i16(self.request_api_key);
        writer.i16(self.request_api_version);
        writer.i32(self.correlation_id);
        writer.string(self.client_id.as_deref(), false)?;
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for RequestHeader {
    const NAME: &'static str = "RequestHeader";
    const API_KEY: Option<i16> = None;
    const VERSIONS: Versions = Versions { from: 1, to: 2 };
    const FLEXIBLE_FROM: Option<i16> = Some(2);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        RequestHeader::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
