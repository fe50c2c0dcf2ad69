//! kcat and Python's confluent-kafka, both on librdkafka, against real broker processes.

mod judges;

use judges::Cluster;

#[test]
fn kcat_produces_and_consumes_with_every_codec() {
    let cluster = Cluster::start(3);
    for codec in ["none", "gzip", "snappy", "lz4", "zstd"] {
        let topic = format!("kcat-{codec}");
        cluster.create_topic(&topic, 3, 3);
        let input: String = (0..200).map(|it| format!("{it}:value {it}\n")).collect();
        cluster.kcat(
            &[
                "-P",
                "-t",
                &topic,
                "-K",
                ":",
                "-z",
                codec,
                "-X",
                "enable.idempotence=true",
            ],
            &input,
        );
        let output = cluster.kcat(&["-C", "-t", &topic, "-e", "-q", "-K", ":"], "");
        let mut lines: Vec<&str> = output.lines().collect();
        lines.sort_unstable();
        let mut expected: Vec<&str> = input.lines().collect();
        expected.sort_unstable();
        assert_eq!(lines, expected, "{codec}");
    }
}

#[test]
fn members_share_partitions_and_take_over_with_every_assignor() {
    let cluster = Cluster::start(3);
    cluster.create_topic("shared", 6, 3);
    for assignor in ["range", "roundrobin", "cooperative-sticky"] {
        assert_eq!(
            cluster.python("group.py", &["shared", assignor]).trim(),
            "shared",
            "{assignor}"
        );
    }
}

#[test]
fn transactions_are_refused_for_good_with_the_reason() {
    let cluster = Cluster::start(1);
    let told = cluster.python("transaction.py", &[]);
    assert!(told.starts_with("fatal "), "{told}");
    assert!(told.contains("transactions are not supported"), "{told}");
}
