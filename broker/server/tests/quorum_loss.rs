//! Quorum loss with real processes: two of three disks are gone for ever, and the third goes on alone.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a judge that cannot work is a failed test"
)]

mod judges;

use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use judges::Cluster;

const QUORUM: &str = "org.apache.kafka.tools.MetadataQuorumCommand";
const WITHIN: Duration = Duration::from_secs(60);

fn recover(cluster: &Cluster, broker: u32, more: &[&str]) -> Result<String, String> {
    let config = config(cluster, broker);
    let output = Command::new(env!("CARGO_BIN_EXE_tidemill-broker"))
        .args(["recover-quorum", "--config"])
        .arg(config)
        .args(more)
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    let why = String::from_utf8_lossy(&output.stderr).into_owned();
    if output.status.success() {
        Ok(told)
    } else {
        Err(told + &why)
    }
}

fn config(cluster: &Cluster, broker: u32) -> PathBuf {
    cluster
        .data_dir
        .path()
        .join(format!("broker-{broker}.yaml"))
}

fn disk(cluster: &Cluster, broker: u32) -> PathBuf {
    cluster.data_dir.path().join(format!("broker-{broker}"))
}

fn describe(cluster: &Cluster) -> String {
    let server = ["--bootstrap-server", &cluster.bootstrap];
    let arguments = [&server[..], &["describe", "--status"]].concat();
    cluster.java(QUORUM, &arguments)
}

/// Makes a broker a voter with Kafka's own tool, once it has caught up.
fn add_voter(cluster: &Cluster, broker: u32) -> String {
    let properties = judges::controller_properties(cluster, broker);
    let properties = properties.to_str().unwrap();
    let server = ["--bootstrap-server", &cluster.bootstrap];
    let command = ["--command-config", properties, "add-controller"];
    cluster.java(QUORUM, &[&server[..], &command].concat())
}

fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + WITHIN;
    while !holds() {
        assert!(Instant::now() < deadline, "not within {WITHIN:?}: {what}");
        std::thread::park_timeout(Duration::from_millis(200));
    }
}

fn read(cluster: &Cluster, n: usize) -> Vec<String> {
    let arguments = ["-C", "-t", "orders", "-o", "beginning", "-e", "-q"];
    let mut lines: Vec<String> = Vec::new();
    // A leader shows what is committed once enough replicas have joined it.
    until(&format!("{n} records"), || {
        let text = cluster.kcat(&arguments, "");
        lines = text.lines().map(str::to_owned).collect();
        lines.len() >= n
    });
    lines.sort();
    lines
}

#[test]
fn the_survivor_of_three_disks_goes_on_with_everything_that_it_has() {
    let cluster = Cluster::start(3);
    cluster.create_topic_with("orders", 3, 3, &["min.insync.replicas=2"]);
    let mut sent: Vec<String> = (0..500).map(|it| format!("order {it}")).collect();
    cluster.kcat(&["-P", "-t", "orders", "-X", "acks=all"], &sent.join("\n"));
    let refused = recover(&cluster, 1, &[]).unwrap_err();
    assert!(refused.contains("another broker uses"), "{refused}");
    let mut cluster_id = String::new();
    // The survivor last: else the others might note that it is not in sync before they are gone.
    cluster.while_all_down(&[2, 3, 1], || {
        for lost in [2, 3] {
            std::fs::remove_dir_all(disk(&cluster, lost)).unwrap();
        }
        let shown = recover(&cluster, 1, &[]).unwrap();
        assert!(shown.contains("2: no answer"), "{shown}");
        assert!(shown.contains("Nothing was changed"), "{shown}");
        let typed = shown.split("--as-sole-voter ").nth(1).unwrap();
        cluster_id = typed.trim().to_owned();
        let refused = recover(&cluster, 1, &["--as-sole-voter", "another"]).unwrap_err();
        assert!(refused.contains("names cluster another"), "{refused}");
        let refused = recover(&cluster, 2, &["--as-sole-voter", &cluster_id]).unwrap_err();
        assert!(refused.contains("no data directory"), "{refused}");
        let done = recover(&cluster, 1, &["--as-sole-voter", &cluster_id]).unwrap();
        assert!(done.contains("is the only voter"), "{done}");
    });
    let described = describe(&cluster);
    assert!(
        described.contains("LeaderId:               1"),
        "{described}"
    );
    // The others are there with new disks, and only look on.
    until("two observers", || {
        let described = describe(&cluster);
        let observers = described.split("CurrentObservers:").nth(1).unwrap();
        observers.matches("\"id\":").count() == 2
    });
    for broker in [2, 3] {
        let added = add_voter(&cluster, broker);
        assert!(
            added.contains(&format!("Added controller {broker}")),
            "{added}"
        );
    }
    let described = describe(&cluster);
    let voters = described.split("CurrentVoters:").nth(1).unwrap();
    let voters = voters.lines().next().unwrap();
    assert_eq!(voters.matches("\"id\":").count(), 3, "{described}");
    // Whatever was acknowledged is there, and the cluster goes on.
    sent.sort();
    assert_eq!(read(&cluster, 500), sent);
    cluster.kcat(&["-P", "-t", "orders", "-X", "acks=all"], "one more\n");
    assert_eq!(read(&cluster, 501).len(), 501);
    // The new voters carry the quorum without the survivor.
    cluster.while_down(1, || {
        until("another controller", || {
            !describe(&cluster).contains("LeaderId:               1\n")
        });
    });
}

#[test]
fn a_quorum_that_has_its_majority_is_not_recovered() {
    let cluster = Cluster::start(3);
    cluster.create_topic("orders", 1, 3);
    cluster.while_down(3, || {
        let refused = recover(&cluster, 3, &["--as-sole-voter", "any"]).unwrap_err();
        assert!(refused.contains("the quorum is not lost"), "{refused}");
        assert!(refused.contains("Nothing was changed"), "{refused}");
        assert!(refused.contains("1: lives in epoch"), "{refused}");
    });
    let described = describe(&cluster);
    let voters = described.split("CurrentVoters:").nth(1).unwrap();
    let voters = voters.lines().next().unwrap();
    assert_eq!(voters.matches("\"id\":").count(), 3, "{described}");
}
