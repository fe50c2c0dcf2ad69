// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `EndTxnRequest`, versions 0 to 5.

use crate::codec::*;

/// `EndTxnRequest`, versions 0 to 5.
#[derive(Clone, Debug, PartialEq)]
pub struct EndTxnRequest {
    /// The ID of the transaction to end.
    pub transactional_id: Str,
    /// The producer ID.
    pub producer_id: i64,
    /// The current epoch associated with the producer.
    pub producer_epoch: i16,
    /// True if the transaction was committed, false if it was aborted.
    pub committed: bool,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for EndTxnRequest {
    fn default() -> EndTxnRequest {
        EndTxnRequest {
            transactional_id: Str::new(),
            producer_id: 0,
            producer_epoch: 0,
            committed: false,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl EndTxnRequest {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<EndTxnRequest> {
        let flexible = version >= 3;
        let mut it = EndTxnRequest::default();
        it.transactional_id = reader.string(flexible)?;
        it.producer_id = reader.i64()?;
        it.producer_epoch = reader.i16()?;
        it.committed = reader.bool()?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 3;
        writer.string(Some(&self.transactional_id), flexible)?;
        writer.i64(self.producer_id);
        writer.i16(self.producer_epoch);
        writer.bool(self.committed);
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for EndTxnRequest {
    const NAME: &'static str = "EndTxnRequest";
    const API_KEY: Option<i16> = Some(26);
    const VERSIONS: Versions = Versions { from: 0, to: 5 };
    const FLEXIBLE_FROM: Option<i16> = Some(3);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        EndTxnRequest::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
