// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `RenewDelegationTokenRequest`, versions 1 to 2.

use crate::codec::*;

/// `RenewDelegationTokenRequest`, versions 1 to 2.
#[derive(Clone, Debug, PartialEq)]
pub struct RenewDelegationTokenRequest {
    /// The HMAC of the delegation token to be renewed.
    pub hmac: Bytes,
    /// The renewal time period in milliseconds.
    pub renew_period_ms: i64,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for RenewDelegationTokenRequest {
    fn default() -> RenewDelegationTokenRequest {
        RenewDelegationTokenRequest {
            hmac: Bytes::new(),
            renew_period_ms: 0,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl RenewDelegationTokenRequest {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<RenewDelegationTokenRequest> {
        let flexible = version >= 2;
        let mut it = RenewDelegationTokenRequest::default();
        it.hmac = reader.bytes(flexible)?;
        it.renew_period_ms = reader.i64()?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 2;
        writer.bytes(Some(&self.hmac), flexible)?;
        writer.i64(self.renew_period_ms);
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for RenewDelegationTokenRequest {
    const NAME: &'static str = "RenewDelegationTokenRequest";
    const API_KEY: Option<i16> = Some(39);
    const VERSIONS: Versions = Versions { from: 1, to: 2 };
    const FLEXIBLE_FROM: Option<i16> = Some(2);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        RenewDelegationTokenRequest::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
