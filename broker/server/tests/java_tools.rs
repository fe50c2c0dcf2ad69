//! Kafka's own tools against a cluster of real broker processes: what a user of Kafka would type.

mod judges;

use judges::Cluster;

const TOPICS: &str = "org.apache.kafka.tools.TopicCommand";
const CONFIGS: &str = "kafka.admin.ConfigCommand";
const PRODUCER: &str = "org.apache.kafka.tools.ConsoleProducer";
const CONSUMER: &str = "org.apache.kafka.tools.consumer.ConsoleConsumer";
const GROUPS: &str = "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand";
const DELETE_RECORDS: &str = "org.apache.kafka.tools.DeleteRecordsCommand";
const QUORUM: &str = "org.apache.kafka.tools.MetadataQuorumCommand";
const LOG_DIRS: &str = "org.apache.kafka.tools.LogDirsCommand";
const OFFSETS: &str = "org.apache.kafka.tools.GetOffsetShell";
const VERIFIABLE_PRODUCER: &str = "org.apache.kafka.tools.VerifiableProducer";
const VERIFIABLE_CONSUMER: &str = "org.apache.kafka.tools.VerifiableConsumer";

#[test]
fn transactions_are_refused_with_the_reason() {
    let cluster = Cluster::start(1);
    let mut command = judges::java_command("org.apache.kafka.tools.ProducerPerformance");
    command.args(["--topic", "t", "--num-records", "1", "--record-size", "1"]);
    command.args(["--throughput", "-1", "--transactional-id", "t"]);
    let bootstrap = format!("bootstrap.servers={}", cluster.bootstrap);
    command.args(["--producer-props", &bootstrap]);
    let output = judges::run(command, "");
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success(), "{told}");
    assert!(told.contains("transactions are not supported"), "{told}");
}

/// Lines `n` to a topic, each its own number, keyed by it.
fn numbered(n: usize) -> String {
    (0..n).map(|it| format!("{it}:value {it}\n")).collect()
}

fn create(cluster: &Cluster, topic: &str, partitions: &str, replicas: &str) {
    cluster.java(
        TOPICS,
        &[
            "--bootstrap-server",
            &cluster.bootstrap,
            "--create",
            "--topic",
            topic,
            "--partitions",
            partitions,
            "--replication-factor",
            replicas,
        ],
    );
}

fn produce(cluster: &Cluster, topic: &str, codec: &str, input: &str) {
    cluster.java_with_input(
        PRODUCER,
        &[
            "--bootstrap-server",
            &cluster.bootstrap,
            "--topic",
            topic,
            "--compression-codec",
            codec,
            "--reader-property",
            "parse.key=true",
            "--reader-property",
            "key.separator=:",
            "--command-property",
            "acks=all",
        ],
        input,
    );
}

fn consume(cluster: &Cluster, topic: &str, n: usize, more: &[&str]) -> Vec<String> {
    let n = n.to_string();
    let mut arguments = vec![
        "--bootstrap-server",
        &cluster.bootstrap,
        "--topic",
        topic,
        "--from-beginning",
        "--max-messages",
        &n,
        "--timeout-ms",
        "30000",
    ];
    arguments.extend_from_slice(more);
    let mut lines: Vec<String> = cluster
        .java(CONSUMER, &arguments)
        .lines()
        .map(str::to_owned)
        .collect();
    lines.sort();
    lines
}

#[test]
fn topics_are_created_described_altered_and_deleted() {
    let cluster = Cluster::start(3);
    let topics = |arguments: &[&str]| {
        let mut all = vec!["--bootstrap-server", &cluster.bootstrap];
        all.extend_from_slice(arguments);
        cluster.java(TOPICS, &all)
    };
    create(&cluster, "orders", "3", "3");
    let described = topics(&["--describe", "--topic", "orders"]);
    assert!(described.contains("PartitionCount: 3"), "{described}");
    assert!(described.contains("ReplicationFactor: 3"), "{described}");
    topics(&["--alter", "--topic", "orders", "--partitions", "5"]);
    let described = topics(&["--describe", "--topic", "orders"]);
    assert!(described.contains("PartitionCount: 5"), "{described}");
    assert_eq!(topics(&["--list"]).trim(), "orders");
    topics(&["--delete", "--topic", "orders"]);
    assert_eq!(topics(&["--list"]).trim(), "");
}

#[test]
fn console_clients_carry_every_codec() {
    let cluster = Cluster::start(3);
    for codec in ["none", "gzip", "snappy", "lz4", "zstd"] {
        let topic = format!("codec-{codec}");
        create(&cluster, &topic, "2", "3");
        produce(&cluster, &topic, codec, &numbered(100));
        let mut expected: Vec<String> = (0..100).map(|it| format!("value {it}")).collect();
        expected.sort();
        assert_eq!(consume(&cluster, &topic, 100, &[]), expected, "{codec}");
    }
}

#[test]
fn groups_are_listed_described_reset_and_deleted() {
    let cluster = Cluster::start(3);
    let groups = |arguments: &[&str]| {
        let mut all = vec!["--bootstrap-server", &cluster.bootstrap];
        all.extend_from_slice(arguments);
        cluster.java(GROUPS, &all)
    };
    create(&cluster, "orders", "3", "3");
    produce(&cluster, "orders", "none", &numbered(30));
    assert_eq!(
        consume(&cluster, "orders", 30, &["--group", "billing"]).len(),
        30
    );
    assert_eq!(groups(&["--list"]).trim(), "billing");
    let described = groups(&["--describe", "--group", "billing"]);
    assert_eq!(
        described
            .lines()
            .filter(|it| it.starts_with("billing"))
            .count(),
        3,
        "{described}"
    );
    let reset = [
        "--reset-offsets",
        "--group",
        "billing",
        "--topic",
        "orders",
        "--to-earliest",
        "--execute",
    ];
    groups(&reset);
    // The offsets are back at the start, so the group reads everything again.
    assert_eq!(
        consume(&cluster, "orders", 30, &["--group", "billing"]).len(),
        30
    );
    groups(&["--delete", "--group", "billing"]);
    assert_eq!(groups(&["--list"]).trim(), "");
}

#[test]
fn topic_configs_are_set_and_shown() {
    let cluster = Cluster::start(1);
    create(&cluster, "orders", "1", "1");
    let configs = |arguments: &[&str]| {
        let mut all = vec![
            "--bootstrap-server",
            &cluster.bootstrap,
            "--entity-type",
            "topics",
            "--entity-name",
            "orders",
        ];
        all.extend_from_slice(arguments);
        cluster.java(CONFIGS, &all)
    };
    configs(&["--alter", "--add-config", "retention.ms=60000"]);
    assert!(configs(&["--describe"]).contains("retention.ms=60000"));
    configs(&["--alter", "--delete-config", "retention.ms"]);
    assert!(!configs(&["--describe"]).contains("retention.ms=60000"));
}

#[test]
fn records_are_deleted_up_to_an_offset() {
    let cluster = Cluster::start(3);
    create(&cluster, "orders", "1", "3");
    produce(&cluster, "orders", "none", &numbered(20));
    let file = cluster.data_dir.path().join("delete.json");
    std::fs::write(
        &file,
        r#"{"partitions":[{"topic":"orders","partition":0,"offset":12}],"version":1}"#,
    )
    .unwrap();
    let arguments = [
        "--bootstrap-server",
        &cluster.bootstrap,
        "--offset-json-file",
        file.to_str().unwrap(),
    ];
    let deleted = cluster.java(DELETE_RECORDS, &arguments);
    assert!(deleted.contains("low_watermark: 12"), "{deleted}");
    assert_eq!(consume(&cluster, "orders", 8, &[]).len(), 8);
    let earliest = [
        "--bootstrap-server",
        &cluster.bootstrap,
        "--topic",
        "orders",
        "--time",
        "-2",
    ];
    assert_eq!(cluster.java(OFFSETS, &earliest).trim(), "orders:0:12");
}

#[test]
fn the_quorum_and_the_log_directories_are_described() {
    let cluster = Cluster::start(3);
    let status = cluster.java(
        QUORUM,
        &[
            "--bootstrap-server",
            &cluster.bootstrap,
            "describe",
            "--status",
        ],
    );
    assert!(status.contains("LeaderId:"), "{status}");
    assert_eq!(status.matches("\"id\":").count(), 3, "{status}");
    create(&cluster, "orders", "1", "3");
    let directories = cluster.java(
        LOG_DIRS,
        &["--bootstrap-server", &cluster.bootstrap, "--describe"],
    );
    assert_eq!(
        directories.matches("\"orders-0\"").count(),
        3,
        "{directories}"
    );
}

#[test]
fn verifiable_clients_see_every_record_once() {
    let cluster = Cluster::start(3);
    create(&cluster, "orders", "6", "3");
    let produced = cluster.java(
        VERIFIABLE_PRODUCER,
        &[
            "--bootstrap-server",
            &cluster.bootstrap,
            "--topic",
            "orders",
            "--max-messages",
            "2000",
            "--acks",
            "-1",
        ],
    );
    assert!(produced.contains(r#""acked":2000"#), "{produced}");
    let consumed = cluster.java(
        VERIFIABLE_CONSUMER,
        &[
            "--bootstrap-server",
            &cluster.bootstrap,
            "--topic",
            "orders",
            "--group-id",
            "verify",
            "--max-messages",
            "2000",
            "--reset-policy",
            "earliest",
        ],
    );
    let n_consumed: u64 = consumed
        .lines()
        .filter(|it| it.contains(r#""name":"records_consumed""#))
        .filter_map(|it| {
            it.split(r#""count":"#)
                .nth(1)?
                .split([',', '}'])
                .next()?
                .parse::<u64>()
                .ok()
        })
        .sum();
    assert_eq!(n_consumed, 2000, "{consumed}");
}

#[test]
fn performance_tools_carry_what_they_are_asked_to() {
    let cluster = Cluster::start(3);
    create(&cluster, "load", "6", "3");
    let produced = cluster.produce_kilobytes("load", 20_000, &["compression.type=lz4"]);
    assert!(produced.contains("20000 records sent"), "{produced}");
    let consumed = cluster.java(
        "org.apache.kafka.tools.ConsumerPerformance",
        &[
            "--bootstrap-server",
            &cluster.bootstrap,
            "--topic",
            "load",
            "--messages",
            "20000",
            "--hide-header",
        ],
    );
    let n_consumed = consumed.split(", ").nth(4);
    assert_eq!(n_consumed, Some("20000"), "{consumed}");
}
