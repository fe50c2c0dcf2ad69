//! Configs of topics and brokers, as the image has them.
//!
//! In: the image, a key. Out: values with where they come from, and whether a change is allowed.
//! Never here: what a config does.

use std::collections::BTreeMap;

use broker_log::config::{DEFINITIONS, Definition, Kind, LogConfig};
use broker_metadata::controller::ConfigRules;
use broker_metadata::{ConfigResource, Image};
use broker_types::BrokerId;
use broker_wire::Str;

/// A config of the broker that is not the default of a topic's.
#[derive(Clone, Copy, Debug)]
pub struct BrokerConfig {
    pub name: &'static str,
    pub kind: Kind,
    pub default: &'static str,
    pub documentation: &'static str,
    min: i64,
    max: i64,
}

const fn number(
    name: &'static str,
    default: &'static str,
    (min, max): (i64, i64),
    documentation: &'static str,
) -> BrokerConfig {
    BrokerConfig {
        name,
        kind: Kind::Int,
        default,
        documentation,
        min,
        max,
    }
}

const INT_MAX: i64 = i32::MAX as i64;

/// The broker's own configs, in the order of their names.
pub const BROKER_CONFIGS: &[BrokerConfig] = &[
    BrokerConfig {
        name: AUTO_CREATE_TOPICS,
        kind: Kind::Boolean,
        default: "true",
        documentation: "Whether a topic is created when a client asks for one that does not exist.",
        min: 0,
        max: 0,
    },
    number(
        "default.replication.factor",
        "1",
        (1, 32_767),
        "Replicas of a topic that is created without saying how many.",
    ),
    number(
        "num.partitions",
        "1",
        (1, INT_MAX),
        "Partitions of a topic that is created without saying how many.",
    ),
    number(
        "offsets.topic.num.partitions",
        "50",
        (1, INT_MAX),
        "Partitions of the topic in which groups keep their offsets; it counts when that is created.",
    ),
    number(
        "offsets.topic.replication.factor",
        "3",
        (1, 32_767),
        "Replicas of the topic in which groups keep their offsets, or as many as there are brokers.",
    ),
];

/// Whether topics are created when clients ask for them.
pub const AUTO_CREATE_TOPICS: &str = "auto.create.topics.enable";

impl BrokerConfig {
    fn check(&self, value: &str) -> Result<(), String> {
        let value = value.trim();
        let is_good = match self.kind {
            Kind::Boolean => value.parse::<bool>().is_ok(),
            Kind::Int | Kind::Long => value
                .parse::<i64>()
                .is_ok_and(|it| (self.min..=self.max).contains(&it)),
            Kind::String | Kind::Double | Kind::List => true,
        };
        if is_good {
            return Ok(());
        }
        let expected = match self.kind {
            Kind::Boolean => "true or false".to_owned(),
            Kind::String | Kind::Int | Kind::Long | Kind::Double | Kind::List => {
                format!("a number between {} and {}", self.min, self.max)
            }
        };
        Err(format!(
            "invalid value `{value}` for {}: it takes {expected}",
            self.name
        ))
    }
}

/// A broker's own config.
pub fn broker_config(name: &str) -> Option<&'static BrokerConfig> {
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
            ConfigResource::ClusterDefault | ConfigResource::Broker(_) => configs
                .iter()
                .try_for_each(|(key, value)| check_broker_wide(key, value)),
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

fn check_broker_wide(key: &str, value: &str) -> Result<(), String> {
    if let Some(own) = broker_config(key) {
        return own.check(value);
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
        for (resource, key, value, is_good) in [
            (&topic, "retention.ms", "60000", true),
            (&topic, "retention.ms", "soon", false),
            (&topic, "log.retention.ms", "60000", false),
            (&cluster, "log.retention.hours", "24", true),
            (&cluster, "log.retention.hours", "x", false),
            (&cluster, "min.insync.replicas", "2", true),
            (&cluster, "num.partitions", "0", false),
            (&cluster, "auto.create.topics.enable", "false", true),
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
    fn names_are_in_order() {
        assert!(BROKER_CONFIGS.is_sorted_by_key(|it| it.name));
    }
}
