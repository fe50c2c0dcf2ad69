//! A leader asks for another ISR: what it gets, and why it may be refused.

use broker_wire::messages::unregister_broker_request::UnregisterBrokerRequest;

use super::*;

#[test]
fn a_leader_shrinks_and_expands_its_isr() {
    let mut world = World::with_brokers(3);
    world.create_topic("orders", 1, 3, 2);
    let request = world.isr_request(world.place("orders", 0), &ids(&[1, 2]));
    let decision = world.controller.alter_partition(&request);
    let response = world.commit(decision);
    let partition = &response.topics[0].partitions[0];
    assert_eq!(partition.error_code, 0);
    assert_eq!((partition.leader_id, partition.leader_epoch), (1, 0));
    assert_eq!(
        (&partition.isr, partition.partition_epoch),
        (&vec![1, 2], 1)
    );
    // Under the minimum, those who leave stay eligible; back at it, they are not any more.
    world.set_isr("orders", 0, &[1]);
    assert_eq!(world.partition("orders", 0).elr, ids(&[2]));
    world.set_isr("orders", 0, &[1, 3]);
    assert_eq!(world.partition("orders", 0).elr, ids(&[]));
    assert_eq!(world.partition("orders", 0).leader_epoch.value(), 0);
}

#[test]
fn asking_for_what_is_already_so_succeeds_and_writes_nothing() {
    let mut world = World::with_brokers(2);
    world.create_topic("orders", 1, 2, 1);
    let request = world.isr_request(world.place("orders", 0), &ids(&[1, 2]));
    let decision = world.controller.alter_partition(&request);
    assert!(decision.records.is_empty());
    assert_eq!(world.commit(decision).topics[0].partitions[0].error_code, 0);
}

#[test]
fn the_minimum_is_never_above_the_number_of_replicas() {
    let mut world = World::with_brokers(2);
    world.create_topic("orders", 1, 2, 3);
    world.set_isr("orders", 0, &[1]);
    assert_eq!(world.partition("orders", 0).elr, ids(&[2]));
    world.set_isr("orders", 0, &[1, 2]);
    assert_eq!(world.partition("orders", 0).elr, ids(&[]));
}

#[test]
fn requests_that_are_out_of_date_or_wrong_are_refused() {
    type Edit = fn(&mut alter::AlterPartitionRequest);
    fn data(request: &mut alter::AlterPartitionRequest) -> &mut alter::PartitionData {
        &mut request.topics[0].partitions[0]
    }
    let cases: [(&str, Edit, ErrorCode); 16] = [
        (
            "broker epoch",
            |it| it.broker_epoch += 1,
            ErrorCode::StaleBrokerEpoch,
        ),
        ("broker", |it| it.broker_id = 9, ErrorCode::StaleBrokerEpoch),
        (
            "topic",
            |it| it.topics[0].topic_id = [3; 16],
            ErrorCode::UnknownTopicId,
        ),
        (
            "partition",
            |it| data(it).partition_index = 1,
            ErrorCode::UnknownTopicOrPartition,
        ),
        (
            "older leader epoch",
            |it| data(it).leader_epoch -= 1,
            ErrorCode::FencedLeaderEpoch,
        ),
        (
            "newer leader epoch",
            |it| data(it).leader_epoch += 1,
            ErrorCode::NotController,
        ),
        (
            "older partition epoch",
            |it| data(it).partition_epoch -= 1,
            ErrorCode::InvalidUpdateVersion,
        ),
        (
            "newer partition epoch",
            |it| data(it).partition_epoch += 1,
            ErrorCode::NotController,
        ),
        (
            "member's older epoch",
            |it| data(it).new_isr_with_epochs[1].broker_epoch -= 1,
            ErrorCode::IneligibleReplica,
        ),
        (
            "member without epoch",
            |it| data(it).new_isr_with_epochs[1].broker_epoch = -1,
            ErrorCode::IneligibleReplica,
        ),
        (
            "unknown member",
            |it| data(it).new_isr_with_epochs[1].broker_id = 9,
            ErrorCode::InvalidRequest,
        ),
        (
            "negative member",
            |it| data(it).new_isr_with_epochs[1].broker_id = -1,
            ErrorCode::InvalidRequest,
        ),
        (
            "member twice",
            |it| {
                let first = data(it).new_isr_with_epochs[0].clone();
                data(it).new_isr_with_epochs.push(first);
            },
            ErrorCode::InvalidRequest,
        ),
        (
            "without the leader",
            |it| {
                data(it).new_isr_with_epochs.remove(0);
            },
            ErrorCode::InvalidRequest,
        ),
        (
            "without epochs at all",
            |it| {
                data(it).new_isr_with_epochs.clear();
                data(it).new_isr = vec![2, 3];
            },
            ErrorCode::InvalidRequest,
        ),
        (
            "recovering again",
            |it| data(it).leader_recovery_state = 1,
            ErrorCode::InvalidRequest,
        ),
    ];
    let mut world = World::with_brokers(3);
    world.create_topic("orders", 1, 3, 2);
    // Leader 2, in epoch 1.
    world.kill(1);
    let before = world.partition("orders", 0);
    for (name, edit, error) in cases {
        let mut request = world.isr_request(world.place("orders", 0), &ids(&[2, 3]));
        edit(&mut request);
        assert_eq!(world.alter(&request), error, "{name}");
        assert_eq!(world.partition("orders", 0), before, "{name}");
    }
}

#[test]
fn only_active_brokers_join_an_isr() {
    let mut world = World::with_brokers(4);
    world.create_topic("orders", 1, 3, 2);
    let place = world.place("orders", 0);
    let others: Vec<BrokerId> = world.partition("orders", 0).replicas[1..].to_vec();
    let (leader, follower) = (world.partition("orders", 0).replicas[0], others[0]);
    // Fenced.
    world.kill(follower.value());
    let request = world.isr_request(place, &[leader, follower]);
    assert_eq!(world.alter(&request), ErrorCode::IneligibleReplica);
    // Registered again, and not yet caught up: still fenced, whatever epoch is stated.
    let registration = world.registration(follower.value());
    world.register(&registration);
    let request = world.isr_request(place, &[leader, follower]);
    assert_eq!(world.alter(&request), ErrorCode::IneligibleReplica);
    world.beat(follower.value());
    let request = world.isr_request(place, &[leader, follower]);
    assert_eq!(world.alter(&request), ErrorCode::None);
    // Shutting down.
    world.create_topic("other", 8, 1, 1);
    world.ask_to_shut_down(follower.value());
    assert!(!world.replayed.broker(follower).unwrap().is_fenced);
    let request = world.isr_request(place, &[leader, follower]);
    assert_eq!(world.alter(&request), ErrorCode::IneligibleReplica);
    // Unregistered.
    let request = UnregisterBrokerRequest {
        broker_id: follower.to_wire(),
        ..UnregisterBrokerRequest::default()
    };
    let decision = world.controller.unregister_broker(&request);
    world.commit(decision);
    let request = world.isr_request(place, &[leader, follower]);
    assert_eq!(world.alter(&request), ErrorCode::IneligibleReplica);
    // Not a replica.
    let replicas = world.partition("orders", 0).replicas;
    let stranger = (1..=4)
        .map(BrokerId::new)
        .find(|it| !replicas.contains(it))
        .unwrap();
    let request = world.isr_request(place, &[leader, stranger]);
    assert_eq!(world.alter(&request), ErrorCode::InvalidRequest);
}

#[test]
fn a_follower_that_restarted_since_is_not_let_in_by_its_old_epoch() {
    let mut world = World::with_brokers(3);
    world.create_topic("orders", 1, 3, 2);
    world.set_isr("orders", 0, &[1, 2]);
    let request = world.isr_request(world.place("orders", 0), &ids(&[1, 2, 3]));
    world.kill(3);
    world.start(3);
    assert_eq!(world.alter(&request), ErrorCode::IneligibleReplica);
}

#[test]
fn a_replaced_leader_is_told_by_its_epoch() {
    let mut world = World::with_brokers(3);
    world.create_topic("orders", 1, 3, 2);
    let late = world.isr_request(world.place("orders", 0), &ids(&[1]));
    world.kill(1);
    assert_eq!(world.alter(&late), ErrorCode::FencedLeaderEpoch);
    assert_eq!(world.partition("orders", 0).isr, ids(&[2, 3]));
}

#[test]
fn an_unclean_leader_recovers_before_others_join() {
    let mut world = World::with_brokers(3);
    world.create_topic("orders", 1, 3, 2);
    world.set_config(2, "orders", "unclean.leader.election.enable", Some("true"));
    world.set_isr("orders", 0, &[1, 2]);
    world.kill(2);
    world.kill(1);
    world.start(2);
    let place = world.place("orders", 0);
    let with_state = |world: &World, isr: &[u32], state| {
        let mut request = world.isr_request(place, &ids(isr));
        request.topics[0].partitions[0].leader_recovery_state = state;
        request
    };
    let request = with_state(&world, &[3, 2], 1);
    assert_eq!(world.alter(&request), ErrorCode::InvalidRequest);
    let request = with_state(&world, &[3], 2);
    assert_eq!(world.alter(&request), ErrorCode::InvalidRequest);
    let request = with_state(&world, &[3], 0);
    assert_eq!(world.alter(&request), ErrorCode::None);
    assert_eq!(
        world.partition("orders", 0).recovery,
        LeaderRecovery::Recovered
    );
    world.set_isr("orders", 0, &[3, 2]);
}

/// A request in which `sender` says that it has lost what it had.
fn own_loss(world: &World, sender: u32, topic: &str) -> alter::AlterPartitionRequest {
    let place = world.place(topic, 0);
    let partition = world.replayed.partition(place).unwrap();
    let broker = world.replayed.broker(BrokerId::new(sender)).unwrap();
    let mut data = alter::PartitionData {
        partition_index: 0,
        partition_epoch: partition.partition_epoch.to_wire(),
        ..alter::PartitionData::default()
    };
    data.set_lost_replicas(&[i32::try_from(sender).unwrap()]);
    alter::AlterPartitionRequest {
        broker_id: broker.id.to_wire(),
        broker_epoch: broker.epoch.to_wire(),
        topics: vec![alter::TopicData {
            topic_id: place.topic_id.to_bytes(),
            partitions: vec![data],
            ..alter::TopicData::default()
        }],
        ..alter::AlterPartitionRequest::default()
    }
}

#[test]
fn a_follower_that_lost_something_is_not_eligible_either() {
    for (lost, elr, last_known_elr) in [(&[][..], &[2][..], &[][..]), (&[2], &[], &[2])] {
        let mut world = World::with_brokers(3);
        world.create_topic("orders", 1, 3, 2);
        world.set_isr("orders", 0, &[1, 2]);
        let mut request = world.isr_request(world.place("orders", 0), &ids(&[1]));
        request.topics[0].partitions[0].set_lost_replicas(lost);
        assert_eq!(world.alter(&request), ErrorCode::None);
        let partition = world.partition("orders", 0);
        assert_eq!(partition.isr, ids(&[1]));
        assert_eq!(partition.elr, ids(elr));
        assert_eq!(partition.last_known_elr, ids(last_known_elr));
    }
}

#[test]
fn a_replica_that_finds_its_log_missing_leaves_isr_and_elr_by_its_own_word() {
    let mut world = World::with_brokers(3);
    world.create_topic("orders", 1, 3, 2);
    // The leader itself: another one takes over, and it is in none of the sets.
    assert_eq!(world.alter(&own_loss(&world, 1, "orders")), ErrorCode::None);
    let partition = world.partition("orders", 0);
    assert_eq!(partition.leader, Some(BrokerId::new(2)));
    assert_eq!((partition.isr, partition.elr), (ids(&[2, 3]), ids(&[])));
    // Below the minimum it is no choice for a clean election.
    world.set_isr("orders", 0, &[2]);
    assert_eq!(world.partition("orders", 0).elr, ids(&[3]));
    assert_eq!(world.alter(&own_loss(&world, 3, "orders")), ErrorCode::None);
    assert_eq!(world.alter(&own_loss(&world, 2, "orders")), ErrorCode::None);
    let partition = world.partition("orders", 0);
    assert_eq!(
        (partition.leader, partition.isr, partition.elr),
        (None, ids(&[]), ids(&[]))
    );
    assert_eq!(partition.last_known_elr, ids(&[2, 3]));
}

#[test]
fn what_a_replica_stated_before_its_loss_counts_no_more() {
    let mut world = World::with_brokers(3);
    world.create_topic("orders", 1, 3, 1);
    world.set_isr("orders", 0, &[1, 2]);
    // In the ISR, about to join it, and once more because the answer was lost.
    for lossy in [2, 3, 3] {
        let before = world.partition("orders", 0);
        let stale = world.isr_request(world.place("orders", 0), &ids(&[1, 2, 3]));
        assert_eq!(
            world.alter(&own_loss(&world, lossy, "orders")),
            ErrorCode::None
        );
        let after = world.partition("orders", 0);
        assert_eq!(after.leader, before.leader);
        assert!(before.leader_epoch < after.leader_epoch);
        assert!(before.partition_epoch < after.partition_epoch);
        assert_eq!(world.alter(&stale), ErrorCode::FencedLeaderEpoch);
    }
    assert_eq!(world.partition("orders", 0).isr, ids(&[1]));
}

#[test]
fn only_the_replica_itself_or_the_leader_can_say_that_it_lost_something() {
    let mut world = World::with_brokers(4);
    world.create_topic("orders", 1, 3, 2);
    let before = world.partition("orders", 0);
    let mut of_another = own_loss(&world, 3, "orders");
    of_another.topics[0].partitions[0].set_lost_replicas(&[2]);
    assert_eq!(world.alter(&of_another), ErrorCode::InvalidRequest);
    let mut outdated = own_loss(&world, 3, "orders");
    outdated.topics[0].partitions[0].partition_epoch -= 1;
    assert_eq!(world.alter(&outdated), ErrorCode::InvalidUpdateVersion);
    let mut no_replica = own_loss(&world, 4, "orders");
    assert_eq!(world.alter(&no_replica), ErrorCode::InvalidRequest);
    no_replica.topics[0].partitions[0].set_lost_replicas(&[-1]);
    assert_eq!(world.alter(&no_replica), ErrorCode::InvalidRequest);
    let mut in_the_isr = world.isr_request(world.place("orders", 0), &ids(&[1, 2]));
    in_the_isr.topics[0].partitions[0].set_lost_replicas(&[2]);
    assert_eq!(world.alter(&in_the_isr), ErrorCode::InvalidRequest);
    assert_eq!(world.partition("orders", 0), before);
}
