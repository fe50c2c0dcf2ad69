//! Kafka Streams' word count over a real text, while brokers are killed and its topics are purged and
//! compacted: the right counts, also from a state that came back from the changelog alone.
//!
//! At least once allows a count that is too high: what was read after the last commit comes again when a
//! task moves or its application crashes. Neither happens here. A broker that is killed takes no member
//! out of its group, each client tries again for longer than any failover lasts, and the producers are
//! idempotent: so each word has to be counted once, and a count that is too high is as wrong as one that
//! is too low.

#![allow(
    clippy::indexing_slicing,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "a line that is not as expected is a failed test, and its figures are for people"
)]

mod judges;

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use judges::Cluster;

/// The text whose words are counted, over and over.
const TEXT: &str = include_str!("../../../LICENSE");
const LINES: &str = "lines";
const COUNTS: &str = "counts";
const APPLICATION: &str = "word-count";
/// The topics that Streams makes for itself: the words by word, and the changelog of their counts.
const REPARTITION: &str = "word-count-words-repartition";
const CHANGELOG: &str = "word-count-counts-changelog";
const PARTITIONS: usize = 3;
/// As Streams has them for its own topics, see the application.
const COUNTS_CONFIGS: [&str; 4] = [
    "cleanup.policy=compact",
    "min.cleanable.dirty.ratio=0.1",
    "segment.ms=300",
    "min.insync.replicas=2",
];
/// Between two lines of the text.
const PAUSE: Duration = Duration::from_millis(8);
/// Counts that have to come out while a broker is down, and between two that go down.
const PROGRESS: u64 = 1_000;
const WITHIN: Duration = Duration::from_secs(60);

/// How often each word came.
type Table = BTreeMap<String, u64>;

fn lines() -> impl Iterator<Item = &'static str> {
    TEXT.lines().filter(|it| !it.trim().is_empty()).cycle()
}

fn words(line: &str) -> impl Iterator<Item = String> {
    let line = line.to_ascii_lowercase();
    let words: Vec<String> = line
        .split(|it: char| !it.is_ascii_lowercase())
        .filter(|it| !it.is_empty())
        .map(str::to_owned)
        .collect();
    words.into_iter()
}

/// The counts of so many lines.
fn counted(n_lines: usize) -> Table {
    let mut table = Table::new();
    for word in lines().take(n_lines).flat_map(words) {
        *table.entry(word).or_default() += 1;
    }
    table
}

/// A producer that writes the text, line after line, until it is told to stop.
struct Writer {
    kcat: Child,
    is_stopped: Arc<AtomicBool>,
    written: JoinHandle<usize>,
}

impl Writer {
    /// Begins behind so many lines that were written before.
    fn start(cluster: &Cluster, behind: usize) -> Writer {
        let mut kcat = judges::outside("kcat");
        kcat.args(["-b", &cluster.bootstrap, "-P", "-t", LINES])
            .args(["-X", "enable.idempotence=true", "-X", "linger.ms=5"])
            .stdin(Stdio::piped())
            // It tells of each connection that a killed broker breaks.
            .stderr(Stdio::null());
        let mut kcat = kcat.spawn().expect("kcat starts");
        let mut stdin = kcat.stdin.take().unwrap();
        let is_stopped = Arc::new(AtomicBool::new(false));
        let told = Arc::clone(&is_stopped);
        let written = std::thread::spawn(move || {
            let mut n_lines = behind;
            for line in lines().skip(behind) {
                if told.load(Ordering::Relaxed) {
                    break;
                }
                writeln!(stdin, "{line}").unwrap();
                n_lines += 1;
                std::thread::park_timeout(PAUSE);
            }
            n_lines
        });
        Writer {
            kcat,
            is_stopped,
            written,
        }
    }

    /// Stops, and waits until all that was written is acknowledged; how many lines that is in all.
    fn stop(mut self) -> usize {
        self.is_stopped.store(true, Ordering::Relaxed);
        let n_lines = self.written.join().unwrap();
        let ended = self.kcat.wait().unwrap();
        assert!(ended.success(), "kcat ended with {ended}");
        n_lines
    }
}

/// The running application, and what it says.
struct Application {
    child: Child,
    said: mpsc::Receiver<String>,
    log: PathBuf,
    /// Records by which its stores were filled from the changelog.
    n_restored: u64,
}

impl Application {
    /// Returns once it runs.
    fn start(cluster: &Cluster, state: &Path) -> Application {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/java/WordCount.java");
        let log = cluster.data_dir.path().join("streams.log");
        let mut command = judges::java_command(source.to_str().unwrap());
        command
            .args([&cluster.bootstrap, APPLICATION, LINES, COUNTS])
            .arg(state)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(std::fs::File::create(&log).unwrap());
        let mut child = command.spawn().expect("java starts");
        let stdout = child.stdout.take().unwrap();
        let (sender, said) = mpsc::channel();
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        let mut application = Application {
            child,
            said,
            log,
            n_restored: 0,
        };
        application.hear("running", cluster);
        application
    }

    /// Waits until it says something.
    fn hear(&mut self, what: &str, cluster: &Cluster) {
        loop {
            let line = self.said.recv_timeout(WITHIN).unwrap_or_else(|error| {
                panic!("not {what}: {error}\n{}\n{}", self.told(), cluster.log())
            });
            if let Some(restored) = line.strip_prefix("restored ") {
                let n_records = restored.rsplit(' ').next().unwrap();
                self.n_restored += n_records.parse::<u64>().unwrap();
            }
            if line == what {
                return;
            }
        }
    }

    fn told(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Closes it in good order.
    fn close(mut self, cluster: &Cluster) {
        drop(self.child.stdin.take());
        self.hear("closed", cluster);
        let ended = self.child.wait().unwrap();
        assert!(ended.success(), "{ended}\n{}", self.told());
    }
}

impl Drop for Application {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Where each partition of a topic begins and ends; empty while there is no such topic.
fn bounds(cluster: &Cluster, topic: &str) -> Vec<(u64, u64)> {
    let told = cluster.python("begins.py", &[topic]);
    let bounds = told.lines().map(|it| it.split_once(' ').unwrap());
    bounds
        .map(|(begin, end)| (begin.parse().unwrap(), end.parse().unwrap()))
        .collect()
}

/// Records that were ever written to a topic.
fn n_written(cluster: &Cluster, topic: &str) -> u64 {
    bounds(cluster, topic).iter().map(|it| it.1).sum()
}

/// The last count of each word, as a consumer is shown it.
fn shown(cluster: &Cluster) -> Table {
    let arguments = [
        "-C",
        "-q",
        "-e",
        "-t",
        COUNTS,
        "-o",
        "beginning",
        "-f",
        "%k %s\n",
    ];
    cluster
        .kcat(&arguments, "")
        .lines()
        .map(|it| it.split_once(' ').unwrap())
        .map(|(word, count)| (word.to_owned(), count.parse().unwrap()))
        .collect()
}

fn until(what: &str, cluster: &Cluster, mut holds: impl FnMut() -> Result<(), String>) {
    let deadline = Instant::now() + WITHIN;
    while let Err(found) = holds() {
        assert!(
            Instant::now() < deadline,
            "{what}: {found} after {WITHIN:?}\n{}",
            cluster.log()
        );
        std::thread::park_timeout(Duration::from_millis(50));
    }
}

fn await_counts(cluster: &Cluster, n_counts: u64) {
    until("counts", cluster, || {
        let n_written = n_written(cluster, COUNTS);
        let is_enough = n_counts <= n_written;
        is_enough
            .then_some(())
            .ok_or_else(|| format!("{n_written} of {n_counts}"))
    });
}

/// The broker that coordinates the application's group.
fn coordinator(cluster: &Cluster) -> u32 {
    let mut coordinator = None;
    until("a coordinator", cluster, || {
        let found = cluster.python("where.py", &[APPLICATION]);
        let id = found.split_whitespace().nth(1).map(str::to_owned);
        coordinator = id.map(|it| it.parse().unwrap());
        coordinator.map(drop).ok_or(found)
    });
    coordinator.unwrap()
}

/// Kills a broker, lets the application go on without it, and waits until all is whole again.
fn survive(cluster: &Cluster, broker: u32) {
    let before = n_written(cluster, COUNTS);
    cluster.while_down(broker, || await_counts(cluster, before + PROGRESS));
    for topic in [LINES, COUNTS, REPARTITION, CHANGELOG] {
        cluster.python("whole.py", &[topic, "3"]);
    }
}

/// What was counted is deleted from the repartition topic.
fn await_purge(cluster: &Cluster) {
    until("purged", cluster, || {
        let bounds = bounds(cluster, REPARTITION);
        let is_purged = bounds.len() == PARTITIONS && bounds.iter().all(|it| 0 < it.0);
        is_purged.then_some(()).ok_or_else(|| format!("{bounds:?}"))
    });
}

/// Less than half of what was written to the changelog is left.
fn await_compaction(cluster: &Cluster) {
    until("compacted", cluster, || {
        let n_written = n_written(cluster, CHANGELOG);
        let told = cluster.python("left.py", &[CHANGELOG]);
        let n_left: u64 = told.trim().parse().unwrap();
        let is_compacted = n_left < n_written / 2;
        is_compacted
            .then_some(())
            .ok_or_else(|| format!("{n_left} of {n_written} are left"))
    });
}

#[test]
fn words_are_counted_right_while_brokers_are_killed_and_topics_are_purged_and_compacted() {
    let cluster = Cluster::start(3);
    cluster.configure_brokers("log.cleaner.backoff.ms=100,group.initial.rebalance.delay.ms=0");
    cluster.create_topic_with(LINES, 3, 3, &["min.insync.replicas=2"]);
    cluster.create_topic_with(COUNTS, 3, 3, &COUNTS_CONFIGS);
    let state = tempfile::tempdir().unwrap();

    let begun = Instant::now();
    let told = |what: &str| eprintln!("{:>5.1} s: {what}", begun.elapsed().as_secs_f32());
    let application = Application::start(&cluster, state.path());
    told("it runs");
    let writer = Writer::start(&cluster, 0);
    await_counts(&cluster, PROGRESS);
    told("words are counted");
    let coordinator = coordinator(&cluster);
    survive(&cluster, coordinator);
    told("the coordinator was killed");
    await_purge(&cluster);
    told("the repartition topic is purged");
    survive(&cluster, coordinator % 3 + 1);
    told("another broker was killed");
    await_compaction(&cluster);
    told("the changelog is compacted");
    let n_lines = writer.stop();
    let expected = counted(n_lines);
    await_counts(&cluster, expected.values().sum());
    told("all that was written is counted");
    application.close(&cluster);
    told("it is closed");
    assert_eq!(shown(&cluster), expected);

    // All that it knows is what the changelog kept.
    std::fs::remove_dir_all(state.path()).unwrap();
    let n_changes = n_written(&cluster, CHANGELOG);
    let application = Application::start(&cluster, state.path());
    let n_restored = application.n_restored;
    told(&format!(
        "{n_restored} of {n_changes} changes restored {} words",
        expected.len()
    ));
    assert!(
        expected.len() as u64 <= n_restored && n_restored < n_changes / 2,
        "{n_restored} of {n_changes}"
    );
    let writer = Writer::start(&cluster, n_lines);
    await_counts(&cluster, n_written(&cluster, COUNTS) + PROGRESS);
    let expected = counted(writer.stop());
    let n_words = expected.values().sum();
    await_counts(&cluster, n_words);
    application.close(&cluster);
    assert_eq!(shown(&cluster), expected);
    told(&format!("{n_words} words are counted right"));
}
