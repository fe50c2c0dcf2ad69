//! Brokers are heard of, fall silent, shut down, and leaders follow.

use super::*;

fn active(world: &World, id: u32) -> bool {
    world
        .replayed
        .broker(BrokerId::new(id))
        .unwrap()
        .is_active()
}

#[test]
fn a_broker_is_unfenced_once_it_has_applied_its_registration() {
    let mut world = World::new();
    let request = world.registration(1);
    world.register(&request);
    let epoch = world.epoch_of(1).unwrap();
    for (offset, is_caught_up) in [(-1, false), (9, false), (10, true)] {
        assert_eq!(epoch.to_wire(), 10);
        let request = BrokerHeartbeatRequest {
            current_metadata_offset: offset,
            ..world.heartbeat_of(1)
        };
        let response = world.heartbeat(&request);
        assert_eq!(response.is_caught_up, is_caught_up, "{offset}");
        assert_eq!(response.is_fenced, !is_caught_up, "{offset}");
    }
}

#[test]
fn a_broker_that_wants_to_stay_fenced_does() {
    let mut world = World::new();
    let request = world.registration(1);
    world.register(&request);
    let request = BrokerHeartbeatRequest {
        want_fence: true,
        ..world.heartbeat_of(1)
    };
    assert!(world.heartbeat(&request).is_fenced);
    assert!(!world.beat(1).is_fenced);
    assert!(world.heartbeat(&request).is_fenced);
    assert!(!active(&world, 1));
}

#[test]
fn heartbeats_under_another_epoch_are_refused_and_keep_nobody_alive() {
    let mut world = World::with_brokers(1);
    world.pass(3000);
    for request in [
        BrokerHeartbeatRequest {
            broker_epoch: world.epoch_of(1).unwrap().to_wire() + 1,
            ..world.heartbeat_of(1)
        },
        BrokerHeartbeatRequest {
            broker_id: 9,
            ..world.heartbeat_of(1)
        },
    ] {
        assert_eq!(
            code(world.heartbeat(&request).error_code),
            ErrorCode::StaleBrokerEpoch
        );
    }
    world.pass(1000);
    let decision = world.controller.expire_sessions(world.now);
    world.commit(decision);
    assert!(!active(&world, 1));
}

#[test]
fn silence_fences_after_the_session_timeout() {
    let mut world = World::with_brokers(3);
    world.create_topic("orders", 3, 3, 2);
    world.pass(3999);
    world.beat(2);
    world.beat(3);
    assert_eq!(
        world.controller.next_deadline(),
        world.now + Duration::from_millis(1)
    );
    let decision = world.controller.expire_sessions(world.now);
    assert!(decision.records.is_empty());
    world.commit(decision);
    world.pass(1);
    let decision = world.controller.expire_sessions(world.now);
    world.commit(decision);
    assert!(!active(&world, 1) && active(&world, 2) && active(&world, 3));
    for index in 0..3 {
        let partition = world.partition("orders", index);
        assert!(!partition.isr.contains(&BrokerId::new(1)), "{partition:?}");
        assert!(partition.leader.is_some());
    }
}

#[test]
fn a_new_controller_grants_full_sessions() {
    let mut world = World::with_brokers(2);
    world.pass(3999);
    world.fail_over();
    world.pass(3999);
    let decision = world.controller.expire_sessions(world.now);
    world.commit(decision);
    assert!(active(&world, 1) && active(&world, 2));
    world.beat(1);
    world.pass(1);
    let decision = world.controller.expire_sessions(world.now);
    world.commit(decision);
    assert!(active(&world, 1) && !active(&world, 2));
}

#[test]
fn probes_fence_at_once_or_shorten_the_session_or_change_nothing() {
    // (result, a heartbeat comes first, fenced at once, fenced after 1.5 s, after 4 s)
    let cases = [
        (ProbeResult::Refused, false, true, true, true),
        (ProbeResult::Refused, true, false, false, true),
        (ProbeResult::NoAnswer, false, false, true, true),
        (ProbeResult::NoAnswer, true, false, false, true),
        (ProbeResult::Answered, false, false, false, true),
    ];
    for case in cases {
        let (result, is_beating, at_once, soon, in_the_end) = case;
        let mut world = World::with_brokers(1);
        let (broker, epoch) = (BrokerId::new(1), world.epoch_of(1).unwrap());
        assert!(world.controller.connection_lost(broker, epoch));
        assert!(
            !world.controller.connection_lost(broker, epoch),
            "one probe at a time"
        );
        if is_beating {
            world.beat(1);
        }
        let decision = world.controller.probed(broker, epoch, result);
        world.commit(decision);
        assert_eq!(!active(&world, 1), at_once, "{case:?}");
        for (millis, is_fenced) in [(1500, soon), (2500, in_the_end)] {
            world.pass(millis);
            let decision = world.controller.expire_sessions(world.now);
            world.commit(decision);
            assert_eq!(!active(&world, 1), is_fenced, "{case:?} after {millis}");
        }
    }
}

#[test]
fn a_new_controller_asks_after_all_who_are_not_fenced() {
    let mut world = World::with_brokers(4);
    world.kill(4);
    world.fail_over();
    let of = |id| (BrokerId::new(id), world.epoch_of(id).unwrap());
    let all = [of(1), of(2), of(3)];
    assert_eq!(world.controller.to_dial(), all);
    // One has found the controller before it was dialled, one went with the controller before.
    world.beat(1);
    assert_eq!(world.controller.to_dial(), all[1..]);
    let results = [
        ProbeResult::Refused,
        ProbeResult::Refused,
        ProbeResult::Answered,
    ];
    for ((broker, epoch), result) in all.into_iter().zip(results) {
        let decision = world.controller.probed(broker, epoch, result);
        world.commit(decision);
    }
    assert_eq!([1, 2, 3].map(|it| active(&world, it)), [true, false, true]);
}

#[test]
fn a_probe_of_an_earlier_process_says_nothing_of_the_present_one() {
    let mut world = World::with_brokers(1);
    let (broker, old) = (BrokerId::new(1), world.epoch_of(1).unwrap());
    world.controller.connection_lost(broker, old);
    world.start(1);
    assert!(!world.controller.connection_lost(broker, old));
    let decision = world.controller.probed(broker, old, ProbeResult::Refused);
    world.commit(decision);
    assert!(active(&world, 1));
}

#[test]
fn elections_follow_the_order_of_the_replicas_then_the_eligible_ones() {
    let mut world = World::with_brokers(3);
    world.create_topic("orders", 1, 3, 2);
    let state = |world: &World| {
        let it = world.partition("orders", 0);
        let values = |ids: &[BrokerId]| ids.iter().map(|it| it.value()).collect::<Vec<_>>();
        (
            it.leader.map(|it| it.value()),
            values(&it.isr),
            values(&it.elr),
        )
    };
    assert_eq!(state(&world), (Some(1), vec![1, 2, 3], vec![]));
    world.kill(1);
    assert_eq!(state(&world), (Some(2), vec![2, 3], vec![]));
    world.kill(2);
    assert_eq!(state(&world), (Some(3), vec![3], vec![2]));
    world.kill(3);
    assert_eq!(state(&world), (None, vec![], vec![2, 3]));
    // Broker 1 left while the ISR was at its minimum: others went on without it.
    world.start(1);
    assert_eq!(state(&world), (None, vec![], vec![2, 3]));
    world.start(3);
    assert_eq!(state(&world), (Some(3), vec![3], vec![2]));
    // At the minimum again, nobody is eligible beside the ISR.
    world.set_isr("orders", 0, &[3, 1]);
    assert_eq!(state(&world), (Some(3), vec![3, 1], vec![]));
}

#[test]
fn an_unclean_election_happens_only_where_it_is_allowed() {
    for is_allowed in [false, true] {
        let mut world = World::with_brokers(3);
        world.create_topic("orders", 1, 3, 2);
        if is_allowed {
            let key = "unclean.leader.election.enable";
            world.set_config(2, "orders", key, Some("true"));
        }
        world.set_isr("orders", 0, &[1, 2]);
        world.kill(2);
        world.kill(1);
        let partition = world.partition("orders", 0);
        if is_allowed {
            assert_eq!(partition.leader, Some(BrokerId::new(3)));
            assert_eq!(partition.isr, ids(&[3]));
            assert_eq!(partition.recovery, LeaderRecovery::Recovering);
        } else {
            assert_eq!((partition.leader, partition.isr), (None, ids(&[])));
            assert_eq!(partition.recovery, LeaderRecovery::Recovered);
        }
        assert_eq!(partition.elr, ids(&[1, 2]));
    }
}

#[test]
fn the_last_known_eligible_are_the_first_choice_of_an_unclean_election() {
    let mut world = World::with_brokers(3);
    world.create_topic("orders", 1, 3, 2);
    world.set_isr("orders", 0, &[1, 3]);
    world.kill(1);
    world.kill(3);
    assert_eq!(world.partition("orders", 0).elr, ids(&[1, 3]));
    // Both come back without what they had.
    for id in [1, 3] {
        let mut request = world.registration(id);
        request.previous_broker_epoch = -1;
        world.register(&request);
    }
    let partition = world.partition("orders", 0);
    assert_eq!(
        (partition.elr, partition.last_known_elr),
        (ids(&[]), ids(&[1, 3]))
    );
    world.beat(3);
    world.set_config(4, "", "unclean.leader.election.enable", Some("true"));
    let partition = world.partition("orders", 0);
    // Broker 2 is active too, and comes earlier in the replicas.
    assert!(active(&world, 2));
    assert_eq!(partition.leader, Some(BrokerId::new(3)));
    assert_eq!(partition.last_known_elr, ids(&[1]));
}

#[test]
fn a_controlled_shutdown_moves_leaderships_and_waits_until_all_know() {
    let mut world = World::with_brokers(3);
    world.create_topic("orders", 3, 3, 2);
    // The others have applied all but what the shutdown itself writes.
    world.beat(2);
    world.beat(3);
    let response = world.ask_to_shut_down(1);
    assert!(!response.should_shut_down && !response.is_fenced);
    for index in 0..3 {
        let partition = world.partition("orders", index);
        assert_ne!(partition.leader, Some(BrokerId::new(1)));
        assert!(!partition.isr.contains(&BrokerId::new(1)));
    }
    assert!(!world.ask_to_shut_down(1).should_shut_down);
    world.beat(2);
    assert!(!world.ask_to_shut_down(1).should_shut_down);
    world.beat(3);
    let response = world.ask_to_shut_down(1);
    assert!(response.should_shut_down && response.is_fenced);
    assert!(world.replayed.broker(BrokerId::new(1)).unwrap().is_fenced);
    // Asked again, for the answer was lost.
    assert!(world.ask_to_shut_down(1).should_shut_down);
    // The next process need not wait.
    world.start(1);
    assert!(active(&world, 1));
}

#[test]
fn a_shutdown_that_another_controller_began_ends_all_the_same() {
    let mut world = World::with_brokers(2);
    world.create_topic("orders", 2, 2, 1);
    assert!(!world.ask_to_shut_down(1).should_shut_down);
    world.fail_over();
    assert!(!world.ask_to_shut_down(1).should_shut_down);
    world.beat(2);
    assert!(world.ask_to_shut_down(1).should_shut_down);
}

#[test]
fn a_broker_that_leads_nothing_may_go_at_once() {
    let mut world = World::with_brokers(2);
    let response = world.ask_to_shut_down(2);
    assert!(response.should_shut_down && response.is_fenced);
    // Nor does a fenced one wait.
    let request = world.registration(2);
    world.register(&request);
    assert!(world.ask_to_shut_down(2).should_shut_down);
}

#[test]
fn a_broker_shutting_down_below_the_minimum_stays_eligible() {
    let mut world = World::with_brokers(2);
    world.create_topic("orders", 1, 2, 2);
    world.ask_to_shut_down(1);
    let partition = world.partition("orders", 0);
    assert_eq!(partition.leader, Some(BrokerId::new(2)));
    assert_eq!((partition.isr, partition.elr), (ids(&[2]), ids(&[1])));
}

#[test]
fn cordoned_directories_are_noted_once() {
    let mut world = World::with_brokers(2);
    let request = BrokerHeartbeatRequest {
        cordoned_log_dirs: Some(vec![[1; 16], [42; 16]]),
        ..world.heartbeat_of(1)
    };
    world.heartbeat(&request);
    assert!(
        world
            .replayed
            .broker(BrokerId::new(1))
            .unwrap()
            .is_cordoned()
    );
    let again = world.controller.heartbeat(world.moment(), &request);
    assert!(again.records.is_empty(), "{:?}", again.records);
    // New replicas go elsewhere.
    world.create_topic("orders", 4, 1, 1);
    for index in 0..4 {
        assert_eq!(world.partition("orders", index).replicas, ids(&[2]));
    }
    let request = BrokerHeartbeatRequest {
        cordoned_log_dirs: Some(Vec::new()),
        ..world.heartbeat_of(1)
    };
    world.heartbeat(&request);
    assert!(
        !world
            .replayed
            .broker(BrokerId::new(1))
            .unwrap()
            .is_cordoned()
    );
}
