// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `InitProducerIdResponse`, versions 0 to 6.

use crate::codec::*;

/// `InitProducerIdResponse`, versions 0 to 6.
#[derive(Clone, Debug, PartialEq)]
pub struct InitProducerIdResponse {
    /// The duration in milliseconds for which the request was throttled due to a quota violation, or zero if the request did not violate any quota.
    pub throttle_time_ms: i32,
    /// The error code, or 0 if there was no error.
    pub error_code: i16,
    /// The current producer id.
    pub producer_id: i64,
    /// The current epoch associated with the producer id.
    pub producer_epoch: i16,
    /// The producer id for ongoing transaction when KeepPreparedTxn is used, -1 if there is no transaction ongoing.
    pub ongoing_txn_producer_id: i64,
    /// The epoch associated with the  producer id for ongoing transaction when KeepPreparedTxn is used, -1 if there is no transaction ongoing.
    pub ongoing_txn_producer_epoch: i16,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for InitProducerIdResponse {
    fn default() -> InitProducerIdResponse {
        InitProducerIdResponse {
            throttle_time_ms: 0,
            error_code: 0,
            producer_id: -1,
            producer_epoch: 0,
            ongoing_txn_producer_id: -1,
            ongoing_txn_producer_epoch: -1,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl InitProducerIdResponse {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<InitProducerIdResponse> {
        let flexible = version >= 2;
        let mut it = InitProducerIdResponse::default();
        it.throttle_time_ms = reader.i32()?;
        it.error_code = reader.i16()?;
        it.producer_id = reader.i64()?;
        it.producer_epoch = reader.i16()?;
        if version >= 6 {
            it.ongoing_txn_producer_id = reader.i64()?;
        }
        if version >= 6 {
            it.ongoing_txn_producer_epoch = reader.i16()?;
        }
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 2;
        if !(version >= 6) && self.ongoing_txn_producer_id != -1 {
            return Err(EncodeError::Field {
                name: "InitProducerIdResponse",
                field: "ongoing_txn_producer_id",
                version,
            });
        }
        if !(version >= 6) && self.ongoing_txn_producer_epoch != -1 {
            return Err(EncodeError::Field {
                name: "InitProducerIdResponse",
                field: "ongoing_txn_producer_epoch",
                version,
            });
        }
        writer.i32(self.throttle_time_ms);
        writer.i16(self.error_code);
        writer.i64(self.producer_id);
        writer.i16(self.producer_epoch);
        if version >= 6 {
            writer.i64(self.ongoing_txn_producer_id);
        }
        if version >= 6 {
            writer.i16(self.ongoing_txn_producer_epoch);
        }
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for InitProducerIdResponse {
    const NAME: &'static str = "InitProducerIdResponse";
    const API_KEY: Option<i16> = Some(22);
    const VERSIONS: Versions = Versions { from: 0, to: 6 };
    const FLEXIBLE_FROM: Option<i16> = Some(2);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        InitProducerIdResponse::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
