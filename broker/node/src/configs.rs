//! Configs of topics and brokers, as the image has them.
//!
//! In: the image, a key. Out: values with where they come from, and whether a change is allowed.
//! Never here: what a config does.

mod definitions;

use std::collections::BTreeMap;
use std::str::FromStr;

use broker_log::config::{DEFINITIONS, Definition, Kind, LogConfig, boolean};
use broker_metadata::controller::ConfigRules;
use broker_metadata::{ConfigResource, Image};
use broker_types::BrokerId;
use broker_wire::Str;

pub use definitions::BROKER_CONFIGS;

/// The value of `replica.selector.class` that sends consumers to the replica in their rack.
pub const RACK_AWARE_SELECTOR: &str = "org.apache.kafka.common.replica.RackAwareReplicaSelector";
/// What `replica.selector.class` may be.
const REPLICA_SELECTORS: &[&str] = &[
    "",
    "org.apache.kafka.common.replica.LeaderSelector",
    RACK_AWARE_SELECTOR,
];

/// Whether topics are created when clients ask for them.
pub const AUTO_CREATE_TOPICS: &str = "auto.create.topics.enable";

/// What the controller decides by, for all brokers alike.
const CLUSTER_WIDE: &[&str] = &[
    "auto.leader.rebalance.enable",
    "default.replication.factor",
    "delete.topic.enable",
    "leader.imbalance.check.interval.seconds",
    "leader.imbalance.per.broker.percentage",
    "num.partitions",
    "offsets.topic.num.partitions",
    "offsets.topic.replication.factor",
];

/// A broker's own config.
pub fn broker_config(name: &str) -> Option<&'static Definition> {
    BROKER_CONFIGS.iter().find(|it| it.name == name)
}

/// The topic config whose broker-wide default goes by this name.
pub fn default_of(name: &str) -> Option<&'static Definition> {
    DEFINITIONS
        .iter()
        .find(|it| it.synonyms.iter().any(|synonym| synonym.name == name))
}

/// The value of a broker's own config, as the cluster has it.
pub fn broker_value(image: &Image, broker: BrokerId, name: &str) -> Option<String> {
    let configs = image.configs();
    let value = configs
        .value(&ConfigResource::Broker(broker), name)
        .or_else(|| configs.value(&ConfigResource::ClusterDefault, name));
    let default = broker_config(name).map(|it| it.default.to_owned());
    value.map(ToString::to_string).or(default)
}

/// Whether a config of the broker's own is on.
pub fn is_on(image: &Image, broker: BrokerId, name: &str) -> bool {
    broker_value(image, broker, name).is_some_and(|it| boolean(&it) == Some(true))
}

/// A number that is one of the broker's own configs.
pub fn number<T: FromStr>(image: &Image, broker: BrokerId, name: &str) -> Option<T> {
    broker_value(image, broker, name)?.trim().parse().ok()
}

/// What the log of a topic does on a broker.
pub fn log_config(image: &Image, topic: &Str, broker: BrokerId) -> LogConfig {
    let own = map(image, &ConfigResource::Topic(topic.clone()));
    LogConfig::parse(&own, &broker_wide(image, broker)).unwrap_or_else(|error| {
        // Only what was checked gets into the log; a later version may allow more than this one.
        tracing::error!(
            topic = &**topic,
            "a config is not understood, and nothing is deleted by age or size until it is: {error}"
        );
        LogConfig::keeping_all()
    })
}

/// The broker-wide configs: the cluster's, overridden by the broker's.
pub fn broker_wide(image: &Image, broker: BrokerId) -> BTreeMap<String, String> {
    let mut configs = map(image, &ConfigResource::ClusterDefault);
    configs.extend(map(image, &ConfigResource::Broker(broker)));
    configs
}

fn map(image: &Image, resource: &ConfigResource) -> BTreeMap<String, String> {
    let configs = image.configs().of(resource);
    configs
        .map(|(key, value)| (key.to_string(), value.to_string()))
        .collect()
}

/// The rules by which the controller checks changes.
pub struct Definitions;

impl ConfigRules for Definitions {
    fn validate(
        &self,
        resource: &ConfigResource,
        configs: &BTreeMap<Str, Str>,
    ) -> Result<(), String> {
        match resource {
            ConfigResource::Topic(_) => {
                let own = configs
                    .iter()
                    .map(|(key, value)| (key.to_string(), value.to_string()));
                LogConfig::check(&own.collect()).map_err(|error| error.to_string())
            }
            ConfigResource::ClusterDefault | ConfigResource::Broker(_) => {
                for (key, value) in configs {
                    check_broker_wide(resource, key, value)?;
                }
                check_session_timeouts(configs)
            }
        }
    }

    fn list_default(&self, resource: &ConfigResource, key: &str) -> Option<Str> {
        let definition = match resource {
            ConfigResource::Topic(_) => broker_log::config::definition(key),
            ConfigResource::ClusterDefault | ConfigResource::Broker(_) => default_of(key),
        };
        definition
            .filter(|it| it.kind == Kind::List)
            .map(|it| it.default.into())
    }
}

fn check_broker_wide(resource: &ConfigResource, key: &str, value: &str) -> Result<(), String> {
    if let Some(own) = broker_config(key) {
        if CLUSTER_WIDE.contains(&key) && *resource != ConfigResource::ClusterDefault {
            return Err(format!("{key} can be set only for all brokers at once"));
        }
        return own.check(value).map_err(|error| error.to_string());
    }
    let Some(definition) = default_of(key) else {
        return Err(format!("unknown broker config name: {key}"));
    };
    // Under a name in other units the value is checked in the topic's.
    let configs = BTreeMap::from([(key.to_owned(), value.to_owned())]);
    match definition.broker_default(&configs) {
        Some((_, value)) => definition.check(&value).map_err(|error| error.to_string()),
        None => Err(format!(
            "invalid value `{value}` for {key}: it takes a number"
        )),
    }
}

/// Some session timeout must be allowed.
fn check_session_timeouts(configs: &BTreeMap<Str, Str>) -> Result<(), String> {
    let value = |name: &'static str| {
        let set = configs.get(name).and_then(|it| it.trim().parse().ok());
        let default = || broker_config(name).and_then(|it| it.default.parse::<i64>().ok());
        set.or_else(default)
    };
    let (min, max) = (
        value("group.min.session.timeout.ms"),
        value("group.max.session.timeout.ms"),
    );
    if min > max {
        return Err(
            "group.min.session.timeout.ms is greater than group.max.session.timeout.ms".to_owned(),
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(
        resource: &ConfigResource,
        key: &'static str,
        value: &'static str,
    ) -> Result<(), String> {
        let configs = BTreeMap::from([(Str::from(key), Str::from(value))]);
        Definitions.validate(resource, &configs)
    }

    #[test]
    fn changes_of_topics_and_brokers_are_checked() {
        let topic = ConfigResource::Topic("orders".into());
        let cluster = ConfigResource::ClusterDefault;
        let broker = ConfigResource::Broker(BrokerId::new(1));
        for (resource, key, value, is_good) in [
            (&topic, "retention.ms", "60000", true),
            (&topic, "retention.ms", "soon", false),
            (&topic, "log.retention.ms", "60000", false),
            (&cluster, "log.retention.hours", "24", true),
            (&cluster, "log.retention.hours", "x", false),
            (&cluster, "min.insync.replicas", "2", true),
            (&cluster, "num.partitions", "0", false),
            (&cluster, "auto.create.topics.enable", "false", true),
            (&cluster, "auto.create.topics.enable", "TRUE", true),
            (&cluster, "auto.create.topics.enable", "yes", false),
            (&cluster, "delete.topic.enable", "False", true),
            (&broker, "delete.topic.enable", "false", false),
            (&broker, "num.partitions", "3", false),
            (&cluster, "producer.id.expiration.ms", "60000", true),
            (&cluster, "producer.id.expiration.ms", "0", false),
            (
                &broker,
                "sasl.kerberos.min.time.before.relogin",
                "58000",
                true,
            ),
            (&broker, "sasl.jaas.config", "secret", false),
            (&broker, "num.io.threads", "16", true),
            (&broker, "num.io.threads", "0", false),
            (&broker, "max.connections", "2147483648", false),
            (&broker, "log.cleaner.io.max.bytes.per.second", "1e9", true),
            (&cluster, "group.initial.rebalance.delay.ms", "0", true),
            (&cluster, "group.max.session.timeout.ms", "5999", false),
            (&cluster, "offsets.retention.minutes", "0", false),
            (&cluster, "no.such.config", "1", false),
        ] {
            assert_eq!(
                check(resource, key, value).is_ok(),
                is_good,
                "{key}={value}"
            );
        }
    }

    #[test]
    fn every_default_may_be_set() {
        for it in BROKER_CONFIGS {
            assert_eq!(it.check(it.default), Ok(()), "{}", it.name);
        }
        let known = |it: &&str| broker_config(it).is_some();
        assert!(CLUSTER_WIDE.iter().all(known));
    }

    #[test]
    fn names_are_in_order() {
        assert!(BROKER_CONFIGS.is_sorted_by_key(|it| it.name));
    }
}
