//! A broker's disk: how much of it may be open at once; what becomes of it while the broker is down.

#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a line that is not as expected is a failed test"
)]

mod judges;

use std::os::unix::fs::FileExt;
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

/// What a broker has open in its data directory.
fn descriptors(cluster: &Cluster, broker: u32) -> Vec<PathBuf> {
    let data = folder(cluster, broker, "").canonicalize().unwrap();
    let pid = cluster.pid(broker).unwrap();
    std::fs::read_dir(format!("/proc/{pid}/fd"))
        .unwrap()
        .filter_map(|it| std::fs::read_link(it.unwrap().path()).ok())
        .filter(|it| it.starts_with(&data))
        .collect()
}

#[test]
fn a_broker_holds_more_segments_than_it_may_have_descriptors() {
    let cluster = Cluster::start_under(&["prlimit", "--nofile=400"], 1);
    // Every batch has a segment of its own.
    cluster.create_topic_with(TOPIC, 3, 1, &["internal.segment.bytes=100"]);
    let records: String = (0..200).map(|it| format!("{it}:{it}\n")).collect();
    for partition in ["0", "1", "2"] {
        let batches = ["-X", "linger.ms=0", "-X", "batch.num.messages=1"];
        let arguments = [
            &["-P", "-K", ":", "-t", TOPIC, "-p", partition],
            &batches[..],
        ]
        .concat();
        cluster.kcat(&arguments, &records);
    }
    let segments = || {
        let names = [0, 1, 2].map(|it| folder(&cluster, 1, &format!("{TOPIC}-{it}")));
        let names = names.iter().flat_map(|it| std::fs::read_dir(it).unwrap());
        let is_log = |it: &PathBuf| it.extension().is_some_and(|it| it == "log");
        names
            .filter(|it| is_log(&it.as_ref().unwrap().path()))
            .count()
    };
    assert_eq!(segments(), 600);
    for _ in 0..2 {
        assert_eq!(cluster.python("consume.py", &[TOPIC]).lines().count(), 600);
        // A quarter of the limit; what is written to; a lock and what is written at this moment.
        let n_partitions = std::fs::read_dir(folder(&cluster, 1, "")).unwrap().count();
        let open = descriptors(&cluster, 1);
        assert!(
            open.len() <= 100 + n_partitions + 8,
            "{} are open: {open:?}",
            open.len()
        );
        assert!(open.len() >= 100, "nobody has read the segments: {open:?}");
        cluster.end(1, "KILL");
    }
}

#[test]
fn many_partitions_made_at_once_need_one_descriptor_each() {
    // Each writes three files when it is made.
    let cluster = Cluster::start_under(&["prlimit", "--nofile=4500"], 1);
    cluster.create_topic(TOPIC, 3_000, 1);
    cluster.python("whole.py", &[TOPIC, "1"]);
    cluster.kcat(&["-P", "-t", TOPIC, "-p", "2999"], "it is written");
    cluster.end(1, "KILL");
    let read = [
        "-C",
        "-q",
        "-t",
        TOPIC,
        "-p",
        "2999",
        "-o",
        "beginning",
        "-c",
        "1",
    ];
    assert_eq!(cluster.kcat(&read, ""), "it is written\n");
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

/// All batches of a replica, as they lie on the disk.
fn content(cluster: &Cluster, broker: u32, partition: &str) -> Vec<u8> {
    segments(cluster, broker, partition)
        .iter()
        .flat_map(|it| std::fs::read(it).unwrap_or_default())
        .collect()
}

/// The files of a replica's segments, in order.
fn segments(cluster: &Cluster, broker: u32, partition: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder(cluster, broker, partition)).unwrap();
    let mut paths: Vec<PathBuf> = entries.map(|it| it.unwrap().path()).collect();
    paths.retain(|it| it.extension().is_some_and(|it| it == "log"));
    paths.sort();
    paths
}

#[test]
fn a_record_that_a_disk_has_changed_is_found_and_fetched_again_also_where_it_was_led_from() {
    let cluster = Cluster::start(3);
    cluster.configure_brokers("tidemill.scrub.interval.ms=1000");
    cluster.create_topic_with(TOPIC, 1, 3, &["internal.segment.bytes=2000"]);
    let records: String = (0..RECORDS).map(|it| format!("{it}:{it}\n")).collect();
    let few = ["-X", "batch.num.messages=10"];
    let arguments = [&["-P", "-K", ":", "-t", TOPIC], &few[..]].concat();
    cluster.kcat(&arguments, &records);
    cluster.python("whole.py", &[TOPIC, "3"]);
    let partition = format!("{TOPIC}-0");
    let written = content(&cluster, 1, &partition);
    for broker in [1, 2, 3] {
        let segments = segments(&cluster, broker, &partition);
        assert!(segments.len() > 3, "{segments:?}");
        let file = std::fs::File::options()
            .write(true)
            .read(true)
            .open(&segments[2]);
        let (file, mut byte) = (file.unwrap(), [0]);
        file.read_exact_at(&mut byte, 100).unwrap();
        file.write_all_at(&[byte[0] ^ 1], 100).unwrap();
        assert_ne!(content(&cluster, broker, &partition), written);
        let deadline = Instant::now() + WITHIN;
        while content(&cluster, broker, &partition) != written {
            assert!(Instant::now() < deadline, "{}", cluster.log());
            std::thread::park_timeout(Duration::from_millis(50));
        }
        cluster.python("whole.py", &[TOPIC, "3"]);
    }
    assert_eq!(cluster.log().matches("are damaged").count(), 3);
    let records = cluster.python("consume.py", &[TOPIC]);
    assert_eq!(records.lines().count(), RECORDS);
    for broker in [1, 2, 3] {
        assert_eq!(content(&cluster, broker, &partition), written);
    }
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
