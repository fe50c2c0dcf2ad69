//! What a plan is made of: things to do, as values.
//!
//! In: nothing. Out: [`Step`]. Never here: which, when, or how.

use std::collections::BTreeMap;

use crds::Durability;
use k8s_openapi::api::core::v1::ConfigMap;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use crate::Outcome;
use crate::cluster::{Manifest, Voter};

/// One thing to do. Each can be repeated.
#[derive(Clone, Debug, PartialEq)]
#[expect(
    clippy::large_enum_variant,
    reason = "a plan holds a handful of them, once per pass"
)]
pub enum Step {
    AddFinalizer,
    ReleaseFinalizer,
    /// Creates the identity, or replaces the version that was read.
    WriteIdentity {
        config_map: ConfigMap,
        resource_version: Option<String>,
    },
    /// Makes a certificate authority and its Secret, if there is none.
    MakeAuthority {
        metadata: ObjectMeta,
    },
    /// Makes the authority's Secret the Cluster's, so that it does not go with an earlier one.
    AdoptAuthority {
        metadata: ObjectMeta,
    },
    IssueCertificates(CertificateOrder),
    /// Applies an object. One that was not there before must be absent or the Cluster's own.
    Apply {
        manifest: Manifest,
        is_new: bool,
    },
    /// Gives an empty broker its identity.
    Bootstrap {
        pod: String,
        node_id: i32,
        directory_id: String,
        cluster_id: String,
        voters: Vec<Voter>,
        durability: Durability,
    },
    /// Notes on a volume whose data it holds.
    LabelVolume {
        claim: String,
        cluster_id: String,
        node_id: i32,
    },
    AlterClusterConfig {
        set: BTreeMap<String, String>,
        reset: Vec<String>,
    },
    /// Deletes a ConfigMap that nothing names any more.
    DeleteConfigMap {
        name: String,
    },
    DeleteStatefulSet {
        name: String,
        uid: String,
    },
    DeleteVolume {
        claim: String,
        uid: String,
    },
    DeleteIdentity,
    /// Replaces a pod by one of the approved template.
    Restart(Restart),
}

impl Step {
    /// Whether what follows relies on it: if it fails, nothing after it is tried.
    fn is_prerequisite(&self) -> bool {
        match self {
            Step::WriteIdentity { .. }
            | Step::MakeAuthority { .. }
            | Step::AdoptAuthority { .. }
            | Step::IssueCertificates(_)
            | Step::AddFinalizer
            | Step::DeleteStatefulSet { .. }
            | Step::DeleteVolume { .. }
            | Step::DeleteIdentity => true,
            // The record must be there before what it allows.
            Step::Apply { manifest, .. } => matches!(manifest, Manifest::ConfigMap(_)),
            Step::ReleaseFinalizer
            | Step::Bootstrap { .. }
            | Step::LabelVolume { .. }
            | Step::AlterClusterConfig { .. }
            | Step::DeleteConfigMap { .. }
            | Step::Restart(_) => false,
        }
    }

    /// Whether it takes something away that clients or data may need: done only if all before went
    /// well.
    pub fn is_disruptive(&self) -> bool {
        matches!(
            self,
            Step::Restart(_) | Step::DeleteStatefulSet { .. } | Step::DeleteVolume { .. }
        )
    }
}

/// Whether a step is not even tried, for how those before it ended.
pub fn is_skipped(step: &Step, before: &[Step], outcomes: &[Outcome]) -> bool {
    let ended = before.iter().zip(outcomes);
    let mut failed = ended.filter(|(_, outcome)| matches!(outcome, Outcome::Failed(_)));
    failed.any(|(it, _)| it.is_prerequisite() || (it.holds_back() && step.is_disruptive()))
}

/// The certificates of a StatefulSet's brokers, all issued together.
#[derive(Clone, Debug, PartialEq)]
pub struct CertificateOrder {
    /// Of the Secret.
    pub metadata: ObjectMeta,
    /// Organisation of the subjects.
    pub cluster_id: String,
    /// Node id and host names, by pod.
    pub pods: BTreeMap<String, (i32, Vec<String>)>,
}

/// A pod to replace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restart {
    pub pod: String,
    /// Another pod under the name is left alone.
    pub uid: String,
    pub consent: Consent,
}

/// Who has to agree to a restart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Consent {
    /// The controller grants it, then leadership moves away, then the pod is deleted.
    AskBrokers { node_id: i32, broker_epoch: i64 },
    /// Its container does not run, or holds nothing yet: a bad template could otherwise never be
    /// repaired.
    NothingToLose,
}

impl Step {
    /// The restart, if it is one.
    pub fn restart(&self) -> Option<&Restart> {
        if let Step::Restart(restart) = self {
            Some(restart)
        } else {
            None
        }
    }

    /// Whether its failure holds back what disrupts. A config that the running brokers refuse does not:
    /// those that are rolled out may be the remedy.
    fn holds_back(&self) -> bool {
        !matches!(self, Step::AlterClusterConfig { .. })
    }

    /// A step in a few words, for messages.
    pub fn describe(&self) -> String {
        match self {
            Step::AddFinalizer => "add the finalizer".to_owned(),
            Step::ReleaseFinalizer => "release the finalizer".to_owned(),
            Step::WriteIdentity { .. } => "write the identity".to_owned(),
            Step::MakeAuthority { .. } => "make the certificate authority".to_owned(),
            Step::AdoptAuthority { .. } => "adopt the certificate authority".to_owned(),
            Step::IssueCertificates(order) => {
                format!(
                    "issue certificates in {}",
                    order.metadata.name.as_deref().unwrap_or_default()
                )
            }
            Step::Apply { manifest, .. } => {
                format!("apply {} {}", manifest.kind(), manifest.name())
            }
            Step::Bootstrap { pod, .. } => format!("bootstrap {pod}"),
            Step::LabelVolume { claim, .. } => format!("label {claim}"),
            Step::AlterClusterConfig { .. } => "alter the cluster's config".to_owned(),
            Step::DeleteConfigMap { name } => format!("delete ConfigMap {name}"),
            Step::DeleteStatefulSet { name, .. } => format!("delete StatefulSet {name}"),
            Step::DeleteVolume { claim, .. } => format!("delete {claim}"),
            Step::DeleteIdentity => "delete the identity".to_owned(),
            Step::Restart(restart) => format!("restart {}", restart.pod),
        }
    }
}
