//! Tests of the leader: becoming one, appending, the high watermark, followers' fetches, waiting.

use super::*;

fn completed(token: u64, outcome: Outcome) -> Action {
    Action::Complete {
        token: Token(token),
        outcome,
    }
}

/// Replica 1 leads again, in the next epoch.
fn next_leadership() -> PartitionState {
    PartitionState {
        leader_epoch: epoch(6),
        partition_epoch: PartitionEpoch::new(11),
        ..led_by(1)
    }
}

// Becoming leader.

#[test]
fn a_new_leader_notes_where_its_epoch_begins() {
    let mut world = World::new(10, 8);
    world.apply(&led_by(1));
    let begins = Action::AssignLeaderEpoch {
        leader_epoch: epoch(5),
        start_offset: at(10),
    };
    assert_eq!(world.take_actions(), [begins]);
    assert_eq!(world.partition.role(), RoleKind::Leader);
}

#[test]
fn a_new_leader_does_not_state_an_end_before_it_knows_what_is_committed() {
    let mut world = World::leading();
    assert_eq!(
        world.partition.latest_offset(),
        Err(Refusal::OffsetNotAvailable)
    );
    world.fetch(2, 9);
    world.fetch(3, 9);
    assert_eq!(world.high_watermark(), 9);
    assert_eq!(
        world.partition.latest_offset(),
        Err(Refusal::OffsetNotAvailable)
    );
    world.fetch(2, 10);
    world.fetch(3, 10);
    assert_eq!(world.partition.latest_offset(), Ok(at(10)));
}

#[test]
fn what_followers_told_an_earlier_leader_does_not_count() {
    let mut world = World::in_sync();
    world.append_and_sync(12);
    world.fetch(2, 12);
    world.apply(&next_leadership());
    let fetch = FollowerFetch {
        leader_epoch: epoch(6),
        ..world.fetch_of(3, 12)
    };
    world.try_fetch(fetch).unwrap();
    assert_eq!(world.high_watermark(), 10, "2 has not fetched in epoch 6");
    let fetch = FollowerFetch {
        leader_epoch: epoch(6),
        ..world.fetch_of(2, 12)
    };
    world.try_fetch(fetch).unwrap();
    assert_eq!(world.high_watermark(), 12);
}

#[test]
fn the_low_watermark_is_the_least_of_all_replicas_that_live() {
    let mut world = World::in_sync();
    let low = |world: &World, own| {
        let context = Context {
            now: world.now,
            registrations: &world.registrations,
            is_self_fenced: false,
        };
        world.partition.low_watermark(at(own), context)
    };
    let state = |world: &mut World, broker, log_start| {
        let fetch = FollowerFetch {
            log_start_offset: at(log_start),
            ..world.fetch_of(broker, 10)
        };
        world.try_fetch(fetch).unwrap();
    };
    assert_eq!(low(&world, 7), Ok(at(0)), "nobody has said so yet");
    state(&mut world, 2, 7);
    assert_eq!(low(&world, 7), Ok(at(0)));
    state(&mut world, 3, 5);
    assert_eq!(low(&world, 7), Ok(at(5)));
    assert_eq!(low(&world, 4), Ok(at(4)), "the own log is not as far");
    let registration = world.registrations.get_mut(&id(3)).unwrap();
    registration.is_isr_eligible = false;
    assert_eq!(low(&world, 7), Ok(at(7)), "3 is fenced");
    world.apply(&next_leadership());
    assert_eq!(low(&world, 7), Ok(at(0)), "what an earlier leader was told");
    world.apply(&PartitionState {
        leader_epoch: epoch(7),
        partition_epoch: PartitionEpoch::new(99),
        ..led_by(2)
    });
    assert_eq!(low(&world, 7), Err(Refusal::NotLeader));
}

#[test]
fn a_leader_alone_commits_what_is_durable() {
    let state = PartitionState {
        replicas: ids(&[1]),
        isr: ids(&[1]),
        ..led_by(1)
    };
    let mut world = World::new(10, 8);
    world.apply(&state);
    assert_eq!(
        world.high_watermark(),
        10,
        "one replica cannot keep two in sync"
    );
    world.append(12);
    assert_eq!(world.high_watermark(), 10);
    world.sync(11);
    assert_eq!(world.high_watermark(), 11);
}

#[test]
fn another_partition_epoch_of_the_same_leadership_keeps_what_is_known() {
    // KAFKA-13790: a reassignment adds a replica while the leader stays.
    let mut world = World::in_sync();
    world.append_and_sync(12);
    world.fetch(2, 12);
    world.actions.clear();
    let state = PartitionState {
        partition_epoch: PartitionEpoch::new(11),
        replicas: ids(&[1, 2, 3, 4]),
        ..led_by(1)
    };
    world.apply(&state);
    assert_eq!(world.take_actions(), [], "no new epoch begins");
    world.fetch(3, 12);
    assert_eq!(world.high_watermark(), 12, "the fetch of 2 still counts");
    world.actions.clear();
    world.fetch(4, 12);
    world.assert_proposed(&[1, 2, 3, 4]);
}

#[test]
fn a_replica_that_was_removed_and_added_again_is_a_new_one() {
    let mut world = World::in_sync();
    let without = PartitionState {
        partition_epoch: PartitionEpoch::new(11),
        replicas: ids(&[1, 2]),
        isr: ids(&[1, 2]),
        ..led_by(1)
    };
    world.apply(&without);
    let again = PartitionState {
        partition_epoch: PartitionEpoch::new(12),
        isr: ids(&[1, 2]),
        ..led_by(1)
    };
    world.apply(&again);
    world.fetch(2, 10);
    world.tick();
    assert_eq!(
        world.take_proposals(),
        [],
        "what 3 stated before does not count"
    );
}

#[test]
fn older_metadata_is_ignored() {
    let mut world = World::in_sync();
    for partition_epoch in [9, 10] {
        let stale = PartitionState {
            leader: Some(id(2)),
            partition_epoch: PartitionEpoch::new(partition_epoch),
            ..led_by(1)
        };
        world.apply(&stale);
        assert_eq!(world.partition.role(), RoleKind::Leader);
    }
}

// Appending.

#[test]
fn acks_of_all_need_enough_replicas_in_sync() {
    let mut world = World::leading();
    for acks in [Acks::None, Acks::Leader, Acks::All] {
        assert_eq!(world.may_append(acks), Ok(()));
    }
    world.adopt(&[1]);
    let too_few = Refusal::NotEnoughReplicas {
        isr: 1,
        min_insync_replicas: 2,
    };
    assert_eq!(world.may_append(Acks::All), Err(too_few));
    assert_eq!(world.may_append(Acks::Leader), Ok(()));
}

#[test]
fn a_leader_whose_session_may_be_over_takes_only_what_epochs_guard() {
    let mut world = World::leading();
    world.is_self_fenced = true;
    assert_eq!(world.may_append(Acks::None), Err(Refusal::SelfFenced));
    assert_eq!(world.may_append(Acks::Leader), Err(Refusal::SelfFenced));
    assert_eq!(world.may_append(Acks::All), Ok(()));
}

#[test]
fn a_follower_refuses_what_is_a_leaders() {
    let mut world = World::new(10, 8);
    world.apply(&led_by(2));
    assert_eq!(world.may_append(Acks::Leader), Err(Refusal::NotLeader));
    let fetch = world.fetch_of(3, 10);
    assert_eq!(world.try_fetch(fetch), Err(Refusal::NotLeader));
    assert_eq!(world.partition.latest_offset(), Err(Refusal::NotLeader));
    let wait = world
        .partition
        .wait(Token(1), at(10), Monotonic::NEVER, &mut Vec::new());
    assert_eq!(wait, Err(Refusal::NotLeader));
}

// The high watermark.

#[test]
fn the_high_watermark_is_the_least_durable_end_in_the_isr() {
    let mut world = World::in_sync();
    world.append(20);
    world.fetch(2, 15);
    world.fetch(3, 13);
    assert_eq!(world.high_watermark(), 10, "the leader has synced nothing");
    world.sync(14);
    assert_eq!(world.high_watermark(), 13);
    world.fetch(3, 18);
    assert_eq!(world.high_watermark(), 14);
    world.sync(20);
    assert_eq!(world.high_watermark(), 15);
}

#[test]
fn without_fsync_the_leader_counts_what_it_appended() {
    let mut world = World::in_sync();
    let config = Config {
        durability: Durability::PageCache,
        ..world.partition.config
    };
    call!(world.handle_config(config));
    world.append(20);
    world.fetch(2, 20);
    world.fetch(3, 20);
    assert_eq!(world.high_watermark(), 20);
}

#[test]
fn a_sync_that_comes_back_late_changes_nothing() {
    let mut world = World::in_sync();
    world.append(20);
    world.sync(18);
    world.sync(15);
    assert_eq!(world.partition.offsets().durable_end_offset, at(18));
}

#[test]
fn the_high_watermark_rests_while_the_isr_is_too_small() {
    let mut world = World::in_sync();
    world.adopt(&[1]);
    for broker in [2, 3] {
        // Or they would be waited for.
        world
            .registrations
            .get_mut(&id(broker))
            .unwrap()
            .is_isr_eligible = false;
    }
    world.append_and_sync(12);
    assert_eq!(world.high_watermark(), 10);
    let config = Config {
        min_insync_replicas: 1,
        ..world.partition.config
    };
    call!(world.handle_config(config));
    assert_eq!(world.high_watermark(), 12);
}

#[test]
fn the_high_watermark_waits_for_members_that_are_only_proposed() {
    let mut world = World::leading_with(PartitionState {
        isr: ids(&[1, 2]),
        ..led_by(1)
    });
    world.fetch(2, 10);
    world.fetch(3, 10);
    world.assert_proposed(&[1, 2, 3]);
    world.append_and_sync(12);
    // Long enough for 3 to count for nothing but the proposal.
    world.now = world.now + LAG_MAX + SECOND;
    world.fetch(2, 12);
    assert_eq!(
        world.high_watermark(),
        10,
        "the controller may have adopted 3"
    );
    world.refuse_alter_partition(ErrorCode::IneligibleReplica);
    world.tick();
    assert_eq!(world.high_watermark(), 12);
}

#[test]
fn the_high_watermark_waits_for_members_that_are_proposed_to_leave() {
    let mut world = World::in_sync();
    world.append_and_sync(12);
    world.now = world.now + LAG_MAX + SECOND;
    world.fetch(2, 12);
    world.tick();
    world.assert_proposed(&[1, 2]);
    assert_eq!(
        world.high_watermark(),
        10,
        "3 is in the ISR until the controller says no"
    );
    world.adopt(&[1, 2]);
    assert_eq!(world.high_watermark(), 12);
}

#[test]
fn a_replica_that_keeps_up_is_waited_for_so_that_it_can_join() {
    let mut world = World::leading_with(PartitionState {
        isr: ids(&[1, 2]),
        ..led_by(1)
    });
    world.fetch(3, 10);
    world.refuse_alter_partition(ErrorCode::IneligibleReplica);
    world.append_and_sync(12);
    world.fetch(2, 12);
    assert_eq!(world.high_watermark(), 10);
    world.registrations.get_mut(&id(3)).unwrap().is_isr_eligible = false;
    world.fetch(2, 12);
    assert_eq!(
        world.high_watermark(),
        12,
        "who may not join is not waited for"
    );
}

// Followers' fetches.

#[test]
fn fetches_of_other_leader_epochs_are_refused() {
    let mut world = World::leading();
    let current = epoch(5);
    let earlier = FollowerFetch {
        leader_epoch: epoch(4),
        ..world.fetch_of(2, 10)
    };
    assert_eq!(
        world.try_fetch(earlier),
        Err(Refusal::FencedLeaderEpoch { current })
    );
    let later = FollowerFetch {
        leader_epoch: epoch(6),
        ..world.fetch_of(2, 10)
    };
    assert_eq!(
        world.try_fetch(later),
        Err(Refusal::UnknownLeaderEpoch { current })
    );
    assert_eq!(world.partition.check_leader_epoch(None), Ok(()));
}

#[test]
fn fetches_of_strangers_and_of_replaced_brokers_are_refused() {
    let mut world = World::leading();
    let stranger = world.fetch_of(4, 10);
    assert_eq!(
        world.try_fetch(stranger),
        Err(Refusal::UnknownReplica { broker: id(4) })
    );
    let replaced = FollowerFetch {
        broker_epoch: BrokerEpoch::new(101),
        ..world.fetch_of(2, 10)
    };
    let stale = Refusal::StaleBrokerEpoch {
        broker: id(2),
        current: BrokerEpoch::new(102),
    };
    assert_eq!(world.try_fetch(replaced), Err(stale));
    let restarted = FollowerFetch {
        broker_epoch: BrokerEpoch::new(200),
        ..world.fetch_of(2, 10)
    };
    assert_eq!(world.try_fetch(restarted), Ok(Served::Records));
    let before = world.fetch_of(2, 10);
    let stale = Refusal::StaleBrokerEpoch {
        broker: id(2),
        current: BrokerEpoch::new(200),
    };
    assert_eq!(world.try_fetch(before), Err(stale));
}

#[test]
fn fetches_outside_the_log_are_refused() {
    let mut world = World::leading();
    world.partition.handle_log_start(at(5));
    let refusal = Refusal::OffsetOutOfRange {
        log_start_offset: at(5),
        log_end_offset: at(10),
    };
    for fetch_offset in [4, 11] {
        let fetch = world.fetch_of(2, fetch_offset);
        assert_eq!(world.try_fetch(fetch), Err(refusal), "{fetch_offset}");
    }
    let fetch = FollowerFetch {
        last_fetched_epoch: Some(epoch(2)),
        ..world.fetch_of(2, 10)
    };
    assert_eq!(
        world.try_fetch(fetch),
        Err(refusal),
        "the leader knows no epochs"
    );
}

#[test]
fn a_diverging_follower_is_told_where_and_its_position_does_not_count() {
    let mut world = World::leading();
    world.fetch(3, 10);
    for (leader_epoch, end_offset) in [(4, 9), (3, 10), (3, 4)] {
        let end = EpochEnd {
            leader_epoch: epoch(leader_epoch),
            end_offset: at(end_offset),
        };
        let fetch = FollowerFetch {
            last_fetched_epoch: Some(epoch(4)),
            epoch_end: Some(end),
            ..world.fetch_of(2, 10)
        };
        assert_eq!(world.try_fetch(fetch), Ok(Served::Diverging(end)));
    }
    assert_eq!(world.high_watermark(), 8);
    let agreeing = FollowerFetch {
        last_fetched_epoch: Some(epoch(4)),
        epoch_end: Some(EpochEnd {
            leader_epoch: epoch(4),
            end_offset: at(10),
        }),
        ..world.fetch_of(2, 10)
    };
    assert_eq!(world.try_fetch(agreeing), Ok(Served::Records));
    assert_eq!(world.high_watermark(), 10);
}

// Waiting.

#[test]
fn waiters_are_answered_when_the_high_watermark_passes_them() {
    let mut world = World::in_sync();
    world.append_and_sync(14);
    world.wait(2, 14);
    world.wait(1, 12);
    world.wait(3, 10);
    assert_eq!(world.take_actions(), [completed(3, Outcome::Committed)]);
    world.fetch(2, 12);
    world.fetch(3, 12);
    let moved = Action::SetHighWatermark(at(12));
    assert_eq!(
        world.take_actions(),
        [moved, completed(1, Outcome::Committed)]
    );
    world.fetch(2, 14);
    world.fetch(3, 13);
    assert_eq!(world.partition.waiting(), 1);
}

#[test]
fn waiters_time_out() {
    let mut world = World::in_sync();
    world.append_and_sync(12);
    world.wait(1, 12);
    world.tick();
    assert_eq!(world.take_actions(), []);
    world.now = world.now + SECOND;
    world.tick();
    assert_eq!(world.take_actions(), [completed(1, Outcome::TimedOut)]);
    assert_eq!(world.partition.waiting(), 0);
}

#[test]
fn waiters_time_out_with_the_reason_when_the_isr_is_too_small() {
    let mut world = World::in_sync();
    world.append_and_sync(12);
    world.wait(1, 12);
    world.adopt(&[1]);
    world.now = world.now + SECOND;
    world.tick();
    let outcome = Outcome::NotEnoughReplicasAfterAppend;
    assert!(world.take_actions().contains(&completed(1, outcome)));
}

#[test]
fn waiters_are_never_told_success_after_leadership_is_lost() {
    for leader in [Some(id(2)), None] {
        let mut world = World::in_sync();
        world.append_and_sync(12);
        world.wait(1, 11);
        world.wait(2, 12);
        world.apply(&PartitionState {
            leader,
            ..next_leadership()
        });
        let actions = world.take_actions();
        let (first, second) = (
            completed(1, Outcome::NotLeader),
            completed(2, Outcome::NotLeader),
        );
        assert_eq!(actions[..2], [first, second]);
        assert_eq!(world.partition.waiting(), 0);
    }
}

#[test]
fn waiters_stay_when_the_same_replica_leads_again() {
    let mut world = World::in_sync();
    world.append_and_sync(12);
    world.wait(1, 12);
    world.apply(&next_leadership());
    for broker in [2, 3] {
        let fetch = FollowerFetch {
            leader_epoch: epoch(6),
            ..world.fetch_of(broker, 12)
        };
        world.try_fetch(fetch).unwrap();
    }
    assert!(
        world
            .take_actions()
            .contains(&completed(1, Outcome::Committed))
    );
}

#[test]
fn a_replica_that_is_moved_away_answers_its_waiters() {
    let mut world = World::in_sync();
    world.append_and_sync(12);
    world.wait(1, 12);
    let state = PartitionState {
        leader: Some(id(2)),
        replicas: ids(&[2, 3]),
        isr: ids(&[2, 3]),
        ..next_leadership()
    };
    world.apply(&state);
    assert_eq!(world.take_actions(), [completed(1, Outcome::NotLeader)]);
    assert_eq!(world.partition.role(), RoleKind::None);
}
