//! Partitions and leaderships move between real brokers, by Kafka's own tools and over the control
//! service, while clients write.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "what is not as expected ends the test"
)]

mod judges;
#[path = "reassignments/throttled.rs"]
mod throttled;

use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use judges::Cluster;

const TOPICS: &str = "org.apache.kafka.tools.TopicCommand";
const REASSIGN: &str = "org.apache.kafka.tools.reassign.ReassignPartitionsCommand";
const ELECT: &str = "org.apache.kafka.tools.LeaderElectionCommand";
const PRODUCER: &str = "org.apache.kafka.tools.VerifiableProducer";
const CONSUMER: &str = "org.apache.kafka.tools.VerifiableConsumer";
const TOPIC: &str = "orders";
/// How long a reassignment may take to be complete.
const COMPLETE_WITHIN: Duration = Duration::from_secs(120);

/// A topic with a partition for each list of brokers.
fn create(cluster: &Cluster, assignment: &str) {
    let arguments = [
        "--bootstrap-server",
        &cluster.bootstrap,
        "--create",
        "--topic",
        TOPIC,
        "--replica-assignment",
        assignment,
        "--config",
        "min.insync.replicas=2",
    ];
    cluster.java(TOPICS, &arguments);
}

fn described(cluster: &Cluster) -> String {
    let servers = &cluster.bootstrap;
    cluster.java(
        TOPICS,
        &[
            "--bootstrap-server",
            servers,
            "--describe",
            "--topic",
            TOPIC,
        ],
    )
}

fn file(cluster: &Cluster, name: &str, text: &str) -> String {
    let path = cluster.data_dir.path().join(name);
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

/// A file that says which brokers each partition is to be on.
fn plan(cluster: &Cluster, name: &str, targets: &[&str]) -> String {
    let partitions: Vec<String> = targets
        .iter()
        .enumerate()
        .map(|(index, replicas)| {
            format!(r#"{{"topic":"{TOPIC}","partition":{index},"replicas":[{replicas}]}}"#)
        })
        .collect();
    let text = format!(r#"{{"version":1,"partitions":[{}]}}"#, partitions.join(","));
    file(cluster, name, &text)
}

fn reassign(cluster: &Cluster, arguments: &[&str]) -> String {
    let mut all = vec!["--bootstrap-server", &cluster.bootstrap];
    all.extend_from_slice(arguments);
    cluster.java(REASSIGN, &all)
}

/// Asks until all of a plan is done.
fn await_complete(cluster: &Cluster, plan: &str) -> String {
    let deadline = Instant::now() + COMPLETE_WITHIN;
    loop {
        let verified = reassign(cluster, &["--verify", "--reassignment-json-file", plan]);
        if !verified.contains("in progress") {
            return verified;
        }
        assert!(Instant::now() < deadline, "{verified}{}", cluster.log());
    }
}

/// Folders of the topic's partitions that a broker has.
fn folders(cluster: &Cluster, broker: u32) -> Vec<String> {
    let broker = format!("broker-{broker}");
    let path: PathBuf = cluster.data_dir.path().join(broker);
    let mut names: Vec<String> = std::fs::read_dir(path)
        .unwrap()
        .map(|it| it.unwrap().file_name().into_string().unwrap())
        .filter(|it| it.starts_with(TOPIC) && !it.contains('.'))
        .collect();
    names.sort();
    names
}

/// Writes so many records in the background, some thousands a second.
fn write(cluster: &Cluster, n_records: &str) -> Child {
    let mut command = judges::java_command(PRODUCER);
    command.args(["--bootstrap-server", &cluster.bootstrap, "--topic", TOPIC]);
    command.args(["--max-messages", n_records, "--throughput", "3000"]);
    command.args(["--acks", "-1"]);
    // By itself this tool tries nothing again, as no user's producer would be set.
    let config = file(cluster, "producer.properties", "retries=2147483647\n");
    command.args(["--command-config", &config]);
    let output = std::fs::File::create(cluster.data_dir.path().join("produced")).unwrap();
    command.stdout(Stdio::from(output)).spawn().unwrap()
}

fn assert_all_written_and_read(cluster: &Cluster, mut writer: Child, n_records: usize) {
    writer.wait().unwrap();
    let produced = std::fs::read_to_string(cluster.data_dir.path().join("produced")).unwrap();
    let n_acknowledged = produced
        .lines()
        .filter(|it| it.contains("producer_send_success"))
        .count();
    let is_error = |it: &&str| it.contains("producer_send_error");
    let error = produced.lines().find(is_error);
    assert_eq!(n_acknowledged, n_records, "{error:?}\n{}", cluster.log());
    let n = n_records.to_string();
    let arguments = [
        "--bootstrap-server",
        &cluster.bootstrap,
        "--topic",
        TOPIC,
        "--group-id",
        "verify",
        "--max-messages",
        &n,
        "--reset-policy",
        "earliest",
        "--verbose",
    ];
    let consumed = cluster.java(CONSUMER, &arguments);
    let values: std::collections::BTreeSet<&str> = consumed
        .lines()
        .filter(|it| it.contains("record_data"))
        .filter_map(|it| it.split(r#""value":""#).nth(1)?.split('"').next())
        .collect();
    assert_eq!(values.len(), n_records, "each record once");
}

#[test]
fn partitions_move_to_another_broker_while_they_are_written_to() {
    let cluster = Cluster::start(4);
    create(&cluster, "1:2:3,2:3:1,3:1:2");
    let writer = write(&cluster, "30000");

    let topics = file(
        &cluster,
        "topics.json",
        &format!(r#"{{"topics":[{{"topic":"{TOPIC}"}}],"version":1}}"#),
    );
    let generated = reassign(
        &cluster,
        &[
            "--generate",
            "--topics-to-move-json-file",
            &topics,
            "--broker-list",
            "2,3,4",
        ],
    );
    assert!(
        generated.contains("Proposed partition reassignment"),
        "{generated}"
    );

    let targets = plan(&cluster, "plan.json", &["4,2,3", "2,3,4", "3,4,2"]);
    let execute = [
        "--execute",
        "--reassignment-json-file",
        &targets,
        "--throttle",
        "50000000",
    ];
    let started = reassign(&cluster, &execute);
    assert!(
        started.contains("Successfully started partition reassignments"),
        "{started}"
    );
    let verified = await_complete(&cluster, &targets);
    assert_eq!(verified.matches("is completed").count(), 3, "{verified}");
    assert!(
        verified.contains("Clearing broker-level throttles"),
        "{verified}"
    );
    assert!(
        verified.contains("Clearing topic-level throttles"),
        "{verified}"
    );
    let listed = reassign(&cluster, &["--list"]);
    assert!(
        listed.contains("No partition reassignments found"),
        "{listed}"
    );
    let after = described(&cluster);
    assert!(after.contains("Replicas: 4,2,3"), "{after}");
    assert!(!after.contains("Adding Replicas: 4"), "{after}");
    assert_eq!(folders(&cluster, 1), [""; 0]);
    assert_eq!(folders(&cluster, 4), ["orders-0", "orders-1", "orders-2"]);

    assert_all_written_and_read(&cluster, writer, 30_000);
}

#[test]
fn leaders_are_elected_as_an_administrator_wants() {
    let cluster = Cluster::start(3);
    create(&cluster, "1:2:3,2:3:1,3:1:2");
    // The first of the replicas is to lead, and does not yet.
    let targets = plan(&cluster, "plan.json", &["3,2,1", "2,3,1", "3,1,2"]);
    reassign(
        &cluster,
        &["--execute", "--reassignment-json-file", &targets],
    );
    let elect = |arguments: &[&str]| {
        let mut all = vec!["--bootstrap-server", &cluster.bootstrap];
        all.extend_from_slice(arguments);
        cluster.java(ELECT, &all)
    };
    let one = ["--topic", TOPIC, "--partition", "0", "--election-type"];
    let elected = elect(&[&one[..], &["preferred"]].concat());
    assert!(
        elected
            .contains("Successfully completed leader election (PREFERRED) for partitions orders-0"),
        "{elected}"
    );
    let elected = elect(&[&one[..], &["preferred"]].concat());
    assert!(
        elected.contains("Valid replica already elected for partitions orders-0"),
        "{elected}"
    );
    let after = described(&cluster);
    assert!(
        after.contains("Partition: 0	Leader: 3	Replicas: 3,2,1"),
        "{after}"
    );
    let all = elect(&["--election-type", "unclean", "--all-topic-partitions"]);
    assert!(!all.contains("Error"), "{all}");
}

#[test]
fn a_move_is_held_back_by_its_throttle_and_taken_back() {
    let cluster = Cluster::start(4);
    create(&cluster, "1:2:3");
    cluster.produce_kilobytes(TOPIC, 8_000, &[]);
    let targets = plan(&cluster, "plan.json", &["1,2,4"]);
    let execute = |throttle: &str| {
        let execute = [
            "--execute",
            "--reassignment-json-file",
            &targets,
            "--throttle",
            throttle,
        ];
        reassign(&cluster, &execute)
    };
    // Eight megabytes, at a rate at which they take a quarter of an hour.
    execute("10000");
    let listed = reassign(&cluster, &["--list"]);
    assert!(
        listed.contains("adding: 4") && listed.contains("removing: 3"),
        "{listed}"
    );
    let during = described(&cluster);
    assert!(during.contains("Adding Replicas: 4"), "{during}");
    assert!(during.contains("Removing Replicas: 3"), "{during}");
    let cancelled = reassign(
        &cluster,
        &["--cancel", "--reassignment-json-file", &targets],
    );
    assert!(
        cancelled.contains("Successfully cancelled partition reassignment for: orders-0"),
        "{cancelled}"
    );
    let listed = reassign(&cluster, &["--list"]);
    assert!(
        listed.contains("No partition reassignments found"),
        "{listed}"
    );
    assert!(described(&cluster).contains("Replicas: 1,2,3"));
    assert_eq!(folders(&cluster, 4), [""; 0]);

    let begun = Instant::now();
    execute("500000");
    let verified = await_complete(&cluster, &targets);
    assert!(verified.contains("is completed"), "{verified}");
    // Eight megabytes take sixteen seconds; of these the eleven that the rate is measured over may have
    // been unused.
    assert!(begun.elapsed() > Duration::from_secs(4), "{verified}");
    assert!(described(&cluster).contains("Replicas: 1,2,4"));
}

#[test]
fn a_broker_that_is_unregistered_is_gone_until_it_comes_again() {
    let cluster = Cluster::start(4);
    create(&cluster, "1:2:3");
    let tool = "org.apache.kafka.tools.ClusterTool";
    let servers = ["--bootstrap-server", &cluster.bootstrap];
    let arguments = [&["unregister"], &servers[..], &["--id", "4"]].concat();
    let told = cluster.java(tool, &arguments);
    assert!(told.contains("Broker 4 is no longer registered"), "{told}");
    // This one lives, and registers again: it can be moved to.
    let targets = plan(&cluster, "plan.json", &["4,2,3"]);
    let execute = ["--execute", "--reassignment-json-file", &targets];
    let deadline = Instant::now() + COMPLETE_WITHIN;
    let list = [&["list-endpoints"], &servers[..]].concat();
    loop {
        let listed = cluster.java(tool, &list);
        if listed.lines().any(|it| it.starts_with("4 ")) {
            break;
        }
        assert!(Instant::now() < deadline, "{listed}{}", cluster.log());
    }
    reassign(&cluster, &execute);
    await_complete(&cluster, &targets);
}
