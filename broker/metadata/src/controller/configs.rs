//! Dynamic configs are changed (KIP-226, KIP-339).
//!
//! In: `IncrementalAlterConfigs`, `AlterConfigs`. Out: `ConfigRecord`s, and what follows for
//! partitions. Never here: which configs exist; [`ConfigRules`] comes in as an argument.

use std::collections::BTreeMap;

use broker_wire::Str;
use broker_wire::messages::alter_configs_request::AlterConfigsRequest;
use broker_wire::messages::alter_configs_response::{
    AlterConfigsResourceResponse as LegacyResult, AlterConfigsResponse,
};
use broker_wire::messages::incremental_alter_configs_request::IncrementalAlterConfigsRequest;
use broker_wire::messages::incremental_alter_configs_response::{
    AlterConfigsResourceResponse, IncrementalAlterConfigsResponse,
};

use crate::config::ConfigResource;
use crate::controller::draft::Draft;
use crate::controller::refusal::{Refusal, outcome};
use crate::controller::{Controller, Decision, named_twice, replication};
use crate::feature;
use crate::image::Image;

/// What the controller must know of configs that it does not itself read.
pub trait ConfigRules {
    /// Checks everything that would be set on the resource after a change.
    ///
    /// # Errors
    /// A message that names the key, for the one who asked.
    fn validate(
        &self,
        resource: &ConfigResource,
        configs: &BTreeMap<Str, Str>,
    ) -> Result<(), String>;

    /// What a list holds that nothing sets, its elements with commas between. `None`: the key is
    /// not that of a list.
    fn list_default(&self, resource: &ConfigResource, key: &str) -> Option<Str>;
}

/// Configs that decide which replicas may lead.
const MIN_INSYNC_REPLICAS: &str = "min.insync.replicas";
const UNCLEAN_LEADER_ELECTION: &str = "unclean.leader.election.enable";

/// Longest value, in bytes, as in Kafka: it goes with every image and snapshot.
const VALUE_BYTES_MAX: usize = 32_767;

/// What to do with one config (`AlterConfigOp.OpType`).
enum Operation<'a> {
    Set(&'a Str),
    Delete,
    Append(&'a Str),
    Subtract(&'a Str),
}

impl Controller {
    /// Changes single configs of resources, each resource whole or not at all.
    pub fn incremental_alter_configs(
        &mut self,
        request: &IncrementalAlterConfigsRequest,
        rules: &dyn ConfigRules,
    ) -> Decision<IncrementalAlterConfigsResponse> {
        let resources = &request.resources;
        let twice = named_twice(
            resources
                .iter()
                .map(|it| (it.resource_type, &it.resource_name)),
        );
        self.decide(request.validate_only, |draft| {
            let responses = resources.iter().map(|it| {
                let (kind, name) = (it.resource_type, &it.resource_name);
                let configs = it.configs.iter();
                let operations = configs.map(|it| {
                    let operation = operation(it.config_operation, it.value.as_ref());
                    (&it.name, operation)
                });
                let altered = resource(draft.image(), kind, name, twice.contains(&(kind, name)))
                    .and_then(|resource| increment(draft, rules, &resource, operations.collect()));
                let (error_code, error_message) = outcome(&altered);
                AlterConfigsResourceResponse {
                    error_code,
                    error_message,
                    resource_type: kind,
                    resource_name: name.clone(),
                    ..AlterConfigsResourceResponse::default()
                }
            });
            IncrementalAlterConfigsResponse {
                responses: responses.collect(),
                ..IncrementalAlterConfigsResponse::default()
            }
        })
    }

    /// Replaces all configs of resources: what is not named is unset.
    pub fn alter_configs(
        &mut self,
        request: &AlterConfigsRequest,
        rules: &dyn ConfigRules,
    ) -> Decision<AlterConfigsResponse> {
        let resources = &request.resources;
        let twice = named_twice(
            resources
                .iter()
                .map(|it| (it.resource_type, &it.resource_name)),
        );
        self.decide(request.validate_only, |draft| {
            let responses = resources.iter().map(|it| {
                let (kind, name) = (it.resource_type, &it.resource_name);
                let named = it.configs.iter().map(|it| (&it.name, it.value.as_ref()));
                let altered = resource(draft.image(), kind, name, twice.contains(&(kind, name)))
                    .and_then(|resource| replace(draft, rules, &resource, named.collect()));
                let (error_code, error_message) = outcome(&altered);
                LegacyResult {
                    error_code,
                    error_message,
                    resource_type: kind,
                    resource_name: name.clone(),
                    ..LegacyResult::default()
                }
            });
            AlterConfigsResponse {
                responses: responses.collect(),
                ..AlterConfigsResponse::default()
            }
        })
    }
}

/// The resource that a request names, if it exists.
fn resource(
    image: &Image,
    kind: i8,
    name: &Str,
    is_twice: bool,
) -> Result<ConfigResource, Refusal> {
    if is_twice {
        return Err(Refusal::DuplicateInRequest);
    }
    let resource = ConfigResource::from_wire(kind, name).ok_or(Refusal::InvalidRequest {
        reason: "configs are of topics, by name, or of brokers, by id or by an empty name",
    })?;
    match &resource {
        ConfigResource::Topic(name) if image.topic(name).is_none() => {
            Err(Refusal::UnknownTopicOrPartition)
        }
        ConfigResource::Broker(id) if image.broker(*id).is_none() => {
            Err(Refusal::BrokerIdNotRegistered {
                broker_id: id.to_wire(),
            })
        }
        ConfigResource::Topic(_) | ConfigResource::Broker(_) | ConfigResource::ClusterDefault => {
            Ok(resource)
        }
    }
}

fn operation(kind: i8, value: Option<&Str>) -> Result<Operation<'_>, Refusal> {
    match (kind, value) {
        (1, _) => Ok(Operation::Delete),
        (0, Some(value)) => Ok(Operation::Set(value)),
        (2, Some(value)) => Ok(Operation::Append(value)),
        (3, Some(value)) => Ok(Operation::Subtract(value)),
        (0 | 2 | 3, None) => Err(Refusal::InvalidRequest {
            reason: "a config that is not deleted has a value",
        }),
        _ => Err(Refusal::InvalidRequest {
            reason: "the operation is none of set, delete, append and subtract",
        }),
    }
}

fn increment(
    draft: &mut Draft<'_>,
    rules: &dyn ConfigRules,
    resource: &ConfigResource,
    operations: Vec<(&Str, Result<Operation<'_>, Refusal>)>,
) -> Result<(), Refusal> {
    check_names(operations.iter().map(|it| it.0))?;
    let mut configs = present(draft.image(), resource);
    for (name, operation) in operations {
        let list = |configs: &BTreeMap<Str, Str>| {
            let unset = rules.list_default(resource, name);
            let unset = unset.ok_or_else(|| Refusal::InvalidConfig {
                reason: format!("{name} is not a list: nothing can be appended or subtracted"),
            })?;
            Ok(elements(configs.get(name).unwrap_or(&unset)))
        };
        match operation? {
            Operation::Set(value) => {
                configs.insert(name.clone(), value.clone());
            }
            Operation::Delete => {
                configs.remove(name);
            }
            Operation::Append(value) => {
                let mut list = list(&configs)?;
                for element in elements(value) {
                    if !list.contains(&element) {
                        list.push(element);
                    }
                }
                configs.insert(name.clone(), list.join(",").into());
            }
            Operation::Subtract(value) => {
                let mut list = list(&configs)?;
                let subtracted = elements(value);
                list.retain(|it| !subtracted.contains(it));
                configs.insert(name.clone(), list.join(",").into());
            }
        }
    }
    write(draft, rules, resource, &configs)
}

fn replace(
    draft: &mut Draft<'_>,
    rules: &dyn ConfigRules,
    resource: &ConfigResource,
    named: Vec<(&Str, Option<&Str>)>,
) -> Result<(), Refusal> {
    check_names(named.iter().map(|it| it.0))?;
    let value = |(name, value): (&Str, Option<&Str>)| {
        let value = value.ok_or(Refusal::InvalidRequest {
            reason: "a config that is to be unset is left out",
        })?;
        Ok((name.clone(), value.clone()))
    };
    let configs = named.into_iter().map(value);
    let configs: BTreeMap<Str, Str> = configs.collect::<Result<_, Refusal>>()?;
    write(draft, rules, resource, &configs)
}

fn check_names<'a>(names: impl Iterator<Item = &'a Str> + Clone) -> Result<(), Refusal> {
    if names.clone().any(|it| it.is_empty()) || !named_twice(names).is_empty() {
        let reason = "each config has a name, and is named once";
        return Err(Refusal::InvalidRequest { reason });
    }
    Ok(())
}

/// A list as a config writes it.
fn elements(list: &str) -> Vec<String> {
    let elements = list.split(',').map(str::trim).filter(|it| !it.is_empty());
    elements.map(str::to_owned).collect()
}

fn present(image: &Image, resource: &ConfigResource) -> BTreeMap<Str, Str> {
    let configs = image.configs().of(resource);
    configs
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

/// Writes what differs from what is set, and what follows from it for partitions, in one batch:
/// otherwise an ISR could be at its new minimum with an ELR beside it.
fn write(
    draft: &mut Draft<'_>,
    rules: &dyn ConfigRules,
    resource: &ConfigResource,
    configs: &BTreeMap<Str, Str>,
) -> Result<(), Refusal> {
    let before = present(draft.image(), resource);
    let is_new = |it: &(&Str, &Str)| before.get(it.0) != Some(it.1);
    for (_, value) in configs.iter().filter(is_new) {
        check_size(value)?;
    }
    validate(draft.image(), rules, resource, &before, configs)?;
    for (name, value) in configs.iter().filter(is_new) {
        draft.push(resource.record(name.clone(), Some(value.clone())));
    }
    for name in before.keys().filter(|it| !configs.contains_key(*it)) {
        draft.push(resource.record(name.clone(), None));
    }
    let differs = |key: &str| before.get(key) != configs.get(key);
    if differs(MIN_INSYNC_REPLICAS) || differs(UNCLEAN_LEADER_ELECTION) {
        match resource {
            ConfigResource::Topic(topic) => replication::settle(draft, |it| it == topic),
            ConfigResource::ClusterDefault => replication::settle(draft, |_| true),
            ConfigResource::Broker(_) => {}
        }
    }
    Ok(())
}

/// Refuses a value that is longer than any config needs.
pub(super) fn check_size(value: &str) -> Result<(), Refusal> {
    if value.len() <= VALUE_BYTES_MAX {
        return Ok(());
    }
    Err(Refusal::InvalidConfig {
        reason: format!(
            "the configuration value cannot be added because it exceeds the maximum value size of \
             {VALUE_BYTES_MAX} bytes"
        ),
    })
}

fn validate(
    image: &Image,
    rules: &dyn ConfigRules,
    resource: &ConfigResource,
    before: &BTreeMap<Str, Str>,
    configs: &BTreeMap<Str, Str>,
) -> Result<(), Refusal> {
    // The controller and all leaders must agree on it (KIP-966).
    let is_of_one_broker = matches!(resource, ConfigResource::Broker(_));
    let has_elr = image.feature_level(feature::ELIGIBLE_LEADER_REPLICAS_VERSION) > 0;
    let value = configs.get(MIN_INSYNC_REPLICAS);
    if is_of_one_broker && has_elr && value.is_some() && before.get(MIN_INSYNC_REPLICAS) != value {
        return Err(Refusal::InvalidConfig {
            reason: format!("{MIN_INSYNC_REPLICAS} cannot be set on a single broker"),
        });
    }
    let invalid = |reason| Refusal::InvalidConfig { reason };
    rules.validate(resource, configs).map_err(invalid)
}
