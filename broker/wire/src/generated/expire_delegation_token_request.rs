// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `ExpireDelegationTokenRequest`, versions 1 to 2.

use crate::codec::*;

/// `ExpireDelegationTokenRequest`, versions 1 to 2.
#[derive(Clone, Debug, PartialEq)]
pub struct ExpireDelegationTokenRequest {
    /// The HMAC of the delegation token to be expired.
    pub hmac: Bytes,
    /// The expiry time period in milliseconds.
    pub expiry_time_period_ms: i64,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for ExpireDelegationTokenRequest {
    fn default() -> ExpireDelegationTokenRequest {
        ExpireDelegationTokenRequest {
            hmac: Bytes::new(),
            expiry_time_period_ms: 0,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl ExpireDelegationTokenRequest {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<ExpireDelegationTokenRequest> {
        let flexible = version >= 2;
        let mut it = ExpireDelegationTokenRequest::default();
        it.hmac = reader.bytes(flexible)?;
        it.expiry_time_period_ms = reader.i64()?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 2;
        writer.bytes(Some(&self.hmac), flexible)?;
        writer.i64(self.expiry_time_period_ms);
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for ExpireDelegationTokenRequest {
    const NAME: &'static str = "ExpireDelegationTokenRequest";
    const API_KEY: Option<i16> = Some(40);
    const VERSIONS: Versions = Versions { from: 1, to: 2 };
    const FLEXIBLE_FROM: Option<i16> = Some(2);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        ExpireDelegationTokenRequest::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
