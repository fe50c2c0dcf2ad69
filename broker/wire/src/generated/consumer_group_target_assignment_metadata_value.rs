// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `ConsumerGroupTargetAssignmentMetadataValue`, version 0.

use crate::codec::*;

/// `ConsumerGroupTargetAssignmentMetadataValue`, version 0.
#[derive(Clone, Debug, PartialEq)]
pub struct ConsumerGroupTargetAssignmentMetadataValue {
    /// The assignment epoch.
    pub assignment_epoch: i32,
    /// The time at which the assignment calculation finished.
    pub assignment_timestamp: i64,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for ConsumerGroupTargetAssignmentMetadataValue {
    fn default() -> ConsumerGroupTargetAssignmentMetadataValue {
        ConsumerGroupTargetAssignmentMetadataValue {
            assignment_epoch: 0,
            assignment_timestamp: 0,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl ConsumerGroupTargetAssignmentMetadataValue {
    pub(crate) fn read(
        reader: &mut Reader,
        version: i16,
    ) -> Decoded<ConsumerGroupTargetAssignmentMetadataValue> {
        let flexible = true;
        let mut it = ConsumerGroupTargetAssignmentMetadataValue::default();
        it.assignment_epoch = reader.i32()?;
        if flexible {
            let unknown = reader.tagged_fields(|tag, reader| {
                match tag {
                    0 => it.assignment_timestamp = reader.i64()?,
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
        writer.i32(self.assignment_epoch);
        if flexible {
            let mut tagged = TaggedFields::default();
            if self.assignment_timestamp != 0 {
                tagged.add(0, |writer| {
                    writer.i64(self.assignment_timestamp);
                    Ok(())
                })?;
            }
            writer.tagged_fields(tagged, &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for ConsumerGroupTargetAssignmentMetadataValue {
    const NAME: &'static str = "ConsumerGroupTargetAssignmentMetadataValue";
    const API_KEY: Option<i16> = Some(6);
    const VERSIONS: Versions = Versions { from: 0, to: 0 };
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        ConsumerGroupTargetAssignmentMetadataValue::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
