//! The definitions are fresh, small and bounded; the rules refuse what they should, and say why.

use expect_test::expect_file;
use kube_core::cel::Validator;
use serde_json::Value;

use super::*;

const CLUSTER: &str = "
metadata: {name: demo}
spec:
  version: 0.1.0
  pools:
  - {name: main, replicas: 3, roles: [controller, broker], zones: [a, b, c], storage: {size: 10Gi, className: fast}}
  listeners: [{name: internal, port: 9092, type: Internal}]
  config: {min.insync.replicas: '2'}
  durability: fsync
";

const TOPIC: &str = "
metadata: {name: orders}
spec:
  clusterRef: {name: demo}
  partitions: 6
  replicas: 3
  config: {retention.ms: '3600000'}
";

const GROUP_OBJECT: &str = "
metadata: {name: billing}
spec: {clusterRef: {name: demo}, groupId: billing, lag: {max: 100}}
";

fn schema(plural: &str) -> Value {
    let definitions = definitions();
    let (_, definition) = definitions.iter().find(|(it, _)| *it == plural).unwrap();
    definition
        .pointer("/spec/versions/0/schema/openAPIV3Schema")
        .unwrap()
        .clone()
}

/// What the rules say of a creation (`old` is `None`) or a change: the messages, joined.
fn messages(plural: &str, old: Option<&str>, new: &str) -> String {
    let new: Value = serde_yaml::from_str(new).unwrap();
    let old: Option<Value> = old.map(|it| serde_yaml::from_str(it).unwrap());
    match Validator::new().validate(&schema(plural), &new, old.as_ref()) {
        Ok(()) => String::new(),
        Err(errors) => {
            let all: Vec<String> = errors.iter().map(|it| it.message.clone()).collect();
            all.join("; ")
        }
    }
}

/// Checks that `from` replaced by `to` is refused, at creation or as a change, with this message.
#[track_caller]
fn refused(plural: &str, base: &str, is_change: bool, from: &str, to: &str, expected: &str) {
    assert!(base.contains(from), "the base does not hold `{from}`");
    let found = messages(plural, is_change.then_some(base), &base.replace(from, to));
    assert!(
        found.contains(expected),
        "`{to}`: found `{found}`, expected `{expected}`"
    );
}

#[test]
fn generated_yaml_is_fresh() {
    for (plural, definition) in definitions() {
        let yaml = serde_yaml::to_string(&definition).unwrap();
        let path = format!("{}/generated/{plural}.yaml", env!("CARGO_MANIFEST_DIR"));
        expect_file![path].assert_eq(&yaml);
    }
}

#[test]
fn the_chart_has_the_same_definitions_and_keeps_them_when_it_goes() {
    for (plural, mut definition) in definitions() {
        definition["metadata"]["annotations"]["helm.sh/resource-policy"] = "keep".into();
        let yaml = serde_yaml::to_string(&definition).unwrap();
        assert!(!yaml.contains("{{"), "Helm would take it for a template");
        let charts = format!("{}/../charts/tidemill-crds", env!("CARGO_MANIFEST_DIR"));
        expect_file![format!("{charts}/templates/{plural}.yaml")].assert_eq(&yaml);
    }
}

#[test]
fn the_examples_are_what_the_rules_accept() {
    let examples = format!("{}/../examples", env!("CARGO_MANIFEST_DIR"));
    let mut seen = 0;
    for entry in std::fs::read_dir(examples).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let object: Value = serde_yaml::from_str(&text).unwrap();
        let kind = object["kind"].as_str().unwrap().to_owned();
        let read = match kind.as_str() {
            "Cluster" => serde_json::from_value(object).map(|_: Cluster| ()),
            "Topic" => serde_json::from_value(object).map(|_: Topic| ()),
            "ConsumerGroup" => serde_json::from_value(object).map(|_: ConsumerGroup| ()),
            other => panic!("{}: {other}", path.display()),
        };
        read.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let plural = format!("{}s", kind.to_lowercase());
        assert_eq!(messages(&plural, None, &text), "", "{}", path.display());
        seen += 1;
    }
    assert!(seen >= 6, "only {seen} examples were seen");
}

#[test]
fn a_definition_is_small_enough_for_kubectl_apply() {
    for (plural, definition) in definitions() {
        let size = serde_json::to_string(&definition).unwrap().len();
        assert!(size < 60_000, "{plural} has {size} bytes");
    }
}

#[test]
fn every_string_list_and_map_of_a_spec_has_a_bound() {
    fn walk(path: &str, schema: &Value) -> usize {
        let has = |key: &str| schema.get(key).is_some();
        let is_opaque = has("x-kubernetes-preserve-unknown-fields");
        match schema.get("type").and_then(Value::as_str) {
            Some("string") => assert!(has("maxLength") || has("enum"), "{path} has no maxLength"),
            Some("array") => assert!(has("maxItems"), "{path} has no maxItems"),
            Some("object") if has("additionalProperties") => {
                assert!(has("maxProperties"), "{path} has no maxProperties");
            }
            Some("object") => assert!(has("properties") || is_opaque, "{path} is open"),
            _ => {}
        }
        let properties = schema.get("properties").and_then(Value::as_object);
        let properties = properties.into_iter().flatten();
        let inner = [
            ("[]", schema.get("items")),
            ("{}", schema.get("additionalProperties")),
        ];
        let inner = inner.into_iter().filter_map(|(name, it)| Some((name, it?)));
        properties
            .map(|(name, it)| (name.as_str(), it))
            .chain(inner)
            .map(|(name, it)| walk(&format!("{path}.{name}"), it))
            .sum::<usize>()
            + 1
    }
    for (plural, _) in definitions() {
        let schema = schema(plural);
        let seen = walk(plural, schema.pointer("/properties/spec").unwrap());
        assert!(seen > 4, "{plural}: only {seen} fields were seen");
    }
}

#[test]
fn the_rules_accept_what_is_right() {
    assert_eq!(messages("clusters", None, CLUSTER), "");
    assert_eq!(messages("clusters", Some(CLUSTER), CLUSTER), "");
    assert_eq!(messages("topics", Some(TOPIC), TOPIC), "");
    assert_eq!(
        messages("consumergroups", Some(GROUP_OBJECT), GROUP_OBJECT),
        ""
    );
    let grown = CLUSTER.replace("[a, b, c]", "[a, b, c, d]");
    let grown = grown.replace("replicas: 3", "replicas: 4");
    assert_eq!(messages("clusters", Some(CLUSTER), &grown), "");
    let more = TOPIC.replace("partitions: 6", "partitions: 7");
    assert_eq!(messages("topics", Some(TOPIC), &more), "");
}

#[test]
fn a_wrong_cluster_is_refused_with_the_remedy() {
    let new = |from, to, expected| refused("clusters", CLUSTER, false, from, to, expected);
    new("name: demo", "name: 1demo", "the first one a letter");
    let long_zone = format!("[a, b, {}]", "c".repeat(43));
    new("[a, b, c]", &long_zone, "shorten one");
    let without_zones = CLUSTER.replace("zones: [a, b, c], ", "");
    let long = without_zones.replace("name: demo", &format!("name: {}", "d".repeat(40)));
    let pool = |n: usize| long.replace("name: main", &format!("name: {}", "p".repeat(n)));
    assert_eq!(messages("clusters", None, &pool(11)), "");
    let message = messages("clusters", None, &pool(12));
    assert!(message.contains("more than 51 characters"), "{message}");
    // One that is there already can be looked after, changed and deleted, but gets no other such pool.
    let told = pool(12) + "status: {operator: tidemill}\n";
    let changed = told.replace("replicas: 3", "replicas: 5");
    assert_eq!(messages("clusters", Some(&pool(12)), &told), "");
    assert_eq!(messages("clusters", Some(&told), &changed), "");
    for old in [&told, &pool(11)] {
        let message = messages("clusters", Some(old), &told.replace("name: pp", "name: qp"));
        assert!(message.contains("more than 51 characters"), "{message}");
    }
    new(
        "roles: [controller, broker]",
        "roles: [broker]",
        "give it to one, with 1, 3 or 5",
    );
    new(
        "roles: [controller, broker]",
        "roles: [controller]",
        "add the role broker to the pool",
    );
    new(
        "replicas: 3",
        "replicas: 2",
        "raise replicas or list fewer zones",
    );
    new("10Gi", "ten", "for example 10Gi");
    new("10Gi", "'0'", "for example 10Gi");
    let resources = |value: &str| {
        let to = format!("roles: [controller, broker], resources: {{limits: {{cpu: {value}}}}}");
        messages(
            "clusters",
            None,
            &CLUSTER.replace("roles: [controller, broker]", &to),
        )
    };
    for value in ["lots", "-1", "'-1m'", "1 Gi"] {
        assert!(resources(value).contains("for example 500m"), "{value}");
    }
    for value in ["2", "500m", "'1.5'", "0"] {
        assert_eq!(resources(value), "", "{value}");
    }
    new(
        "port: 9092",
        "port: 9090",
        "choose another, for example 9092",
    );
    new(
        "listeners: [{",
        "listeners: [{name: other, port: 9092, type: Internal}, {",
        "give each its own",
    );
    new(
        "listeners: [{",
        "listeners: [{name: internal, port: 9093, type: Internal}, {",
        "the same name",
    );
    new("[a, b, c]", "[a, b, b]", "name each once");
    new(
        "min.insync.replicas",
        "min.insync.replica",
        "unknown cluster config min.insync.replica: use",
    );
    new("min.insync.replicas", "retention.ms", "log.retention.ms");
}

#[test]
fn a_forbidden_change_of_a_cluster_is_refused_with_the_remedy() {
    let change = |from, to, expected| refused("clusters", CLUSTER, true, from, to, expected);
    change("10Gi", "9Gi", "storage cannot be changed yet: put it back");
    change("10Gi", "20Gi", "storage cannot be changed yet: put it back");
    change(
        "className: fast",
        "className: slow",
        "className is immutable",
    );
    change(", className: fast", "", "className is immutable");
    change(
        "durability: fsync",
        "durability: page-cache",
        "durability is immutable",
    );
    change("[a, b, c]", "[b, a, c]", "zones are append-only");
    change("[a, b, c]", "[a, b]", "zones are append-only");
    change("[a, b, c]", "[a, b, cc]", "zones are append-only");
    change("zones: [a, b, c], ", "", "make another Cluster");
    // An amount that is none is told as such and no more.
    let text = CLUSTER.replace("10Gi", "10Gx");
    assert_eq!(
        messages("clusters", Some(CLUSTER), &text),
        "size is an amount of storage, for example 10Gi"
    );
}

#[test]
fn a_size_that_the_operator_does_not_support_can_be_put_back() {
    let with_reason = |size: &str, reason: &str| {
        format!(
            "{}status: {{conditions: [{{type: Ready, status: 'False', reason: {reason}, message: x, \
             lastTransitionTime: '2026-01-01T00:00:00Z'}}]}}\n",
            CLUSTER.replace("10Gi", size)
        )
    };
    let put_back = |reason: &str| {
        let (old, new) = (with_reason("20Gi", reason), with_reason("10Gi", reason));
        messages("clusters", Some(&old), &new)
    };
    assert_eq!(put_back("NotSupported"), "");
    assert!(put_back("BrokersDown").contains("cannot be changed yet"));
    // The same amount in other words is no change.
    let same = CLUSTER.replace("10Gi", "10240Mi");
    assert_eq!(messages("clusters", Some(CLUSTER), &same), "");
}

#[test]
fn a_wrong_topic_is_refused_with_the_remedy() {
    let new = |from, to, expected| refused("topics", TOPIC, false, from, to, expected);
    new(
        "retention.ms",
        "retention.msec",
        "unknown topic config retention.msec: use",
    );
    new(
        "partitions: 6",
        "topicName: ..\n  partitions: 6",
        "cannot be named",
    );
    let named = "partitions: 6\n  topicName: __mine";
    new("partitions: 6", named, "choose another");
    let long = format!("name: {}", "x".repeat(250));
    new("name: orders", &long, "set spec.topicName");
}

#[test]
fn a_forbidden_change_of_a_topic_is_refused_with_the_remedy() {
    let change = |from, to, expected| refused("topics", TOPIC, true, from, to, expected);
    change("name: demo", "name: other", "clusterRef is immutable");
    let made = format!("{TOPIC}status: {{topicId: x, partitions: 6}}\n");
    let expected = "partitions cannot shrink";
    refused(
        "topics",
        &made,
        true,
        "partitions: 6\n  replicas",
        "partitions: 5\n  replicas",
        expected,
    );
    // What was asked for and is not there can be taken back.
    let fewer = |made: &str| made.replace("partitions: 6\n", "partitions: 5\n");
    assert_eq!(messages("topics", Some(TOPIC), &fewer(TOPIC)), "");
    let smaller = made.replace("x, partitions: 6", "x, partitions: 5");
    assert_eq!(messages("topics", Some(&smaller), &fewer(&smaller)), "");
    // Somebody has added some: that is told of elsewhere, and stands in the way of nothing.
    let larger = made.replace("x, partitions: 6", "x, partitions: 9");
    assert_eq!(messages("topics", Some(&larger), &larger), "");
    change(
        "partitions: 6",
        "partitions: 6\n  topicName: t",
        "topicName is immutable",
    );
}

#[test]
fn a_wrong_consumer_group_is_refused_with_the_remedy() {
    let plural = "consumergroups";
    refused(
        plural,
        GROUP_OBJECT,
        true,
        "name: demo",
        "name: other",
        "clusterRef is immutable",
    );
    refused(
        plural,
        GROUP_OBJECT,
        true,
        "groupId: billing",
        "groupId: b",
        "groupId is immutable",
    );
    refused(
        plural,
        GROUP_OBJECT,
        false,
        "{max: 100}",
        "{}",
        "set max or maxSeconds",
    );
}

#[test]
fn numbers_that_make_no_sense_are_out_of_range() {
    let range = |plural: &str, pointer: &str| {
        let field = schema(plural).pointer(pointer).cloned().unwrap();
        (
            field["minimum"].as_f64().unwrap(),
            field["maximum"].as_f64().unwrap(),
        )
    };
    let pool = "/properties/spec/properties/pools/items/properties/replicas";
    assert_eq!(range("clusters", pool), (1.0, 300.0));
    assert_eq!(
        range("topics", "/properties/spec/properties/partitions"),
        (1.0, 10_000.0)
    );
    assert_eq!(
        range("topics", "/properties/spec/properties/replicas"),
        (1.0, 100.0)
    );
}

#[test]
fn the_lists_of_config_keys_are_sorted_and_without_repetition() {
    for keys in [TOPIC_CONFIG_KEYS, CLUSTER_CONFIG_KEYS] {
        assert!(keys.is_sorted_by(|a, b| a < b));
    }
}
