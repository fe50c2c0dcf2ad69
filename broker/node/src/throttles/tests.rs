//! Rates are kept, by whom they concern, and by nobody else.

use broker_types::TopicId;
use broker_wire::messages::config_record::ConfigRecord;
use broker_wire::messages::partition_change_record::PartitionChangeRecord;
use broker_wire::messages::partition_record::PartitionRecord;
use broker_wire::messages::reassignment_record::{ReassignedTopic, ReassignmentRecord};
use broker_wire::messages::topic_record::TopicRecord;

use super::*;

const ME: BrokerId = BrokerId::new(1);

fn at(millis: u64) -> Monotonic {
    Monotonic::ZERO + Duration::from_millis(millis)
}

#[test]
fn what_went_at_once_is_made_up_for() {
    let mut quota = Quota::default();
    assert_eq!(quota.left(1_000, at(0)), 1_000);
    quota.record(4_000, at(0));
    for (millis, left) in [(1_000, 0), (3_999, 0), (4_500, 500), (10_000, 1_000)] {
        assert_eq!(quota.left(1_000, at(millis)), left, "after {millis} ms");
    }
}

#[test]
fn a_sample_is_forgotten_after_its_time_and_so_is_its_debt() {
    let mut quota = Quota::default();
    quota.record(1 << 30, at(0));
    assert_eq!(quota.left(1_000, at(10_999)), 0);
    assert_eq!(quota.left(1_000, at(11_000)), 1_000);
}

#[test]
fn over_time_a_rate_is_kept() {
    let mut quota = Quota::default();
    let mut gone = 0;
    for millis in (0..60_000).step_by(100) {
        let left = quota.left(10_000, at(millis)).min(3_000);
        quota.record(left, at(millis));
        gone += left;
        assert!(quota.samples.len() as u64 <= SAMPLES);
    }
    assert!((550_000..=620_000).contains(&gone), "{gone} in 60 s");
}

#[test]
fn nothing_goes_at_a_rate_of_nothing_and_all_without_one() {
    let mut quota = Quota::default();
    assert_eq!(quota.left(0, at(0)), 0);
    quota.record(u64::MAX, at(0));
    assert_eq!(quota.left(u64::MAX, at(20_000)), u64::MAX);
}

const ORDERS: TopicId = TopicId::from_bytes([7; 16]);

fn place(partition: u32) -> TopicPartition {
    TopicPartition {
        topic_id: ORDERS,
        partition: PartitionIndex::new(partition),
    }
}

/// A topic whose partitions 0 to 2 are on brokers 1 and 2, in sync, and get 3, which is not.
fn image() -> Image {
    let mut image = Image::new("a cluster".into());
    let topic = TopicRecord {
        name: "orders".into(),
        topic_id: ORDERS.to_bytes(),
        ..TopicRecord::default()
    };
    image.apply(&topic.into()).unwrap();
    for partition_id in 0..3 {
        let partition = PartitionRecord {
            partition_id,
            topic_id: ORDERS.to_bytes(),
            replicas: vec![1, 2, 3],
            isr: vec![1, 2],
            adding_replicas: vec![3],
            leader: 1,
            leader_epoch: 0,
            partition_epoch: 0,
            ..PartitionRecord::default()
        };
        image.apply(&partition.into()).unwrap();
    }
    image
}

fn set(image: &mut Image, kind: i8, resource: &str, name: &'static str, value: &str) {
    let record = ConfigRecord {
        resource_type: kind,
        resource_name: resource.into(),
        name: name.into(),
        value: Some(value.into()),
        ..ConfigRecord::default()
    };
    image.apply(&record.into()).unwrap();
}

fn reassign(image: &mut Image, id: &str, throttle: i64, partitions: &[i32]) {
    let record = ReassignmentRecord {
        reassignment_id: id.into(),
        throttle,
        topics: vec![ReassignedTopic {
            topic_id: ORDERS.to_bytes(),
            partitions: partitions.to_vec(),
            ..ReassignedTopic::default()
        }],
        ..ReassignmentRecord::default()
    };
    image.apply(&record.into()).unwrap();
}

/// What a replica may get at a point in time.
fn left(throttle: &Throttle, image: &Image, partition: u32, replica: u32, millis: u64) -> u64 {
    let limits = throttle.limits(image, place(partition), BrokerId::new(replica));
    Allowance::at(at(millis)).left(&limits)
}

#[test]
fn replicas_are_throttled_by_the_broker_they_are_on() {
    let throttles = Throttles::default();
    let mut image = image();
    let replicas = "leader.replication.throttled.replicas";
    let rate = "leader.replication.throttled.rate";
    set(&mut image, 2, "orders", replicas, "0:1, 1:2,2:1");
    set(&mut image, 4, "1", rate, "500");
    throttles.configure(&image, ME);
    let leader = &throttles.leader;
    assert_eq!(left(leader, &image, 0, 3, 0), 500);
    assert_eq!(left(leader, &image, 1, 3, 0), u64::MAX, "of another broker");
    assert_eq!(left(leader, &image, 0, 2, 0), u64::MAX, "it is in sync");
    assert_eq!(left(&throttles.follower, &image, 0, 3, 0), u64::MAX);
    record(
        &leader.limits(&image, place(0), BrokerId::new(3)),
        700,
        at(0),
    );
    assert_eq!(left(leader, &image, 2, 3, 0), 0, "both share one rate");
    set(&mut image, 2, "orders", replicas, "*");
    throttles.configure(&image, ME);
    assert_eq!(left(leader, &image, 1, 3, 0), 0);
    set(&mut image, 2, "orders", replicas, "");
    throttles.configure(&image, ME);
    assert_eq!(left(leader, &image, 0, 3, 0), u64::MAX);
}

#[test]
fn each_reassignment_has_a_throttle_of_its_own_for_what_it_adds() {
    let throttles = Throttles::default();
    let mut image = image();
    reassign(&mut image, "a", 500, &[0]);
    reassign(&mut image, "b", 300, &[1]);
    throttles.configure(&image, ME);
    for side in [&throttles.leader, &throttles.follower] {
        assert_eq!(left(side, &image, 0, 3, 0), 500);
        assert_eq!(left(side, &image, 1, 3, 0), 300);
        assert_eq!(left(side, &image, 2, 3, 0), u64::MAX, "in none of them");
        assert_eq!(left(side, &image, 0, 2, 0), u64::MAX, "in sync");
        record(&side.limits(&image, place(0), BrokerId::new(3)), 500, at(0));
        assert_eq!(left(side, &image, 0, 3, 0), 0);
        assert_eq!(left(side, &image, 1, 3, 0), 300);
    }
    // The same again is the same throttle; another rate begins anew.
    throttles.configure(&image, ME);
    assert_eq!(left(&throttles.leader, &image, 0, 3, 0), 0);
    reassign(&mut image, "a", 400, &[0]);
    throttles.configure(&image, ME);
    assert_eq!(left(&throttles.leader, &image, 0, 3, 0), 400);
    reassign(&mut image, "a", -1, &[0]);
    throttles.configure(&image, ME);
    assert_eq!(left(&throttles.leader, &image, 0, 3, 0), u64::MAX);
}

#[test]
fn the_lower_of_two_throttles_holds_and_both_count() {
    let throttles = Throttles::default();
    let mut image = image();
    let rate = "follower.replication.throttled.rate";
    let replicas = "follower.replication.throttled.replicas";
    set(&mut image, 2, "orders", replicas, "*");
    set(&mut image, 4, "1", rate, "100");
    reassign(&mut image, "a", 500, &[0]);
    throttles.configure(&image, ME);
    let side = &throttles.follower;
    assert_eq!(left(side, &image, 0, 3, 0), 100);
    let limits = side.limits(&image, place(0), BrokerId::new(3));
    let mut allowance = Allowance::at(at(0));
    assert_eq!(allowance.left(&limits), 100);
    allowance.take(&limits, 30);
    assert_eq!(allowance.left(&limits), 70);
    let others = side.limits(&image, place(1), BrokerId::new(3));
    assert_eq!(allowance.left(&others), 70, "Kafka's is shared");
    record(&limits, 450, at(0));
    set(&mut image, 4, "1", rate, "100000");
    throttles.configure(&image, ME);
    assert_eq!(left(side, &image, 0, 3, 0), 50);
}

#[test]
fn a_reassignment_that_is_over_holds_nothing_back() {
    let throttles = Throttles::default();
    let mut image = image();
    reassign(&mut image, "a", 500, &[0]);
    throttles.configure(&image, ME);
    let done = PartitionChangeRecord {
        partition_id: 0,
        topic_id: ORDERS.to_bytes(),
        isr: Some(vec![1, 2, 3]),
        adding_replicas: Some(Vec::new()),
        leader: -2,
        leader_recovery_state: -1,
        ..PartitionChangeRecord::default()
    };
    image.apply(&done.into()).unwrap();
    assert_eq!(image.reassignments().len(), 0);
    throttles.configure(&image, ME);
    assert!(throttles.leader.reassignments.load().is_empty());
    assert_eq!(left(&throttles.leader, &image, 0, 3, 0), u64::MAX);
}
