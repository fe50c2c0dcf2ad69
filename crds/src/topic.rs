//! `Topic`: a topic as its owners want it.
//!
//! In: nothing. Out: the kind and its rules. Never here: whether the cluster can hold it.

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use kube_core::Rule;
use kube_derive::{CustomResource, KubeSchema};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::config_keys::topic_keys_rule;
use crate::shared::ClusterRef;

/// A topic of a Cluster.
#[derive(CustomResource, Clone, Debug, PartialEq, Serialize, Deserialize, KubeSchema)]
#[kube(
    group = "tidemill.dev",
    version = "v1alpha1",
    kind = "Topic",
    plural = "topics",
    shortname = "tpc",
    category = "tidemill",
    namespaced,
    status = "TopicStatus",
    derive = "PartialEq",
    crates(kube_core = "::kube_core"),
    doc = "A topic of a Cluster.",
    selectable = ".spec.clusterRef.name",
    printcolumn(
        name = "Cluster",
        type_ = "string",
        json_path = ".spec.clusterRef.name"
    ),
    printcolumn(
        name = "Partitions",
        type_ = "integer",
        json_path = ".status.partitions"
    ),
    printcolumn(name = "Replicas", type_ = "integer", json_path = ".status.replicas"),
    printcolumn(
        name = "Ready",
        type_ = "string",
        json_path = ".status.conditions[?(@.type==\"Ready\")].status"
    ),
    printcolumn(
        name = "Reason",
        type_ = "string",
        json_path = ".status.conditions[?(@.type==\"Ready\")].reason"
    ),
    printcolumn(
        name = "Age",
        type_ = "date",
        json_path = ".metadata.creationTimestamp"
    )
)]
#[serde(rename_all = "camelCase")]
#[x_kube(
    crates(kube_core = "::kube_core"),
    validation = Rule::new(
        "has(self.topicName) == has(oldSelf.topicName) && \
         (!has(self.topicName) || self.topicName == oldSelf.topicName)"
    )
    .message("topicName is immutable: make another Topic and move the data")
)]
pub struct TopicSpec {
    /// The cluster that holds the topic. Immutable.
    #[x_kube(validation = Rule::new("self == oldSelf")
        .message("clusterRef is immutable: make another Topic in the other cluster"))]
    pub cluster_ref: ClusterRef,
    /// Kafka's name of the topic, where it differs from the object's name. Immutable.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 249), regex(pattern = "^[a-zA-Z0-9._-]+$"))]
    #[x_kube(
        validation = Rule::new("self != '.' && self != '..'")
            .message("a topic cannot be named . or .."),
        validation = Rule::new("!self.startsWith('__')")
            .message("names with two leading underscores are the cluster's own: choose another")
    )]
    pub topic_name: Option<String>,
    /// Number of partitions. It can be raised; fewer would lose data.
    #[schemars(range(min = 1, max = 10000))]
    pub partitions: i32,
    /// Replicas of each partition. At most the number of brokers.
    #[schemars(range(min = 1, max = 100))]
    pub replicas: i32,
    /// The topic's configs, by Kafka's names. What is not here is as the cluster has it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(schema_with = "crate::shared::config_map")]
    #[x_kube(validation = topic_keys_rule())]
    pub config: BTreeMap<String, String>,
    /// What to do with a topic that was there before the object.
    #[serde(default, skip_serializing_if = "Adoption::is_default")]
    pub adoption: Adoption,
    /// What deleting the object does to the topic.
    #[serde(default, skip_serializing_if = "TopicDeletionPolicy::is_default")]
    pub deletion_policy: TopicDeletionPolicy,
}

/// What the API server checks of the whole object.
pub(crate) fn object_rules() -> Vec<Rule> {
    vec![
        Rule::new("has(self.spec.topicName) || size(self.metadata.name) <= 249").message(
            "the object's name is too long for a topic: set spec.topicName (at most 249 characters)",
        ),
        // What the topic does not have yet can be taken back: a slip, or what another topic of that
        // name has, which is then adopted.
        Rule::new(
            "self.spec.partitions >= oldSelf.spec.partitions || !has(self.status) || \
             !has(self.status.partitions) || self.spec.partitions >= self.status.partitions",
        )
        .message(
            "partitions cannot shrink, since that would lose data: make another Topic with fewer",
        ),
    ]
}

/// Whether a topic that was there before the object becomes the object's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Adoption {
    /// If partitions, replicas and config are already as the spec says.
    #[default]
    IfMatches,
    /// Whatever it is; it is then changed to what the spec says.
    Always,
    /// Not at all.
    Never,
}

impl Adoption {
    fn is_default(&self) -> bool {
        *self == Adoption::default()
    }
}

/// What deleting the object does to the topic.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum TopicDeletionPolicy {
    /// The topic stays, with its records.
    #[default]
    Retain,
    /// The topic and its records go, for good.
    Delete,
    /// The topic goes if it holds no record, else it stays.
    DeleteIfEmpty,
}

impl TopicDeletionPolicy {
    fn is_default(&self) -> bool {
        *self == TopicDeletionPolicy::default()
    }
}

/// What the brokers say about the topic.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TopicStatus {
    /// The generation of the spec that this status is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed_generation: Option<i64>,
    /// Namespace of the operator that looks after the object, as long as one does. Another operator's
    /// objects are left alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator: Option<String>,
    /// Identity of the topic that this object made or adopted. A topic that was made again by
    /// somebody else under the same name has another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub topic_id: Option<String>,
    /// What the brokers were asked to create and have not answered yet, as a hash. A topic like it
    /// that appears meanwhile is this object's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub creating: Option<String>,
    /// Partitions that the topic has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partitions: Option<i32>,
    /// Replicas that its partitions have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replicas: Option<i32>,
    /// Partitions whose in-sync replicas are fewer than their replicas.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub under_replicated: Option<i32>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(schema_with = "crate::shared::conditions")]
    pub conditions: Vec<Condition>,
}
