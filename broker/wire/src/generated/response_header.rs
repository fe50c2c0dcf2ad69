// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `ResponseHeader`, versions 0 to 1.

use crate::codec::*;

/// `ResponseHeader`, versions 0 to 1.
#[derive(Clone, Debug, PartialEq)]
pub struct ResponseHeader {
    /// The correlation ID of this response.
    pub correlation_id: i32,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for ResponseHeader {
    fn default() -> ResponseHeader {
        ResponseHeader {
            correlation_id: 0,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl ResponseHeader {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<ResponseHeader> {
        let flexible = version >= 1;
        let mut it = ResponseHeader::default();
        it.correlation_id = reader.i32()?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 1;
        writer.i32(self.correlation_id);
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for ResponseHeader {
    const NAME: &'static str = "ResponseHeader";
    const API_KEY: Option<i16> = None;
    const VERSIONS: Versions = Versions { from: 0, to: 1 };
    const FLEXIBLE_FROM: Option<i16> = Some(1);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        ResponseHeader::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
