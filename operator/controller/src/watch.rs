//! The watches: which changes lead to which reconciliation.
//!
//! In: events of the API server. Out: reconciliations, of one object at a time each. Never here: what
//! a reconciliation does. No watch is trusted alone: every object is looked at again after a while.

use std::fmt::Debug;
use std::hash::Hash;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crds::{Cluster, ConsumerGroup, Topic};
use futures::future::ready;
use futures::{FutureExt, Stream, StreamExt};
use k8s_openapi::api::apps::v1::StatefulSet;
use k8s_openapi::api::core::v1::{ConfigMap, Pod, Secret, Service};
use kube::api::{Api, PartialObjectMeta, ResourceExt};
use kube::core::NamespaceResourceScope;
use kube::runtime::controller::{Action, Config, Controller, Error as ControllerError};
use kube::runtime::reflector::ObjectRef;
use kube::runtime::{WatchStreamExt, watcher};
use kube::{Client, Resource};
use operator_plan::names;
use serde::de::DeserializeOwned;
use tokio::sync::watch;

use crate::context::Context;
use crate::error::Error;
use crate::metrics::{Kind, Reconciled};
use crate::{cluster, consumer_group, topic};

/// Many changes at once are one.
const DEBOUNCE: Duration = Duration::from_millis(100);
const CLUSTERS_AT_ONCE: u16 = 4;
const TOPICS_AT_ONCE: u16 = 32;
const GROUPS_AT_ONCE: u16 = 8;
/// After a failure outside.
const RETRY: Duration = Duration::from_secs(5);

/// Runs until stopped, and until what was begun has ended.
pub(crate) async fn run(context: Arc<Context>, stopped: watch::Receiver<bool>) {
    let clusters = clusters(Arc::clone(&context), stopped.clone());
    let topics = topics(Arc::clone(&context), stopped.clone());
    let groups = groups(context, stopped);
    futures::join!(clusters, topics, groups);
}

fn config(at_once: u16) -> Config {
    Config::default().debounce(DEBOUNCE).concurrency(at_once)
}

async fn stop(mut stopped: watch::Receiver<bool>) {
    let _ = stopped.wait_for(|it| *it).await;
}

async fn clusters(context: Arc<Context>, stopped: watch::Receiver<bool>) {
    let client = context.client.clone();
    let any = watcher::Config::default();
    let mut controller = Controller::new(Api::<Cluster>::all(client.clone()), any)
        .with_config(config(CLUSTERS_AT_ONCE));
    for namespace in &context.settings.cluster_namespaces {
        controller = controller
            .owns_stream(children::<StatefulSet>(&client, namespace))
            .owns_stream(children::<Service>(&client, namespace))
            .owns_stream(children::<Secret>(&client, namespace))
            .watches_stream(children::<ConfigMap>(&client, namespace), of_label)
            .watches_stream(children::<Pod>(&client, namespace), of_label);
    }
    let reconciled = controller.graceful_shutdown_on(stop(stopped)).run(
        |it, context| {
            measured(
                "Cluster",
                Arc::clone(&context),
                cluster::reconcile(it, context),
            )
        },
        retry,
        context,
    );
    reconciled.for_each(|it| async { log("Cluster", it) }).await;
}

/// Changes of the operator's objects of one kind in one namespace.
fn children<K>(
    client: &Client,
    namespace: &str,
) -> impl Stream<Item = Result<PartialObjectMeta<K>, watcher::Error>> + Send + 'static
where
    K: Resource<DynamicType = (), Scope = NamespaceResourceScope>
        + Clone
        + Debug
        + DeserializeOwned
        + Send
        + Sync
        + 'static,
{
    let ours = watcher::Config::default().labels(names::CLUSTER_LABEL);
    let api = Api::<PartialObjectMeta<K>>::namespaced(client.clone(), namespace);
    let changes = watcher(api, ours).default_backoff();
    let (kind, namespace) = (K::kind(&()), namespace.to_owned());
    by_itself(changes.touched_objects(), move |error| {
        tracing::warn!(%kind, namespace, %error, "a watch failed");
    })
}

/// A watch whose failures are told here and go no further.
///
/// The controller joins all its watches into one stream, and waits longer and longer after a failure of
/// any of them: one namespace without a Role would make it deaf to all others. So each backs off alone.
fn by_itself<T: Send + 'static>(
    changes: impl Stream<Item = Result<T, watcher::Error>> + Send + 'static,
    tell: impl Fn(watcher::Error) + Send + 'static,
) -> impl Stream<Item = Result<T, watcher::Error>> + Send + 'static {
    changes.filter_map(move |it| ready(it.map_err(&tell).ok().map(Ok)))
}

/// The Cluster that an object belongs to by its label.
fn of_label<K: Resource>(object: K) -> Option<ObjectRef<Cluster>> {
    let name = object.labels().get(names::CLUSTER_LABEL)?;
    Some(ObjectRef::new(name).within(&object.namespace()?))
}

async fn topics(context: Arc<Context>, stopped: watch::Receiver<bool>) {
    let api = Api::<Topic>::all(context.client.clone());
    let controller =
        Controller::new(api, watcher::Config::default()).with_config(config(TOPICS_AT_ONCE));
    let _ = context.topics.set(controller.store());
    let reconciled = controller.graceful_shutdown_on(stop(stopped)).run(
        |it, context| measured("Topic", Arc::clone(&context), topic::reconcile(it, context)),
        retry,
        context,
    );
    reconciled.for_each(|it| async { log("Topic", it) }).await;
}

async fn groups(context: Arc<Context>, stopped: watch::Receiver<bool>) {
    let api = Api::<ConsumerGroup>::all(context.client.clone());
    let controller =
        Controller::new(api, watcher::Config::default()).with_config(config(GROUPS_AT_ONCE));
    let reconciled = controller.graceful_shutdown_on(stop(stopped)).run(
        |it, context| {
            measured(
                "ConsumerGroup",
                Arc::clone(&context),
                consumer_group::reconcile(it, context),
            )
        },
        retry,
        context,
    );
    reconciled
        .for_each(|it| async { log("ConsumerGroup", it) })
        .await;
}

/// Counts and times a reconciliation.
async fn measured(
    kind: &'static str,
    context: Arc<Context>,
    reconciliation: impl Future<Output = Result<Action, Error>> + Send,
) -> Result<Action, Error> {
    let metrics = &context.metrics;
    let started = Instant::now();
    metrics.running.get_or_create(&Kind { kind }).inc();
    // Boxed: the reconciliations are large, and one of each kind is enough on the stack.
    let result = reconciliation.boxed().await;
    metrics.running.get_or_create(&Kind { kind }).dec();
    metrics
        .seconds
        .get_or_create(&Kind { kind })
        .observe(started.elapsed().as_secs_f64());
    let outcome = if result.is_ok() { "ok" } else { "error" };
    metrics
        .reconciliations
        .get_or_create(&Reconciled {
            kind,
            result: outcome,
        })
        .inc();
    result
}

fn retry<K>(_: Arc<K>, _: &Error, _: Arc<Context>) -> Action {
    Action::requeue(RETRY)
}

fn log<K>(
    kind: &'static str,
    result: Result<(ObjectRef<K>, Action), ControllerError<Error, watcher::Error>>,
) where
    K: Resource + Clone + Debug + DeserializeOwned + 'static,
    K::DynamicType: Eq + Hash + Debug + Clone,
{
    match result {
        Ok(_) => {}
        Err(ControllerError::ReconcilerFailed(error, object)) => {
            let (name, namespace) = (object.name, object.namespace.unwrap_or_default());
            tracing::warn!(
                kind,
                name,
                namespace,
                error = error.told(),
                "failed to reconcile"
            );
        }
        // Deleted between the event and the look.
        Err(ControllerError::ObjectNotFound(_)) => {}
        Err(error) => tracing::warn!(kind, %error, "a watch failed"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_watch_that_fails_tells_so_and_goes_on() {
        let items = [Ok(1), Err(watcher::Error::NoResourceVersion), Ok(2)];
        let (told, heard) = std::sync::mpsc::channel();
        let changes = by_itself(futures::stream::iter(items), move |error| {
            told.send(error.to_string()).unwrap();
        });
        let changes = changes.map(Result::unwrap).collect::<Vec<i32>>();
        assert_eq!(changes.now_or_never().unwrap(), [1, 2]);
        assert_eq!(heard.iter().count(), 1);
    }
}
