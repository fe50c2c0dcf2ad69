//! The names of Kafka's configs that a Topic and a Cluster may set.
//!
//! In: nothing. Out: two lists, sorted, and the rules made of them. Never here: what a value may be;
//! the brokers know that.

use kube_core::{Message, Rule};

/// Kafka 4.3's topic configs (`TopicConfig`, `QuotaConfig`).
pub const TOPIC_CONFIG_KEYS: &[&str] = &[
    "cleanup.policy",
    "compression.gzip.level",
    "compression.lz4.level",
    "compression.type",
    "compression.zstd.level",
    "delete.retention.ms",
    "file.delete.delay.ms",
    "flush.messages",
    "flush.ms",
    "follower.replication.throttled.replicas",
    "index.interval.bytes",
    "leader.replication.throttled.replicas",
    "local.retention.bytes",
    "local.retention.ms",
    "max.compaction.lag.ms",
    "max.message.bytes",
    "message.timestamp.after.max.ms",
    "message.timestamp.before.max.ms",
    "message.timestamp.type",
    "min.cleanable.dirty.ratio",
    "min.compaction.lag.ms",
    "min.insync.replicas",
    "preallocate",
    "remote.log.copy.disable",
    "remote.log.delete.on.disable",
    "remote.storage.enable",
    "retention.bytes",
    "retention.ms",
    "segment.bytes",
    "segment.index.bytes",
    "segment.jitter.ms",
    "segment.ms",
    "unclean.leader.election.enable",
];

/// Kafka 4.3's broker configs that can be set for all brokers at once while they run: defaults of
/// topics (`DynamicLogConfig`), and what groups, producers, deletions, the cleaner and the balance of
/// leaderships go by, and which replica consumers read from.
pub const CLUSTER_CONFIG_KEYS: &[&str] = &[
    "auto.leader.rebalance.enable",
    "compression.gzip.level",
    "compression.lz4.level",
    "compression.type",
    "compression.zstd.level",
    "delete.topic.enable",
    "group.initial.rebalance.delay.ms",
    "group.max.session.timeout.ms",
    "group.max.size",
    "group.min.session.timeout.ms",
    "leader.imbalance.check.interval.seconds",
    "leader.imbalance.per.broker.percentage",
    "log.cleaner.backoff.ms",
    "log.cleaner.dedupe.buffer.size",
    "log.cleaner.delete.retention.ms",
    "log.cleaner.io.max.bytes.per.second",
    "log.cleaner.max.compaction.lag.ms",
    "log.cleaner.min.cleanable.ratio",
    "log.cleaner.min.compaction.lag.ms",
    "log.cleanup.policy",
    "log.flush.interval.messages",
    "log.flush.interval.ms",
    "log.index.interval.bytes",
    "log.index.size.max.bytes",
    "log.local.retention.bytes",
    "log.local.retention.ms",
    "log.message.timestamp.after.max.ms",
    "log.message.timestamp.before.max.ms",
    "log.message.timestamp.type",
    "log.preallocate",
    "log.retention.bytes",
    "log.retention.ms",
    "log.roll.jitter.ms",
    "log.roll.ms",
    "log.segment.bytes",
    "log.segment.delete.delay.ms",
    "message.max.bytes",
    "min.insync.replicas",
    "offset.metadata.max.bytes",
    "offsets.commit.timeout.ms",
    "offsets.retention.check.interval.ms",
    "offsets.retention.minutes",
    "producer.id.expiration.ms",
    "replica.selector.class",
    "tidemill.disk.min.free.bytes",
    "tidemill.scrub.interval.ms",
    "tidemill.scrub.max.bytes.per.second",
    "unclean.leader.election.enable",
];

/// Refuses a topic config that Kafka does not know.
pub(crate) fn topic_keys_rule() -> Rule {
    known_keys(
        "topic",
        TOPIC_CONFIG_KEYS,
        "retention.ms or min.insync.replicas",
    )
}

/// Refuses a cluster config that cannot be set for all brokers while they run.
pub(crate) fn cluster_keys_rule() -> Rule {
    known_keys(
        "cluster",
        CLUSTER_CONFIG_KEYS,
        "log.retention.ms or min.insync.replicas",
    )
}

/// The message names the first key that is not known.
fn known_keys(whose: &str, keys: &[&str], examples: &str) -> Rule {
    let list: Vec<String> = keys.iter().map(|it| format!("'{it}'")).collect();
    let list = list.join(", ");
    let rule = format!("self.all(key, key in [{list}])");
    let message = format!(
        "'unknown {whose} config ' + self.filter(key, !(key in [{list}]))[0] + \
         ': use names of Kafka, for example {examples}'"
    );
    Rule::new(rule).message(Message::Expression(message))
}
