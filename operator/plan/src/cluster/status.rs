//! What a cluster's status says: from what was read, what was planned, and how it went.
//!
//! In: the object, [`Observed`], [`Plan`], the outcomes of its steps. Out: `ClusterStatus`.
//! Never here: a decision; the status has no say in the next plan.

use crds::{Brokers, Cluster, ClusterStatus, Disruption, DisruptiveAction, ListenerStatus};
use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;

use crate::Outcome;
use crate::cluster::observed::is_ready;
use crate::cluster::rollout::{down, template_of};
use crate::cluster::{Observed, Plan, Restart, Waiting};
use crate::conditions::{self, Told};
use crate::names::{self, Names};

/// The status to write. `outcomes` are those of the plan's steps, in their order.
pub fn status(
    cluster: &Cluster,
    observed: &Observed,
    plan: &Plan,
    outcomes: &[Outcome],
    now: Timestamp,
) -> ClusterStatus {
    let previous = cluster.status.clone().unwrap_or_default();
    let name = cluster.metadata.name.as_deref().unwrap_or_default();
    let names = Names::new(
        name,
        cluster.metadata.namespace.as_deref().unwrap_or_default(),
    );
    let generation = cluster.metadata.generation;
    let brokers = brokers(cluster, observed, plan);
    let mut told = standard(&names, plan, outcomes, &brokers);
    told.push(available(observed, plan));
    told.push(up_to_date(plan, &brokers));
    let listeners = cluster.spec.listeners.iter().map(|it| ListenerStatus {
        name: it.name.clone(),
        bootstrap_servers: format!("{}:{}", names.bootstrap_host(), it.port),
    });
    ClusterStatus {
        observed_generation: generation,
        operator: previous.operator,
        cluster_id: plan.cluster_id.clone().or(previous.cluster_id),
        listeners: listeners.collect(),
        pending_updates: plan.pending.clone(),
        disruption: disruption(previous.disruption, observed, plan, outcomes, now),
        conditions: conditions::merge(&previous.conditions, told, generation, now),
        brokers: Some(brokers),
    }
}

/// The status of a Cluster that could not be read in full: what was told before may not hold any more.
pub fn unread(cluster: &Cluster, message: &str, now: Timestamp) -> ClusterStatus {
    let previous = cluster.status.clone().unwrap_or_default();
    let (reason, message) = ("ReadFailed", message.to_owned());
    let unknown = |type_| Told {
        type_,
        is_true: None,
        reason,
        message: message.clone(),
    };
    let told = vec![
        unknown("Ready"),
        Told::new("Reconciling", true, reason, message.clone()),
        Told::new("Stalled", false, reason, String::new()),
        unknown("Available"),
        unknown("UpToDate"),
    ];
    let generation = cluster.metadata.generation;
    ClusterStatus {
        conditions: conditions::merge(&previous.conditions, told, generation, now),
        ..previous
    }
}

fn brokers(cluster: &Cluster, observed: &Observed, plan: &Plan) -> Brokers {
    let total = cluster.spec.pools.iter().map(|it| it.replicas).sum();
    let mut brokers = Brokers {
        total,
        ready: 0,
        updated: 0,
    };
    for (set, approved) in &plan.record.sets {
        for ordinal in 0..approved.inputs.replicas {
            let Some(pod) = observed.pods.get(&names::pod(set, ordinal)) else {
                continue;
            };
            brokers.ready += i32::from(is_ready(pod));
            brokers.updated += i32::from(template_of(pod) == Some(approved.hash.as_str()));
        }
    }
    brokers
}

/// `Ready`, `Reconciling` and `Stalled`. What its owner has to change is told first, then what went
/// wrong, then what is awaited.
fn standard(names: &Names, plan: &Plan, outcomes: &[Outcome], brokers: &Brokers) -> Vec<Told> {
    let first_waiting = plan.report.waiting.iter().find(|it| !it.is_harmless());
    let failed = failed(plan, outcomes);
    if let Some(refused) = &plan.report.refused {
        // What runs is looked after meanwhile, and somebody has to hear if that does not go well.
        let trouble = failed.or_else(|| first_waiting.map(|it| it.message(names)));
        let message = refused.message();
        let message = trouble.map_or(message.clone(), |it| format!("{message}; meanwhile {it}"));
        return conditions::stalled(refused.reason(), message);
    }
    if let Some(waiting) = first_waiting.filter(|it| it.needs_a_person()) {
        return conditions::stalled(waiting.reason(), waiting.message(names));
    }
    if let Some(message) = failed {
        return conditions::reconciling("ApplyFailed", message);
    }
    let refused = plan
        .refused_config(outcomes)
        .map(|it| format!("the brokers refuse spec.config: {it}"));
    let with_refused = |message: String| match &refused {
        Some(refused) => format!("{message}; {refused}"),
        None => message,
    };
    if let Some(waiting) = first_waiting {
        return conditions::reconciling(waiting.reason(), with_refused(waiting.message(names)));
    }
    let not_yet = plan.steps.iter().zip(outcomes).find_map(|(step, outcome)| {
        let Outcome::NotYet(message) = outcome else {
            return None;
        };
        let pod = step.restart()?.pod.clone();
        Some(Waiting::Roll {
            pod,
            message: message.clone(),
        })
    });
    if let Some(waiting) = not_yet {
        return conditions::reconciling(waiting.reason(), with_refused(waiting.message(names)));
    }
    // As long as something else moves, it may be what makes the brokers take it.
    if let Some(message) = refused.filter(|_| plan.is_only_refused_config(outcomes)) {
        return conditions::stalled("InvalidConfig", message);
    }
    match plan.steps.first() {
        Some(step) => conditions::reconciling("Progressing", step.describe()),
        None => {
            let harmless = plan.report.waiting.first().map(|it| it.message(names));
            let message = format!("{} of {} brokers are ready", brokers.ready, brokers.total);
            conditions::ready(harmless.map_or(message.clone(), |it| format!("{message}; {it}")))
        }
    }
}

/// The first step that failed, and why.
fn failed(plan: &Plan, outcomes: &[Outcome]) -> Option<String> {
    let mut ended = plan.steps.iter().zip(outcomes);
    ended.find_map(|(step, outcome)| match outcome {
        Outcome::Failed(message) => Some(format!("{}: {message}", step.describe())),
        Outcome::Done | Outcome::NotYet(_) | Outcome::Skipped => None,
    })
}

/// Whether clients are served: there is a controller and every partition has a leader.
fn available(observed: &Observed, plan: &Plan) -> Told {
    let unknown = |reason, message: &str| Told {
        type_: "Available",
        is_true: None,
        reason,
        message: message.to_owned(),
    };
    let Some(cluster_id) = &plan.cluster_id else {
        let message = "the cluster has no identity yet".to_owned();
        return Told::new("Available", false, "NotBootstrapped", message);
    };
    let Some(image) = observed.image(cluster_id) else {
        return unknown("NoAnswer", "no broker of the cluster answers the operator");
    };
    let has_leader = observed
        .quorum(cluster_id)
        .is_some_and(|it| it.leader_id.is_some());
    if !has_leader {
        let message = "the metadata quorum has no leader".to_owned();
        return Told::new("Available", false, "NoController", message);
    }
    if image.offline_partitions > 0 {
        let message = format!("{} partitions have no leader", image.offline_partitions);
        return Told::new("Available", false, "PartitionsOffline", message);
    }
    Told::new(
        "Available",
        true,
        "Available",
        "every partition has a leader".to_owned(),
    )
}

fn up_to_date(plan: &Plan, brokers: &Brokers) -> Told {
    if let Some(pending) = plan.pending.first() {
        let message = format!("{}: {}", pending.stateful_set, pending.reason);
        return Told::new("UpToDate", false, "UpdatePending", message);
    }
    let message = format!(
        "{} of {} brokers run what was approved",
        brokers.updated, brokers.total
    );
    if brokers.updated < brokers.total {
        return Told::new("UpToDate", false, "Updating", message);
    }
    Told::new("UpToDate", true, "UpToDate", message)
}

/// The action that is under way: the one that was just taken, or the last one until its broker is up.
fn disruption(
    previous: Option<Disruption>,
    observed: &Observed,
    plan: &Plan,
    outcomes: &[Outcome],
    now: Timestamp,
) -> Option<Disruption> {
    let both = plan.steps.iter().zip(outcomes);
    let restart = both
        .filter_map(|(step, outcome)| Some((step.restart()?, outcome)))
        .next();
    if let Some((Restart { pod, .. }, outcome)) = restart {
        let reason = match outcome {
            Outcome::Done => "deleted, to be made again from the approved template".to_owned(),
            Outcome::NotYet(message) | Outcome::Failed(message) => message.clone(),
            Outcome::Skipped => "an earlier step failed".to_owned(),
        };
        let since = previous
            .filter(|it| it.target == *pod)
            .map_or(Time(now), |it| it.since);
        let target = pod.clone();
        return Some(Disruption {
            action: DisruptiveAction::Restart,
            target,
            reason,
            since,
        });
    }
    let previous = previous?;
    let why = down(&previous.target, observed)?;
    Some(Disruption {
        reason: format!("waits until it is up: {why}"),
        ..previous
    })
}
