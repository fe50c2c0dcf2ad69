// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `RemoveDelegationTokenRecord`, version 0.

use crate::codec::*;

/// `RemoveDelegationTokenRecord`, version 0.
#[derive(Clone, Debug, PartialEq)]
pub struct RemoveDelegationTokenRecord {
    /// The tokenID to remove.
    pub token_id: Str,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for RemoveDelegationTokenRecord {
    fn default() -> RemoveDelegationTokenRecord {
        RemoveDelegationTokenRecord {
            token_id: Str::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl RemoveDelegationTokenRecord {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<RemoveDelegationTokenRecord> {
        let flexible = true;
        let mut it = RemoveDelegationTokenRecord::default();
        it.token_id = reader.string(flexible)?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = true;
        writer.string(Some(&self.token_id), flexible)?;
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for RemoveDelegationTokenRecord {
    const NAME: &'static str = "RemoveDelegationTokenRecord";
    const API_KEY: Option<i16> = Some(26);
    const VERSIONS: Versions = Versions { from: 0, to: 0 };
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        RemoveDelegationTokenRecord::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
