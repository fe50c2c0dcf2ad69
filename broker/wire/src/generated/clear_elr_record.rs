// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `ClearElrRecord`, version 0.

use crate::codec::*;

/// `ClearElrRecord`, version 0.
#[derive(Clone, Debug, PartialEq)]
pub struct ClearElrRecord {
    /// The name of the topic to clear ELRs for, or empty if all ELRs should be cleared.
    pub topic_name: Str,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for ClearElrRecord {
    fn default() -> ClearElrRecord {
        ClearElrRecord {
            topic_name: Str::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl ClearElrRecord {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<ClearElrRecord> {
        let flexible = true;
        let mut it = ClearElrRecord::default();
        it.topic_name = reader.string(flexible)?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = true;
        writer.string(Some(&self.topic_name), flexible)?;
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for ClearElrRecord {
    const NAME: &'static str = "ClearElrRecord";
    const API_KEY: Option<i16> = Some(28);
    const VERSIONS: Versions = Versions { from: 0, to: 0 };
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        ClearElrRecord::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
