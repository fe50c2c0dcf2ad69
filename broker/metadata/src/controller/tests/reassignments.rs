//! Partitions move: who comes, who goes, and when.

use broker_wire::messages::alter_partition_reassignments_request::{
    AlterPartitionReassignmentsRequest, ReassignablePartition, ReassignableTopic,
};
use broker_wire::messages::list_partition_reassignments_request::{
    ListPartitionReassignmentsRequest, ListPartitionReassignmentsTopics,
};

use super::*;

fn request(
    topic: &str,
    partition: i32,
    target: Option<Vec<i32>>,
) -> AlterPartitionReassignmentsRequest {
    AlterPartitionReassignmentsRequest {
        topics: vec![ReassignableTopic {
            name: topic.into(),
            partitions: vec![ReassignablePartition {
                partition_index: partition,
                replicas: target,
                ..ReassignablePartition::default()
            }],
            ..ReassignableTopic::default()
        }],
        ..AlterPartitionReassignmentsRequest::default()
    }
}

/// Replicas, those being added, those being removed.
type Ongoing = (String, i32, Vec<i32>, Vec<i32>, Vec<i32>);

impl World {
    /// Moves a partition, or takes its move back; what came of it.
    #[track_caller]
    pub(super) fn reassign(
        &mut self,
        topic: &str,
        partition: i32,
        target: Option<&[u32]>,
    ) -> ErrorCode {
        let target = target.map(|it| ids(it).iter().map(|it| it.to_wire()).collect());
        self.alter_reassignments(&request(topic, partition, target))
    }

    #[track_caller]
    fn alter_reassignments(&mut self, request: &AlterPartitionReassignmentsRequest) -> ErrorCode {
        let decision = self.controller.alter_partition_reassignments(request);
        let response = self.commit(decision);
        assert_eq!(response.error_code, 0);
        let partition = &response.responses[0].partitions[0];
        assert_eq!(partition.error_code == 0, partition.error_message.is_none());
        code(partition.error_code)
    }

    #[track_caller]
    fn reassignments(&mut self, topics: Option<&[(&str, &[i32])]>) -> Vec<Ongoing> {
        let topics = topics.map(|topics| {
            let named = |it: &(&str, &[i32])| ListPartitionReassignmentsTopics {
                name: it.0.into(),
                partition_indexes: it.1.to_vec(),
                ..ListPartitionReassignmentsTopics::default()
            };
            topics.iter().map(named).collect()
        });
        let request = ListPartitionReassignmentsRequest {
            topics,
            ..ListPartitionReassignmentsRequest::default()
        };
        let decision = self.controller.list_partition_reassignments(&request);
        let response = self.commit(decision);
        let topics = response.topics.into_iter().flat_map(|topic| {
            let name = topic.name.to_string();
            topic.partitions.into_iter().map(move |it| {
                let (index, replicas) = (it.partition_index, it.replicas);
                let (adding, removing) = (it.adding_replicas, it.removing_replicas);
                (name.clone(), index, replicas, adding, removing)
            })
        });
        topics.collect()
    }

    /// A topic of one partition on brokers 1, 2 and 3 of 5, with `min.insync.replicas` 2.
    fn with_orders() -> World {
        let mut world = World::with_brokers(5);
        world.create_topic("orders", 1, 3, 2);
        assert_eq!(
            world.reassign("orders", 0, Some(&[1, 2, 3])),
            ErrorCode::None
        );
        // What is not the same already gets in sync.
        let replicas = world.partition("orders", 0).replicas;
        let replicas: Vec<u32> = replicas.iter().map(|it| it.value()).collect();
        world.set_isr("orders", 0, &replicas);
        world.elect_preferred();
        let partition = world.partition("orders", 0);
        assert_eq!(partition.replicas, ids(&[1, 2, 3]));
        assert_eq!(partition.leader, Some(BrokerId::new(1)));
        world
    }

    fn elect_preferred(&mut self) {
        let decision = self.balance(100);
        self.commit(decision);
    }
}

#[test]
fn a_partition_grows_then_catches_up_then_shrinks() {
    let mut world = World::with_orders();
    let before = world.partition("orders", 0);
    assert_eq!(
        world.reassign("orders", 0, Some(&[4, 2, 5])),
        ErrorCode::None
    );
    let grown = world.partition("orders", 0);
    assert_eq!(grown.replicas, ids(&[4, 2, 5, 1, 3]));
    assert_eq!(
        (&grown.adding, &grown.removing),
        (&ids(&[4, 5]), &ids(&[1, 3]))
    );
    assert_eq!(
        (grown.leader, grown.leader_epoch),
        (before.leader, before.leader_epoch)
    );
    assert_eq!(grown.isr, before.isr);
    let directory = |id: u8| Some(DirectoryId::from_bytes([id; 16]));
    let directories: Vec<_> = [4, 2, 5, 1, 3].map(directory).to_vec();
    assert_eq!(grown.directories, directories);
    // To be moved is no lack of replicas.
    assert!(!grown.is_under_replicated());
    assert_eq!(grown.target_replicas(), ids(&[4, 2, 5]));
    // One of the two is not enough.
    world.set_isr("orders", 0, &[1, 2, 3, 4]);
    assert!(world.partition("orders", 0).is_reassigning());
    let request = world.isr_request(world.place("orders", 0), &ids(&[1, 2, 3, 4, 5]));
    // The leader that asked has gone with it.
    assert_eq!(world.alter(&request), ErrorCode::NewLeaderElected);
    let done = world.partition("orders", 0);
    assert_eq!(done.replicas, ids(&[4, 2, 5]));
    assert_eq!(done.directories, [4, 2, 5].map(directory));
    assert_eq!(done.isr, ids(&[2, 4, 5]));
    assert!(!done.is_reassigning());
    assert_eq!(done.leader, Some(BrokerId::new(4)));
    assert!(done.leader_epoch > grown.leader_epoch);
    assert_eq!(world.reassignments(None), []);
}

#[test]
fn a_leader_that_stays_begins_an_epoch_when_another_replica_goes() {
    let mut world = World::with_orders();
    world.reassign("orders", 0, Some(&[1, 2, 4]));
    let grown = world.partition("orders", 0);
    world.set_isr("orders", 0, &[1, 2, 3, 4]);
    let done = world.partition("orders", 0);
    assert_eq!((done.leader, &done.isr), (grown.leader, &ids(&[1, 2, 4])));
    assert!(done.leader_epoch > grown.leader_epoch);
}

#[test]
fn what_needs_no_copy_is_done_at_once() {
    let mut world = World::with_orders();
    // Another order.
    let before = world.partition("orders", 0);
    assert_eq!(
        world.reassign("orders", 0, Some(&[3, 1, 2])),
        ErrorCode::None
    );
    let ordered = world.partition("orders", 0);
    assert_eq!(ordered.replicas, ids(&[3, 1, 2]));
    assert_eq!(
        (ordered.leader, ordered.leader_epoch),
        (before.leader, before.leader_epoch)
    );
    // Fewer of them.
    assert_eq!(world.reassign("orders", 0, Some(&[3, 2])), ErrorCode::None);
    let fewer = world.partition("orders", 0);
    assert_eq!(
        (&fewer.replicas, &fewer.isr),
        (&ids(&[3, 2]), &ids(&[2, 3]))
    );
    assert_eq!(fewer.leader, Some(BrokerId::new(3)));
    // The same again changes nothing.
    assert_eq!(world.reassign("orders", 0, Some(&[3, 2])), ErrorCode::None);
    assert_eq!(world.partition("orders", 0), fewer);
}

#[test]
fn replicas_that_are_not_in_sync_hold_up_the_end() {
    let mut world = World::with_orders();
    world.kill(3);
    // Without 2 only 1 would be left of those in sync.
    assert_eq!(world.reassign("orders", 0, Some(&[1, 3])), ErrorCode::None);
    assert!(world.partition("orders", 0).is_reassigning());
    world.start(3);
    world.set_isr("orders", 0, &[1, 2, 3]);
    assert_eq!(world.partition("orders", 0).replicas, ids(&[1, 3]));
}

#[test]
fn a_broker_that_dies_ends_or_holds_up_a_reassignment() {
    let mut world = World::with_orders();
    world.reassign("orders", 0, Some(&[4, 2, 3]));
    // Who is to go may die; the others go on, and the end is the same.
    world.kill(1);
    let partition = world.partition("orders", 0);
    assert_eq!(partition.leader, Some(BrokerId::new(2)));
    assert!(partition.is_reassigning());
    // Who is to come may die, too: it is waited for.
    world.kill(4);
    world.start(4);
    world.set_isr("orders", 0, &[2, 3, 4]);
    let partition = world.partition("orders", 0);
    assert_eq!(partition.replicas, ids(&[4, 2, 3]));
    assert!(!partition.is_reassigning());
}

#[test]
fn a_reassignment_is_taken_back() {
    let mut world = World::with_orders();
    let none = ErrorCode::NoReassignmentInProgress;
    assert_eq!(world.reassign("orders", 0, None), none);
    world.reassign("orders", 0, Some(&[4, 5, 1]));
    world.set_isr("orders", 0, &[1, 2, 3, 4]);
    assert_eq!(world.reassign("orders", 0, None), ErrorCode::None);
    let partition = world.partition("orders", 0);
    assert_eq!(partition.replicas, ids(&[1, 2, 3]));
    assert_eq!(partition.isr, ids(&[1, 2, 3]));
    assert!(!partition.is_reassigning());
    assert_eq!(world.reassign("orders", 0, None), none);
}

#[test]
fn a_reassignment_is_not_taken_back_onto_too_few() {
    let mut world = World::with_orders();
    world.reassign("orders", 0, Some(&[4, 5, 1]));
    world.set_isr("orders", 0, &[1, 2, 3, 4]);
    world.kill(2);
    world.kill(3);
    let refused = ErrorCode::InvalidReplicaAssignment;
    assert_eq!(world.reassign("orders", 0, None), refused);
    world.kill(1);
    let partition = world.partition("orders", 0);
    assert_eq!(
        (partition.leader, &partition.isr),
        (Some(BrokerId::new(4)), &ids(&[4]))
    );
    assert_eq!(world.reassign("orders", 0, None), refused);
    // All that is acknowledged may now be given up.
    world.set_config(2, "orders", "unclean.leader.election.enable", Some("true"));
    world.start(3);
    assert_eq!(world.reassign("orders", 0, None), ErrorCode::None);
    let partition = world.partition("orders", 0);
    assert!(!partition.is_reassigning());
    assert_eq!(partition.leader, Some(BrokerId::new(3)));
}

#[test]
fn another_target_may_be_named_and_all_of_it_be_taken_back() {
    let mut world = World::with_orders();
    world.reassign("orders", 0, Some(&[4, 2, 3]));
    world.set_isr("orders", 0, &[1, 2, 3]);
    assert_eq!(
        world.reassign("orders", 0, Some(&[2, 3, 5])),
        ErrorCode::None
    );
    let again = world.partition("orders", 0);
    assert_eq!(again.replicas, ids(&[2, 3, 5, 4, 1]));
    assert_eq!(
        (&again.adding, &again.removing),
        (&ids(&[4, 5]), &ids(&[1, 4]))
    );
    let mut other = world.controller.clone();
    let back = other.alter_partition_reassignments(&request("orders", 0, None));
    assert_eq!(back.response.responses[0].partitions[0].error_code, 0);
    let place = world.place("orders", 0);
    let reverted = other.image().partition(place).unwrap();
    assert_eq!(reverted.replicas, ids(&[2, 3, 1]));
    world.set_isr("orders", 0, &[1, 2, 3, 4]);
    let request = world.isr_request(place, &ids(&[1, 2, 3, 5]));
    world.alter(&request);
    let done = world.partition("orders", 0);
    assert_eq!(
        (&done.replicas, &done.isr),
        (&ids(&[2, 3, 5]), &ids(&[2, 3, 5]))
    );
    // The first target, named as the second, is the end of it.
    world.reassign("orders", 0, Some(&[4, 2, 3]));
    assert_eq!(
        world.reassign("orders", 0, Some(&[2, 3, 5])),
        ErrorCode::None
    );
    assert!(!world.partition("orders", 0).is_reassigning());
}

#[test]
fn targets_are_checked() {
    let mut world = World::with_orders();
    let invalid = ErrorCode::InvalidReplicaAssignment;
    let unknown = ErrorCode::UnknownTopicOrPartition;
    for (topic, partition, target, expected) in [
        ("orders", 0, vec![], invalid),
        ("orders", 0, vec![1, 2, 9], invalid),
        ("orders", 0, vec![1, 2, -1], invalid),
        ("orders", 0, vec![1, 2, 2], invalid),
        ("orders", 1, vec![1, 2, 3], unknown),
        ("orders", -1, vec![1, 2, 3], unknown),
        ("none", 0, vec![1, 2, 3], unknown),
    ] {
        let request = request(topic, partition, Some(target.clone()));
        assert_eq!(world.alter_reassignments(&request), expected, "{target:?}");
    }
    assert_eq!(world.reassign("orders", 7, None), unknown);
    let mut beat = world.heartbeat_of(5);
    beat.cordoned_log_dirs = Some(vec![[5; 16]]);
    world.heartbeat(&beat);
    assert_eq!(world.reassign("orders", 0, Some(&[1, 2, 5])), invalid);
    assert!(!world.partition("orders", 0).is_reassigning());
}

#[test]
fn another_number_of_replicas_can_be_ruled_out() {
    let mut world = World::with_orders();
    let mut asked = request("orders", 0, Some(vec![1, 2, 3, 4]));
    asked.allow_replication_factor_change = false;
    let invalid = ErrorCode::InvalidReplicationFactor;
    assert_eq!(world.alter_reassignments(&asked), invalid);
    asked.allow_replication_factor_change = true;
    assert_eq!(world.alter_reassignments(&asked), ErrorCode::None);
    // What counts is how many there will be.
    let mut asked = request("orders", 0, Some(vec![1, 2, 3]));
    asked.allow_replication_factor_change = false;
    assert_eq!(world.alter_reassignments(&asked), invalid);
    let mut asked = request("orders", 0, Some(vec![5, 2, 3, 1]));
    asked.allow_replication_factor_change = false;
    assert_eq!(world.alter_reassignments(&asked), ErrorCode::None);
}

#[test]
fn what_goes_on_is_listed() {
    let mut world = World::with_orders();
    world.create_topic("other", 2, 1, 1);
    let leader = world.partition("other", 1).leader.unwrap();
    let target = if leader == BrokerId::new(1) { 2 } else { 1 };
    world.reassign("other", 1, Some(&[target]));
    world.reassign("orders", 0, Some(&[1, 2, 4]));
    let orders = ("orders".to_owned(), 0, vec![1, 2, 4, 3], vec![4], vec![3]);
    let (from, to) = (leader.to_wire(), target.cast_signed());
    let other = ("other".to_owned(), 1, vec![to, from], vec![to], vec![from]);
    let all = [orders.clone(), other.clone()];
    assert_eq!(world.reassignments(None), all);
    let named: [(&str, &[i32]); 3] = [("other", &[0, 1, 7]), ("none", &[0]), ("orders", &[])];
    assert_eq!(world.reassignments(Some(&named)), [other]);
    assert_eq!(world.reassignments(Some(&[])), []);
}

#[test]
fn an_unclean_election_prefers_who_was_there_before() {
    let mut world = World::with_orders();
    world.set_config(2, "orders", "unclean.leader.election.enable", Some("true"));
    world.reassign("orders", 0, Some(&[4, 5, 1]));
    // 2 has been out of the ISR for long, and is not in the ELR.
    world.set_isr("orders", 0, &[1, 3]);
    for id in [1, 3] {
        let mut lost = world.registration(id);
        world.kill(id);
        lost.previous_broker_epoch = -1;
        world.register(&lost);
    }
    let partition = world.partition("orders", 0);
    assert_eq!(partition.leader, Some(BrokerId::new(2)), "{partition:?}");
    assert_eq!(partition.recovery, LeaderRecovery::Recovering);
}
