//! The metadata quorum in the eyes of Kafka's own tools: who votes, who leads, what the log says.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a judge that cannot work is a failed test"
)]

mod judges;

use std::process::Command;
use std::time::{Duration, Instant};

use judges::Cluster;

const QUORUM: &str = "org.apache.kafka.tools.MetadataQuorumCommand";
const DUMP: &str = "org.apache.kafka.tools.DumpLogSegments";
const WITHIN: Duration = Duration::from_secs(60);

fn quorum(cluster: &Cluster, arguments: &[&str]) -> String {
    let server = ["--bootstrap-server", &cluster.bootstrap];
    cluster.java(QUORUM, &[&server[..], arguments].concat())
}

/// What the tool says of something that is refused.
fn refused(cluster: &Cluster, arguments: &[&str]) -> String {
    let mut command = judges::java_command(QUORUM);
    command.args(["--bootstrap-server", &cluster.bootstrap]);
    command.args(arguments);
    let output = judges::run(command, "");
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success(), "{told}");
    told
}

/// A line of `describe --status`.
fn status(cluster: &Cluster, name: &str) -> String {
    let text = quorum(cluster, &["describe", "--status"]);
    let line = text.lines().find_map(|it| it.strip_prefix(name));
    line.unwrap_or_else(|| panic!("no {name} in {text}"))
        .trim()
        .to_owned()
}

fn number(cluster: &Cluster, name: &str) -> u32 {
    status(cluster, name).parse().unwrap()
}

/// Node id, directory id and kind of each replica, in the order of `describe --replication`.
fn replication(cluster: &Cluster) -> Vec<(u32, String, String)> {
    let text = quorum(cluster, &["describe", "--replication"]);
    let rows = text
        .lines()
        .map(|it| it.split_whitespace().collect::<Vec<_>>());
    let mut found: Vec<_> = rows
        .filter_map(|it| {
            let id = it.first()?.parse().ok()?;
            Some((id, (*it.get(1)?).to_owned(), (*it.last()?).to_owned()))
        })
        .collect();
    found.sort();
    found
}

fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + WITHIN;
    while !holds() {
        assert!(Instant::now() < deadline, "not within {WITHIN:?}: {what}");
        std::thread::park_timeout(Duration::from_millis(200));
    }
}

fn kind_of(replicas: &[(u32, String, String)], broker: u32) -> Option<&str> {
    let found = replicas.iter().find(|(id, ..)| *id == broker);
    found.map(|(.., kind)| kind.as_str())
}

#[test]
fn voters_are_described_removed_and_added() {
    let cluster = Cluster::start(3);
    let before = replication(&cluster);
    let ids: Vec<u32> = before.iter().map(|(id, ..)| *id).collect();
    assert_eq!(ids, [1, 2, 3]);
    let leader = number(&cluster, "LeaderId:");
    assert_eq!(kind_of(&before, leader), Some("Leader"));
    let voter = ids.into_iter().find(|it| *it != leader).unwrap();
    let directory = &before.iter().find(|(id, ..)| *id == voter).unwrap().1;
    let id = voter.to_string();

    let other = "AAAAAAAAAAAAAAAAAAAAAQ";
    let remove = |directory: &str| -> [String; 5] {
        let words = [
            "remove-controller",
            "--controller-id",
            &id,
            "--controller-directory-id",
            directory,
        ];
        words.map(str::to_owned)
    };
    let wrong = remove(other);
    let told = refused(&cluster, &wrong.each_ref().map(String::as_str));
    assert!(told.contains("VoterNotFoundException"), "{told}");

    let right = remove(directory);
    let removed = quorum(&cluster, &right.each_ref().map(String::as_str));
    assert!(removed.contains("Removed"), "{removed}");
    until("the voter that was removed looks on", || {
        kind_of(&replication(&cluster), voter) == Some("Observer")
    });

    let properties = judges::controller_properties(&cluster, voter);
    let properties = properties.to_str().unwrap();
    let add = ["--command-config", properties, "add-controller"];
    let added = quorum(&cluster, &add);
    assert!(
        added.contains(&format!("Added controller {voter}")),
        "{added}"
    );
    until("it votes again", || {
        kind_of(&replication(&cluster), voter) == Some("Follower")
    });
    let told = refused(&cluster, &add);
    assert!(told.contains("DuplicateVoterException"), "{told}");
}

#[test]
fn a_leader_that_is_told_to_stop_hands_over() {
    let cluster = Cluster::start(3);
    let (leader, epoch) = (
        number(&cluster, "LeaderId:"),
        number(&cluster, "LeaderEpoch:"),
    );
    cluster.end(leader, "TERM");
    // One election, and nobody waited for a timeout: the log of its successor says when.
    assert_eq!(number(&cluster, "LeaderEpoch:"), epoch + 1);
    assert_ne!(number(&cluster, "LeaderId:"), leader);
}

#[test]
fn a_broker_that_lost_its_disk_does_not_vote_as_the_voter_it_was() {
    let cluster = Cluster::start(3);
    let leader = number(&cluster, "LeaderId:");
    let followers: Vec<u32> = [1, 2, 3].into_iter().filter(|it| *it != leader).collect();
    let (lost, other) = (followers[0], followers[1]);
    let disk = cluster.data_dir.path().join(format!("broker-{lost}"));
    cluster.while_down(lost, || std::fs::remove_dir_all(&disk).unwrap());
    until(
        "the new disk looks on, beside the voter that was lost",
        || {
            let replicas = replication(&cluster);
            let of_lost = replicas.iter().filter(|(id, ..)| *id == lost);
            let kinds: Vec<&str> = of_lost.map(|(.., kind)| kind.as_str()).collect();
            kinds.len() == 2 && kinds.contains(&"Observer")
        },
    );
    // Of three voters one is lost and one is down: the broker with the new disk must not make up for it.
    cluster.while_down(other, || {
        let config = cluster.data_dir.path().join(format!("broker-{other}.yaml"));
        until("the leader that is left alone gives up", || {
            let output = Command::new(env!("CARGO_BIN_EXE_tidemill-broker"))
                .args(["recover-quorum", "--config"])
                .arg(&config)
                .output()
                .unwrap();
            let shown = String::from_utf8_lossy(&output.stdout).into_owned();
            let strange = format!("{lost}: another disk answers in its place");
            assert!(shown.contains(&strange), "{shown}");
            let lives = shown
                .lines()
                .find(|it| it.contains(&format!("{leader}: lives")));
            lives.is_some_and(|it| it.ends_with("without a leader"))
        });
    });
    until("two voters lead again", || {
        replication(&cluster)
            .iter()
            .any(|(.., kind)| kind == "Leader")
    });
}

#[test]
fn the_metadata_log_is_read_by_kafkas_own_dump() {
    let cluster = Cluster::start(1);
    cluster.create_topic("orders", 2, 1);
    let log = cluster
        .data_dir
        .path()
        .join("broker-1/__cluster_metadata-0/00000000000000000000.log");
    let log = log.to_str().unwrap();
    let dumped = cluster.java(DUMP, &["--cluster-metadata-decoder", "--files", log]);
    for expected in [
        "LeaderChange",
        "KRaftVoters",
        "REGISTER_BROKER_RECORD",
        "TOPIC_RECORD",
        "PARTITION_RECORD",
    ] {
        assert!(dumped.contains(expected), "no {expected} in {dumped}");
    }
}
