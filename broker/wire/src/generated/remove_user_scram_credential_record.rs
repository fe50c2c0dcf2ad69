// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `RemoveUserScramCredentialRecord`, version 0.

use crate::codec::*;

/// `RemoveUserScramCredentialRecord`, version 0.
#[derive(Clone, Debug, PartialEq)]
pub struct RemoveUserScramCredentialRecord {
    /// The user name.
    pub name: Str,
    /// The SCRAM mechanism.
    pub mechanism: i8,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for RemoveUserScramCredentialRecord {
    fn default() -> RemoveUserScramCredentialRecord {
        RemoveUserScramCredentialRecord {
            name: Str::new(),
            mechanism: 0,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl RemoveUserScramCredentialRecord {
    pub(crate) fn read(
        reader: &mut Reader,
        version: i16,
    ) -> Decoded<RemoveUserScramCredentialRecord> {
        let flexible = true;
        let mut it = RemoveUserScramCredentialRecord::default();
        it.name = reader.string(flexible)?;
        it.mechanism = reader.i8()?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = true;
        writer.string(Some(&self.name), flexible)?;
        writer.i8(self.mechanism);
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for RemoveUserScramCredentialRecord {
    const NAME: &'static str = "RemoveUserScramCredentialRecord";
    const API_KEY: Option<i16> = Some(22);
    const VERSIONS: Versions = Versions { from: 0, to: 0 };
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        RemoveUserScramCredentialRecord::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
