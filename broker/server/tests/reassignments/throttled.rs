//! Reassignments under an id and a throttle, as the operator asks for them over the control service.

use std::future::Future;
use std::time::{Duration, Instant};

use broker_rpc as rpc;
use broker_rpc::control_client::ControlClient;
use tonic::Status;
use tonic::transport::Channel;

use super::judges::Cluster;
use super::{COMPLETE_WITHIN, TOPIC, create, described, folders, plan, reassign};

const KILOBYTES: u32 = 8_000;
const SLOW: i64 = 10_000;

/// Where a broker's control service is.
fn address(cluster: &Cluster, broker: u32) -> String {
    let path = cluster
        .data_dir
        .path()
        .join(format!("broker-{broker}.yaml"));
    let config = std::fs::read_to_string(path).unwrap();
    let config: serde_json::Value = serde_yaml::from_str(&config).unwrap();
    let bind = config["listeners"]["control"]["bind"].as_str().unwrap();
    format!("http://{bind}")
}

/// Asks a broker until it is answered; while no controller is known it is not.
async fn answered<T, F, A>(cluster: &Cluster, broker: u32, ask: F) -> T
where
    F: Fn(ControlClient<Channel>) -> A,
    A: Future<Output = Result<tonic::Response<T>, Status>>,
{
    let deadline = Instant::now() + COMPLETE_WITHIN;
    loop {
        let connected = ControlClient::connect(address(cluster, broker)).await;
        let answer = match connected {
            Ok(client) => ask(client).await.map_err(|it| it.to_string()),
            Err(error) => Err(error.to_string()),
        };
        match answer {
            Ok(answer) => return answer.into_inner(),
            Err(error) => assert!(Instant::now() < deadline, "{error}\n{}", cluster.log()),
        }
        tokio::task::yield_now().await;
    }
}

fn start_request(id: &str, throttle: i64, replicas: &[i32]) -> rpc::StartReassignmentRequest {
    rpc::StartReassignmentRequest {
        id: id.to_owned(),
        throttle: Some(throttle),
        targets: vec![rpc::PartitionTarget {
            topic: TOPIC.to_owned(),
            partition: 0,
            replicas: replicas.to_vec(),
        }],
        allow_replication_factor_change: false,
    }
}

async fn start(
    cluster: &Cluster,
    broker: u32,
    request: &rpc::StartReassignmentRequest,
) -> Option<rpc::ReassignmentRefusal> {
    let ask = |mut it: ControlClient<Channel>| {
        let request = request.clone();
        async move { it.start_reassignment(request).await }
    };
    answered(cluster, broker, ask).await.refused
}

async fn alter(
    cluster: &Cluster,
    id: &str,
    throttle: Option<i64>,
) -> rpc::AlterReassignmentResponse {
    let ask = |mut it: ControlClient<Channel>| {
        let request = rpc::AlterReassignmentRequest {
            id: id.to_owned(),
            throttle,
            ..rpc::AlterReassignmentRequest::default()
        };
        async move { it.alter_reassignment(request).await }
    };
    answered(cluster, 2, ask).await
}

async fn cancel(cluster: &Cluster, id: &str) -> rpc::CancelReassignmentResponse {
    let ask = |mut it: ControlClient<Channel>| {
        let request = rpc::CancelReassignmentRequest {
            id: id.to_owned(),
            partitions: Vec::new(),
        };
        async move { it.cancel_reassignment(request).await }
    };
    answered(cluster, 3, ask).await
}

async fn list(cluster: &Cluster, broker: u32) -> Vec<rpc::Reassignment> {
    let ask = |mut it: ControlClient<Channel>| async move {
        it.list_reassignments(rpc::ListReassignmentsRequest {})
            .await
    };
    answered(cluster, broker, ask).await.reassignments
}

async fn describe(cluster: &Cluster, id: &str) -> rpc::DescribeReassignmentResponse {
    let ask = |mut it: ControlClient<Channel>| {
        let request = rpc::DescribeReassignmentRequest {
            id: id.to_owned(),
            ..rpc::DescribeReassignmentRequest::default()
        };
        async move { it.describe_reassignment(request).await }
    };
    answered(cluster, 1, ask).await
}

/// A reassignment's only partition, once it is known how much is left for it.
async fn await_sizes(cluster: &Cluster, id: &str) -> rpc::MovingPartition {
    let deadline = Instant::now() + COMPLETE_WITHIN;
    loop {
        let described = describe(cluster, id).await;
        let moving = &described.partitions[0];
        if moving.adding[0].bytes_left.is_some() {
            return moving.clone();
        }
        assert!(Instant::now() < deadline, "{moving:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Waits until no reassignment goes on.
async fn await_none(cluster: &Cluster) {
    let deadline = Instant::now() + COMPLETE_WITHIN;
    loop {
        let all = list(cluster, 1).await;
        if all.is_empty() {
            return;
        }
        assert!(Instant::now() < deadline, "{all:?}\n{}", cluster.log());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Waits until a broker has given up what it had of the topic.
async fn await_no_folder(cluster: &Cluster, broker: u32) {
    let deadline = Instant::now() + COMPLETE_WITHIN;
    while !folders(cluster, broker).is_empty() {
        assert!(Instant::now() < deadline, "{:?}", folders(cluster, broker));
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// The configs of the topic and of the cluster, in which Kafka's tools keep their throttles.
async fn configs(cluster: &Cluster) -> (Vec<String>, usize) {
    let topics = |mut it: ControlClient<Channel>| async move {
        let names = vec![TOPIC.to_owned()];
        it.describe_topics(rpc::DescribeTopicsRequest { names })
            .await
    };
    let topics = answered(cluster, 1, topics).await.topics;
    let names = topics[0].config.keys().cloned().collect();
    let image =
        |mut it: ControlClient<Channel>| async move { it.describe(rpc::DescribeRequest {}).await };
    let image = answered(cluster, 1, image).await.image.unwrap();
    (names, image.config.len())
}

fn with_records() -> Cluster {
    let cluster = Cluster::start(4);
    create(&cluster, "1:2:3");
    cluster.produce_kilobytes(TOPIC, KILOBYTES, &[]);
    cluster
}

#[tokio::test]
async fn a_reassignment_is_as_fast_as_its_throttle_and_leaves_nothing_behind() {
    let rate: i64 = 1_000_000;
    let cluster = with_records();
    let request = start_request("three-to-four", rate, &[1, 2, 4]);
    let begun = Instant::now();
    assert_eq!(start(&cluster, 1, &request).await, None);
    // Whoever is asked, and however often.
    for broker in 1..=4 {
        assert_eq!(start(&cluster, broker, &request).await, None);
        let all = list(&cluster, broker).await;
        assert_eq!(all.len(), 1, "{all:?}");
        assert_eq!((all[0].throttle, all[0].partitions), (Some(rate), 1));
        assert_eq!(all[0].replicas_behind, 1);
    }
    let other = start_request("three-to-four", rate, &[4, 1, 2]);
    let refused = start(&cluster, 2, &other).await.unwrap();
    assert_eq!(refused.reason(), rpc::ReassignmentRefusalReason::IdInUse);
    let busy = start(&cluster, 2, &start_request("other", rate, &[4, 1, 2])).await;
    let busy = busy.unwrap();
    assert_eq!(busy.reason(), rpc::ReassignmentRefusalReason::Busy);
    assert_eq!(busy.partition.unwrap().topic, TOPIC);
    let moving = await_sizes(&cluster, "three-to-four").await;
    assert_eq!(
        (&moving.target, &moving.removing),
        (&vec![1, 2, 4], &vec![3])
    );
    assert_eq!(moving.adding[0].node_id, 4);
    let left = moving.adding[0].bytes_left.unwrap();
    assert!(left > 0 && left < i64::from(KILOBYTES) * 1_200, "{left}");
    await_none(&cluster).await;
    let took = begun.elapsed();
    let at_full_rate = f64::from(KILOBYTES) * 1024.0 / 1_000_000.0;
    assert!(took.as_secs_f64() > 0.7 * at_full_rate, "{took:?}");
    assert!(described(&cluster).contains("Replicas: 1,2,4"));
    await_no_folder(&cluster, 3).await;
    assert_eq!(folders(&cluster, 4), ["orders-0"]);
    assert_eq!(
        configs(&cluster).await,
        (vec!["min.insync.replicas".to_owned()], 0)
    );
    assert_eq!(
        describe(&cluster, "three-to-four").await,
        Default::default()
    );
    let over = alter(&cluster, "three-to-four", Some(5))
        .await
        .refused
        .unwrap();
    assert_eq!(
        over.reason(),
        rpc::ReassignmentRefusalReason::UnknownReassignment
    );
    let cancelled = cancel(&cluster, "three-to-four").await;
    assert_eq!(cancelled, rpc::CancelReassignmentResponse::default());
}

#[tokio::test]
async fn a_reassignment_outlives_its_controller_and_is_cancelled_sped_up_or_overridden() {
    let cluster = with_records();
    // At such a rate it would take a quarter of an hour.
    let request = start_request("slow", SLOW, &[1, 2, 4]);
    assert_eq!(start(&cluster, 1, &request).await, None);
    let ask =
        |mut it: ControlClient<Channel>| async move { it.describe(rpc::DescribeRequest {}).await };
    let quorum = answered(&cluster, 1, ask).await.quorum.unwrap();
    let controller = u32::try_from(quorum.leader_id.unwrap()).unwrap();
    cluster.end(controller, "KILL");
    let all = list(&cluster, 1).await;
    assert_eq!(all.len(), 1, "{all:?}");
    assert_eq!((all[0].throttle, all[0].replicas_behind), (Some(SLOW), 1));
    let cancelled = await_cancelled(&cluster, "slow").await;
    assert_eq!((cancelled.taken_back, cancelled.kept), (1, Vec::new()));
    assert_eq!(list(&cluster, 2).await, []);
    assert!(described(&cluster).contains("Replicas: 1,2,3"));
    await_no_folder(&cluster, 4).await;

    assert_eq!(start(&cluster, 4, &request).await, None);
    let faster = alter(&cluster, "slow", None).await;
    assert_eq!(faster.refused, None);
    await_none(&cluster).await;
    assert!(described(&cluster).contains("Replicas: 1,2,4"));

    let back = start_request("back", SLOW, &[1, 2, 3]);
    assert_eq!(start(&cluster, 2, &back).await, None);
    assert_eq!(list(&cluster, 3).await.len(), 1);
    let targets = plan(&cluster, "override.json", &["2,1,4"]);
    let execute = [
        "--execute",
        "--additional",
        "--reassignment-json-file",
        &targets,
    ];
    let told = reassign(&cluster, &execute);
    assert!(told.contains("Successfully started"), "{told}");
    assert_eq!(list(&cluster, 3).await, []);
    assert!(described(&cluster).contains("Replicas: 2,1,4"));
}

/// A broker that was killed may not be in sync again; while too few are, nothing is taken back.
async fn await_cancelled(cluster: &Cluster, id: &str) -> rpc::CancelReassignmentResponse {
    let deadline = Instant::now() + COMPLETE_WITHIN;
    loop {
        let cancelled = cancel(cluster, id).await;
        if cancelled.taken_back > 0 {
            return cancelled;
        }
        assert!(
            Instant::now() < deadline,
            "{cancelled:?}\n{}",
            cluster.log()
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
