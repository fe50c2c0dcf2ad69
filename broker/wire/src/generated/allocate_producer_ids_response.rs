// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `AllocateProducerIdsResponse`, version 0.

use crate::codec::*;

/// `AllocateProducerIdsResponse`, version 0.
#[derive(Clone, Debug, PartialEq)]
pub struct AllocateProducerIdsResponse {
    /// The duration in milliseconds for which the request was throttled due to a quota violation, or zero if the request did not violate any quota.
    pub throttle_time_ms: i32,
    /// The top level response error code.
    pub error_code: i16,
    /// The first producer ID in this range, inclusive.
    pub producer_id_start: i64,
    /// The number of producer IDs in this range.
    pub producer_id_len: i32,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for AllocateProducerIdsResponse {
    fn default() -> AllocateProducerIdsResponse {
        AllocateProducerIdsResponse {
            throttle_time_ms: 0,
            error_code: 0,
            producer_id_start: 0,
            producer_id_len: 0,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl AllocateProducerIdsResponse {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<AllocateProducerIdsResponse> {
        let flexible = true;
        let mut it = AllocateProducerIdsResponse::default();
        it.throttle_time_ms = reader.i32()?;
        it.error_code = reader.i16()?;
        it.producer_id_start = reader.i64()?;
        it.producer_id_len = reader.i32()?;
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
        writer.i64(self.producer_id_start);
        writer.i32(self.producer_id_len);
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for AllocateProducerIdsResponse {
    const NAME: &'static str = "AllocateProducerIdsResponse";
    const API_KEY: Option<i16> = Some(67);
    const VERSIONS: Versions = Versions { from: 0, to: 0 };
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        AllocateProducerIdsResponse::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
