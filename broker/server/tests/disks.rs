//! What becomes of a broker's disk while the broker is down: a topic is deleted, a replica is lost.

#![allow(
    clippy::unwrap_used,
    reason = "a line that is not as expected is a failed test"
)]

mod judges;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use judges::Cluster;

const TOPIC: &str = "ledger";
const RECORDS: usize = 500;
const WITHIN: Duration = Duration::from_secs(60);

fn produce(cluster: &Cluster, topic: &str) {
    let count = RECORDS.to_string();
    let told = cluster.python("produce.py", &[topic, "1", &count, "5000"]);
    assert_eq!(told.matches("ok ").count(), RECORDS, "{told}");
}

fn folder(cluster: &Cluster, broker: u32, partition: &str) -> PathBuf {
    let data = cluster.data_dir.path().join(format!("broker-{broker}"));
    data.join(partition)
}

/// Folders of a broker whose names begin so.
fn folders(cluster: &Cluster, broker: u32, prefix: &str) -> Vec<String> {
    std::fs::read_dir(folder(cluster, broker, ""))
        .unwrap()
        .map(|it| it.unwrap().file_name().into_string().unwrap())
        .filter(|it| it.starts_with(prefix))
        .collect()
}

#[test]
fn a_topic_that_was_deleted_while_a_broker_was_down_leaves_nothing_there() {
    let cluster = Cluster::start(3);
    cluster.create_topic("gone", 2, 3);
    cluster.create_topic(TOPIC, 1, 3);
    produce(&cluster, "gone");
    produce(&cluster, TOPIC);
    cluster.while_down(1, || {
        assert_eq!(folders(&cluster, 1, "gone-").len(), 2);
        cluster.python("delete.py", &["gone"]);
    });
    let deadline = Instant::now() + WITHIN;
    while !folders(&cluster, 1, "gone-").is_empty() {
        assert!(Instant::now() < deadline, "{}", cluster.log());
        std::thread::park_timeout(Duration::from_millis(50));
    }
    assert_eq!(folders(&cluster, 1, TOPIC).len(), 1);
    cluster.python("whole.py", &[TOPIC, "3"]);
    assert_eq!(
        cluster.python("consume.py", &[TOPIC]).lines().count(),
        RECORDS
    );
}

#[test]
fn a_replica_that_is_lost_while_its_broker_is_down_is_fetched_again() {
    let cluster = Cluster::start(3);
    cluster.create_topic(TOPIC, 1, 3);
    produce(&cluster, TOPIC);
    let partition = format!("{TOPIC}-0");
    for broker in [1, 2, 3] {
        cluster.while_down(broker, || {
            std::fs::remove_dir_all(folder(&cluster, broker, &partition)).unwrap();
        });
        cluster.python("whole.py", &[TOPIC, "3"]);
        let records = cluster.python("consume.py", &[TOPIC]);
        assert_eq!(records.lines().count(), RECORDS, "after broker {broker}");
    }
    // None of the brokers has what it was given at first, and all of it is there.
    cluster.end_all(&[1, 2, 3], "KILL");
    cluster.python("whole.py", &[TOPIC, "3"]);
    assert_eq!(
        cluster.python("consume.py", &[TOPIC]).lines().count(),
        RECORDS
    );
}
