//! Lints a finished plan: rules that no plan may break, whatever made it.
//!
//! In: the object, what was read, the plan. Out: the first rule that it breaks. Never here: mending.

use std::collections::BTreeSet;

use crds::{Cluster, DeletionPolicy};
use k8s_openapi::api::policy::v1::PodDisruptionBudget;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use crate::cluster::{Identity, Manifest, Observed, Plan, Step};
use crate::names::{self, Names};

/// A rule that a plan breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    #[error("it restarts more than one broker")]
    TwoRestarts,
    #[error("something follows a restart")]
    RestartNotLast,
    #[error("it opens a zone to evictions while another is open")]
    OpensTwoZones,
    #[error("it restarts a broker while another zone is open to evictions")]
    RestartsBesideOpenZone,
    #[error("it deletes data of a cluster that is not being deleted with its data")]
    DeletesData,
    #[error("it deletes volumes while brokers exist")]
    DeletesUsedVolumes,
    #[error("it changes an identity that brokers were given")]
    ChangesIdentity,
    #[error("it bootstraps a broker with another identity than the one that is written")]
    BootstrapsUnwritten,
    #[error("it creates something while the cluster is being deleted")]
    CreatesWhileDeleting,
}

/// Checks the rules, in this order.
pub fn check(cluster: &Cluster, observed: &Observed, plan: &Plan) -> Result<(), Fault> {
    if plan.steps.iter().filter_map(Step::restart).count() > 1 {
        return Err(Fault::TwoRestarts);
    }
    let position = plan.steps.iter().position(|it| it.restart().is_some());
    if position.is_some_and(|it| it + 1 != plan.steps.len()) {
        return Err(Fault::RestartNotLast);
    }
    check_zones(observed, plan)?;
    let is_deleting = cluster.metadata.deletion_timestamp.is_some();
    let may_delete = is_deleting && cluster.spec.deletion_policy == DeletionPolicy::Delete;
    let name = cluster.metadata.name.as_deref().unwrap_or_default();
    let names = Names::new(
        name,
        cluster.metadata.namespace.as_deref().unwrap_or_default(),
    );
    let live = observed.config_maps.get(&names.identity());
    let live = live.and_then(|it| Identity::read(it).ok());
    for step in &plan.steps {
        match step {
            Step::DeleteStatefulSet { .. } | Step::DeleteVolume { .. } | Step::DeleteIdentity
                if !may_delete =>
            {
                return Err(Fault::DeletesData);
            }
            Step::DeleteVolume { .. } if !observed.pods.is_empty() => {
                return Err(Fault::DeletesUsedVolumes);
            }
            Step::Apply { .. }
            | Step::MakeAuthority { .. }
            | Step::AdoptAuthority { .. }
            | Step::IssueCertificates(_)
                if is_deleting =>
            {
                return Err(Fault::CreatesWhileDeleting);
            }
            Step::WriteIdentity { .. } | Step::Bootstrap { .. } => {
                check_identity(step, plan, live.as_ref())?;
            }
            Step::AddFinalizer
            | Step::ReleaseFinalizer
            | Step::MakeAuthority { .. }
            | Step::AdoptAuthority { .. }
            | Step::IssueCertificates(_)
            | Step::Apply { .. }
            | Step::LabelVolume { .. }
            | Step::AlterClusterConfig { .. }
            | Step::DeleteConfigMap { .. }
            | Step::DeleteStatefulSet { .. }
            | Step::DeleteVolume { .. }
            | Step::DeleteIdentity
            | Step::Restart(_) => {}
        }
    }
    Ok(())
}

fn zone(budget: &PodDisruptionBudget) -> Option<&String> {
    let selector = budget.spec.as_ref()?.selector.as_ref()?;
    selector.match_labels.as_ref()?.get(names::ZONE_LABEL)
}

/// Whoever empties nodes takes no second broker: what else was open when it was read stays in the way of
/// opening and restarting.
fn check_zones(observed: &Observed, plan: &Plan) -> Result<(), Fault> {
    let is_open = |it: &PodDisruptionBudget| {
        it.spec.as_ref().and_then(|it| it.max_unavailable.clone()) != Some(IntOrString::Int(0))
    };
    let pods = observed.pods.values();
    let labels = pods.filter_map(|it| it.metadata.labels.as_ref()?.get(names::ZONE_LABEL));
    // A budget that selects no broker, whosever it is, lets nobody take one.
    let zones: BTreeSet<&String> = labels.collect();
    let open = observed.budgets.values().filter(|it| is_open(it));
    let open: BTreeSet<&String> = open
        .filter_map(zone)
        .filter(|it| zones.contains(it))
        .collect();
    let others_are_open = |own: Option<&String>| open.iter().any(|it| Some(*it) != own);
    for step in &plan.steps {
        if let Step::Apply {
            manifest: Manifest::Budget(budget),
            ..
        } = step
            && is_open(budget)
            && others_are_open(zone(budget))
        {
            return Err(Fault::OpensTwoZones);
        }
        let pod = step.restart().and_then(|it| observed.pods.get(&it.pod));
        let labels = pod.and_then(|it| it.metadata.labels.as_ref());
        if pod.is_some() && others_are_open(labels.and_then(|it| it.get(names::ZONE_LABEL))) {
            return Err(Fault::RestartsBesideOpenZone);
        }
    }
    Ok(())
}

/// Checks a step that writes an identity or gives it to a broker.
fn check_identity(step: &Step, plan: &Plan, live: Option<&Identity>) -> Result<(), Fault> {
    if let Step::WriteIdentity { config_map, .. } = step {
        let new = Identity::read(config_map).ok();
        if live.is_some_and(|live| !continues(live, new.as_ref())) {
            return Err(Fault::ChangesIdentity);
        }
    }
    if let Step::Bootstrap {
        cluster_id, voters, ..
    } = step
    {
        let written = plan.steps.iter().find_map(|it| {
            let Step::WriteIdentity { config_map, .. } = it else {
                return None;
            };
            Identity::read(config_map).ok()
        });
        let is_same = written.as_ref().or(live).is_some_and(|it| {
            it.is_sealed
                && it.cluster_id == *cluster_id
                && it.voters == *voters
                && !voters.is_empty()
        });
        if !is_same {
            return Err(Fault::BootstrapsUnwritten);
        }
    }
    Ok(())
}

/// Whether `new` keeps what may not change: node ids ever, and all but new node ids once sealed.
fn continues(live: &Identity, new: Option<&Identity>) -> bool {
    let Some(new) = new else { return false };
    let keeps_ids = live
        .node_ids
        .iter()
        .all(|(set, base)| new.node_ids.get(set) == Some(base));
    // Voters that were lost may be told again.
    let keeps_voters = live.voters.is_empty() || new.voters == live.voters;
    let keeps_rest = new.is_sealed && new.cluster_id == live.cluster_id && keeps_voters;
    keeps_ids && (!live.is_sealed || keeps_rest)
}
