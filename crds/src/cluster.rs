//! `Cluster`: brokers in pools, over zones, with what they hold.
//!
//! In: nothing. Out: the kind and its rules. Never here: whether a change is possible now; that
//! needs what runs, and `operator-plan` decides it.

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, Time};
use kube_core::Rule;
use kube_derive::{CustomResource, KubeSchema};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::config_keys::cluster_keys_rule;
use crate::shared::DeletionPolicy;

/// A cluster of Tidemill brokers.
#[derive(CustomResource, Clone, Debug, PartialEq, Serialize, Deserialize, KubeSchema)]
#[kube(
    group = "tidemill.dev",
    version = "v1alpha1",
    kind = "Cluster",
    plural = "clusters",
    shortname = "tmc",
    category = "tidemill",
    namespaced,
    status = "ClusterStatus",
    derive = "PartialEq",
    crates(kube_core = "::kube_core"),
    doc = "A cluster of Tidemill brokers.",
    printcolumn(name = "Version", type_ = "string", json_path = ".spec.version"),
    printcolumn(
        name = "Brokers",
        type_ = "integer",
        json_path = ".status.brokers.total"
    ),
    printcolumn(name = "Up", type_ = "integer", json_path = ".status.brokers.ready"),
    printcolumn(
        name = "Updated",
        type_ = "integer",
        json_path = ".status.brokers.updated"
    ),
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
    validation = Rule::new("self.pools.exists(pool, 'controller' in pool.roles)")
        .message("no pool has the role controller: give it to one, with 1, 3 or 5 replicas in all"),
    validation = Rule::new("self.durability == oldSelf.durability").message(
        "durability is immutable, since it says what acknowledged records have survived: make another \
         Cluster and move the data"
    )
)]
pub struct ClusterSpec {
    /// Version of the brokers, one that the operator has an image for.
    #[schemars(
        length(min = 1, max = 63),
        regex(pattern = "^[0-9A-Za-z][0-9A-Za-z._-]*$")
    )]
    pub version: String,
    /// Brokers of one shape each.
    #[schemars(length(min = 1, max = 8))]
    #[x_kube(merge_strategy = ListMerge::Map(vec!["name".into()]))]
    pub pools: Vec<Pool>,
    /// Where clients connect.
    // Atomic, as the roles and zones of a pool: a merged list would keep the defaults beside what
    // somebody applies.
    #[serde(default = "default_listeners")]
    #[schemars(length(min = 1, max = 4))]
    #[x_kube(
        validation = Rule::new("self.all(one, self.exists_one(other, other.port == one.port))")
            .message("two listeners have the same port: give each its own"),
        validation = Rule::new("self.all(one, self.exists_one(other, other.name == one.name))")
            .message("two listeners have the same name: give each its own")
    )]
    pub listeners: Vec<Listener>,
    /// Configs of all brokers, by Kafka's names. They apply without a restart.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(schema_with = "crate::shared::config_map")]
    #[x_kube(validation = cluster_keys_rule())]
    pub config: BTreeMap<String, String>,
    /// What an acknowledged record has survived. Immutable.
    #[serde(default)]
    pub durability: Durability,
    /// How changes that restart brokers are rolled out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub update: Option<Update>,
    /// What deleting the Cluster does to its volumes.
    #[serde(default, skip_serializing_if = "DeletionPolicy::is_default")]
    pub deletion_policy: DeletionPolicy,
}

/// What the API server checks of the whole object.
pub(crate) fn object_rules() -> Vec<Rule> {
    vec![
        Rule::new(
            "size(self.metadata.name) <= 40 && \
             self.metadata.name.matches('^[a-z]([-a-z0-9]*[a-z0-9])?$')",
        )
        .message(
            "the cluster's name becomes the name of Services: at most 40 lower-case letters, digits \
             and hyphens, the first one a letter",
        ),
        Rule::new(
            "self.spec.pools.all(pool, !has(pool.zones) || pool.zones.all(zone, \
             size(self.metadata.name) + size(pool.name) + size(zone) <= 50))",
        )
        .message(
            "the names of cluster, pool and zone have more than 50 characters together: shorten one",
        ),
        // What was taken while it was not refused here can be put back: the operator leaves all as it
        // is while it says NotSupported.
        Rule::new(
            "(has(oldSelf.status) && has(oldSelf.status.conditions) && \
             oldSelf.status.conditions.exists(it, it.type == 'Ready' && it.status == 'False' && \
             it.reason == 'NotSupported')) || \
             self.spec.pools.all(pool, oldSelf.spec.pools.all(old, old.name != pool.name || \
             !isQuantity(pool.storage.size) || !isQuantity(old.storage.size) || \
             quantity(pool.storage.size).compareTo(quantity(old.storage.size)) == 0))",
        )
        .message(
            "the size of a pool's storage cannot be changed yet: put it back, or make another Cluster \
             with the other size and move the data",
        ),
        // The names become that of a StatefulSet, of which Kubernetes makes the value of a label. What
        // was taken while it was not refused here has a status, which nobody can create; it can be
        // changed and deleted, but gets no other such pool.
        Rule::new(
            "has(self.status) || self.spec.pools.all(pool, has(pool.zones) || \
             size(self.metadata.name) + size(pool.name) <= 51)",
        )
        .message(NAMES_TOO_LONG),
        Rule::new(
            "self.spec.pools.all(pool, has(pool.zones) || \
             size(self.metadata.name) + size(pool.name) <= 51 || \
             oldSelf.spec.pools.exists(old, old.name == pool.name))",
        )
        .message(NAMES_TOO_LONG),
    ]
}

const NAMES_TOO_LONG: &str =
    "the names of cluster and pool have more than 51 characters together: shorten one";

/// Brokers of one shape: one StatefulSet per zone.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[x_kube(
    crates(kube_core = "::kube_core"),
    validation = Rule::new("'broker' in self.roles").message(
        "controllers that hold no partitions are not supported yet: add the role broker to the pool"
    ),
    validation = Rule::new("has(self.zones) == has(oldSelf.zones)").message(
        "a pool with zones keeps them and one without stays without: make another Cluster"
    ),
    validation = Rule::new(
        "!has(self.zones) || !has(oldSelf.zones) || \
         (self.zones.join(',') + ',').startsWith(oldSelf.zones.join(',') + ',')"
    )
    .message("zones are append-only, since each holds volumes: put new ones at the end"),
    validation = Rule::new(
        "!has(self.zones) || self.zones.all(one, self.zones.exists_one(other, other == one))"
    )
    .message("a zone is named twice: name each once"),
    validation = Rule::new("!has(self.zones) || self.replicas >= size(self.zones)")
        .message("a zone would be without a broker: raise replicas or list fewer zones")
)]
pub struct Pool {
    /// Name of the pool; it becomes part of the names of its pods.
    #[schemars(
        length(min = 1, max = 20),
        regex(pattern = "^[a-z]([-a-z0-9]*[a-z0-9])?$")
    )]
    pub name: String,
    /// Brokers in all zones together, spread as evenly as possible, the first zones taking the rest.
    #[schemars(range(min = 1, max = 300))]
    pub replicas: i32,
    /// What the brokers do: hold partitions, and vote in the metadata quorum or not. Every pool has the
    /// role broker; controllers alone are not supported yet.
    #[serde(default = "default_roles")]
    #[schemars(length(min = 1, max = 2))]
    pub roles: Vec<Role>,
    /// Zones (values of the node label topology.kubernetes.io/zone) that the brokers are spread
    /// over. Append-only.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(schema_with = "zones_schema")]
    pub zones: Vec<String>,
    pub storage: PoolStorage,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resources: Option<PoolResources>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template: Option<PoolTemplate>,
}

fn zones_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
    schemars::json_schema!({
        "type": "array",
        "minItems": 1,
        "maxItems": 6,
        "items": {
            "type": "string",
            "minLength": 1,
            "maxLength": 40,
            "pattern": "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$",
        },
    })
}

/// What a broker does.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// May be a voter of the metadata quorum.
    Controller,
    /// Holds partitions. Every broker does so far.
    Broker,
}

/// The volume of each broker.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[x_kube(
    crates(kube_core = "::kube_core"),
    validation = Rule::new(
        "has(self.className) == has(oldSelf.className) && \
         (!has(self.className) || self.className == oldSelf.className)"
    )
    .message("className is immutable: make another Cluster with the other class"),
    validation = Rule::new("isQuantity(self.size) && quantity(self.size).isGreaterThan(quantity('0'))")
        .message("size is an amount of storage, for example 10Gi")
)]
pub struct PoolStorage {
    /// Size of the volume, for example 10Gi. It cannot be changed yet.
    #[schemars(length(min = 1, max = 32))]
    pub size: String,
    /// Storage class; the default one where it is left out. Immutable.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 253))]
    pub class_name: Option<String>,
}

/// What a broker's container asks for, as in a pod.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[x_kube(crates(kube_core = "::kube_core"))]
pub struct PoolResources {
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(schema_with = "crate::shared::quantity_map")]
    #[x_kube(validation = quantities_rule())]
    pub requests: BTreeMap<String, Quantity>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(schema_with = "crate::shared::quantity_map")]
    #[x_kube(validation = quantities_rule())]
    pub limits: BTreeMap<String, Quantity>,
}

fn quantities_rule() -> Rule {
    Rule::new(
        "self.all(key, isQuantity(string(self[key])) && \
         !quantity(string(self[key])).isLessThan(quantity('0')))",
    )
    .message(
        "each value is an amount that is not negative, for example 500m of cpu or 2Gi of memory",
    )
}

/// What may be added to the pods of a pool. Anything else of the pod is the operator's.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PoolTemplate {
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(schema_with = "crate::shared::label_map")]
    pub labels: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(schema_with = "crate::shared::label_map")]
    pub annotations: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(schema_with = "crate::shared::label_map")]
    pub node_selector: BTreeMap<String, String>,
    /// As in a pod.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "crate::shared::opaque_object")]
    pub affinity: Option<Value>,
    /// As in a pod.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(schema_with = "crate::shared::opaque_list")]
    pub tolerations: Vec<Value>,
    /// As in a pod.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(schema_with = "crate::shared::opaque_list")]
    pub topology_spread_constraints: Vec<Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 253))]
    pub priority_class_name: Option<String>,
}

/// Where clients connect.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[x_kube(
    crates(kube_core = "::kube_core"),
    validation = Rule::new("!(self.port in [9090, 9091, 9404, 9405])").message(
        "ports 9090, 9091, 9404 and 9405 are the brokers' own: choose another, for example 9092"
    )
)]
pub struct Listener {
    /// Kafka's listener name.
    #[schemars(
        length(min = 1, max = 15),
        regex(pattern = "^[a-z]([-a-z0-9]*[a-z0-9])?$")
    )]
    pub name: String,
    #[schemars(range(min = 1024, max = 65535))]
    pub port: i32,
    #[serde(rename = "type")]
    pub listener_type: ListenerType,
}

/// From where a listener can be reached.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum ListenerType {
    /// From inside the Kubernetes cluster, without encryption.
    #[default]
    Internal,
}

/// What an acknowledged record has survived.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Durability {
    /// It is on the disks of the in-sync replicas.
    #[default]
    Fsync,
    /// It is in the page caches of the in-sync replicas: Kafka's own semantics.
    PageCache,
}

/// How changes that restart brokers are rolled out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Update {
    #[serde(default)]
    pub mode: UpdateMode,
    /// The hash of a pending update in the status: that one is rolled out. Other hashes do nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 64))]
    pub approve: Option<String>,
}

/// When a change that restarts brokers is rolled out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum UpdateMode {
    /// As soon as the spec asks for it. What only a newer operator would render otherwise waits for
    /// approval.
    #[default]
    Automatic,
    /// Only when approved.
    OnDemand,
}

/// What is known of the cluster.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ClusterStatus {
    /// The generation of the spec that this status is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed_generation: Option<i64>,
    /// Namespace of the operator that looks after the object, as long as one does. Another operator's
    /// objects are left alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator: Option<String>,
    /// Kafka's id of the cluster, from the moment that its first broker was given it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cluster_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub brokers: Option<Brokers>,
    /// What clients connect to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 4))]
    pub listeners: Vec<ListenerStatus>,
    /// Changes that would restart brokers and wait.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 48))]
    pub pending_updates: Vec<PendingUpdate>,
    /// The one disruptive action that is under way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disruption: Option<Disruption>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(schema_with = "crate::shared::conditions")]
    pub conditions: Vec<Condition>,
}

/// Counts of brokers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Brokers {
    /// As many as the spec asks for.
    pub total: i32,
    /// Those whose pods are ready.
    pub ready: i32,
    /// Those that run what was approved last.
    pub updated: i32,
}

/// What clients connect to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ListenerStatus {
    pub name: String,
    /// Kafka's `bootstrap.servers`.
    pub bootstrap_servers: String,
}

/// A change that would restart brokers and waits.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PendingUpdate {
    pub stateful_set: String,
    /// What to put into spec.update.approve.
    pub hash: String,
    /// Why it waits.
    pub reason: String,
}

/// A disruptive action that is under way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Disruption {
    pub action: DisruptiveAction,
    /// The pod.
    pub target: String,
    /// What it waits for, or why it is done.
    pub reason: String,
    pub since: Time,
}

/// What is done to a broker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum DisruptiveAction {
    /// Its pod is replaced by one of the approved template.
    Restart,
}

fn default_listeners() -> Vec<Listener> {
    vec![Listener {
        name: "internal".to_owned(),
        port: 9092,
        listener_type: ListenerType::Internal,
    }]
}

fn default_roles() -> Vec<Role> {
    vec![Role::Controller, Role::Broker]
}
