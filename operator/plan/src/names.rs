//! The names of everything that belongs to a cluster, its labels and its ports.
//!
//! In: the cluster's name and namespace. Out: names. Never here: objects.
//!
//! A label that a selector uses is never changed: a new one would cut running pods off.

use std::collections::BTreeMap;

/// The field manager of everything that the operator writes.
pub const FIELD_MANAGER: &str = "tidemill-operator";

/// The Cluster that an object belongs to.
pub const CLUSTER_LABEL: &str = "tidemill.dev/cluster";
/// The pool that a StatefulSet, pod or volume belongs to.
pub const POOL_LABEL: &str = "tidemill.dev/pool";
/// What a PodDisruptionBudget selects by: the zone, or [`NO_ZONE`].
pub const ZONE_LABEL: &str = "tidemill.dev/zone";
/// On a volume: the node id of the broker whose data it holds.
pub const NODE_ID_LABEL: &str = "tidemill.dev/node-id";
/// On a volume: the cluster whose data it holds. Set once it is formatted.
pub const CLUSTER_ID_LABEL: &str = "tidemill.dev/cluster-id";
/// On every child: the hash of what was rendered.
pub const HASH_ANNOTATION: &str = "tidemill.dev/manifest";
/// On a pod: the hash of the template that it was made from.
pub const TEMPLATE_ANNOTATION: &str = "tidemill.dev/template";
/// On the identity: the first broker was or is about to be given it. From then on it is fixed.
pub const SEALED_ANNOTATION: &str = "tidemill.dev/bootstrapped";
/// Set only where deletion was asked to delete data.
pub const FINALIZER: &str = "tidemill.dev/deletion-policy";

/// The value of [`ZONE_LABEL`] in a pool without zones.
pub const NO_ZONE: &str = "none";
/// Kubernetes' own label of a node's zone.
pub const NODE_ZONE_LABEL: &str = "topology.kubernetes.io/zone";

pub const CONTROL_PORT: i32 = 9090;
pub const REPLICATION_PORT: i32 = 9091;
pub const METRICS_PORT: i32 = 9404;
pub const HEALTH_PORT: i32 = 9405;

/// The names that follow from a cluster's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Names {
    pub cluster: String,
    pub namespace: String,
}

impl Names {
    pub fn new(cluster: &str, namespace: &str) -> Names {
        Names {
            cluster: cluster.to_owned(),
            namespace: namespace.to_owned(),
        }
    }

    /// The headless Service through which brokers find each other.
    pub fn headless(&self) -> String {
        format!("{}-brokers", self.cluster)
    }

    /// The Service through which clients find a first broker.
    pub fn bootstrap(&self) -> String {
        format!("{}-bootstrap", self.cluster)
    }

    /// The ConfigMap with the cluster id, the node ids and the first voters. Nothing owns it.
    pub fn identity(&self) -> String {
        format!("{}-identity", self.cluster)
    }

    /// The ConfigMap with the manifests that were approved last.
    pub fn record(&self) -> String {
        format!("{}-approved", self.cluster)
    }

    /// The Secret with the cluster's certificate authority.
    pub fn authority(&self) -> String {
        format!("{}-ca", self.cluster)
    }

    /// The ServiceAccount of the brokers. It may do nothing.
    pub fn service_account(&self) -> String {
        format!("{}-broker", self.cluster)
    }

    /// The StatefulSet of a pool in a zone.
    pub fn stateful_set(&self, pool: &str, zone: Option<&str>) -> String {
        match zone {
            Some(zone) => format!("{}-{pool}-{zone}", self.cluster),
            None => format!("{}-{pool}", self.cluster),
        }
    }

    /// The Secret with the certificates of a StatefulSet's brokers.
    pub fn certificates(&self, stateful_set: &str) -> String {
        format!("{stateful_set}-tls")
    }

    pub fn budget(&self, zone: &str) -> String {
        format!("{}-zone-{zone}", self.cluster)
    }

    /// The volume claim of a pod.
    pub fn volume(&self, pod: &str) -> String {
        format!("data-{pod}")
    }

    /// Where other brokers and the operator reach a pod, ready or not.
    pub fn pod_host(&self, pod: &str) -> String {
        format!("{pod}.{}.{}.svc", self.headless(), self.namespace)
    }

    /// Where clients reach a pod, through its own Service.
    pub fn client_host(&self, pod: &str) -> String {
        format!("{pod}.{}.svc", self.namespace)
    }

    /// Host of the Service through which brokers find each other.
    pub fn headless_host(&self) -> String {
        format!("{}.{}.svc", self.headless(), self.namespace)
    }

    /// Host of the Service through which clients find a first broker.
    pub fn bootstrap_host(&self) -> String {
        format!("{}.{}.svc", self.bootstrap(), self.namespace)
    }

    /// What selects every broker pod of the cluster.
    pub fn selector(&self) -> BTreeMap<String, String> {
        BTreeMap::from([(CLUSTER_LABEL.to_owned(), self.cluster.clone())])
    }

    /// The labels of everything that belongs to the cluster.
    pub fn labels(&self) -> BTreeMap<String, String> {
        let mut labels = self.selector();
        let common = [
            ("app.kubernetes.io/name", "tidemill"),
            ("app.kubernetes.io/instance", &self.cluster),
            ("app.kubernetes.io/managed-by", FIELD_MANAGER),
        ];
        labels.extend(common.map(|(key, value)| (key.to_owned(), value.to_owned())));
        labels
    }
}

/// The common name of a broker's certificate.
pub fn common_name(node_id: i32) -> String {
    format!("broker-{node_id}")
}

/// The pod of a StatefulSet with this ordinal.
pub fn pod(stateful_set: &str, ordinal: u32) -> String {
    format!("{stateful_set}-{ordinal}")
}
