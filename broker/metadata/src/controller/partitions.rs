//! Topics get more partitions.
//!
//! In: `CreatePartitions`. Out: `PartitionRecord`s. Never here: fewer partitions; there is no way to
//! take one away.

use broker_types::{BrokerId, PartitionIndex};
use broker_wire::messages::create_partitions_request::{
    CreatePartitionsAssignment, CreatePartitionsRequest, CreatePartitionsTopic,
};
use broker_wire::messages::create_partitions_response::{
    CreatePartitionsResponse, CreatePartitionsTopicResult,
};

use crate::controller::assignment::{self, Loads, PARTITIONS_PER_REQUEST_MAX};
use crate::controller::draft::Draft;
use crate::controller::refusal::{Refusal, outcome};
use crate::controller::{Controller, Decision, named_twice};
use crate::image::Image;
use crate::topic::{Topic, index_of};

impl Controller {
    /// Adds partitions to topics, each topic whole or not at all.
    pub fn create_partitions(
        &mut self,
        request: &CreatePartitionsRequest,
    ) -> Decision<CreatePartitionsResponse> {
        let twice = named_twice(request.topics.iter().map(|it| &it.name));
        self.decide(request.validate_only, |draft| {
            let mut loads = Loads::of(draft.image());
            let mut left = PARTITIONS_PER_REQUEST_MAX;
            let results = request.topics.iter().map(|topic| {
                let created = if twice.contains(&topic.name) {
                    Err(Refusal::DuplicateInRequest)
                } else {
                    create(draft, topic, &mut loads, &mut left)
                };
                let (error_code, error_message) = outcome(&created);
                CreatePartitionsTopicResult {
                    name: topic.name.clone(),
                    error_code,
                    error_message,
                    ..CreatePartitionsTopicResult::default()
                }
            });
            CreatePartitionsResponse {
                results: results.collect(),
                ..CreatePartitionsResponse::default()
            }
        })
    }
}

fn create(
    draft: &mut Draft<'_>,
    request: &CreatePartitionsTopic,
    loads: &mut Loads,
    left: &mut usize,
) -> Result<(), Refusal> {
    let image = draft.image();
    let topic = image.topic(&request.name);
    let topic = topic.ok_or(Refusal::UnknownTopicOrPartition)?;
    let present = topic.partition_count();
    let wanted = usize::try_from(request.count).unwrap_or(0);
    let added = wanted.checked_sub(present).filter(|it| *it > 0);
    let added = added.ok_or_else(|| Refusal::InvalidPartitions {
        reason: format!(
            "the topic has {present}, and {} would not be more",
            request.count
        ),
    })?;
    if added > *left {
        return Err(Refusal::TooManyPartitions {
            limit: PARTITIONS_PER_REQUEST_MAX,
        });
    }
    let assignments = assign(image, topic, request.assignments.as_deref(), added, loads)?;
    *left -= added;
    let topic_id = topic.id;
    let mut index = index_of(present);
    for replicas in assignments {
        let partition = assignment::new_partition(draft.image(), replicas);
        draft.push(partition.to_record(topic_id, index));
        index = index.next();
    }
    Ok(())
}

fn assign(
    image: &Image,
    topic: &Topic,
    named: Option<&[CreatePartitionsAssignment]>,
    added: usize,
    loads: &mut Loads,
) -> Result<Vec<Vec<BrokerId>>, Refusal> {
    let existing: Vec<Vec<BrokerId>> = topic
        .partitions()
        .map(|(_, it)| it.replicas.clone())
        .collect();
    let factor = existing.first().map_or(1, Vec::len);
    let Some(named) = named else {
        return loads.place(image, &existing, added, factor);
    };
    let first = index_of(existing.len());
    let invalid = |partition: PartitionIndex, reason: String| Refusal::InvalidReplicaAssignment {
        partition,
        reason,
    };
    if named.len() != added {
        let reason = format!(
            "{added} partitions are added, and {} are assigned",
            named.len()
        );
        return Err(invalid(first, reason));
    }
    let mut index = first;
    let mut assignments = Vec::with_capacity(named.len());
    for assignment in named {
        let replicas = assignment::named(image, index, &assignment.broker_ids)?;
        if replicas.len() != factor {
            let reason = format!("the topic's partitions have {factor} replicas each");
            return Err(invalid(index, reason));
        }
        assignments.push(replicas);
        index = index.next();
    }
    Ok(assignments)
}
