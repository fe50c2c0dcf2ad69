// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `EndTransactionRecord`, version 0.

use crate::codec::*;

/// `EndTransactionRecord`, version 0.
#[derive(Clone, Debug, PartialEq)]
pub struct EndTransactionRecord {
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for EndTransactionRecord {
    fn default() -> EndTransactionRecord {
        EndTransactionRecord {
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl EndTransactionRecord {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<EndTransactionRecord> {
        let flexible = true;
        let mut it = EndTransactionRecord::default();
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = true;
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for EndTransactionRecord {
    const NAME: &'static str = "EndTransactionRecord";
    const API_KEY: Option<i16> = Some(24);
    const VERSIONS: Versions = Versions { from: 0, to: 0 };
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        EndTransactionRecord::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
