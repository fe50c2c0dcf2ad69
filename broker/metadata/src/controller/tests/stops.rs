//! Stops are granted one after another, leaderships leave before, and grants end.

use super::*;
use crate::controller::{Drained, GRANT_VALID_FOR, QuorumHealth, Registration, StopRefusal};

impl World {
    pub(super) fn registration_of(&self, id: u32) -> Registration {
        Registration {
            broker_id: BrokerId::new(id),
            epoch: self.epoch_of(id).unwrap(),
        }
    }

    /// Every active broker votes and is caught up.
    pub(super) fn quorum(&self) -> QuorumHealth {
        let brokers = self.replayed.brokers();
        QuorumHealth {
            voters: brokers.map(|it| (it.id, it.is_active())).collect(),
        }
    }

    #[track_caller]
    fn can_stop(&mut self, id: u32) -> Result<(), StopRefusal> {
        let (asked, quorum) = (self.registration_of(id), self.quorum());
        let decision = self.controller.can_stop(self.moment(), asked, &quorum);
        self.commit(decision)
    }

    #[track_caller]
    fn refusal(&mut self, id: u32) -> String {
        self.can_stop(id).unwrap_err().to_string()
    }

    #[track_caller]
    fn drain(&mut self, id: u32) -> Drained {
        let asked = self.registration_of(id);
        let decision = self.controller.drain(asked);
        self.commit(decision).unwrap()
    }

    fn leaderships(&self, id: u32) -> usize {
        let partitions = self.replayed.partitions();
        let led = partitions.filter(|(_, _, it)| it.leader == Some(BrokerId::new(id)));
        led.count()
    }

    fn rejoin(&mut self, topic: &str, partitions: u32, id: u32) {
        for index in 0..partitions {
            let mut isr = self.partition(topic, index).isr;
            isr.push(BrokerId::new(id));
            let request = self.isr_request(self.place(topic, index), &isr);
            assert_eq!(self.alter(&request), ErrorCode::None);
        }
    }

    #[track_caller]
    fn expire_grants(&mut self) {
        let decision = self.controller.expire_grants(self.now);
        self.commit(decision);
    }
}

fn world() -> World {
    let mut world = World::with_brokers(3);
    world.create_topic("orders", 6, 3, 2);
    world
}

#[test]
fn one_broker_after_another_is_granted_a_stop() {
    let mut world = world();
    assert_eq!(world.can_stop(1), Ok(()));
    assert_eq!(
        world.can_stop(1),
        Ok(()),
        "asking again is no other question"
    );
    let held = "broker 1 is being stopped, and without both: the metadata quorum would lose its \
                majority of voters that are caught up";
    assert_eq!(world.refusal(2), held);
    world.kill(1);
    let refused = world.refusal(2);
    assert!(refused.contains("majority"), "{refused}");
    world.start(1);
    let behind = world.refusal(2);
    assert!(
        behind.contains("orders-0"),
        "its replicas are behind: {behind}"
    );
    world.rejoin("orders", 6, 1);
    assert_eq!(world.can_stop(2), Ok(()));
    let holders: Vec<BrokerId> = world.replayed.stop_grants().map(|it| it.0).collect();
    assert_eq!(holders, ids(&[2]), "who is back holds no grant");
}

#[test]
fn two_that_share_no_partition_may_stop_together() {
    let mut world = World::with_brokers(6);
    world.create_topic("orders", 1, 3, 2);
    let replicas = world.partition("orders", 0).replicas;
    let outside = (1..=6).filter(|it| !replicas.contains(&BrokerId::new(*it)));
    let outside: Vec<u32> = outside.collect();
    assert_eq!(world.can_stop(replicas[0].value()), Ok(()));
    assert_eq!(world.can_stop(outside[0]), Ok(()));
    // Four of six are a majority; three are not.
    let refused = world.refusal(outside[1]);
    assert!(refused.contains("majority"), "{refused}");
}

#[test]
fn a_grant_survives_the_controller_and_ends_by_itself() {
    let mut world = world();
    world.can_stop(1).unwrap();
    world.fail_over();
    assert!(world.can_stop(2).is_err());
    world.pass(u64::try_from(GRANT_VALID_FOR.as_millis()).unwrap() - 1);
    world.expire_grants();
    assert!(world.can_stop(2).is_err());
    let deadline = world.controller.next_deadline();
    world.pass(1);
    assert!(deadline <= world.now, "somebody looks in time");
    world.expire_grants();
    assert_eq!(world.replayed.stop_grants().count(), 0);
    assert_eq!(world.can_stop(2), Ok(()));
}

#[test]
fn another_registration_is_another_broker() {
    let mut world = world();
    let before = world.registration_of(1);
    world.kill(1);
    world.start(1);
    world.rejoin("orders", 6, 1);
    let quorum = world.quorum();
    let decision = world.controller.can_stop(world.moment(), before, &quorum);
    assert!(decision.records.is_empty());
    let broker_id = before.broker_id;
    let unknown = StopRefusal::UnknownBroker { broker_id };
    assert_eq!(decision.response, Err(unknown.clone()));
    let decision = world.controller.drain(before);
    assert_eq!(decision.response, Err(unknown));
}

#[test]
fn a_quorum_that_can_spare_nobody_forbids_nothing() {
    let mut world = World::with_brokers(1);
    assert_eq!(world.can_stop(1), Ok(()));
    let mut world = World::with_brokers(2);
    assert_eq!(world.can_stop(2), Ok(()));
}

#[test]
fn a_drained_broker_follows_and_gets_nothing_back_while_it_may_be_stopped() {
    let mut world = world();
    assert_eq!(world.leaderships(1), 2);
    world.can_stop(1).unwrap();
    assert_eq!(world.drain(1), Drained::default());
    assert_eq!(world.leaderships(1), 0);
    for index in 0..6 {
        assert_eq!(world.partition("orders", index).isr.len(), 3);
    }
    let decision = world.balance(10);
    assert!(decision.records.is_empty());
    world.pass(u64::try_from(GRANT_VALID_FOR.as_millis()).unwrap());
    world.expire_grants();
    let decision = world.balance(10);
    world.commit(decision);
    assert_eq!(world.leaderships(1), 2);
}

#[test]
fn what_nobody_else_can_lead_stays() {
    let mut world = World::with_brokers(3);
    world.create_topic("single", 3, 1, 1);
    let drained = world.drain(1);
    assert_eq!(drained, Drained { left: 0, stuck: 1 });
    assert_eq!(world.leaderships(1), 1);
}

#[test]
fn a_broker_is_caught_up_when_all_its_replicas_are_in_sync() {
    let mut world = world();
    let caught_up = |world: &World| {
        world
            .controller
            .caught_up(BrokerId::new(1), &world.quorum())
    };
    assert!(caught_up(&world).is_complete());
    world.kill(1);
    assert!(!caught_up(&world).is_unfenced);
    world.start(1);
    let catch_up = caught_up(&world);
    assert!(catch_up.is_unfenced && catch_up.replicas_behind == 6);
    world.rejoin("orders", 6, 1);
    assert!(caught_up(&world).is_complete());
}
