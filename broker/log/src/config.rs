//! What can be set for a topic: Kafka's names, types, defaults and allowed values.
//!
//! In: names and values as texts. Out: a [`LogConfig`], or an error that names the key and what it
//! allows; the table behind it, for whoever describes configs.
//! Never here: I/O, or where a value was set.

mod definitions;

use std::collections::BTreeMap;
use std::fmt;

use broker_wire::compression::Compression;
use broker_wire::record_batch::TimestampType;

pub use definitions::DEFINITIONS;

/// Type of a config's value (`DescribeConfigsResponse`, field `ConfigType`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Boolean,
    String,
    Int,
    Long,
    Double,
    List,
}

/// Values that a config accepts, beside being of its type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Allowed {
    Any,
    AtLeast(i64),
    Between {
        min: i64,
        max: i64,
    },
    BetweenOr {
        min: i64,
        max: i64,
        or: i64,
    },
    /// Exactly one of these words.
    OneOf(&'static [&'static str]),
    /// A list of these words, which may be empty.
    SomeOf(&'static [&'static str]),
    /// From 0 to 1.
    Ratio,
    /// `*`, or a list of `partition:broker`.
    ThrottledReplicas,
    /// Only `false`.
    NoTieredStorage,
}

impl fmt::Display for Allowed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Allowed::Any => formatter.write_str("any value of its type"),
            Allowed::AtLeast(min) => write!(formatter, "at least {min}"),
            Allowed::Between { min, max } => write!(formatter, "{min} to {max}"),
            Allowed::BetweenOr { min, max, or } => write!(formatter, "{min} to {max}, or {or}"),
            Allowed::OneOf(words) => write!(formatter, "one of {}", words.join(", ")),
            Allowed::SomeOf(words) => {
                write!(formatter, "a list, maybe empty, of {}", words.join(", "))
            }
            Allowed::Ratio => formatter.write_str("0 to 1"),
            Allowed::ThrottledReplicas => {
                formatter.write_str("*, or a list of partition:broker pairs")
            }
            Allowed::NoTieredStorage => {
                formatter.write_str("only false, for there is no tiered storage")
            }
        }
    }
}

/// A name under which a broker-wide default of a topic config is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Synonym {
    pub name: &'static str,
    /// What the broker-wide value is multiplied with: it may be in minutes or hours.
    pub multiplier: i64,
}

/// Whether a config does what it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    Applies,
    /// It is checked and kept, and changes nothing, for this reason.
    NotYet(&'static str),
}

/// One topic config.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Definition {
    pub name: &'static str,
    pub kind: Kind,
    /// Kafka's default, as text.
    pub default: &'static str,
    pub allowed: Allowed,
    /// Broker-wide names, the first that is set wins.
    pub synonyms: &'static [Synonym],
    pub effect: Effect,
    /// Accepted, yet never described.
    pub is_internal: bool,
    pub documentation: &'static str,
}

/// Why a topic config is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    #[error("unknown topic config name: {name}")]
    UnknownName { name: String },
    #[error("invalid value `{value}` for {name}: it takes {kind}, {allowed}")]
    InvalidValue {
        name: &'static str,
        value: String,
        kind: Kind,
        allowed: Allowed,
    },
    #[error("min.compaction.lag.ms ({min}) is greater than max.compaction.lag.ms ({max})")]
    CompactionLags { min: i64, max: i64 },
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Kind::Boolean => "true or false",
            Kind::String => "a word",
            Kind::Int => "a number of 32 bits",
            Kind::Long => "a number of 64 bits",
            Kind::Double => "a number",
            Kind::List => "words separated by commas",
        })
    }
}

/// The definition of a topic config.
pub fn definition(name: &str) -> Option<&'static Definition> {
    DEFINITIONS.iter().find(|it| it.name == name)
}

impl Definition {
    /// Whether `value` may be set.
    ///
    /// # Errors
    /// [`Error::InvalidValue`], which says what may.
    pub fn check(&self, value: &str) -> Result<(), Error> {
        if self.accepts(value) {
            return Ok(());
        }
        Err(Error::InvalidValue {
            name: self.name,
            value: value.to_owned(),
            kind: self.kind,
            allowed: self.allowed,
        })
    }

    fn accepts(&self, value: &str) -> bool {
        match self.kind {
            Kind::Boolean => boolean(value).is_some_and(|it| self.allows_boolean(it)),
            Kind::Int => {
                let number = value.trim().parse::<i32>();
                number.is_ok_and(|it| self.allows_number(i64::from(it)))
            }
            Kind::Long => {
                let number = value.trim().parse::<i64>();
                number.is_ok_and(|it| self.allows_number(it))
            }
            Kind::Double => {
                let number = value.trim().parse::<f64>();
                let is_allowed = |it| self.allowed != Allowed::Ratio || (0.0..=1.0).contains(&it);
                number.is_ok_and(is_allowed)
            }
            Kind::String => self.allows_words(&[value.trim()]),
            Kind::List => self.allows_words(&words(value)),
        }
    }

    fn allows_boolean(&self, value: bool) -> bool {
        self.allowed != Allowed::NoTieredStorage || !value
    }

    fn allows_number(&self, value: i64) -> bool {
        match self.allowed {
            Allowed::AtLeast(min) => min <= value,
            Allowed::Between { min, max } => (min..=max).contains(&value),
            Allowed::BetweenOr { min, max, or } => (min..=max).contains(&value) || value == or,
            Allowed::Any
            | Allowed::OneOf(_)
            | Allowed::SomeOf(_)
            | Allowed::Ratio
            | Allowed::ThrottledReplicas
            | Allowed::NoTieredStorage => true,
        }
    }

    fn allows_words(&self, values: &[&str]) -> bool {
        match self.allowed {
            Allowed::OneOf(known) | Allowed::SomeOf(known) => {
                values.iter().all(|it| known.contains(it))
            }
            Allowed::ThrottledReplicas => {
                let is_pair = |it: &&str| {
                    let number = |it: &str| it.parse::<u32>().is_ok();
                    it.split_once(':')
                        .is_some_and(|(partition, broker)| number(partition) && number(broker))
                };
                values == ["*"] || values.iter().all(is_pair)
            }
            Allowed::Any
            | Allowed::AtLeast(_)
            | Allowed::Between { .. }
            | Allowed::BetweenOr { .. }
            | Allowed::Ratio
            | Allowed::NoTieredStorage => true,
        }
    }

    /// The broker-wide default that `broker` sets under one of the synonyms: which, and the value
    /// in the unit of the topic config. `None` when none is set, or not to a number where a
    /// number must be multiplied.
    pub fn broker_default(
        &self,
        broker: &BTreeMap<String, String>,
    ) -> Option<(&'static Synonym, String)> {
        let find = |synonym: &'static Synonym| {
            let value = broker.get(synonym.name)?;
            if synonym.multiplier == 1 {
                return Some((synonym, value.clone()));
            }
            let number = value.trim().parse::<i64>().ok()?;
            let product = number.saturating_mul(synonym.multiplier).max(-1);
            Some((synonym, product.to_string()))
        };
        self.synonyms.iter().find_map(find)
    }
}

/// Reads `true` and `false` as Kafka does, in capitals too.
pub fn boolean(value: &str) -> Option<bool> {
    let value = value.trim();
    if value.eq_ignore_ascii_case("true") {
        Some(true)
    } else {
        value.eq_ignore_ascii_case("false").then_some(false)
    }
}

/// The words of a list. No text is no words; a comma without a word is an empty one.
fn words(value: &str) -> Vec<&str> {
    match value.trim() {
        "" => Vec::new(),
        value => value.split(',').map(str::trim).collect(),
    }
}

/// What a log does, as its topic's configs and the broker-wide defaults say.
///
/// Limits that Kafka writes as -1 or as the greatest number are `None`.
#[derive(Clone, Debug, PartialEq)]
pub struct LogConfig {
    pub cleanup_policy: CleanupPolicy,
    /// `None` keeps each batch as its producer compressed it.
    pub compression: Option<Compression>,
    pub compression_level: Option<i32>,
    pub delete_retention_ms: u64,
    pub file_delete_delay_ms: u64,
    /// Records after which a log is synced whose records may else stay in the page cache.
    pub flush_messages: u64,
    /// The same, as time since the first of them.
    pub flush_ms: u64,
    pub index_interval_bytes: u32,
    pub max_compaction_lag_ms: u64,
    pub max_message_bytes: u32,
    pub message_timestamp_after_max_ms: u64,
    pub message_timestamp_before_max_ms: u64,
    pub message_timestamp_type: TimestampType,
    pub min_cleanable_dirty_ratio: f64,
    pub min_compaction_lag_ms: u64,
    pub min_insync_replicas: u32,
    pub preallocate: bool,
    pub retention_bytes: Option<u64>,
    pub retention_ms: Option<u64>,
    pub segment_bytes: u32,
    pub segment_index_bytes: u32,
    pub segment_jitter_ms: u64,
    pub segment_ms: u64,
    pub unclean_leader_election_enable: bool,
    /// Time after its last batch at which an idempotent producer is forgotten. A config of the
    /// broker alone: `producer.id.expiration.ms`.
    pub producer_id_expiration_ms: u64,
}

/// What becomes of old segments. Neither is set: they are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CleanupPolicy {
    pub compact: bool,
    pub delete: bool,
}

impl Default for LogConfig {
    /// Kafka's defaults.
    fn default() -> LogConfig {
        LogConfig::parse(&BTreeMap::new(), &BTreeMap::new())
            .expect("the table's defaults are valid")
    }
}

impl LogConfig {
    /// The config of a topic that sets `topic` on a broker that sets `broker`. Names in `broker`
    /// that no topic config goes by are left to others.
    ///
    /// # Errors
    /// The first key, in the order of names, that is unknown or has a value it may not have.
    pub fn parse(
        topic: &BTreeMap<String, String>,
        broker: &BTreeMap<String, String>,
    ) -> Result<LogConfig, Error> {
        for (name, value) in topic {
            match definition(name) {
                Some(definition) => definition.check(value)?,
                None => return Err(Error::UnknownName { name: name.clone() }),
            }
        }
        let values = Values { topic, broker };
        let policy = values.text("cleanup.policy")?;
        let has = |word| words(&policy).contains(&word);
        let codec = values.text("compression.type")?;
        let codec = match codec.trim() {
            "producer" => None,
            "uncompressed" => Some(Compression::None),
            name => Compression::ALL.into_iter().find(|it| it.name() == name),
        };
        let is_append_time = values.text("message.timestamp.type")?.trim() == "LogAppendTime";
        let segment_bytes = match values.text("internal.segment.bytes")?.trim().parse() {
            Ok(bytes) => bytes,
            Err(_) => values.number("segment.bytes")?,
        };
        Ok(LogConfig {
            cleanup_policy: CleanupPolicy {
                compact: has("compact"),
                delete: has("delete"),
            },
            compression: codec,
            compression_level: values.compression_level(codec)?,
            delete_retention_ms: values.number("delete.retention.ms")?,
            file_delete_delay_ms: values.number("file.delete.delay.ms")?,
            flush_messages: values.number("flush.messages")?,
            flush_ms: values.number("flush.ms")?,
            index_interval_bytes: values.number("index.interval.bytes")?,
            max_compaction_lag_ms: values.number("max.compaction.lag.ms")?,
            max_message_bytes: values.number("max.message.bytes")?,
            message_timestamp_after_max_ms: values.number("message.timestamp.after.max.ms")?,
            message_timestamp_before_max_ms: values.number("message.timestamp.before.max.ms")?,
            message_timestamp_type: if is_append_time {
                TimestampType::LogAppendTime
            } else {
                TimestampType::CreateTime
            },
            min_cleanable_dirty_ratio: values.number("min.cleanable.dirty.ratio")?,
            min_compaction_lag_ms: values.number("min.compaction.lag.ms")?,
            min_insync_replicas: values.number("min.insync.replicas")?,
            preallocate: boolean(&values.text("preallocate")?) == Some(true),
            retention_bytes: u64::try_from(values.long("retention.bytes")?).ok(),
            retention_ms: u64::try_from(values.long("retention.ms")?).ok(),
            segment_bytes,
            segment_index_bytes: values.number("segment.index.bytes")?,
            segment_jitter_ms: values.number("segment.jitter.ms")?,
            segment_ms: values.number("segment.ms")?,
            unclean_leader_election_enable: boolean(
                &values.text("unclean.leader.election.enable")?,
            ) == Some(true),
            producer_id_expiration_ms: broker
                .get("producer.id.expiration.ms")
                .and_then(|it| it.trim().parse().ok())
                .unwrap_or(PRODUCER_ID_EXPIRATION_MS),
        })
    }

    /// Checks the config of a topic as somebody sets it: each value, and that they go together. What
    /// passes is always understood by [`LogConfig::parse`], whatever the broker sets.
    ///
    /// # Errors
    /// As [`LogConfig::parse`]; and lags that exclude each other.
    pub fn check(topic: &BTreeMap<String, String>) -> Result<(), Error> {
        let broker = &BTreeMap::new();
        LogConfig::parse(topic, broker)?;
        let values = Values { topic, broker };
        let (min, max) = (
            values.long("min.compaction.lag.ms")?,
            values.long("max.compaction.lag.ms")?,
        );
        if min > max {
            return Err(Error::CompactionLags { min, max });
        }
        Ok(())
    }

    /// For a topic whose config is not understood: no record of it goes.
    pub fn keeping_all() -> LogConfig {
        LogConfig {
            cleanup_policy: CleanupPolicy {
                compact: false,
                delete: false,
            },
            retention_bytes: None,
            retention_ms: None,
            ..LogConfig::default()
        }
    }
}

/// Kafka's default of `producer.id.expiration.ms`: a day.
const PRODUCER_ID_EXPIRATION_MS: u64 = 86_400_000;

/// Where values are looked up: the topic's own, then the broker's, then the table's.
struct Values<'a> {
    topic: &'a BTreeMap<String, String>,
    broker: &'a BTreeMap<String, String>,
}

impl Values<'_> {
    fn text(&self, name: &'static str) -> Result<String, Error> {
        let definition = definition(name).expect("the table has every name that is looked up");
        if let Some(value) = self.topic.get(name) {
            return Ok(value.clone());
        }
        match definition.broker_default(self.broker) {
            Some((_, value)) => definition.check(&value).map(|()| value),
            None => Ok(definition.default.to_owned()),
        }
    }

    fn long(&self, name: &'static str) -> Result<i64, Error> {
        self.number(name)
    }

    fn number<T: std::str::FromStr>(&self, name: &'static str) -> Result<T, Error> {
        let value = self.text(name)?;
        let definition = definition(name).expect("the table has every name that is looked up");
        value.trim().parse().map_err(|_| Error::InvalidValue {
            name,
            value,
            kind: definition.kind,
            allowed: definition.allowed,
        })
    }

    fn compression_level(&self, codec: Option<Compression>) -> Result<Option<i32>, Error> {
        match codec {
            Some(Compression::Gzip) => {
                let level = self.number("compression.gzip.level")?;
                Ok((level != -1).then_some(level))
            }
            Some(Compression::Lz4) => self.number("compression.lz4.level").map(Some),
            Some(Compression::Zstd) => self.number("compression.zstd.level").map(Some),
            Some(Compression::None | Compression::Snappy) | None => Ok(None),
        }
    }
}

#[cfg(test)]
mod tests;
