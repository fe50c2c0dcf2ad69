//! One `ConsumerGroup`: what its status says. Nothing is planned: a group is observed, never made.
//!
//! In: the object, what the brokers say about the group, the time. Out: `ConsumerGroupStatus`.
//! Never here: the series of a lag over time; that is for metrics.

use std::time::Duration;

use crds::{ConsumerGroup, ConsumerGroupStatus, Lag, LagLimit, PartitionLag};
use jiff::Timestamp;

use crate::Known;
use crate::conditions::{self, Told};
use crate::topic::ClusterView;

/// How often a group is looked at. Each look may write the status, so not more often.
const REQUEUE: Duration = Duration::from_secs(15);
/// As long as nothing is known of it.
const REQUEUE_UNKNOWN: Duration = Duration::from_secs(2);
/// How many partitions the status names.
const PARTITIONS_MAX: usize = 10;

/// What was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observed {
    pub cluster: ClusterView,
    pub group: Known<GroupView>,
}

/// What the group's coordinator says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GroupView {
    /// Kafka's word.
    pub state: String,
    pub protocol: String,
    pub members: i32,
    pub partitions: Vec<GroupPartition>,
}

/// A partition with a committed offset.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GroupPartition {
    pub topic: String,
    pub partition: i32,
    pub committed_offset: i64,
    /// `None` while no leader answers.
    pub log_end_offset: Option<i64>,
    pub waiting_seconds: Option<i64>,
    pub client_id: String,
}

impl GroupPartition {
    /// Records that wait. An offset past the end, of a topic that was made again, waits for none.
    fn lag(&self) -> Option<i64> {
        let end = self.log_end_offset?;
        Some(end.saturating_sub(self.committed_offset).max(0))
    }
}

/// When to look again.
pub fn requeue(observed: &Observed) -> Duration {
    match observed.group {
        Known::Known(_) => REQUEUE,
        Known::Unknown(_) => REQUEUE_UNKNOWN,
    }
}

/// The status to write.
pub fn status(group: &ConsumerGroup, observed: &Observed, now: Timestamp) -> ConsumerGroupStatus {
    let previous = group.status.clone().unwrap_or_default();
    let generation = group.metadata.generation;
    let (mut status, told) = match refusal(group, observed) {
        // What was seen last is better than nothing; Ready says that it is old.
        Some(told) => (previous.clone(), told),
        None => seen(group, observed),
    };
    status.observed_generation = generation;
    status.operator = previous.operator;
    status.conditions = conditions::merge(&previous.conditions, told, generation, now);
    status
}

fn refusal(group: &ConsumerGroup, observed: &Observed) -> Option<Vec<Told>> {
    let name = &group.spec.cluster_ref.name;
    let (reason, message) = match (&observed.cluster, &observed.group) {
        (ClusterView::Absent, _) => (
            "UnknownCluster",
            format!(
                "there is no Cluster {name} in this namespace: create it, or make another \
                 ConsumerGroup that names the right one"
            ),
        ),
        (ClusterView::Going, _) => ("ClusterDeleting", "the Cluster is being deleted".to_owned()),
        (ClusterView::Unreachable(message), _) | (_, Known::Unknown(message)) => (
            "ClusterUnreachable",
            format!("nobody could say how the group is: {message}"),
        ),
        (ClusterView::Reachable { .. }, Known::Known(_)) => return None,
    };
    let mut told = conditions::reconciling(reason, message);
    if group.spec.lag.is_some() {
        told.push(Told {
            type_: "LagWithinLimit",
            is_true: None,
            reason,
            message: "the lag is not known".to_owned(),
        });
    }
    Some(told)
}

fn seen(group: &ConsumerGroup, observed: &Observed) -> (ConsumerGroupStatus, Vec<Told>) {
    let view = observed.group.known().cloned().unwrap_or_default();
    let lag = lag(&view);
    let message = match view.state.as_str() {
        "Dead" => "the group does not exist yet: its first member makes it".to_owned(),
        state => format!("the group is {state} with {} members", view.members),
    };
    let mut told = conditions::ready(message);
    if let Some(limit) = &group.spec.lag {
        told.push(within_limit(limit, &view, &lag));
    }
    let mut worst: Vec<PartitionLag> = view
        .partitions
        .iter()
        .filter_map(|it| {
            Some(PartitionLag {
                topic: it.topic.clone(),
                partition: it.partition,
                lag: it.lag()?,
                client_id: (!it.client_id.is_empty()).then(|| it.client_id.clone()),
            })
        })
        .collect();
    worst.sort_by(|a, b| {
        b.lag
            .cmp(&a.lag)
            .then_with(|| (&a.topic, a.partition).cmp(&(&b.topic, b.partition)))
    });
    worst.truncate(PARTITIONS_MAX);
    let status = ConsumerGroupStatus {
        state: Some(view.state),
        protocol: (!view.protocol.is_empty()).then_some(view.protocol),
        members: Some(view.members),
        lag: Some(lag),
        partitions: worst,
        ..ConsumerGroupStatus::default()
    };
    (status, told)
}

fn lag(view: &GroupView) -> Lag {
    let lags = || view.partitions.iter().filter_map(GroupPartition::lag);
    Lag {
        total: lags().fold(0, i64::saturating_add),
        max: lags().max().unwrap_or(0),
        max_seconds: view
            .partitions
            .iter()
            .filter_map(|it| it.waiting_seconds)
            .max(),
    }
}

/// A limit that is passed in what is known is passed; what is not known may pass it.
fn within_limit(limit: &LagLimit, view: &GroupView, lag: &Lag) -> Told {
    let records = limit.max.filter(|it| lag.max > *it);
    let seconds = limit
        .max_seconds
        .filter(|it| lag.max_seconds.is_some_and(|lag| lag > *it));
    let broken = match (records, seconds) {
        (Some(max), _) => Some(format!(
            "{} records wait in one partition, at most {max}",
            lag.max
        )),
        (None, Some(max)) => Some(format!(
            "a record has waited for {} s, at most {max}",
            lag.max_seconds.unwrap_or_default()
        )),
        (None, None) => None,
    };
    match (broken, unknown(limit, view, lag)) {
        (Some(message), _) => Told::new("LagWithinLimit", false, "LagAboveLimit", message),
        (None, Some(message)) => Told {
            type_: "LagWithinLimit",
            is_true: None,
            reason: "LagUnknown",
            message,
        },
        (None, None) => Told::new("LagWithinLimit", true, "LagWithinLimit", String::new()),
    }
}

/// Why the lag may be more than what is seen of it.
fn unknown(limit: &LagLimit, view: &GroupView, lag: &Lag) -> Option<String> {
    let silent = view.partitions.iter().filter(|it| it.lag().is_none());
    let n_silent = silent.count();
    if n_silent > 0 {
        return Some(format!(
            "of {n_silent} partitions no leader says where their log ends"
        ));
    }
    let is_untimed = limit.max_seconds.is_some() && lag.max > 0 && lag.max_seconds.is_none();
    is_untimed.then(|| "for how long the records have waited is not known".to_owned())
}

#[cfg(test)]
mod tests;
