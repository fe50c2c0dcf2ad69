// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `TransactionLogKey`, version 0.

use crate::codec::*;

/// `TransactionLogKey`, version 0.
#[derive(Clone, Debug, PartialEq)]
pub struct TransactionLogKey {
    /// The transactional id of the transaction.
    pub transactional_id: Str,
}

impl Default for TransactionLogKey {
    fn default() -> TransactionLogKey {
        TransactionLogKey {
            transactional_id: Str::new(),
        }
    }
}

impl TransactionLogKey {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<TransactionLogKey> {
        let flexible = false;
        let mut it = TransactionLogKey::default();
        it.transactional_id = reader.string(flexible)?;
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = false;
        writer.string(Some(&self.transactional_id), flexible)?;
        Ok(())
    }
}

impl Message for TransactionLogKey {
    const NAME: &'static str = "TransactionLogKey";
    const API_KEY: Option<i16> = Some(0);
    const VERSIONS: Versions = Versions { from: 0, to: 0 };
    const FLEXIBLE_FROM: Option<i16> = None;

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        TransactionLogKey::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
