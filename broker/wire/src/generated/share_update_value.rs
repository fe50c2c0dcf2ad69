// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `ShareUpdateValue`, version 0.

use crate::codec::*;

/// `ShareUpdateValue`, version 0.
#[derive(Clone, Debug, PartialEq)]
pub struct ShareUpdateValue {
    /// The snapshot epoch.
    pub snapshot_epoch: i32,
    /// The leader epoch of the share-partition.
    pub leader_epoch: i32,
    /// The share-partition start offset, or -1 if the start offset is not being updated.
    pub start_offset: i64,
    /// The number of offsets greater than or equal to share-partition start offset for which delivery has been completed.
    pub delivery_complete_count: i32,
    /// The state batches that have been updated.
    pub state_batches: Vec<StateBatch>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for ShareUpdateValue {
    fn default() -> ShareUpdateValue {
        ShareUpdateValue {
            snapshot_epoch: 0,
            leader_epoch: 0,
            start_offset: 0,
            delivery_complete_count: -1,
            state_batches: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl ShareUpdateValue {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<ShareUpdateValue> {
        let flexible = true;
        let mut it = ShareUpdateValue::default();
        it.snapshot_epoch = reader.i32()?;
        it.leader_epoch = reader.i32()?;
        it.start_offset = reader.i64()?;
        it.state_batches =
            reader.array(flexible, 20, |reader| StateBatch::read(reader, version))?;
        if flexible {
            let unknown = reader.tagged_fields(|tag, reader| {
                match tag {
                    0 => it.delivery_complete_count = reader.i32()?,
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
        writer.i32(self.snapshot_epoch);
        writer.i32(self.leader_epoch);
        writer.i64(self.start_offset);
        writer.array(Some(&self.state_batches), flexible, |writer, it| {
            it.write(writer, version)
        })?;
        if flexible {
            let mut tagged = TaggedFields::default();
            if self.delivery_complete_count != -1 {
                tagged.add(0, |writer| {
                    writer.i32(self.delivery_complete_count);
                    Ok(())
                })?;
            }
            writer.tagged_fields(tagged, &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`ShareUpdateValue`].
#[derive(Clone, Debug, PartialEq)]
pub struct StateBatch {
    /// The first offset of this state batch.
    pub first_offset: i64,
    /// The last offset of this state batch.
    pub last_offset: i64,
    /// The delivery state - 0:Available,2:Acked,4:Archived.
    pub delivery_state: i8,
    /// The delivery count.
    pub delivery_count: i16,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for StateBatch {
    fn default() -> StateBatch {
        StateBatch {
            first_offset: 0,
            last_offset: 0,
            delivery_state: 0,
            delivery_count: 0,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl StateBatch {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<StateBatch> {
        let flexible = true;
        let mut it = StateBatch::default();
        it.first_offset = reader.i64()?;
        it.last_offset = reader.i64()?;
        it.delivery_state = reader.i8()?;
        it.delivery_count = reader.i16()?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = true;
        writer.i64(self.first_offset);
        writer.i64(self.last_offset);
        writer.i8(self.delivery_state);
        writer.i16(self.delivery_count);
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for ShareUpdateValue {
    const NAME: &'static str = "ShareUpdateValue";
    const API_KEY: Option<i16> = Some(1);
    const VERSIONS: Versions = Versions { from: 0, to: 0 };
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        ShareUpdateValue::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
