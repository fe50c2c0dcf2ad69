//! Configs are set, unset, extended and replaced, and partitions follow.

use broker_wire::messages::alter_configs_request as legacy;

use super::*;

const SET: i8 = 0;
const APPEND: i8 = 2;
const SUBTRACT: i8 = 3;

fn value(world: &World, resource: &ConfigResource, key: &str) -> Option<String> {
    let value = world.replayed.configs().value(resource, key);
    value.map(|it| it.to_string())
}

#[test]
fn configs_are_set_and_deleted() {
    let mut world = World::with_brokers(2);
    world.create_topic("orders", 1, 1, 1);
    let cases = [
        (2, "orders", ConfigResource::Topic("orders".into())),
        (4, "1", ConfigResource::Broker(BrokerId::new(1))),
        (4, "", ConfigResource::ClusterDefault),
    ];
    for (kind, name, resource) in cases {
        let key = "retention.ms";
        assert_eq!(
            world.set_config(kind, name, key, Some("5")),
            ErrorCode::None
        );
        assert_eq!(value(&world, &resource, key).as_deref(), Some("5"));
        assert_eq!(world.set_config(kind, name, key, None), ErrorCode::None);
        assert_eq!(value(&world, &resource, key), None);
        // Deleting what is not set does nothing.
        assert_eq!(world.set_config(kind, name, key, None), ErrorCode::None);
    }
}

#[test]
fn changes_that_cannot_be_are_refused() {
    let mut world = World::with_brokers(1);
    world.create_topic("orders", 1, 1, 1);
    let before = world.replayed.clone();
    let cases = [
        (
            2,
            "none",
            "retention.ms",
            SET,
            Some("1"),
            ErrorCode::UnknownTopicOrPartition,
        ),
        (
            4,
            "9",
            "retention.ms",
            SET,
            Some("1"),
            ErrorCode::BrokerIdNotRegistered,
        ),
        (
            4,
            "x",
            "retention.ms",
            SET,
            Some("1"),
            ErrorCode::InvalidRequest,
        ),
        (
            2,
            "",
            "retention.ms",
            SET,
            Some("1"),
            ErrorCode::InvalidRequest,
        ),
        (
            99,
            "x",
            "retention.ms",
            SET,
            Some("1"),
            ErrorCode::InvalidRequest,
        ),
        (
            2,
            "orders",
            "retention.ms",
            SET,
            Some("x"),
            ErrorCode::InvalidConfig,
        ),
        (
            2,
            "orders",
            "no.such.key",
            SET,
            Some("x"),
            ErrorCode::InvalidConfig,
        ),
        (
            2,
            "orders",
            "retention.ms",
            SET,
            None,
            ErrorCode::InvalidRequest,
        ),
        (
            2,
            "orders",
            "cleanup.policy",
            APPEND,
            None,
            ErrorCode::InvalidRequest,
        ),
        (
            2,
            "orders",
            "retention.ms",
            4,
            Some("1"),
            ErrorCode::InvalidRequest,
        ),
        (2, "orders", "", SET, Some("1"), ErrorCode::InvalidRequest),
        (
            2,
            "orders",
            "retention.ms",
            APPEND,
            Some("1"),
            ErrorCode::InvalidConfig,
        ),
        (
            2,
            "orders",
            "retention.ms",
            SUBTRACT,
            Some("1"),
            ErrorCode::InvalidConfig,
        ),
        (
            2,
            "orders",
            "cleanup.policy",
            SUBTRACT,
            Some("delete"),
            ErrorCode::InvalidConfig,
        ),
        (
            4,
            "1",
            "min.insync.replicas",
            SET,
            Some("2"),
            ErrorCode::InvalidConfig,
        ),
    ];
    for (kind, name, key, operation, value, error) in cases {
        let found = world.operate_config(kind, name, key, operation, value);
        assert_eq!(
            found, error,
            "{kind} {name:?} {key:?} {operation} {value:?}"
        );
        assert_eq!(world.replayed, before);
    }
}

#[test]
fn lists_grow_and_shrink_by_element() {
    let mut world = World::with_brokers(1);
    world.create_topic("orders", 1, 1, 1);
    let steps = [
        (APPEND, "compact", "delete,compact"),
        (APPEND, "compact, x", "delete,compact,x"),
        (SUBTRACT, "delete,none", "compact,x"),
        (SUBTRACT, "x", "compact"),
    ];
    for (operation, elements, expected) in steps {
        let key = "cleanup.policy";
        let error = world.operate_config(2, "orders", key, operation, Some(elements));
        assert_eq!(error, ErrorCode::None);
        let resource = ConfigResource::Topic("orders".into());
        assert_eq!(value(&world, &resource, key).as_deref(), Some(expected));
    }
}

#[test]
fn a_value_that_is_too_long_for_the_wire_is_refused() {
    let mut world = World::with_brokers(1);
    world.create_topic("orders", 1, 1, 1);
    let key = "cleanup.policy";
    let (longest, longer) = ("x".repeat(32_767), "x".repeat(32_768));
    for (kind, name) in [(2, "orders"), (4, "1"), (4, "")] {
        let mut set = |value: &str| world.set_config(kind, name, key, Some(value));
        assert_eq!(set(&longer), ErrorCode::InvalidConfig);
        assert_eq!(set(&longest), ErrorCode::None);
        // What is there grows by one word more.
        let appended = world.operate_config(kind, name, key, APPEND, Some("y"));
        assert_eq!(appended, ErrorCode::InvalidConfig);
    }
    let replaced = legacy::AlterConfigsRequest {
        resources: vec![legacy::AlterConfigsResource {
            resource_type: 2,
            resource_name: "orders".into(),
            configs: vec![legacy::AlterableConfig {
                name: key.into(),
                value: Some(longer.as_str().into()),
                ..legacy::AlterableConfig::default()
            }],
            ..legacy::AlterConfigsResource::default()
        }],
        ..legacy::AlterConfigsRequest::default()
    };
    let decision = world.controller.alter_configs(&replaced, &Rules);
    let response = world.commit(decision);
    let refused = code(response.responses[0].error_code);
    assert_eq!(refused, ErrorCode::InvalidConfig);
    let created = world.create(vec![CreatableTopic {
        configs: vec![config(key, Some(&longer))],
        ..topic("clicks", 1, 1)
    }]);
    assert_eq!(code(created[0].error_code), ErrorCode::InvalidConfig);
}

fn request(
    resources: &[(&str, &[(&str, &str)])],
) -> configs_request::IncrementalAlterConfigsRequest {
    let resources = resources.iter().map(|(name, configs)| {
        let configs = configs
            .iter()
            .map(|(name, value)| configs_request::AlterableConfig {
                name: (*name).into(),
                value: Some((*value).into()),
                ..configs_request::AlterableConfig::default()
            });
        configs_request::AlterConfigsResource {
            resource_type: 2,
            resource_name: (*name).into(),
            configs: configs.collect(),
            ..configs_request::AlterConfigsResource::default()
        }
    });
    configs_request::IncrementalAlterConfigsRequest {
        resources: resources.collect(),
        ..configs_request::IncrementalAlterConfigsRequest::default()
    }
}

#[test]
fn a_resource_changes_whole_or_not_at_all() {
    let mut world = World::with_brokers(1);
    for name in ["one", "two", "three"] {
        world.create_topic(name, 1, 1, 1);
    }
    let request = request(&[
        ("one", &[("retention.ms", "1"), ("no.such.key", "1")]),
        ("two", &[("retention.ms", "2")]),
        ("three", &[("retention.ms", "3")]),
        ("three", &[("retention.ms", "4")]),
        ("two.other", &[]),
    ]);
    let decision = world.controller.incremental_alter_configs(&request, &Rules);
    let responses = world.commit(decision).responses;
    let codes: Vec<ErrorCode> = responses.iter().map(|it| code(it.error_code)).collect();
    assert_eq!(
        codes,
        [
            ErrorCode::InvalidConfig,
            ErrorCode::None,
            ErrorCode::InvalidRequest,
            ErrorCode::InvalidRequest,
            ErrorCode::UnknownTopicOrPartition,
        ]
    );
    let retention = |name: &str| {
        let resource = ConfigResource::Topic(name.into());
        value(&world, &resource, "retention.ms")
    };
    assert_eq!(
        (retention("one"), retention("two")),
        (None, Some("2".to_owned()))
    );
    assert_eq!(retention("three"), None);
}

#[test]
fn a_config_named_twice_is_refused() {
    let mut world = World::with_brokers(1);
    world.create_topic("one", 1, 1, 1);
    let request = request(&[("one", &[("retention.ms", "1"), ("retention.ms", "2")])]);
    let decision = world.controller.incremental_alter_configs(&request, &Rules);
    let responses = world.commit(decision).responses;
    assert_eq!(code(responses[0].error_code), ErrorCode::InvalidRequest);
}

#[test]
fn validation_alone_changes_nothing() {
    let mut world = World::with_brokers(1);
    world.create_topic("one", 1, 1, 1);
    let request = configs_request::IncrementalAlterConfigsRequest {
        validate_only: true,
        ..request(&[("one", &[("retention.ms", "1")])])
    };
    let decision = world.controller.incremental_alter_configs(&request, &Rules);
    assert!(decision.records.is_empty());
    assert_eq!(world.commit(decision).responses[0].error_code, 0);
}

#[test]
fn the_older_request_replaces_everything() {
    let mut world = World::with_brokers(1);
    world.create_topic("orders", 1, 1, 1);
    world.set_config(2, "orders", "cleanup.policy", Some("compact"));
    let named = |value: Option<&str>| legacy::AlterConfigsRequest {
        resources: vec![legacy::AlterConfigsResource {
            resource_type: 2,
            resource_name: "orders".into(),
            configs: vec![legacy::AlterableConfig {
                name: "retention.ms".into(),
                value: value.map(Into::into),
                ..legacy::AlterableConfig::default()
            }],
            ..legacy::AlterConfigsResource::default()
        }],
        ..legacy::AlterConfigsRequest::default()
    };
    let decision = world.controller.alter_configs(&named(None), &Rules);
    let error = world.commit(decision).responses[0].error_code;
    assert_eq!(code(error), ErrorCode::InvalidRequest);
    let decision = world.controller.alter_configs(&named(Some("7")), &Rules);
    assert_eq!(world.commit(decision).responses[0].error_code, 0);
    let resource = ConfigResource::Topic("orders".into());
    let set: Vec<_> = world.replayed.configs().of(&resource).collect();
    assert_eq!(set, [(&"retention.ms".into(), &"7".into())]);
}

#[test]
fn a_lower_minimum_ends_the_elr_in_the_same_batch() {
    for (kind, name) in [(2, "orders"), (4, "")] {
        let mut world = World::with_brokers(3);
        world.create(vec![topic("orders", 1, 3)]);
        assert_eq!(
            world.set_config(kind, name, "min.insync.replicas", Some("3")),
            ErrorCode::None
        );
        world.set_isr("orders", 0, &[1, 2]);
        assert_eq!(world.partition("orders", 0).elr, ids(&[3]));
        // `commit` checks that no image has an ELR beside an ISR at its minimum.
        world.set_config(kind, name, "min.insync.replicas", Some("2"));
        assert_eq!(world.partition("orders", 0).elr, ids(&[]));
        world.set_config(kind, name, "min.insync.replicas", Some("3"));
        assert_eq!(world.partition("orders", 0).elr, ids(&[]));
        world.set_isr("orders", 0, &[1]);
        world.set_config(kind, name, "min.insync.replicas", None);
        assert_eq!(world.partition("orders", 0).elr, ids(&[]));
    }
}

#[test]
fn allowing_unclean_election_elects_at_once() {
    let mut world = World::with_brokers(2);
    world.create_topic("orders", 1, 2, 2);
    world.set_isr("orders", 0, &[1]);
    world.kill(2);
    world.kill(1);
    let mut request = world.registration(2);
    request.previous_broker_epoch = -1;
    world.register(&request);
    world.beat(2);
    assert_eq!(world.partition("orders", 0).leader, None);
    world.set_config(2, "orders", "unclean.leader.election.enable", Some("true"));
    assert_eq!(world.partition("orders", 0).leader, Some(BrokerId::new(2)));
}
