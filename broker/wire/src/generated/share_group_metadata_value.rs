// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `ShareGroupMetadataValue`, version 0.

use crate::codec::*;

/// `ShareGroupMetadataValue`, version 0.
#[derive(Clone, Debug, PartialEq)]
pub struct ShareGroupMetadataValue {
    /// The group epoch.
    pub epoch: i32,
    /// The hash of all topics in the group.
    pub metadata_hash: i64,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for ShareGroupMetadataValue {
    fn default() -> ShareGroupMetadataValue {
        ShareGroupMetadataValue {
            epoch: 0,
            metadata_hash: 0,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl ShareGroupMetadataValue {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<ShareGroupMetadataValue> {
        let flexible = true;
        let mut it = ShareGroupMetadataValue::default();
        it.epoch = reader.i32()?;
        it.metadata_hash = reader.i64()?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = true;
        writer.i32(self.epoch);
        writer.i64(self.metadata_hash);
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for ShareGroupMetadataValue {
    const NAME: &'static str = "ShareGroupMetadataValue";
    const API_KEY: Option<i16> = Some(11);
    const VERSIONS: Versions = Versions { from: 0, to: 0 };
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        ShareGroupMetadataValue::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
