//! Batches that are accepted, changed or refused on their way in.

use broker_types::{Offset, ProducerEpoch, ProducerId};
use broker_wire::compression::{Compression, decompress};
use broker_wire::record_batch::{BatchBuilder, BatchOptions, Producer};

use super::*;

const NOW: Timestamp = Timestamp::from_millis(1_000_000_000);

fn build(options: BatchOptions, timestamps: &[i64]) -> Vec<u8> {
    let mut builder = BatchBuilder::new(options);
    for timestamp in timestamps {
        let timestamp = Timestamp::from_millis(*timestamp);
        builder.append(
            timestamp,
            Some(b"key"),
            Some(b"value"),
            &[(b"h", Some(b"v")), (b"n", None)],
        );
    }
    builder.build().unwrap()
}

fn plain() -> Vec<u8> {
    build(
        BatchOptions::default(),
        &[NOW.as_millis(), NOW.as_millis() + 5],
    )
}

/// A batch with bytes of its header changed, and the CRC made to fit again.
fn changed(mut bytes: Vec<u8>, at: usize, new: &[u8]) -> Vec<u8> {
    bytes[at..at + new.len()].copy_from_slice(new);
    let crc = crc_fast::crc32_iscsi(&bytes[21..]);
    bytes[17..21].copy_from_slice(&crc.to_be_bytes());
    bytes
}

fn check<'a>(bytes: &'a [u8], config: &LogConfig) -> Result<Validated<'a>, Refusal> {
    validate(bytes, config, Origin::Client, NOW)
}

#[test]
fn a_good_batch_passes_through_without_a_copy() {
    let bytes = plain();
    let config = LogConfig::default();
    let validated = check(&bytes, &config).unwrap();
    assert!(matches!(validated.bytes, Cow::Borrowed(same) if same == bytes));
    assert_eq!(validated.log_append_time, None);
    for codec in Compression::ALL {
        let options = BatchOptions {
            compression: codec,
            ..BatchOptions::default()
        };
        let bytes = build(options, &[NOW.as_millis(); 100]);
        let validated = check(&bytes, &config).unwrap();
        assert!(matches!(validated.bytes, Cow::Borrowed(_)), "{codec:?}");
    }
}

#[test]
fn what_is_not_one_good_batch_is_refused() {
    let two = [plain(), plain()].concat();
    let mut flipped = plain();
    *flipped.last_mut().unwrap() ^= 1;
    let transactional_control = BatchOptions {
        is_control: true,
        ..BatchOptions::default()
    };
    let no_sequence = BatchOptions {
        producer: Some(Producer {
            id: ProducerId::new(1),
            epoch: ProducerEpoch::ZERO,
            base_sequence: None,
        }),
        ..BatchOptions::default()
    };
    let log_append_time = BatchOptions {
        timestamp_type: TimestampType::LogAppendTime,
        ..BatchOptions::default()
    };
    let late = i64::try_from(LogConfig::default().message_timestamp_after_max_ms).unwrap() + 1;
    let garbage = changed(plain(), 61, &[0xff; 10]);
    let cases: [(&str, Vec<u8>, &str); 18] = [
        ("nothing", Vec::new(), "batch"),
        ("half a header", plain()[..30].to_vec(), "batch"),
        ("half a batch", plain()[..70].to_vec(), "batch"),
        ("two batches", two, "batch"),
        ("a byte more", [plain(), vec![0]].concat(), "batch"),
        ("an old magic", changed(plain(), 16, &[1]), "batch"),
        ("a flipped bit", flipped, "corrupt"),
        (
            "a length less than a header",
            changed(plain(), 8, &[0, 0, 0, 1]),
            "corrupt",
        ),
        ("an unknown codec", changed(plain(), 21, &[0, 7]), "corrupt"),
        (
            "not what its codec says",
            changed(plain(), 21, &[0, 1]),
            "decompress",
        ),
        (
            "a base offset",
            changed(plain(), 0, &[0, 0, 0, 0, 0, 0, 0, 1]),
            "batch",
        ),
        (
            "a count of 2^31-1",
            changed(plain(), 57, &[0x7f, 0xff, 0xff, 0xff]),
            "batch",
        ),
        (
            "both counts of 2^31-1",
            changed(
                changed(plain(), 57, &[0x7f, 0xff, 0xff, 0xff]),
                23,
                &[0x7f, 0xff, 0xff, 0xfe],
            ),
            "batch",
        ),
        ("records that are none", garbage, "batch"),
        (
            "control records",
            build(transactional_control, &[1]),
            "batch",
        ),
        (
            "a producer without sequence",
            build(no_sequence, &[NOW.as_millis()]),
            "batch",
        ),
        (
            "the broker's clock",
            build(log_append_time, &[NOW.as_millis()]),
            "timestamp",
        ),
        (
            "from the future",
            build(BatchOptions::default(), &[NOW.as_millis() + late]),
            "timestamp",
        ),
    ];
    for (what, bytes, expected) in cases {
        let refusal = check(&bytes, &LogConfig::default()).unwrap_err();
        let found = match refusal {
            Refusal::InvalidBatch { .. } => "batch",
            Refusal::InvalidRecords { .. } => "records",
            Refusal::InvalidTimestamp { .. } => "timestamp",
            Refusal::Corrupt(_) => "corrupt",
            Refusal::Decompress(_) => "decompress",
            Refusal::TooLarge { .. } | Refusal::LargerThanSegment { .. } => "size",
            Refusal::TooLargeDecompressed(_) => "decompressed size",
            Refusal::Recompress(_) => "recompress",
        };
        assert_eq!(found, expected, "{what}");
    }
}

#[test]
fn timestamps_are_checked_one_by_one_and_minus_one_passes() {
    let config = LogConfig {
        message_timestamp_before_max_ms: 100,
        message_timestamp_after_max_ms: 10,
        ..LogConfig::default()
    };
    let now = NOW.as_millis();
    let bytes = build(
        BatchOptions::default(),
        &[now - 100, now - 101, now + 10, now + 11, -1],
    );
    let Refusal::InvalidTimestamp { records } = check(&bytes, &config).unwrap_err() else {
        panic!("another refusal");
    };
    let indexes: Vec<u32> = records.iter().map(|it| it.batch_index).collect();
    assert_eq!(indexes, [1, 3]);
    let append_time = LogConfig {
        message_timestamp_type: TimestampType::LogAppendTime,
        ..config
    };
    assert!(
        check(&bytes, &append_time).is_ok(),
        "its own clock needs no limit"
    );
}

#[test]
fn a_topic_with_the_brokers_clock_sets_it_and_the_crc() {
    let config = LogConfig {
        message_timestamp_type: TimestampType::LogAppendTime,
        ..LogConfig::default()
    };
    let sent = plain();
    let validated = check(&sent, &config).unwrap();
    assert_eq!(validated.log_append_time, Some(NOW));
    assert_eq!(validated.header.max_timestamp, NOW);
    assert_eq!(
        validated.header.timestamp_type(),
        TimestampType::LogAppendTime
    );
    verify_crc(&validated.bytes).unwrap();
    assert_eq!(
        validated.bytes[61..],
        sent[61..],
        "records and their deltas stay"
    );
}

#[test]
fn a_wrong_max_timestamp_is_put_right() {
    let sent = changed(plain(), 35, &7_i64.to_be_bytes());
    let validated = check(&sent, &LogConfig::default()).unwrap();
    assert_eq!(validated.header.max_timestamp, NOW.plus_millis(5));
    verify_crc(&validated.bytes).unwrap();
}

#[test]
fn records_without_a_key_are_named_on_a_compacted_topic() {
    let mut config = LogConfig::default();
    config.cleanup_policy.compact = true;
    let mut builder = BatchBuilder::new(BatchOptions::default());
    for key in [Some(&b"k"[..]), None, Some(b""), None] {
        builder.append(NOW, key, Some(b"v"), &[]);
    }
    let bytes = builder.build().unwrap();
    let Refusal::InvalidRecords { records } = check(&bytes, &config).unwrap_err() else {
        panic!("another refusal");
    };
    let indexes: Vec<u32> = records.iter().map(|it| it.batch_index).collect();
    assert_eq!(indexes, [1, 3]);
    assert!(check(&bytes, &LogConfig::default()).is_ok());
}

#[test]
fn sizes_are_those_of_the_whole_batch_before_and_after_compression() {
    let sent = plain();
    let size = u32::try_from(sent.len()).unwrap();
    let with = |max_message_bytes, segment_bytes| LogConfig {
        max_message_bytes,
        segment_bytes,
        ..LogConfig::default()
    };
    assert!(check(&sent, &with(size, size)).is_ok());
    assert!(matches!(
        check(&sent, &with(size - 1, size)),
        Err(Refusal::TooLarge { .. })
    ));
    assert!(matches!(
        check(&sent, &with(size, size - 1)),
        Err(Refusal::LargerThanSegment { .. })
    ));
    let gzip = BatchOptions {
        compression: Compression::Gzip,
        ..BatchOptions::default()
    };
    let sent = build(gzip, &[NOW.as_millis(); 500]);
    let config = LogConfig {
        compression: Some(Compression::None),
        ..with(5000, 100_000)
    };
    assert!(sent.len() < 5000);
    assert!(matches!(
        check(&sent, &config),
        Err(Refusal::TooLarge { .. })
    ));
}

#[test]
fn a_topic_with_a_codec_of_its_own_compresses_again_and_keeps_the_records() {
    let producer = Producer {
        id: ProducerId::new(5),
        epoch: ProducerEpoch::new(2),
        base_sequence: Some(9),
    };
    for sent_as in Compression::ALL {
        for stored_as in Compression::ALL {
            let options = BatchOptions {
                compression: sent_as,
                producer: Some(producer),
                ..BatchOptions::default()
            };
            let now = NOW.as_millis();
            let sent = build(options, &[now, now - 7, now + 3]);
            let config = LogConfig {
                compression: Some(stored_as),
                ..LogConfig::default()
            };
            let validated = check(&sent, &config).unwrap();
            let header = validated.header;
            assert_eq!(header.compression(), stored_as);
            assert_eq!(
                matches!(validated.bytes, Cow::Borrowed(_)),
                sent_as == stored_as
            );
            assert_eq!(
                (header.producer_id, header.base_sequence),
                (Some(producer.id), Some(9))
            );
            assert_eq!(header.max_timestamp, Timestamp::from_millis(now + 3));
            verify_crc(&validated.bytes).unwrap();
            let stored = decompress(stored_as, &validated.bytes[61..], 10_000).unwrap();
            let uncompressed = build(BatchOptions::default(), &[now, now - 7, now + 3]);
            assert_eq!(stored, &uncompressed[61..], "{sent_as:?} to {stored_as:?}");
        }
    }
}

#[test]
fn a_quorum_leader_keeps_its_offsets_and_a_coordinator_may_write_markers() {
    let config = LogConfig::default();
    let options = BatchOptions {
        base_offset: Offset::new(7),
        is_control: true,
        ..BatchOptions::default()
    };
    let bytes = build(options, &[1]);
    assert!(validate(&bytes, &config, Origin::RaftLeader, NOW).is_ok());
    assert!(
        validate(&bytes, &config, Origin::Coordinator, NOW).is_err(),
        "offsets are the log's"
    );
    let options = BatchOptions {
        is_control: true,
        ..BatchOptions::default()
    };
    assert!(
        validate(
            &build(options, &[NOW.as_millis()]),
            &config,
            Origin::Coordinator,
            NOW
        )
        .is_ok()
    );
}

#[test]
fn hostile_bytes_are_refused_and_never_panic() {
    let config = LogConfig::default();
    let good = plain();
    for place in 0..good.len() {
        for bit in 0..8 {
            let mut bytes = good.clone();
            bytes[place] ^= 1 << bit;
            let _ = check(&bytes, &config);
            let fixed = changed(good.clone(), place, &[bytes[place]]);
            let _ = check(&fixed, &config);
        }
    }
}
