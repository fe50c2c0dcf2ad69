//! Tests of the header view.

use super::*;

/// A batch of one record, written by hand: no codec, offset 7, epoch 3, sequence from 5.
fn batch(records: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    bytes.extend(7_i64.to_be_bytes());
    bytes.extend(i32::try_from(49 + records.len()).unwrap().to_be_bytes());
    bytes.extend(3_i32.to_be_bytes());
    bytes.push(2);
    bytes.extend([0; 4]);
    bytes.extend(0x10_i16.to_be_bytes());
    bytes.extend(2_i32.to_be_bytes());
    bytes.extend(1000_i64.to_be_bytes());
    bytes.extend(1002_i64.to_be_bytes());
    bytes.extend(42_i64.to_be_bytes());
    bytes.extend(1_i16.to_be_bytes());
    bytes.extend(5_i32.to_be_bytes());
    bytes.extend(3_i32.to_be_bytes());
    bytes.extend(records);
    let crc = crc_fast::crc32_iscsi(&bytes[21..]);
    bytes[17..21].copy_from_slice(&crc.to_be_bytes());
    bytes
}

#[test]
fn a_header_is_read_field_by_field() {
    let header = BatchHeader::parse(&batch(b"abc")).unwrap();
    assert_eq!(header.base_offset, Offset::new(7));
    assert_eq!(header.batch_length, 52);
    assert_eq!(header.partition_leader_epoch, Some(LeaderEpoch::new(3)));
    assert_eq!(header.base_timestamp, Timestamp::from_millis(1000));
    assert_eq!(header.max_timestamp, Timestamp::from_millis(1002));
    assert_eq!(header.producer_id, Some(ProducerId::new(42)));
    assert_eq!(header.producer_epoch, Some(ProducerEpoch::new(1)));
    assert_eq!(header.base_sequence, Some(5));
    assert_eq!(header.last_sequence(), Some(7));
    assert_eq!(header.records_count, 3);
    assert_eq!(header.last_offset(), Offset::new(9));
    assert_eq!(header.next_offset(), Offset::new(10));
    assert_eq!(header.size_in_bytes(), 64);
    assert_eq!(header.compression(), Compression::None);
    assert_eq!(header.timestamp_type(), TimestampType::CreateTime);
    assert!(header.is_transactional());
    assert!(!header.is_control());
    assert!(!header.has_delete_horizon());
}

#[test]
fn absent_fields_are_none() {
    let mut bytes = batch(b"");
    bytes[12..16].copy_from_slice(&(-1_i32).to_be_bytes());
    bytes[43..57].copy_from_slice(&[0xff; 14]);
    let header = BatchHeader::parse(&bytes).unwrap();
    assert_eq!(header.partition_leader_epoch, None);
    assert_eq!(header.producer_id, None);
    assert_eq!(header.producer_epoch, None);
    assert_eq!(header.base_sequence, None);
    assert_eq!(header.last_sequence(), None);
}

#[test]
fn sequences_wrap_from_the_greatest_to_zero() {
    let mut bytes = batch(b"");
    bytes[53..57].copy_from_slice(&i32::MAX.to_be_bytes());
    let header = BatchHeader::parse(&bytes).unwrap();
    assert_eq!(header.base_sequence, Some(i32::MAX.unsigned_abs()));
    assert_eq!(header.last_sequence(), Some(1));
}

#[test]
fn headers_that_contradict_themselves_are_refused() {
    let cases: [(&str, std::ops::Range<usize>, &[u8]); 7] = [
        ("magic", 16..17, &[1]),
        ("batch length", 8..12, &48_i32.to_be_bytes()),
        ("negative batch length", 8..12, &(-1_i32).to_be_bytes()),
        ("base offset", 0..8, &(-1_i64).to_be_bytes()),
        ("last offset delta", 23..27, &(-1_i32).to_be_bytes()),
        ("records count", 57..61, &i32::MIN.to_be_bytes()),
        ("codec", 21..23, &5_i16.to_be_bytes()),
    ];
    for (name, range, value) in cases {
        let mut bytes = batch(b"abc");
        bytes[range].copy_from_slice(value);
        assert!(BatchHeader::parse(&bytes).is_err(), "{name}");
    }
}

#[test]
fn offsets_past_the_greatest_are_refused() {
    let mut bytes = batch(b"");
    let at = |base: u64| Offset::new(base).to_wire().to_be_bytes();
    bytes[0..8].copy_from_slice(&at(Offset::MAX.value() - 2));
    let refused = BatchHeader::parse(&bytes);
    assert!(matches!(
        refused,
        Err(BatchError::LastOffset {
            last_offset_delta: 2,
            ..
        })
    ));
    bytes[0..8].copy_from_slice(&at(Offset::MAX.value() - 3));
    assert_eq!(
        BatchHeader::parse(&bytes).unwrap().next_offset(),
        Offset::MAX
    );
}

#[test]
fn every_bit_that_the_crc_covers_matters() {
    let bytes = batch(b"abc");
    assert_eq!(verify_crc(&bytes), Ok(()));
    for bit in 8 * CRC_START..8 * bytes.len() {
        let mut damaged = bytes.clone();
        damaged[bit / 8] ^= 1 << (bit % 8);
        assert!(verify_crc(&damaged).is_err(), "bit {bit}");
    }
}

#[test]
fn a_crc_is_of_exactly_one_batch() {
    let mut bytes = batch(b"abc");
    bytes.push(0);
    assert_eq!(
        verify_crc(&bytes),
        Err(BatchError::Size {
            stated: 64,
            given: 65
        })
    );
    assert_eq!(
        verify_crc(&bytes[..63]),
        Err(BatchError::Size {
            stated: 64,
            given: 63
        })
    );
}

#[test]
fn offset_and_epoch_are_set_without_touching_the_crc() {
    let mut bytes = batch(b"abc");
    let mut view = BatchMut::parse(&mut bytes).unwrap();
    view.set_base_offset(Offset::new(1 << 40));
    view.set_partition_leader_epoch(LeaderEpoch::new(9));
    assert_eq!(verify_crc(&bytes), Ok(()));
    let header = BatchHeader::parse(&bytes).unwrap();
    assert_eq!(header.base_offset, Offset::new(1 << 40));
    assert_eq!(header.partition_leader_epoch, Some(LeaderEpoch::new(9)));
    assert_eq!(&bytes[16..], &batch(b"abc")[16..]);
}

#[test]
fn log_append_time_is_set_with_a_new_crc() {
    let mut bytes = batch(b"abc");
    bytes.extend(b"the next batch");
    let mut view = BatchMut::parse(&mut bytes).unwrap();
    view.set_max_timestamp_and_type(TimestampType::LogAppendTime, Timestamp::from_millis(77));
    bytes.truncate(64);
    assert_eq!(verify_crc(&bytes), Ok(()));
    let header = BatchHeader::parse(&bytes).unwrap();
    assert_eq!(header.timestamp_type(), TimestampType::LogAppendTime);
    assert_eq!(header.max_timestamp, Timestamp::from_millis(77));
    assert!(header.is_transactional());
    assert_eq!(header.base_timestamp, Timestamp::from_millis(1000));
}

#[test]
fn the_batches_of_a_buffer_are_yielded_up_to_the_first_error() {
    let mut bytes = batch(b"abc");
    bytes.extend(batch(b""));
    let sizes: Vec<usize> = batches(&bytes)
        .map(|it| it.unwrap().bytes().len())
        .collect();
    assert_eq!(sizes, [64, 61]);
    bytes.extend(&batch(b"xyz")[..62]);
    let mut iterator = batches(&bytes);
    assert_eq!(iterator.next().unwrap().unwrap().records_bytes(), b"abc");
    assert_eq!(iterator.rest().len(), 61 + 62);
    assert!(iterator.next().unwrap().is_ok());
    let truncated = BatchError::Truncated {
        wanted: 64,
        left: 62,
    };
    assert_eq!(iterator.next(), Some(Err(truncated)));
    assert_eq!(iterator.next(), None);
}

#[test]
fn no_prefix_of_a_batch_is_a_batch() {
    let bytes = batch(b"abc");
    for length in 0..bytes.len() {
        assert!(Batch::parse(&bytes[..length]).is_err(), "{length}");
        assert!(
            BatchMut::parse(&mut bytes.clone()[..length]).is_err(),
            "{length}"
        );
    }
}
