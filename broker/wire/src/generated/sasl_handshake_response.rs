// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `SaslHandshakeResponse`, versions 0 to 1.

use crate::codec::*;

/// `SaslHandshakeResponse`, versions 0 to 1.
#[derive(Clone, Debug, PartialEq)]
pub struct SaslHandshakeResponse {
    /// The error code, or 0 if there was no error.
    pub error_code: i16,
    /// The mechanisms enabled in the server.
    pub mechanisms: Vec<Str>,
}

impl Default for SaslHandshakeResponse {
    fn default() -> SaslHandshakeResponse {
        SaslHandshakeResponse {
            error_code: 0,
            mechanisms: Vec::new(),
        }
    }
}

impl SaslHandshakeResponse {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<SaslHandshakeResponse> {
        let flexible = false;
        let mut it = SaslHandshakeResponse::default();
        it.error_code = reader.i16()?;
        it.mechanisms = reader.array(flexible, 2, |reader| reader.string(flexible))?;
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = false;
        writer.i16(self.error_code);
        writer.array(Some(&self.mechanisms), flexible, |writer, it| {
            writer.string(Some(it), flexible)
        })?;
        Ok(())
    }
}

impl Message for SaslHandshakeResponse {
    const NAME: &'static str = "SaslHandshakeResponse";
    const API_KEY: Option<i16> = Some(17);
    const VERSIONS: Versions = Versions { from: 0, to: 1 };
    const FLEXIBLE_FROM: Option<i16> = None;

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        SaslHandshakeResponse::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
