//! Gate 3: each deliberate mistake is found within a thousand seeds.

use std::panic::{AssertUnwindSafe, catch_unwind};

use broker_raft::Mutant;

use crate::number;
use crate::run::run;
use crate::world::World;

/// What gave a mistake away in this seed.
fn violation(seed: u64, mutate: impl Fn(&mut World)) -> Option<String> {
    let mut world = World::new(seed, false);
    mutate(&mut world);
    match catch_unwind(AssertUnwindSafe(|| run(&mut world))) {
        Ok(outcome) => outcome.violation,
        Err(panic) => {
            let text = panic.downcast_ref::<String>().cloned();
            let literal = panic.downcast_ref::<&str>().map(|it| (*it).to_owned());
            Some(format!("panic: {}", text.or(literal).unwrap_or_default()))
        }
    }
}

/// What the check says that is there to find the mistake. Others may find it first.
fn telltale(mutant: Mutant) -> &'static str {
    match mutant {
        Mutant::VoteNotPersisted | Mutant::VoteGrantedTwice => "voted for",
        Mutant::StaleCandidateGranted
        | Mutant::OldEpochCommittedByCount
        | Mutant::TwoVoterChanges
        | Mutant::TruncateToHighWatermark
        | Mutant::WipedDiskVotes
        | Mutant::GenerationIgnored => "without the committed batch",
        Mutant::OwnUnflushedCounted
        | Mutant::HighWatermarkFromRemovedVoter
        | Mutant::AckBeforeSync
        | Mutant::ReadBackIsDurable => "durable on",
        Mutant::OldSnapshotInstalled => "lowered its high watermark",
        Mutant::FailedLoadIsEmpty => "where others have",
        Mutant::NoPreVote => "that was cut off ended epoch",
        Mutant::NoCheckQuorum => "beside the leader",
        Mutant::LeadershipResumed => "another batch than others",
        Mutant::SnapshotAheadOfLog | Mutant::VotersOutliveTruncation => "",
    }
}

/// The first seed that finds the mistake by the check that is there for it.
fn killer(n_seeds: u64, telltale: &str, mutate: impl Fn(&mut World)) -> Option<(u64, String)> {
    let found = |seed| violation(seed, &mutate).filter(|it| it.contains(telltale));
    (0..n_seeds).find_map(|seed| Some((seed, found(seed)?)))
}

/// Runs `work` without the noise of the assertions that mutants break.
fn silently<T>(work: impl FnOnce() -> T) -> T {
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let done = work();
    std::panic::set_hook(hook);
    done
}

#[test]
fn every_mutant_is_killed_by_the_check_that_is_there_for_it() {
    let n_seeds = number("SEEDS").unwrap_or(1000);
    let mut survivors = Vec::new();
    for mutant in Mutant::ALL.iter().copied() {
        let mutate = |world: &mut World| world.mutant = Some(mutant);
        match silently(|| killer(n_seeds, telltale(mutant), mutate)) {
            Some((seed, violation)) => {
                let what = mutant.what();
                println!("| {mutant:?} | {what} | quorum's simulation, {seed} | {violation} |");
            }
            None => survivors.push(mutant),
        }
    }
    assert!(
        survivors.is_empty(),
        "not killed within {n_seeds} seeds: {survivors:?}"
    );
}

#[test]
fn a_recovery_that_trusts_the_page_cache_is_found() {
    let mutate = |world: &mut World| world.trusts_cache = true;
    let killed = killer(1000, "durable on", mutate);
    assert!(
        killed.is_some(),
        "pages of a failed sync passed for written ones"
    );
}
