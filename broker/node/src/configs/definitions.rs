//! The configs of a broker that are not defaults of topics': names, types, defaults, allowed values.
//!
//! In: nothing. Out: one table, in the order of names: what Kafka 4.3 can change while it runs, and
//! what we can besides. What has no effect here says so. Never here: a value that someone set; what
//! Kafka would protect connections with, which must not be accepted in vain.

use broker_log::config::{Allowed, Definition, Effect, Kind};

const fn define(
    name: &'static str,
    kind: Kind,
    default: &'static str,
    allowed: Allowed,
    effect: Effect,
    documentation: &'static str,
) -> Definition {
    Definition {
        name,
        kind,
        default,
        allowed,
        synonyms: &[],
        effect,
        is_internal: false,
        documentation,
    }
}

/// A number of 32 bits that is at least `min`.
const fn int(
    name: &'static str,
    default: &'static str,
    min: i64,
    effect: Effect,
    documentation: &'static str,
) -> Definition {
    let allowed = Allowed::AtLeast(min);
    define(name, Kind::Int, default, allowed, effect, documentation)
}

/// A number of 64 bits that is at least `min`.
const fn long(
    name: &'static str,
    default: &'static str,
    min: i64,
    effect: Effect,
    documentation: &'static str,
) -> Definition {
    let allowed = Allowed::AtLeast(min);
    define(name, Kind::Long, default, allowed, effect, documentation)
}

const APPLIES: Effect = Effect::Applies;
const BUFFERS: Effect = Effect::NotYet("coordinators keep no buffers");
const CLASSIC: Effect = Effect::NotYet("only the classic protocol of groups is served");
const CLEANER: Effect = Effect::NotYet("the cleaner takes a chunk of a fixed size at a time");
const CONNECTIONS: Effect = Effect::NotYet("only the broker's own bound on connections holds");
const RATES: Effect = Effect::NotYet("replication is not throttled");
const SASL: Effect = Effect::NotYet("clients are not authenticated yet");
const THREADS: Effect = Effect::NotYet("the broker itself decides how many threads it starts");
const TIERS: Effect = Effect::NotYet("there is no tiered storage");
const TXN: Effect = Effect::NotYet("there are no transactions yet");

/// All of them, sorted by name.
pub const BROKER_CONFIGS: &[Definition] = &[
    define(
        "auto.create.topics.enable",
        Kind::Boolean,
        "true",
        Allowed::Any,
        APPLIES,
        "Whether a topic is created when a client asks for one that does not exist.",
    ),
    int(
        "background.threads",
        "10",
        1,
        THREADS,
        "Threads for work in the background.",
    ),
    define(
        "default.replication.factor",
        Kind::Int,
        "1",
        Allowed::Between {
            min: 1,
            max: 32_767,
        },
        APPLIES,
        "Replicas of a topic that is created without saying how many.",
    ),
    define(
        "delete.topic.enable",
        Kind::Boolean,
        "true",
        Allowed::Any,
        APPLIES,
        "Whether topics may be deleted.",
    ),
    define(
        "follower.fetch.last.tiered.offset.enable",
        Kind::Boolean,
        "false",
        Allowed::Any,
        TIERS,
        "Whether a new follower begins where the tier ends.",
    ),
    long(
        "follower.replication.throttled.rate",
        "9223372036854775807",
        0,
        RATES,
        "Bytes a second that throttled replicas may fetch.",
    ),
    int(
        "group.consumer.assignment.interval.ms",
        "1000",
        0,
        CLASSIC,
        "Shortest time between two assignments of a consumer group.",
    ),
    int(
        "group.coordinator.cached.buffer.max.bytes",
        "1048588",
        524_288,
        BUFFERS,
        "Largest buffer for appends that a coordinator keeps.",
    ),
    int(
        "group.initial.rebalance.delay.ms",
        "3000",
        0,
        APPLIES,
        "Time that an empty group waits for more members before its first rebalance.",
    ),
    int(
        "group.max.session.timeout.ms",
        "1800000",
        0,
        APPLIES,
        "Longest session timeout that a member of a group may have.",
    ),
    int(
        "group.max.size",
        "2147483647",
        1,
        APPLIES,
        "Members that a group may have.",
    ),
    int(
        "group.min.session.timeout.ms",
        "6000",
        0,
        APPLIES,
        "Shortest session timeout that a member of a group may have.",
    ),
    int(
        "group.share.assignment.interval.ms",
        "1000",
        0,
        CLASSIC,
        "Shortest time between two assignments of a share group.",
    ),
    int(
        "group.streams.assignment.interval.ms",
        "1000",
        0,
        CLASSIC,
        "Shortest time between two assignments of a streams group.",
    ),
    long(
        "leader.replication.throttled.rate",
        "9223372036854775807",
        0,
        RATES,
        "Bytes a second that are sent to throttled replicas.",
    ),
    long(
        "log.cleaner.backoff.ms",
        "15000",
        0,
        APPLIES,
        "Pause of the cleaner when there is nothing to compact.",
    ),
    long(
        "log.cleaner.dedupe.buffer.size",
        "134217728",
        0,
        APPLIES,
        "Memory in which the cleaner keeps keys.",
    ),
    define(
        "log.cleaner.io.buffer.load.factor",
        Kind::Double,
        "0.9",
        Allowed::Any,
        CLEANER,
        "How full the cleaner's memory for keys may get.",
    ),
    int(
        "log.cleaner.io.buffer.size",
        "524288",
        0,
        CLEANER,
        "Memory in which the cleaner reads and writes.",
    ),
    define(
        "log.cleaner.io.max.bytes.per.second",
        Kind::Double,
        "1.7976931348623157E308",
        Allowed::Any,
        APPLIES,
        "Bytes a second that the cleaner reads and writes.",
    ),
    int(
        "log.cleaner.threads",
        "1",
        0,
        THREADS,
        "Threads that compact logs.",
    ),
    int(
        "max.connection.creation.rate",
        "2147483647",
        0,
        CONNECTIONS,
        "Connections a second that a broker accepts.",
    ),
    int(
        "max.connections",
        "2147483647",
        0,
        CONNECTIONS,
        "Connections that a broker has at once.",
    ),
    int(
        "max.connections.per.ip",
        "2147483647",
        0,
        CONNECTIONS,
        "Connections that a broker has from one address.",
    ),
    define(
        "max.connections.per.ip.overrides",
        Kind::String,
        "",
        Allowed::Any,
        CONNECTIONS,
        "Other limits for single addresses: address:number pairs separated by commas.",
    ),
    int(
        "num.io.threads",
        "8",
        1,
        THREADS,
        "Threads that handle requests.",
    ),
    int(
        "num.network.threads",
        "3",
        1,
        THREADS,
        "Threads that read requests and write answers.",
    ),
    int(
        "num.partitions",
        "1",
        1,
        APPLIES,
        "Partitions of a topic that is created without saying how many.",
    ),
    int(
        "num.recovery.threads.per.data.dir",
        "2",
        1,
        THREADS,
        "Threads that recover logs at the start.",
    ),
    int(
        "num.replica.fetchers",
        "1",
        1,
        THREADS,
        "Threads that fetch from each other broker.",
    ),
    int(
        "offset.metadata.max.bytes",
        "4096",
        0,
        APPLIES,
        "Bytes that a client may store with an offset.",
    ),
    int(
        "offsets.commit.timeout.ms",
        "5000",
        1,
        APPLIES,
        "Time that a commit of offsets may wait until it is safe.",
    ),
    long(
        "offsets.retention.check.interval.ms",
        "600000",
        1,
        APPLIES,
        "Time between two looks for offsets that are too old.",
    ),
    int(
        "offsets.retention.minutes",
        "10080",
        1,
        APPLIES,
        "Time after which the offsets of a group that nobody uses are forgotten.",
    ),
    int(
        "offsets.topic.num.partitions",
        "50",
        1,
        APPLIES,
        "Partitions of the topic in which groups keep their offsets; it counts when that is created.",
    ),
    define(
        "offsets.topic.replication.factor",
        Kind::Int,
        "3",
        Allowed::Between {
            min: 1,
            max: 32_767,
        },
        APPLIES,
        "Replicas of the topic in which groups keep their offsets, or as many as there are brokers.",
    ),
    int(
        "producer.id.expiration.ms",
        "86400000",
        1,
        APPLIES,
        "Time after its last batch at which an idempotent producer is forgotten.",
    ),
    int(
        "remote.fetch.max.wait.ms",
        "500",
        1,
        TIERS,
        "Longest wait for a read of tiered records.",
    ),
    long(
        "remote.list.offsets.request.timeout.ms",
        "30000",
        1,
        TIERS,
        "Longest wait for an offset in tiered records.",
    ),
    long(
        "remote.log.index.file.cache.total.size.bytes",
        "1073741824",
        1,
        TIERS,
        "Bytes of indexes of tiered segments that are kept.",
    ),
    int(
        "remote.log.manager.copier.thread.pool.size",
        "10",
        1,
        TIERS,
        "Threads that copy segments to the tier.",
    ),
    long(
        "remote.log.manager.copy.max.bytes.per.second",
        "9223372036854775807",
        1,
        TIERS,
        "Bytes a second that are copied to the tier.",
    ),
    int(
        "remote.log.manager.expiration.thread.pool.size",
        "10",
        1,
        TIERS,
        "Threads that delete tiered segments.",
    ),
    long(
        "remote.log.manager.fetch.max.bytes.per.second",
        "9223372036854775807",
        1,
        TIERS,
        "Bytes a second that are read from the tier.",
    ),
    int(
        "remote.log.manager.follower.thread.pool.size",
        "2",
        1,
        TIERS,
        "Threads with which followers learn what is tiered.",
    ),
    int(
        "remote.log.reader.threads",
        "10",
        1,
        TIERS,
        "Threads that read from the tier.",
    ),
    long(
        "replica.alter.log.dirs.io.max.bytes.per.second",
        "9223372036854775807",
        0,
        RATES,
        "Bytes a second with which replicas move between directories.",
    ),
    define(
        "sasl.kerberos.kinit.cmd",
        Kind::String,
        "/usr/bin/kinit",
        Allowed::Any,
        SASL,
        "Path of the kinit command.",
    ),
    define(
        "sasl.kerberos.min.time.before.relogin",
        Kind::Long,
        "60000",
        Allowed::Any,
        SASL,
        "Pause between two attempts to log in.",
    ),
    define(
        "sasl.kerberos.ticket.renew.jitter",
        Kind::Double,
        "0.05",
        Allowed::Any,
        SASL,
        "Part by which the time of renewal varies.",
    ),
    define(
        "sasl.kerberos.ticket.renew.window.factor",
        Kind::Double,
        "0.8",
        Allowed::Any,
        SASL,
        "Part of a ticket's life after which it is renewed.",
    ),
    define(
        "sasl.login.refresh.buffer.seconds",
        Kind::Int,
        "300",
        Allowed::Between { min: 0, max: 3_600 },
        SASL,
        "Time before a token's end at which it is renewed at the latest.",
    ),
    define(
        "sasl.login.refresh.min.period.seconds",
        Kind::Int,
        "60",
        Allowed::Between { min: 0, max: 900 },
        SASL,
        "Shortest time before a token is renewed.",
    ),
    define(
        "sasl.login.refresh.window.factor",
        Kind::Double,
        "0.8",
        Allowed::Any,
        SASL,
        "Part of a token's life after which it is renewed.",
    ),
    define(
        "sasl.login.refresh.window.jitter",
        Kind::Double,
        "0.05",
        Allowed::Any,
        SASL,
        "Part by which the time of renewal varies.",
    ),
    int(
        "share.coordinator.cached.buffer.max.bytes",
        "1048588",
        524_288,
        CLASSIC,
        "Largest buffer for appends that a coordinator of share groups keeps.",
    ),
    define(
        "tidemill.disk.min.free.bytes",
        Kind::Long,
        "-1",
        Allowed::AtLeast(-1),
        APPLIES,
        "Bytes of the disk that are kept free for the cluster's own records and for copies of what other brokers have taken: below that clients may not write. -1 is a twentieth of the disk, and 5 GiB at most.",
    ),
    define(
        "transaction.partition.verification.enable",
        Kind::Boolean,
        "true",
        Allowed::Any,
        TXN,
        "Whether a partition is known to belong to a transaction before records of it are appended.",
    ),
];
