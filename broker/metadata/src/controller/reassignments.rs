//! Partitions move to other brokers (KIP-455).
//!
//! In: `AlterPartitionReassignments`, `ListPartitionReassignments`. Out: `PartitionChangeRecord`s that
//! begin a reassignment or take it back. Never here: when one is complete (`election`), which is
//! looked at with every change of the partition; those that have an id and a throttle
//! (`throttled_reassignments`).
//!
//! ```text
//!  1 2 3 ──asked for 1 4 5──► 1 4 5 2 3, adding 4 5, removing 2 3 ──1 4 5 in sync──► 1 4 5
//!    ▲                              │
//!    └─────────cancelled────────────┘
//! ```
//!
//! Another target may be named meanwhile: what was there before the first one is still known, for
//! `adding` keeps all who were not.

use broker_types::{BrokerId, PartitionIndex, TopicPartition};
use broker_wire::Str;
use broker_wire::messages::alter_partition_reassignments_request::{
    AlterPartitionReassignmentsRequest, ReassignablePartition,
};
use broker_wire::messages::alter_partition_reassignments_response::{
    AlterPartitionReassignmentsResponse, ReassignablePartitionResponse, ReassignableTopicResponse,
};
use broker_wire::messages::list_partition_reassignments_request::ListPartitionReassignmentsRequest;
use broker_wire::messages::list_partition_reassignments_response::{
    ListPartitionReassignmentsResponse, OngoingPartitionReassignment, OngoingTopicReassignment,
};

use crate::apply_error::to_wire;
use crate::controller::draft::Draft;
use crate::controller::election::Assignment;
use crate::controller::refusal::{Refusal, outcome};
use crate::controller::replication::{self, PartitionChange, is_unclean_allowed};
use crate::controller::{Controller, Decision};
use crate::image::Image;
use crate::partition::{Partition, are_distinct};
use crate::topic::Topic;

/// Most partitions that one request may reassign: the records of a decision are one batch.
pub(super) const PARTITIONS_PER_REQUEST_MAX: usize = 10_000;

impl Controller {
    /// Begins reassignments, names other targets for them, or takes them back. Each partition is
    /// answered for itself.
    pub fn alter_partition_reassignments(
        &mut self,
        request: &AlterPartitionReassignmentsRequest,
    ) -> Decision<AlterPartitionReassignmentsResponse> {
        let may_change_factor = request.allow_replication_factor_change;
        self.decide(false, |draft| {
            let responses = request.topics.iter().map(|topic| {
                let partitions = topic.partitions.iter().map(|it| {
                    let altered = alter(draft, &topic.name, it, may_change_factor);
                    let (error_code, error_message) = outcome(&altered);
                    ReassignablePartitionResponse {
                        partition_index: it.partition_index,
                        error_code,
                        error_message,
                        ..ReassignablePartitionResponse::default()
                    }
                });
                ReassignableTopicResponse {
                    partitions: partitions.collect(),
                    name: topic.name.clone(),
                    ..ReassignableTopicResponse::default()
                }
            });
            AlterPartitionReassignmentsResponse {
                responses: responses.collect(),
                allow_replication_factor_change: may_change_factor,
                ..AlterPartitionReassignmentsResponse::default()
            }
        })
    }

    /// The reassignments that are going on, of all partitions or of those that are named. Nothing is
    /// said of those that are not being reassigned, or not known.
    pub fn list_partition_reassignments(
        &mut self,
        request: &ListPartitionReassignmentsRequest,
    ) -> Decision<ListPartitionReassignmentsResponse> {
        self.decide(false, |draft| {
            let image = draft.image();
            let topics: Vec<OngoingTopicReassignment> = match &request.topics {
                None => image.topics().map(|it| ongoing(it, None)).collect(),
                Some(named) => {
                    let known = named.iter().filter_map(|it| {
                        let topic = image.topic(&it.name)?;
                        Some(ongoing(topic, Some(&it.partition_indexes)))
                    });
                    known.collect()
                }
            };
            let has_any = |it: &OngoingTopicReassignment| !it.partitions.is_empty();
            ListPartitionReassignmentsResponse {
                topics: topics.into_iter().filter(has_any).collect(),
                ..ListPartitionReassignmentsResponse::default()
            }
        })
    }
}

fn ongoing(topic: &Topic, named: Option<&[i32]>) -> OngoingTopicReassignment {
    let partitions = topic.partitions().filter(|(index, it)| {
        let is_named = named.is_none_or(|named| named.contains(&index.to_wire()));
        is_named && it.is_reassigning()
    });
    let partitions = partitions.map(|(index, it)| OngoingPartitionReassignment {
        partition_index: index.to_wire(),
        replicas: to_wire(&it.replicas),
        adding_replicas: to_wire(&it.adding),
        removing_replicas: to_wire(&it.removing),
        ..OngoingPartitionReassignment::default()
    });
    OngoingTopicReassignment {
        name: topic.name.clone(),
        partitions: partitions.collect(),
        ..OngoingTopicReassignment::default()
    }
}

fn alter(
    draft: &mut Draft<'_>,
    topic: &Str,
    asked: &ReassignablePartition,
    may_change_factor: bool,
) -> Result<(), Refusal> {
    if draft.len() >= PARTITIONS_PER_REQUEST_MAX {
        let limit = PARTITIONS_PER_REQUEST_MAX;
        return Err(Refusal::TooManyReassignments { limit });
    }
    let image = draft.image();
    let (topic, index, partition) = find(image, topic, asked.partition_index)?;
    let change = match &asked.replicas {
        Some(replicas) => begin(image, index, partition, replicas, may_change_factor)?,
        None => cancel(image, &topic.name, index, partition)?,
    };
    let place = TopicPartition {
        topic_id: topic.id,
        partition: index,
    };
    replication::change(draft, place, change);
    Ok(())
}

/// A partition as requests name it.
pub(super) fn find<'a>(
    image: &'a Image,
    topic: &str,
    partition: i32,
) -> Result<(&'a Topic, PartitionIndex, &'a Partition), Refusal> {
    let topic = image.topic(topic).ok_or(Refusal::UnknownTopicOrPartition)?;
    let index = PartitionIndex::from_wire(partition);
    let found = index.and_then(|it| Some((it, topic.partition(it)?)));
    let (index, partition) = found.ok_or(Refusal::UnknownTopicOrPartition)?;
    Ok((topic, index, partition))
}

/// The change with which a partition begins to move to the brokers that are named.
pub(super) fn begin(
    image: &Image,
    index: PartitionIndex,
    partition: &Partition,
    named: &[i32],
    may_change_factor: bool,
) -> Result<PartitionChange, Refusal> {
    let target = target(image, index, partition, named)?;
    check_factor(partition, &target, may_change_factor)?;
    Ok(PartitionChange {
        assignment: Some(toward(partition, target)),
        ..PartitionChange::NONE
    })
}

/// The brokers that a request names.
fn target(
    image: &Image,
    index: PartitionIndex,
    partition: &Partition,
    named: &[i32],
) -> Result<Vec<BrokerId>, Refusal> {
    let invalid = |reason: String| Refusal::InvalidReplicaAssignment {
        partition: index,
        reason,
    };
    if named.is_empty() {
        return Err(invalid("it names no broker".to_owned()));
    }
    let mut target = Vec::with_capacity(named.len());
    for raw in named {
        let broker = BrokerId::from_wire(*raw).and_then(|it| image.broker(it));
        let broker = broker.ok_or_else(|| invalid(format!("broker {raw} is not registered")))?;
        if broker.is_cordoned() && !partition.replicas.contains(&broker.id) {
            let reason = format!("all directories of broker {raw} are cordoned");
            return Err(invalid(reason));
        }
        target.push(broker.id);
    }
    if !are_distinct(&target) {
        return Err(invalid("it names a broker twice".to_owned()));
    }
    Ok(target)
}

fn check_factor(
    partition: &Partition,
    target: &[BrokerId],
    may_change_factor: bool,
) -> Result<(), Refusal> {
    let (from, to) = (partition.target_replicas().len(), target.len());
    if from == to || may_change_factor {
        return Ok(());
    }
    Err(Refusal::InvalidReplicationFactor {
        reason: format!("it would change from {from} to {to}, which the request does not allow"),
    })
}

/// All who are there now, those of the target first and in its order.
fn toward(partition: &Partition, target: Vec<BrokerId>) -> Assignment {
    let original = partition.original_replicas();
    let is_leaving = |it: &BrokerId| !target.contains(it);
    let mut removing: Vec<BrokerId> = partition.replicas.clone();
    removing.retain(is_leaving);
    let mut replicas = target;
    replicas.extend(&removing);
    let adding = replicas.iter().copied();
    let mut adding: Vec<BrokerId> = adding.filter(|it| !original.contains(it)).collect();
    adding.sort_unstable();
    removing.sort_unstable();
    Assignment {
        replicas,
        adding,
        removing,
    }
}

/// Back to who was there before. It cannot be when what is acknowledged would then be on too few of
/// them, unless the topic allows unclean elections.
pub(super) fn cancel(
    image: &Image,
    topic: &Str,
    index: PartitionIndex,
    partition: &Partition,
) -> Result<PartitionChange, Refusal> {
    if !partition.is_reassigning() {
        return Err(Refusal::NoReassignmentInProgress);
    }
    let replicas = partition.original_replicas();
    let is_original = |it: &&BrokerId| replicas.contains(it);
    let isr: Vec<BrokerId> = partition.isr.iter().filter(is_original).copied().collect();
    let minimum = image.min_insync_replicas(topic).min(replicas.len());
    let is_too_small = isr.len() < minimum && isr.len() < partition.isr.len();
    let is_lossy = isr.is_empty() && !partition.elr.iter().any(|it| replicas.contains(it));
    if (is_too_small || is_lossy) && !is_unclean_allowed(image, topic) {
        let reason = format!(
            "{} of the replicas before the reassignment are in sync, and {minimum} are needed to go \
             back to them; wait until more are, or name another target",
            isr.len()
        );
        let partition = index;
        return Err(Refusal::InvalidReplicaAssignment { partition, reason });
    }
    let (adding, removing) = (Vec::new(), Vec::new());
    Ok(PartitionChange {
        assignment: Some(Assignment {
            replicas,
            adding,
            removing,
        }),
        isr: Some(isr),
        ..PartitionChange::NONE
    })
}
