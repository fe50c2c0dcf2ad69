//! Brokers that are killed while clients write: what was acknowledged is read, once and in order.

#![allow(
    clippy::indexing_slicing,
    reason = "a line that is too short is a failed test"
)]

mod judges;

use std::io::{BufRead, BufReader};
use std::sync::mpsc;
use std::time::Duration;

use broker_sim::history::{History, Sent, Value};
use judges::Cluster;

const TOPIC: &str = "ledger";
const KILLS: u32 = 9;
/// Records that must be acknowledged between one kill and the next, so that each kill hits work.
const PROGRESS: usize = 200;
/// How long the producer may be without an acknowledgement.
const STALL: Duration = Duration::from_secs(60);
const RECORDS: u64 = 12_000;
const RATE: &str = "800";

/// A line of `produce.py`.
enum Line {
    Acknowledged {
        partition: u32,
        offset: u64,
        sequence: u64,
    },
    Failed {
        line: String,
    },
    Done,
}

fn parse(line: &str) -> Line {
    let fields: Vec<&str> = line.split(' ').collect();
    let number = |at: usize| {
        fields[at]
            .parse::<u64>()
            .unwrap_or_else(|_| panic!("{line}"))
    };
    match fields[0] {
        "ok" => Line::Acknowledged {
            partition: fields[1].parse().unwrap_or_else(|_| panic!("{line}")),
            offset: number(2),
            sequence: number(3),
        },
        "done" => Line::Done,
        _ => Line::Failed {
            line: line.to_owned(),
        },
    }
}

#[test]
fn nothing_acknowledged_is_lost_repeated_or_reordered_when_brokers_are_killed() {
    let cluster = Cluster::start(3);
    cluster.create_topic(TOPIC, 6, 3);
    let count = RECORDS.to_string();
    let mut producer = cluster.python_running("produce.py", &[TOPIC, "1", &count, RATE]);
    let stdout = producer.stdout.take().unwrap();
    let (sender, lines) = mpsc::channel();
    std::thread::spawn(move || {
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                return;
            }
        }
    });

    let mut history = History::default();
    let mut killed = 0;
    let mut since_kill = 0;
    loop {
        let line = lines.recv_timeout(STALL).unwrap_or_else(|_| {
            let _ = producer.kill();
            panic!(
                "no record was acknowledged for {STALL:?} after kill {killed}\n{}",
                cluster.log()
            )
        });
        match parse(&line) {
            Line::Acknowledged {
                partition,
                offset,
                sequence,
            } => {
                let value = Value {
                    producer: 1,
                    sequence,
                };
                history.sending(partition, value);
                history.sent(partition, value, Sent::Acknowledged { offset });
                since_kill += 1;
            }
            // Two minutes are more than any failover: nothing may be given up here.
            Line::Failed { line } => panic!("{line}\n{}", cluster.log()),
            Line::Done => break,
        }
        if since_kill >= PROGRESS && killed < KILLS {
            since_kill = 0;
            // Every fourth may stop in good order: the next start must not believe too much.
            let signal = if killed % 4 == 3 { "TERM" } else { "KILL" };
            cluster.end(killed % 3 + 1, signal);
            killed += 1;
        }
    }
    let _ = producer.wait();
    assert_eq!(killed, KILLS, "the producer was done before the last kill");

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
        history.read(
            partition.parse().unwrap(),
            0,
            offset.parse().unwrap(),
            value,
        );
    }
    assert_eq!(history.acknowledged() as u64, RECORDS);
    assert_eq!(history.check(), []);
}
