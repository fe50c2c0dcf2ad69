//! `ConsumerGroup`: a consumer group and the lag that its owners accept.
//!
//! In: nothing. Out: the kind and its rules. Never here: making a group; its members do that.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use kube_derive::{CustomResource, KubeSchema};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::shared::ClusterRef;

/// A consumer group of a Cluster: observed, never made.
#[derive(CustomResource, Clone, Debug, PartialEq, Serialize, Deserialize, KubeSchema)]
#[kube(
    group = "tidemill.dev",
    version = "v1alpha1",
    kind = "ConsumerGroup",
    plural = "consumergroups",
    shortname = "cgr",
    category = "tidemill",
    namespaced,
    status = "ConsumerGroupStatus",
    derive = "PartialEq",
    crates(kube_core = "::kube_core"),
    doc = "A consumer group of a Cluster: observed, never made.",
    selectable = ".spec.clusterRef.name",
    printcolumn(
        name = "Cluster",
        type_ = "string",
        json_path = ".spec.clusterRef.name"
    ),
    printcolumn(name = "Group", type_ = "string", json_path = ".spec.groupId"),
    printcolumn(name = "State", type_ = "string", json_path = ".status.state"),
    printcolumn(name = "Members", type_ = "integer", json_path = ".status.members"),
    printcolumn(name = "Lag", type_ = "integer", json_path = ".status.lag.total"),
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
#[x_kube(crates(kube_core = "::kube_core"))]
pub struct ConsumerGroupSpec {
    /// The cluster that the group reads from. Immutable.
    #[x_kube(validation = Rule::new("self == oldSelf")
        .message("clusterRef is immutable: make another ConsumerGroup for the other cluster"))]
    pub cluster_ref: ClusterRef,
    /// Kafka's `group.id`. Immutable.
    #[schemars(length(min = 1, max = 249))]
    #[x_kube(validation = Rule::new("self == oldSelf")
        .message("groupId is immutable: make another ConsumerGroup"))]
    pub group_id: String,
    /// The lag that is accepted. Above it the condition LagWithinLimit is False.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lag: Option<LagLimit>,
}

/// The lag that is accepted of each partition.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[x_kube(
    crates(kube_core = "::kube_core"),
    validation = Rule::new("has(self.max) || has(self.maxSeconds)")
        .message("a lag limit without a number limits nothing: set max or maxSeconds, or remove lag")
)]
pub struct LagLimit {
    /// Records that may wait in one partition.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0))]
    pub max: Option<i64>,
    /// Seconds that a record may wait.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub max_seconds: Option<i64>,
}

/// What the brokers say about the group.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConsumerGroupStatus {
    /// The generation of the spec that this status is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed_generation: Option<i64>,
    /// Namespace of the operator that looks after the object, as long as one does. Another operator's
    /// objects are left alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator: Option<String>,
    /// Kafka's word: Empty, PreparingRebalance, CompletingRebalance, Stable, Dead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// What the members agreed on, for example range.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub protocol: Option<String>,
    /// Members of the group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub members: Option<i32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lag: Option<Lag>,
    /// The partitions with the most lag: at most 10.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 10))]
    pub partitions: Vec<PartitionLag>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(schema_with = "crate::shared::conditions")]
    pub conditions: Vec<Condition>,
}

/// How far the group is behind.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Lag {
    /// Records that wait in all partitions.
    pub total: i64,
    /// Records that wait in the partition that is furthest behind.
    pub max: i64,
    /// Seconds that the oldest waiting record has waited, as far as that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_seconds: Option<i64>,
}

/// How far the group is behind in one partition.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PartitionLag {
    pub topic: String,
    pub partition: i32,
    /// Records that wait.
    pub lag: i64,
    /// The client that the partition is assigned to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
}
