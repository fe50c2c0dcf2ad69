//! The control service over mutual TLS, as the operator uses it: three brokers are given their
//! identity, made into a cluster, and asked about stops, topics and groups.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a cluster that cannot be made is a failed test"
)]

#[path = "control/cluster.rs"]
mod cluster;
mod judges;

use std::collections::BTreeMap;
use std::time::Duration;

use broker_rpc as rpc;
use broker_rpc::bootstrap_response::Outcome as Bootstrapped;
use broker_rpc::can_stop_response::Outcome as CanStop;
use cluster::{Cluster, OPERATOR, until};
use tonic::Code;

const TOPIC: &str = "orders";

async fn create_topic(cluster: &Cluster) -> rpc::Topic {
    let request = rpc::CreateTopicRequest {
        name: TOPIC.to_owned(),
        partitions: 6,
        replicas: 3,
        config: BTreeMap::from([("min.insync.replicas".to_owned(), "2".to_owned())]),
        validate_only: false,
    };
    let mut client = cluster.client(0, OPERATOR).await;
    // Asking whether it would be made makes nothing, and refuses what would be refused.
    let mut asks = request.clone();
    asks.validate_only = true;
    let would = client.create_topic(asks.clone()).await.unwrap();
    assert_eq!(would.into_inner(), rpc::CreateTopicResponse::default());
    asks.config
        .insert("retention.ms".to_owned(), "soon".to_owned());
    let would_not = client.create_topic(asks).await.unwrap().into_inner();
    assert_eq!(would_not.error.unwrap().code, 40, "INVALID_CONFIG");
    let created = client.create_topic(request.clone()).await.unwrap();
    assert_eq!(created.get_ref().error, None);
    let again = client.create_topic(request).await.unwrap().into_inner();
    assert_eq!(again.error.unwrap().code, 36, "TOPIC_ALREADY_EXISTS");
    // A leader that has just begun cannot tell yet whether its partition is empty.
    let described = until("every partition is led", || async {
        let topic = describe_topic(cluster).await?;
        let is_whole = topic.offline_partitions == 0 && topic.under_replicated_partitions == 0;
        (is_whole && topic.is_empty.is_some()).then_some(topic)
    });
    let described = described.await;
    assert_eq!(described.topic_id, created.into_inner().topic_id.unwrap());
    described
}

async fn describe_topic(cluster: &Cluster) -> Option<rpc::Topic> {
    let names = vec![TOPIC.to_owned(), "nothing".to_owned()];
    let request = rpc::DescribeTopicsRequest { names };
    let mut client = cluster.client(1, OPERATOR).await;
    let topics = client.describe_topics(request).await.ok()?.into_inner();
    topics.topics.into_iter().next()
}

/// What a broker says of itself and the cluster.
async fn describe(cluster: &Cluster, broker: usize) -> rpc::DescribeResponse {
    let mut client = cluster.client(broker, OPERATOR).await;
    let described = client.describe(rpc::DescribeRequest {}).await;
    described.unwrap().into_inner()
}

fn leaders(described: &rpc::DescribeResponse, node_id: i32) -> i32 {
    let image = described.image.as_ref().unwrap();
    let broker = image.brokers.iter().find(|it| it.node_id == node_id);
    broker.unwrap().leaders
}

async fn can_stop(cluster: &Cluster, node_id: i32, broker_epoch: i64) -> CanStop {
    let request = rpc::CanStopRequest {
        node_id,
        broker_epoch,
    };
    until("a controller answers", || async {
        let mut client = cluster.client(0, OPERATOR).await;
        client.can_stop(request).await.ok()?.into_inner().outcome
    })
    .await
}

#[tokio::test]
async fn an_operator_forms_a_cluster_and_asks_it() {
    let mut cluster = Cluster::start();
    forms(&cluster).await;
    lets_nobody_else_in(&cluster).await;
    let topic = create_topic(&cluster).await;
    assert_eq!(
        (topic.partitions, topic.replicas_min, topic.replicas_max),
        (6, 3, 3)
    );
    // As it was asked for, and nothing else: so whoever asked knows it again.
    let config = BTreeMap::from([("min.insync.replicas".to_owned(), "2".to_owned())]);
    assert_eq!(
        topic.config.clone().into_iter().collect::<BTreeMap<_, _>>(),
        config
    );
    assert_eq!(topic.is_empty, Some(true));
    alters(&cluster, &topic).await;
    describes_groups(&cluster).await;
    counts(&cluster).await;
    stops_one_after_another(&mut cluster).await;
    deletes(&cluster, &topic).await;
}

async fn forms(cluster: &Cluster) {
    let mut voters = Vec::new();
    for broker in 0..3 {
        let described = until("the broker answers", || async {
            let mut client = cluster.try_client(broker, OPERATOR).await.ok()?;
            let described = client.describe(rpc::DescribeRequest {}).await.ok()?;
            Some(described.into_inner())
        })
        .await;
        assert_eq!(described.formatting(), rpc::Formatting::Waiting);
        assert!(cluster.http(broker, "/livez").starts_with("HTTP/1.1 200"));
        assert!(cluster.http(broker, "/readyz").starts_with("HTTP/1.1 503"));
        voters.push(cluster.voter(broker, &described.directory_id));
    }
    for broker in 0..3 {
        let request = cluster.bootstrap(broker, &voters);
        let mut client = cluster.client(broker, OPERATOR).await;
        let mut wrong = request.clone();
        wrong.node_id += 1;
        let outcome = client.bootstrap(wrong).await.unwrap().into_inner().outcome;
        assert!(matches!(outcome, Some(Bootstrapped::Conflict(it)) if it.field == "node_id"));
        for was_already in [false, true] {
            let outcome = client
                .bootstrap(request.clone())
                .await
                .unwrap()
                .into_inner();
            let Some(Bootstrapped::Formatted(it)) = outcome.outcome else {
                panic!("{outcome:?}");
            };
            assert_eq!(it.was_already, was_already);
        }
    }
    until("all are unfenced", || async {
        let described = describe(cluster, 2).await;
        let image = described.image?;
        let active = image.brokers.iter().filter(|it| !it.is_fenced).count();
        (active == 3).then_some(())
    })
    .await;
    for broker in 0..3 {
        until("it is ready", || async {
            let answer = cluster.http(broker, "/readyz");
            answer.starts_with("HTTP/1.1 200").then_some(())
        })
        .await;
    }
    let quorum = describe(cluster, 0).await.quorum.unwrap();
    assert_eq!(quorum.voters.len(), 3);
    assert!(quorum.leader_id.is_some());
}

async fn lets_nobody_else_in(cluster: &Cluster) {
    for (subject, expected) in [
        (("another cluster", "broker-0"), Code::PermissionDenied),
        (("Tidemill", "somebody"), Code::PermissionDenied),
    ] {
        let mut client = cluster.client(0, subject).await;
        let refused = client.describe(rpc::DescribeRequest {}).await.unwrap_err();
        assert_eq!(refused.code(), expected, "{refused}");
    }
    let mut stranger = cluster.stranger(0).await;
    let refused = match &mut stranger {
        Ok(client) => client.describe(rpc::DescribeRequest {}).await.is_err(),
        Err(_) => true,
    };
    assert!(refused, "another authority's certificate is worth nothing");
}

async fn alters(cluster: &Cluster, topic: &rpc::Topic) {
    let alter = |partitions, set: &[(&str, &str)], reset: &[&str]| rpc::AlterTopicRequest {
        name: TOPIC.to_owned(),
        topic_id: topic.topic_id.clone(),
        partitions,
        set: set
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
        reset: reset.iter().map(|it| (*it).to_owned()).collect(),
    };
    // Whichever broker is asked: one is the controller, two pass it on.
    for broker in 0..3 {
        let wrong = alter(Some(9), &[("retention.ms", "soon")], &[]);
        let mut client = cluster.client(broker, OPERATOR).await;
        let refused = client.alter_topic(wrong).await.unwrap().into_inner().error;
        assert_eq!(refused.unwrap().code, 40, "INVALID_CONFIG");
    }
    let right = alter(
        Some(9),
        &[("retention.ms", "60000")],
        &["min.insync.replicas"],
    );
    let mut client = cluster.client(2, OPERATOR).await;
    let altered = client.alter_topic(right).await.unwrap().into_inner();
    assert_eq!(altered.error, None);
    until("the topic is altered", || async {
        let topic = describe_topic(cluster).await?;
        let expected = BTreeMap::from([("retention.ms".to_owned(), "60000".to_owned())]);
        (topic.partitions == 9 && topic.config == expected).then_some(())
    })
    .await;
    let request = rpc::AlterClusterConfigRequest {
        set: BTreeMap::from([("min.insync.replicas".to_owned(), "2".to_owned())]),
        reset: Vec::new(),
    };
    let altered = client.alter_cluster_config(request).await.unwrap();
    assert_eq!(altered.into_inner().error, None);
    until("the cluster's config is seen", || async {
        let image = describe(cluster, 1).await.image?;
        (image.config.get("min.insync.replicas")? == "2").then_some(())
    })
    .await;
    let listed = client.list_topics(rpc::ListTopicsRequest {
        after: String::new(),
        limit: 0,
    });
    assert_eq!(listed.await.unwrap().into_inner().names, [TOPIC]);
}

async fn describes_groups(cluster: &Cluster) {
    let described = |group: &'static str| async move {
        let request = rpc::DescribeGroupsRequest {
            group_ids: vec![group.to_owned()],
        };
        let mut client = cluster.client(0, OPERATOR).await;
        let groups = client.describe_groups(request).await.unwrap().into_inner();
        groups.groups.into_iter().next().unwrap()
    };
    let none = described("billing").await;
    assert_eq!((none.error, none.state.as_str()), (None, "Dead"));
    cluster.produce(TOPIC, 90);
    // Reads ten records, commits, and goes.
    cluster.consume(TOPIC, "billing", 10);
    // The same keys again: also the partitions that it has read to their ends go on.
    cluster.produce(TOPIC, 90);
    let group = until("the group is empty", || async {
        let group = described("billing").await;
        (group.error.is_none() && group.state == "Empty").then_some(group)
    })
    .await;
    let lag: i64 = group
        .partitions
        .iter()
        .map(|it| it.log_end_offset.unwrap() - it.committed_offset)
        .sum();
    let committed: i64 = group.partitions.iter().map(|it| it.committed_offset).sum();
    assert!(
        committed >= 10 && lag > 0 && committed + lag <= 180,
        "{group:?}"
    );
    let waits = group.partitions.iter().filter(|it| it.waiting_ms.is_some());
    assert!(waits.count() > 0, "{group:?}");
    assert_eq!(describe_topic(cluster).await.unwrap().is_empty, Some(false));
}

async fn counts(cluster: &Cluster) {
    assert!(cluster.metrics_for_anybody(0).await.is_err());
    let mut controllers = 0;
    for broker in 0..3 {
        let answer = cluster.metrics(broker).await.unwrap();
        let value = |name: &str| {
            let line = answer.lines().find_map(|it| it.strip_prefix(name));
            let value = line.and_then(|it| it.trim().parse::<f64>().ok());
            value.unwrap_or_else(|| panic!("no {name} in\n{answer}"))
        };
        assert_eq!(value("tidemill_broker_ready "), 1.0);
        assert_eq!(value("tidemill_broker_under_replicated_partitions "), 0.0);
        assert!(value("tidemill_broker_replicas ") >= 9.0);
        assert!(value("tidemill_broker_log_bytes ") > 0.0);
        let listener = "{listener=\"replication\",api=\"Fetch\"} ";
        assert!(value(&format!("tidemill_broker_requests_total{listener}")) > 0.0);
        assert!(answer.contains("# EOF"));
        controllers += i32::from(value("tidemill_broker_active_controller ") == 1.0);
    }
    assert_eq!(controllers, 1);
}

async fn stops_one_after_another(cluster: &mut Cluster) {
    let epoch = |described: &rpc::DescribeResponse| described.broker_epoch.unwrap();
    let first = describe(cluster, 0).await;
    let second = describe(cluster, 1).await;
    let refused = can_stop(cluster, first.node_id, epoch(&first) + 1_000_000).await;
    let CanStop::Refused(refusal) = refused else {
        panic!("{refused:?}");
    };
    assert_eq!(refusal.reason(), rpc::StopRefusal::UnknownBroker);
    // The program that runs before a pod's broker is stopped.
    cluster.drain(0).unwrap();
    until("it leads nothing", || async {
        (leaders(&describe(cluster, 2).await, first.node_id) == 0).then_some(())
    })
    .await;
    let refused = can_stop(cluster, second.node_id, epoch(&second)).await;
    let CanStop::Refused(refusal) = refused else {
        panic!("{refused:?}");
    };
    assert_eq!(refusal.reason(), rpc::StopRefusal::GrantHeld, "{refusal:?}");
    cluster.restart(0);
    until("it is back", || async {
        let mut client = cluster.try_client(1, OPERATOR).await.ok()?;
        let request = rpc::CaughtUpRequest {
            node_id: first.node_id,
        };
        let answer = client.caught_up(request).await.ok()?.into_inner();
        let described = describe(cluster, 1).await;
        let brokers = described.image?.brokers;
        let now = brokers.iter().find(|it| it.node_id == first.node_id)?;
        (answer.is_caught_up && now.broker_epoch != epoch(&first)).then_some(())
    })
    .await;
    let granted = can_stop(cluster, second.node_id, epoch(&second)).await;
    assert!(matches!(granted, CanStop::Granted(_)), "{granted:?}");
}

async fn deletes(cluster: &Cluster, topic: &rpc::Topic) {
    let delete = |only_if_empty| rpc::DeleteTopicRequest {
        name: TOPIC.to_owned(),
        topic_id: topic.topic_id.clone(),
        only_if_empty,
    };
    let mut client = cluster.client(2, OPERATOR).await;
    let refused = client.delete_topic(delete(true)).await.unwrap();
    assert_eq!(
        refused.into_inner().error.unwrap().code,
        44,
        "POLICY_VIOLATION"
    );
    for _ in 0..2 {
        let gone = client.delete_topic(delete(false)).await.unwrap();
        assert_eq!(gone.into_inner().error, None);
    }
    until("it is gone", || async {
        describe_topic(cluster).await.is_none().then_some(())
    })
    .await;
    tokio::time::timeout(
        Duration::from_secs(5),
        client.describe(rpc::DescribeRequest {}),
    )
    .await
    .unwrap()
    .unwrap();
}
