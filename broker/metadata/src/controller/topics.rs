//! Topics are created and deleted.
//!
//! In: `CreateTopics`, `DeleteTopics`. Out: `TopicRecord`, `PartitionRecord`, `ConfigRecord`,
//! `RemoveTopicRecord`. Never here: creating partitions of a topic that exists (`partitions`).

use std::collections::BTreeMap;

use broker_types::{BrokerId, PartitionIndex, TopicId};
use broker_wire::Str;
use broker_wire::messages::create_topics_request::{CreatableTopic, CreateTopicsRequest};
use broker_wire::messages::create_topics_response::{CreatableTopicResult, CreateTopicsResponse};
use broker_wire::messages::delete_topics_request::{DeleteTopicState, DeleteTopicsRequest};
use broker_wire::messages::delete_topics_response::{DeletableTopicResult, DeleteTopicsResponse};
use broker_wire::messages::remove_topic_record::RemoveTopicRecord;
use broker_wire::messages::topic_record::TopicRecord;

use crate::config::ConfigResource;
use crate::controller::assignment::{self, Loads, PARTITIONS_PER_REQUEST_MAX};
use crate::controller::configs::{self, ConfigRules};
use crate::controller::draft::Draft;
use crate::controller::refusal::{Refusal, outcome};
use crate::controller::topic_names::{self, TakenNames};
use crate::controller::{Controller, Decision, named_twice};
use crate::image::Image;

/// The topic of the metadata log: not a topic that anyone creates.
const CLUSTER_METADATA_TOPIC_NAME: &str = "__cluster_metadata";

/// Makes up a topic id, at random.
pub type TopicIds<'a> = dyn FnMut() -> TopicId + 'a;

/// Takes "as the cluster has it" for the number of partitions and the replication factor.
const DEFAULT: i32 = -1;

/// What the topics of one request share.
struct Room {
    taken: TakenNames,
    loads: Loads,
    partitions_left: usize,
}

/// A topic of which all but its id is settled.
struct Creation {
    assignments: Vec<Vec<BrokerId>>,
    configs: BTreeMap<Str, Str>,
}

impl Controller {
    /// Creates topics, each of them whole or not at all. The response's `configs` are left to the
    /// caller, who knows what a config is when it is not set.
    pub fn create_topics(
        &mut self,
        request: &CreateTopicsRequest,
        rules: &dyn ConfigRules,
        new_id: &mut TopicIds<'_>,
    ) -> Decision<CreateTopicsResponse> {
        let duplicates = named_twice(request.topics.iter().map(|it| &it.name));
        let mut unanswered = duplicates.clone();
        self.decide(request.validate_only, |draft| {
            let mut room = Room {
                taken: TakenNames::of(draft.image().topics().map(|it| &it.name)),
                loads: Loads::of(draft.image()),
                partitions_left: PARTITIONS_PER_REQUEST_MAX,
            };
            let mut results = Vec::new();
            for topic in &request.topics {
                if duplicates.contains(&topic.name) {
                    // Answered once.
                    if unanswered.remove(&topic.name) {
                        results.push(refused(topic, &Refusal::DuplicateInRequest));
                    }
                    continue;
                }
                let created = create(draft, topic, rules, &mut room, new_id);
                let mut result = created.unwrap_or_else(|refusal| refused(topic, &refusal));
                if request.validate_only {
                    result.topic_id = TopicId::option_to_wire(None);
                }
                results.push(result);
            }
            CreateTopicsResponse {
                topics: results,
                ..CreateTopicsResponse::default()
            }
        })
    }

    /// Deletes topics by id or by name, with all that is in them.
    pub fn delete_topics(
        &mut self,
        request: &DeleteTopicsRequest,
    ) -> Decision<DeleteTopicsResponse> {
        let by_name = request.topic_names.iter().map(|name| DeleteTopicState {
            name: Some(name.clone()),
            ..DeleteTopicState::default()
        });
        let states: Vec<DeleteTopicState> = request.topics.iter().cloned().chain(by_name).collect();
        let names_twice = named_twice(states.iter().filter_map(|it| it.name.as_ref()));
        let ids = states.iter().map(|it| it.topic_id);
        let ids_twice = named_twice(ids.filter_map(TopicId::from_wire));
        self.decide(false, |draft| {
            let responses = states.iter().map(|state| {
                let id = TopicId::from_wire(state.topic_id);
                let is_twice = state
                    .name
                    .as_ref()
                    .is_some_and(|it| names_twice.contains(it))
                    || id.is_some_and(|it| ids_twice.contains(&it));
                let deleted = delete(draft, state, is_twice);
                let (error_code, error_message) = outcome(&deleted);
                let (name, topic_id) = match deleted {
                    Ok((id, name)) => (Some(name), id.to_bytes()),
                    Err(_) => (state.name.clone(), state.topic_id),
                };
                DeletableTopicResult {
                    name,
                    topic_id,
                    error_code,
                    error_message,
                    ..DeletableTopicResult::default()
                }
            });
            DeleteTopicsResponse {
                responses: responses.collect(),
                ..DeleteTopicsResponse::default()
            }
        })
    }
}

fn refused(topic: &CreatableTopic, refusal: &Refusal) -> CreatableTopicResult {
    let (error_code, error_message) = refusal.to_wire();
    CreatableTopicResult {
        name: topic.name.clone(),
        error_code,
        error_message,
        configs: None,
        ..CreatableTopicResult::default()
    }
}

fn create(
    draft: &mut Draft<'_>,
    topic: &CreatableTopic,
    rules: &dyn ConfigRules,
    room: &mut Room,
    new_id: &mut TopicIds<'_>,
) -> Result<CreatableTopicResult, Refusal> {
    validate_name(draft.image(), &room.taken, &topic.name)?;
    let configs = validate_configs(topic, rules)?;
    let assignments = assign(draft.image(), topic, room)?;
    room.partitions_left -= assignments.len();
    room.taken.add(&topic.name);
    let id = new_id();
    assert!(
        draft.image().topic_by_id(id).is_none() && TopicId::from_wire(id.to_bytes()).is_some(),
        "topic ids are random and not given out twice"
    );
    let replication_factor = assignments.first().map_or(0, Vec::len);
    let partitions = assignments.len();
    write(
        draft,
        &topic.name,
        id,
        Creation {
            assignments,
            configs,
        },
    );
    Ok(CreatableTopicResult {
        name: topic.name.clone(),
        topic_id: id.to_bytes(),
        error_message: None,
        num_partitions: i32::try_from(partitions).unwrap_or(i32::MAX),
        replication_factor: i16::try_from(replication_factor).unwrap_or(i16::MAX),
        configs: Some(Vec::new()),
        ..CreatableTopicResult::default()
    })
}

fn write(draft: &mut Draft<'_>, name: &Str, id: TopicId, creation: Creation) {
    draft.push(TopicRecord {
        name: name.clone(),
        topic_id: id.to_bytes(),
        ..TopicRecord::default()
    });
    let mut index = PartitionIndex::ZERO;
    for replicas in creation.assignments {
        let partition = assignment::new_partition(draft.image(), replicas);
        draft.push(partition.to_record(id, index));
        index = index.next();
    }
    let resource = ConfigResource::Topic(name.clone());
    for (key, value) in creation.configs {
        draft.push(resource.record(key, Some(value)));
    }
}

fn validate_name(image: &Image, taken: &TakenNames, name: &Str) -> Result<(), Refusal> {
    if let Some(rule) = topic_names::broken_rule(name) {
        return Err(Refusal::InvalidTopicName { rule });
    }
    if **name == *CLUSTER_METADATA_TOPIC_NAME {
        let reason = "the topic of the metadata log cannot be created";
        return Err(Refusal::InvalidRequest { reason });
    }
    if image.topic(name).is_some() {
        return Err(Refusal::TopicAlreadyExists);
    }
    if let Some(existing) = taken.collision(name) {
        let existing = existing.clone();
        return Err(Refusal::TopicNameCollision { existing });
    }
    Ok(())
}

fn validate_configs(
    topic: &CreatableTopic,
    rules: &dyn ConfigRules,
) -> Result<BTreeMap<Str, Str>, Refusal> {
    let invalid = |reason| Refusal::InvalidConfig { reason };
    let mut configs = BTreeMap::new();
    for config in &topic.configs {
        let name = &config.name;
        let value = config.value.clone();
        let value = value.ok_or_else(|| invalid(format!("{name} has no value")))?;
        configs::check_size(&value)?;
        if configs.insert(name.clone(), value).is_some() {
            return Err(invalid(format!("{name} is set twice")));
        }
    }
    let resource = ConfigResource::Topic(topic.name.clone());
    rules.validate(&resource, &configs).map_err(invalid)?;
    Ok(configs)
}

/// The brokers of each partition.
fn assign(
    image: &Image,
    topic: &CreatableTopic,
    room: &mut Room,
) -> Result<Vec<Vec<BrokerId>>, Refusal> {
    let too_many = Refusal::TooManyPartitions {
        limit: PARTITIONS_PER_REQUEST_MAX,
    };
    if !topic.assignments.is_empty() {
        if topic.assignments.len() > room.partitions_left {
            return Err(too_many);
        }
        return assign_as_named(image, topic);
    }
    let partitions = or_default(image, topic.num_partitions, "num.partitions");
    let partitions = partitions.ok_or_else(|| Refusal::InvalidPartitions {
        reason: format!("it is {}, and must be at least 1", topic.num_partitions),
    })?;
    let factor = i32::from(topic.replication_factor);
    let factor = or_default(image, factor, "default.replication.factor");
    let factor = factor.ok_or_else(|| Refusal::InvalidReplicationFactor {
        reason: format!("it is {}, and must be at least 1", topic.replication_factor),
    })?;
    if partitions > room.partitions_left {
        return Err(too_many);
    }
    room.loads.place(image, &[], partitions, factor)
}

/// A number that is at least 1: the request's, or the cluster's default. `None`: it is neither.
fn or_default(image: &Image, wanted: i32, key: &str) -> Option<usize> {
    let number = if wanted == DEFAULT {
        let value = image.configs().value(&ConfigResource::ClusterDefault, key);
        value.map_or(Some(1), |it| it.trim().parse().ok())?
    } else {
        wanted
    };
    usize::try_from(number).ok().filter(|it| *it >= 1)
}

fn assign_as_named(image: &Image, topic: &CreatableTopic) -> Result<Vec<Vec<BrokerId>>, Refusal> {
    if topic.num_partitions != DEFAULT || i32::from(topic.replication_factor) != DEFAULT {
        let reason = "with an assignment, both numbers must be -1";
        return Err(Refusal::InvalidRequest { reason });
    }
    let mut in_order: Vec<_> = topic.assignments.iter().collect();
    in_order.sort_by_key(|it| it.partition_index);
    let mut assignments: Vec<Vec<BrokerId>> = Vec::with_capacity(in_order.len());
    let mut index = PartitionIndex::ZERO;
    for assignment in in_order {
        let invalid = |reason: &str| Refusal::InvalidReplicaAssignment {
            partition: index,
            reason: reason.to_owned(),
        };
        if assignment.partition_index != index.to_wire() {
            return Err(invalid("partitions count from 0 without gap or repetition"));
        }
        let replicas = assignment::named(image, index, &assignment.broker_ids)?;
        if assignments
            .first()
            .is_some_and(|it| it.len() != replicas.len())
        {
            return Err(invalid("all partitions have as many replicas"));
        }
        assignments.push(replicas);
        index = index.next();
    }
    Ok(assignments)
}

fn delete(
    draft: &mut Draft<'_>,
    state: &DeleteTopicState,
    is_twice: bool,
) -> Result<(TopicId, Str), Refusal> {
    let image = draft.image();
    let id = TopicId::from_wire(state.topic_id);
    let topic = match (id, &state.name) {
        (Some(_), Some(_)) | (None, None) => {
            let reason = "a topic is named by its name or by its id";
            return Err(Refusal::InvalidRequest { reason });
        }
        _ if is_twice => return Err(Refusal::DuplicateInRequest),
        (Some(id), None) => image.topic_by_id(id).ok_or(Refusal::UnknownTopicId)?,
        (None, Some(name)) => image.topic(name).ok_or(Refusal::UnknownTopicOrPartition)?,
    };
    let enabled = image
        .configs()
        .value(&ConfigResource::ClusterDefault, "delete.topic.enable");
    if enabled.is_some_and(|it| it.trim().eq_ignore_ascii_case("false")) {
        return Err(Refusal::TopicDeletionDisabled);
    }
    let deleted = (topic.id, topic.name.clone());
    draft.push(RemoveTopicRecord {
        topic_id: topic.id.to_bytes(),
        ..RemoveTopicRecord::default()
    });
    Ok(deleted)
}
