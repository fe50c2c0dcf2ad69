//! Which zone may lose a broker to whoever empties nodes.
//!
//! In: what was read, the restart that is planned. Out: steps. Never here: the objects themselves.
//!
//! What the operator restarts counts as lost: its zone is the open one. A zone is opened, and a broker
//! restarted, only when all other zones were seen closed, so that nobody takes a second one meanwhile.

use std::collections::BTreeMap;

use k8s_openapi::api::policy::v1::PodDisruptionBudget;

use crate::cluster::manifests::{self, Manifest};
use crate::cluster::observed::is_ready;
use crate::cluster::plan::apply;
use crate::cluster::same::is_same;
use crate::cluster::{Observed, Plan, Restart, Validated};

/// Plans the budgets. Returns the restart, if it may be done now.
pub(crate) fn plan(
    validated: &Validated,
    observed: &Observed,
    restart: Option<Restart>,
    plan: &mut Plan,
) -> Option<Restart> {
    let open = open_zone(validated, observed, restart.as_ref());
    let open_name = open.map(|it| validated.names.budget(it));
    let is_settled = manifests::budgets(validated, None)
        .iter()
        .filter(|it| it.metadata.name != open_name)
        .all(|it| is_closed(it, &observed.budgets));
    for budget in manifests::budgets(validated, open.filter(|_| is_settled)) {
        apply(budget, &observed.budgets, Manifest::Budget, &mut plan.steps);
    }
    restart.filter(|_| is_settled)
}

/// Whether a budget is there and closed.
fn is_closed(closed: &PodDisruptionBudget, live: &BTreeMap<String, PodDisruptionBudget>) -> bool {
    let live = closed.metadata.name.as_ref().and_then(|it| live.get(it));
    live.is_some_and(|it| it.metadata.deletion_timestamp.is_none() && is_same(closed, it))
}

/// The zone in which a pod may be evicted: where one is about to be restarted, else where one is down,
/// else where somebody empties nodes, else the first.
fn open_zone<'a>(
    validated: &'a Validated,
    observed: &Observed,
    restart: Option<&Restart>,
) -> Option<&'a str> {
    let find = |is_it: &dyn Fn(&String) -> bool| validated.pods().find(|(_, _, pod)| is_it(pod));
    let is_restarted = |pod: &String| restart.is_some_and(|it| it.pod == *pod);
    let is_down = |pod: &String| !observed.pods.get(pod).is_some_and(is_ready);
    let is_cordoned = |pod: &String| {
        let spec = observed.pods.get(pod).and_then(|it| it.spec.as_ref());
        let node = spec.and_then(|it| it.node_name.as_ref());
        node.is_some_and(|it| observed.cordoned_nodes.contains(it))
    };
    let chosen = find(&is_restarted)
        .or_else(|| find(&is_down))
        .or_else(|| find(&is_cordoned))
        .or_else(|| validated.pods().next());
    chosen.map(|(set, _, _)| set.zone_label())
}
