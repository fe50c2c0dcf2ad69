//! A broker whose disk is full, on a file system of its own: clients wait, what the cluster lives by goes
//! on, deleting makes room, and then all is as before.

#![allow(
    clippy::unwrap_used,
    reason = "a line that is not as expected is a failed test"
)]

mod judges;

use std::fs::File;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use judges::Cluster;

const TOPIC: &str = "ledger";
const OTHER: &str = "other";
const GROUPS: &str = "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand";
const DISK_BYTES: u64 = 128 << 20;
const WITHIN: Duration = Duration::from_secs(60);

/// A small disk, until it is dropped.
struct Disk {
    folder: tempfile::TempDir,
}

impl Disk {
    fn mount() -> Disk {
        assert!(
            rustix::process::geteuid().is_root(),
            "this test mounts a small disk for a broker: run it as root, as CI does"
        );
        let folder = tempfile::tempdir().unwrap();
        let disk = Disk { folder };
        let image = disk.folder.path().join("image");
        File::create(&image).unwrap().set_len(DISK_BYTES).unwrap();
        std::fs::create_dir(disk.path()).unwrap();
        run(Command::new("mkfs.ext4")
            .args(["-q", "-m", "0"])
            .arg(&image));
        let mut mount = Command::new("mount");
        run(mount.args(["-o", "loop"]).arg(&image).arg(disk.path()));
        disk
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("mounted")
    }

    /// Takes all the room that there is, as another program could.
    fn fill(&self) {
        let mut file = File::create(self.path().join("filler")).unwrap();
        for size in [1 << 20, 4096, 1] {
            let bytes = vec![7; size];
            while file.write_all(&bytes).is_ok() {}
        }
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Lazily: the broker may hold it for a moment longer than its process tree is waited for.
        let _ = Command::new("umount").arg("-l").arg(self.path()).status();
    }
}

fn run(command: &mut Command) {
    let output = command.stdin(Stdio::null()).output();
    let output = output.unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?}: {output:?}");
}

/// Waits until the broker has said something.
fn await_log(cluster: &Cluster, what: &str) {
    let deadline = Instant::now() + WITHIN;
    while !cluster.log().contains(what) {
        assert!(
            Instant::now() < deadline,
            "no `{what}` in\n{}",
            cluster.log()
        );
        std::thread::park_timeout(Duration::from_millis(50));
    }
}

/// Lets a group begin at the start: a record in the brokers' own topic.
fn commit(cluster: &Cluster, group: &str) {
    let arguments = [
        "--bootstrap-server",
        &cluster.bootstrap,
        "--group",
        group,
        "--topic",
        TOPIC,
        "--reset-offsets",
        "--to-earliest",
        "--execute",
    ];
    let told = cluster.java(GROUPS, &arguments);
    assert!(told.contains(group), "{told}");
}

#[test]
fn a_full_disk_stops_producers_for_as_long_as_it_is_full_and_nothing_else() {
    let disk = Disk::mount();
    let cluster = Cluster::start_prepared(1, |folder| {
        let link = folder.join("broker-1");
        std::os::unix::fs::symlink(disk.path(), link).unwrap();
    });
    cluster.create_topic(TOPIC, 1, 1);
    cluster.create_topic(OTHER, 1, 1);
    let told = cluster.python("produce.py", &[TOPIC, "1", "300", "5000"]);
    assert_eq!(told.matches("ok ").count(), 300, "{told}");
    commit(&cluster, "before");
    let line = format!("{}\n", "x".repeat(1_000));
    cluster.kcat(&["-P", "-t", OTHER], &line.repeat(20_000));
    disk.fill();
    await_log(&cluster, "the disk is full");
    let producer = cluster.python_running("produce.py", &[TOPIC, "2", "200", "1000"]);
    commit(&cluster, "while-full");
    assert_eq!(cluster.python("consume.py", &[TOPIC]).lines().count(), 300);
    // Another process goes on from what there is, and finds the disk as full.
    cluster.end(1, "KILL");
    commit(&cluster, "while-full-again");
    assert_eq!(
        cluster.python("consume.py", &[TOPIC]).lines().count(),
        300,
        "nothing was taken meanwhile"
    );
    cluster.python("delete.py", &[OTHER]);
    let told = producer.wait_with_output().unwrap();
    let told = String::from_utf8(told.stdout).unwrap();
    assert_eq!(
        told.matches("ok ").count(),
        200,
        "{told}\n{}",
        cluster.log()
    );
    await_log(&cluster, "the disk has room again");
    assert_eq!(cluster.python("consume.py", &[TOPIC]).lines().count(), 500);
    cluster.end(1, "KILL");
    assert_eq!(cluster.python("consume.py", &[TOPIC]).lines().count(), 500);
}
