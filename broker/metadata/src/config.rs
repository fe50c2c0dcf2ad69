//! Dynamic configs: of topics, of brokers, and the cluster's defaults.
//!
//! In: `ConfigRecord`. Out: what is set, and where a value comes from. Never here: which keys exist
//! and what they may hold; a validator that comes in as an argument knows that.

use std::collections::BTreeMap;
use std::sync::Arc;

use broker_types::BrokerId;
use broker_wire::Str;
use broker_wire::messages::config_record::ConfigRecord;

use crate::apply_error::ApplyError;

/// `org.apache.kafka.common.config.ConfigResource.Type`.
const TYPE_TOPIC: i8 = 2;
const TYPE_BROKER: i8 = 4;

/// What a config belongs to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ConfigResource {
    /// The default of all brokers: on the wire, the broker with an empty name.
    ClusterDefault,
    Broker(BrokerId),
    Topic(Str),
}

impl ConfigResource {
    /// Reads the wire's pair. `None` for other types, and for a broker's name that is no id.
    pub fn from_wire(resource_type: i8, name: &Str) -> Option<ConfigResource> {
        match (resource_type, name.is_empty()) {
            (TYPE_TOPIC, false) => Some(ConfigResource::Topic(name.clone())),
            (TYPE_BROKER, true) => Some(ConfigResource::ClusterDefault),
            (TYPE_BROKER, false) => {
                let id = name.parse().ok().and_then(BrokerId::from_wire)?;
                // One broker has one name: "+1" and "01" are not brokers.
                (id.to_string() == **name).then_some(ConfigResource::Broker(id))
            }
            _ => None,
        }
    }

    pub fn to_wire(&self) -> (i8, Str) {
        match self {
            ConfigResource::ClusterDefault => (TYPE_BROKER, Str::new()),
            ConfigResource::Broker(id) => (TYPE_BROKER, id.to_string().into()),
            ConfigResource::Topic(name) => (TYPE_TOPIC, name.clone()),
        }
    }

    /// The record that sets `name`, or unsets it when `value` is `None`.
    pub(crate) fn record(&self, name: Str, value: Option<Str>) -> ConfigRecord {
        let (resource_type, resource_name) = self.to_wire();
        ConfigRecord {
            resource_type,
            resource_name,
            name,
            value,
            ..ConfigRecord::default()
        }
    }
}

/// Where a value was set, the strongest first (`ConfigSource` of DescribeConfigs).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConfigSource {
    Topic,
    Broker,
    ClusterDefault,
}

/// What is set, per resource. A clone shares all of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Configs {
    by_resource: Arc<BTreeMap<ConfigResource, Arc<BTreeMap<Str, Str>>>>,
}

impl Configs {
    /// What is set on this resource itself.
    pub fn of(&self, resource: &ConfigResource) -> impl Iterator<Item = (&Str, &Str)> {
        self.by_resource
            .get(resource)
            .into_iter()
            .flat_map(|it| it.iter())
    }

    pub fn value(&self, resource: &ConfigResource, key: &str) -> Option<&Str> {
        self.by_resource.get(resource)?.get(key)
    }

    /// All resources that have a config.
    pub fn iter(&self) -> impl Iterator<Item = (&ConfigResource, &BTreeMap<Str, Str>)> {
        self.by_resource
            .iter()
            .map(|(resource, it)| (resource, it.as_ref()))
    }

    pub(crate) fn by_resource(&self) -> &Arc<BTreeMap<ConfigResource, Arc<BTreeMap<Str, Str>>>> {
        &self.by_resource
    }

    pub(crate) fn apply(&mut self, record: &ConfigRecord) -> Result<(), ApplyError> {
        let resource = ConfigResource::from_wire(record.resource_type, &record.resource_name);
        let Some(resource) = resource else {
            return Err(ApplyError::Field {
                record: "ConfigRecord",
                field: "ResourceType",
                value: record.resource_type.into(),
            });
        };
        let by_resource = Arc::make_mut(&mut self.by_resource);
        let configs = by_resource.entry(resource.clone()).or_default();
        match &record.value {
            Some(value) => {
                Arc::make_mut(configs).insert(record.name.clone(), value.clone());
            }
            None => {
                Arc::make_mut(configs).remove(&record.name);
            }
        }
        // A resource without configs and one that never had any are the same.
        if configs.is_empty() {
            by_resource.remove(&resource);
        }
        Ok(())
    }

    pub(crate) fn remove_topic(&mut self, name: &Str) {
        let resource = ConfigResource::Topic(name.clone());
        if self.by_resource.contains_key(&resource) {
            Arc::make_mut(&mut self.by_resource).remove(&resource);
        }
    }
}
