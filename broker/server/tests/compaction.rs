//! Topics that are compacted while they are written to and brokers are killed: the last record of
//! each key stays, and what others have taken the place of goes, on every replica.

#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a line that is not as expected is a failed test"
)]

mod judges;

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use judges::Cluster;

const TOPIC: &str = "table";
/// So small that the log is cleaned many times while it is written.
const CONFIGS: [&str; 5] = [
    "cleanup.policy=compact",
    "min.cleanable.dirty.ratio=0.1",
    "segment.ms=300",
    "min.insync.replicas=2",
    "compression.type=lz4",
];
const WITHIN: Duration = Duration::from_secs(60);

/// The last record of each key: its offset and value.
type Table = BTreeMap<String, (u64, String)>;

/// What a consumer is shown from the beginning: how many records, and the table they make.
fn restore(cluster: &Cluster) -> (usize, Table) {
    let mut table = Table::new();
    let shown = cluster.python("consume.py", &[TOPIC]);
    for line in shown.lines() {
        let fields: Vec<&str> = line.split(' ').collect();
        let (offset, key, value) = (fields[1].parse().unwrap(), fields[2], fields[3]);
        table.insert(key.to_owned(), (offset, value.to_owned()));
    }
    (shown.lines().count(), table)
}

/// What was acknowledged last of each key.
fn last_acknowledged(told: &str) -> Table {
    let mut table = Table::new();
    for line in told.lines().filter(|it| it.starts_with("ok ")) {
        let fields: Vec<&str> = line.split(' ').collect();
        let (offset, number): (u64, u64) = (fields[2].parse().unwrap(), fields[3].parse().unwrap());
        let record = (offset, format!("1#{number}"));
        let key = format!("1-{}", number % 10);
        if table.get(&key).is_none_or(|it| it.0 < offset) {
            table.insert(key, record);
        }
    }
    table
}

/// Bytes of all segments of a replica.
fn bytes(cluster: &Cluster, broker: u32) -> u64 {
    let folder = cluster
        .data_dir
        .path()
        .join(format!("broker-{broker}/{TOPIC}-0"));
    let is_log = |it: &Path| it.extension().is_some_and(|it| it == "log");
    let entries = std::fs::read_dir(folder)
        .unwrap()
        .map(|it| it.unwrap().path());
    // One may be replaced at this moment.
    let sizes = entries
        .filter(|it| is_log(it))
        .filter_map(|it| it.metadata().ok());
    sizes.map(|it| it.len()).sum()
}

#[test]
fn the_last_record_of_each_key_survives_compaction_and_crashes() {
    let cluster = Cluster::start(3);
    cluster.configure_brokers("log.cleaner.backoff.ms=100");
    cluster.create_topic_with(TOPIC, 1, 3, &CONFIGS);
    let producer = cluster.python_running("produce.py", &[TOPIC, "1", "12000", "2000"]);
    for broker in [1, 2, 3] {
        cluster.end(broker, "KILL");
        cluster.python("whole.py", &[TOPIC, "3"]);
    }
    let told = producer.wait_with_output().unwrap();
    let told = String::from_utf8(told.stdout).unwrap();
    assert!(told.ends_with("done\n"), "{told}");
    let expected = last_acknowledged(&told);
    assert_eq!(expected.len(), 10);
    // The last segment closes when something comes after it.
    let told = cluster.python("produce.py", &[TOPIC, "1", "10", "20"]);
    let expected: Table = expected
        .into_iter()
        .chain(last_acknowledged(&told))
        .collect();
    let deadline = Instant::now() + WITHIN;
    loop {
        let (n_records, table) = restore(&cluster);
        assert_eq!(table, expected);
        let sizes = [1, 2, 3].map(|it| bytes(&cluster, it));
        if n_records < 100 && sizes.iter().all(|it| *it < 20_000) {
            break;
        }
        assert!(
            Instant::now() < deadline,
            "{n_records} records are left, in {sizes:?} bytes\n{}",
            cluster.log()
        );
        std::thread::park_timeout(Duration::from_millis(200));
    }
    cluster.end_all(&[1, 2, 3], "KILL");
    cluster.python("whole.py", &[TOPIC, "3"]);
    assert_eq!(restore(&cluster).1, expected);
    assert!(
        !cluster.log().contains("cannot be compacted"),
        "{}",
        cluster.log()
    );
}
