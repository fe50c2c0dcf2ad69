// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `ShareGroupMetadataKey`, version 0.

use crate::codec::*;

/// `ShareGroupMetadataKey`, version 0.
#[derive(Clone, Debug, PartialEq)]
pub struct ShareGroupMetadataKey {
    /// The group id.
    pub group_id: Str,
}

impl Default for ShareGroupMetadataKey {
    fn default() -> ShareGroupMetadataKey {
        ShareGroupMetadataKey {
            group_id: Str::new(),
        }
    }
}

impl ShareGroupMetadataKey {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<ShareGroupMetadataKey> {
        let flexible = false;
        let mut it = ShareGroupMetadataKey::default();
        it.group_id = reader.string(flexible)?;
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = false;
        writer.string(Some(&self.group_id), flexible)?;
        Ok(())
    }
}

impl Message for ShareGroupMetadataKey {
    const NAME: &'static str = "ShareGroupMetadataKey";
    const API_KEY: Option<i16> = Some(11);
    const VERSIONS: Versions = Versions { from: 0, to: 0 };
    const FLEXIBLE_FROM: Option<i16> = None;

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        ShareGroupMetadataKey::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
