// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `ProducerSnapshot`, version 1.

use crate::codec::*;

/// `ProducerSnapshot`, version 1.
#[derive(Clone, Debug, PartialEq)]
pub struct ProducerSnapshot {
    /// CRC of the snapshot data
    pub crc: u32,
    /// The entries in the producer table
    pub producer_entries: Vec<ProducerEntry>,
}

impl Default for ProducerSnapshot {
    fn default() -> ProducerSnapshot {
        ProducerSnapshot {
            crc: 0,
            producer_entries: Vec::new(),
        }
    }
}

impl ProducerSnapshot {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<ProducerSnapshot> {
        let flexible = false;
        let mut it = ProducerSnapshot::default();
        it.crc = reader.u32()?;
        it.producer_entries =
            reader.array(flexible, 46, |reader| ProducerEntry::read(reader, version))?;
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = false;
        writer.u32(self.crc);
        writer.array(Some(&self.producer_entries), flexible, |writer, it| {
            it.write(writer, version)
        })?;
        Ok(())
    }
}

/// Part of [`ProducerSnapshot`].
#[derive(Clone, Debug, PartialEq)]
pub struct ProducerEntry {
    /// The producer ID
    pub producer_id: i64,
    /// Current epoch of the producer
    pub epoch: i16,
    /// Last written sequence of the producer
    pub last_sequence: i32,
    /// Last written offset of the producer
    pub last_offset: i64,
    /// The difference of the last sequence and first sequence in the last written batch
    pub offset_delta: i32,
    /// Max timestamp from the last written entry
    pub timestamp: i64,
    /// The epoch of the last transaction coordinator to send an end transaction marker
    pub coordinator_epoch: i32,
    /// The first offset of the on-going transaction (-1 if there is none)
    pub current_txn_first_offset: i64,
}

impl Default for ProducerEntry {
    fn default() -> ProducerEntry {
        ProducerEntry {
            producer_id: 0,
            epoch: 0,
            last_sequence: 0,
            last_offset: 0,
            offset_delta: 0,
            timestamp: 0,
            coordinator_epoch: 0,
            current_txn_first_offset: 0,
        }
    }
}

impl ProducerEntry {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<ProducerEntry> {
        let flexible = false;
        let mut it = ProducerEntry::default();
        it.producer_id = reader.i64()?;
        it.epoch = reader.i16()?;
        it.last_sequence = reader.i32()?;
        it.last_offset = reader.i64()?;
        it.offset_delta = reader.i32()?;
        it.timestamp = reader.i64()?;
        it.coordinator_epoch = reader.i32()?;
        it.current_txn_first_offset = reader.i64()?;
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = false;
        writer.i64(self.producer_id);
        writer.i16(self.epoch);
        writer.i32(self.last_sequence);
        writer.i64(self.last_offset);
        writer.i32(self.offset_delta);
        writer.i64(self.timestamp);
        writer.i32(self.coordinator_epoch);
        writer.i64(self.current_txn_first_offset);
        Ok(())
    }
}

impl Message for ProducerSnapshot {
    const NAME: &'static str = "ProducerSnapshot";
    const API_KEY: Option<i16> = None;
    const VERSIONS: Versions = Versions { from: 1, to: 1 };
    const FLEXIBLE_FROM: Option<i16> = None;

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        ProducerSnapshot::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
