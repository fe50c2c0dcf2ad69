//! Reassignments under an id: what they hold, and that nothing of them stays.

use broker_wire::messages::delete_topics_request::DeleteTopicsRequest;
use broker_wire::messages::update_features_request::{FeatureUpdateKey, UpdateFeaturesRequest};

use super::*;
use crate::delta::Delta;

const THROTTLE: u64 = 1_000_000;

fn target(topic: &str, partition: i32, replicas: &[i32]) -> PartitionTarget {
    PartitionTarget {
        topic: topic.into(),
        partition,
        replicas: replicas.to_vec(),
    }
}

fn spec(id: &str, targets: &[PartitionTarget]) -> ReassignmentSpec {
    ReassignmentSpec {
        id: id.into(),
        throttle: Some(THROTTLE),
        targets: targets.to_vec(),
        may_change_factor: false,
    }
}

impl World {
    #[track_caller]
    pub(super) fn start_reassignment(
        &mut self,
        asked: &ReassignmentSpec,
    ) -> Result<(), ReassignmentRefusal> {
        let decision = self.controller.start_reassignment(asked);
        assert!(decision.response.is_ok() || decision.records.is_empty());
        self.commit(decision)
    }

    #[track_caller]
    pub(super) fn alter_reassignment(
        &mut self,
        asked: &ReassignmentSpec,
    ) -> Result<(), ReassignmentRefusal> {
        let decision = self.controller.alter_reassignment(asked);
        assert!(decision.response.is_ok() || decision.records.is_empty());
        self.commit(decision)
    }

    #[track_caller]
    pub(super) fn cancel_reassignment(
        &mut self,
        id: &str,
        only: Option<&[(Str, i32)]>,
    ) -> Cancelled {
        let decision = self.controller.cancel_reassignment(id, only);
        self.commit(decision)
    }

    /// The partitions of `orders` that are left of a reassignment.
    fn moving(&self, id: &str) -> Option<Vec<u32>> {
        let known = self.replayed.reassignment(id)?;
        let partitions = known.partitions.iter().map(|it| it.partition.value());
        Some(partitions.collect())
    }

    /// All of a partition's replicas get in sync, so that what goes on with it is over.
    #[track_caller]
    fn complete(&mut self, index: u32) {
        let partition = self.partition("orders", index);
        let request = self.isr_request(self.place("orders", index), &partition.replicas);
        // The leader that asked may have gone with it.
        let answered = self.alter(&request);
        assert!([ErrorCode::None, ErrorCode::NewLeaderElected].contains(&answered));
        assert!(!self.partition("orders", index).is_reassigning());
    }
}

/// A topic of three partitions on brokers 1, 2 and 3 of 5.
fn world() -> World {
    let mut world = World::with_brokers(5);
    world.create_topic("orders", 3, 3, 2);
    for index in 0..3 {
        world.reassign("orders", index, Some(&[1, 2, 3]));
        let place = u32::try_from(index).unwrap();
        if world.partition("orders", place).is_reassigning() {
            world.complete(place);
        }
    }
    let decision = world.balance(100);
    world.commit(decision);
    world
}

fn three() -> [PartitionTarget; 3] {
    [0, 1, 2].map(|it| target("orders", it, &[1, 2, 4]))
}

#[test]
fn a_reassignment_is_gone_with_its_last_partition() {
    let mut world = world();
    let begun = world.controller.start_reassignment(&spec("a", &three()));
    assert_eq!(begun.records.len(), 4, "three partitions and one record");
    assert_eq!(world.commit(begun), Ok(()));
    assert_eq!(world.moving("a"), Some(vec![0, 1, 2]));
    let known = world.replayed.reassignment("a").unwrap();
    assert_eq!(known.throttle, Some(THROTTLE));
    world.complete(1);
    assert_eq!(world.moving("a"), Some(vec![0, 2]));
    world.fail_over();
    world.complete(0);
    // What is left of it comes with the last change, not after it.
    let partition = world.partition("orders", 2);
    let request = world.isr_request(world.place("orders", 2), &partition.replicas);
    let before = world.replayed.clone();
    let last = world.controller.alter_partition(&request);
    assert_eq!(last.records.len(), 1);
    world.commit(last);
    assert_eq!(world.replayed.reassignments().len(), 0);
    let delta = Delta::between(&before, &world.replayed);
    assert_eq!(delta.reassignments, ["a"]);
    assert_eq!(world.controller.reassignments(), []);
}

#[test]
fn to_start_it_again_is_to_start_it_once() {
    let mut world = world();
    let asked = spec("a", &three());
    world.start_reassignment(&asked).unwrap();
    world.complete(1);
    let again = world.controller.start_reassignment(&asked);
    assert_eq!((again.records, again.response), (Vec::new(), Ok(())));
    let in_use = |world: &mut World, asked: &ReassignmentSpec| {
        let refusal = world.start_reassignment(asked).unwrap_err();
        assert!(
            matches!(refusal, ReassignmentRefusal::IdInUse { .. }),
            "{refusal}"
        );
        refusal.to_string()
    };
    let mut other = asked.clone();
    other.throttle = Some(5);
    assert!(in_use(&mut world, &other).ends_with("its throttle is 1000000"));
    let fewer = spec("a", &three()[..2]);
    assert!(in_use(&mut world, &fewer).ends_with("it has 1 other partitions"));
    let elsewhere = spec("a", &[target("orders", 0, &[1, 2, 5])]);
    assert!(in_use(&mut world, &elsewhere).ends_with("it does not bring orders-0 there"));
    // When all of it is done there is nothing to do.
    world.complete(0);
    world.complete(2);
    let done = world.controller.start_reassignment(&asked);
    assert_eq!((done.records, done.response), (Vec::new(), Ok(())));
    assert_eq!(world.moving("a"), None);
}

#[test]
fn what_needs_no_copy_is_done_at_once_and_leaves_no_throttle() {
    let mut world = world();
    let asked = spec("a", &[target("orders", 0, &[3, 2, 1])]);
    assert_eq!(world.start_reassignment(&asked), Ok(()));
    assert_eq!(world.partition("orders", 0).replicas, ids(&[3, 2, 1]));
    assert_eq!(world.moving("a"), None);
}

#[test]
fn throttle_and_targets_change_in_one_write() {
    let mut world = world();
    let unknown = world.alter_reassignment(&spec("a", &[])).unwrap_err();
    assert!(matches!(unknown, ReassignmentRefusal::Unknown { .. }));
    world.start_reassignment(&spec("a", &three()[..2])).unwrap();
    let faster = ReassignmentSpec {
        throttle: None,
        ..spec("a", &[])
    };
    let altered = world.controller.alter_reassignment(&faster);
    assert_eq!(altered.records.len(), 1);
    assert_eq!(world.commit(altered), Ok(()));
    assert_eq!(world.replayed.reassignment("a").unwrap().throttle, None);
    assert_eq!(world.moving("a"), Some(vec![0, 1]));
    let again = world.controller.alter_reassignment(&faster);
    assert_eq!(again.records, []);
    // One more, and another target for one that it has.
    let more = [
        target("orders", 2, &[4, 2, 3]),
        target("orders", 0, &[1, 2, 5]),
    ];
    assert_eq!(world.alter_reassignment(&spec("a", &more)), Ok(()));
    assert_eq!(world.moving("a"), Some(vec![0, 1, 2]));
    assert_eq!(
        world.partition("orders", 0).target_replicas(),
        ids(&[1, 2, 5])
    );
    // Back to where it is: then it has arrived.
    let back = [target("orders", 0, &[1, 2, 3])];
    assert_eq!(world.alter_reassignment(&spec("a", &back)), Ok(()));
    assert_eq!(world.moving("a"), Some(vec![1, 2]));
}

#[test]
fn all_of_it_or_some_of_it_is_taken_back() {
    let mut world = world();
    world.start_reassignment(&spec("a", &three())).unwrap();
    world.complete(0);
    let named = [
        ("orders".into(), 1),
        ("orders".into(), 0),
        ("none".into(), 7),
    ];
    let some = world.cancel_reassignment("a", Some(&named));
    assert_eq!((some.taken_back, some.refused), (1, Vec::new()));
    assert_eq!(world.moving("a"), Some(vec![2]));
    assert_eq!(
        world.partition("orders", 0).replicas,
        ids(&[1, 2, 4]),
        "it was there"
    );
    assert_eq!(world.partition("orders", 1).replicas, ids(&[1, 2, 3]));
    assert_eq!(world.cancel_reassignment("a", None).taken_back, 1);
    assert_eq!(world.moving("a"), None);
    assert_eq!(world.cancel_reassignment("a", None), Cancelled::default());
}

#[test]
fn what_cannot_be_taken_back_goes_on_under_its_throttle() {
    let mut world = world();
    let asked = [
        target("orders", 0, &[4, 5, 1]),
        target("orders", 1, &[1, 2, 4]),
    ];
    world.start_reassignment(&spec("a", &asked)).unwrap();
    world.set_isr("orders", 0, &[1, 2, 3, 4]);
    world.kill(2);
    world.kill(3);
    let cancelled = world.cancel_reassignment("a", None);
    assert_eq!(cancelled.taken_back, 1);
    let [(topic, partition, refusal)] = &cancelled.refused[..] else {
        panic!("{cancelled:?}");
    };
    assert_eq!((&**topic, partition.value()), ("orders", 0));
    assert_eq!(refusal.error_code(), ErrorCode::InvalidReplicaAssignment);
    assert_eq!(world.moving("a"), Some(vec![0]));
}

#[test]
fn whoever_names_another_target_takes_the_partition_out_of_it() {
    let mut world = world();
    world.start_reassignment(&spec("a", &three())).unwrap();
    // The same target is no other one.
    assert_eq!(
        world.reassign("orders", 0, Some(&[1, 2, 4])),
        ErrorCode::None
    );
    assert_eq!(world.moving("a"), Some(vec![0, 1, 2]));
    assert_eq!(
        world.reassign("orders", 0, Some(&[1, 2, 5])),
        ErrorCode::None
    );
    assert!(world.partition("orders", 0).is_reassigning());
    assert_eq!(world.moving("a"), Some(vec![1, 2]));
    assert_eq!(world.reassign("orders", 1, None), ErrorCode::None);
    assert_eq!(world.moving("a"), Some(vec![2]));
    let request = DeleteTopicsRequest {
        topic_names: vec!["orders".into()],
        ..DeleteTopicsRequest::default()
    };
    let deleted = world.controller.delete_topics(&request);
    world.commit(deleted);
    assert_eq!(world.moving("a"), None);
}

#[test]
fn what_changes_but_the_assignment_leaves_it_alone() {
    let mut world = world();
    world.start_reassignment(&spec("a", &three())).unwrap();
    world.kill(2);
    world.start(2);
    world.set_isr("orders", 0, &[1, 2, 3]);
    world.set_isr("orders", 1, &[1, 3]);
    world.kill(4);
    assert_eq!(world.moving("a"), Some(vec![0, 1, 2]));
}

#[test]
fn a_partition_is_in_one_reassignment_at_a_time() {
    let mut world = world();
    world.start_reassignment(&spec("a", &three()[..1])).unwrap();
    let both = spec("b", &three()[..2]);
    let busy = world.start_reassignment(&both).unwrap_err();
    let expected = "orders-0 is being moved by the reassignment a; cancel it there first";
    assert_eq!(busy.to_string(), expected);
    assert!(
        !world.partition("orders", 1).is_reassigning(),
        "all or nothing"
    );
    // What nobody has under an id may be taken on, as by any administrator.
    world.reassign("orders", 1, Some(&[1, 2, 5]));
    world
        .start_reassignment(&spec("b", &three()[1..2]))
        .unwrap();
    assert_eq!(
        world.partition("orders", 1).target_replicas(),
        ids(&[1, 2, 4])
    );
    let summaries = world.controller.reassignments();
    let counts = summaries
        .iter()
        .map(|it| (&*it.id, it.partitions, it.replicas_behind));
    // The target of before is still being added, on its way out.
    assert_eq!(counts.collect::<Vec<_>>(), [("a", 1, 1), ("b", 1, 2)]);
}

#[test]
fn what_is_asked_for_is_checked() {
    let mut world = world();
    let code_of = |world: &mut World, asked: &ReassignmentSpec| {
        let refusal = world.start_reassignment(asked).unwrap_err();
        if let ReassignmentRefusal::Partition { refusal, .. } = refusal {
            return Some(refusal.error_code());
        }
        assert!(matches!(refusal, ReassignmentRefusal::Invalid { .. }));
        None
    };
    let named_twice = [
        target("orders", 0, &[1, 2, 4]),
        target("orders", 0, &[1, 2, 5]),
    ];
    for (targets, code) in [
        (
            vec![target("none", 0, &[1, 2, 4])],
            ErrorCode::UnknownTopicOrPartition,
        ),
        (
            vec![target("orders", 3, &[1, 2, 4])],
            ErrorCode::UnknownTopicOrPartition,
        ),
        (
            vec![target("orders", -1, &[1, 2, 4])],
            ErrorCode::UnknownTopicOrPartition,
        ),
        (
            vec![target("orders", 0, &[1, 2, 9])],
            ErrorCode::InvalidReplicaAssignment,
        ),
        (
            vec![target("orders", 0, &[1, 2, 2])],
            ErrorCode::InvalidReplicaAssignment,
        ),
        (
            vec![target("orders", 0, &[])],
            ErrorCode::InvalidReplicaAssignment,
        ),
        (
            vec![target("orders", 0, &[1, 2])],
            ErrorCode::InvalidReplicationFactor,
        ),
        (named_twice.to_vec(), ErrorCode::InvalidRequest),
    ] {
        assert_eq!(
            code_of(&mut world, &spec("a", &targets)),
            Some(code),
            "{targets:?}"
        );
    }
    assert_eq!(code_of(&mut world, &spec("", &three())), None);
    assert_eq!(code_of(&mut world, &spec("a b", &three())), None);
    assert_eq!(code_of(&mut world, &spec(&"a".repeat(254), &three())), None);
    assert_eq!(code_of(&mut world, &spec("a", &[])), None);
    for throttle in [0, u64::MAX] {
        let throttle = Some(throttle);
        let asked = ReassignmentSpec {
            throttle,
            ..spec("a", &three())
        };
        assert_eq!(code_of(&mut world, &asked), None);
    }
    let mut grown = spec("a", &[target("orders", 0, &[1, 2, 3, 4])]);
    grown.may_change_factor = true;
    assert_eq!(world.start_reassignment(&grown), Ok(()));
}

#[test]
fn what_is_moving_is_told_in_pages() {
    let mut world = world();
    world.start_reassignment(&spec("a", &three())).unwrap();
    world.set_isr("orders", 1, &[1, 2, 3]);
    let first = world.controller.moving_partitions("a", None, 2).unwrap();
    assert!(first.has_more);
    assert_eq!(
        (first.summary.partitions, first.summary.replicas_behind),
        (3, 3)
    );
    let indexes = |page: &MovingPage| {
        let indexes = page.partitions.iter().map(|it| it.place.partition.value());
        indexes.collect::<Vec<_>>()
    };
    assert_eq!(indexes(&first), [0, 1]);
    let one = &first.partitions[0];
    assert_eq!((&one.target, &one.adding), (&ids(&[1, 2, 4]), &ids(&[4])));
    assert_eq!(
        (&one.removing, one.leader),
        (&ids(&[3]), Some(BrokerId::new(1)))
    );
    let after = first.partitions.last().map(|it| it.place);
    let second = world.controller.moving_partitions("a", after, 2).unwrap();
    assert_eq!((indexes(&second), second.has_more), (vec![2], false));
    assert_eq!(world.controller.moving_partitions("b", None, 2), None);
}

#[test]
fn nothing_is_written_that_a_broker_of_before_cannot_read() {
    let mut world = world();
    let mut old = world.registration(5);
    for feature in &mut old.features {
        if &*feature.name == feature::TIDEMILL_VERSION {
            feature.max_supported_version = 1;
        }
    }
    world.kill(5);
    assert_eq!(world.register(&old), ErrorCode::UnsupportedVersion);
    // A cluster that was begun by brokers of before.
    let mut image = Image::new(CLUSTER.into());
    for mut record in world.replayed.records() {
        if let MetadataRecord::FeatureLevel(it) = &mut record
            && &*it.name == feature::TIDEMILL_VERSION
        {
            it.feature_level = 1;
        }
        image.apply(&record).unwrap();
    }
    world.controller = Controller::new(Settings::default(), image.clone(), world.now);
    world.replayed = image;
    assert_eq!(world.register(&old), ErrorCode::None);
    let asked = spec("a", &three());
    let refused = Err(ReassignmentRefusal::FeatureLevel { level: 1 });
    assert_eq!(world.start_reassignment(&asked), refused);
    assert_eq!(world.set_level(2), ErrorCode::InvalidUpdateVersion);
    world.pass(10_000);
    let new = world.registration(5);
    assert_eq!(world.register(&new), ErrorCode::None);
    assert_eq!(world.set_level(2), ErrorCode::None);
    assert_eq!(world.start_reassignment(&asked), Ok(()));
    assert_eq!(world.set_level(1), ErrorCode::InvalidUpdateVersion);
}

impl World {
    #[track_caller]
    fn set_level(&mut self, level: i16) -> ErrorCode {
        let request = UpdateFeaturesRequest {
            feature_updates: vec![FeatureUpdateKey {
                feature: feature::TIDEMILL_VERSION.into(),
                max_version_level: level,
                allow_downgrade: true,
                upgrade_type: 2,
                ..FeatureUpdateKey::default()
            }],
            ..UpdateFeaturesRequest::default()
        };
        let decision = self.controller.update_features(&request);
        code(self.commit(decision).error_code)
    }
}
