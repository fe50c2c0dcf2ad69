// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `RemoveAccessControlEntryRecord`, version 0.

use crate::codec::*;

/// `RemoveAccessControlEntryRecord`, version 0.
#[derive(Clone, Debug, PartialEq)]
pub struct RemoveAccessControlEntryRecord {
    /// The ID of the AccessControlEntry to remove.
    pub id: [u8; 16],
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for RemoveAccessControlEntryRecord {
    fn default() -> RemoveAccessControlEntryRecord {
        RemoveAccessControlEntryRecord {
            id: [0; 16],
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl RemoveAccessControlEntryRecord {
    pub(crate) fn read(
        reader: &mut Reader,
        version: i16,
    ) -> Decoded<RemoveAccessControlEntryRecord> {
        let flexible = true;
        let mut it = RemoveAccessControlEntryRecord::default();
        it.id = reader.uuid()?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = true;
        writer.uuid(self.id);
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for RemoveAccessControlEntryRecord {
    const NAME: &'static str = "RemoveAccessControlEntryRecord";
    const API_KEY: Option<i16> = Some(19);
    const VERSIONS: Versions = Versions { from: 0, to: 0 };
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        RemoveAccessControlEntryRecord::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
