// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `GroupMetadataKey`, version 0.

use crate::codec::*;

/// `GroupMetadataKey`, version 0.
#[derive(Clone, Debug, PartialEq)]
pub struct GroupMetadataKey {
    /// The group id.
    pub group: Str,
}

impl Default for GroupMetadataKey {
    fn default() -> GroupMetadataKey {
        GroupMetadataKey { group: Str::new() }
    }
}

impl GroupMetadataKey {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<GroupMetadataKey> {
        let flexible = false;
        let mut it = GroupMetadataKey::default();
        it.group = reader.string(flexible)?;
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = false;
        writer.string(Some(&self.group), flexible)?;
        Ok(())
    }
}

impl Message for GroupMetadataKey {
    const NAME: &'static str = "GroupMetadataKey";
    const API_KEY: Option<i16> = Some(2);
    const VERSIONS: Versions = Versions { from: 0, to: 0 };
    const FLEXIBLE_FROM: Option<i16> = None;

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        GroupMetadataKey::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
