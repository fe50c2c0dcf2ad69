//! DescribeConfigs: what is set, by whom, and what holds where nothing is.
//!
//! In: topics and brokers, and which of their configs. Out: values with their sources. Never here:
//! changing one.

use std::collections::BTreeMap;

use broker_log::config::{DEFINITIONS, Definition, Effect, Kind};
use broker_metadata::{ConfigResource, Image};
use broker_types::{BrokerId, ErrorCode};
use broker_wire::Str;
use broker_wire::messages::describe_configs_request::DescribeConfigsResource;
use broker_wire::messages::describe_configs_response::{
    DescribeConfigsResourceResult, DescribeConfigsResult, DescribeConfigsSynonym,
};
use broker_wire::messages::{DescribeConfigsRequest, DescribeConfigsResponse};

use super::topic_names;
use crate::configs::BROKER_CONFIGS;
use crate::connection::RequestContext;
use crate::node::Node;
use crate::world::World;

/// Kinds of resources.
const TOPIC: i8 = 2;
const BROKER: i8 = 4;

/// Where a value comes from (`DescribeConfigsResponse.ConfigSource`).
const FROM_TOPIC: i8 = 1;
const FROM_BROKER: i8 = 2;
const FROM_CLUSTER: i8 = 3;
const FROM_DEFAULT: i8 = 5;

/// A config and where its value comes from.
pub(super) struct Described {
    pub(super) name: &'static str,
    pub(super) value: String,
    pub(super) source: i8,
    definition: &'static Definition,
    synonyms: Vec<(&'static str, String, i8)>,
}

pub(super) fn handle<W: World>(
    node: &Node<W>,
    _context: &RequestContext,
    request: DescribeConfigsRequest,
) -> DescribeConfigsResponse {
    let resources = merged(request.resources);
    let results = resources.iter().map(|it| {
        let described = describe(node, it);
        result(
            it,
            described,
            request.include_synonyms,
            request.include_documentation,
        )
    });
    DescribeConfigsResponse {
        results: results.collect(),
        ..DescribeConfigsResponse::default()
    }
}

/// Each resource once, with all of its configs that are asked for.
fn merged(asked: Vec<DescribeConfigsResource>) -> Vec<DescribeConfigsResource> {
    let mut places = BTreeMap::new();
    let mut merged: Vec<DescribeConfigsResource> = Vec::new();
    for resource in asked {
        let key = (resource.resource_type, resource.resource_name.clone());
        let place = *places.entry(key).or_insert(merged.len());
        let Some(first) = merged.get_mut(place) else {
            merged.push(resource);
            continue;
        };
        match (&mut first.configuration_keys, resource.configuration_keys) {
            (Some(keys), Some(more)) if !keys.is_empty() && !more.is_empty() => keys.extend(more),
            (keys, _) => *keys = None,
        }
    }
    merged
}

type Failure = (ErrorCode, String);

fn describe<W: World>(
    node: &Node<W>,
    resource: &DescribeConfigsResource,
) -> Result<Vec<Described>, Failure> {
    let image = node.image();
    let name = &resource.resource_name;
    match resource.resource_type {
        TOPIC if !topic_names::is_valid(name) => Err((
            ErrorCode::InvalidTopicException,
            "the topic's name is not valid".to_owned(),
        )),
        TOPIC if image.topic(name).is_none() => Err((
            ErrorCode::UnknownTopicOrPartition,
            "there is no such topic".to_owned(),
        )),
        TOPIC => {
            let own = set(&image, &ConfigResource::Topic(name.clone()));
            Ok(topic_configs(&image, node.config.broker_id, &own))
        }
        BROKER if name.is_empty() => Ok(broker_configs(&image, None)),
        BROKER => match name.parse::<i32>().ok().and_then(BrokerId::from_wire) {
            Some(id) if id == node.config.broker_id => Ok(broker_configs(&image, Some(id))),
            Some(id) => Err((
                ErrorCode::InvalidRequest,
                format!("broker {} is asked; ask broker {id}", node.config.broker_id),
            )),
            None => Err((
                ErrorCode::InvalidRequest,
                format!("`{name}` is no broker id"),
            )),
        },
        other => Err((
            ErrorCode::InvalidRequest,
            format!("resources of type {other} have no configs here"),
        )),
    }
}

fn set(image: &Image, resource: &ConfigResource) -> BTreeMap<String, String> {
    let configs = image.configs().of(resource);
    configs
        .map(|(key, value)| (key.to_string(), value.to_string()))
        .collect()
}

/// The configs of a topic that sets `own`.
pub(super) fn topic_configs(
    image: &Image,
    broker: BrokerId,
    own: &BTreeMap<String, String>,
) -> Vec<Described> {
    let on_broker = set(image, &ConfigResource::Broker(broker));
    let on_cluster = set(image, &ConfigResource::ClusterDefault);
    let visible = DEFINITIONS.iter().filter(|it| !it.is_internal);
    visible
        .map(|definition| {
            let mut synonyms = Vec::new();
            if let Some(value) = own.get(definition.name) {
                synonyms.push((definition.name, value.clone(), FROM_TOPIC));
            }
            for (configs, source) in [(&on_broker, FROM_BROKER), (&on_cluster, FROM_CLUSTER)] {
                if let Some((synonym, value)) = definition.broker_default(configs) {
                    synonyms.push((synonym.name, value, source));
                }
            }
            let default = definition
                .synonyms
                .first()
                .map_or(definition.name, |it| it.name);
            synonyms.push((default, definition.default.to_owned(), FROM_DEFAULT));
            described(definition.name, definition, synonyms)
        })
        .collect()
}

/// The configs of a broker, or with `None` what is set for the cluster.
fn broker_configs(image: &Image, broker: Option<BrokerId>) -> Vec<Described> {
    let on_cluster = set(image, &ConfigResource::ClusterDefault);
    let on_broker = broker
        .map(|it| set(image, &ConfigResource::Broker(it)))
        .unwrap_or_default();
    let own = BROKER_CONFIGS.iter().map(|it| (it.name, it));
    let defaults = DEFINITIONS.iter().flat_map(|it: &Definition| {
        it.synonyms
            .iter()
            .filter(|synonym| synonym.multiplier == 1)
            .map(move |synonym| (synonym.name, it))
    });
    let mut found: Vec<Described> = own
        .chain(defaults)
        .filter_map(|(name, definition)| {
            let mut synonyms = Vec::new();
            for (configs, source) in [(&on_broker, FROM_BROKER), (&on_cluster, FROM_CLUSTER)] {
                if let Some(value) = configs.get(name) {
                    synonyms.push((name, value.clone(), source));
                }
            }
            if broker.is_some() {
                synonyms.push((name, definition.default.to_owned(), FROM_DEFAULT));
            }
            (!synonyms.is_empty()).then(|| described(name, definition, synonyms))
        })
        .collect();
    found.sort_by_key(|it| it.name);
    found.dedup_by_key(|it| it.name);
    found
}

fn described(
    name: &'static str,
    definition: &'static Definition,
    synonyms: Vec<(&'static str, String, i8)>,
) -> Described {
    let (value, source) = synonyms
        .first()
        .map_or((String::new(), FROM_DEFAULT), |(_, value, source)| {
            (value.clone(), *source)
        });
    Described {
        name,
        value,
        source,
        definition,
        synonyms,
    }
}

fn result(
    resource: &DescribeConfigsResource,
    described: Result<Vec<Described>, Failure>,
    with_synonyms: bool,
    with_documentation: bool,
) -> DescribeConfigsResult {
    let mut result = DescribeConfigsResult {
        resource_type: resource.resource_type,
        resource_name: resource.resource_name.clone(),
        ..DescribeConfigsResult::default()
    };
    match described {
        Err((code, message)) => {
            result.error_code = code.to_wire();
            result.error_message = Some(message.into());
        }
        Ok(described) => {
            let keys = resource.configuration_keys.as_ref();
            let is_wanted = |it: &Described| {
                keys.is_none_or(|keys| keys.is_empty() || keys.iter().any(|key| **key == *it.name))
            };
            result.configs = described
                .into_iter()
                .filter(is_wanted)
                .map(|it| config(it, with_synonyms, with_documentation))
                .collect();
        }
    }
    result
}

fn config(
    it: Described,
    with_synonyms: bool,
    with_documentation: bool,
) -> DescribeConfigsResourceResult {
    let synonym = |(name, value, source): (&'static str, String, i8)| DescribeConfigsSynonym {
        name: name.into(),
        value: Some(value.into()),
        source,
        ..DescribeConfigsSynonym::default()
    };
    DescribeConfigsResourceResult {
        name: it.name.into(),
        value: Some(it.value.into()),
        config_source: it.source,
        synonyms: if with_synonyms {
            it.synonyms.into_iter().map(synonym).collect()
        } else {
            Vec::new()
        },
        config_type: kind(it.definition.kind),
        documentation: with_documentation.then(|| documentation(it.definition)),
        ..DescribeConfigsResourceResult::default()
    }
}

/// What a config is for, and that it does nothing where it does not.
fn documentation(it: &Definition) -> Str {
    match it.effect {
        Effect::Applies => it.documentation.into(),
        Effect::NotYet(reason) => {
            format!("{} It has no effect yet: {reason}.", it.documentation).into()
        }
    }
}

/// `DescribeConfigsResponse.ConfigType`.
fn kind(kind: Kind) -> i8 {
    match kind {
        Kind::Boolean => 1,
        Kind::String => 2,
        Kind::Int => 3,
        Kind::Long => 5,
        Kind::Double => 6,
        Kind::List => 7,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_resource_that_is_named_again_is_described_once() {
        let resource =
            |name: &'static str, keys: Option<&[&'static str]>| DescribeConfigsResource {
                resource_type: TOPIC,
                resource_name: name.into(),
                configuration_keys: keys.map(|it| it.iter().map(|key| Str::from(*key)).collect()),
                ..DescribeConfigsResource::default()
            };
        let asked = vec![
            resource("a", Some(&["x"])),
            resource("b", None),
            resource("a", Some(&["y"])),
            resource("c", Some(&["x"])),
            resource("b", Some(&["x"])),
            resource("c", Some(&[])),
        ];
        let expected = [
            resource("a", Some(&["x", "y"])),
            resource("b", None),
            resource("c", None),
        ];
        assert_eq!(merged(asked), expected);
    }
}
