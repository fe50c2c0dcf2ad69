//! All that was read about a cluster, as plain data.
//!
//! In: what the API server and the brokers answered. Out: questions about it that need no decision.
//! Never here: an opinion on what should be.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use k8s_openapi::api::apps::v1::StatefulSet;
use k8s_openapi::api::core::v1::{ConfigMap, PersistentVolumeClaim, Pod, Service, ServiceAccount};
use k8s_openapi::api::policy::v1::PodDisruptionBudget;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::OwnerReference;

use crate::Known;

/// What was read. Maps are by name, within the cluster's namespace.
#[derive(Clone, Debug, Default)]
pub struct Observed {
    pub stateful_sets: BTreeMap<String, StatefulSet>,
    pub pods: BTreeMap<String, Pod>,
    pub services: BTreeMap<String, Service>,
    pub config_maps: BTreeMap<String, ConfigMap>,
    pub budgets: BTreeMap<String, PodDisruptionBudget>,
    pub service_accounts: BTreeMap<String, ServiceAccount>,
    pub volumes: BTreeMap<String, PersistentVolumeClaim>,
    /// The certificate authority. `None` without its Secret, unknown if that is broken.
    pub authority: Option<Known<Authority>>,
    /// The certificates of each StatefulSet's brokers, by the Secret's name.
    pub certificates: BTreeMap<String, Certificates>,
    /// What each pod's broker answered, by the pod's name. Every pod has an entry.
    pub brokers: BTreeMap<String, Known<BrokerView>>,
    /// Nodes that take no new pods, since somebody is about to empty them.
    pub cordoned_nodes: BTreeSet<String>,
    pub is_namespace_terminating: bool,
}

/// What can be seen of the certificate authority.
#[derive(Clone, Debug, PartialEq)]
pub struct Authority {
    /// SHA-256 of its certificate, in hexadecimal.
    pub fingerprint: String,
    pub not_after: Timestamp,
    /// Who Kubernetes deletes its Secret with.
    pub owners: Vec<OwnerReference>,
}

/// What can be seen of the certificates in one Secret.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Certificates {
    /// Fingerprints of the authorities in its trust bundle.
    pub trusted: BTreeSet<String>,
    /// By the pod's name.
    pub by_pod: BTreeMap<String, CertificateView>,
}

/// What can be seen of one certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateView {
    /// The cluster id, to the brokers.
    pub organisation: Option<String>,
    pub common_name: Option<String>,
    pub dns_names: BTreeSet<String>,
    pub not_before: Timestamp,
    pub not_after: Timestamp,
    /// Fingerprint of the authority whose key verifies it. `None` if that is none of the known.
    pub issuer: Option<String>,
}

/// What a broker said of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrokerView {
    pub node_id: i32,
    pub directory_id: String,
    pub formatting: Formatting,
    /// `Ok` when it has rejoined everything that it is assigned, else what is missing.
    pub caught_up: Result<(), String>,
}

/// Whether the broker's directory has an identity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Formatting {
    /// It is empty and waits to be given one.
    Waiting,
    Formatted {
        cluster_id: String,
        /// Absent while the broker is not registered.
        broker_epoch: Option<i64>,
        quorum: Option<QuorumView>,
        image: Option<ClusterImage>,
    },
}

/// The metadata quorum as a broker sees it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QuorumView {
    pub leader_id: Option<i32>,
    pub epoch: i32,
    /// Node ids and directory ids.
    pub voters: BTreeMap<i32, String>,
}

/// The cluster as a broker's metadata has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClusterImage {
    /// End of the metadata that it is made of: the greatest is the newest.
    pub offset: i64,
    /// Whether each registered broker is fenced.
    pub is_fenced: BTreeMap<i32, bool>,
    pub under_min_isr_partitions: i32,
    pub offline_partitions: i32,
    pub config: BTreeMap<String, String>,
}

impl Observed {
    /// The answer of a pod's broker, if there is one.
    pub fn broker(&self, pod: &str) -> Option<&BrokerView> {
        self.brokers.get(pod)?.known()
    }

    /// Answers of all brokers that answered, by pod.
    pub fn answers(&self) -> impl Iterator<Item = (&str, &BrokerView)> {
        self.brokers
            .iter()
            .filter_map(|(pod, it)| Some((pod.as_str(), it.known()?)))
    }

    /// The newest image that any broker of this cluster has.
    pub fn image(&self, cluster_id: &str) -> Option<&ClusterImage> {
        self.formatted(cluster_id)
            .filter_map(|(_, image)| image)
            .max_by_key(|it| it.offset)
    }

    /// The quorum with the highest epoch that any broker of this cluster is in.
    pub fn quorum(&self, cluster_id: &str) -> Option<&QuorumView> {
        self.formatted(cluster_id)
            .filter_map(|(quorum, _)| quorum)
            .max_by_key(|it| (it.epoch, it.leader_id.is_some()))
    }

    fn formatted(
        &self,
        cluster_id: &str,
    ) -> impl Iterator<Item = (Option<&QuorumView>, Option<&ClusterImage>)> {
        self.answers()
            .filter_map(move |(_, it)| match &it.formatting {
                Formatting::Formatted {
                    cluster_id: id,
                    quorum,
                    image,
                    ..
                } if id == cluster_id => Some((quorum.as_ref(), image.as_ref())),
                Formatting::Formatted { .. } | Formatting::Waiting => None,
            })
    }
}

impl BrokerView {
    /// The cluster that the broker's disk belongs to.
    pub fn cluster_id(&self) -> Option<&str> {
        match &self.formatting {
            Formatting::Formatted { cluster_id, .. } => Some(cluster_id),
            Formatting::Waiting => None,
        }
    }

    /// The broker's registration.
    pub fn broker_epoch(&self) -> Option<i64> {
        match &self.formatting {
            Formatting::Formatted { broker_epoch, .. } => *broker_epoch,
            Formatting::Waiting => None,
        }
    }
}

/// Whether the kubelet says that the pod is ready.
pub(crate) fn is_ready(pod: &Pod) -> bool {
    let conditions = pod.status.as_ref().and_then(|it| it.conditions.as_ref());
    pod.metadata.deletion_timestamp.is_none()
        && conditions
            .into_iter()
            .flatten()
            .any(|it| it.type_ == "Ready" && it.status == "True")
}

/// Whether the broker's container runs. Without an answer from the kubelet it may.
pub(crate) fn is_running(pod: &Pod) -> bool {
    let statuses = pod
        .status
        .as_ref()
        .and_then(|it| it.container_statuses.as_ref());
    match statuses
        .into_iter()
        .flatten()
        .find(|it| it.name == "broker")
    {
        Some(status) => status.state.as_ref().is_some_and(|it| it.running.is_some()),
        // The kubelet has not started it: nobody scheduled it, or its images are being fetched.
        None => pod.status.as_ref().and_then(|it| it.phase.as_deref()) != Some("Pending"),
    }
}

/// Why the pod is not up, in the kubelet's or the scheduler's words.
pub(crate) fn trouble(pod: &Pod) -> Option<String> {
    let status = pod.status.as_ref()?;
    let waiting = status.container_statuses.iter().flatten().find_map(|it| {
        let waiting = it.state.as_ref()?.waiting.as_ref()?;
        let reason = waiting.reason.clone().unwrap_or_default();
        Some(match &waiting.message {
            Some(message) => format!("{reason}: {message}"),
            None => reason,
        })
    });
    let unscheduled = || {
        let mut conditions = status.conditions.iter().flatten();
        let it = conditions.find(|it| it.type_ == "PodScheduled" && it.status == "False")?;
        let reason = it.reason.clone().unwrap_or_default();
        Some(format!(
            "{reason}: {}",
            it.message.clone().unwrap_or_default()
        ))
    };
    waiting.or_else(unscheduled)
}
