//! Groups of Kafka's own consumers: two share six partitions, one leaves, the other takes them all.

#![allow(clippy::indexing_slicing, reason = "what an event lacks is null")]

mod judges;

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use judges::Cluster;
use serde_json::Value;

const VERIFIABLE_CONSUMER: &str = "org.apache.kafka.tools.VerifiableConsumer";
const TOPIC: &str = "orders";
const PARTITIONS: u64 = 6;
const WITHIN: Duration = Duration::from_secs(60);

/// A consumer, and what it has said that it was assigned.
struct Member {
    child: Child,
    events: mpsc::Receiver<Value>,
    assigned: BTreeSet<u64>,
}

impl Member {
    fn start(cluster: &Cluster, group: &str, assignor: &str) -> Member {
        let mut command = judges::java_command(VERIFIABLE_CONSUMER);
        command
            .args(["--bootstrap-server", &cluster.bootstrap, "--topic", TOPIC])
            .args(["--group-id", group, "--assignment-strategy", assignor])
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut child = command.spawn().expect("java starts");
        let stdout = child.stdout.take().expect("it is piped");
        let (sender, events) = mpsc::channel();
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                let event = serde_json::from_str(&line);
                if event.is_ok_and(|it| sender.send(it).is_err()) {
                    return;
                }
            }
        });
        Member {
            child,
            events,
            assigned: BTreeSet::new(),
        }
    }

    /// Takes what it has said so far, waiting a little for more.
    fn listen(&mut self) {
        let Ok(event) = self.events.recv_timeout(Duration::from_millis(50)) else {
            return;
        };
        let partitions = event["partitions"].as_array().into_iter().flatten();
        let partitions = partitions.filter_map(|it| it["partition"].as_u64());
        match event["name"].as_str() {
            Some("partitions_assigned") => self.assigned.extend(partitions),
            Some("partitions_revoked") => {
                for partition in partitions {
                    self.assigned.remove(&partition);
                }
            }
            _ => {}
        }
    }

    /// Leaves its group in good order.
    fn leave(mut self) {
        let asked = Command::new("kill")
            .args(["-TERM", &self.child.id().to_string()])
            .status();
        assert!(asked.is_ok_and(|it| it.success()), "it was gone already");
        self.child.wait().expect("it ends");
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Listens to both until something holds of what they are assigned.
fn until(what: &str, members: &mut [&mut Member], holds: impl Fn(&[usize]) -> bool) {
    let deadline = Instant::now() + WITHIN;
    loop {
        for member in members.iter_mut() {
            member.listen();
        }
        let counts: Vec<usize> = members.iter().map(|it| it.assigned.len()).collect();
        if holds(&counts) {
            return;
        }
        assert!(
            Instant::now() < deadline,
            "{what}: {counts:?} after {WITHIN:?}"
        );
    }
}

fn all() -> BTreeSet<u64> {
    (0..PARTITIONS).collect()
}

#[test]
fn two_members_share_and_one_takes_over_with_every_assignor() {
    let cluster = Cluster::start(3);
    cluster.create_topic(TOPIC, 6, 3);
    for assignor in ["Range", "RoundRobin", "Sticky", "CooperativeSticky"] {
        let class = format!("org.apache.kafka.clients.consumer.{assignor}Assignor");
        let mut first = Member::start(&cluster, assignor, &class);
        let alone = format!("{assignor}: the first has all");
        until(&alone, &mut [&mut first], |it| it == [6]);
        let mut second = Member::start(&cluster, assignor, &class);
        let shared = format!("{assignor}: they share");
        until(&shared, &mut [&mut first, &mut second], |it| it == [3, 3]);
        assert!(first.assigned.is_disjoint(&second.assigned), "{assignor}");
        first.leave();
        let taken = format!("{assignor}: the second has all");
        until(&taken, &mut [&mut second], |it| it == [6]);
        assert_eq!(second.assigned, all(), "{assignor}");
        second.leave();
    }
}
