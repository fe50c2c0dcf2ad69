//! Gate 3: each deliberate mistake is found within a thousand seeds.

use std::panic::{AssertUnwindSafe, catch_unwind};

use broker_raft::Mutant;

use crate::number;
use crate::run::run;
use crate::world::World;

/// What gave a mutant away in this seed.
fn violation(mutant: Mutant, seed: u64) -> Option<String> {
    let mut world = World::new(seed, false);
    world.mutant = Some(mutant);
    // An assertion of the quorum's own finds a mistake as well as a check of the simulation does.
    match catch_unwind(AssertUnwindSafe(|| run(&mut world))) {
        Ok(outcome) => outcome.violation,
        Err(panic) => {
            let text = panic.downcast_ref::<String>().cloned();
            let literal = panic.downcast_ref::<&str>().map(|it| (*it).to_owned());
            Some(format!("panic: {}", text.or(literal).unwrap_or_default()))
        }
    }
}

#[test]
fn every_mutant_is_killed() {
    let n_seeds = number("SEEDS").unwrap_or(1000).min(1000);
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let mut survivors = Vec::new();
    for mutant in Mutant::ALL {
        let killed = (0..n_seeds).find_map(|seed| Some((seed, violation(mutant, seed)?)));
        match killed {
            Some((seed, violation)) => println!("{mutant:?}: seed {seed}: {violation}"),
            None => survivors.push(mutant),
        }
    }
    std::panic::set_hook(hook);
    assert!(
        survivors.is_empty(),
        "not killed within {n_seeds} seeds: {survivors:?}"
    );
}
