//! Tests of the record walk, on batches that the builder made and on damaged ones.

use broker_types::{ProducerEpoch, ProducerId};

use super::*;
use crate::compression::{Compression, Limits, decompress};
use crate::record_batch::{
    BATCH_HEADER_BYTES, Batch, BatchBuilder, BatchMut, BatchOptions, ControlRecordKind, Producer,
    RecordScan, ScanError, verify_crc,
};

const AT: Timestamp = Timestamp::from_millis(1_700_000_000_000);

/// Three records: with everything, with nulls, and earlier than the first.
fn builder(options: BatchOptions) -> BatchBuilder {
    let mut builder = BatchBuilder::new(options);
    let headers: &[(&[u8], Option<&[u8]>)] = &[(b"trace", Some(b"1")), (b"empty", None)];
    builder.append(AT, Some(b"key"), Some(b"value"), headers);
    builder.append(AT.plus_millis(5), None, None, &[]);
    builder.append(AT.plus_millis(-300), Some(b""), Some(&[b'v'; 200]), &[]);
    builder
}

fn plain() -> Vec<u8> {
    builder(BatchOptions::default()).build().unwrap()
}

/// The header and the decompressed records of a batch.
fn parts(batch: &[u8]) -> (BatchHeader, Vec<u8>) {
    let batch = Batch::parse(batch).unwrap();
    let header = *batch.header();
    let records = decompress(header.compression(), batch.records_bytes(), 1 << 20).unwrap();
    (header, records.into_owned())
}

/// Walks the records in both ways, which must agree.
fn walk(header: &BatchHeader, bytes: &[u8]) -> Result<usize, RecordError> {
    let result = records(header, bytes).try_fold(0, |count, record| record.map(|_| count + 1));
    assert_eq!(scan(header, bytes), result);
    result
}

fn scan(header: &BatchHeader, bytes: &[u8]) -> Result<usize, RecordError> {
    let limits = Limits {
        output_bytes_max: usize::MAX,
        memory_bytes_max: usize::MAX,
    };
    let plain = BatchHeader {
        attributes: 0,
        ..*header
    };
    let mut scan = RecordScan::new(&plain, bytes, limits).unwrap();
    let mut count = 0;
    while let Some(record) = scan.next() {
        match record {
            Ok(_) => count += 1,
            Err(ScanError::Record(error)) => return Err(error),
            Err(ScanError::Decompress(error)) => panic!("{error}"),
        }
    }
    Ok(count)
}

#[test]
fn records_come_back_as_they_were_appended_with_every_codec() {
    for compression in Compression::ALL {
        let options = BatchOptions {
            base_offset: Offset::new(100),
            compression,
            ..BatchOptions::default()
        };
        let batch = builder(options).build().unwrap();
        assert_eq!(verify_crc(&batch), Ok(()));
        let (header, bytes) = parts(&batch);
        assert_eq!(header.compression(), compression);
        assert_eq!(header.base_timestamp, AT);
        assert_eq!(header.max_timestamp, AT.plus_millis(5));
        assert_eq!(walk(&header, &bytes), Ok(3));
        let records: Vec<Record<'_>> = records(&header, &bytes).map(Result::unwrap).collect();
        let offsets: Vec<Offset> = records.iter().map(|it| it.offset(&header)).collect();
        assert_eq!(offsets, [100, 101, 102].map(Offset::new));
        let timestamps: Vec<Timestamp> = records.iter().map(|it| it.timestamp(&header)).collect();
        assert_eq!(timestamps, [AT, AT.plus_millis(5), AT.plus_millis(-300)]);
        assert_eq!(records[0].key, Some(&b"key"[..]));
        assert_eq!(records[0].value, Some(&b"value"[..]));
        let headers: Vec<_> = records[0].headers().collect();
        assert_eq!(
            headers,
            [(&b"trace"[..], Some(&b"1"[..])), (&b"empty"[..], None)]
        );
        assert_eq!((records[1].key, records[1].value), (None, None));
        assert_eq!(records[1].headers().count(), 0);
        assert_eq!(records[2].key, Some(&b""[..]));
        assert_eq!(records[2].value.map(<[u8]>::len), Some(200));
        let together: Vec<u8> = records.iter().flat_map(|it| it.bytes()).copied().collect();
        assert_eq!(together, bytes);
    }
}

#[test]
fn options_are_in_the_header() {
    let producer = Producer {
        id: ProducerId::new(9),
        epoch: ProducerEpoch::new(2),
        base_sequence: Some(i32::MAX.unsigned_abs()),
    };
    let options = BatchOptions {
        partition_leader_epoch: Some(broker_types::LeaderEpoch::new(4)),
        timestamp_type: TimestampType::LogAppendTime,
        producer: Some(producer),
        is_transactional: true,
        ..BatchOptions::default()
    };
    let (header, bytes) = parts(&builder(options).build().unwrap());
    assert_eq!(
        header.partition_leader_epoch,
        options.partition_leader_epoch
    );
    assert_eq!(
        (header.producer_id, header.producer_epoch),
        (Some(producer.id), Some(producer.epoch))
    );
    assert_eq!(header.last_sequence(), Some(1));
    assert!(header.is_transactional() && !header.is_control());
    let first = records(&header, &bytes).next().unwrap().unwrap();
    assert_eq!(first.timestamp(&header), header.max_timestamp);
}

#[test]
fn a_control_batch_holds_one_record_with_its_kind() {
    let kind = ControlRecordKind::LeaderChange;
    let batch = BatchBuilder::control(BatchOptions::default(), kind, AT, b"message").unwrap();
    assert_eq!(verify_crc(&batch), Ok(()));
    let (header, bytes) = parts(&batch);
    assert!(header.is_control());
    let record = records(&header, &bytes).next().unwrap().unwrap();
    assert_eq!(record.key.and_then(ControlRecordKind::from_key), Some(kind));
    assert_eq!(record.value, Some(&b"message"[..]));
}

#[test]
#[should_panic(expected = "never compressed")]
fn a_control_batch_is_never_compressed() {
    let compression = Compression::Zstd;
    BatchBuilder::new(BatchOptions {
        compression,
        is_control: true,
        ..BatchOptions::default()
    });
}

#[test]
fn a_count_that_the_records_do_not_bear_out_is_an_error() {
    let (header, bytes) = parts(&plain());
    let more = BatchHeader {
        records_count: 4,
        last_offset_delta: 3,
        ..header
    };
    assert!(matches!(
        walk(&more, &bytes),
        Err(RecordError::Truncated { index: 3, .. })
    ));
    let fewer = BatchHeader {
        records_count: 2,
        ..header
    };
    assert!(matches!(
        walk(&fewer, &bytes),
        Err(RecordError::TooManyBytes { .. })
    ));
    let shorter = BatchHeader {
        last_offset_delta: 1,
        ..header
    };
    let error = RecordError::OffsetDelta {
        index: 2,
        offset_delta: 2,
    };
    assert_eq!(walk(&shorter, &bytes), Err(error));
    let unbounded = BatchHeader {
        records_count: u32::MAX >> 1,
        ..header
    };
    assert!(walk(&unbounded, &bytes).is_err());
}

#[test]
fn gaps_are_for_compacted_logs_alone() {
    let (header, bytes) = parts(&plain());
    let second = records(&header, &bytes)
        .next()
        .unwrap()
        .unwrap()
        .bytes()
        .len();
    let compacted = BatchHeader {
        records_count: 2,
        ..header
    };
    assert_eq!(walk(&compacted, &bytes[second..]), Ok(2));
    let emptied = BatchHeader {
        records_count: 0,
        ..header
    };
    assert_eq!(walk(&emptied, &[]), Ok(0));
}

#[test]
fn a_second_record_with_the_same_offset_is_an_error() {
    let (header, bytes) = parts(&plain());
    let first = records(&header, &bytes)
        .next()
        .unwrap()
        .unwrap()
        .bytes()
        .to_vec();
    let twice = [first.clone(), first].concat();
    let header = BatchHeader {
        records_count: 2,
        ..header
    };
    let error = RecordError::OffsetDelta {
        index: 1,
        offset_delta: 0,
    };
    assert_eq!(walk(&header, &twice), Err(error));
}

#[test]
fn fields_that_contradict_a_record_are_errors() {
    let one = BatchHeader {
        records_count: 1,
        last_offset_delta: 0,
        ..parts(&plain()).0
    };
    let index = 0;
    let cases: [(&str, &[u8], RecordError); 9] = [
        (
            "nothing",
            &[],
            RecordError::Truncated {
                index,
                wanted: 1,
                left: 0,
            },
        ),
        (
            "negative length",
            &[1],
            RecordError::Length { index, value: -1 },
        ),
        (
            "length past the end",
            &[12, 0],
            RecordError::Truncated {
                index,
                wanted: 6,
                left: 1,
            },
        ),
        (
            "key past the end",
            &[12, 0, 0, 0, 8, 1, 0],
            RecordError::Truncated {
                index,
                wanted: 4,
                left: 2,
            },
        ),
        (
            "key length -2",
            &[12, 0, 0, 0, 3, 1, 0],
            RecordError::Length { index, value: -2 },
        ),
        (
            "headers count -1",
            &[12, 0, 0, 0, 1, 1, 1],
            RecordError::Length { index, value: -1 },
        ),
        (
            "null header key",
            &[16, 0, 0, 0, 1, 1, 2, 1, 1],
            RecordError::Length { index, value: -1 },
        ),
        (
            "a byte too many",
            &[14, 0, 0, 0, 1, 1, 0, 9],
            RecordError::Trailing { index, left: 1 },
        ),
        (
            "varint of six bytes",
            &[0x80, 0x80, 0x80, 0x80, 0x80, 0],
            RecordError::Varint { index },
        ),
    ];
    for (name, bytes, error) in cases {
        assert_eq!(walk(&one, bytes), Err(error), "{name}");
    }
    assert_eq!(walk(&one, &[12, 0, 0, 0, 1, 1, 0]), Ok(1));
}

#[test]
fn varints_reach_both_ends_of_their_types() {
    let mut builder = BatchBuilder::new(BatchOptions::default());
    builder.append(Timestamp::from_millis(0), None, None, &[]);
    builder.append(Timestamp::from_millis(i64::MAX), None, None, &[]);
    builder.append(Timestamp::from_millis(i64::MIN), None, None, &[]);
    let (header, bytes) = parts(&builder.build().unwrap());
    let deltas: Vec<i64> = records(&header, &bytes)
        .map(|it| it.unwrap().timestamp_delta)
        .collect();
    assert_eq!(deltas, [0, i64::MAX, i64::MIN]);
}

#[test]
fn no_byte_of_a_batch_can_make_the_walk_panic() {
    let whole = plain();
    for place in 0..whole.len() {
        for value in [0, 1, 2, 0x7f, 0x80, 0xff] {
            let mut damaged = whole.clone();
            damaged[place] = value;
            if let Ok(batch) = Batch::parse(&damaged) {
                let header = batch.header();
                let _ = (
                    header.last_offset(),
                    header.next_offset(),
                    header.last_sequence(),
                );
                for record in records(header, batch.records_bytes()).flatten() {
                    let _ = (record.offset(header), record.timestamp(header));
                    assert!(record.headers().count() == record.headers_count() as usize);
                }
            }
            let _ = BatchMut::parse(&mut damaged).map(|_| ());
        }
    }
    for cut in 0..whole.len() - BATCH_HEADER_BYTES {
        let (header, bytes) = parts(&whole);
        assert!(walk(&header, &bytes[..cut]).is_err(), "{cut}");
    }
}
