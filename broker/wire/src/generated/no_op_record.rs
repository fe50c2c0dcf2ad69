// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `NoOpRecord`, version 0.

use crate::codec::*;

/// `NoOpRecord`, version 0.
#[derive(Clone, Debug, PartialEq)]
pub struct NoOpRecord {
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for NoOpRecord {
    fn default() -> NoOpRecord {
        NoOpRecord {
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl NoOpRecord {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<NoOpRecord> {
        let flexible = true;
        let mut it = NoOpRecord::default();
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

impl Message for NoOpRecord {
    const NAME: &'static str = "NoOpRecord";
    const API_KEY: Option<i16> = Some(20);
    const VERSIONS: Versions = Versions { from: 0, to: 0 };
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        NoOpRecord::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
