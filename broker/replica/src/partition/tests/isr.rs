//! Tests of the ISR: joining, leaving, and what the controller answers.

use super::*;

/// Replicas 1 and 2 are in sync, 3 is assigned.
fn without_3() -> World {
    World::leading_with(PartitionState {
        isr: ids(&[1, 2]),
        ..led_by(1)
    })
}

// Joining.

#[test]
fn a_replica_joins_with_the_epochs_of_all_members() {
    let mut world = without_3();
    world.fetch(3, 10);
    let member = |broker, broker_epoch: Option<u64>| IsrMember {
        broker_id: id(broker),
        broker_epoch: broker_epoch.map(BrokerEpoch::new),
    };
    let request = AlterPartition {
        leader_epoch: epoch(5),
        partition_epoch: PartitionEpoch::new(10),
        attempt: 1,
        isr: vec![member(1, Some(101)), member(2, None), member(3, Some(103))],
        lossy: vec![],
    };
    assert_eq!(world.take_actions(), [Action::AlterPartition(request)]);
}

#[test]
fn a_replica_does_not_join_before_it_has_what_members_must_have() {
    let mut world = without_3();
    world.append_and_sync(12);
    world.fetch(2, 12);
    assert_eq!(world.high_watermark(), 12);
    for fetch_offset in [8, 9, 10, 11] {
        world.fetch(3, fetch_offset);
        assert_eq!(
            world.take_proposals(),
            [],
            "the high watermark is 12, it has {fetch_offset}"
        );
    }
    world.fetch(3, 12);
    world.assert_proposed(&[1, 2, 3]);
}

#[test]
fn a_replica_does_not_join_below_the_epochs_start() {
    let mut world = without_3();
    world.fetch(3, 9);
    assert_eq!(world.high_watermark(), 8);
    assert_eq!(world.take_proposals(), [], "the epoch begins at 10");
}

#[test]
fn a_replica_that_the_metadata_does_not_vouch_for_does_not_join() {
    let mut world = without_3();
    world.registrations.get_mut(&id(3)).unwrap().is_isr_eligible = false;
    world.fetch(3, 10);
    assert_eq!(world.take_proposals(), [], "fenced");
    world.registrations.get_mut(&id(3)).unwrap().is_isr_eligible = true;
    let restarted = FollowerFetch {
        broker_epoch: BrokerEpoch::new(200),
        ..world.fetch_of(3, 10)
    };
    world.try_fetch(restarted).unwrap();
    assert_eq!(
        world.take_proposals(),
        [],
        "registered with another epoch (KIP-903)"
    );
    world.registrations.get_mut(&id(3)).unwrap().broker_epoch = BrokerEpoch::new(200);
    world.try_fetch(restarted).unwrap();
    world.assert_proposed(&[1, 2, 3]);
}

// Leaving.

#[test]
fn a_follower_that_does_not_catch_up_in_time_leaves() {
    let mut world = World::in_sync();
    world.append_and_sync(12);
    world.now = world.now + LAG_MAX;
    world.fetch(2, 12);
    world.tick();
    assert_eq!(world.take_proposals(), []);
    world.now = world.now + Duration::from_micros(1);
    world.tick();
    world.assert_proposed(&[1, 2]);
}

#[test]
fn a_member_that_never_fetches_leaves() {
    let mut world = World::leading();
    world.fetch(2, 10);
    world.now = world.now + LAG_MAX + SECOND;
    world.tick();
    world.assert_proposed(&[1, 2]);
}

#[test]
fn an_idle_follower_that_has_all_stays() {
    let mut world = World::in_sync();
    world.now = world.now + 10 * LAG_MAX;
    world.tick();
    assert_eq!(world.take_proposals(), []);
}

#[test]
fn a_follower_that_has_what_the_leader_had_a_fetch_ago_keeps_up() {
    let mut world = World::in_sync();
    for round in 1..10_u64 {
        world.append_and_sync(10 + 2 * round);
        world.now = world.now + 20 * SECOND;
        // 2 has what the leader had when it fetched last, never all that the leader has now.
        world.fetch(2, 8 + 2 * round);
        world.fetch(3, 10 + 2 * round);
        world.tick();
        assert_eq!(world.take_proposals(), [], "round {round}");
    }
}

#[test]
fn a_pause_of_the_leader_alone_removes_no_one() {
    let mut world = World::in_sync();
    world.append_and_sync(12);
    world.now = world.now + 2 * LAG_MAX;
    world.fetch(2, 12);
    world.fetch(3, 12);
    world.tick();
    assert_eq!(world.take_proposals(), []);
}

#[test]
fn a_follower_that_has_less_than_it_stated_leaves_at_once_and_is_named() {
    let mut world = World::in_sync();
    world.append_and_sync(20);
    world.fetch(2, 15);
    world.fetch(2, 14);
    let proposals = world.take_proposals();
    assert_eq!(proposals.len(), 1);
    assert_eq!(proposals[0].lossy, [id(2)]);
    assert!(proposals[0].isr.iter().all(|it| it.broker_id != id(2)));
}

#[test]
fn a_member_that_lacks_committed_records_leaves_at_once_whoever_led_before() {
    let mut world = World::leading();
    world.fetch(2, 7);
    let proposals = world.take_proposals();
    assert_eq!(proposals.len(), 1, "the high watermark is 8");
    assert_eq!(proposals[0].lossy, [id(2)]);
    world.adopt(&[1, 3]);
    world.fetch(2, 9);
    assert_eq!(world.take_proposals(), []);
    world.fetch(2, 10);
    world.assert_proposed(&[1, 2, 3]);
    world.adopt(&[1, 2, 3]);
    world.fetch(2, 10);
    assert_eq!(world.take_proposals(), [], "the loss is made good");
}

// The controller's answers.

#[test]
fn one_proposal_is_made_at_a_time() {
    let mut world = World::leading_with(PartitionState {
        isr: ids(&[1]),
        ..led_by(1)
    });
    world.fetch(2, 10);
    world.assert_proposed(&[1, 2]);
    world.fetch(3, 10);
    world.tick();
    assert_eq!(world.take_proposals(), []);
    world.adopt(&[1, 2]);
    world.fetch(3, 10);
    world.assert_proposed(&[1, 2, 3]);
}

#[test]
fn a_refused_proposal_is_rolled_back_and_made_again_later() {
    for error in [
        ErrorCode::IneligibleReplica,
        ErrorCode::OperationNotAttempted,
        ErrorCode::InvalidRequest,
    ] {
        let mut world = without_3();
        world.fetch(3, 10);
        world.assert_proposed(&[1, 2, 3]);
        world.refuse_alter_partition(error);
        world.fetch(3, 10);
        assert_eq!(world.take_proposals(), [], "not at once: {error}");
        world.now = world.now + SECOND;
        world.fetch(3, 10);
        world.assert_proposed(&[1, 2, 3]);
    }
}

#[test]
fn an_unanswered_proposal_is_sent_again_as_it_was() {
    for error in [
        ErrorCode::NetworkException,
        ErrorCode::NotController,
        ErrorCode::StaleBrokerEpoch,
    ] {
        let mut world = without_3();
        world.fetch(3, 10);
        let first = world.take_proposals();
        world.refuse_alter_partition(error);
        let restarted = BrokerEpoch::new(200);
        let fetch = FollowerFetch {
            broker_epoch: restarted,
            ..world.fetch_of(3, 10)
        };
        world.try_fetch(fetch).unwrap();
        world.tick();
        assert_eq!(world.take_proposals(), [], "{error}");
        world.now = world.now + SECOND;
        world.tick();
        let again = world.take_proposals();
        assert_eq!(again.len(), 1, "{error}");
        assert_eq!(
            again[0].isr, first[0].isr,
            "with the epoch that qualified: {error}"
        );
        world.tick();
        assert_eq!(world.take_proposals(), [], "{error}");
    }
}

#[test]
fn a_proposal_on_old_metadata_waits_for_the_metadata() {
    for error in [
        ErrorCode::InvalidUpdateVersion,
        ErrorCode::FencedLeaderEpoch,
        ErrorCode::NewLeaderElected,
        ErrorCode::UnknownTopicId,
        ErrorCode::UnknownTopicOrPartition,
    ] {
        let mut world = without_3();
        world.fetch(2, 10);
        world.fetch(3, 10);
        world.take_actions();
        world.refuse_alter_partition(error);
        world.now = world.now + LAG_MAX + SECOND;
        world.append_and_sync(12);
        world.fetch(2, 12);
        world.tick();
        assert_eq!(world.take_actions(), [], "{error}");
        assert_eq!(world.high_watermark(), 10, "3 may be a member: {error}");
        let state = PartitionState {
            isr: ids(&[1, 2]),
            partition_epoch: PartitionEpoch::new(12),
            ..led_by(1)
        };
        world.apply(&state);
        assert_eq!(world.high_watermark(), 12, "{error}");
    }
}

#[test]
fn members_of_a_proposal_whose_first_copy_may_still_arrive_are_waited_for() {
    let mut world = without_3();
    world.fetch(2, 10);
    world.fetch(3, 10);
    world.refuse_alter_partition(ErrorCode::NetworkException);
    world.now = world.now + SECOND;
    world.tick();
    world.refuse_alter_partition(ErrorCode::IneligibleReplica);
    // Or it would be proposed again, and waited for because of that.
    world.registrations.get_mut(&id(3)).unwrap().is_isr_eligible = false;
    world.now = world.now + LAG_MAX + SECOND;
    world.append_and_sync(12);
    world.fetch(2, 12);
    world.tick();
    assert_eq!(
        world.high_watermark(),
        10,
        "the first copy may be adopted yet"
    );
    world.adopt(&[1, 2]);
    assert_eq!(world.high_watermark(), 12);
}

#[test]
fn answers_to_requests_that_are_no_longer_in_flight_are_ignored() {
    let mut world = without_3();
    world.fetch(3, 10);
    let first = world.take_proposals().remove(0);
    world.adopt(&[1, 2]);
    world.fetch(3, 10);
    world.assert_proposed(&[1, 2, 3]);
    let error = ErrorCode::IneligibleReplica;
    let now = world.now;
    world
        .partition
        .handle_alter_partition_error(&first, error, now);
    world.now = world.now + SECOND;
    world.fetch(3, 10);
    assert_eq!(world.take_proposals(), [], "the second is in flight");
    world.refuse_alter_partition(ErrorCode::NetworkException);
    world.now = world.now + SECOND;
    world.tick();
    let retried = world.take_proposals();
    assert_eq!(retried.len(), 1);
    let before = AlterPartition {
        attempt: 1,
        ..retried[0].clone()
    };
    let now = world.now;
    world
        .partition
        .handle_alter_partition_error(&before, error, now);
    world.now = world.now + SECOND;
    world.tick();
    assert_eq!(world.take_proposals(), [], "the retry is in flight");
}

#[test]
fn what_was_adopted_for_an_earlier_leadership_is_ignored() {
    let mut world = without_3();
    let altered = AlteredPartition {
        leader_epoch: epoch(4),
        partition_epoch: PartitionEpoch::new(11),
        isr: ids(&[1]),
        leader_recovery: LeaderRecovery::Recovered,
    };
    call!(world.handle_altered_partition(altered));
    assert_eq!(world.partition.isr(), Some(&ids(&[1, 2])));
}

#[test]
fn a_member_that_had_all_before_an_append_has_time_to_fetch_it() {
    let mut world = without_3();
    world.fetch(2, 10);
    // Nothing was written for long, so it was asked for no word.
    world.now = world.now + LAG_MAX + SECOND;
    world.append_and_sync(12);
    world.tick();
    assert_eq!(world.take_proposals(), []);
    world.now = world.now + LAG_MAX + SECOND;
    world.tick();
    world.assert_proposed(&[1]);
}
