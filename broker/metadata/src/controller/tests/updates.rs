//! Producer ids and feature levels.

use broker_wire::messages::allocate_producer_ids_request::AllocateProducerIdsRequest;
use broker_wire::messages::producer_ids_record::ProducerIdsRecord;
use broker_wire::messages::update_features_request::{FeatureUpdateKey, UpdateFeaturesRequest};

use super::*;

#[test]
fn blocks_of_producer_ids_never_overlap() {
    let mut world = World::with_brokers(2);
    for (broker, start) in [(1, 0), (2, 1000), (1, 2000)] {
        let request = AllocateProducerIdsRequest {
            broker_id: BrokerId::new(broker).to_wire(),
            broker_epoch: world.epoch_of(broker).unwrap().to_wire(),
            ..AllocateProducerIdsRequest::default()
        };
        let decision = world.controller.allocate_producer_ids(&request);
        let response = world.commit(decision);
        assert_eq!(
            (response.producer_id_start, response.producer_id_len),
            (start, 1000)
        );
        world.fail_over();
    }
    let stale = AllocateProducerIdsRequest {
        broker_id: 1,
        broker_epoch: 0,
        ..AllocateProducerIdsRequest::default()
    };
    let decision = world.controller.allocate_producer_ids(&stale);
    let error = world.commit(decision).error_code;
    assert_eq!(code(error), ErrorCode::StaleBrokerEpoch);
}

#[test]
fn the_last_producer_id_is_not_passed() {
    let mut world = World::with_brokers(1);
    let record = ProducerIdsRecord {
        next_producer_id: i64::MAX - 999,
        ..ProducerIdsRecord::default()
    };
    world.replayed.apply(&record.into()).unwrap();
    world.fail_over();
    let request = AllocateProducerIdsRequest {
        broker_id: 1,
        broker_epoch: world.epoch_of(1).unwrap().to_wire(),
        ..AllocateProducerIdsRequest::default()
    };
    let decision = world.controller.allocate_producer_ids(&request);
    let error = world.commit(decision).error_code;
    assert_eq!(code(error), ErrorCode::UnknownServerError);
}

#[test]
fn feature_levels_are_those_that_everyone_supports() {
    let mut world = World::with_brokers(1);
    let cases = [
        (feature::METADATA_VERSION, 30, ErrorCode::None),
        (
            feature::METADATA_VERSION,
            31,
            ErrorCode::InvalidUpdateVersion,
        ),
        (
            feature::METADATA_VERSION,
            0,
            ErrorCode::InvalidUpdateVersion,
        ),
        (feature::TRANSACTION_VERSION, 0, ErrorCode::None),
        (
            feature::TRANSACTION_VERSION,
            2,
            ErrorCode::InvalidUpdateVersion,
        ),
        (
            feature::ELIGIBLE_LEADER_REPLICAS_VERSION,
            0,
            ErrorCode::InvalidUpdateVersion,
        ),
        ("no.such.feature", 1, ErrorCode::InvalidUpdateVersion),
    ];
    let before = world.replayed.clone();
    for (name, level, error) in cases {
        let request = UpdateFeaturesRequest {
            feature_updates: vec![FeatureUpdateKey {
                feature: name.into(),
                max_version_level: level,
                ..FeatureUpdateKey::default()
            }],
            ..UpdateFeaturesRequest::default()
        };
        let decision = world.controller.update_features(&request);
        let response = world.commit(decision);
        assert_eq!(code(response.error_code), error, "{name} {level}");
        assert_eq!(response.results[0].error_code, response.error_code);
        assert_eq!(world.replayed, before);
    }
}

#[test]
fn a_new_cluster_begins_with_the_levels_that_its_brokers_support() {
    let world = World::new();
    let levels: Vec<(&str, i16)> = world
        .replayed
        .features()
        .map(|(name, level)| (&**name, level))
        .collect();
    assert_eq!(
        levels,
        [
            ("eligible.leader.replicas.version", 1),
            ("metadata.version", 30),
            ("tidemill.version", 2)
        ]
    );
    assert_eq!(
        world.replayed.feature_level(feature::TRANSACTION_VERSION),
        0
    );
}

#[test]
fn the_first_controller_of_a_cluster_goes_by_the_levels_that_it_begins_with() {
    let empty = Image::new(CLUSTER.into());
    let mut controller = Controller::new(Settings::default(), empty, Monotonic::ZERO);
    assert_eq!(
        controller.begin_cluster().records,
        feature::bootstrap_records()
    );
    let level = controller.image().feature_level(feature::TIDEMILL_VERSION);
    assert_eq!(level, feature::REASSIGNMENTS_LEVEL);
    assert_eq!(controller.begin_cluster().records, [], "it has begun");
}
