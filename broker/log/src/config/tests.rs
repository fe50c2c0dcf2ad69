//! What each topic config accepts and refuses.

use super::*;

fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    let owned = |(key, value): &(&str, &str)| ((*key).to_owned(), (*value).to_owned());
    pairs.iter().map(owned).collect()
}

fn parse(pairs: &[(&str, &str)]) -> Result<LogConfig, Error> {
    LogConfig::parse(&map(pairs), &BTreeMap::new())
}

#[test]
fn the_table_is_sorted_documented_and_valid() {
    assert!(DEFINITIONS.windows(2).all(|it| it[0].name < it[1].name));
    // As `LogConfig.configDefCopy()` of Kafka 4.3.1 lists them.
    assert_eq!(DEFINITIONS.len(), 34);
    for definition in DEFINITIONS {
        assert!(!definition.documentation.is_empty(), "{}", definition.name);
        let has_default = !definition.is_internal;
        assert_eq!(
            definition.accepts(definition.default),
            has_default,
            "{}",
            definition.name
        );
    }
}

#[test]
fn values_are_judged_as_kafka_judges_them() {
    // Each line was put to `LogConfig.validate` of Kafka 4.3.1.
    let cases = [
        ("cleanup.policy", "", true),
        ("cleanup.policy", "compact,delete", true),
        ("cleanup.policy", "compact, delete", true),
        ("cleanup.policy", "compact,compact", true),
        ("cleanup.policy", "none", false),
        ("cleanup.policy", "Delete", false),
        ("cleanup.policy", " delete ", true),
        ("cleanup.policy", ",", false),
        ("cleanup.policy", "delete,", false),
        ("retention.ms", "-1", true),
        ("retention.ms", "-2", false),
        ("retention.ms", " 5 ", true),
        ("retention.ms", "+5", true),
        ("retention.ms", "5.0", false),
        ("retention.ms", "", false),
        ("retention.ms", "99999999999999999999", false),
        ("retention.bytes", "-7", true),
        ("segment.bytes", "100", false),
        ("segment.bytes", "1048576", true),
        ("internal.segment.bytes", "100", true),
        ("compression.type", "none", false),
        ("compression.type", "uncompressed", true),
        ("compression.type", "GZIP", false),
        ("compression.gzip.level", "0", false),
        ("compression.gzip.level", "-1", true),
        ("compression.lz4.level", "0", false),
        ("compression.zstd.level", "23", false),
        ("compression.zstd.level", "-131072", true),
        ("min.cleanable.dirty.ratio", "1.1", false),
        ("min.cleanable.dirty.ratio", "0.5", true),
        ("min.cleanable.dirty.ratio", "abc", false),
        ("preallocate", "TRUE", true),
        ("preallocate", "yes", false),
        ("leader.replication.throttled.replicas", "*", true),
        ("leader.replication.throttled.replicas", "0:1,1:2", true),
        ("leader.replication.throttled.replicas", "0:1,*", false),
        ("leader.replication.throttled.replicas", "none", false),
        (
            "follower.replication.throttled.replicas",
            " 0:1 , 1:2",
            true,
        ),
        ("local.retention.ms", "-3", false),
        ("remote.log.copy.disable", "true", true),
        ("remote.storage.enable", "true", false),
        ("remote.storage.enable", "false", true),
        ("message.timestamp.type", "createtime", false),
        ("flush.ms", "-1", false),
        ("min.insync.replicas", "0", false),
        ("min.insync.replicas", "abc", false),
        ("max.message.bytes", "2147483648", false),
        ("segment.index.bytes", "3", false),
    ];
    for (name, value, is_valid) in cases {
        assert_eq!(parse(&[(name, value)]).is_ok(), is_valid, "{name}={value}");
    }
}

#[test]
fn unknown_names_and_conflicts_are_refused() {
    for name in [
        "nope",
        "message.format.version",
        "message.downconversion.enable",
    ] {
        let name_owned = name.to_owned();
        assert_eq!(
            parse(&[(name, "1")]),
            Err(Error::UnknownName { name: name_owned })
        );
    }
    let lags = [
        ("min.compaction.lag.ms", "10"),
        ("max.compaction.lag.ms", "5"),
    ];
    let own = map(&lags);
    assert_eq!(
        LogConfig::check(&own),
        Err(Error::CompactionLags { min: 10, max: 5 })
    );
    // Each is allowed by itself, and a broker's may meet another of the topic later.
    let broker = map(&[
        ("log.cleaner.min.compaction.lag.ms", "10"),
        ("log.cleaner.max.compaction.lag.ms", "5"),
    ]);
    assert!(LogConfig::parse(&BTreeMap::new(), &broker).is_ok());
    assert!(LogConfig::parse(&own, &BTreeMap::new()).is_ok());
}

#[test]
fn an_error_says_the_key_and_what_it_takes() {
    let error = parse(&[("segment.bytes", "100")]).unwrap_err();
    let text =
        "invalid value `100` for segment.bytes: it takes a number of 32 bits, at least 1048576";
    assert_eq!(error.to_string(), text);
}

#[test]
fn defaults_are_kafkas() {
    let config = LogConfig::default();
    assert_eq!(config.max_message_bytes, 1_048_588);
    assert_eq!(config.segment_bytes, 1 << 30);
    assert_eq!(config.retention_ms, Some(604_800_000));
    assert_eq!(config.retention_bytes, None);
    assert_eq!(config.compression, None);
    assert_eq!(config.message_timestamp_before_max_ms, i64::MAX as u64);
    assert!(config.cleanup_policy.delete && !config.cleanup_policy.compact);
}

#[test]
fn a_topic_prevails_over_the_broker_and_milliseconds_over_hours() {
    let broker = map(&[("log.retention.hours", "2"), ("log.retention.minutes", "3")]);
    let retention = |topic: &[(&str, &str)], broker: &BTreeMap<String, String>| {
        LogConfig::parse(&map(topic), broker).unwrap().retention_ms
    };
    assert_eq!(retention(&[], &broker), Some(180_000));
    assert_eq!(retention(&[("retention.ms", "7")], &broker), Some(7));
    assert_eq!(retention(&[], &map(&[("log.retention.hours", "-1")])), None);
    let definition = definition("segment.ms").unwrap();
    let set = map(&[("log.roll.hours", "1")]);
    let (synonym, value) = definition.broker_default(&set).unwrap();
    assert_eq!(
        (synonym.name, value.as_str()),
        ("log.roll.hours", "3600000")
    );
}
