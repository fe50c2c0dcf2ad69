//! The operator against a real API server, with pods and brokers that only seem to be there.
//!
//! Whoever runs StatefulSets and pods is played by [`kubelet`], the brokers by [`fake_broker`].

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "what is not as a test expects ends the test"
)]

mod fake_broker;
mod kubelet;
mod lab;
mod namespaces;
mod refused;
mod topics;

use std::time::Duration;

use crds::{Cluster, ConsumerGroup, Topic};
use k8s_openapi::api::apps::v1::StatefulSet;
use k8s_openapi::api::core::v1::{ConfigMap, PersistentVolumeClaim, Pod, Secret, Service};
use k8s_openapi::api::rbac::v1::RoleBinding;
use kube::api::{Api, DeleteParams, ObjectMeta, Patch, PatchParams, PostParams, ResourceExt};
use serde_json::json;

use lab::Lab;

const CLUSTER: &str = "
apiVersion: tidemill.dev/v1alpha1
kind: Cluster
metadata: {name: demo}
spec:
  version: 0.1.0
  pools: [{name: main, replicas: 3, zones: [a, b, c], storage: {size: 1Gi}}]
  config: {min.insync.replicas: '2'}
";

const TOPIC: &str = "
apiVersion: tidemill.dev/v1alpha1
kind: Topic
metadata: {name: orders}
spec: {clusterRef: {name: demo}, partitions: 6, replicas: 3, config: {retention.ms: '1000'}}
";

const GROUP: &str = "
apiVersion: tidemill.dev/v1alpha1
kind: ConsumerGroup
metadata: {name: billing}
spec: {clusterRef: {name: demo}, groupId: billing, lag: {max: 10}}
";

#[tokio::test]
async fn a_cluster_comes_up_and_then_rests() {
    let lab = Lab::start().await;
    // With what the server writes otherwise.
    let spec = CLUSTER.replace(
        "zones: [a, b, c]",
        "zones: [a, b, c], resources: {requests: {memory: '1.5e9', cpu: '0.5'}}, \
         template: {tolerations: [{key: '', operator: Exists, effect: ''}]}",
    );
    lab.apply::<Cluster>(&spec).await;
    lab.ready::<Cluster>("demo", "True").await;
    let cluster = lab.get::<Cluster>("demo").await;
    let status = cluster.status.clone().unwrap();
    assert_eq!(status.brokers.unwrap().ready, 3);
    let servers = format!("demo-bootstrap.{}.svc:9092", lab.namespace);
    assert_eq!(status.listeners[0].bootstrap_servers, servers);
    let volume = lab.get::<PersistentVolumeClaim>("data-demo-main-b-0").await;
    assert_eq!(volume.labels()["tidemill.dev/node-id"], "1000");
    assert_eq!(
        volume.labels()["tidemill.dev/cluster-id"],
        status.cluster_id.unwrap()
    );
    assert_eq!(lab.brokers.config()["min.insync.replicas"], "2");
    // At rest nothing is written: neither the object nor any child gets a new version.
    let before = lab.versions().await;
    tokio::time::sleep(Duration::from_secs(12)).await;
    assert_eq!(lab.versions().await, before);
    lab.stop().await;
}

#[tokio::test]
async fn an_operator_that_dies_while_it_creates_is_followed_by_one_that_goes_on() {
    let mut lab = Lab::start().await;
    lab.apply::<Cluster>(CLUSTER).await;
    for _ in 0..6 {
        tokio::time::sleep(Duration::from_millis(70)).await;
        lab.kill_operator().await;
        lab.start_operator().await;
    }
    lab.ready::<Cluster>("demo", "True").await;
    assert_eq!(
        lab.brokers.cluster_ids().len(),
        1,
        "all brokers are of one cluster"
    );
    lab.stop().await;
}

#[tokio::test]
async fn a_new_version_is_rolled_with_the_brokers_consent() {
    let lab = Lab::with_cluster(CLUSTER).await;
    lab.brokers
        .refuse_stops(Some("orders-0 would fall under min.insync.replicas"));
    lab.apply::<Cluster>(&CLUSTER.replace("0.1.0", "0.2.0"))
        .await;
    let told = lab.told::<Cluster>("demo", "RollWaiting").await;
    assert!(
        told.contains("orders-0 would fall under min.insync.replicas"),
        "{told}"
    );
    assert_eq!(lab.image("demo-main-b-0").await, "broker:1");
    lab.brokers.refuse_stops(None);
    for pod in ["demo-main-a-0", "demo-main-b-0", "demo-main-c-0"] {
        lab.until(pod, || async { lab.image(pod).await == "broker:2" })
            .await;
    }
    lab.ready::<Cluster>("demo", "True").await;
    assert_eq!(lab.brokers.drained(), 3);
    lab.stop().await;
}

#[tokio::test]
async fn a_config_that_the_brokers_refuse_is_told_and_holds_up_no_roll() {
    let lab = Lab::with_cluster(CLUSTER).await;
    lab.brokers.refuse_config(true);
    let asked = CLUSTER.replace("'2'", "'1'");
    lab.apply::<Cluster>(&asked).await;
    let told = lab.told::<Cluster>("demo", "InvalidConfig").await;
    assert!(told.contains("these brokers do not know it"), "{told}");
    lab.apply::<Cluster>(&asked.replace("0.1.0", "0.2.0")).await;
    for pod in ["demo-main-a-0", "demo-main-b-0", "demo-main-c-0"] {
        lab.until(pod, || async { lab.image(pod).await == "broker:2" })
            .await;
    }
    lab.brokers.refuse_config(false);
    lab.ready::<Cluster>("demo", "True").await;
    lab.stop().await;
}

#[tokio::test]
async fn what_is_deleted_comes_back() {
    let lab = Lab::with_cluster(CLUSTER).await;
    let identity = lab.get::<ConfigMap>("demo-identity").await.data;
    lab.delete::<StatefulSet>("demo-main-b").await;
    lab.delete::<Service>("demo-bootstrap").await;
    lab.delete::<Secret>("demo-main-a-tls").await;
    lab.delete::<ConfigMap>("demo-approved").await;
    lab.delete::<ConfigMap>("demo-identity").await;
    lab.delete::<Pod>("demo-main-c-0").await;
    lab.exists::<StatefulSet>("demo-main-b").await;
    lab.exists::<Service>("demo-bootstrap").await;
    lab.exists::<Secret>("demo-main-a-tls").await;
    lab.exists::<ConfigMap>("demo-approved").await;
    lab.until("the same identity", || async {
        let api = lab.api::<ConfigMap>();
        api.get_opt("demo-identity")
            .await
            .unwrap()
            .is_some_and(|it| it.data == identity)
    })
    .await;
    lab.ready::<Cluster>("demo", "True").await;
    lab.stop().await;
}

#[tokio::test]
async fn a_topic_is_made_kept_and_deleted_as_its_object_says() {
    let lab = Lab::start().await;
    lab.apply::<Topic>(TOPIC).await;
    lab.told::<Topic>("orders", "UnknownCluster").await;
    lab.apply::<Cluster>(CLUSTER).await;
    lab.ready::<Cluster>("demo", "True").await;
    lab.ready::<Topic>("orders", "True").await;
    assert_eq!(lab.brokers.topic("orders").unwrap().partitions, 6);
    // Drift.
    lab.brokers.alter_topic("orders", |it| it.config.clear());
    lab.apply::<Topic>(&TOPIC.replace("partitions: 6", "partitions: 7"))
        .await;
    lab.until("seven partitions and the config", || async {
        let topic = lab.brokers.topic("orders").unwrap();
        topic.partitions == 7 && topic.config.len() == 1
    })
    .await;
    // Refused by the brokers, and by the operator.
    lab.apply::<Topic>(&TOPIC.replace("orders", "bad").replace("'1000'", "soon"))
        .await;
    lab.told::<Topic>("bad", "Refused").await;
    lab.apply::<Topic>(
        &TOPIC
            .replace("orders", "wide")
            .replace("replicas: 3", "replicas: 4"),
    )
    .await;
    lab.told::<Topic>("wide", "NotEnoughBrokers").await;
    // Retain, then Delete.
    lab.delete::<Topic>("orders").await;
    lab.gone::<Topic>("orders").await;
    assert!(lab.brokers.topic("orders").is_some());
    let delete = TOPIC.replace("partitions: 6", "partitions: 7, deletionPolicy: Delete");
    lab.apply::<Topic>(&delete).await;
    lab.ready::<Topic>("orders", "True").await;
    lab.delete::<Topic>("orders").await;
    lab.gone::<Topic>("orders").await;
    assert!(lab.brokers.topic("orders").is_none());
    lab.stop().await;
}

#[tokio::test]
async fn a_groups_lag_is_told() {
    let lab = Lab::with_cluster(CLUSTER).await;
    lab.apply::<ConsumerGroup>(GROUP).await;
    lab.ready::<ConsumerGroup>("billing", "True").await;
    let status = lab.get::<ConsumerGroup>("billing").await.status.unwrap();
    assert_eq!((status.members, status.lag.unwrap().total), (Some(2), 42));
    let within = status
        .conditions
        .iter()
        .find(|it| it.type_ == "LagWithinLimit")
        .unwrap();
    assert_eq!(within.status, "False");
    lab.stop().await;
}

#[tokio::test]
async fn delete_takes_the_volumes_and_retain_leaves_them() {
    let lab = Lab::start().await;
    lab.apply::<Cluster>(&format!("{CLUSTER}  deletionPolicy: Delete\n"))
        .await;
    lab.ready::<Cluster>("demo", "True").await;
    let parameters = DeleteParams::default();
    lab.api::<Cluster>()
        .delete("demo", &parameters)
        .await
        .unwrap();
    lab.gone::<Cluster>("demo").await;
    lab.gone::<PersistentVolumeClaim>("data-demo-main-a-0")
        .await;
    lab.gone::<ConfigMap>("demo-identity").await;
    lab.stop().await;
}

#[tokio::test]
async fn a_name_that_somebody_else_has_is_not_taken_over() {
    let lab = Lab::start().await;
    let theirs = json!({
        "apiVersion": "v1", "kind": "Service", "metadata": {"name": "demo-bootstrap"},
        "spec": {"ports": [{"port": 80}], "selector": {"app": "theirs"}},
    });
    lab.apply::<Service>(&theirs.to_string()).await;
    lab.apply::<Cluster>(CLUSTER).await;
    let told = lab.told::<Cluster>("demo", "ApplyFailed").await;
    assert!(
        told.contains("Service demo-bootstrap exists and is not the Cluster's"),
        "{told}"
    );
    let service = lab.get::<Service>("demo-bootstrap").await;
    assert_eq!(service.spec.unwrap().selector.unwrap()["app"], "theirs");
    lab.delete::<Service>("demo-bootstrap").await;
    lab.ready::<Cluster>("demo", "True").await;
    lab.stop().await;
}

#[tokio::test]
async fn secrets_that_somebody_else_has_are_not_taken_over() {
    let lab = Lab::start().await;
    for name in ["demo-ca", "demo-main-b-tls"] {
        let theirs = json!({
            "apiVersion": "v1", "kind": "Secret", "metadata": {"name": name},
            "stringData": {"tls.crt": "theirs"},
        });
        lab.apply::<Secret>(&theirs.to_string()).await;
    }
    lab.apply::<Cluster>(CLUSTER).await;
    for name in ["demo-ca", "demo-main-b-tls"] {
        let expected = format!("Secret {name} exists and is not the Cluster's: rename one");
        lab.until(&expected, || async {
            let told = lab.told::<Cluster>("demo", "ApplyFailed").await;
            told.contains(&expected)
        })
        .await;
        let data = lab.get::<Secret>(name).await.data.unwrap();
        assert_eq!(data.keys().collect::<Vec<_>>(), ["tls.crt"]);
        lab.delete::<Secret>(name).await;
    }
    lab.ready::<Cluster>("demo", "True").await;
    lab.stop().await;
}

#[tokio::test]
async fn two_clusters_whose_names_meet_do_not_take_each_others_certificates() {
    let lab = Lab::start().await;
    let one = CLUSTER
        .replace("name: demo", "name: demo-x")
        .replace("zones: [a, b, c], ", "");
    lab.apply::<Cluster>(&one).await;
    lab.ready::<Cluster>("demo-x", "True").await;
    let before = lab.get::<Secret>("demo-x-main-tls").await;
    let other = CLUSTER
        .replace("name: main", "name: x-main")
        .replace("zones: [a, b, c], ", "");
    lab.apply::<Cluster>(&other).await;
    let told = lab.told::<Cluster>("demo", "ApplyFailed").await;
    assert!(
        told.contains("Secret demo-x-main-tls exists and is not the Cluster's"),
        "{told}"
    );
    assert_eq!(lab.get::<Secret>("demo-x-main-tls").await, before);
    lab.ready::<Cluster>("demo-x", "True").await;
    lab.stop().await;
}

#[tokio::test]
async fn a_broken_authority_is_told_and_heals_when_it_is_restored() {
    let lab = Lab::with_cluster(CLUSTER).await;
    let key = lab.get::<Secret>("demo-ca").await.data.unwrap()["ca.key"].clone();
    let patch = |key: Option<&k8s_openapi::ByteString>| json!({"data": {"ca.key": key}});
    let parameters = PatchParams::default();
    let secrets = lab.api::<Secret>();
    let broken = Patch::Merge(patch(None));
    secrets
        .patch("demo-ca", &parameters, &broken)
        .await
        .unwrap();
    let told = lab.told::<Cluster>("demo", "AuthorityBroken").await;
    assert!(told.contains("it has no `ca.key`"), "{told}");
    let whole = Patch::Merge(patch(Some(&key)));
    secrets.patch("demo-ca", &parameters, &whole).await.unwrap();
    lab.ready::<Cluster>("demo", "True").await;
    lab.stop().await;
}

#[tokio::test]
async fn a_cluster_that_is_made_again_keeps_its_authority() {
    let lab = Lab::with_cluster(CLUSTER).await;
    let data = lab.get::<Secret>("demo-ca").await.data;
    lab.delete::<Cluster>("demo").await;
    lab.gone::<Cluster>("demo").await;
    lab.apply::<Cluster>(CLUSTER).await;
    let uid = lab.get::<Cluster>("demo").await.uid().unwrap();
    lab.until("the new Cluster to own the authority", || async {
        let secret = lab.get::<Secret>("demo-ca").await;
        let owners: Vec<&str> = secret
            .owner_references()
            .iter()
            .map(|it| it.uid.as_str())
            .collect();
        assert_eq!(secret.data, data);
        owners == [uid.as_str()]
    })
    .await;
    lab.ready::<Cluster>("demo", "True").await;
    lab.stop().await;
}

#[tokio::test]
async fn a_cluster_that_cannot_be_read_is_not_called_ready() {
    let mut lab = Lab::start().await;
    lab.kill_operator().await;
    let client = lab.restricted().await;
    // The operator lives in another namespace, so that it leads on without the Role in this one.
    let own = lab.more_namespace("own").await;
    let mut binding = lab.get::<RoleBinding>("restricted").await;
    binding.metadata = ObjectMeta {
        name: Some("restricted".to_owned()),
        ..ObjectMeta::default()
    };
    let bindings = Api::<RoleBinding>::namespaced(lab.client.clone(), &own);
    let create = PostParams::default();
    bindings.create(&create, &binding).await.unwrap();
    let (stop, operator) = lab.operator(client, &own, &[&lab.namespace]);
    lab.apply::<Cluster>(CLUSTER).await;
    lab.ready::<Cluster>("demo", "True").await;
    lab.delete::<RoleBinding>("restricted").await;
    lab.ready::<Cluster>("demo", "Unknown").await;
    let told = lab.told::<Cluster>("demo", "ReadFailed").await;
    assert!(told.contains("failed to list"), "{told}");
    assert!(told.contains("installing its chart again"), "{told}");
    let bindings = lab.api::<RoleBinding>();
    bindings.create(&create, &binding).await.unwrap();
    lab.ready::<Cluster>("demo", "True").await;
    stop.send(()).unwrap();
    operator.await.unwrap().unwrap();
    lab.start_operator().await;
    lab.stop().await;
}
