//! Deliberate mistakes of a partition's leader and followers, which the model or a scenario must find.
//!
//! Never here: mistakes of whole brokers; `broker-sim` looks for those.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use broker_replica::{
    Config, Context, EpochEnd, EpochEnds, FetchPosition, FetchResponse, Fetched, LeaderRecovery,
    Next, Offsets, Partition, PartitionState,
};
use broker_types::{
    BrokerId, Durability, FoundBy, LeaderEpoch, Monotonic, Mutant, Offset, PartitionEpoch,
};

use crate::run;

/// Seeds in which a mistake must be found.
const SEEDS: u64 = 1_000;

/// Mistakes that the model is asked for besides: the simulation of brokers finds them as well.
const ALSO: [Mutant; 6] = [
    Mutant::CountUnsynced,
    Mutant::CountLeaderAlone,
    Mutant::AssumeCaughtUp,
    Mutant::IgnoreMinIsr,
    Mutant::FetchAheadOfSync,
    Mutant::IgnoreDivergence,
];

/// The scenario that must fail when a mistake is made, for those that the model does not find.
fn scenario(mutant: Mutant) -> Option<fn()> {
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "scenarios of other crates are there"
    )]
    match mutant {
        Mutant::KeepFollowerState => Some(a_new_leader_epoch_ends_what_stopped_the_follower),
        Mutant::FetchOnWhenFenced => Some(a_fenced_follower_waits_for_metadata),
        Mutant::TakeAnswerOfOtherEpoch => Some(an_answer_of_another_leader_epoch_cuts_nothing),
        _ => None,
    }
}

/// What gave the mistake away.
fn violation(work: impl FnOnce()) -> Option<String> {
    let panic = catch_unwind(AssertUnwindSafe(work)).err()?;
    let text = panic.downcast_ref::<String>().cloned();
    let literal = panic.downcast_ref::<&str>().map(|it| (*it).to_owned());
    Some(text.or(literal).unwrap_or_default())
}

fn killer(mutant: Mutant) -> Option<(String, String)> {
    if let Some(scenario) = scenario(mutant) {
        return Some(("scenario".to_owned(), violation(scenario)?));
    }
    let found = |seed| Some((format!("model, {seed}"), violation(|| _ = run(seed))?));
    (1..=SEEDS).find_map(found)
}

#[test]
fn every_mistake_is_found() {
    let is_here = |it: &Mutant| it.found_by() == FoundBy::Model || scenario(*it).is_some();
    let own = Mutant::ALL.iter().copied().filter(is_here);
    // Without a mistake nothing is found.
    crate::nothing_acknowledged_is_lost_or_changed_whatever_happens();
    let scenarios = Mutant::ALL.iter().filter_map(|it| scenario(*it));
    scenarios.for_each(|it| it());
    // The assertions that mistakes break would say so.
    std::panic::set_hook(Box::new(|_| {}));
    let mut unfound = Vec::new();
    for mutant in own.chain(ALSO) {
        Mutant::choose(Some(mutant));
        match killer(mutant) {
            Some((by, why)) => {
                let why = why.lines().next().unwrap_or_default();
                println!("| {mutant:?} | {} | {by} | {why} |", mutant.what());
            }
            None => unfound.push(mutant),
        }
    }
    Mutant::choose(None);
    let _ = std::panic::take_hook();
    assert!(
        unfound.is_empty(),
        "not found within {SEEDS} seeds: {unfound:?}"
    );
}

/// A log of which all is of epoch 5.
struct Epochs;

impl EpochEnds for Epochs {
    fn end_of(&self, _: LeaderEpoch) -> Option<EpochEnd> {
        Some(EpochEnd {
            leader_epoch: LeaderEpoch::new(5),
            end_offset: Offset::new(10),
        })
    }

    fn latest_epoch(&self) -> Option<LeaderEpoch> {
        Some(LeaderEpoch::new(5))
    }
}

fn led(leader: u32, leader_epoch: u32) -> PartitionState {
    let all = [1, 2, 3].map(BrokerId::new);
    PartitionState {
        leader: Some(BrokerId::new(leader)),
        leader_epoch: LeaderEpoch::new(leader_epoch),
        partition_epoch: PartitionEpoch::new(leader_epoch),
        replicas: all.into(),
        isr: all.into(),
        leader_recovery: LeaderRecovery::Recovered,
    }
}

/// Replica 1 with ten records, of which eight are committed, in the states one after the other.
fn follower(states: &[PartitionState]) -> Partition {
    let config = Config {
        min_insync_replicas: 2,
        replica_lag_time_max: Duration::from_secs(30),
        durability: Durability::Fsync,
    };
    let offsets = Offsets {
        log_start_offset: Offset::ZERO,
        high_watermark: Offset::new(8),
        durable_end_offset: Offset::new(10),
        log_end_offset: Offset::new(10),
    };
    let mut partition = Partition::new(BrokerId::new(1), config, offsets);
    states.iter().for_each(|it| apply(&mut partition, it));
    partition
}

fn apply(partition: &mut Partition, state: &PartitionState) {
    let context = Context {
        now: Monotonic::ZERO,
        registrations: &BTreeMap::new(),
        is_self_fenced: false,
    };
    partition.apply(state, context, &mut Vec::new());
}

fn answer(partition: &mut Partition, position: FetchPosition, fetched: Fetched) -> Next {
    let response = FetchResponse { position, fetched };
    partition.handle_fetch_response(response, &Epochs, &mut Vec::new())
}

fn a_fenced_follower_waits_for_metadata() {
    let mut partition = follower(&[led(2, 6)]);
    let position = partition.fetch_position(&Epochs).unwrap();
    let next = answer(&mut partition, position, Fetched::Fenced);
    assert_eq!(
        next,
        Next::AwaitMetadata,
        "it goes on in an epoch that is over"
    );
}

fn a_new_leader_epoch_ends_what_stopped_the_follower() {
    let mut partition = follower(&[led(2, 6)]);
    let position = partition.fetch_position(&Epochs).unwrap();
    answer(&mut partition, position, Fetched::Fenced);
    apply(&mut partition, &led(2, 7));
    let position = partition.fetch_position(&Epochs);
    assert!(position.is_some(), "it never fetches again");
}

/// The earlier leader's log parted from this one; the later leader has counted all of it.
fn an_answer_of_another_leader_epoch_cuts_nothing() {
    let mut partition = follower(&[led(2, 6)]);
    let position = partition.fetch_position(&Epochs).unwrap();
    apply(&mut partition, &led(3, 7));
    let diverging = Fetched::Diverging(EpochEnd {
        leader_epoch: LeaderEpoch::new(5),
        end_offset: Offset::new(9),
    });
    let next = answer(&mut partition, position, diverging);
    assert_eq!(next, Next::Drop, "it cuts what its leader has counted");
}
