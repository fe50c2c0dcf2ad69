// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `BrokerRegistrationResponse`, versions 0 to 4.

use crate::codec::*;

/// `BrokerRegistrationResponse`, versions 0 to 4.
#[derive(Clone, Debug, PartialEq)]
pub struct BrokerRegistrationResponse {
    /// Duration in milliseconds for which the request was throttled due to a quota violation, or zero if the request did not violate any quota.
    pub throttle_time_ms: i32,
    /// The error code, or 0 if there was no error.
    pub error_code: i16,
    /// The broker's assigned epoch, or -1 if none was assigned.
    pub broker_epoch: i64,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for BrokerRegistrationResponse {
    fn default() -> BrokerRegistrationResponse {
        BrokerRegistrationResponse {
            throttle_time_ms: 0,
            error_code: 0,
            broker_epoch: -1,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl BrokerRegistrationResponse {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<BrokerRegistrationResponse> {
        let flexible = true;
        let mut it = BrokerRegistrationResponse::default();
        it.throttle_time_ms = reader.i32()?;
        it.error_code = reader.i16()?;
        it.broker_epoch = reader.i64()?;
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
        writer.i64(self.broker_epoch);
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for BrokerRegistrationResponse {
    const NAME: &'static str = "BrokerRegistrationResponse";
    const API_KEY: Option<i16> = Some(62);
    const VERSIONS: Versions = Versions { from: 0, to: 4 };
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        BrokerRegistrationResponse::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
