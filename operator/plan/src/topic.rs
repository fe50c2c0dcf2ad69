//! One `Topic`: from what was read to what is done next, and what is told.
//!
//! In: the object, [`Observed`], the time. Out: [`Plan`] and `TopicStatus`. Never here: talking to
//! brokers; what they refuse comes back as an outcome.
//!
//! A topic is the object's own when the status bears its id. One that was there before is adopted as
//! `spec.adoption` says; one that somebody made again under the same name is another topic.
//!
//! An answer can be lost, and with it the id of a topic that was just made. Therefore the status says
//! what is about to be created before it is: only after the brokers had no such topic, and had nothing
//! against it. A topic of exactly that shape which is there afterwards is the object's own, also when the
//! brokers say that it exists: whoever passes a request on does so again when the answer is lost. Where
//! they refuse the only request that is out, nothing was made, and the note goes.

mod report;
mod told;

use std::collections::BTreeMap;
use std::time::Duration;

use crds::{Adoption, Topic, TopicDeletionPolicy, TopicSpec, TopicStatus};
use jiff::Timestamp;

use crate::{Known, Outcome, conditions, names};

pub use report::Report;
pub use told::Done;

const REQUEUE_BUSY: Duration = Duration::from_secs(2);
/// The cluster may come to be as the topic needs it, without the topic's owner.
const REQUEUE_CLUSTER: Duration = Duration::from_secs(4);
const REQUEUE_IDLE: Duration = Duration::from_secs(30);

/// Configs that a reassignment sets and takes away again; whoever runs one owns them.
const THROTTLES: [&str; 2] = [
    "follower.replication.throttled.replicas",
    "leader.replication.throttled.replicas",
];

/// What was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observed {
    pub cluster: ClusterView,
    /// The topic of that name, if there is one.
    pub topic: Known<Option<TopicView>>,
    pub other_owner: Option<OtherOwner>,
    pub is_namespace_terminating: bool,
}

/// An older Topic object that stands for the same topic. One that is being deleted still does, for as
/// long as it may delete the topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OtherOwner {
    pub name: String,
    pub is_going: bool,
}

/// What is known of the cluster that the object names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClusterView {
    Absent,
    /// It is being deleted.
    Going,
    /// None of its brokers answers.
    Unreachable(String),
    Reachable {
        /// Brokers that can hold partitions.
        brokers: i32,
        /// The cluster's `min.insync.replicas`.
        min_insync_replicas: i32,
    },
}

/// What the brokers say about the topic.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TopicView {
    pub topic_id: String,
    pub partitions: i32,
    /// Replicas of the partition that has the fewest, and of the one that has the most.
    pub replicas: (i32, i32),
    pub under_replicated: i32,
    pub offline: i32,
    pub config: BTreeMap<String, String>,
    /// `None` while it is not known.
    pub is_empty: Option<bool>,
}

/// What to do, in order, and what to tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    pub steps: Vec<Step>,
    /// Why nothing more is done.
    pub report: Option<Report>,
    pub requeue: Duration,
}

/// One thing to do. If it fails, nothing after it is tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    AddFinalizer,
    ReleaseFinalizer,
    /// Asks whether the brokers would create the topic; nothing is made.
    Validate {
        partitions: i32,
        replicas: i32,
        config: BTreeMap<String, String>,
    },
    /// Says in the status what is about to be created.
    NoteCreation {
        request: String,
    },
    Create {
        partitions: i32,
        replicas: i32,
        config: BTreeMap<String, String>,
    },
    Alter {
        topic_id: String,
        partitions: Option<i32>,
        set: BTreeMap<String, String>,
        reset: Vec<String>,
    },
    Delete {
        topic_id: String,
        only_if_empty: bool,
    },
}

/// What became of the request to create the topic.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Creation {
    #[default]
    NotAsked,
    /// It was made and has this id.
    Made(String),
    /// It was not made: the only broker that was asked has looked at it and said no.
    Refused,
    /// It may have been made, or may be yet.
    Open,
}

/// Kafka's name of the topic.
pub fn topic_name(topic: &Topic) -> &str {
    let own = topic.metadata.name.as_deref().unwrap_or_default();
    topic.spec.topic_name.as_deref().unwrap_or(own)
}

/// Decides.
pub fn plan(topic: &Topic, observed: &Observed) -> Plan {
    let mut steps = Vec::new();
    let report = if topic.metadata.deletion_timestamp.is_some() {
        end(topic, observed, &mut steps)
    } else {
        finalizer(topic, &mut steps);
        follow(topic, observed, &mut steps)
    };
    let is_busy = !steps.is_empty() || report.as_ref().is_some_and(|it| !it.needs_a_person());
    let requeue = match &report {
        _ if is_busy => REQUEUE_BUSY,
        Some(Report::TooManyReplicas { .. }) => REQUEUE_CLUSTER,
        Some(_) | None => REQUEUE_IDLE,
    };
    Plan {
        steps,
        report,
        requeue,
    }
}

fn has_finalizer(topic: &Topic) -> bool {
    let finalizers = topic.metadata.finalizers.as_ref();
    finalizers.is_some_and(|it| it.iter().any(|it| it == names::FINALIZER))
}

/// A finalizer only where data was asked to be deleted.
fn finalizer(topic: &Topic, steps: &mut Vec<Step>) {
    match (
        topic.spec.deletion_policy != TopicDeletionPolicy::Retain,
        has_finalizer(topic),
    ) {
        (true, false) => steps.push(Step::AddFinalizer),
        (false, true) => steps.push(Step::ReleaseFinalizer),
        (true, true) | (false, false) => {}
    }
}

fn follow(topic: &Topic, observed: &Observed, steps: &mut Vec<Step>) -> Option<Report> {
    let spec = &topic.spec;
    let (brokers, cluster_min_isr) = match &observed.cluster {
        ClusterView::Absent => {
            return Some(Report::UnknownCluster {
                name: spec.cluster_ref.name.clone(),
            });
        }
        ClusterView::Going => return Some(Report::ClusterGoing),
        ClusterView::Unreachable(message) => {
            return Some(Report::Unreachable {
                message: message.clone(),
            });
        }
        ClusterView::Reachable { brokers: 0, .. } => {
            return Some(Report::Unreachable {
                message: "none has registered with it yet".to_owned(),
            });
        }
        ClusterView::Reachable {
            brokers,
            min_insync_replicas,
        } => (*brokers, *min_insync_replicas),
    };
    if let Some(other) = &observed.other_owner {
        let name = other.name.clone();
        return Some(if other.is_going {
            Report::OwnerGoing { name }
        } else {
            Report::OtherOwner { name }
        });
    }
    if let Err(report) = check_min_isr(spec, cluster_min_isr) {
        return Some(report);
    }
    let view = match &observed.topic {
        Known::Unknown(message) => {
            return Some(Report::Unreachable {
                message: message.clone(),
            });
        }
        Known::Known(view) => view.as_ref(),
    };
    let Some(view) = view else {
        if spec.replicas > brokers {
            return Some(Report::TooManyReplicas {
                replicas: spec.replicas,
                brokers,
            });
        }
        create(topic, steps);
        return None;
    };
    let is_own = is_own(topic, view);
    if let Some(why) = (!is_own).then(|| not_adopted(spec, view)).flatten() {
        return Some(Report::NotAdopted { why });
    }
    alter(spec, view, steps)
}

fn create(topic: &Topic, steps: &mut Vec<Step>) {
    let spec = &topic.spec;
    let (partitions, replicas, config) = (spec.partitions, spec.replicas, spec.config.clone());
    let request = request(partitions, replicas, &config);
    let status = topic.status.as_ref();
    let is_noted = status.and_then(|it| it.creating.as_ref()) == Some(&request);
    // What was asked for already is asked for again as it is.
    if !is_noted {
        steps.push(Step::Validate {
            partitions,
            replicas,
            config: config.clone(),
        });
        steps.push(Step::NoteCreation { request });
    }
    steps.push(Step::Create {
        partitions,
        replicas,
        config,
    });
}

/// Tells one request to create a topic from others.
fn request(partitions: i32, replicas: i32, config: &BTreeMap<String, String>) -> String {
    crate::cluster::hash(&(partitions, replicas, config))
}

/// Whether the topic was made or adopted by this object.
fn is_own(topic: &Topic, view: &TopicView) -> bool {
    let Some(status) = &topic.status else {
        return false;
    };
    let (replicas_min, replicas_max) = view.replicas;
    let is_as_asked = replicas_min == replicas_max
        && status.creating == Some(request(view.partitions, replicas_min, &view.config));
    status.topic_id.as_ref() == Some(&view.topic_id) || is_as_asked
}

fn check_min_isr(spec: &TopicSpec, of_cluster: i32) -> Result<(), Report> {
    let replicas = spec.replicas;
    let min_insync_replicas = match spec.config.get("min.insync.replicas") {
        None => of_cluster,
        Some(value) => match value.parse() {
            Ok(number) if number >= 1 => number,
            Ok(_) | Err(_) => {
                return Err(Report::InvalidMinIsr {
                    value: value.clone(),
                });
            }
        },
    };
    if min_insync_replicas > replicas {
        return Err(Report::MinIsrAboveReplicas {
            min_insync_replicas,
            replicas,
        });
    }
    Ok(())
}

/// Why a topic that was there before does not become the object's. `None` if it does.
fn not_adopted(spec: &TopicSpec, view: &TopicView) -> Option<String> {
    match spec.adoption {
        Adoption::Always => None,
        Adoption::Never => Some("adoption is Never".to_owned()),
        Adoption::IfMatches if view.partitions != spec.partitions => {
            Some(format!("has {} partitions", view.partitions))
        }
        Adoption::IfMatches if view.replicas != (spec.replicas, spec.replicas) => {
            Some(format!("has {} replicas", view.replicas.0))
        }
        Adoption::IfMatches if drift(spec, view) != Default::default() => {
            Some("has another config".to_owned())
        }
        Adoption::IfMatches => None,
    }
}

/// What has to be set and reset for the topic's config to be the spec's.
fn drift(spec: &TopicSpec, view: &TopicView) -> (BTreeMap<String, String>, Vec<String>) {
    let set = spec
        .config
        .iter()
        .filter(|(key, value)| view.config.get(*key) != Some(value));
    let reset = view
        .config
        .keys()
        .filter(|it| !spec.config.contains_key(*it) && !THROTTLES.contains(&it.as_str()));
    let set = set.map(|(key, value)| (key.clone(), value.clone()));
    (set.collect(), reset.cloned().collect())
}

fn alter(spec: &TopicSpec, view: &TopicView, steps: &mut Vec<Step>) -> Option<Report> {
    let (set, reset) = drift(spec, view);
    let partitions = (spec.partitions > view.partitions).then_some(spec.partitions);
    if partitions.is_some() || !set.is_empty() || !reset.is_empty() {
        steps.push(Step::Alter {
            topic_id: view.topic_id.clone(),
            partitions,
            set,
            reset,
        });
    }
    if spec.partitions < view.partitions {
        return Some(Report::PartitionsShrink {
            from: view.partitions,
            to: spec.partitions,
        });
    }
    let (from, to) = (view.replicas.0, spec.replicas);
    (view.replicas != (to, to)).then_some(Report::ReplicasChanged { from, to })
}

/// The end of the object: deletes the topic only if that was asked, if it is the object's own, and if
/// the cluster is there; never holds up anything else.
fn end(topic: &Topic, observed: &Observed, steps: &mut Vec<Step>) -> Option<Report> {
    if !has_finalizer(topic) {
        return None;
    }
    let only_if_empty = match topic.spec.deletion_policy {
        TopicDeletionPolicy::Retain => None,
        TopicDeletionPolicy::Delete => Some(false),
        TopicDeletionPolicy::DeleteIfEmpty => Some(true),
    };
    let is_gone = observed.is_namespace_terminating
        || matches!(observed.cluster, ClusterView::Absent | ClusterView::Going);
    let status = topic.status.as_ref();
    let may_own = status.is_some_and(|it| it.topic_id.is_some() || it.creating.is_some());
    if let (Some(only_if_empty), true, false) = (only_if_empty, may_own, is_gone) {
        match &observed.topic {
            Known::Unknown(message) => {
                return Some(Report::DeletionUnreachable {
                    message: message.clone(),
                });
            }
            Known::Known(Some(view)) if is_own(topic, view) => {
                match (only_if_empty, view.is_empty) {
                    (true, None) => return Some(Report::EmptinessUnknown),
                    (true, Some(false)) => {}
                    (true, Some(true)) | (false, _) => {
                        steps.push(Step::Delete {
                            topic_id: view.topic_id.clone(),
                            only_if_empty,
                        });
                    }
                }
            }
            Known::Known(_) => {}
        }
    }
    steps.push(Step::ReleaseFinalizer);
    None
}

/// The status that says what is about to be created, and nothing else that is new.
pub fn noted(topic: &Topic, request: &str) -> TopicStatus {
    TopicStatus {
        creating: Some(request.to_owned()),
        ..topic.status.clone().unwrap_or_default()
    }
}

/// The status to write. `outcomes` are those of the plan's steps.
pub fn status(
    topic: &Topic,
    observed: &Observed,
    plan: &Plan,
    outcomes: &[Outcome],
    creation: &Creation,
    now: Timestamp,
) -> TopicStatus {
    let previous = topic.status.clone().unwrap_or_default();
    let generation = topic.metadata.generation;
    let view = observed.topic.known().and_then(Option::as_ref);
    let was_there = previous.topic_id.is_some();
    let told = told::told(was_there, view, plan, outcomes);
    // Only a topic that is followed is the object's own.
    let is_followed = !plan.report.as_ref().is_some_and(Report::leaves_alone);
    let followed = view.filter(|it| is_followed || is_own(topic, it));
    let is_known = observed.topic.known().is_some();
    let topic_id = match (creation, followed) {
        (Creation::Made(id), _) => Some(id.clone()),
        (Creation::NotAsked | Creation::Refused | Creation::Open, Some(view)) => {
            Some(view.topic_id.clone())
        }
        (Creation::NotAsked | Creation::Refused | Creation::Open, None) => {
            previous.topic_id.clone()
        }
    };
    let seen = |now: Option<i32>, before: Option<i32>| if is_known { now } else { before };
    TopicStatus {
        observed_generation: generation,
        operator: previous.operator,
        topic_id,
        creating: creating(previous.creating, view, plan, creation),
        partitions: seen(followed.map(|it| it.partitions), previous.partitions),
        replicas: seen(followed.map(|it| it.replicas.0), previous.replicas),
        under_replicated: seen(
            followed.map(|it| it.under_replicated),
            previous.under_replicated,
        ),
        conditions: conditions::merge(&previous.conditions, told, generation, now),
    }
}

/// What is left of the note: a request that may still be carried out.
fn creating(
    before: Option<String>,
    view: Option<&TopicView>,
    plan: &Plan,
    creation: &Creation,
) -> Option<String> {
    let noted = plan.steps.iter().find_map(|it| match it {
        Step::NoteCreation { request } => Some(request.clone()),
        Step::AddFinalizer
        | Step::ReleaseFinalizer
        | Step::Validate { .. }
        | Step::Create { .. }
        | Step::Alter { .. }
        | Step::Delete { .. } => None,
    });
    match creation {
        Creation::Made(_) => None,
        Creation::Open => noted.or(before),
        // An earlier request, if there is one, may still be carried out.
        Creation::Refused => before.filter(|_| noted.is_none()),
        Creation::NotAsked => before.filter(|_| view.is_none()),
    }
}

#[cfg(test)]
mod tests;
