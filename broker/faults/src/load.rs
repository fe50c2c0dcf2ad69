//! The clients of a case: producers and consumers that go on through everything, and their history.
//!
//! In: the bootstrap servers. Out: the history of all that was sent and read, and for how long a partition
//! was not written. Never here: faults; nor a judgement.

mod consume;
mod produce;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow};
use broker_sim::history::{History, Sent, Value};
use rdkafka::ClientConfig;

use crate::cluster::PARTITIONS;
use crate::process::until;

pub(crate) use produce::fill;

const PRODUCERS: u32 = 6;
/// Each reads all partitions from their beginning on.
const CONSUMERS: u32 = 3;
/// How long a partition may take to be written again once all is well.
const PROGRESS_WITHIN: Duration = Duration::from_secs(60);

/// What clients did and saw.
#[derive(Default)]
pub(crate) struct Seen {
    pub(crate) history: History,
    /// Sends that the client gave up, with the reason.
    pub(crate) failed: Vec<String>,
    /// What consumers were told that they should never be.
    pub(crate) told: Vec<String>,
    /// Where each value that was read stands.
    offsets: BTreeMap<Value, u64>,
    /// Acknowledged as records that were written before, in an answer that was lost: the client knows no
    /// offset of theirs.
    without_offset: Vec<(u32, Value)>,
    acknowledged_at: BTreeMap<u32, Duration>,
    longest_gap: BTreeMap<u32, Duration>,
    n_acknowledged: BTreeMap<u32, u64>,
}

impl Seen {
    fn acknowledge(&mut self, partition: u32, value: Value, offset: Option<u64>, now: Duration) {
        match offset {
            Some(offset) => self
                .history
                .sent(partition, value, Sent::Acknowledged { offset }),
            None => self.without_offset.push((partition, value)),
        }
        self.note_gap(partition, now);
        self.acknowledged_at.insert(partition, now);
        *self.n_acknowledged.entry(partition).or_default() += 1;
    }

    fn note_gap(&mut self, partition: u32, now: Duration) {
        let before = self.acknowledged_at.get(&partition).copied().unwrap_or(now);
        let gap = self.longest_gap.entry(partition).or_default();
        *gap = (*gap).max(now.saturating_sub(before));
    }

    /// Everything was read: records without an offset must be there as well.
    fn place_those_without_offset(&mut self) {
        for (partition, value) in std::mem::take(&mut self.without_offset) {
            match self.offsets.get(&value) {
                Some(offset) => {
                    let offset = *offset;
                    self.history
                        .sent(partition, value, Sent::Acknowledged { offset });
                }
                None => self.told.push(format!(
                    "{value} was acknowledged without an offset and is lost"
                )),
            }
        }
    }

    /// How long each partition was not written at most, the shortest first.
    pub(crate) fn gaps(&self) -> Vec<Duration> {
        let mut gaps: Vec<Duration> = self.longest_gap.values().copied().collect();
        gaps.sort();
        gaps
    }

    pub(crate) fn acknowledged(&self) -> u64 {
        self.n_acknowledged.values().sum()
    }
}

/// What all clients of a case share.
pub(crate) struct Shared {
    started: Instant,
    is_over: AtomicBool,
    /// Nobody looks at the history any more.
    is_abandoned: AtomicBool,
    seen: Mutex<Seen>,
}

impl Shared {
    pub(crate) fn with<T>(&self, work: impl FnOnce(&mut Seen) -> T) -> T {
        work(&mut self.seen.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn now(&self) -> Duration {
        self.started.elapsed()
    }

    fn is_over(&self) -> bool {
        self.is_over.load(Ordering::Relaxed)
    }

    fn is_abandoned(&self) -> bool {
        self.is_abandoned.load(Ordering::Relaxed)
    }
}

/// Settings of all clients: they notice within a second that another broker leads, and give a request up
/// that a broker sits on.
fn client(bootstrap: &str) -> ClientConfig {
    let mut config = ClientConfig::new();
    config
        .set("bootstrap.servers", bootstrap)
        .set("socket.timeout.ms", "3000")
        .set("socket.connection.setup.timeout.ms", "2000")
        .set("reconnect.backoff.ms", "20")
        .set("reconnect.backoff.max.ms", "200")
        .set("retry.backoff.ms", "50")
        .set("retry.backoff.max.ms", "200")
        .set("topic.metadata.refresh.fast.interval.ms", "50")
        .set("topic.metadata.refresh.interval.ms", "1000");
    config
}

/// The running clients.
pub(crate) struct Load {
    shared: Arc<Shared>,
    producers: Vec<JoinHandle<Result<()>>>,
    consumers: Vec<JoinHandle<Result<()>>>,
    bootstrap: String,
}

impl Load {
    /// Starts clients; each producer sends `per_second` records.
    pub(crate) fn start(bootstrap: &str, per_second: u32) -> Load {
        let shared = Arc::new(Shared {
            started: Instant::now(),
            is_over: AtomicBool::new(false),
            is_abandoned: AtomicBool::new(false),
            seen: Mutex::default(),
        });
        let producers = (1..=PRODUCERS).map(|number| {
            let (shared, bootstrap) = (Arc::clone(&shared), bootstrap.to_owned());
            std::thread::spawn(move || produce::run(&shared, &bootstrap, number, per_second))
        });
        let producers = producers.collect();
        let consumers = (1..=CONSUMERS).map(|number| {
            let (shared, bootstrap) = (Arc::clone(&shared), bootstrap.to_owned());
            std::thread::spawn(move || consume::follow(&shared, &bootstrap, number))
        });
        Load {
            producers,
            consumers: consumers.collect(),
            bootstrap: bootstrap.to_owned(),
            shared,
        }
    }

    pub(crate) fn acknowledged(&self) -> u64 {
        self.shared.with(|it| it.acknowledged())
    }

    /// Waits until so many records more are acknowledged in every partition.
    pub(crate) fn await_progress(&self, n_records: u64) -> Result<()> {
        let before = self.shared.with(|it| it.n_acknowledged.clone());
        let is_ahead = |seen: &Seen, partition: u32| {
            let before = before.get(&partition).copied().unwrap_or_default();
            seen.n_acknowledged
                .get(&partition)
                .is_some_and(|it| *it >= before + n_records)
        };
        until("every partition is written", PROGRESS_WITHIN, || {
            let is_ahead = self
                .shared
                .with(|it| (0..PARTITIONS).all(|at| is_ahead(it, at)));
            is_ahead.then_some(())
        })
    }

    /// Ends the load once all that was sent has ended, and reads the whole topic back.
    pub(crate) fn finish(mut self) -> Result<Seen> {
        self.shared.is_over.store(true, Ordering::Relaxed);
        join(&mut self.producers)?;
        consume::read_back(&self.shared, &self.bootstrap, CONSUMERS + 1)?;
        join(&mut self.consumers)?;
        self.shared.with(Seen::place_those_without_offset);
        Ok(self.shared.with(std::mem::take))
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        self.shared.is_over.store(true, Ordering::Relaxed);
        self.shared.is_abandoned.store(true, Ordering::Relaxed);
    }
}

/// Waits for all of them; the first error.
fn join(threads: &mut Vec<JoinHandle<Result<()>>>) -> Result<()> {
    let ended: Vec<Result<()>> = threads
        .drain(..)
        .map(|it| {
            it.join()
                .unwrap_or_else(|_| Err(anyhow!("a client's thread panicked")))
        })
        .collect();
    ended.into_iter().collect()
}
