// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `SaslAuthenticateRequest`, versions 0 to 2.

use crate::codec::*;

/// `SaslAuthenticateRequest`, versions 0 to 2.
#[derive(Clone, Debug, PartialEq)]
pub struct SaslAuthenticateRequest {
    /// The SASL authentication bytes from the client, as defined by the SASL mechanism.
    pub auth_bytes: Bytes,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for SaslAuthenticateRequest {
    fn default() -> SaslAuthenticateRequest {
        SaslAuthenticateRequest {
            auth_bytes: Bytes::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl SaslAuthenticateRequest {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<SaslAuthenticateRequest> {
        let flexible = version >= 2;
        let mut it = SaslAuthenticateRequest::default();
        it.auth_bytes = reader.bytes(flexible)?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 2;
        writer.bytes(Some(&self.auth_bytes), flexible)?;
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for SaslAuthenticateRequest {
    const NAME: &'static str = "SaslAuthenticateRequest";
    const API_KEY: Option<i16> = Some(36);
    const VERSIONS: Versions = Versions { from: 0, to: 2 };
    const FLEXIBLE_FROM: Option<i16> = Some(2);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        SaslAuthenticateRequest::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
