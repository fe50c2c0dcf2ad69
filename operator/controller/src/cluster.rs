//! One pass over a `Cluster`: observe, validate, plan, apply, status, write.
//!
//! Only `observe`, `apply` and `write` talk to the outside; the rest is `operator-plan`'s.

mod apply;
mod observe;

use std::sync::Arc;

use crds::{Cluster, ClusterStatus, DeletionPolicy};
use jiff::Timestamp;
use kube::Resource;
use kube::api::{Api, ResourceExt};
use kube::runtime::controller::Action;
use operator_plan::Outcome;
use operator_plan::cluster::{Observed, Plan, Record, Step, plan, status, unread, validate};
use operator_plan::names::Names;

use crate::context::Context;
use crate::error::Error;
use crate::events::News;
use crate::{unmanaged, write};

pub(crate) use observe::is_terminating;

/// Brings one Cluster one step closer to its spec.
pub(crate) async fn reconcile(
    cluster: Arc<Cluster>,
    context: Arc<Context>,
) -> Result<Action, Error> {
    let namespace = cluster.namespace().unwrap_or_default();
    let name = cluster.name_any();
    let api = Api::<Cluster>::namespaced(context.client.clone(), &namespace);
    // What a watch says may be old; what is done here must not be.
    let read = api.get_opt(&name).await;
    let read = read.map_err(|it| Error::Read {
        kind: "Cluster",
        name: name.clone(),
        source: Box::new(it),
    })?;
    let Some(cluster) = read else {
        context.note(&namespace, &name, None);
        return Ok(Action::await_change());
    };
    if !unmanaged::is_managed(&context, &namespace) {
        let (old, keeps) = (cluster.status.as_ref(), keeps_data(&cluster));
        return unmanaged::look(&context, &api, "Cluster", &cluster, old, keeps).await;
    }
    let names = Names::new(&name, &namespace);
    let observed = match observe::observe(&context, &names).await {
        Ok(observed) => observed,
        Err(error) => return unreadable(&context, &api, &cluster, error).await,
    };
    let record = Record::read(observed.config_maps.get(&names.record()));
    let validated = validate(&cluster, &record, &observed, &context.settings.images);
    let now = Timestamp::now();
    let plan = plan(
        &cluster,
        &validated,
        &record,
        &observed,
        &fresh_cluster_id(),
        now,
    );
    let outcomes = apply::apply(&context, &cluster, &names, &plan).await;
    let status = status(&cluster, &observed, &plan, &outcomes, Timestamp::now());
    let status = unmanaged::signed(&context, status);
    tell(&context, &cluster, &status, &plan, &outcomes).await;
    let is_gone =
        plan.steps.contains(&Step::ReleaseFinalizer) && cluster.meta().deletion_timestamp.is_some();
    if !is_gone {
        write::status(
            &context,
            &api,
            "Cluster",
            &cluster,
            cluster.status.as_ref(),
            &status,
        )
        .await?;
    }
    note(&context, &names, &observed, &plan);
    Ok(Action::requeue(plan.requeue(&outcomes)))
}

/// What is left to do for a Cluster that could not be read: lets it go where that takes nothing else
/// away, else tells. Returns the error.
async fn unreadable(
    context: &Context,
    api: &Api<Cluster>,
    cluster: &Cluster,
    error: Error,
) -> Result<Action, Error> {
    // Of a namespace that is being deleted the RoleBinding may go first, and with it the right to read
    // what the plan for the end is made of.
    if error.is_forbidden() && unmanaged::may_go(context, cluster, keeps_data(cluster)).await? {
        write::finalizer(context, api, "Cluster", cluster, false).await?;
        return Ok(Action::await_change());
    }
    tell_unread(context, api, cluster, &error).await;
    Err(error)
}

/// Whether the end of the Cluster deletes nothing but what Kubernetes does by itself.
fn keeps_data(cluster: &Cluster) -> bool {
    cluster.spec.deletion_policy != DeletionPolicy::Delete
}

/// Says in the status that the Cluster could not be read, lest what it said last be taken for true.
/// What another operator says of it stands: that one can read it.
async fn tell_unread(context: &Context, api: &Api<Cluster>, cluster: &Cluster, error: &Error) {
    let old = cluster.status.as_ref();
    match unmanaged::is_anothers(context, old).await {
        Ok(false) => {}
        Ok(true) => return,
        Err(error) => {
            let error = error.told();
            return tracing::warn!(error, "failed to read who looks after a Cluster");
        }
    }
    let mut message = error.told();
    if error.is_forbidden() {
        message +=
            "; bring back the Role of the operator in the namespace by installing its chart again";
    }
    let new = unmanaged::signed(context, unread(cluster, &message, Timestamp::now()));
    let written = write::status(context, api, "Cluster", cluster, old, &new).await;
    if let Err(error) = written {
        let error = error.told();
        tracing::warn!(error, "failed to tell that a Cluster cannot be read");
    }
}

/// Random bytes in Kafka's text form; used only if the cluster has no id yet.
///
/// It becomes the label of volumes, and a label's value begins with a letter or a digit.
fn fresh_cluster_id() -> String {
    loop {
        let id = id_text(uuid::Uuid::new_v4().as_u128());
        if id.starts_with(|it: char| it.is_ascii_alphanumeric()) {
            return id;
        }
    }
}

/// Sixteen bytes in URL-safe base 64.
fn id_text(bits: u128) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let digit = |bits: u128| {
        let index = usize::try_from(bits & 63).unwrap_or(0);
        char::from(DIGITS.get(index).copied().unwrap_or(b'A'))
    };
    // 22 digits of 6 bits are 132 bits: the last one ends in four zero bits.
    (0..22)
        .map(|place| {
            digit(if place < 21 {
                bits >> (122 - 6 * place)
            } else {
                bits << 4
            })
        })
        .collect()
}

/// Notes how topics and groups reach the cluster.
fn note(context: &Context, names: &Names, observed: &Observed, plan: &Plan) {
    let Some(reached) = context.reached(&names.namespace, &names.cluster) else {
        return;
    };
    let view = Some(observe::view(observed, plan));
    let brokers = Arc::clone(&reached.brokers);
    let reached = crate::context::Reached { brokers, view };
    context.note(&names.namespace, &names.cluster, Some(reached));
}

/// Publishes what happened: restarts, and every change of what is told.
async fn tell(
    context: &Context,
    cluster: &Cluster,
    status: &ClusterStatus,
    plan: &Plan,
    outcomes: &[Outcome],
) {
    let mut news = Vec::new();
    for (step, outcome) in plan.steps.iter().zip(outcomes) {
        let Some(restart) = step.restart().filter(|_| *outcome == Outcome::Done) else {
            continue;
        };
        news.push(News {
            reason: "Restarting".to_owned(),
            note: format!(
                "{} is replaced by a pod of the approved template",
                restart.pod
            ),
            is_warning: false,
        });
    }
    let before = cluster.status.as_ref();
    let before = before.map_or(&[][..], |it| it.conditions.as_slice());
    news.extend(News::of_ready(before, &status.conditions));
    for news in news {
        tracing::info!(
            cluster = cluster.name_any(),
            namespace = cluster.namespace(),
            reason = news.reason,
            note = news.note,
            "told"
        );
        context.events.tell(news, &cluster.object_ref(&())).await;
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_fresh_cluster_id_is_in_kafkas_form_and_fit_for_a_label() {
        let ids: BTreeSet<String> = (0..1000).map(|_| fresh_cluster_id()).collect();
        assert_eq!(ids.len(), 1000);
        for id in ids {
            assert_eq!(id.len(), 22);
            assert!(
                id.bytes()
                    .all(|it| it.is_ascii_alphanumeric() || it == b'-' || it == b'_')
            );
            assert!(
                id.starts_with(|it: char| it.is_ascii_alphanumeric()),
                "{id}"
            );
            // Two bits are left for the last digit.
            assert!(id.ends_with(['A', 'Q', 'g', 'w']), "{id}");
        }
        assert_eq!(id_text(0), "AAAAAAAAAAAAAAAAAAAAAA");
        assert_eq!(id_text(u128::MAX), "_____________________w");
    }
}
