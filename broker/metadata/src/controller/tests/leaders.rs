//! Leaderships are moved by request and by themselves.

use broker_wire::messages::elect_leaders_request::{ElectLeadersRequest, TopicPartitions};

use super::*;

const PREFERRED: i8 = 0;
const UNCLEAN: i8 = 1;

#[track_caller]
fn elect(world: &mut World, kind: i8, partitions: Option<&[(&str, i32)]>) -> Vec<(i32, ErrorCode)> {
    let topic = |it: &(&str, i32)| TopicPartitions {
        topic: it.0.into(),
        partitions: vec![it.1],
        ..TopicPartitions::default()
    };
    let request = ElectLeadersRequest {
        election_type: kind,
        topic_partitions: partitions.map(|it| it.iter().map(topic).collect()),
        ..ElectLeadersRequest::default()
    };
    let decision = world.controller.elect_leaders(&request);
    let response = world.commit(decision);
    if response.error_code != 0 {
        return vec![(-1, code(response.error_code))];
    }
    let results = response.replica_election_results;
    let results = results.iter().flat_map(|it| &it.partition_result);
    results
        .map(|it| (it.partition_id, code(it.error_code)))
        .collect()
}

impl World {
    /// Balances leaderships as soon as it is due again.
    pub(super) fn balance(&mut self, moves_max: usize) -> Decision<()> {
        self.pass(300_000);
        self.controller.balance_leaders(self.now, moves_max)
    }
}

/// Three partitions; broker 1 was away and follows again everywhere but in partition 2.
fn unbalanced() -> World {
    let mut world = World::with_brokers(3);
    world.create_topic("orders", 3, 3, 2);
    let before = world.partition("orders", 0).replicas;
    world.kill(1);
    world.start(1);
    for index in 0..2 {
        let mut isr = world.partition("orders", index).isr;
        isr.push(BrokerId::new(1));
        let request = world.isr_request(world.place("orders", index), &isr);
        assert_eq!(world.alter(&request), ErrorCode::None);
    }
    assert_eq!(before[0], BrokerId::new(1));
    world
}

#[test]
fn preferred_leaders_are_elected_when_they_can_lead() {
    let mut world = unbalanced();
    let asked = [
        ("orders", 0),
        ("orders", 1),
        ("orders", 9),
        ("orders", -1),
        ("none", 0),
    ];
    let unknown = ErrorCode::UnknownTopicOrPartition;
    assert_eq!(
        elect(&mut world, PREFERRED, Some(&asked)),
        [
            (0, ErrorCode::None),
            (1, ErrorCode::ElectionNotNeeded),
            (9, unknown),
            (-1, unknown),
            (0, unknown)
        ]
    );
    assert_eq!(world.partition("orders", 0).leader, Some(BrokerId::new(1)));
    world.kill(1);
    let asked = [("orders", 0)];
    assert_eq!(
        elect(&mut world, PREFERRED, Some(&asked)),
        [(0, ErrorCode::PreferredLeaderNotAvailable)]
    );
    assert_eq!(
        elect(&mut world, 2, None),
        [(-1, ErrorCode::InvalidRequest)]
    );
}

#[test]
fn asked_for_all_only_those_are_answered_that_needed_it() {
    let mut world = unbalanced();
    assert_eq!(elect(&mut world, PREFERRED, None), [(0, ErrorCode::None)]);
    assert_eq!(elect(&mut world, PREFERRED, None), []);
}

#[test]
fn an_administrator_may_elect_uncleanly_where_nobody_leads() {
    let mut world = World::with_brokers(2);
    world.create_topic("orders", 1, 2, 2);
    world.set_isr("orders", 0, &[1]);
    let asked = [("orders", 0)];
    assert_eq!(
        elect(&mut world, UNCLEAN, Some(&asked)),
        [(0, ErrorCode::ElectionNotNeeded)]
    );
    world.kill(2);
    world.kill(1);
    assert_eq!(
        elect(&mut world, UNCLEAN, Some(&asked)),
        [(0, ErrorCode::EligibleLeadersNotAvailable)]
    );
    let mut request = world.registration(2);
    request.previous_broker_epoch = -1;
    world.register(&request);
    world.beat(2);
    assert_eq!(world.partition("orders", 0).leader, None);
    assert_eq!(
        elect(&mut world, UNCLEAN, Some(&asked)),
        [(0, ErrorCode::None)]
    );
    let partition = world.partition("orders", 0);
    assert_eq!(partition.leader, Some(BrokerId::new(2)));
    assert_eq!(partition.recovery, LeaderRecovery::Recovering);
}

#[test]
fn leaderships_go_back_a_few_at_a_time_and_only_to_complete_partitions() {
    let mut world = World::with_brokers(3);
    world.create_topic("orders", 9, 3, 2);
    world.kill(1);
    world.start(1);
    let away = |world: &World| {
        let is_away = |it: &u32| {
            let it = world.partition("orders", *it);
            it.leader != it.preferred_leader()
        };
        (0..9).filter(is_away).count()
    };
    assert_eq!(away(&world), 3);
    // Broker 1 is in no ISR yet: nothing moves.
    let decision = world.balance(10);
    assert!(decision.records.is_empty());
    for index in 0..9 {
        let mut isr = world.partition("orders", index).isr;
        isr.push(BrokerId::new(1));
        let request = world.isr_request(world.place("orders", index), &isr);
        world.alter(&request);
    }
    for (moves_max, left) in [(0, 3), (1, 2), (10, 0), (10, 0)] {
        let decision = world.balance(moves_max);
        world.commit(decision);
        assert_eq!(away(&world), left);
    }
}

#[test]
fn an_incomplete_partition_keeps_its_leader() {
    let mut world = World::with_brokers(3);
    world.create_topic("orders", 1, 3, 2);
    world.kill(1);
    world.start(1);
    world.kill(3);
    world.set_isr("orders", 0, &[2, 1]);
    let decision = world.balance(10);
    assert!(decision.records.is_empty());
    world.start(3);
    world.set_isr("orders", 0, &[2, 1, 3]);
    let decision = world.balance(10);
    world.commit(decision);
    assert_eq!(world.partition("orders", 0).leader, Some(BrokerId::new(1)));
}

#[test]
fn balancing_can_be_switched_off() {
    let mut world = unbalanced();
    world.set_config(4, "", "auto.leader.rebalance.enable", Some("false"));
    let decision = world.balance(10);
    assert!(decision.records.is_empty());
    world.set_config(4, "", "auto.leader.rebalance.enable", None);
    let decision = world.balance(10);
    assert_eq!(decision.records.len(), 1);
    world.commit(decision);
}

#[test]
fn leaderships_are_balanced_once_in_an_interval_and_sooner_when_more_are_left() {
    let mut world = World::with_brokers(3);
    world.create_topic("orders", 9, 3, 2);
    world.kill(1);
    world.start(1);
    for index in 0..9 {
        let mut isr = world.partition("orders", index).isr;
        isr.push(BrokerId::new(1));
        let request = world.isr_request(world.place("orders", index), &isr);
        world.alter(&request);
    }
    let mut due_after = |millis: u64, expected: usize| {
        world.pass(millis);
        let decision = world.controller.balance_leaders(world.now, 2);
        assert_eq!(decision.records.len(), expected, "after {millis} ms");
        world.commit(decision);
    };
    // Three leaderships are away, and two are moved at a time.
    due_after(299_999, 0);
    due_after(1, 2);
    due_after(9_999, 0);
    due_after(1, 1);
    let key = "leader.imbalance.check.interval.seconds";
    world.set_config(4, "", key, Some("60"));
    let due = world.now + Duration::from_secs(60);
    assert_eq!(world.controller.balance_due(), due);
    assert!(world.controller.next_deadline() <= due);
}

#[test]
fn a_broker_that_lacks_few_of_its_leaderships_is_in_balance() {
    let mut world = unbalanced();
    // One of the two partitions that broker 1 should lead, or of three if the placement says so.
    let key = "leader.imbalance.per.broker.percentage";
    world.set_config(4, "", key, Some("100"));
    assert!(world.balance(10).records.is_empty());
    world.set_config(4, "", key, Some("0"));
    assert_eq!(world.balance(10).records.len(), 1);
}
