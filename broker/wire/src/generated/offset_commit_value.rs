// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `OffsetCommitValue`, versions 0 to 4.

use crate::codec::*;

/// `OffsetCommitValue`, versions 0 to 4.
#[derive(Clone, Debug, PartialEq)]
pub struct OffsetCommitValue {
    /// The offset that the consumer wants to store (for this partition).
    pub offset: i64,
    /// The leader epoch of the last consumed record.
    pub leader_epoch: i32,
    /// Any metadata the client wants to keep.
    pub metadata: Str,
    /// The time at which the commit was added to the log.
    pub commit_timestamp: i64,
    /// The time at which the offset will expire.
    pub expire_timestamp: i64,
    /// The topic id of the committed offset.
    pub topic_id: [u8; 16],
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for OffsetCommitValue {
    fn default() -> OffsetCommitValue {
        OffsetCommitValue {
            offset: 0,
            leader_epoch: -1,
            metadata: Str::new(),
            commit_timestamp: 0,
            expire_timestamp: -1,
            topic_id: [0; 16],
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl OffsetCommitValue {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<OffsetCommitValue> {
        let flexible = version >= 4;
        let mut it = OffsetCommitValue::default();
        it.offset = reader.i64()?;
        if version >= 3 {
            it.leader_epoch = reader.i32()?;
        }
        it.metadata = reader.string(flexible)?;
        it.commit_timestamp = reader.i64()?;
        if version == 1 {
            it.expire_timestamp = reader.i64()?;
        }
        if flexible {
            let unknown = reader.tagged_fields(|tag, reader| {
                match tag {
                    0 if version >= 4 => it.topic_id = reader.uuid()?,
                    _ => return Ok(false),
                }
                Ok(true)
            })?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 4;
        writer.i64(self.offset);
        if version >= 3 {
            writer.i32(self.leader_epoch);
        }
        writer.string(Some(&self.metadata), flexible)?;
        writer.i64(self.commit_timestamp);
        if version == 1 {
            writer.i64(self.expire_timestamp);
        }
        if flexible {
            let mut tagged = TaggedFields::default();
            if self.topic_id != [0; 16] {
                tagged.add(0, |writer| {
                    writer.uuid(self.topic_id);
                    Ok(())
                })?;
            }
            writer.tagged_fields(tagged, &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for OffsetCommitValue {
    const NAME: &'static str = "OffsetCommitValue";
    const API_KEY: Option<i16> = Some(1);
    const VERSIONS: Versions = Versions { from: 0, to: 4 };
    const FLEXIBLE_FROM: Option<i16> = Some(4);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        OffsetCommitValue::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
