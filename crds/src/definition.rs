//! The definitions of the kinds, as the API server is given them.
//!
//! In: the kinds. Out: JSON values, smoothed. Never here: YAML or files; the test that keeps
//! `generated/` fresh writes them.

use kube_core::{CustomResourceExt, Rule};
use serde::Serialize;
use serde_json::Value;

use crate::{Cluster, ConsumerGroup, Topic, cluster, topic};

/// Formats of numbers that the API server knows.
const KNOWN_FORMATS: &[&str] = &["int32", "int64", "date-time"];

/// Each kind's name in the plural, and its definition.
pub fn definitions() -> Vec<(&'static str, Value)> {
    [
        ("clusters", Cluster::crd(), cluster::object_rules()),
        ("topics", Topic::crd(), topic::object_rules()),
        ("consumergroups", ConsumerGroup::crd(), Vec::new()),
    ]
    .into_iter()
    .map(|(plural, definition, rules)| {
        let mut definition = plain(definition);
        if !rules.is_empty() {
            add_object_rules(&mut definition, rules);
        }
        smooth(&mut definition);
        (plural, definition)
    })
    .collect()
}

fn plain(value: impl Serialize) -> Value {
    serde_json::to_value(value).expect("a definition is plain data")
}

/// Adds rules that see the object's name beside its spec.
fn add_object_rules(definition: &mut Value, rules: Vec<Rule>) {
    let schema = definition.pointer_mut("/spec/versions/0/schema/openAPIV3Schema");
    let schema = schema
        .and_then(Value::as_object_mut)
        .expect("a definition has a schema");
    schema.insert("x-kubernetes-validations".to_owned(), plain(rules));
}

/// Takes away what the generator says and the API server has no use for.
///
/// `nullable` above all: without it a null is dropped before the rules see it, so that `has()` means
/// that there is a value.
fn smooth(value: &mut Value) {
    match value {
        Value::Object(object) => {
            object.remove("nullable");
            let is_strange = object
                .get("format")
                .and_then(Value::as_str)
                .is_some_and(|it| !KNOWN_FORMATS.contains(&it));
            if is_strange {
                object.remove("format");
            }
            object.values_mut().for_each(smooth);
        }
        Value::Array(array) => array.iter_mut().for_each(smooth),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
