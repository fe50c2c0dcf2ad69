//! Tests of the follower.

use super::*;

/// A log whose last epoch, 4, begins at offset 6.
struct Epochs;

impl EpochEnds for Epochs {
    fn end_of(&self, leader_epoch: LeaderEpoch) -> Option<EpochEnd> {
        let (known, end) = if leader_epoch < epoch(4) {
            (3, 6)
        } else {
            (4, 10)
        };
        Some(EpochEnd {
            leader_epoch: epoch(known),
            end_offset: at(end),
        })
    }

    fn latest_epoch(&self) -> Option<LeaderEpoch> {
        Some(epoch(4))
    }
}

/// A world whose replica 1 follows 2 in epoch 5, with ten records and a high watermark of 8.
fn following() -> World {
    let mut world = World::new(10, 8);
    world.apply(&led_by(2));
    world.actions.clear();
    world
}

fn next_leader(leader: Option<u32>) -> PartitionState {
    PartitionState {
        leader: leader.map(id),
        leader_epoch: epoch(6),
        partition_epoch: PartitionEpoch::new(11),
        ..led_by(2)
    }
}

fn position(world: &World) -> FetchPosition {
    world.partition.fetch_position(&Epochs).unwrap()
}

fn respond(world: &mut World, position: FetchPosition, fetched: Fetched) -> Next {
    let response = FetchResponse { position, fetched };
    world
        .partition
        .handle_fetch_response(response, &Epochs, &mut world.actions)
}

fn answer(world: &mut World, fetched: Fetched) -> Next {
    let position = position(world);
    respond(world, position, fetched)
}

fn records(high_watermark: u64) -> Fetched {
    let (high_watermark, log_start_offset) = (at(high_watermark), at(0));
    Fetched::Records {
        has_records: true,
        high_watermark,
        log_start_offset,
    }
}

fn nothing(high_watermark: u64, log_start_offset: u64) -> Fetched {
    let (high_watermark, log_start_offset) = (at(high_watermark), at(log_start_offset));
    Fetched::Records {
        has_records: false,
        high_watermark,
        log_start_offset,
    }
}

fn diverging(leader_epoch: u32, end_offset: u64) -> Fetched {
    Fetched::Diverging(EpochEnd {
        leader_epoch: epoch(leader_epoch),
        end_offset: at(end_offset),
    })
}

fn bounds(log_start_offset: u64, log_end_offset: u64) -> Fetched {
    let (log_start_offset, log_end_offset) = (at(log_start_offset), at(log_end_offset));
    Fetched::OutOfRange {
        log_start_offset,
        log_end_offset,
    }
}

#[test]
fn a_new_follower_fetches_at_its_end() {
    let mut world = World::new(10, 8);
    world.apply(&led_by(2));
    let start = Action::StartFetching {
        leader: id(2),
        leader_epoch: epoch(5),
    };
    assert_eq!(world.take_actions(), [start]);
    let expected = FetchPosition {
        leader: id(2),
        leader_epoch: epoch(5),
        fetch_offset: at(10),
        last_fetched_epoch: Some(epoch(4)),
    };
    assert_eq!(world.partition.fetch_position(&Epochs), Some(expected));
}

#[test]
fn a_follower_without_a_leader_stops_fetching() {
    let mut world = following();
    world.apply(&next_leader(None));
    assert_eq!(world.take_actions(), [Action::StopFetching]);
    assert_eq!(world.partition.fetch_position(&Epochs), None);
}

#[test]
fn a_change_of_the_isr_does_not_disturb_fetching() {
    let mut world = following();
    let before = position(&world);
    let state = PartitionState {
        isr: ids(&[1, 2]),
        partition_epoch: PartitionEpoch::new(11),
        ..led_by(2)
    };
    world.apply(&state);
    assert_eq!(world.take_actions(), []);
    assert_eq!(respond(&mut world, before, nothing(8, 0)), Next::Fetch);
}

#[test]
fn a_follower_that_becomes_leader_stops_fetching_first() {
    let mut world = following();
    world.apply(&next_leader(Some(1)));
    let begins = Action::AssignLeaderEpoch {
        leader_epoch: epoch(6),
        start_offset: at(10),
    };
    assert_eq!(world.take_actions(), [Action::StopFetching, begins]);
}

#[test]
fn a_follower_states_only_what_is_durable() {
    let mut world = following();
    assert_eq!(answer(&mut world, records(10)), Next::Append);
    world.append(12);
    assert_eq!(world.partition.fetch_position(&Epochs), None);
    world.sync(11);
    assert_eq!(world.partition.fetch_position(&Epochs), None);
    world.sync(12);
    assert_eq!(position(&world).fetch_offset, at(12));
}

#[test]
fn answers_to_questions_no_longer_asked_are_dropped() {
    let mut world = following();
    let asked = position(&world);
    world.append_and_sync(12);
    assert_eq!(
        respond(&mut world, asked, records(12)),
        Next::Drop,
        "another offset"
    );
    let asked = position(&world);
    world.apply(&next_leader(Some(3)));
    world.actions.clear();
    assert_eq!(
        respond(&mut world, asked, diverging(3, 6)),
        Next::Drop,
        "another leader"
    );
    assert_eq!(world.take_actions(), [], "a late answer must not truncate");
}

// The high watermark.

#[test]
fn the_high_watermark_follows_the_leaders_up_to_the_own_end() {
    let mut world = following();
    assert_eq!(answer(&mut world, nothing(9, 0)), Next::Fetch);
    assert_eq!(world.take_actions(), [Action::SetHighWatermark(at(9))]);
    assert_eq!(answer(&mut world, records(15)), Next::Append);
    assert_eq!(world.high_watermark(), 9, "the records are not here yet");
    world.append(12);
    assert_eq!(world.take_actions(), [Action::SetHighWatermark(at(12))]);
}

#[test]
fn the_high_watermark_does_not_follow_a_new_leader_that_knows_less() {
    let mut world = following();
    assert_eq!(answer(&mut world, nothing(5, 0)), Next::Fetch);
    assert_eq!(world.high_watermark(), 8);
    assert_eq!(world.take_actions(), []);
}

#[test]
fn the_log_start_follows_the_leaders_up_to_the_high_watermark() {
    let mut world = following();
    assert_eq!(answer(&mut world, nothing(8, 3)), Next::Fetch);
    assert_eq!(
        world.take_actions(),
        [Action::AdvanceLogStart { to: at(3) }]
    );
    assert_eq!(answer(&mut world, nothing(9, 10)), Next::Fetch);
    let moved = Action::SetHighWatermark(at(9));
    assert_eq!(
        world.take_actions(),
        [moved, Action::AdvanceLogStart { to: at(9) }]
    );
}

// Truncation.

#[test]
fn a_diverging_follower_truncates_before_it_fetches_again() {
    let mut world = following();
    assert_eq!(answer(&mut world, diverging(4, 9)), Next::Fetch);
    assert_eq!(world.take_actions(), [Action::Truncate { to: at(9) }]);
    assert_eq!(world.partition.fetch_position(&Epochs), None);
    world.partition.handle_truncated(at(0), at(9));
    assert_eq!(position(&world).fetch_offset, at(9));
}

#[test]
#[should_panic(expected = "more was kept")]
fn truncation_must_keep_no_more_than_was_asked() {
    let mut world = following();
    answer(&mut world, diverging(4, 9));
    world.partition.handle_truncated(at(0), at(10));
}

#[test]
fn a_follower_halts_rather_than_lose_what_was_committed() {
    let mut world = following();
    assert_eq!(answer(&mut world, diverging(3, 7)), Next::AwaitMetadata);
    let halt = Action::Halt {
        to: at(6),
        high_watermark: at(8),
    };
    assert_eq!(world.take_actions(), [Action::StopFetching, halt]);
    assert_eq!(world.partition.fetch_position(&Epochs), None);
    assert_eq!(world.partition.offsets().log_end_offset, at(10));
}

#[test]
fn after_an_unclean_election_a_follower_gives_up_committed_records() {
    let mut world = World::new(10, 8);
    world.apply(&PartitionState {
        leader_recovery: LeaderRecovery::Recovering,
        ..led_by(2)
    });
    world.actions.clear();
    assert_eq!(answer(&mut world, diverging(3, 7)), Next::Fetch);
    assert_eq!(world.take_actions(), [Action::Truncate { to: at(6) }]);
    world.partition.handle_truncated(at(0), at(6));
    assert_eq!(world.high_watermark(), 6);
    assert_eq!(position(&world).fetch_offset, at(6));
}

#[test]
fn a_new_leader_ends_a_halt() {
    let mut world = following();
    answer(&mut world, diverging(3, 7));
    world.apply(&next_leader(Some(3)));
    assert_eq!(position(&world).fetch_offset, at(10));
}

#[test]
fn a_follower_whose_records_are_all_deleted_on_the_leader_begins_anew() {
    let mut world = following();
    assert_eq!(answer(&mut world, bounds(20, 30)), Next::Fetch);
    assert_eq!(
        world.take_actions(),
        [Action::TruncateFully {
            start_offset: at(20)
        }]
    );
    world.partition.handle_truncated(at(20), at(20));
    assert_eq!(position(&world).fetch_offset, at(20));
    assert_eq!(world.high_watermark(), 20);
}

#[test]
fn a_follower_past_the_leaders_end_truncates_unless_that_loses_committed_records() {
    let mut world = following();
    assert_eq!(answer(&mut world, bounds(0, 9)), Next::Fetch);
    assert_eq!(world.take_actions(), [Action::Truncate { to: at(9) }]);
    let mut world = following();
    assert_eq!(answer(&mut world, bounds(0, 7)), Next::AwaitMetadata);
    assert!(world.take_actions().contains(&Action::Halt {
        to: at(7),
        high_watermark: at(8)
    }));
}

#[test]
fn an_answer_that_asks_for_nothing_is_asked_again_after_a_pause() {
    let mut world = following();
    assert_eq!(answer(&mut world, bounds(0, 30)), Next::BackOff);
    assert_eq!(answer(&mut world, Fetched::Failed), Next::BackOff);
    assert_eq!(world.take_actions(), []);
}

#[test]
fn a_fenced_follower_waits_for_the_metadata() {
    let mut world = following();
    assert_eq!(answer(&mut world, Fetched::Fenced), Next::AwaitMetadata);
    assert_eq!(world.take_actions(), [Action::StopFetching]);
    assert_eq!(world.partition.fetch_position(&Epochs), None);
}

#[test]
fn an_epoch_without_records_that_is_in_the_way_is_forgotten() {
    let mut world = following();
    assert_eq!(answer(&mut world, diverging(4, 10)), Next::BackOff);
    assert_eq!(world.take_actions(), [Action::Truncate { to: at(10) }]);
    world.partition.handle_truncated(at(0), at(10));
    assert_eq!(position(&world).fetch_offset, at(10));
}

#[test]
fn an_answer_about_another_log_of_the_same_length_is_dropped() {
    let mut world = following();
    let asked = FetchPosition {
        last_fetched_epoch: Some(epoch(3)),
        ..position(&world)
    };
    // It truncated since, and appended as many records again.
    assert_eq!(respond(&mut world, asked, diverging(3, 6)), Next::Drop);
    assert_eq!(world.take_actions(), []);
}
