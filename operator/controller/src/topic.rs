//! One pass over a `Topic`: observe, plan, apply, status, write.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use broker_rpc as rpc;
use crds::{Cluster, Topic, TopicDeletionPolicy};
use jiff::Timestamp;
use kube::Resource;
use kube::api::{Api, ResourceExt};
use kube::runtime::controller::Action;
use operator_plan::topic::{
    ClusterView, Creation, Observed, OtherOwner, Plan, Step, TopicView, noted, plan, status,
    topic_name,
};
use operator_plan::{Known, Outcome, names};

use crate::brokers::{Brokers, is_passing, is_refusal, observing};
use crate::cluster::is_terminating;
use crate::context::{Context, Reached};
use crate::error::Error;
use crate::events::News;
use crate::{unmanaged, write};

/// Before the cluster was reached.
pub(crate) const REQUEUE_EARLY: Duration = Duration::from_secs(1);

/// Brings one Topic one step closer to its spec.
pub(crate) async fn reconcile(topic: Arc<Topic>, context: Arc<Context>) -> Result<Action, Error> {
    let namespace = topic.namespace().unwrap_or_default();
    let name = topic.name_any();
    let api = Api::<Topic>::namespaced(context.client.clone(), &namespace);
    let read = api.get_opt(&name).await;
    let read = read.map_err(|it| Error::Read {
        kind: "Topic",
        name,
        source: Box::new(it),
    })?;
    let Some(topic) = read else {
        return Ok(Action::await_change());
    };
    if !unmanaged::is_managed(&context, &namespace) {
        return look(&context, &api, &topic, &namespace).await;
    }
    let reached = context.reached(&namespace, &topic.spec.cluster_ref.name);
    let told = topic.status.as_ref().and_then(|it| it.observed_generation);
    let is_told = told.is_some() && told == topic.meta().generation;
    if context.is_too_early(reached.as_deref(), is_told) {
        return Ok(Action::requeue(REQUEUE_EARLY));
    }
    let observed = observe(&context, &topic, &namespace, reached.as_deref()).await?;
    let plan = plan(&topic, &observed);
    let (outcomes, creation) = apply(&context, &api, &topic, &plan, reached.as_deref()).await;
    let now = Timestamp::now();
    let status = status(&topic, &observed, &plan, &outcomes, &creation, now);
    let status = unmanaged::signed(&context, status);
    tell(&context, &topic, &plan, &outcomes, &status.conditions).await;
    let done = |step: fn(&Step) -> bool| {
        let mut all = plan.steps.iter().zip(&outcomes);
        all.any(|(it, outcome)| step(it) && *outcome == Outcome::Done)
    };
    let is_gone = topic.meta().deletion_timestamp.is_some()
        && done(|it| matches!(it, Step::ReleaseFinalizer));
    if !is_gone {
        // A note was written since the object was read.
        let is_noted = done(|it| matches!(it, Step::NoteCreation { .. }));
        let old = topic.status.as_ref().filter(|_| !is_noted);
        write::status(&context, &api, "Topic", &topic, old, &status).await?;
    }
    Ok(Action::requeue(plan.requeue))
}

/// Looks at a Topic whose namespace is not managed.
async fn look(
    context: &Context,
    api: &Api<Topic>,
    topic: &Topic,
    namespace: &str,
) -> Result<Action, Error> {
    // Without a cluster there is nothing to delete.
    let cluster = cluster_view(context, namespace, &topic.spec.cluster_ref.name, None).await?;
    let keeps_data = topic.spec.deletion_policy == TopicDeletionPolicy::Retain
        || matches!(cluster, ClusterView::Absent | ClusterView::Going);
    let old = topic.status.as_ref();
    unmanaged::look(context, api, "Topic", topic, old, keeps_data).await
}

/// What is known of the cluster that an object names.
pub(crate) async fn cluster_view(
    context: &Context,
    namespace: &str,
    cluster: &str,
    reached: Option<&Reached>,
) -> Result<ClusterView, Error> {
    let api = Api::<Cluster>::namespaced(context.client.clone(), namespace);
    let read = api.get_metadata_opt(cluster).await;
    let name = cluster.to_owned();
    let read = read.map_err(|it| Error::Read {
        kind: "Cluster",
        name,
        source: Box::new(it),
    })?;
    Ok(match read {
        None => ClusterView::Absent,
        Some(it) if it.metadata.deletion_timestamp.is_some() => ClusterView::Going,
        Some(_) => match reached.and_then(|it| it.view.clone()) {
            Some(view) => view,
            None => ClusterView::Unreachable("it has not been reached yet".to_owned()),
        },
    })
}

async fn observe(
    context: &Context,
    topic: &Topic,
    namespace: &str,
    reached: Option<&Reached>,
) -> Result<Observed, Error> {
    let cluster = cluster_view(context, namespace, &topic.spec.cluster_ref.name, reached).await?;
    let view = match (&cluster, reached) {
        (ClusterView::Reachable { .. }, Some(reached)) => {
            describe(&reached.brokers, topic_name(topic)).await
        }
        (ClusterView::Unreachable(message), _) => Known::Unknown(message.clone()),
        (ClusterView::Absent | ClusterView::Going | ClusterView::Reachable { .. }, _) => {
            Known::Unknown("the Cluster is not there".to_owned())
        }
    };
    // Only the end of an object needs to know it.
    let is_ending = topic.meta().deletion_timestamp.is_some();
    let is_namespace_terminating = is_ending && is_terminating(&context.client, namespace).await?;
    Ok(Observed {
        cluster,
        topic: view,
        other_owner: other_owner(context, topic),
        is_namespace_terminating,
    })
}

/// An older Topic that stands for the same topic. Of two equally old ones, the one that has it already,
/// else the first by name.
///
/// One that is being deleted counts, however old, until it has let go: what it deletes would be this
/// object's.
fn other_owner(context: &Context, topic: &Topic) -> Option<OtherOwner> {
    let age = |it: &Topic| {
        let id = it.status.as_ref().and_then(|it| it.topic_id.as_ref());
        let created = it.meta().creation_timestamp.clone();
        (created, id.is_none(), it.name_any())
    };
    let own = age(topic);
    let all = context.topics.get()?.state();
    let others = all.iter().filter(|it| {
        it.namespace() == topic.namespace()
            && it.spec.cluster_ref == topic.spec.cluster_ref
            && topic_name(it) == topic_name(topic)
            && it.uid() != topic.uid()
            && match it.meta().deletion_timestamp {
                Some(_) => holds(it.as_ref()),
                None => age(it) < own,
            }
    });
    // Those that stay are named first.
    let first = others
        .map(|it| (it.meta().deletion_timestamp.is_some(), it.name_any()))
        .min();
    first.map(|(is_going, name)| OtherOwner { name, is_going })
}

/// Whether the object cannot go before the operator has let go of it.
fn holds(topic: &Topic) -> bool {
    topic.finalizers().iter().any(|it| it == names::FINALIZER)
}

async fn describe(brokers: &Brokers, name: &str) -> Known<Option<TopicView>> {
    let request = rpc::DescribeTopicsRequest {
        names: vec![name.to_owned()],
    };
    let answer = brokers.ask("describe a topic", |mut it| {
        let request = request.clone();
        async move { it.describe_topics(observing(request)).await }
    });
    match answer.await {
        Err(error) => Known::Unknown(error.told()),
        Ok(answer) => {
            let topic = answer.topics.into_iter().find(|it| it.name == name);
            Known::Known(topic.map(|it| TopicView {
                topic_id: it.topic_id,
                partitions: it.partitions,
                replicas: (it.replicas_min, it.replicas_max),
                under_replicated: it.under_replicated_partitions,
                offline: it.offline_partitions,
                config: it.config,
                is_empty: it.is_empty,
            }))
        }
    }
}

/// Does the steps of a plan until one fails. Also returns what became of a request to create it.
async fn apply(
    context: &Context,
    api: &Api<Topic>,
    topic: &Topic,
    plan: &Plan,
    reached: Option<&Reached>,
) -> (Vec<Outcome>, Creation) {
    let mut creation = Creation::NotAsked;
    let mut outcomes = Vec::with_capacity(plan.steps.len());
    for step in &plan.steps {
        if outcomes.iter().any(|it| *it != Outcome::Done) {
            outcomes.push(Outcome::Skipped);
            continue;
        }
        let brokers = reached.map(|it| it.brokers.as_ref());
        let outcome = match perform(context, api, topic, step, brokers, &mut creation).await {
            Ok(None) => Outcome::Done,
            Ok(Some(error)) if is_passing(&error) => Outcome::Failed(error.message),
            Ok(Some(error)) => Outcome::NotYet(error.message),
            Err(error) => Outcome::Failed(error.told()),
        };
        tracing::info!(
            topic = topic.name_any(),
            namespace = topic.namespace(),
            ?step,
            ?outcome
        );
        outcomes.push(outcome);
    }
    (outcomes, creation)
}

/// Does one step. `Some` is what the brokers have against it.
async fn perform(
    context: &Context,
    api: &Api<Topic>,
    topic: &Topic,
    step: &Step,
    brokers: Option<&Brokers>,
    creation: &mut Creation,
) -> Result<Option<rpc::KafkaError>, Error> {
    context.assert_leading()?;
    let brokers = brokers.ok_or_else(not_reached);
    let name = topic_name(topic).to_owned();
    match step {
        Step::AddFinalizer => write::finalizer(context, api, "Topic", topic, true).await?,
        Step::ReleaseFinalizer => write::finalizer(context, api, "Topic", topic, false).await?,
        Step::Validate {
            partitions,
            replicas,
            config,
        } => {
            let request = create_request(name, *partitions, *replicas, config.clone(), true);
            return Ok(create(brokers?, request, &AtomicU32::new(0)).await?.error);
        }
        Step::NoteCreation { request } => {
            write::certain_status(context, api, "Topic", topic, &noted(topic, request)).await?;
        }
        Step::Create {
            partitions,
            replicas,
            config,
        } => {
            let request = create_request(name, *partitions, *replicas, config.clone(), false);
            return make(brokers?, request, creation).await;
        }
        Step::Alter {
            topic_id,
            partitions,
            set,
            reset,
        } => {
            let request = rpc::AlterTopicRequest {
                name,
                topic_id: topic_id.clone(),
                partitions: *partitions,
                set: set.clone(),
                reset: reset.clone(),
            };
            let answer = brokers?.ask("alter a topic", |mut it| {
                let request = request.clone();
                async move { it.alter_topic(request).await }
            });
            return Ok(answer.await?.error);
        }
        Step::Delete {
            topic_id,
            only_if_empty,
        } => {
            let request = rpc::DeleteTopicRequest {
                name,
                topic_id: topic_id.clone(),
                only_if_empty: *only_if_empty,
            };
            let answer = brokers?.ask("delete a topic", |mut it| {
                let request = request.clone();
                async move { it.delete_topic(request).await }
            });
            return Ok(answer.await?.error);
        }
    }
    Ok(None)
}

fn not_reached() -> Error {
    let message = "the Cluster has not been reached yet".to_owned();
    Error::NoBroker { message }
}

/// Creates a topic, and notes what became of it. An answer that never comes leaves it open.
async fn make(
    brokers: &Brokers,
    request: rpc::CreateTopicRequest,
    creation: &mut Creation,
) -> Result<Option<rpc::KafkaError>, Error> {
    *creation = Creation::Open;
    let n_asked = AtomicU32::new(0);
    let answer = create(brokers, request, &n_asked).await?;
    *creation = became(&answer, n_asked.load(Ordering::Relaxed));
    Ok(answer.error)
}

/// What became of a request that the last of `n_asked` brokers has answered.
fn became(answer: &rpc::CreateTopicResponse, n_asked: u32) -> Creation {
    match (&answer.topic_id, &answer.error) {
        (Some(id), None) => Creation::Made(id.clone()),
        // An earlier broker may have passed it on before it fell silent. What exists may be what this
        // very request has made: a broker passes it on again when the answer is lost.
        (_, Some(error)) if n_asked == 1 && is_refusal(error) => Creation::Refused,
        (_, _) => Creation::Open,
    }
}

fn create_request(
    name: String,
    partitions: i32,
    replicas: i32,
    config: BTreeMap<String, String>,
    validate_only: bool,
) -> rpc::CreateTopicRequest {
    rpc::CreateTopicRequest {
        name,
        partitions,
        replicas,
        config,
        validate_only,
    }
}

/// Asks the brokers to create a topic, and counts how many were asked.
async fn create(
    brokers: &Brokers,
    request: rpc::CreateTopicRequest,
    n_asked: &AtomicU32,
) -> Result<rpc::CreateTopicResponse, Error> {
    let answer = brokers.ask("create a topic", |mut it| {
        n_asked.fetch_add(1, Ordering::Relaxed);
        let request = request.clone();
        async move { it.create_topic(request).await }
    });
    answer.await
}

/// Publishes what was done to a topic, and every change of why it is or is not ready.
async fn tell(
    context: &Context,
    topic: &Topic,
    plan: &Plan,
    outcomes: &[Outcome],
    conditions: &[crds::Condition],
) {
    let status = topic.status.as_ref();
    let was_there = status.is_some_and(|it| it.topic_id.is_some());
    let ended = plan.steps.iter().zip(outcomes);
    let done = ended.filter(|(_, outcome)| **outcome == Outcome::Done);
    let done = done.filter_map(|(step, _)| step.done(was_there));
    let before = status.map_or(&[][..], |it| it.conditions.as_slice());
    let news = done.map(|it| News {
        reason: it.reason.to_owned(),
        note: it.note,
        is_warning: it.is_warning,
    });
    // What was done is told by itself.
    let ready = News::of_ready(before, conditions).filter(|it| it.reason != "Progressing");
    for news in news.chain(ready) {
        context.events.tell(news, &topic.object_ref(&())).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_refusal_of_the_only_request_says_that_nothing_was_made() {
        let answer = |code: Option<i32>| rpc::CreateTopicResponse {
            topic_id: code.is_none().then(|| "id-1".to_owned()),
            error: code.map(|code| rpc::KafkaError {
                code,
                message: String::new(),
            }),
        };
        let made = Creation::Made("id-1".to_owned());
        assert_eq!(became(&answer(None), 2), made);
        // INVALID_CONFIG, POLICY_VIOLATION.
        assert_eq!(became(&answer(Some(40)), 1), Creation::Refused);
        assert_eq!(became(&answer(Some(44)), 1), Creation::Refused);
        assert_eq!(became(&answer(Some(40)), 2), Creation::Open);
        // UNKNOWN_SERVER_ERROR, REQUEST_TIMED_OUT, TOPIC_ALREADY_EXISTS.
        for code in [-1, 7, 36] {
            assert_eq!(became(&answer(Some(code)), 1), Creation::Open, "{code}");
        }
    }
}
