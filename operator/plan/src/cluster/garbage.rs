//! The brokers' files that nothing names any more.
//!
//! In: what was read and approved. Out: steps. Never here: anything but ConfigMaps of the operator's.

use k8s_openapi::api::apps::v1::StatefulSet;

use crate::cluster::{Observed, Plan, Step};

/// Kubernetes' label of a pod: the revision of the StatefulSet that it was made from.
const REVISION_LABEL: &str = "controller-revision-hash";

/// Takes away the files that no approved or live template and no pod names.
pub(crate) fn plan(observed: &Observed, plan: &mut Plan) {
    let mut sets = observed.stateful_sets.iter();
    if !sets.all(|(name, set)| is_settled(name, set, observed)) {
        return;
    }
    let approved = plan.record.sets.values().map(|it| &it.stateful_set);
    let templates = approved.chain(observed.stateful_sets.values());
    let specs = templates.filter_map(|it| it.spec.as_ref()?.template.spec.as_ref());
    let specs = specs.chain(observed.pods.values().filter_map(|it| it.spec.as_ref()));
    let volumes = specs.flat_map(|it| it.volumes.iter().flatten());
    let named: Vec<&str> = volumes
        .filter_map(|it| Some(it.config_map.as_ref()?.name.as_str()))
        .collect();
    for (name, live) in &observed.config_maps {
        let is_files = plan
            .record
            .sets
            .keys()
            .any(|it| name.starts_with(&format!("{it}-config-")));
        let is_going = live.metadata.deletion_timestamp.is_some();
        if is_files && !is_going && !named.contains(&name.as_str()) {
            plan.steps
                .push(Step::DeleteConfigMap { name: name.clone() });
        }
    }
}

/// Whether every pod is of the newest revision and the StatefulSet's controller knows which that is: it
/// makes no pod of an older one any more. The current revision says nothing: it never changes under
/// OnDelete.
fn is_settled(name: &str, set: &StatefulSet, observed: &Observed) -> bool {
    let Some(status) = &set.status else {
        return false;
    };
    let is_seen = status.observed_generation >= set.metadata.generation;
    let pods = observed.pods.iter();
    let mut pods = pods.filter(|(pod, _)| pod.rsplit_once('-').is_some_and(|(it, _)| it == name));
    is_seen
        && status.update_revision.is_some()
        && pods.all(|(_, pod)| {
            let labels = pod.metadata.labels.as_ref();
            labels.and_then(|it| it.get(REVISION_LABEL)) == status.update_revision.as_ref()
        })
}
