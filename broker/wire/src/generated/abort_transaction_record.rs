// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `AbortTransactionRecord`, version 0.

use crate::codec::*;

/// `AbortTransactionRecord`, version 0.
#[derive(Clone, Debug, PartialEq)]
pub struct AbortTransactionRecord {
    /// An optional textual description of why the transaction was aborted.
    pub reason: Option<Str>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for AbortTransactionRecord {
    fn default() -> AbortTransactionRecord {
        AbortTransactionRecord {
            reason: None,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl AbortTransactionRecord {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<AbortTransactionRecord> {
        let flexible = true;
        let mut it = AbortTransactionRecord::default();
        if flexible {
            let unknown = reader.tagged_fields(|tag, reader| {
                match tag {
                    0 => it.reason = reader.nullable_string(flexible)?,
                    _ => return Ok(false),
                }
                Ok(true)
            })?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = true;
        if flexible {
            let mut tagged = TaggedFields::default();
            if self.reason.is_some() {
                tagged.add(0, |writer| {
                    writer.string(self.reason.as_deref(), true)?;
                    Ok(())
                })?;
            }
            writer.tagged_fields(tagged, &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for AbortTransactionRecord {
    const NAME: &'static str = "AbortTransactionRecord";
    const API_KEY: Option<i16> = Some(25);
    const VERSIONS: Versions = Versions { from: 0, to: 0 };
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        AbortTransactionRecord::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
