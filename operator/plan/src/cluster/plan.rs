//! What is done next for a cluster, and why not more.
//!
//! In: the object, the validated spec, what was approved, what was read, the time, a fresh id. Out: a
//! [`Plan`]. Never here: doing it.
//!
//! Repairs come before waits: what is missing is put back even while something else is awaited. Steps
//! are in the order in which they are done; at most one of them disrupts, and it is the last.

use std::collections::BTreeMap;
use std::time::Duration;

use crds::{Cluster, DeletionPolicy, PendingUpdate};
use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use crate::cluster::manifests::{self, Manifest};
use crate::cluster::observed::{is_ready, trouble};
use crate::cluster::same::is_same;
use crate::cluster::{
    Approved, Fault, Formatting, Identity, Observed, Record, Refused, Report, Step, Validated,
    Waiting, budgets, certificates, check, deletion, garbage, identity, rollout,
};
use crate::{Known, Outcome, names};

/// After steps: brokers cannot be watched, so they are asked how it went.
const REQUEUE_BUSY: Duration = Duration::from_secs(1);
/// While something outside is awaited.
const REQUEUE_WAITING: Duration = Duration::from_secs(2);
/// At rest.
const REQUEUE_IDLE: Duration = Duration::from_secs(5);

/// What to do, in order, and what to tell.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan {
    pub steps: Vec<Step>,
    pub report: Report,
    /// What is approved once the steps are done.
    pub record: Record,
    pub pending: Vec<PendingUpdate>,
    pub cluster_id: Option<String>,
}

impl Plan {
    /// When to look again, if nothing happens before. What brokers have refused is not asked of them
    /// every second.
    pub fn requeue(&self, outcomes: &[Outcome]) -> Duration {
        let is_busy = !self.steps.is_empty() && !self.is_only_refused_config(outcomes);
        match (is_busy, self.report.waiting.is_empty()) {
            (true, _) => REQUEUE_BUSY,
            (false, false) => REQUEUE_WAITING,
            (false, true) => REQUEUE_IDLE,
        }
    }

    /// Why the brokers refuse the config, if they do.
    pub(crate) fn refused_config<'a>(&self, outcomes: &'a [Outcome]) -> Option<&'a str> {
        let mut ended = self.steps.iter().zip(outcomes);
        ended.find_map(|(step, outcome)| {
            let (Step::AlterClusterConfig { .. }, Outcome::NotYet(message)) = (step, outcome)
            else {
                return None;
            };
            Some(message.as_str())
        })
    }

    /// Whether there was nothing to do but what the brokers refuse.
    pub(crate) fn is_only_refused_config(&self, outcomes: &[Outcome]) -> bool {
        self.steps.len() == 1 && self.refused_config(outcomes).is_some()
    }
}

/// Decides. `cluster` is the object; `validated` what became of its spec.
pub fn plan(
    cluster: &Cluster,
    validated: &Result<Validated, Refused>,
    record: &Record,
    observed: &Observed,
    fresh_cluster_id: &str,
    now: Timestamp,
) -> Plan {
    let mut plan = Plan {
        record: record.clone(),
        ..Plan::default()
    };
    if cluster.metadata.deletion_timestamp.is_some() {
        deletion::plan(cluster, observed, &mut plan);
    } else {
        finalizer(cluster, &mut plan);
        match validated {
            Ok(validated) => follow(validated, observed, fresh_cluster_id, now, &mut plan),
            Err(refused) => {
                plan.report.refused = Some(refused.clone());
                plan.cluster_id = cluster.status.as_ref().and_then(|it| it.cluster_id.clone());
                if let Some(kept) = Validated::kept(cluster, record) {
                    keep(&kept, observed, fresh_cluster_id, now, &mut plan);
                }
            }
        }
    }
    if let Err(fault) = check(cluster, observed, &plan) {
        refuse_own_plan(&mut plan, &fault);
    }
    plan
}

/// A plan that breaks a rule is not carried out, whatever made it.
fn refuse_own_plan(plan: &mut Plan, fault: &Fault) {
    plan.steps.clear();
    plan.report.refused = Some(Refused::NotBuilt {
        what: format!("a plan that breaks a rule ({fault})"),
        remedy: "this is a bug of the operator: please report it with the operator's log"
            .to_owned(),
    });
}

/// A finalizer only where data was asked to be deleted.
fn finalizer(cluster: &Cluster, plan: &mut Plan) {
    let finalizers = cluster.metadata.finalizers.as_ref();
    let has = finalizers.is_some_and(|it| it.iter().any(|it| it == names::FINALIZER));
    let wants = cluster.spec.deletion_policy == DeletionPolicy::Delete;
    match (wants, has) {
        (true, false) => plan.steps.push(Step::AddFinalizer),
        (false, true) => plan.steps.push(Step::ReleaseFinalizer),
        (true, true) | (false, false) => {}
    }
}

/// Looks after what was approved while the spec cannot be followed: nothing is rolled out and no config
/// is altered, but children come back, certificates are renewed and empty brokers are given their
/// identity.
fn keep(
    kept: &Validated,
    observed: &Observed,
    fresh_cluster_id: &str,
    now: Timestamp,
    plan: &mut Plan,
) {
    if let Some(identity) = identify(kept, observed, fresh_cluster_id, now, plan) {
        budgets::plan(kept, observed, None, plan);
        children(kept, observed, plan);
        brokers(kept, &identity, observed, plan);
    }
}

fn follow(
    validated: &Validated,
    observed: &Observed,
    fresh_cluster_id: &str,
    now: Timestamp,
    plan: &mut Plan,
) {
    let Some(identity) = identify(validated, observed, fresh_cluster_id, now, plan) else {
        return;
    };
    let targets = manifests::targets(validated, &identity);
    let next = rollout::next(validated, &targets, &plan.record, observed);
    for name in &next.open {
        if let Some(target) = targets.get(name) {
            open(name, target, &mut plan.record);
        }
    }
    plan.pending = next.pending;
    // Before what it allows.
    apply(
        manifests::record(validated, &plan.record),
        &observed.config_maps,
        Manifest::ConfigMap,
        &mut plan.steps,
    );
    let restart = budgets::plan(validated, observed, next.restart, plan);
    children(validated, observed, plan);
    brokers(validated, &identity, observed, plan);
    config(validated, &identity, observed, plan);
    garbage::plan(observed, plan);
    if let Some(waiting) = next.waiting {
        plan.report.wait(waiting);
    }
    plan.steps.extend(restart.map(Step::Restart));
}

/// Finds out who the cluster is, writes it down and plans its certificates. `None` if nobody can say:
/// then everything that does not depend on it has been planned.
fn identify(
    validated: &Validated,
    observed: &Observed,
    fresh_cluster_id: &str,
    now: Timestamp,
    plan: &mut Plan,
) -> Option<Identity> {
    let mut identity = match identity::find(validated, observed, fresh_cluster_id) {
        Ok(identity) => identity,
        Err(waiting) => {
            plan.report.wait(waiting);
            // Whoever restores the record may take longer than certificates live.
            if let Some(told) = identity::told(observed) {
                certificates::plan(validated, &told, observed, now, plan);
            }
            budgets::plan(validated, observed, None, plan);
            children(validated, observed, plan);
            wait_for_brokers(validated, observed, plan);
            return None;
        }
    };
    if !identity.is_sealed
        && let Some(voters) = identity::first_voters(validated, &identity, observed)
    {
        identity = Identity {
            voters,
            is_sealed: true,
            ..identity
        };
    }
    plan.cluster_id = identity.is_sealed.then(|| identity.cluster_id.clone());
    write_identity(validated, &identity, observed, plan);
    certificates::plan(validated, &identity, observed, now, plan);
    Some(identity)
}

/// What brokers say of themselves and of the cluster, and what is done for those that wait.
fn brokers(validated: &Validated, identity: &Identity, observed: &Observed, plan: &mut Plan) {
    wait_for_brokers(validated, observed, plan);
    bootstrap(validated, identity, observed, plan);
    volumes(validated, identity, observed, plan);
    health(identity, observed, plan);
}

/// Makes the target what is approved. The claims of a StatefulSet cannot be changed, so they stay.
fn open(name: &str, target: &Approved, record: &mut Record) {
    let mut target = target.clone();
    let claims = record
        .sets
        .get(name)
        .and_then(|it| it.stateful_set.spec.as_ref());
    if let (Some(before), Some(spec)) = (claims, target.stateful_set.spec.as_mut()) {
        spec.volume_claim_templates
            .clone_from(&before.volume_claim_templates);
    }
    record.sets.insert(name.to_owned(), target);
}

fn write_identity(
    validated: &Validated,
    identity: &Identity,
    observed: &Observed,
    plan: &mut Plan,
) {
    let live = observed.config_maps.get(&validated.names.identity());
    let is_written = live.is_some_and(|it| Identity::read(it).as_ref() == Ok(identity));
    if !is_written {
        let resource_version = live.and_then(|it| it.metadata.resource_version.clone());
        let config_map = identity.config_map(&validated.names);
        plan.steps.push(Step::WriteIdentity {
            config_map,
            resource_version,
        });
    }
}

/// Everything that has no order among itself.
fn children(validated: &Validated, observed: &Observed, plan: &mut Plan) {
    let account = manifests::service_account(validated);
    apply(
        account,
        &observed.service_accounts,
        Manifest::ServiceAccount,
        &mut plan.steps,
    );
    for service in manifests::services(validated) {
        apply(
            service,
            &observed.services,
            Manifest::Service,
            &mut plan.steps,
        );
    }
    for approved in plan.record.sets.values() {
        apply_set(approved, observed, &mut plan.steps);
    }
}

fn apply_set(approved: &Approved, observed: &Observed, steps: &mut Vec<Step>) {
    apply(
        approved.config_map.clone(),
        &observed.config_maps,
        Manifest::ConfigMap,
        steps,
    );
    apply(
        approved.stateful_set.clone(),
        &observed.stateful_sets,
        Manifest::StatefulSet,
        steps,
    );
}

/// Plans an object that is missing or is not as it was rendered.
pub(crate) fn apply<T>(
    rendered: T,
    live: &BTreeMap<String, T>,
    wrap: fn(T) -> Manifest,
    steps: &mut Vec<Step>,
) where
    T: serde::Serialize + k8s_openapi::Metadata<Ty = ObjectMeta>,
{
    let name = rendered.metadata().name.clone().unwrap_or_default();
    let live = live.get(&name);
    // What is being deleted is made again when it is gone.
    let is_going = live.is_some_and(|it| it.metadata().deletion_timestamp.is_some());
    if !is_going && !live.is_some_and(|it| is_same(&rendered, it)) {
        steps.push(Step::Apply {
            manifest: wrap(rendered),
            is_new: live.is_none(),
        });
    }
}

/// Tells which pods are not up.
fn wait_for_brokers(validated: &Validated, observed: &Observed, plan: &mut Plan) {
    let total = validated.pods().count();
    let is_up = |pod: &String| observed.pods.get(pod).is_some_and(is_ready);
    let ready = validated.pods().filter(|(_, _, pod)| is_up(pod)).count();
    if let Some((_, _, pod)) = validated.pods().find(|(_, _, pod)| !is_up(pod)) {
        let trouble = match observed.pods.get(&pod) {
            Some(object) => trouble(object).unwrap_or_else(|| "it is not ready".to_owned()),
            None => "it does not exist".to_owned(),
        };
        plan.report.wait(Waiting::PodsNotReady {
            ready,
            total,
            pod,
            trouble,
        });
    }
    for (_, _, pod) in validated.pods() {
        if let Some(Known::Unknown(message)) = observed.brokers.get(&pod) {
            let message = message.clone();
            plan.report.wait(Waiting::BrokerSilent { pod, message });
        }
    }
}

/// Gives every broker that waits its identity.
fn bootstrap(validated: &Validated, identity: &Identity, observed: &Observed, plan: &mut Plan) {
    let foreign = observed.answers().find_map(|(pod, it)| {
        let cluster_id = it.cluster_id().filter(|it| *it != identity.cluster_id)?;
        Some(Waiting::ForeignVolume {
            pod: pod.to_owned(),
            cluster_id: cluster_id.to_owned(),
        })
    });
    plan.report.waiting.extend(foreign);
    plan.report.waiting.sort();
    let empty: Vec<_> = observed
        .answers()
        .filter(|(_, it)| it.formatting == Formatting::Waiting)
        .collect();
    if !empty.is_empty() {
        plan.report.wait(Waiting::NotBootstrapped {
            waiting: empty.len(),
        });
    }
    let is_voters = |directory: &str| {
        identity
            .voters
            .iter()
            .any(|it| it.directory_id == directory)
    };
    let was_used = identity.is_sealed && !empty.iter().any(|(_, it)| is_voters(&it.directory_id));
    if was_used && empty.len() == validated.pods().count() {
        let claims = validated
            .pods()
            .map(|(_, _, it)| validated.names.volume(&it));
        let claims = claims.collect();
        return plan.report.wait(Waiting::VolumesGone { claims });
    }
    if identity.is_sealed && identity.voters.is_empty() && !empty.is_empty() {
        let message = "no broker tells the voters of the quorum".to_owned();
        return plan.report.wait(Waiting::IdentityLost { message });
    }
    if !identity.is_sealed {
        return;
    }
    for (pod, broker) in empty {
        let expected = validated.pods().find(|(_, _, it)| it == pod);
        let node_id = expected.and_then(|(set, ordinal, _)| identity.node_id(&set.name, ordinal));
        // A broker that says another id than its file gives it is not spoken to.
        if node_id == Some(broker.node_id) {
            plan.steps.push(Step::Bootstrap {
                pod: pod.to_owned(),
                node_id: broker.node_id,
                directory_id: broker.directory_id.clone(),
                cluster_id: identity.cluster_id.clone(),
                voters: identity.voters.clone(),
                durability: validated.durability,
            });
        }
    }
}

/// Labels the volumes that hold the cluster's data.
fn volumes(validated: &Validated, identity: &Identity, observed: &Observed, plan: &mut Plan) {
    for (pod, broker) in observed.answers() {
        let claim = validated.names.volume(pod);
        let Some(volume) = observed.volumes.get(&claim) else {
            continue;
        };
        let label = |key: &str| {
            volume
                .metadata
                .labels
                .as_ref()?
                .get(key)
                .map(String::as_str)
        };
        let is_labelled = label(names::CLUSTER_ID_LABEL) == Some(&identity.cluster_id)
            && label(names::NODE_ID_LABEL) == Some(&broker.node_id.to_string());
        if broker.cluster_id() == Some(&identity.cluster_id) && !is_labelled {
            let cluster_id = identity.cluster_id.clone();
            plan.steps.push(Step::LabelVolume {
                claim,
                cluster_id,
                node_id: broker.node_id,
            });
        }
    }
}

fn has_leader(identity: &Identity, observed: &Observed) -> bool {
    let quorum = observed.quorum(&identity.cluster_id);
    quorum.is_some_and(|it| it.leader_id.is_some())
}

/// What the cluster says of itself.
fn health(identity: &Identity, observed: &Observed, plan: &mut Plan) {
    if identity.is_sealed && !has_leader(identity, observed) {
        plan.report.wait(Waiting::NoController);
    }
    let Some(image) = observed.image(&identity.cluster_id) else {
        return;
    };
    if image.offline_partitions > 0 {
        plan.report.wait(Waiting::PartitionsOffline {
            count: image.offline_partitions,
        });
    }
    if image.under_min_isr_partitions > 0 {
        let count = image.under_min_isr_partitions;
        plan.report.wait(Waiting::PartitionsUnderMinIsr { count });
    }
    if let Some((node_id, _)) = image.is_fenced.iter().find(|(_, is_fenced)| **is_fenced) {
        plan.report
            .wait(Waiting::BrokerFenced { node_id: *node_id });
    }
}

/// Alters the configs that are not as the spec has them.
fn config(validated: &Validated, identity: &Identity, observed: &Observed, plan: &mut Plan) {
    let Some(image) = observed.image(&identity.cluster_id) else {
        return;
    };
    let wanted = &validated.config;
    let set = wanted
        .iter()
        .filter(|(key, value)| image.config.get(*key) != Some(value));
    let set: BTreeMap<String, String> = set.map(|(key, it)| (key.clone(), it.clone())).collect();
    let reset = image.config.keys().filter(|it| !wanted.contains_key(*it));
    let reset: Vec<String> = reset.cloned().collect();
    if has_leader(identity, observed) && !(set.is_empty() && reset.is_empty()) {
        plan.steps.push(Step::AlterClusterConfig { set, reset });
    }
}
