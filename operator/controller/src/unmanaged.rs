//! Objects in namespaces that this operator may not work in: what their owners are told.
//!
//! In: an object. Out: a status, unless another operator gives it one; a finalizer that is let go where
//! no operator would do anything else. Never here: brokers, or a child of a Cluster.
//!
//! Each release of the chart has its own namespaces and sees the resources of all. The one that looks
//! after an object says so in `status.operator`; the others leave it alone for as long as that one is
//! there, or each write would call for the next one's. What is written here is the same whoever writes it.

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
use crate::{lease, write};

/// How old an object is before it is told that nobody looks after it: another release has to notice it.
const NEW: Duration = Duration::from_secs(10);
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
    if may_go(context, object, keeps_data).await? {
        write::finalizer(context, api, kind, object, false).await?;
        return Ok(Action::await_change());
    }
    let requeue = Action::requeue(if is_held { REQUEUE_HELD } else { REQUEUE });
    let mut next = status.cloned().unwrap_or_default();
    let parts = next.parts();
    if is_signed_by_another(context, parts.operator.as_deref()).await? {
        return Ok(requeue);
    }
    if !is_held && parts.operator.is_none() && is_new(object.meta(), Timestamp::now()) {
        return Ok(Action::requeue(NEW));
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

/// Whether another operator looks after an object of this status.
pub(crate) async fn is_anothers<S: Status>(
    context: &Context,
    status: Option<&S>,
) -> Result<bool, Error> {
    let mut status = status.cloned().unwrap_or_default();
    is_signed_by_another(context, status.parts().operator.as_deref()).await
}

/// The signature of an operator that is gone is none.
async fn is_signed_by_another(context: &Context, operator: Option<&str>) -> Result<bool, Error> {
    match operator {
        Some(it) if it != context.settings.namespace => lease::is_alive(&context.client, it).await,
        Some(_) | None => Ok(false),
    }
}

fn is_new(metadata: &ObjectMeta, now: Timestamp) -> bool {
    let created = metadata.creation_timestamp.as_ref();
    created.is_some_and(|it| now < it.0 + NEW)
}

/// Whether the object is being deleted, waits for the operator, and may go without its help.
pub(crate) async fn may_go<K>(
    context: &Context,
    object: &K,
    keeps_data: bool,
) -> Result<bool, Error>
where
    K: Resource<DynamicType = ()>,
{
    let namespace = object.namespace().unwrap_or_default();
    Ok(is_held(object.meta())
        && (keeps_data || is_terminating(&context.client, &namespace).await?))
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

#[cfg(test)]
mod tests {
    use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;

    use super::*;

    #[test]
    fn an_object_is_new_until_every_operator_must_have_noticed_it() {
        let created = Timestamp::from_second(1_800_000_000).unwrap();
        let metadata = ObjectMeta {
            creation_timestamp: Some(Time(created)),
            ..ObjectMeta::default()
        };
        assert!(is_new(&metadata, created));
        assert!(is_new(&metadata, created + Duration::from_secs(9)));
        assert!(!is_new(&metadata, created + NEW));
        assert!(!is_new(&ObjectMeta::default(), created));
    }
}
