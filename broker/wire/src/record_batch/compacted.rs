//! A batch with some of its records, as compaction leaves it.
//!
//! In: a batch, then those of its records that stay. Out: the batch without the others; offsets,
//! sequence numbers and producer as they were (`DefaultRecordBatch`, KIP-534).
//! Never here: which records stay, or the codec being changed.

use std::io::Write as _;

use broker_types::Timestamp;

use super::builder::{put_length, put_nullable_bytes, put_varint, set};
use super::{
    BATCH_HEADER_BYTES, BATCH_OVERHEAD_BYTES, Batch, BatchHeader, BuildError, COMPRESSION_BITS,
    CRC_START, DELETE_HORIZON_BIT, Record, TimestampType,
};
use crate::compression::{CompressError, Compressor};

/// Collects the records of a batch that stay.
pub struct CompactedBatch {
    header: BatchHeader,
    compressor: Compressor,
    /// What the timestamp deltas of the new batch count from.
    base_timestamp: Timestamp,
    has_delete_horizon: bool,
    records_count: u32,
    max_timestamp: Option<Timestamp>,
}

impl CompactedBatch {
    /// The batch's codec and header, without any record yet.
    ///
    /// `delete_horizon` is the time from which the batch's tombstones may go. It takes the place of
    /// the base timestamp, unless the batch has one from before, which stays.
    ///
    /// # Errors
    /// When the codec cannot be started.
    pub fn new(
        batch: &Batch<'_>,
        delete_horizon: Option<Timestamp>,
    ) -> Result<CompactedBatch, BuildError> {
        let header = *batch.header();
        let delete_horizon = delete_horizon.filter(|_| !header.has_delete_horizon());
        let front = batch.bytes().get(..BATCH_HEADER_BYTES).unwrap_or_default();
        let compressor = Compressor::new(header.compression(), None, front.to_vec());
        Ok(CompactedBatch {
            header,
            compressor: compressor.map_err(BuildError::Compress)?,
            base_timestamp: delete_horizon.unwrap_or(header.base_timestamp),
            has_delete_horizon: header.has_delete_horizon() || delete_horizon.is_some(),
            records_count: 0,
            max_timestamp: None,
        })
    }

    /// Appends a record of the batch. They come in order.
    ///
    /// # Errors
    /// When the codec fails.
    pub fn append(&mut self, record: &Record<'_>) -> Result<(), BuildError> {
        let codec = self.header.compression();
        let timestamp = self
            .header
            .base_timestamp
            .plus_millis(record.timestamp_delta);
        let written = if self.base_timestamp == self.header.base_timestamp {
            self.compressor.write_all(record.bytes())
        } else {
            let delta = timestamp.millis_since(self.base_timestamp);
            self.compressor.write_all(&with_delta(record, delta))
        };
        written.map_err(|source| BuildError::Compress(CompressError::Codec { codec, source }))?;
        self.records_count += 1;
        self.max_timestamp = self.max_timestamp.max(Some(timestamp));
        Ok(())
    }

    /// The batch, with its CRC. Without a record it is a header that keeps offsets and sequence
    /// numbers, and the timestamp that its producer is remembered by.
    ///
    /// # Errors
    /// When the codec fails, or the batch is larger than a batch can be.
    pub fn finish(self) -> Result<Vec<u8>, BuildError> {
        let mut batch = self.compressor.finish().map_err(BuildError::Compress)?;
        let mut attributes = self.header.attributes;
        if self.records_count == 0 {
            batch.truncate(BATCH_HEADER_BYTES);
            attributes &= !COMPRESSION_BITS;
        }
        if self.has_delete_horizon {
            attributes |= DELETE_HORIZON_BIT;
        }
        let bytes = batch.len();
        let batch_length = i32::try_from(bytes - BATCH_OVERHEAD_BYTES)
            .map_err(|_| BuildError::TooLarge { bytes })?;
        let own_timestamps = self.header.timestamp_type() == TimestampType::CreateTime;
        let max_timestamp = self.max_timestamp.filter(|_| own_timestamps);
        let max_timestamp = max_timestamp.unwrap_or(self.header.max_timestamp);
        set(&mut batch, 8, batch_length.to_be_bytes());
        set(&mut batch, 21, attributes.to_be_bytes());
        set(
            &mut batch,
            27,
            self.base_timestamp.as_millis().to_be_bytes(),
        );
        set(&mut batch, 35, max_timestamp.as_millis().to_be_bytes());
        set(&mut batch, 57, self.records_count.to_be_bytes());
        let crc = crc_fast::crc32_iscsi(batch.get(CRC_START..).unwrap_or_default());
        set(&mut batch, 17, crc.to_be_bytes());
        Ok(batch)
    }
}

/// The record with another timestamp delta.
fn with_delta(record: &Record<'_>, timestamp_delta: i64) -> Vec<u8> {
    let mut body = vec![0];
    put_varint(&mut body, timestamp_delta);
    put_varint(&mut body, i64::from(record.offset_delta));
    put_nullable_bytes(&mut body, record.key);
    put_nullable_bytes(&mut body, record.value);
    put_varint(&mut body, i64::from(record.headers_count()));
    body.extend_from_slice(record.headers_bytes());
    let mut bytes = Vec::with_capacity(body.len() + 5);
    put_length(&mut bytes, body.len());
    bytes.append(&mut body);
    bytes
}

#[cfg(test)]
mod tests {
    use broker_types::{Offset, ProducerEpoch, ProducerId};

    use super::*;
    use crate::compression::{Compression, Limits};
    use crate::record_batch::{
        BatchBuilder, BatchOptions, Producer, RecordScan, records, verify_crc,
    };

    const LIMITS: Limits = Limits {
        output_bytes_max: 1 << 20,
        memory_bytes_max: 1 << 20,
    };

    fn batch(compression: Compression) -> Vec<u8> {
        let mut builder = BatchBuilder::new(BatchOptions {
            base_offset: Offset::new(100),
            compression,
            producer: Some(Producer {
                id: ProducerId::new(7),
                epoch: ProducerEpoch::new(2),
                base_sequence: Some(40),
            }),
            ..BatchOptions::default()
        });
        for number in 0..5_u8 {
            let timestamp = Timestamp::from_millis(1_000 + i64::from(number));
            let key = [b'k', number];
            let headers: &[(&[u8], Option<&[u8]>)] = &[(b"h", Some(b"x")), (b"n", None)];
            let value = [b'v'; 50];
            let value = (number != 3).then_some(&value[..]);
            builder.append(timestamp, Some(&key), value, headers);
        }
        builder.build().unwrap()
    }

    fn retain(bytes: &[u8], kept: &[u32], delete_horizon: Option<Timestamp>) -> Vec<u8> {
        let batch = Batch::parse(bytes).unwrap();
        let mut compacted = CompactedBatch::new(&batch, delete_horizon).unwrap();
        let mut scan = RecordScan::new(batch.header(), batch.records_bytes(), LIMITS).unwrap();
        while let Some(record) = scan.next() {
            let record = record.unwrap();
            if kept.contains(&record.offset_delta) {
                compacted.append(&record).unwrap();
            }
        }
        compacted.finish().unwrap()
    }

    /// Offset, timestamp, key, length of the value, headers.
    type Seen = (u64, i64, Vec<u8>, Option<usize>, usize);

    fn seen(bytes: &[u8]) -> Vec<Seen> {
        verify_crc(bytes).unwrap();
        let batch = Batch::parse(bytes).unwrap();
        let header = *batch.header();
        let mut scan = RecordScan::new(&header, batch.records_bytes(), LIMITS).unwrap();
        let mut seen = Vec::new();
        while let Some(record) = scan.next() {
            let record = record.unwrap();
            seen.push((
                record.offset(&header).value(),
                record.timestamp(&header).as_millis(),
                record.key.unwrap().to_vec(),
                record.value.map(<[u8]>::len),
                record.headers().count(),
            ));
        }
        seen
    }

    #[test]
    fn what_stays_is_as_it_was_in_every_codec_and_with_a_horizon() {
        for codec in Compression::ALL {
            let before = batch(codec);
            let all = seen(&before);
            for horizon in [None, Some(Timestamp::from_millis(90_000))] {
                let after = retain(&before, &[1, 3], horizon);
                assert_eq!(seen(&after), [all[1].clone(), all[3].clone()], "{codec:?}");
                let (old, new) = (
                    BatchHeader::parse(&before).unwrap(),
                    BatchHeader::parse(&after).unwrap(),
                );
                assert_eq!(new.next_offset(), old.next_offset());
                assert_eq!(new.last_sequence(), old.last_sequence());
                assert_eq!(new.producer_id, old.producer_id);
                assert_eq!(new.compression(), codec);
                assert_eq!(new.records_count, 2);
                assert_eq!(new.max_timestamp.as_millis(), 1_003);
                assert_eq!(new.has_delete_horizon(), horizon.is_some());
                if let Some(horizon) = horizon {
                    assert_eq!(new.base_timestamp, horizon);
                }
            }
        }
    }

    #[test]
    fn the_first_horizon_stays() {
        let before = batch(Compression::Lz4);
        let first = retain(&before, &[3], Some(Timestamp::from_millis(5_000)));
        let second = retain(&first, &[3], Some(Timestamp::from_millis(9_000)));
        assert_eq!(first, second);
    }

    #[test]
    fn a_batch_without_records_is_a_header() {
        let before = batch(Compression::Zstd);
        let after = retain(&before, &[], None);
        assert_eq!(after.len(), BATCH_HEADER_BYTES);
        verify_crc(&after).unwrap();
        let header = BatchHeader::parse(&after).unwrap();
        assert_eq!(header.next_offset(), Offset::new(105));
        assert_eq!(header.last_sequence(), Some(44));
        assert_eq!(header.max_timestamp.as_millis(), 1_004);
        assert_eq!(records(&header, &[]).count(), 0);
    }
}
