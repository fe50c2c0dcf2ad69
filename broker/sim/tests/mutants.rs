//! Deliberate mistakes in the shipped code: the simulation finds each of them.
//!
//! `SEEDS=1000 cargo test --profile fast -p broker-sim --features mutants --test mutants` looks for
//! longer; `MUTANT=KeepLeaderEpoch ...` looks for one.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a simulation that goes wrong is to stop; nothing in it is foreign input"
)]

mod seeds;

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use broker_types::Mutant;
use seeds::{number, run_seed};

/// Runs at a time: each is one thread.
const THREADS: u64 = 2;
/// Seeds for each mistake when nobody says how many.
const SEEDS: u64 = 300;

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
    let is_wanted = |it: &Mutant| {
        wanted
            .as_ref()
            .is_none_or(|name| *name == format!("{it:?}"))
    };
    // The assertions that mistakes break would say so.
    std::panic::set_hook(Box::new(|_| {}));
    let mut unfound = Vec::new();
    for mutant in Mutant::ALL.into_iter().filter(is_wanted) {
        Mutant::choose(Some(mutant));
        match killer(n_seeds) {
            Some((seed, violation)) => println!("{mutant:?}: seed {seed}: {violation}"),
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
