//! Brokers and their clients under everything that may go wrong, seed by seed.
//!
//! `SEEDS=10000 cargo test --profile fast -p broker-sim --test simulation` runs more seeds;
//! `SEED=7 ...` runs one, or so many from there on; `TRACE=1` prints every event and every log
//! line, each with the virtual time and the process it is of.

#![allow(
    clippy::unwrap_used,
    reason = "a simulation that goes wrong is to stop; nothing in it is foreign input"
)]

mod seeds;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use broker_sim::executor::current;
use broker_sim::run::{Outcome, run};
use seeds::{number, run_seed};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::FormatTime;

/// Runs at a time: each is one thread.
const THREADS: u64 = 2;
/// Seeds when nobody says how many.
const SEEDS: u64 = 200;
/// From so many seeds on, each of [`SOMETIMES`] must have come about.
const ENOUGH: u64 = 200;

/// States that the seeds together must reach: a check that never had its case proves nothing.
const SOMETIMES: [&str; 38] = [
    "a broker gave up on its disk",
    "a broker stopped in good order",
    "a broker was told to stop",
    "a client was cut off",
    "a deleted key has gone",
    "a disk was as it had been",
    "a disk was lost",
    "a disk was slow",
    "a link was cut",
    "a log was cut back",
    "a machine was cut off",
    "a machine was cut off one way",
    "a partition got a leader",
    "a process died within its work on the disk",
    "a process is to die at its disk",
    "a process was paused",
    "a read is to fail",
    "a replica was lost",
    "a sync is to fail",
    "a topic was compacted",
    "a torn tail was cut off",
    "a wall clock jumped",
    "a write is to fail",
    "all brokers were restarted one after the other",
    "all machines lost power",
    "all machines lost power while syncs were slow",
    "all processes were killed",
    "an eligible replica was elected",
    "connections broke",
    "each broker reached its neighbours only",
    "one machine lost power",
    "one process was killed",
    "partitions move under an id and a throttle",
    "some machines lost power",
    "some processes were killed",
    "the controller changed",
    "the controller changed while replicas were out of sync",
    "the network was split",
];

/// The virtual time and the process, where a log line has its time.
struct Now;

impl FormatTime for Now {
    fn format_time(&self, writer: &mut Writer<'_>) -> fmt::Result {
        let (process, micros) = current();
        let (seconds, micros) = (micros / 1_000_000, micros % 1_000_000);
        write!(writer, "[{seconds:>4}.{micros:06}] process {}", process.0)
    }
}

fn is_traced() -> bool {
    number("TRACE").is_some()
}

fn show_logs() {
    if is_traced() {
        let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("debug"));
        // Another test may have done it.
        let _ = tracing_subscriber::fmt()
            .with_env_filter(filter)
            .with_timer(Now)
            .with_ansi(false)
            .with_writer(std::io::stderr)
            .try_init();
    }
}

#[derive(Default)]
struct Total {
    failed: Vec<(u64, String)>,
    marks: BTreeMap<&'static str, u64>,
    simulated: Duration,
    n_events: u64,
    n_polls: u64,
    n_acknowledged: usize,
    slowest: (Duration, u64),
}

impl Total {
    fn add(&mut self, seed: u64, result: Result<Outcome, String>) {
        match result {
            Ok(outcome) => {
                for (mark, count) in outcome.marks {
                    *self.marks.entry(mark).or_default() += count;
                }
                self.simulated += outcome.simulated;
                self.n_events += outcome.digest.0;
                self.n_polls += outcome.n_polls;
                self.n_acknowledged += outcome.n_acknowledged;
                self.slowest = self.slowest.max((outcome.recovered_in, seed));
            }
            Err(violation) => {
                eprintln!("seed {seed}: {violation}\n{}", replay(seed));
                self.failed.push((seed, violation));
            }
        }
    }
}

fn replay(seed: u64) -> String {
    format!(
        "replay: SEED={seed} TRACE=1 cargo test --profile fast -p broker-sim --test simulation \
         no_seed -- --nocapture"
    )
}

/// Runs seeds on as many threads as there are to be, until one fails.
fn run_seeds(first: u64, n_seeds: u64) -> Total {
    let (next, total) = (AtomicU64::new(first), Mutex::new(Total::default()));
    let keep_going = number("KEEP_GOING").is_some();
    let work = || {
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            let has_failed = !total.lock().unwrap().failed.is_empty();
            if seed >= first + n_seeds || (has_failed && !keep_going) {
                return;
            }
            let result = run_seed(seed, is_traced());
            total.lock().unwrap().add(seed, result);
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..THREADS.min(n_seeds) {
            scope.spawn(work);
        }
    });
    total.into_inner().unwrap()
}

#[test]
fn no_seed_breaks_a_promise_and_each_recovers() {
    show_logs();
    let first = number("SEED");
    let n_seeds = number("SEEDS").unwrap_or(if first.is_some() { 1 } else { SEEDS });
    let total = run_seeds(first.unwrap_or(0), n_seeds);
    println!(
        "{n_seeds} seeds, {} simulated seconds, {} events, {} polls, {} records acknowledged",
        total.simulated.as_secs(),
        total.n_events,
        total.n_polls,
        total.n_acknowledged
    );
    let (slowest, seed) = total.slowest;
    println!("slowest recovery {} ms (seed {seed})", slowest.as_millis());
    for (mark, count) in &total.marks {
        println!("{count:>9} {mark}");
    }
    let never: Vec<_> = SOMETIMES
        .iter()
        .filter(|it| !total.marks.contains_key(*it))
        .collect();
    let failed: Vec<String> = total
        .failed
        .iter()
        .map(|(seed, violation)| format!("seed {seed}: {violation}\n{}", replay(*seed)))
        .collect();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
    let is_enough = n_seeds >= ENOUGH;
    assert!(!is_enough || never.is_empty(), "never reached: {never:?}");
}

#[test]
fn the_same_seed_makes_the_same_run() {
    show_logs();
    for seed in 0..5 {
        let (first, second) = (run(seed, false), run(seed, false));
        assert_eq!(first.digest, second.digest, "seed {seed}");
        assert_eq!(first.n_polls, second.n_polls, "seed {seed}");
        assert!(first.digest.0 > 1_000, "seed {seed} did next to nothing");
    }
}
