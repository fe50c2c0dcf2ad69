//! Processes register, restart, replace each other, and are forgotten.

use broker_wire::messages::unregister_broker_request::UnregisterBrokerRequest;

use super::*;

#[test]
fn the_broker_epoch_is_the_offset_of_the_registration() {
    let mut world = World::new();
    let request = world.registration(1);
    let offset = world.log_end_offset;
    let decision = world.controller.register_broker(world.moment(), &request);
    assert!(matches!(
        decision.records[..],
        [MetadataRecord::RegisterBroker(_)]
    ));
    let response = world.commit(decision);
    assert_eq!(response.broker_epoch, offset.to_wire());
    let broker = world.replayed.broker(BrokerId::new(1)).unwrap();
    assert_eq!(broker.epoch.to_wire(), offset.to_wire());
    assert!(broker.is_fenced && !broker.is_in_controlled_shutdown);
    assert_eq!(broker.rack.as_deref(), Some("a"));
    assert_eq!(broker.endpoints["CLIENT"].port, 9092);
}

#[test]
fn registrations_that_cannot_be_are_refused() {
    type Edit = fn(&mut BrokerRegistrationRequest);
    let cases: [(Edit, ErrorCode); 8] = [
        (
            |it| it.cluster_id = "other".into(),
            ErrorCode::InconsistentClusterId,
        ),
        (|it| it.broker_id = -1, ErrorCode::InvalidRegistration),
        (
            |it| it.incarnation_id = [0; 16],
            ErrorCode::InvalidRegistration,
        ),
        (|it| it.log_dirs.clear(), ErrorCode::InvalidRegistration),
        (
            |it| it.log_dirs = vec![[9; 16]; 2],
            ErrorCode::InvalidRegistration,
        ),
        (
            |it| it.log_dirs = vec![[1; 16]],
            ErrorCode::InvalidRegistration,
        ),
        (|it| it.features.clear(), ErrorCode::UnsupportedVersion),
        (
            |it| it.features[0].max_supported_version = 29,
            ErrorCode::UnsupportedVersion,
        ),
    ];
    let mut world = World::with_brokers(1);
    for (case, (edit, error)) in cases.into_iter().enumerate() {
        let mut request = world.registration(2);
        edit(&mut request);
        assert_eq!(world.register(&request), error, "case {case}");
        assert_eq!(world.replayed.brokers().len(), 1);
    }
}

#[test]
fn the_same_process_is_answered_as_before() {
    let mut world = World::new();
    let request = world.registration(1);
    assert_eq!(world.register(&request), ErrorCode::None);
    let epoch = world.epoch_of(1).unwrap();
    assert!(!world.beat(1).is_fenced);
    let again = world.controller.register_broker(world.moment(), &request);
    assert!(again.records.is_empty());
    assert_eq!(world.commit(again).broker_epoch, epoch.to_wire());
    // It may say something new, and stays what it is.
    let moved = BrokerRegistrationRequest {
        rack: Some("z".into()),
        ..request
    };
    assert_eq!(world.register(&moved), ErrorCode::None);
    let broker = world.replayed.broker(BrokerId::new(1)).unwrap();
    assert!(broker.epoch == epoch && !broker.is_fenced);
    assert_eq!(broker.rack.as_deref(), Some("z"));
}

#[test]
fn a_new_process_waits_until_the_old_one_is_gone() {
    // (connection lost, probe, milliseconds later, same disk, what the new process gets)
    let cases = [
        (false, None, 0, true, ErrorCode::DuplicateBrokerRegistration),
        (
            false,
            None,
            3999,
            true,
            ErrorCode::DuplicateBrokerRegistration,
        ),
        (false, None, 4000, true, ErrorCode::None),
        (false, None, 4000, false, ErrorCode::None),
        (true, None, 0, true, ErrorCode::None),
        (true, None, 0, false, ErrorCode::DuplicateBrokerRegistration),
        (true, Some(ProbeResult::Answered), 0, true, ErrorCode::None),
        (
            true,
            Some(ProbeResult::Answered),
            1500,
            false,
            ErrorCode::DuplicateBrokerRegistration,
        ),
        (
            true,
            Some(ProbeResult::NoAnswer),
            1499,
            false,
            ErrorCode::DuplicateBrokerRegistration,
        ),
        (
            true,
            Some(ProbeResult::NoAnswer),
            1500,
            false,
            ErrorCode::None,
        ),
        (true, Some(ProbeResult::Refused), 0, false, ErrorCode::None),
    ];
    for case in cases {
        let (is_lost, probe, millis, is_same_disk, expected) = case;
        let mut world = World::with_brokers(1);
        let (broker, epoch) = (BrokerId::new(1), world.epoch_of(1).unwrap());
        if is_lost {
            assert!(world.controller.connection_lost(broker, epoch));
        }
        if let Some(probe) = probe {
            let decision = world.controller.probed(broker, epoch, probe);
            world.commit(decision);
        }
        world.pass(millis);
        let mut request = world.registration(1);
        if !is_same_disk {
            request.log_dirs = vec![[99; 16]];
        }
        assert_eq!(world.register(&request), expected, "{case:?}");
    }
}

#[test]
fn a_new_controller_lets_a_process_on_the_same_disk_replace_one_it_never_heard_of() {
    let mut world = World::with_brokers(2);
    world.fail_over();
    let request = world.registration(1);
    assert_eq!(world.register(&request), ErrorCode::None);
    // The other one has been heard of since.
    world.beat(2);
    let request = world.registration(2);
    assert_eq!(
        world.register(&request),
        ErrorCode::DuplicateBrokerRegistration
    );
}

/// What a restart does to the partition's places of broker 1 when 2 and 3 are as given.
fn restarted(world: &mut World, edit: impl Fn(&mut BrokerRegistrationRequest)) {
    let epoch = world.epoch_of(1).unwrap();
    world.controller.connection_lost(BrokerId::new(1), epoch);
    let mut request = world.registration(1);
    edit(&mut request);
    assert_eq!(world.register(&request), ErrorCode::None);
}

#[test]
fn a_restarted_leader_loses_its_leadership_in_a_new_epoch() {
    let mut world = World::with_brokers(3);
    world.create_topic("orders", 1, 3, 2);
    let before = world.partition("orders", 0);
    assert_eq!(before.leader, Some(BrokerId::new(1)));
    restarted(&mut world, |_| {});
    let after = world.partition("orders", 0);
    assert_eq!(after.leader, Some(BrokerId::new(2)));
    assert_eq!(after.leader_epoch, before.leader_epoch.next());
    assert_eq!((after.isr, after.elr), (ids(&[2, 3]), ids(&[])));
}

#[test]
fn an_intact_restart_stays_eligible_and_any_other_does_not() {
    type Edit = fn(&mut BrokerRegistrationRequest);
    let cases: [(&str, Edit, &[u32], &[u32]); 4] = [
        ("intact", |_| {}, &[1], &[]),
        ("no epoch", |it| it.previous_broker_epoch = -1, &[], &[1]),
        ("other epoch", |it| it.previous_broker_epoch -= 1, &[], &[1]),
        ("other disk", |it| it.log_dirs = vec![[99; 16]], &[], &[1]),
    ];
    for (name, edit, elr, last_known_elr) in cases {
        // Broker 1 alone is in sync, below the minimum of 2; then it restarts.
        let mut world = World::with_brokers(3);
        world.create_topic("orders", 1, 3, 2);
        world.set_isr("orders", 0, &[1, 2]);
        world.set_isr("orders", 0, &[1]);
        assert_eq!(world.partition("orders", 0).elr, ids(&[2]));
        world.kill(2);
        world.kill(1);
        assert_eq!(world.partition("orders", 0).elr, ids(&[1, 2]));
        let mut request = world.registration(1);
        edit(&mut request);
        assert_eq!(world.register(&request), ErrorCode::None);
        let partition = world.partition("orders", 0);
        let mut expected_elr = ids(elr);
        expected_elr.push(BrokerId::new(2));
        assert_eq!(partition.elr, expected_elr, "{name}");
        assert_eq!(partition.last_known_elr, ids(last_known_elr), "{name}");
        assert_eq!(partition.leader, None, "{name}");
        // Only an eligible replica leads once it is back.
        assert!(!world.beat(1).is_fenced);
        let leader = world.partition("orders", 0).leader;
        assert_eq!(leader, elr.first().map(|it| BrokerId::new(*it)), "{name}");
    }
}

#[test]
fn a_leader_that_lost_its_disk_leaves_isr_and_elr_while_it_still_counts_as_alive() {
    let mut world = World::with_brokers(1);
    world.create_topic("orders", 1, 1, 1);
    world.pass(4000);
    let mut request = world.registration(1);
    request.log_dirs = vec![[99; 16]];
    request.previous_broker_epoch = -1;
    assert_eq!(world.register(&request), ErrorCode::None);
    let partition = world.partition("orders", 0);
    assert_eq!(
        (partition.leader, partition.isr, partition.elr),
        (None, ids(&[]), ids(&[]))
    );
    assert_eq!(partition.last_known_elr, ids(&[1]));
    assert_eq!(
        partition.directories,
        [Some(DirectoryId::from_bytes([99; 16]))]
    );
    // It never leads again by itself: that would show an empty log as if nothing was lost.
    assert!(!world.beat(1).is_fenced);
    assert_eq!(world.partition("orders", 0).leader, None);
}

/// A process that went without a clean shutdown, on the disk that it had.
fn unclean(world: &mut World, id: u32) -> BrokerRegistrationRequest {
    BrokerRegistrationRequest {
        previous_broker_epoch: -1,
        ..world.registration(id)
    }
}

#[test]
fn of_page_caches_that_all_went_uncleanly_the_one_that_led_last_leads_again() {
    let mut world = World::with_brokers(3).with_durability(Durability::PageCache);
    world.create_topic("orders", 1, 3, 2);
    world.kill(3);
    world.kill(1);
    world.kill(2);
    let partition = world.partition("orders", 0);
    assert_eq!((partition.leader, &partition.isr), (None, &ids(&[])));
    assert_eq!(
        (&partition.elr, &partition.last_known_elr),
        (&ids(&[1, 2]), &ids(&[2]))
    );
    for id in [3, 1] {
        let request = unclean(&mut world, id);
        assert_eq!(world.register(&request), ErrorCode::None);
        assert!(!world.beat(id).is_fenced);
        assert_eq!(world.partition("orders", 0).leader, None, "{id} is back");
    }
    let partition = world.partition("orders", 0);
    assert_eq!(
        (&partition.elr, &partition.last_known_elr),
        (&ids(&[2]), &ids(&[2, 1]))
    );
    let request = unclean(&mut world, 2);
    assert_eq!(world.register(&request), ErrorCode::None);
    assert_eq!(world.partition("orders", 0).elr, ids(&[]));
    assert!(!world.beat(2).is_fenced);
    let partition = world.partition("orders", 0);
    assert_eq!(partition.leader, Some(BrokerId::new(2)));
    assert_eq!(partition.isr, ids(&[2]));
    // It may lack something: the others must give up what it has not.
    assert_eq!(partition.recovery, LeaderRecovery::Recovering);
}

#[test]
fn who_lost_its_disk_never_leads_by_itself_with_page_caches_either() {
    let mut world = World::with_brokers(2).with_durability(Durability::PageCache);
    world.create_topic("orders", 1, 2, 1);
    world.set_isr("orders", 0, &[1]);
    world.kill(1);
    let mut request = unclean(&mut world, 1);
    request.log_dirs = vec![[99; 16]];
    assert_eq!(world.register(&request), ErrorCode::None);
    assert!(!world.beat(1).is_fenced);
    let partition = world.partition("orders", 0);
    assert_eq!((partition.leader, partition.elr), (None, ids(&[])));
    assert_eq!(partition.last_known_elr, ids(&[]));
}

#[test]
fn nobody_is_called_back_in_place_of_the_one_that_led_last_and_lost_its_disk() {
    let mut world = World::with_brokers(3).with_durability(Durability::PageCache);
    world.create_topic("orders", 1, 3, 2);
    world.kill(3);
    world.kill(1);
    world.kill(2);
    assert_eq!(world.partition("orders", 0).last_known_elr, ids(&[2]));
    for id in [3, 1] {
        let request = unclean(&mut world, id);
        assert_eq!(world.register(&request), ErrorCode::None);
        assert!(!world.beat(id).is_fenced);
    }
    assert_eq!(world.partition("orders", 0).leader, None);
    let mut request = unclean(&mut world, 2);
    request.log_dirs = vec![[99; 16]];
    assert_eq!(world.register(&request), ErrorCode::None);
    assert!(!world.beat(2).is_fenced);
    // 1 and 3 lack what their page caches had. A person may choose one.
    let partition = world.partition("orders", 0);
    assert_eq!((partition.leader, partition.elr), (None, ids(&[])));
}

#[test]
fn all_replicas_restarting_at_once_come_back_with_nothing_lost() {
    let mut world = World::with_brokers(3);
    world.create_topic("orders", 1, 3, 2);
    world.fail_over();
    for id in 1..=3 {
        let request = world.registration(id);
        assert_eq!(world.register(&request), ErrorCode::None);
    }
    // The first one left an ISR that was at its minimum without it, so it may lack something.
    let partition = world.partition("orders", 0);
    assert_eq!((partition.leader, &partition.isr), (None, &ids(&[])));
    assert_eq!(partition.elr, ids(&[2, 3]));
    world.beat(1);
    assert_eq!(world.partition("orders", 0).leader, None);
    world.beat(3);
    let partition = world.partition("orders", 0);
    assert_eq!(partition.leader, Some(BrokerId::new(3)));
    assert_eq!((partition.isr, partition.elr), (ids(&[3]), ids(&[2])));
}

#[test]
fn a_process_that_dies_before_it_notes_its_epoch_is_still_intact() {
    for is_unfenced in [false, true] {
        let mut world = World::with_brokers(2);
        world.create_topic("orders", 1, 2, 2);
        world.kill(2);
        world.kill(1);
        let first = world.registration(1);
        let restart = |world: &mut World| {
            let mut request = world.registration(1);
            request.previous_broker_epoch = first.previous_broker_epoch;
            let epoch = world.epoch_of(1).unwrap();
            world.controller.connection_lost(BrokerId::new(1), epoch);
            assert_eq!(world.register(&request), ErrorCode::None);
        };
        restart(&mut world);
        restart(&mut world);
        assert_eq!(world.partition("orders", 0).elr, ids(&[1, 2]));
        if is_unfenced {
            // From here on it acts under its new epoch, and must know it.
            world.beat(1);
        }
        restart(&mut world);
        let partition = world.partition("orders", 0);
        let expected: (&[u32], &[u32]) = if is_unfenced {
            (&[2], &[1])
        } else {
            (&[1, 2], &[])
        };
        let found = (partition.elr, partition.last_known_elr);
        assert_eq!(
            found,
            (ids(expected.0), ids(expected.1)),
            "unfenced: {is_unfenced}"
        );
    }
}

#[test]
fn an_unregistered_broker_leads_nothing_and_its_epoch_is_stale() {
    let mut world = World::with_brokers(3);
    world.create_topic("orders", 1, 3, 2);
    let heartbeat = world.heartbeat_of(1);
    let request = UnregisterBrokerRequest {
        broker_id: 1,
        ..UnregisterBrokerRequest::default()
    };
    let decision = world.controller.unregister_broker(&request);
    assert_eq!(world.commit(decision).error_code, 0);
    assert!(world.replayed.broker(BrokerId::new(1)).is_none());
    assert_eq!(world.partition("orders", 0).isr, ids(&[2, 3]));
    assert_eq!(
        code(world.heartbeat(&heartbeat).error_code),
        ErrorCode::StaleBrokerEpoch
    );
    let decision = world.controller.unregister_broker(&request);
    let error = world.commit(decision).error_code;
    assert_eq!(code(error), ErrorCode::BrokerIdNotRegistered);
}
