//! The topic configs of Kafka 4.3: names, types, defaults, allowed values, broker-wide names.
//!
//! In: nothing. Out: one table, in the order of names. Never here: a value that someone set.

use super::{Allowed, Definition, Effect, Kind, Synonym};

const fn define(name: &'static str, kind: Kind, default: &'static str) -> Definition {
    Definition {
        name,
        kind,
        default,
        allowed: Allowed::Any,
        synonyms: &[],
        effect: Effect::Applies,
        is_internal: false,
        documentation: "",
    }
}

const fn named(name: &'static str) -> Synonym {
    Synonym {
        name,
        multiplier: 1,
    }
}

const fn hours(name: &'static str) -> Synonym {
    Synonym {
        name,
        multiplier: 3_600_000,
    }
}

const LONG_MAX: &str = "9223372036854775807";
const NO_TIERS: Effect = Effect::NotYet("there is no tiered storage");
const DURABLE: Effect = Effect::NotYet(
    "records are synced before they are acknowledged, which is sooner than any value asks for",
);

/// All topic configs, sorted by name.
pub const DEFINITIONS: &[Definition] = &[
    Definition {
        allowed: Allowed::SomeOf(&["compact", "delete"]),
        synonyms: &[named("log.cleanup.policy")],
        documentation: "What becomes of old segments: \"delete\" discards them by time and size, \"compact\" keeps the last record of each key. Both may be given, separated by a comma; an empty list keeps everything.",
        ..define("cleanup.policy", Kind::List, "delete")
    },
    Definition {
        allowed: Allowed::BetweenOr {
            min: 1,
            max: 9,
            or: -1,
        },
        synonyms: &[named("compression.gzip.level")],
        documentation: "Level at which the broker compresses with gzip when compression.type asks for it; -1 is the codec's default.",
        ..define("compression.gzip.level", Kind::Int, "-1")
    },
    Definition {
        allowed: Allowed::Between { min: 1, max: 17 },
        synonyms: &[named("compression.lz4.level")],
        effect: Effect::NotYet("lz4 compresses alike at all levels"),
        documentation: "Level at which the broker compresses with lz4 when compression.type asks for it.",
        ..define("compression.lz4.level", Kind::Int, "9")
    },
    Definition {
        allowed: Allowed::OneOf(&["uncompressed", "zstd", "lz4", "snappy", "gzip", "producer"]),
        synonyms: &[named("compression.type")],
        documentation: "Codec in which records are stored. With \"producer\" batches are kept as they were sent; with another value batches in a different codec are compressed again.",
        ..define("compression.type", Kind::String, "producer")
    },
    Definition {
        allowed: Allowed::Between {
            min: -131_072,
            max: 22,
        },
        synonyms: &[named("compression.zstd.level")],
        documentation: "Level at which the broker compresses with zstd when compression.type asks for it.",
        ..define("compression.zstd.level", Kind::Int, "3")
    },
    Definition {
        allowed: Allowed::AtLeast(0),
        synonyms: &[named("log.cleaner.delete.retention.ms")],
        documentation: "How long a compacted topic keeps the records that delete a key, so that a consumer who began at the start sees them.",
        ..define("delete.retention.ms", Kind::Long, "86400000")
    },
    Definition {
        allowed: Allowed::AtLeast(0),
        synonyms: &[named("log.segment.delete.delay.ms")],
        documentation: "How long the files of a deleted segment stay on the disk, for readers that have begun with them. On a disk that is almost full they go at once.",
        ..define("file.delete.delay.ms", Kind::Long, "60000")
    },
    Definition {
        allowed: Allowed::AtLeast(1),
        synonyms: &[named("log.flush.interval.messages")],
        effect: DURABLE,
        documentation: "Records after which a log is synced.",
        ..define("flush.messages", Kind::Long, LONG_MAX)
    },
    Definition {
        allowed: Allowed::AtLeast(0),
        synonyms: &[
            named("log.flush.interval.ms"),
            named("log.flush.scheduler.interval.ms"),
        ],
        effect: DURABLE,
        documentation: "Time after which a log is synced.",
        ..define("flush.ms", Kind::Long, LONG_MAX)
    },
    Definition {
        allowed: Allowed::ThrottledReplicas,
        documentation: "Replicas whose replication is throttled at the follower: partition:broker pairs separated by commas, or * for all.",
        ..define("follower.replication.throttled.replicas", Kind::List, "")
    },
    Definition {
        allowed: Allowed::AtLeast(0),
        synonyms: &[named("log.index.interval.bytes")],
        documentation: "Bytes of records between two entries of a segment's indexes. Smaller means larger indexes and shorter searches.",
        ..define("index.interval.bytes", Kind::Int, "4096")
    },
    Definition {
        is_internal: true,
        documentation: "Size of a segment, without the lower bound that segment.bytes has. For tests.",
        ..define("internal.segment.bytes", Kind::Int, "")
    },
    Definition {
        allowed: Allowed::ThrottledReplicas,
        documentation: "Replicas whose replication is throttled at the leader: partition:broker pairs separated by commas, or * for all.",
        ..define("leader.replication.throttled.replicas", Kind::List, "")
    },
    Definition {
        allowed: Allowed::AtLeast(-2),
        synonyms: &[named("log.local.retention.bytes")],
        effect: NO_TIERS,
        documentation: "Bytes of a partition kept on the broker's own disk when older segments are tiered; -2 means retention.bytes.",
        ..define("local.retention.bytes", Kind::Long, "-2")
    },
    Definition {
        allowed: Allowed::AtLeast(-2),
        synonyms: &[named("log.local.retention.ms")],
        effect: NO_TIERS,
        documentation: "Time for which segments stay on the broker's own disk when older ones are tiered; -2 means retention.ms.",
        ..define("local.retention.ms", Kind::Long, "-2")
    },
    Definition {
        allowed: Allowed::AtLeast(1),
        synonyms: &[named("log.cleaner.max.compaction.lag.ms")],
        documentation: "Longest time that a record of a compacted topic may wait to be compacted.",
        ..define("max.compaction.lag.ms", Kind::Long, LONG_MAX)
    },
    Definition {
        allowed: Allowed::AtLeast(0),
        synonyms: &[named("message.max.bytes")],
        documentation: "Largest record batch that is accepted, as sent and as stored.",
        ..define("max.message.bytes", Kind::Int, "1048588")
    },
    Definition {
        allowed: Allowed::AtLeast(0),
        synonyms: &[named("log.message.timestamp.after.max.ms")],
        documentation: "How far a record's timestamp may lie after the broker's clock. Has no meaning with LogAppendTime.",
        ..define("message.timestamp.after.max.ms", Kind::Long, "3600000")
    },
    Definition {
        allowed: Allowed::AtLeast(0),
        synonyms: &[named("log.message.timestamp.before.max.ms")],
        documentation: "How far a record's timestamp may lie before the broker's clock. Has no meaning with LogAppendTime.",
        ..define("message.timestamp.before.max.ms", Kind::Long, LONG_MAX)
    },
    Definition {
        allowed: Allowed::OneOf(&["CreateTime", "LogAppendTime"]),
        synonyms: &[named("log.message.timestamp.type")],
        documentation: "Whose clock a record's timestamp comes from: the producer's or the broker's.",
        ..define("message.timestamp.type", Kind::String, "CreateTime")
    },
    Definition {
        allowed: Allowed::Ratio,
        synonyms: &[named("log.cleaner.min.cleanable.ratio")],
        documentation: "Part of a log that must be uncompacted before it is compacted again.",
        ..define("min.cleanable.dirty.ratio", Kind::Double, "0.5")
    },
    Definition {
        allowed: Allowed::AtLeast(0),
        synonyms: &[named("log.cleaner.min.compaction.lag.ms")],
        documentation: "Shortest time that a record of a compacted topic stays uncompacted.",
        ..define("min.compaction.lag.ms", Kind::Long, "0")
    },
    Definition {
        allowed: Allowed::AtLeast(1),
        synonyms: &[named("min.insync.replicas")],
        documentation: "Replicas, the leader among them, that must be in sync for a write with acks=all to succeed and for any record to become visible.",
        ..define("min.insync.replicas", Kind::Int, "1")
    },
    Definition {
        synonyms: &[named("log.preallocate")],
        documentation: "Whether the disk sets the full size of a segment aside when it is begun. Its file is as long as what is in it all the same.",
        ..define("preallocate", Kind::Boolean, "false")
    },
    Definition {
        effect: NO_TIERS,
        documentation: "Whether a tiered topic stops copying new segments.",
        ..define("remote.log.copy.disable", Kind::Boolean, "false")
    },
    Definition {
        effect: NO_TIERS,
        documentation: "Whether tiered segments are deleted when tiering is switched off.",
        ..define("remote.log.delete.on.disable", Kind::Boolean, "false")
    },
    Definition {
        allowed: Allowed::NoTieredStorage,
        effect: NO_TIERS,
        documentation: "Whether old segments of the topic are tiered. Only false is accepted.",
        ..define("remote.storage.enable", Kind::Boolean, "false")
    },
    Definition {
        synonyms: &[named("log.retention.bytes")],
        documentation: "Bytes that a partition may hold before its oldest segments are deleted; negative means no limit.",
        ..define("retention.bytes", Kind::Long, "-1")
    },
    Definition {
        allowed: Allowed::AtLeast(-1),
        synonyms: &[
            named("log.retention.ms"),
            Synonym {
                name: "log.retention.minutes",
                multiplier: 60_000,
            },
            hours("log.retention.hours"),
        ],
        documentation: "Time for which records are kept, by the greatest timestamp in their segment; -1 means for ever.",
        ..define("retention.ms", Kind::Long, "604800000")
    },
    Definition {
        allowed: Allowed::AtLeast(1_048_576),
        synonyms: &[named("log.segment.bytes")],
        documentation: "Size of a segment. Old records are deleted a segment at a time.",
        ..define("segment.bytes", Kind::Int, "1073741824")
    },
    Definition {
        allowed: Allowed::AtLeast(4),
        synonyms: &[named("log.index.size.max.bytes")],
        documentation: "Size that a segment's index may reach before the next segment begins.",
        ..define("segment.index.bytes", Kind::Int, "10485760")
    },
    Definition {
        allowed: Allowed::AtLeast(0),
        synonyms: &[named("log.roll.jitter.ms"), hours("log.roll.jitter.hours")],
        documentation: "Most time by which segment.ms is shortened, by another amount for each segment, so that not all begin a new one at once.",
        ..define("segment.jitter.ms", Kind::Long, "0")
    },
    Definition {
        allowed: Allowed::AtLeast(1),
        synonyms: &[named("log.roll.ms"), hours("log.roll.hours")],
        documentation: "Time after which the next segment begins even though the last one is not full.",
        ..define("segment.ms", Kind::Long, "604800000")
    },
    Definition {
        synonyms: &[named("unclean.leader.election.enable")],
        documentation: "Whether a replica that is not in sync may lead when no other one can, at the price of losing records.",
        ..define("unclean.leader.election.enable", Kind::Boolean, "false")
    },
];
