//! Brokers that are killed while clients write: what was acknowledged is read, once and in order.

#![allow(
    clippy::indexing_slicing,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "a line that is too short is a failed test, and its figures are for people"
)]

mod judges;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader};
use std::process::Child;
use std::sync::mpsc;
use std::time::Duration;

use broker_sim::history::{History, Sent, Value};
use judges::Cluster;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

const TOPIC: &str = "ledger";
const PARTITIONS: u32 = 6;
const BROKERS: u32 = 3;
/// Kills of one broker, each a crash.
const KILLS: usize = 20;
/// Records that are acknowledged between the moment at which all is whole again and the next kill,
/// at most.
const PROGRESS_MAX: usize = 600;
/// How long the producer may be without an acknowledgement.
const STALL_MAX: Duration = Duration::from_secs(60);
/// How long half of the kills may keep a partition from being written.
const MEDIAN_STALL_MAX: Duration = Duration::from_secs(2);
/// Records a second.
const RATE: &str = "800";

/// A record that was acknowledged.
struct Acknowledged {
    partition: u32,
    offset: u64,
    sequence: u64,
    at: Duration,
}

/// A producer that writes until it is told to stop, and what it has said.
struct Load<'a> {
    cluster: &'a Cluster,
    producer: Child,
    lines: mpsc::Receiver<String>,
    history: History,
    last: BTreeMap<u32, Duration>,
    /// The longest time between two acknowledgements of one partition since it was asked for.
    stall: Duration,
}

impl Load<'_> {
    fn start(cluster: &Cluster) -> Load<'_> {
        let mut producer = cluster.python_running("produce.py", &[TOPIC, "1", "-", RATE]);
        let stdout = producer.stdout.take().unwrap();
        let (sender, lines) = mpsc::channel();
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        Load {
            cluster,
            producer,
            lines,
            history: History::default(),
            last: BTreeMap::new(),
            stall: Duration::ZERO,
        }
    }

    /// The next acknowledgement; `None` once the producer is done. Two minutes, after which it would
    /// give a record up, are more than any failover: nothing may fail.
    fn next(&mut self) -> Option<Acknowledged> {
        let line = self.lines.recv_timeout(STALL_MAX).unwrap_or_else(|_| {
            let _ = self.producer.kill();
            panic!(
                "no record was acknowledged for {STALL_MAX:?}\n{}",
                self.cluster.log()
            )
        });
        let fields: Vec<&str> = line.split(' ').collect();
        let number = |at: usize| fields[at].parse::<u64>().unwrap();
        match fields[0] {
            "ok" => Some(Acknowledged {
                partition: fields[1].parse().unwrap(),
                offset: number(2),
                sequence: number(3),
                at: Duration::from_millis(number(4)),
            }),
            "done" => None,
            _ => panic!("{line}\n{}", self.cluster.log()),
        }
    }

    fn take(&mut self, it: &Acknowledged) {
        let (partition, offset) = (it.partition, it.offset);
        let value = Value {
            producer: 1,
            sequence: it.sequence,
        };
        self.history.sending(partition, value);
        self.history
            .sent(partition, value, Sent::Acknowledged { offset });
        let before = self.last.insert(partition, it.at).unwrap_or(it.at);
        self.stall = self.stall.max(it.at.saturating_sub(before));
    }

    /// Goes on until so many more records are acknowledged, some in each partition that has any.
    fn await_progress(&mut self, n_records: usize) {
        let (mut n_taken, mut seen) = (0, BTreeSet::new());
        while n_taken < n_records || seen.len() < self.last.len() {
            let it = self.next().unwrap();
            self.take(&it);
            seen.insert(it.partition);
            n_taken += 1;
        }
    }

    /// Ends brokers at once, and waits until all is whole again. Returns the longest time for which
    /// a partition was not written.
    fn survive(&mut self, brokers: &[u32], signal: &str) -> Duration {
        self.stall = Duration::ZERO;
        self.cluster.end_all(brokers, signal);
        self.cluster
            .python("whole.py", &[TOPIC, &BROKERS.to_string()]);
        // What was acknowledged meanwhile, and is only now looked at.
        while let Ok(line) = self.lines.try_recv() {
            assert!(line.starts_with("ok "), "{line}\n{}", self.cluster.log());
            let fields: Vec<u64> = line
                .split(' ')
                .skip(1)
                .map(|it| it.parse().unwrap())
                .collect();
            self.take(&Acknowledged {
                partition: u32::try_from(fields[0]).unwrap(),
                offset: fields[1],
                sequence: fields[2],
                at: Duration::from_millis(fields[3]),
            });
        }
        self.await_progress(1);
        self.stall
    }

    fn stop(mut self) -> History {
        drop(self.producer.stdin.take());
        while let Some(it) = self.next() {
            self.take(&it);
        }
        let _ = self.producer.wait();
        self.history
    }
}

fn read_back(cluster: &Cluster, history: &mut History) {
    for line in cluster.python("consume.py", &[TOPIC]).lines() {
        let fields: Vec<&str> = line.split(' ').collect();
        let [partition, offset, _key, value] = fields[..] else {
            panic!("{line}")
        };
        let sequence = value.strip_prefix("1#").unwrap_or_else(|| panic!("{line}"));
        let value = Value {
            producer: 1,
            sequence: sequence.parse().unwrap(),
        };
        let (partition, offset) = (partition.parse().unwrap(), offset.parse().unwrap());
        history.read(partition, 0, offset, value);
    }
}

#[test]
fn nothing_acknowledged_is_lost_repeated_or_reordered_when_brokers_are_killed() {
    let seed = std::env::var("SEED").map_or_else(|_| rand::random(), |it| it.parse().unwrap());
    eprintln!("SEED={seed}");
    let mut chance = StdRng::seed_from_u64(seed);
    let cluster = Cluster::start(3);
    cluster.create_topic(TOPIC, PARTITIONS, BROKERS);
    let mut load = Load::start(&cluster);

    let mut stalls = Vec::new();
    for _ in 0..KILLS {
        load.await_progress(chance.random_range(1..PROGRESS_MAX));
        let broker = chance.random_range(1..=BROKERS);
        let stall = load.survive(&[broker], "KILL");
        eprintln!("killed broker {broker}: stall {stall:?}");
        stalls.push(stall);
    }
    stalls.sort();
    let median = stalls[stalls.len() / 2];
    eprintln!("{KILLS} kills: stalls {stalls:?}, median {median:?}");

    // One that stops in good order: the next start must not believe too much.
    for broker in 1..=BROKERS {
        load.await_progress(chance.random_range(1..PROGRESS_MAX));
        let stall = load.survive(&[broker], "TERM");
        eprintln!("stopped broker {broker}: stall {stall:?}");
    }
    // All at once: nobody has stayed behind who knows.
    for _ in 0..2 {
        load.await_progress(chance.random_range(1..PROGRESS_MAX));
        let stall = load.survive(&[1, 2, 3], "KILL");
        eprintln!("killed all brokers: stall {stall:?}");
    }

    let mut history = load.stop();
    read_back(&cluster, &mut history);
    eprintln!("{} records acknowledged", history.acknowledged());
    assert_eq!(history.check(), []);
    assert!(median <= MEDIAN_STALL_MAX, "{stalls:?}");
}
