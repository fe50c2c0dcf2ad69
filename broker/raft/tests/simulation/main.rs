//! Many replicas, one thread, one seed: the quorum under everything that may go wrong.
//!
//! `SEEDS=10000 cargo test --release -p broker-raft --test simulation` runs more seeds;
//! `SEED=7 ...` runs one, or so many from there on; `TRACE=1` prints every event.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a simulation that goes wrong is to stop; nothing in it is foreign input"
)]

mod checker;
mod completions;
mod disk;
mod driver;
#[cfg(feature = "mutants")]
mod mutants;
mod network;
mod node;
mod quorum_loss;
mod rng;
mod run;
mod schedule;
mod world;

use std::collections::BTreeMap;

use crate::run::{Outcome, fail_over, run};
use crate::world::World;

/// A number from the environment.
pub(crate) fn number(name: &str) -> Option<u64> {
    #[expect(
        clippy::disallowed_methods,
        reason = "how a person chooses what to run"
    )]
    let text = std::env::var(name).ok()?;
    Some(
        text.parse()
            .unwrap_or_else(|_| panic!("{name}={text} is not a number")),
    )
}

fn run_seed(seed: u64) -> Outcome {
    let mut world = World::new(seed, number("TRACE").is_some());
    run(&mut world)
}

/// States that a thousand seeds must have reached: a check that never had its case proves nothing.
const SOMETIMES: [&str; 33] = [
    "a change of the voters was committed",
    "a disk was lost",
    "a leader crashed",
    "a leader handed over",
    "a leader lost its majority",
    "a leader was cut off in peace",
    "a leader was elected",
    "a log diverged",
    "a log was trimmed",
    "a log was truncated",
    "a node was cut off",
    "a pre-vote was asked for",
    "a process was paused",
    "a quorum was recovered from one log",
    "a snapshot could not be loaded",
    "a snapshot was installed",
    "a sync failed",
    "a vote was asked for",
    "a voter asked to be updated",
    "a voter was cut off in peace",
    "a voter was removed behind its back",
    "all power was lost",
    "connections broke",
    "crashed after a vote",
    "crashed between two actions",
    "crashed while a snapshot was installed",
    "crashed soon after an election",
    "healed without one node",
    "power loss, unsynced",
    "process crash, unsynced",
    "the network was split",
    "two at once thought to lead",
    "voters came back after a recovery",
];

#[test]
fn no_seed_breaks_an_invariant_and_each_recovers() {
    let first = number("SEED");
    let n_seeds = number("SEEDS").unwrap_or(if first.is_some() { 1 } else { 1000 });
    let first = first.unwrap_or(0);
    let mut marks: BTreeMap<&'static str, u64> = BTreeMap::new();
    let (mut n_events, mut lasted, mut slowest) = (0, 0, (0, 0));
    for seed in first..first + n_seeds {
        let outcome = run_seed(seed);
        if let Some(violation) = outcome.violation {
            panic!(
                "seed {seed}: {violation}\nreplay: SEED={seed} TRACE=1 cargo test -p broker-raft \
                 --test simulation no_seed_breaks -- --nocapture"
            );
        }
        outcome
            .marks
            .iter()
            .for_each(|(mark, count)| *marks.entry(mark).or_default() += count);
        n_events += outcome.n_events;
        lasted += outcome.lasted;
        slowest = slowest.max((outcome.recovered_in, seed));
    }
    let seconds = lasted / 1_000_000;
    println!("{n_seeds} seeds, {seconds} simulated seconds, {n_events} events");
    println!(
        "slowest recovery {} ms (seed {})",
        slowest.0 / 1000,
        slowest.1
    );
    marks
        .iter()
        .for_each(|(mark, count)| println!("{count:>9} {mark}"));
    let never: Vec<_> = SOMETIMES
        .iter()
        .filter(|it| !marks.contains_key(*it))
        .collect();
    assert!(
        n_seeds < 1000 || never.is_empty(),
        "never reached: {never:?}"
    );
}

#[test]
fn a_killed_leader_is_replaced_within_moments() {
    let replaced = |seed| fail_over(seed).unwrap_or_else(|error| panic!("seed {seed}: {error}"));
    let mut times: Vec<u64> = (0..200).map(replaced).collect();
    times.sort_unstable();
    let (median, slowest) = (times[100] / 1000, times[199] / 1000);
    println!("another leader commits after {median} ms (median), {slowest} ms at the latest");
    assert!(median <= 150, "{median} ms");
    assert!(slowest <= 2_000, "{slowest} ms");
}

#[test]
fn the_same_seed_makes_the_same_run() {
    for seed in 0..20 {
        let (first, second) = (run_seed(seed), run_seed(seed));
        assert_eq!(first.trace, second.trace, "seed {seed}");
        assert_eq!(first.n_events, second.n_events, "seed {seed}");
    }
    assert_ne!(run_seed(1).trace, run_seed(2).trace);
}
