//! Reassignments that have an id and a throttle: begun, altered, cancelled, described.
//!
//! In: which partitions are to be where, and how fast; an id. Out: `PartitionChangeRecord`s and one
//! `ReassignmentRecord`, in one batch. Never here: when one is over (`reassignment`, with the image);
//! what Kafka's own requests do (`reassignments`), which take what they name out of any of these.
//!
//! ```text
//!  started ──altered: another throttle, more partitions──┐
//!     ▲  └──────────────────────◄────────────────────────┘
//!     └── each partition leaves it when it is where it was to be, is taken back, gets another
//!         target from somebody else, or is deleted; with the last one it is gone
//! ```

use std::collections::BTreeSet;

use broker_types::{BrokerId, PartitionIndex, TopicPartition};
use broker_wire::Str;

use crate::controller::draft::Draft;
use crate::controller::reassignments::{self, PARTITIONS_PER_REQUEST_MAX};
use crate::controller::refusal::Refusal;
use crate::controller::replication::{self, PartitionChange};
use crate::controller::{Controller, Decision};
use crate::feature::{REASSIGNMENTS_LEVEL, TIDEMILL_VERSION};
use crate::image::Image;
use crate::reassignment::Reassignment;

/// Most partitions of one reassignment: all of them are in its record.
const PARTITIONS_MAX: usize = PARTITIONS_PER_REQUEST_MAX;
/// Most reassignments at a time: who asks which one a partition is in looks at each.
const REASSIGNMENTS_MAX: usize = 100;
/// Longest id, in bytes.
const ID_LENGTH_MAX: usize = 253;

/// Where a partition is to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartitionTarget {
    pub topic: Str,
    pub partition: i32,
    /// Brokers, the preferred leader first.
    pub replicas: Vec<i32>,
}

/// A reassignment as it is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReassignmentSpec {
    pub id: Str,
    /// Bytes per second and broker, each way. `None`: no limit.
    pub throttle: Option<u64>,
    pub targets: Vec<PartitionTarget>,
    /// Whether partitions may get another number of replicas.
    pub may_change_factor: bool,
}

/// Why nothing of a reassignment is done.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReassignmentRefusal {
    #[error(
        "the cluster's {TIDEMILL_VERSION} is {level}; raise it to {REASSIGNMENTS_LEVEL} once all brokers \
         are of a version that has it"
    )]
    FeatureLevel { level: i16 },
    #[error("{reason}")]
    Invalid { reason: String },
    #[error("no reassignment {id} is going on: it is complete, was cancelled, or never began")]
    Unknown { id: Str },
    #[error("a reassignment {id} is going on, and it is another one: {difference}")]
    IdInUse { id: Str, difference: String },
    #[error("{topic}-{partition} is being moved by the reassignment {id}; cancel it there first")]
    Busy { topic: Str, partition: i32, id: Str },
    #[error("{topic}-{partition}: {refusal}")]
    Partition {
        topic: Str,
        partition: i32,
        refusal: Refusal,
    },
}

/// What a cancellation comes to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cancelled {
    /// Partitions that are where they were before.
    pub taken_back: usize,
    /// Partitions that go on moving, under the same throttle, and why.
    pub refused: Vec<(Str, PartitionIndex, Refusal)>,
}

/// A reassignment at a glance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReassignmentSummary {
    pub id: Str,
    pub throttle: Option<u64>,
    /// Partitions that are not yet where they are to be.
    pub partitions: usize,
    /// Replicas of them that are being added and are not in sync.
    pub replicas_behind: usize,
}

/// A partition on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MovingPartition {
    pub topic: Str,
    pub place: TopicPartition,
    pub leader: Option<BrokerId>,
    pub target: Vec<BrokerId>,
    pub adding: Vec<BrokerId>,
    pub removing: Vec<BrokerId>,
    pub isr: Vec<BrokerId>,
}

/// Some partitions of a reassignment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MovingPage {
    /// Of the whole reassignment.
    pub summary: ReassignmentSummary,
    pub partitions: Vec<MovingPartition>,
    pub has_more: bool,
}

/// What is to be done to each partition.
type Plan = Vec<(TopicPartition, PartitionChange)>;

impl Controller {
    /// Begins to move partitions, all of them or none. To begin the same again does nothing.
    pub fn start_reassignment(
        &mut self,
        asked: &ReassignmentSpec,
    ) -> Decision<Result<(), ReassignmentRefusal>> {
        self.decide(false, |draft| {
            validate(draft.image(), asked)?;
            if let Some(known) = draft.image().reassignment(&asked.id) {
                return match difference(draft.image(), known, asked)? {
                    None => Ok(()),
                    Some(difference) => {
                        let id = asked.id.clone();
                        Err(ReassignmentRefusal::IdInUse { id, difference })
                    }
                };
            }
            if draft.image().reassignments().len() >= REASSIGNMENTS_MAX {
                let reason =
                    format!("{REASSIGNMENTS_MAX} reassignments are going on; wait for one");
                return Err(ReassignmentRefusal::Invalid { reason });
            }
            if asked.targets.is_empty() {
                let reason = "it names no partition".to_owned();
                return Err(ReassignmentRefusal::Invalid { reason });
            }
            let plan = plan(draft.image(), asked)?;
            write(draft, asked, BTreeSet::new(), plan);
            Ok(())
        })
    }

    /// Gives a reassignment another throttle, and more partitions, or other targets for those that it
    /// has; in one batch, or nothing of it.
    pub fn alter_reassignment(
        &mut self,
        asked: &ReassignmentSpec,
    ) -> Decision<Result<(), ReassignmentRefusal>> {
        self.decide(false, |draft| {
            validate(draft.image(), asked)?;
            let known = draft.image().reassignment(&asked.id);
            let known = known.ok_or_else(|| ReassignmentRefusal::Unknown {
                id: asked.id.clone(),
            })?;
            let partitions = known.partitions.clone();
            let plan = plan(draft.image(), asked)?;
            let added = plan.iter().filter(|it| !partitions.contains(&it.0));
            check_count(partitions.len() + added.count())?;
            write(draft, asked, partitions, plan);
            Ok(())
        })
    }

    /// Takes partitions back to where they were, all or those that are named. One that is in no
    /// reassignment of that id is left alone: it has got there, or was taken back before.
    pub fn cancel_reassignment(
        &mut self,
        id: &str,
        only: Option<&[(Str, i32)]>,
    ) -> Decision<Cancelled> {
        self.decide(false, |draft| {
            let image = draft.image();
            let is_named = |it: &MovingPartition| {
                only.is_none_or(|only| {
                    let index = it.place.partition.to_wire();
                    only.iter()
                        .any(|(topic, at)| *topic == it.topic && *at == index)
                })
            };
            let known = image.reassignment(id);
            let moving = known.into_iter().flat_map(|it| &it.partitions);
            let moving = moving.filter_map(|it| moving_partition(image, *it));
            let moving: Vec<MovingPartition> = moving.filter(is_named).collect();
            let mut cancelled = Cancelled::default();
            for MovingPartition { topic, place, .. } in moving {
                match take_back(draft.image(), &topic, place) {
                    Ok(change) => {
                        replication::change(draft, place, change);
                        cancelled.taken_back += 1;
                    }
                    Err(refusal) => cancelled.refused.push((topic, place.partition, refusal)),
                }
            }
            cancelled
        })
    }

    /// All reassignments that were begun under an id, in the order of these.
    pub fn reassignments(&self) -> Vec<ReassignmentSummary> {
        let all = self.image.reassignments();
        all.map(|(id, it)| summary(&self.image, id, it)).collect()
    }

    /// Partitions of a reassignment after one, in the order of topic ids and indexes; `None` when no
    /// reassignment of that id is going on.
    pub fn moving_partitions(
        &self,
        id: &str,
        after: Option<TopicPartition>,
        limit: usize,
    ) -> Option<MovingPage> {
        let known = self.image.reassignment(id)?;
        let left = known.partitions.iter().copied();
        let mut left = left.filter(|it| after.is_none_or(|after| *it > after));
        let partitions = left.by_ref().take(limit);
        let partitions = partitions.filter_map(|it| moving_partition(&self.image, it));
        Some(MovingPage {
            summary: summary(&self.image, &id.into(), known),
            partitions: partitions.collect(),
            has_more: left.next().is_some(),
        })
    }
}

fn validate(image: &Image, asked: &ReassignmentSpec) -> Result<(), ReassignmentRefusal> {
    let level = image.feature_level(TIDEMILL_VERSION);
    if level < REASSIGNMENTS_LEVEL {
        return Err(ReassignmentRefusal::FeatureLevel { level });
    }
    let invalid = |reason: String| Err(ReassignmentRefusal::Invalid { reason });
    let is_printable = asked.id.chars().all(|it| it.is_ascii_graphic());
    if asked.id.is_empty() || asked.id.len() > ID_LENGTH_MAX || !is_printable {
        return invalid(format!(
            "an id has 1 to {ID_LENGTH_MAX} letters, digits and signs of ASCII"
        ));
    }
    if asked
        .throttle
        .is_some_and(|it| it == 0 || i64::try_from(it).is_err())
    {
        return invalid("a throttle is at least 1 byte per second; none is no limit".to_owned());
    }
    check_count(asked.targets.len())
}

fn check_count(partitions: usize) -> Result<(), ReassignmentRefusal> {
    if partitions <= PARTITIONS_MAX {
        return Ok(());
    }
    Err(ReassignmentRefusal::Invalid {
        reason: format!("a reassignment has at most {PARTITIONS_MAX} partitions at a time"),
    })
}

fn plan(image: &Image, asked: &ReassignmentSpec) -> Result<Plan, ReassignmentRefusal> {
    let mut seen = BTreeSet::new();
    let mut plan = Vec::with_capacity(asked.targets.len());
    for target in &asked.targets {
        let refuse = |refusal| refused(target, refusal);
        let (topic, index, partition) =
            reassignments::find(image, &target.topic, target.partition).map_err(refuse)?;
        let place = TopicPartition {
            topic_id: topic.id,
            partition: index,
        };
        if !seen.insert(place) {
            let reason = "it is named twice";
            return Err(refuse(Refusal::InvalidRequest { reason }));
        }
        if let Some((id, _)) = image.reassignment_of(place)
            && *id != asked.id
        {
            return Err(ReassignmentRefusal::Busy {
                topic: target.topic.clone(),
                partition: target.partition,
                id: id.clone(),
            });
        }
        let (named, may_change) = (&target.replicas, asked.may_change_factor);
        let change = reassignments::begin(image, index, partition, named, may_change);
        plan.push((place, change.map_err(refuse)?));
    }
    Ok(plan)
}

fn refused(target: &PartitionTarget, refusal: Refusal) -> ReassignmentRefusal {
    ReassignmentRefusal::Partition {
        topic: target.topic.clone(),
        partition: target.partition,
        refusal,
    }
}

/// The partitions first, then the record: to be assigned once more takes a partition out of what it was
/// in.
fn write(
    draft: &mut Draft<'_>,
    asked: &ReassignmentSpec,
    mut partitions: BTreeSet<TopicPartition>,
    plan: Plan,
) {
    for (place, change) in plan {
        replication::change(draft, place, change);
        partitions.insert(place);
    }
    let image = draft.image();
    // What needs no copy is done at once.
    partitions.retain(|it| image.partition(*it).is_some_and(|it| it.is_reassigning()));
    let wanted = Reassignment {
        throttle: asked.throttle,
        partitions,
    };
    let is_known = image.reassignment(&asked.id) == Some(&wanted);
    if !wanted.partitions.is_empty() && !is_known {
        draft.push(wanted.to_record(&asked.id));
    }
}

/// In what a reassignment differs from what is asked for, counting what is already where it is to be.
fn difference(
    image: &Image,
    known: &Reassignment,
    asked: &ReassignmentSpec,
) -> Result<Option<String>, ReassignmentRefusal> {
    if known.throttle != asked.throttle {
        let throttle = known
            .throttle
            .map_or("no limit".to_owned(), |it| it.to_string());
        return Ok(Some(format!("its throttle is {throttle}")));
    }
    let mut others = known.partitions.clone();
    for target in &asked.targets {
        let found = reassignments::find(image, &target.topic, target.partition);
        let (topic, index, partition) = found.map_err(|it| refused(target, it))?;
        let place = TopicPartition {
            topic_id: topic.id,
            partition: index,
        };
        let is_mine = others.remove(&place) || !partition.is_reassigning();
        let replicas = partition.target_replicas();
        let is_same = replicas
            .iter()
            .map(|it| it.to_wire())
            .eq(target.replicas.iter().copied());
        if !is_mine || !is_same {
            return Ok(Some(format!(
                "it does not bring {}-{index} there",
                target.topic
            )));
        }
    }
    let others = others.len();
    Ok((others > 0).then(|| format!("it has {others} other partitions")))
}

fn take_back(
    image: &Image,
    topic: &Str,
    place: TopicPartition,
) -> Result<PartitionChange, Refusal> {
    let partition = image.partition(place);
    let partition = partition.ok_or(Refusal::UnknownTopicOrPartition)?;
    reassignments::cancel(image, topic, place.partition, partition)
}

fn summary(image: &Image, id: &Str, known: &Reassignment) -> ReassignmentSummary {
    let partitions = known
        .partitions
        .iter()
        .filter_map(|it| image.partition(*it));
    let behind = partitions.map(|partition| {
        let adding = partition.adding.iter();
        let behind = adding.filter(|it| !partition.isr.contains(it));
        behind.count()
    });
    ReassignmentSummary {
        id: id.clone(),
        throttle: known.throttle,
        partitions: known.partitions.len(),
        replicas_behind: behind.sum(),
    }
}

fn moving_partition(image: &Image, place: TopicPartition) -> Option<MovingPartition> {
    let topic = image.topic_by_id(place.topic_id)?;
    let partition = topic.partition(place.partition)?;
    Some(MovingPartition {
        topic: topic.name.clone(),
        place,
        leader: partition.leader,
        target: partition.target_replicas(),
        adding: partition.adding.clone(),
        removing: partition.removing.clone(),
        isr: partition.isr.clone(),
    })
}
