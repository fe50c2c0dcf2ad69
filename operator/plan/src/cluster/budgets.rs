//! Which zone may lose a broker to whoever empties nodes.
//!
//! In: what was read, the restart that is planned. Out: steps. Never here: the objects themselves.
//!
//! What the operator restarts counts as lost: its zone is the open one. A zone is opened, and a broker
//! restarted, only when all other zones were seen closed, so that nobody takes a second one meanwhile.
//! Nobody knows when a restart gets its turn, so one in another zone waits for whoever empties nodes.

use std::collections::BTreeMap;

use k8s_openapi::api::policy::v1::PodDisruptionBudget;

use crate::cluster::manifests::{self, Manifest};
use crate::cluster::observed::is_ready;
use crate::cluster::plan::apply;
use crate::cluster::same::is_same;
use crate::cluster::{Observed, Plan, Restart, Validated, Waiting};

/// Plans the budgets. Returns the restart, if it may be done now.
pub(crate) fn plan(
    validated: &Validated,
    observed: &Observed,
    restart: Option<Restart>,
    plan: &mut Plan,
) -> Option<Restart> {
    let restart = restart.and_then(|it| match emptied(validated, observed, &it) {
        None => Some(it),
        Some(node) => {
            let message = format!(
                "somebody is emptying node {node} in another zone: it goes on when none of the brokers \
                 is on a cordoned node"
            );
            let pod = it.pod;
            plan.report.wait(Waiting::Roll { pod, message });
            None
        }
    });
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

/// The zone in which a pod may be evicted: where one is to be restarted, else where one is down,
/// else where somebody empties nodes, else the first.
fn open_zone<'a>(
    validated: &'a Validated,
    observed: &Observed,
    restart: Option<&Restart>,
) -> Option<&'a str> {
    let find = |is_it: &dyn Fn(&String) -> bool| validated.pods().find(|(_, _, pod)| is_it(pod));
    let is_restarted = |pod: &String| restart.is_some_and(|it| it.pod == *pod);
    let chosen = find(&is_restarted)
        .or_else(|| find(&|pod| is_down(observed, pod)))
        .or_else(|| find(&|pod| cordoned(observed, pod).is_some()))
        .or_else(|| validated.pods().next());
    chosen.map(|(set, _, _)| set.zone_label())
}

/// The node that somebody empties in another zone than that of the restart, while nothing is down.
fn emptied<'a>(
    validated: &Validated,
    observed: &'a Observed,
    restart: &Restart,
) -> Option<&'a String> {
    if validated.pods().any(|(_, _, pod)| is_down(observed, &pod)) {
        return None;
    }
    let own = validated.pods().find(|(_, _, pod)| *pod == restart.pod);
    let own = own.map(|(set, _, _)| set.zone_label());
    let mut cordoned = validated
        .pods()
        .filter_map(|(set, _, pod)| Some((set.zone_label(), cordoned(observed, &pod)?)));
    let (zone, node) = cordoned.next()?;
    (Some(zone) != own).then_some(node)
}

fn is_down(observed: &Observed, pod: &str) -> bool {
    !observed.pods.get(pod).is_some_and(is_ready)
}

/// The node of a pod, if it is cordoned.
fn cordoned<'a>(observed: &'a Observed, pod: &str) -> Option<&'a String> {
    let node = observed.pods.get(pod)?.spec.as_ref()?.node_name.as_ref()?;
    observed.cordoned_nodes.contains(node).then_some(node)
}
