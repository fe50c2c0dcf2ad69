//! Namespaces: which operator looks after what, what nobody looks after, and what one without a Role
//! costs the others.

use std::time::{Duration, Instant};

use crds::{Cluster, ConsumerGroup, Topic};
use jiff::Timestamp;
use k8s_openapi::api::coordination::v1::Lease;
use k8s_openapi::api::core::v1::Namespace;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::MicroTime;
use kube::api::{Api, DeleteParams, Patch, PatchParams, PostParams, ResourceExt};
use serde_json::json;

use crate::lab::{Kind, Lab};
use crate::{CLUSTER, GROUP, TOPIC};

const FINALIZER: &str = "tidemill.dev/deletion-policy";

/// As somebody's `kubectl create` of a copy of what the server has shown: with the finalizer.
fn copy<K: Kind>(yaml: &str) -> K {
    let mut object: K = serde_yaml::from_str(yaml).unwrap();
    object.meta_mut().finalizers = Some(vec![FINALIZER.to_owned()]);
    object
}

#[tokio::test]
async fn two_releases_leave_each_others_objects_alone() {
    let lab = Lab::start().await;
    let elsewhere = lab.more_namespace("elsewhere").await;
    let client = lab.client.clone();
    let (stop, other) = lab.operator(client, &elsewhere, &[&elsewhere]);
    lab.apply::<Cluster>(CLUSTER).await;
    lab.apply::<Topic>(TOPIC).await;
    lab.apply::<ConsumerGroup>(GROUP).await;
    lab.ready::<Cluster>("demo", "True").await;
    lab.ready::<Topic>("orders", "True").await;
    lab.ready::<ConsumerGroup>("billing", "True").await;
    let before = lab.versions().await;
    // Every object is looked at several times.
    tokio::time::sleep(Duration::from_secs(8)).await;
    assert_eq!(lab.versions().await, before);
    let status = lab.get::<Cluster>("demo").await.status.unwrap();
    assert_eq!(status.operator, Some(lab.namespace.clone()));
    stop.send(()).unwrap();
    other.await.unwrap().unwrap();
    lab.stop().await;
}

#[tokio::test]
async fn what_nobody_looks_after_is_told_so_and_goes_with_its_namespace() {
    let lab = Lab::start().await;
    let nobodys = lab.more_namespace("nobodys").await;
    let clusters = Api::<Cluster>::namespaced(lab.client.clone(), &nobodys);
    let topics = Api::<Topic>::namespaced(lab.client.clone(), &nobodys);
    let create = PostParams::default();
    let delete = format!("{CLUSTER}  deletionPolicy: Delete\n");
    clusters.create(&create, &copy(&delete)).await.unwrap();
    let delete = TOPIC.replace("partitions: 6", "partitions: 6, deletionPolicy: Delete");
    topics.create(&create, &copy(&delete)).await.unwrap();
    let told = |expected: &'static str| {
        let (clusters, topics) = (clusters.clone(), topics.clone());
        move || {
            let (clusters, topics) = (clusters.clone(), topics.clone());
            async move {
                let cluster = clusters.get("demo").await.unwrap().status;
                let topic = topics.get("orders").await.unwrap().status;
                let conditions = [
                    cluster.map(|it| it.conditions).unwrap_or_default(),
                    topic.map(|it| it.conditions).unwrap_or_default(),
                ];
                conditions.iter().all(|it| {
                    let ready = it.iter().find(|it| it.type_ == "Ready");
                    ready.is_some_and(|it| {
                        it.reason == "NamespaceNotManaged" && it.message.contains(expected)
                    })
                })
            }
        }
    };
    lab.until("NamespaceNotManaged", told("may not work in namespace"))
        .await;
    // Not before another release would have said that the Cluster is its own.
    let cluster = clusters.get("demo").await.unwrap();
    let created = cluster.creation_timestamp().unwrap().0;
    let told = cluster.status.unwrap().conditions.swap_remove(0);
    let told = told.last_transition_time;
    assert!(told.0.duration_since(created).as_secs() >= 10, "{told:?}");
    // The data may not go without somebody who sees to it.
    let parameters = DeleteParams::default();
    topics.delete("orders", &parameters).await.unwrap();
    lab.until("a word on the Topic's end", || async {
        let status = topics.get("orders").await.unwrap().status.unwrap();
        let mut told = status.conditions.iter();
        told.any(|it| it.message.contains("is being deleted"))
    })
    .await;
    clusters.delete("demo", &parameters).await.unwrap();
    // With its Cluster gone or going, a topic has nothing to delete.
    lab.until("the end of the Topic", || async {
        topics.get_opt("orders").await.unwrap().is_none()
    })
    .await;
    lab.until("a word on the Cluster's end", || async {
        let status = clusters.get("demo").await.unwrap().status.unwrap();
        let mut told = status.conditions.iter();
        told.any(|it| it.message.contains("is being deleted"))
    })
    .await;
    let namespaces = Api::<Namespace>::all(lab.client.clone());
    namespaces.delete(&nobodys, &parameters).await.unwrap();
    lab.until("the end of the Cluster", || async {
        clusters.get_opt("demo").await.unwrap().is_none()
    })
    .await;
    lab.stop().await;
}

#[tokio::test]
async fn the_signature_of_an_operator_that_is_gone_is_none() {
    let lab = Lab::start().await;
    let nobodys = lab.more_namespace("nobodys").await;
    let other = lab.more_namespace("other").await;
    let leases = Api::<Lease>::namespaced(lab.client.clone(), &other);
    let create = PostParams::default();
    let lease = json!({
        "apiVersion": "coordination.k8s.io/v1", "kind": "Lease",
        "metadata": {"name": "tidemill-operator"},
        "spec": {"holderIdentity": "other", "renewTime": MicroTime(Timestamp::now())},
    });
    let lease = serde_json::from_value(lease).unwrap();
    leases.create(&create, &lease).await.unwrap();
    let clusters = Api::<Cluster>::namespaced(lab.client.clone(), &nobodys);
    let cluster = serde_yaml::from_str(CLUSTER).unwrap();
    clusters.create(&create, &cluster).await.unwrap();
    sign(&clusters, &other).await;
    // Every object is looked at, and long enough to be no new one.
    tokio::time::sleep(Duration::from_secs(12)).await;
    let status = clusters.get("demo").await.unwrap().status.unwrap();
    assert_eq!((status.operator, status.conditions), (Some(other), vec![]));
    let parameters = DeleteParams::default();
    let lease = "tidemill-operator";
    leases.delete(lease, &parameters).await.unwrap();
    // A change calls for another look.
    let changed = Patch::Merge(json!({"metadata": {"labels": {"look": "again"}}}));
    let merge = PatchParams::default();
    clusters.patch("demo", &merge, &changed).await.unwrap();
    lab.until("NamespaceNotManaged", || async {
        let status = clusters.get("demo").await.unwrap().status.unwrap();
        let mut told = status.conditions.iter();
        status.operator.is_none() && told.any(|it| it.reason == "NamespaceNotManaged")
    })
    .await;
    clusters.delete("demo", &parameters).await.unwrap();
    lab.stop().await;
}

/// Says in a Cluster's status who looks after it, as that operator would.
async fn sign(clusters: &Api<Cluster>, operator: &str) {
    let status = Patch::Apply(json!({
        "apiVersion": "tidemill.dev/v1alpha1", "kind": "Cluster", "metadata": {"name": "demo"},
        "status": {"operator": operator, "conditions": []},
    }));
    let apply = PatchParams::apply("tidemill-operator").force();
    clusters
        .patch_status("demo", &apply, &status)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_namespace_whose_role_goes_first_is_not_held_up_and_another_operators_word_stands() {
    let mut lab = Lab::start().await;
    lab.kill_operator().await;
    let client = lab.restricted().await;
    let forbidden = lab.more_namespace("forbidden").await;
    let clusters = Api::<Cluster>::namespaced(lab.client.clone(), &forbidden);
    let create = PostParams::default();
    let delete = format!("{CLUSTER}  deletionPolicy: Delete\n");
    clusters.create(&create, &copy(&delete)).await.unwrap();
    // One that is there, as far as this one may know.
    sign(&clusters, "elsewhere").await;
    let version = clusters.get("demo").await.unwrap().resource_version();
    let (stop, operator) = lab.operator(client, &lab.namespace, &[&forbidden]);
    // It is looked at several times.
    tokio::time::sleep(Duration::from_secs(12)).await;
    let cluster = clusters.get("demo").await.unwrap();
    assert_eq!(cluster.resource_version(), version);
    sign(&clusters, &lab.namespace).await;
    let parameters = DeleteParams::default();
    clusters.delete("demo", &parameters).await.unwrap();
    lab.until("ReadFailed", || async {
        let status = clusters.get("demo").await.unwrap().status.unwrap();
        let mut told = status.conditions.iter();
        told.any(|it| it.reason == "ReadFailed")
    })
    .await;
    let namespaces = Api::<Namespace>::all(lab.client.clone());
    namespaces.delete(&forbidden, &parameters).await.unwrap();
    lab.until("the end of the Cluster", || async {
        clusters.get_opt("demo").await.unwrap().is_none()
    })
    .await;
    stop.send(()).unwrap();
    operator.await.unwrap().unwrap();
    lab.start_operator().await;
    lab.stop().await;
}

#[tokio::test]
async fn an_object_goes_whoever_wrote_its_finalizer() {
    let lab = Lab::start().await;
    let create = PostParams::default();
    let delete = format!("{CLUSTER}  deletionPolicy: Delete\n");
    lab.api()
        .create(&create, &copy::<Cluster>(&delete))
        .await
        .unwrap();
    lab.ready::<Cluster>("demo", "True").await;
    let delete = TOPIC.replace("partitions: 6", "partitions: 6, deletionPolicy: Delete");
    let mut topic = copy::<Topic>(&delete);
    let theirs = "example.org/theirs".to_owned();
    topic.finalizers_mut().push(theirs.clone());
    lab.api().create(&create, &topic).await.unwrap();
    lab.ready::<Topic>("orders", "True").await;
    lab.delete::<Topic>("orders").await;
    // Somebody else's stays until they release it.
    lab.until("only their finalizer", || async {
        lab.get::<Topic>("orders").await.finalizers() == [theirs.clone()]
    })
    .await;
    assert!(lab.brokers.topic("orders").is_none());
    let mut topic = lab.get::<Topic>("orders").await;
    topic.finalizers_mut().clear();
    lab.api().replace("orders", &create, &topic).await.unwrap();
    lab.gone::<Topic>("orders").await;
    lab.delete::<Cluster>("demo").await;
    lab.gone::<Cluster>("demo").await;
    lab.stop().await;
}

#[tokio::test]
async fn a_namespace_without_a_role_does_not_slow_the_others() {
    let mut lab = Lab::start().await;
    lab.kill_operator().await;
    let client = lab.restricted().await;
    let forbidden = format!("{}-forbidden", lab.namespace);
    let namespaces = [lab.namespace.as_str(), &forbidden];
    let (stop, operator) = lab.operator(client, &lab.namespace, &namespaces);
    // Nobody has an image of that version: each is told so as soon as it is noticed.
    let unknown = CLUSTER.replace("0.1.0", "9.9.9");
    let mut slowest = Duration::ZERO;
    for number in 0..5 {
        // The failing watches have to fail a few times.
        tokio::time::sleep(Duration::from_secs(3)).await;
        let name = format!("demo-{number}");
        let started = Instant::now();
        lab.apply::<Cluster>(&unknown.replace("name: demo", &format!("name: {name}")))
            .await;
        lab.ready::<Cluster>(&name, "False").await;
        slowest = slowest.max(started.elapsed());
    }
    assert!(slowest < Duration::from_secs(10), "{slowest:?}");
    stop.send(()).unwrap();
    operator.await.unwrap().unwrap();
    lab.start_operator().await;
    lab.stop().await;
}
