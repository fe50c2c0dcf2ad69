//! Keys keep their partition and their order while the controller, a group's coordinator and leaders
//! are killed under producer and group.

#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a line that is not as expected is a failed test"
)]

mod judges;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader};
use std::process::Child;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use judges::Cluster;

const TOPIC: &str = "ledger";
const GROUP: &str = "auditors";
const RECORDS: usize = 6_000;
const KEYS: usize = 10;
const RATE: &str = "400";
/// Records that the group must read between one kill and the next.
const PROGRESS: usize = 600;
const STALL: Duration = Duration::from_secs(60);

fn lines(child: &mut Child) -> mpsc::Receiver<String> {
    let stdout = child.stdout.take().unwrap_or_else(|| panic!("it is piped"));
    let (sender, lines) = mpsc::channel();
    std::thread::spawn(move || {
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    lines
}

/// Ids of the controller and of the group's coordinator, once both are known.
fn controller_and_coordinator(cluster: &Cluster) -> [u32; 2] {
    let deadline = Instant::now() + STALL;
    while Instant::now() < deadline {
        let told = cluster.python("where.py", &[GROUP]);
        let ids: Vec<u32> = told
            .split_whitespace()
            .filter_map(|it| it.parse().ok())
            .collect();
        if let [controller, coordinator] = ids[..] {
            return [controller, coordinator];
        }
    }
    panic!("controller and coordinator are not known after {STALL:?}")
}

/// What the group read, by partition and offset.
#[derive(Default)]
struct Reads {
    by_place: BTreeMap<(u32, u64), (String, usize)>,
}

impl Reads {
    fn read(&mut self, line: &str) {
        let fields: Vec<&str> = line.split(' ').collect();
        let [partition, offset, key, value] = fields[..] else {
            panic!("{line}")
        };
        let place = (partition.parse().unwrap(), offset.parse().unwrap());
        let sequence = value.split('#').nth(1).unwrap_or_else(|| panic!("{line}"));
        let record = (key.to_owned(), sequence.parse().unwrap());
        let before = self.by_place.insert(place, record.clone());
        assert!(
            before.as_ref().is_none_or(|it| *it == record),
            "{place:?} was {before:?} and is {record:?}"
        );
    }

    fn check(&self) {
        let mut places: BTreeMap<&str, BTreeSet<u32>> = BTreeMap::new();
        let mut sequences: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for ((partition, _), (key, sequence)) in &self.by_place {
            places.entry(key).or_default().insert(*partition);
            sequences.entry(key).or_default().push(*sequence);
        }
        assert_eq!(places.len(), KEYS);
        for (key, partitions) in places {
            assert_eq!(partitions.len(), 1, "{key} is in {partitions:?}");
        }
        for (key, sequences) in sequences {
            let first: usize = key.split('-').nth(1).unwrap().parse().unwrap();
            let expected: Vec<usize> = (first..RECORDS).step_by(KEYS).collect();
            assert_eq!(
                sequences, expected,
                "{key}: in order, none lost, none twice"
            );
        }
    }
}

#[test]
fn a_key_keeps_its_partition_and_its_order_whoever_is_killed() {
    let cluster = Cluster::start(3);
    cluster.create_topic(TOPIC, 6, 3);
    let count = RECORDS.to_string();
    let mut producer = cluster.python_running("produce.py", &[TOPIC, "1", &count, RATE]);
    let acknowledged = lines(&mut producer);
    let mut follower = cluster.python_running("follow.py", &[TOPIC, GROUP, &count]);
    let read = lines(&mut follower);

    let mut reads = Reads::default();
    let mut since_kill = 0;
    let mut killed = Vec::new();
    loop {
        let line = read.recv_timeout(STALL).unwrap_or_else(|_| {
            let (_, _) = (producer.kill(), follower.kill());
            panic!(
                "the group read nothing for {STALL:?} after {killed:?}\n{}",
                cluster.log()
            )
        });
        if line == "done" {
            break;
        }
        reads.read(&line);
        since_kill += 1;
        if since_kill < PROGRESS || killed.len() == 4 {
            continue;
        }
        since_kill = 0;
        let [controller, coordinator] = controller_and_coordinator(&cluster);
        let victim = match killed.len() {
            0 | 2 => controller,
            _ => coordinator,
        };
        cluster.end(victim, "KILL");
        killed.push(victim);
    }
    assert_eq!(killed.len(), 4, "the group was done before the last kill");
    let said: Vec<String> = acknowledged.iter().collect();
    assert_eq!(said.last().map(String::as_str), Some("done"), "{said:?}");
    let failed: Vec<&String> = said.iter().filter(|it| it.starts_with("failed")).collect();
    assert!(failed.is_empty(), "{failed:?}");
    for child in [&mut producer, &mut follower] {
        assert!(child.wait().is_ok_and(|it| it.success()));
    }
    reads.check();
}
