//! Objects in namespaces that this operator may not work in: what their owners are told.
//!
//! In: an object. Out: a status, unless another operator gives it one; a finalizer that is let go where
//! no operator would do anything else. Never here: brokers, or a child of a Cluster.
//!
//! Each release of the chart has its own namespaces and sees the resources of all. The one that looks
//! after an object says so in `status.operator`; the others leave it alone, or each write would call
//! for the next one's. What is written here is the same whoever writes it.

use std::fmt::Debug;
use std::time::Duration;

use crds::{ClusterStatus, Condition, ConsumerGroupStatus, TopicStatus};
use jiff::Timestamp;
use kube::api::{Api, ResourceExt};
use kube::runtime::controller::Action;
use kube::{Resource, api::ObjectMeta};
use operator_plan::{conditions, names};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::cluster::is_terminating;
use crate::context::Context;
use crate::error::Error;
use crate::write;

/// How often such an object is looked at.
const REQUEUE: Duration = Duration::from_secs(60);
/// As long as it waits to go: nobody tells that its namespace is going, too.
const REQUEUE_HELD: Duration = Duration::from_secs(5);

/// What the statuses of all kinds have.
pub(crate) trait Status: Clone + Default + PartialEq + Serialize {
    fn parts(&mut self) -> Parts<'_>;
}

pub(crate) struct Parts<'a> {
    observed_generation: &'a mut Option<i64>,
    operator: &'a mut Option<String>,
    conditions: &'a mut Vec<Condition>,
}

macro_rules! status {
    ($($status:ty),*) => {
        $(impl Status for $status {
            fn parts(&mut self) -> Parts<'_> {
                Parts {
                    observed_generation: &mut self.observed_generation,
                    operator: &mut self.operator,
                    conditions: &mut self.conditions,
                }
            }
        })*
    };
}

status!(ClusterStatus, TopicStatus, ConsumerGroupStatus);

/// Whether this operator may work in a namespace.
pub(crate) fn is_managed(context: &Context, namespace: &str) -> bool {
    context.settings.cluster_namespaces.contains(namespace)
}

/// Notes that this operator looks after the object.
pub(crate) fn signed<S: Status>(context: &Context, mut status: S) -> S {
    *status.parts().operator = Some(context.settings.namespace.clone());
    status
}

/// Looks at an object in a namespace that is not managed. `keeps_data` says that its end deletes
/// nothing, whoever sees to it.
pub(crate) async fn look<K, S>(
    context: &Context,
    api: &Api<K>,
    kind: &'static str,
    object: &K,
    status: Option<&S>,
    keeps_data: bool,
) -> Result<Action, Error>
where
    K: Resource<DynamicType = ()> + Clone + Debug + DeserializeOwned,
    S: Status,
{
    let namespace = object.namespace().unwrap_or_default();
    let is_held = is_held(object.meta());
    // Whoever manages the namespace would do just this.
    if is_held && (keeps_data || is_terminating(&context.client, &namespace).await?) {
        write::finalizer(context, api, kind, object, false).await?;
        return Ok(Action::await_change());
    }
    let requeue = Action::requeue(if is_held { REQUEUE_HELD } else { REQUEUE });
    let mut next = status.cloned().unwrap_or_default();
    let parts = next.parts();
    let others = parts.operator.as_ref();
    if others.is_some_and(|it| *it != context.settings.namespace) {
        return Ok(requeue);
    }
    let message = message(kind, &namespace, is_held);
    let told = conditions::stalled("NamespaceNotManaged", message);
    let generation = object.meta().generation;
    *parts.conditions = conditions::merge(parts.conditions, told, generation, Timestamp::now());
    *parts.observed_generation = generation;
    *parts.operator = None;
    write::status(context, api, kind, object, status, &next).await?;
    Ok(requeue)
}

/// Whether the object is being deleted and waits for the operator.
fn is_held(metadata: &ObjectMeta) -> bool {
    let finalizers = metadata.finalizers.iter().flatten();
    metadata.deletion_timestamp.is_some() && finalizers.into_iter().any(|it| it == names::FINALIZER)
}

fn message(kind: &str, namespace: &str, is_held: bool) -> String {
    if is_held {
        return format!(
            "the {kind} is being deleted and its deletionPolicy asks for its data to be deleted, too, \
             but the operator may not work in namespace {namespace}: add it to the chart's \
             clusterNamespaces, or set deletionPolicy to Retain, which leaves the data"
        );
    }
    match kind {
        "Cluster" => format!(
            "the operator may not work in namespace {namespace}: add it to the chart's \
             clusterNamespaces, or make the Cluster in one of those"
        ),
        _ => format!(
            "the operator may not work in namespace {namespace}: add it to the chart's \
             clusterNamespaces, or make the {kind} beside a Cluster in one of those"
        ),
    }
}
