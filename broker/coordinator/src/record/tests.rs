//! The bytes, against those that Kafka 4.3.1's own classes (`GroupCoordinatorRecordHelpers`,
//! `GroupCoordinatorRecordSerde`) wrote for the same values.

use broker_wire::messages::group_metadata_value::MemberMetadata;

use super::*;

const KAFKA_OFFSET_KEY: &str = "0001000567726f75700005746f70696300000003";
const KAFKA_OFFSET_WITH_TOPIC_ID: &str = concat!(
    "0004000000000000002a000000070768c3a96c6c6f0000018bcfe5687b",
    "0100100102030405060708090a0b0c0d0e0f10"
);
const KAFKA_OFFSET: &str = "0004000000000000002affffffff010000018bcfe5687b00";
const KAFKA_OFFSET_WITH_EXPIRY: &str = "0001000000000000002a00016d0000018bcfe5687b0000018bcfe58f0f";
const KAFKA_GROUP_KEY: &str = "0002000567726f7570";
const KAFKA_GROUP_V3: &str = concat!(
    "00030008636f6e73756d657200000005000572616e676500026d310000018bcfe5687b00000001",
    "00026d3100026931000163000a2f3132372e302e302e31000493e00000afc80000000201020000000103"
);
const KAFKA_GROUP_V4: &str = concat!(
    "000409636f6e73756d6572000000050672616e6765036d310000018bcfe5687b02",
    "036d3103693102630b2f3132372e302e302e31000493e00000afc803010202030000"
);
const KAFKA_EMPTY_GROUP: &str = "00030008636f6e73756d657200000006ffffffff0000018bcfe5687b00000000";

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|it| format!("{it:02x}")).collect()
}

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
        .collect()
}

fn hex_record(record: &GroupRecord) -> (String, Option<String>) {
    (hex(&record.key), record.value.as_deref().map(hex))
}

fn an_offset() -> CommittedOffset {
    CommittedOffset {
        offset: 42,
        leader_epoch: None,
        metadata: Str::new(),
        commit_timestamp: Timestamp::from_millis(1_700_000_000_123),
        expire_timestamp: None,
        topic_id: None,
    }
}

fn offsets() -> Vec<(CommittedOffset, &'static str)> {
    let with_topic_id = CommittedOffset {
        leader_epoch: Some(LeaderEpoch::new(7)),
        metadata: "héllo".into(),
        topic_id: Some(TopicId::from_bytes([
            1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16,
        ])),
        ..an_offset()
    };
    let with_expiry = CommittedOffset {
        metadata: "m".into(),
        expire_timestamp: Some(Timestamp::from_millis(1_700_000_009_999)),
        ..an_offset()
    };
    vec![
        (an_offset(), KAFKA_OFFSET),
        (with_topic_id, KAFKA_OFFSET_WITH_TOPIC_ID),
        (with_expiry, KAFKA_OFFSET_WITH_EXPIRY),
    ]
}

fn a_group() -> GroupMetadataValue {
    GroupMetadataValue {
        protocol_type: "consumer".into(),
        generation: 5,
        protocol: Some("range".into()),
        leader: Some("m1".into()),
        current_state_timestamp: 1_700_000_000_123,
        members: vec![MemberMetadata {
            member_id: "m1".into(),
            group_instance_id: Some("i1".into()),
            client_id: "c".into(),
            client_host: "/127.0.0.1".into(),
            rebalance_timeout: 300_000,
            session_timeout: 45_000,
            subscription: Bytes::from_static(&[1, 2]),
            assignment: Bytes::from_static(&[3]),
            ..MemberMetadata::default()
        }],
        ..GroupMetadataValue::default()
    }
}

fn an_empty_group() -> GroupMetadataValue {
    GroupMetadataValue {
        generation: 6,
        protocol: None,
        leader: None,
        members: Vec::new(),
        ..a_group()
    }
}

#[test]
fn offsets_are_written_as_kafka_writes_them() {
    for (value, bytes) in offsets() {
        let record = offset("group", "topic", 3, &value);
        let expected = (KAFKA_OFFSET_KEY.to_owned(), Some(bytes.to_owned()));
        assert_eq!(hex_record(&record), expected);
    }
    let tombstone = offset_tombstone("group", "topic", 3);
    assert_eq!(hex_record(&tombstone), (KAFKA_OFFSET_KEY.to_owned(), None));
}

#[test]
fn groups_are_written_as_kafka_writes_them() {
    for (value, bytes) in [
        (a_group(), KAFKA_GROUP_V3),
        (an_empty_group(), KAFKA_EMPTY_GROUP),
    ] {
        let record = group_metadata("group", &value);
        let expected = (KAFKA_GROUP_KEY.to_owned(), Some(bytes.to_owned()));
        assert_eq!(hex_record(&record), expected);
    }
    assert_eq!(
        hex_record(&group_tombstone("group")),
        (KAFKA_GROUP_KEY.to_owned(), None)
    );
}

#[test]
fn offsets_are_read_in_every_version_that_kafka_wrote() {
    // Version 0 and 3 by hand: without and with a leader epoch, no tagged fields.
    let version_0 = "0000000000000000002a00000000018bcfe5687b";
    let version_3 = "0003000000000000002affffffff00000000018bcfe5687b";
    let mut cases = offsets();
    cases.push((an_offset(), version_0));
    cases.push((an_offset(), version_3));
    for key in [
        KAFKA_OFFSET_KEY.to_owned(),
        KAFKA_OFFSET_KEY.replacen("0001", "0000", 1),
    ] {
        for (value, bytes) in &cases {
            let loaded = decode(&unhex(&key), Some(&unhex(bytes))).unwrap();
            let expected = Loaded::Offset {
                group: "group".into(),
                topic: "topic".into(),
                partition: 3,
                offset: Some(value.clone()),
            };
            assert_eq!(loaded, expected, "{bytes}");
        }
        let tombstone = decode(&unhex(&key), None).unwrap();
        assert!(matches!(tombstone, Loaded::Offset { offset: None, .. }));
    }
}

#[test]
fn groups_are_read_in_the_flexible_version_too() {
    for bytes in [KAFKA_GROUP_V3, KAFKA_GROUP_V4] {
        let loaded = decode(&unhex(KAFKA_GROUP_KEY), Some(&unhex(bytes))).unwrap();
        let expected = Loaded::Group {
            group: "group".into(),
            value: Some(a_group()),
        };
        assert_eq!(loaded, expected);
    }
}

#[test]
fn records_of_other_kinds_are_left_alone() {
    for record_type in [3_i16, 8, 17, 99] {
        let mut key = record_type.to_be_bytes().to_vec();
        key.extend_from_slice(b"whatever");
        assert_eq!(
            decode(&key, Some(b"?")).unwrap(),
            Loaded::Other,
            "{record_type}"
        );
    }
}

#[test]
fn damaged_records_are_errors_and_never_panics() {
    for (key, value) in [
        (KAFKA_OFFSET_KEY, KAFKA_OFFSET_WITH_TOPIC_ID),
        (KAFKA_GROUP_KEY, KAFKA_GROUP_V3),
        (KAFKA_GROUP_KEY, KAFKA_GROUP_V4),
    ] {
        let (key, value) = (unhex(key), unhex(value));
        for length in 0..key.len() {
            assert!(
                decode(&key[..length], Some(&value)).is_err(),
                "key of {length} bytes"
            );
        }
        for length in 0..value.len() {
            assert!(
                decode(&key, Some(&value[..length])).is_err(),
                "value of {length} bytes"
            );
        }
        let mut of_the_future = value.clone();
        of_the_future[1] = 99;
        assert!(decode(&key, Some(&of_the_future)).is_err());
    }
}
