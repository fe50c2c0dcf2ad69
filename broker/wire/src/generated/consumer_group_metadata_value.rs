// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `ConsumerGroupMetadataValue`, version 0.

use crate::codec::*;

/// `ConsumerGroupMetadataValue`, version 0.
#[derive(Clone, Debug, PartialEq)]
pub struct ConsumerGroupMetadataValue {
    /// The group epoch.
    pub epoch: i32,
    /// The hash of all topics in the group.
    pub metadata_hash: i64,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for ConsumerGroupMetadataValue {
    fn default() -> ConsumerGroupMetadataValue {
        ConsumerGroupMetadataValue {
            epoch: 0,
            metadata_hash: 0,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl ConsumerGroupMetadataValue {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<ConsumerGroupMetadataValue> {
        let flexible = true;
        let mut it = ConsumerGroupMetadataValue::default();
        it.epoch = reader.i32()?;
        if flexible {
            let unknown = reader.tagged_fields(|tag, reader| {
                match tag {
                    0 => it.metadata_hash = reader.i64()?,
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
        writer.i32(self.epoch);
        if flexible {
            let mut tagged = TaggedFields::default();
            if self.metadata_hash != 0 {
                tagged.add(0, |writer| {
                    writer.i64(self.metadata_hash);
                    Ok(())
                })?;
            }
            writer.tagged_fields(tagged, &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for ConsumerGroupMetadataValue {
    const NAME: &'static str = "ConsumerGroupMetadataValue";
    const API_KEY: Option<i16> = Some(3);
    const VERSIONS: Versions = Versions { from: 0, to: 0 };
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        ConsumerGroupMetadataValue::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
