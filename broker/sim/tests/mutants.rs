//! Deliberate mistakes in the shipped code: the simulation finds each of them.
//!
//! `SEEDS=5000 cargo test --profile fast -p broker-sim --features mutants --test mutants` looks for
//! longer; `MUTANT=KeepLeaderEpoch,HideLoss ...` looks for these.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a simulation that goes wrong is to stop; nothing in it is foreign input"
)]

mod seeds;

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use broker_types::{FoundBy, Mutant};
use seeds::{number, run_seed};

/// Runs at a time: each is one thread.
const THREADS: u64 = 2;
/// Seeds for each mistake when nobody says how many.
const SEEDS: u64 = 1000;

/// The first seed that was seen to fail, and why.
fn killer(n_seeds: u64) -> Option<(u64, String)> {
    let (next, found) = (AtomicU64::new(0), Mutex::new(None));
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= n_seeds || found.lock().unwrap().is_some() {
                        return;
                    }
                    if let Err(violation) = run_seed(seed, false) {
                        found.lock().unwrap().get_or_insert((seed, violation));
                    }
                }
            });
        }
    });
    found.into_inner().unwrap()
}

#[test]
fn every_mistake_is_found() {
    let n_seeds = number("SEEDS").unwrap_or(SEEDS);
    #[expect(
        clippy::disallowed_methods,
        reason = "how a person chooses what to run"
    )]
    let wanted = std::env::var("MUTANT").ok();
    // One that others find may be looked for here by its name.
    let is_wanted = |it: &Mutant| match &wanted {
        Some(names) => names.split(',').any(|name| name == format!("{it:?}")),
        None => it.found_by() == FoundBy::Simulation,
    };
    // The assertions that mistakes break would say so.
    std::panic::set_hook(Box::new(|_| {}));
    let mut unfound = Vec::new();
    for mutant in Mutant::ALL.iter().copied().filter(is_wanted) {
        Mutant::choose(Some(mutant));
        match killer(n_seeds) {
            Some((seed, violation)) => {
                let why = violation.lines().next().unwrap_or_default();
                println!(
                    "| {mutant:?} | {} | simulation, {seed} | {why} |",
                    mutant.what()
                );
            }
            None => unfound.push(mutant),
        }
    }
    Mutant::choose(None);
    let _ = std::panic::take_hook();
    assert!(
        unfound.is_empty(),
        "not found within {n_seeds} seeds: {unfound:?}"
    );
}
