// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `SaslHandshakeRequest`, versions 0 to 1.

use crate::codec::*;

/// `SaslHandshakeRequest`, versions 0 to 1.
#[derive(Clone, Debug, PartialEq)]
pub struct SaslHandshakeRequest {
    /// The SASL mechanism chosen by the client.
    pub mechanism: Str,
}

impl Default for SaslHandshakeRequest {
    fn default() -> SaslHandshakeRequest {
        SaslHandshakeRequest {
            mechanism: Str::new(),
        }
    }
}

impl SaslHandshakeRequest {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<SaslHandshakeRequest> {
        let flexible = false;
        let mut it = SaslHandshakeRequest::default();
        it.mechanism = reader.string(flexible)?;
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = false;
        writer.string(Some(&self.mechanism), flexible)?;
        Ok(())
    }
}

impl Message for SaslHandshakeRequest {
    const NAME: &'static str = "SaslHandshakeRequest";
    const API_KEY: Option<i16> = Some(17);
    const VERSIONS: Versions = Versions { from: 0, to: 1 };
    const FLEXIBLE_FROM: Option<i16> = None;

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        SaslHandshakeRequest::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
