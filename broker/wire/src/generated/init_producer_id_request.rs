// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `InitProducerIdRequest`, versions 0 to 6.

use crate::codec::*;

/// `InitProducerIdRequest`, versions 0 to 6.
#[derive(Clone, Debug, PartialEq)]
pub struct InitProducerIdRequest {
    /// The transactional id, or null if the producer is not transactional.
    pub transactional_id: Option<Str>,
    /// The time in ms to wait before aborting idle transactions sent by this producer. This is only relevant if a TransactionalId has been defined.
    pub transaction_timeout_ms: i32,
    /// The producer id. This is used to disambiguate requests if a transactional id is reused following its expiration.
    pub producer_id: i64,
    /// The producer's current epoch. This will be checked against the producer epoch on the broker, and the request will return an error if they do not match.
    pub producer_epoch: i16,
    /// True if the client wants to enable two-phase commit (2PC) protocol for transactions.
    pub enable2_pc: bool,
    /// True if the client wants to keep the currently ongoing transaction instead of aborting it.
    pub keep_prepared_txn: bool,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for InitProducerIdRequest {
    fn default() -> InitProducerIdRequest {
        InitProducerIdRequest {
            transactional_id: Some(Str::new()),
            transaction_timeout_ms: 0,
            producer_id: -1,
            producer_epoch: -1,
            enable2_pc: false,
            keep_prepared_txn: false,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl InitProducerIdRequest {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<InitProducerIdRequest> {
        let flexible = version >= 2;
        let mut it = InitProducerIdRequest::default();
        it.transactional_id = reader.nullable_string(flexible)?;
        it.transaction_timeout_ms = reader.i32()?;
        if version >= 3 {
            it.producer_id = reader.i64()?;
        }
        if version >= 3 {
            it.producer_epoch = reader.i16()?;
        }
        if version >= 6 {
            it.enable2_pc = reader.bool()?;
        }
        if version >= 6 {
            it.keep_prepared_txn = reader.bool()?;
        }
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 2;
        if !(version >= 3) && self.producer_id != -1 {
            return Err(EncodeError::Field {
                name: "InitProducerIdRequest",
                field: "producer_id",
                version,
            });
        }
        if !(version >= 3) && self.producer_epoch != -1 {
            return Err(EncodeError::Field {
                name: "InitProducerIdRequest",
                field: "producer_epoch",
                version,
            });
        }
        if !(version >= 6) && self.enable2_pc {
            return Err(EncodeError::Field {
                name: "InitProducerIdRequest",
                field: "enable2_pc",
                version,
            });
        }
        if !(version >= 6) && self.keep_prepared_txn {
            return Err(EncodeError::Field {
                name: "InitProducerIdRequest",
                field: "keep_prepared_txn",
                version,
            });
        }
        writer.string(self.transactional_id.as_deref(), flexible)?;
        writer.i32(self.transaction_timeout_ms);
        if version >= 3 {
            writer.i64(self.producer_id);
        }
        if version >= 3 {
            writer.i16(self.producer_epoch);
        }
        if version >= 6 {
            writer.bool(self.enable2_pc);
        }
        if version >= 6 {
            writer.bool(self.keep_prepared_txn);
        }
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for InitProducerIdRequest {
    const NAME: &'static str = "InitProducerIdRequest";
    const API_KEY: Option<i16> = Some(22);
    const VERSIONS: Versions = Versions { from: 0, to: 6 };
    const FLEXIBLE_FROM: Option<i16> = Some(2);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        InitProducerIdRequest::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
