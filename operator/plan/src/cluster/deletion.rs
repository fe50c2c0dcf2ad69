//! The end of a cluster: what goes, in which order, and what stays.
//!
//! In: a Cluster that is being deleted. Out: steps. Never here: anything unless its owner asked for
//! Delete; under Retain there is no finalizer, and Kubernetes takes the children away by itself.
//!
//! The order is brokers, volumes, identity, so that at any moment what is left can be understood:
//! an identity without volumes is a cluster whose data is gone, never the other way round.

use crds::{Cluster, DeletionPolicy};

use crate::cluster::{Observed, Plan, Step, Waiting};
use crate::names::{self, Names};

pub(crate) fn plan(cluster: &Cluster, observed: &Observed, plan: &mut Plan) {
    let finalizers = cluster.metadata.finalizers.as_ref();
    if !finalizers.is_some_and(|it| it.iter().any(|it| it == names::FINALIZER)) {
        return;
    }
    let name = cluster.metadata.name.as_deref().unwrap_or_default();
    let namespace = cluster.metadata.namespace.as_deref().unwrap_or_default();
    let names = Names::new(name, namespace);
    let keeps_data = cluster.spec.deletion_policy != DeletionPolicy::Delete;
    // A namespace that goes takes everything with it; holding it up would help nobody.
    if keeps_data || observed.is_namespace_terminating {
        plan.steps.push(Step::ReleaseFinalizer);
        return;
    }
    for (name, live) in &observed.stateful_sets {
        if live.metadata.deletion_timestamp.is_none() {
            let uid = live.metadata.uid.clone().unwrap_or_default();
            plan.steps.push(Step::DeleteStatefulSet {
                name: name.clone(),
                uid,
            });
        }
    }
    if !observed.stateful_sets.is_empty() || !observed.pods.is_empty() {
        let message = format!("{} brokers are stopping", observed.pods.len());
        return plan.report.wait(Waiting::Deleting { message });
    }
    for (claim, volume) in &observed.volumes {
        if volume.metadata.deletion_timestamp.is_none() {
            let uid = volume.metadata.uid.clone().unwrap_or_default();
            plan.steps.push(Step::DeleteVolume {
                claim: claim.clone(),
                uid,
            });
        }
    }
    if !observed.volumes.is_empty() {
        let message = format!("{} volumes are being deleted", observed.volumes.len());
        return plan.report.wait(Waiting::Deleting { message });
    }
    if observed.config_maps.contains_key(&names.identity()) {
        plan.steps.push(Step::DeleteIdentity);
    }
    plan.steps.push(Step::ReleaseFinalizer);
}
