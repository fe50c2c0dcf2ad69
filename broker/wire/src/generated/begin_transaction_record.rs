// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `BeginTransactionRecord`, version 0.

use crate::codec::*;

/// `BeginTransactionRecord`, version 0.
#[derive(Clone, Debug, PartialEq)]
pub struct BeginTransactionRecord {
    /// An optional textual description of this transaction.
    pub name: Option<Str>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for BeginTransactionRecord {
    fn default() -> BeginTransactionRecord {
        BeginTransactionRecord {
            name: None,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl BeginTransactionRecord {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<BeginTransactionRecord> {
        let flexible = true;
        let mut it = BeginTransactionRecord::default();
        if flexible {
            let unknown = reader.tagged_fields(|tag, reader| {
                match tag {
                    0 => it.name = reader.nullable_string(flexible)?,
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
            if self.name.is_some() {
                tagged.add(0, |writer| {
                    writer.string(self.name.as_deref(), true)?;
                    Ok(())
                })?;
            }
            writer.tagged_fields(tagged, &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for BeginTransactionRecord {
    const NAME: &'static str = "BeginTransactionRecord";
    const API_KEY: Option<i16> = Some(23);
    const VERSIONS: Versions = Versions { from: 0, to: 0 };
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        BeginTransactionRecord::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
