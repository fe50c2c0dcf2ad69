// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `AddOffsetsToTxnRequest`, versions 0 to 4.

use crate::codec::*;

/// `AddOffsetsToTxnRequest`, versions 0 to 4.
#[derive(Clone, Debug, PartialEq)]
pub struct AddOffsetsToTxnRequest {
    /// The transactional id corresponding to the transaction.
    pub transactional_id: Str,
    /// Current producer id in use by the transactional id.
    pub producer_id: i64,
    /// Current epoch associated with the producer id.
    pub producer_epoch: i16,
    /// The unique group identifier.
    pub group_id: Str,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for AddOffsetsToTxnRequest {
    fn default() -> AddOffsetsToTxnRequest {
        AddOffsetsToTxnRequest {
            transactional_id: Str::new(),
            producer_id: 0,
            producer_epoch: 0,
            group_id: Str::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl AddOffsetsToTxnRequest {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<AddOffsetsToTxnRequest> {
        let flexible = version >= 3;
        let mut it = AddOffsetsToTxnRequest::default();
        it.transactional_id = reader.string(flexible)?;
        it.producer_id = reader.i64()?;
        it.producer_epoch = reader.i16()?;
        it.group_id = reader.string(flexible)?;
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
        writer.string(Some(&self.group_id), flexible)?;
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for AddOffsetsToTxnRequest {
    const NAME: &'static str = "AddOffsetsToTxnRequest";
    const API_KEY: Option<i16> = Some(25);
    const VERSIONS: Versions = Versions { from: 0, to: 4 };
    const FLEXIBLE_FROM: Option<i16> = Some(3);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        AddOffsetsToTxnRequest::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
