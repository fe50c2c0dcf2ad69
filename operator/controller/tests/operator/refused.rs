//! What the API server refuses by the definitions alone, with the remedy.

use crds::{Cluster, ConsumerGroup, Topic};

use crate::lab::{Kind, Lab};
use crate::{CLUSTER, TOPIC};

/// The base is applied; then, with `from` replaced by `to`, it is refused in these words.
async fn refused<K: Kind>(lab: &Lab, base: &str, cases: &[(&str, &str, &str)]) {
    lab.apply::<K>(base).await;
    for (from, to, expected) in cases {
        assert!(base.contains(from), "the base does not hold `{from}`");
        let answer = lab.try_apply::<K>(&base.replace(from, to)).await;
        let Err(kube::Error::Api(status)) = answer else {
            panic!("`{to}` was taken")
        };
        assert!(
            status.message.contains(expected),
            "`{to}`: {}",
            status.message
        );
    }
}

#[tokio::test]
async fn wrong_clusters_are_refused_at_apply() {
    let lab = Lab::start().await;
    let cases = [
        (
            "replicas: 3",
            "replicas: 0",
            "should be greater than or equal to 1",
        ),
        (
            "replicas: 3",
            "replicas: -1",
            "should be greater than or equal to 1",
        ),
        (
            "replicas: 3",
            "replicas: 2147483648",
            "should be less than or equal to 300",
        ),
        (
            "replicas: 3",
            "replicas: 2",
            "raise replicas or list fewer zones",
        ),
        ("1Gi", "1Mi", "storage cannot be changed yet: put it back"),
        ("1Gi", "2Gi", "storage cannot be changed yet: put it back"),
        ("1Gi", "much", "for example 10Gi"),
        (
            "{size: 1Gi}",
            "{size: 1Gi}, resources: {requests: {cpu: lots, memory: 1Gi}}",
            "for example 500m of cpu",
        ),
        (
            "{size: 1Gi}",
            "{size: 1Gi}, resources: {limits: {cpu: 1, memory: -1}}",
            "for example 500m of cpu",
        ),
        (
            "{size: 1Gi}",
            "{size: 1Gi, className: x}",
            "className is immutable",
        ),
        ("[a, b, c]", "[b, c, a]", "zones are append-only"),
        ("[a, b, c]", "[a, b, c, a]", "name each once"),
        ("[a, b, c]", "[a, b, C]", "should match"),
        ("name: main", "name: Main", "should match"),
        (
            "min.insync.replicas",
            "min.isr",
            "unknown cluster config min.isr",
        ),
        (
            "version: 0.1.0",
            "version: 0.1.0\n  durability: page-cache",
            "durability is immutable",
        ),
        ("version: 0.1.0", "version: ../x", "should match"),
        (
            "zones: [a, b, c]",
            "roles: [broker], zones: [a, b, c]",
            "with 1, 3 or 5 replicas in all",
        ),
        (
            "version: 0.1.0",
            "version: 0.1.0\n  listeners: [{name: x, port: 9091, type: Internal}]",
            "choose another, for example 9092",
        ),
        (
            "version: 0.1.0",
            "version: 0.1.0\n  deletionPolicy: Perhaps",
            "supported values: \"Retain\", \"Delete\"",
        ),
    ];
    refused::<Cluster>(&lab, CLUSTER, &cases).await;
    let long = CLUSTER.replace(
        "name: demo",
        "name: a-name-of-more-than-forty-characters-indeed",
    );
    let answer = lab
        .try_apply::<Cluster>(&long)
        .await
        .unwrap_err()
        .to_string();
    assert!(answer.contains("at most 40 lower-case letters"), "{answer}");
    let long = CLUSTER
        .replace("zones: [a, b, c], ", "")
        .replace(
            "name: demo",
            "name: a-name-of-not-more-than-forty-characters",
        )
        .replace("name: main", "name: a-pool-of-twenty");
    let answer = lab.try_apply::<Cluster>(&long).await;
    let answer = answer.unwrap_err().to_string();
    assert!(answer.contains("more than 51 characters"), "{answer}");
    lab.stop().await;
}

/// Older definitions took another size; so does this one while something else is not supported.
#[tokio::test]
async fn a_size_that_was_taken_can_be_put_back() {
    let lab = Lab::with_cluster(CLUSTER).await;
    let more = CLUSTER.replace("replicas: 3", "replicas: 5");
    lab.apply::<Cluster>(&more).await;
    lab.told::<Cluster>("demo", "NotSupported").await;
    let larger = CLUSTER.replace("1Gi", "2Gi");
    lab.apply::<Cluster>(&larger).await;
    let told = lab.told::<Cluster>("demo", "NotSupported").await;
    assert!(told.contains("put "), "{told}");
    lab.apply::<Cluster>(CLUSTER).await;
    lab.ready::<Cluster>("demo", "True").await;
    lab.stop().await;
}

#[tokio::test]
async fn wrong_topics_and_groups_are_refused_at_apply() {
    let lab = Lab::start().await;
    let cases = [
        (
            "partitions: 6",
            "partitions: 0",
            "should be greater than or equal to 1",
        ),
        (
            "replicas: 3",
            "replicas: 0",
            "should be greater than or equal to 1",
        ),
        ("name: demo", "name: other", "clusterRef is immutable"),
        ("name: demo", "name: ../demo", "should match"),
        (
            "partitions: 6",
            "topicName: other, partitions: 6",
            "topicName is immutable",
        ),
        (
            "partitions: 6",
            "topicName: 'a b', partitions: 6",
            "should match",
        ),
        (
            "partitions: 6",
            "topicName: __x, partitions: 6",
            "choose another",
        ),
        (
            "retention.ms",
            "retention",
            "unknown topic config retention:",
        ),
    ];
    refused::<Topic>(&lab, TOPIC, &cases).await;
    let group = "
apiVersion: tidemill.dev/v1alpha1
kind: ConsumerGroup
metadata: {name: billing}
spec: {clusterRef: {name: demo}, groupId: billing, lag: {max: 1}}
";
    let cases = [
        ("groupId: billing", "groupId: other", "groupId is immutable"),
        ("name: demo", "name: other", "clusterRef is immutable"),
        (
            "{max: 1}",
            "{max: -1}",
            "should be greater than or equal to 0",
        ),
    ];
    refused::<ConsumerGroup>(&lab, group, &cases).await;
    lab.stop().await;
}
