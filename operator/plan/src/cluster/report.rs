//! What the user is told: why nothing is done, and what would help.
//!
//! In: facts. Out: reasons in CamelCase and messages with a remedy. Never here: the decision.

use crate::names::Names;

/// Why a spec is not followed. Its owner has to change it; what runs stays as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// The operator has no image for the version.
    UnknownVersion { version: String, known: Vec<String> },
    /// A majority needs an odd number, and more than five cost more than they give.
    ControllerCount { count: u32 },
    /// A config cannot hold with these brokers.
    Config { key: String, message: String },
    /// A part of a pool's template is not what Kubernetes expects.
    Template {
        pool: String,
        field: &'static str,
        message: String,
    },
    /// A change that needs data to move, which is not built yet.
    NotBuilt { what: String, remedy: String },
    /// Two StatefulSets would have the same name.
    NameClash { name: String },
}

impl Refused {
    pub fn reason(&self) -> &'static str {
        match self {
            Refused::UnknownVersion { .. } => "UnknownVersion",
            Refused::ControllerCount { .. } => "ControllerCount",
            Refused::Config { .. } => "InvalidConfig",
            Refused::Template { .. } => "InvalidTemplate",
            Refused::NotBuilt { .. } => "NotSupported",
            Refused::NameClash { .. } => "NameClash",
        }
    }

    pub fn message(&self) -> String {
        match self {
            Refused::UnknownVersion { version, known } => format!(
                "the operator has no image for version {version}: use one of {}, or add it to the \
                 chart's brokerImages",
                known.join(", ")
            ),
            Refused::ControllerCount { count } => format!(
                "{count} brokers have the role controller: give it to pools with 1, 3 or 5 replicas \
                 in all"
            ),
            Refused::Config { key, message } => format!("config {key}: {message}"),
            Refused::Template {
                pool,
                field,
                message,
            } => {
                format!("pool {pool}: template.{field} is not what a pod takes: {message}")
            }
            Refused::NotBuilt { what, remedy } => format!("{what} is not supported yet: {remedy}"),
            Refused::NameClash { name } => {
                format!("two pools and zones would both be called {name}: rename one pool")
            }
        }
    }
}

/// What has to happen outside before the cluster is as its spec says. The order of the variants is
/// the order in which they are told: the first that holds wins, so that the message does not flap.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Waiting {
    /// The identity is gone and no broker could tell it.
    IdentityLost { message: String },
    /// The identity cannot be read.
    IdentityUnreadable { message: String },
    /// Every disk of the cluster is empty, though it has been used.
    VolumesGone { claims: Vec<String> },
    /// A broker's disk belongs to another cluster.
    ForeignVolume { pod: String, cluster_id: String },
    /// The certificate authority is gone, and is not remade by itself.
    AuthorityMissing,
    /// The certificate authority's Secret cannot be used.
    AuthorityBroken { message: String },
    /// The authority's certificate is over or nearly so.
    AuthorityExpiring { not_after: String },
    /// Pods are not there or not ready.
    PodsNotReady {
        ready: usize,
        total: usize,
        pod: String,
        trouble: String,
    },
    /// A broker does not answer the operator.
    BrokerSilent { pod: String, message: String },
    /// Not every broker has been given its identity.
    NotBootstrapped { waiting: usize },
    /// No active controller is known.
    NoController,
    /// Partitions have no leader.
    PartitionsOffline { count: i32 },
    /// Partitions have fewer in-sync replicas than min.insync.replicas.
    PartitionsUnderMinIsr { count: i32 },
    /// A registered broker is fenced.
    BrokerFenced { node_id: i32 },
    /// A roll is under way and cannot go on now.
    Roll { pod: String, message: String },
    /// A change waits for approval.
    Approval {
        hash: String,
        reason: String,
        /// The spec asks for it; else only this operator renders it differently.
        is_asked: bool,
    },
    /// Brokers are deleted, one kind of object after the other.
    Deleting { message: String },
}

impl Waiting {
    pub fn reason(&self) -> &'static str {
        match self {
            Waiting::IdentityLost { .. } => "IdentityLost",
            Waiting::IdentityUnreadable { .. } => "IdentityUnreadable",
            Waiting::VolumesGone { .. } => "VolumesGone",
            Waiting::ForeignVolume { .. } => "ForeignVolume",
            Waiting::AuthorityMissing => "AuthorityMissing",
            Waiting::AuthorityBroken { .. } => "AuthorityBroken",
            Waiting::AuthorityExpiring { .. } => "AuthorityExpiring",
            Waiting::PodsNotReady { .. } => "PodsNotReady",
            Waiting::BrokerSilent { .. } => "BrokerSilent",
            Waiting::NotBootstrapped { .. } => "NotBootstrapped",
            Waiting::NoController => "NoController",
            Waiting::PartitionsOffline { .. } => "PartitionsOffline",
            Waiting::PartitionsUnderMinIsr { .. } => "PartitionsUnderMinIsr",
            Waiting::BrokerFenced { .. } => "BrokerFenced",
            Waiting::Roll { .. } => "RollWaiting",
            Waiting::Approval { .. } => "ApprovalNeeded",
            Waiting::Deleting { .. } => "Deleting",
        }
    }

    /// Whether only a person can end it.
    pub fn needs_a_person(&self) -> bool {
        match self {
            Waiting::IdentityUnreadable { .. }
            | Waiting::VolumesGone { .. }
            | Waiting::ForeignVolume { .. }
            | Waiting::AuthorityMissing
            | Waiting::AuthorityBroken { .. }
            | Waiting::AuthorityExpiring { .. } => true,
            Waiting::IdentityLost { .. }
            | Waiting::PodsNotReady { .. }
            | Waiting::BrokerSilent { .. }
            | Waiting::NotBootstrapped { .. }
            | Waiting::NoController
            | Waiting::PartitionsOffline { .. }
            | Waiting::PartitionsUnderMinIsr { .. }
            | Waiting::BrokerFenced { .. }
            | Waiting::Roll { .. }
            | Waiting::Approval { .. }
            | Waiting::Deleting { .. } => false,
        }
    }

    /// Whether the cluster is as its spec says in spite of it.
    pub fn is_harmless(&self) -> bool {
        matches!(
            self,
            Waiting::Approval {
                is_asked: false,
                ..
            }
        )
    }

    pub fn message(&self, names: &Names) -> String {
        match self {
            Waiting::IdentityLost { message } => format!(
                "ConfigMap {} is gone and cannot be rebuilt yet: {message}; it is rebuilt as soon as \
                 a broker answers, or restore it",
                names.identity()
            ),
            Waiting::IdentityUnreadable { message } => {
                format!(
                    "ConfigMap {} cannot be read: {message}; restore it",
                    names.identity()
                )
            }
            Waiting::VolumesGone { claims } => format!(
                "every volume is empty, though the cluster has been used: restore the volumes, or, to \
                 begin without the data, delete the PersistentVolumeClaims ({}) together with their \
                 pods, and then ConfigMap {}",
                some_of(claims),
                names.identity()
            ),
            Waiting::ForeignVolume { pod, cluster_id } => format!(
                "the volume of {pod} belongs to cluster id {cluster_id}: put the right volume there, \
                 or delete this one's claim {}",
                names.volume(pod)
            ),
            Waiting::AuthorityMissing => format!(
                "Secret {} is gone and brokers trust it: restore it, or delete the Secrets *-tls of \
                 the Cluster too, to let a new authority be made",
                names.authority()
            ),
            Waiting::AuthorityBroken { message } => format!(
                "Secret {} cannot be used: {message}; restore it, or delete it and the Secrets *-tls of \
                 the Cluster, to let a new authority be made",
                names.authority()
            ),
            Waiting::AuthorityExpiring { not_after } => format!(
                "the certificate authority in Secret {} is valid until {not_after}: replace it in time",
                names.authority()
            ),
            Waiting::PodsNotReady {
                ready,
                total,
                pod,
                trouble,
            } => {
                format!("{ready} of {total} brokers are ready; {pod}: {trouble}")
            }
            Waiting::BrokerSilent { pod, message } => {
                format!("broker {pod} does not answer the operator: {message}")
            }
            Waiting::NotBootstrapped { waiting } => {
                format!("{waiting} brokers wait for their identity")
            }
            Waiting::NoController => "the metadata quorum has no leader".to_owned(),
            Waiting::PartitionsOffline { count } => format!("{count} partitions have no leader"),
            Waiting::PartitionsUnderMinIsr { count } => {
                format!("{count} partitions have fewer in-sync replicas than min.insync.replicas")
            }
            Waiting::BrokerFenced { node_id } => format!("broker {node_id} is fenced"),
            Waiting::Roll { pod, message } => format!("{pod} is not restarted yet: {message}"),
            Waiting::Approval { hash, reason, .. } => {
                format!("{reason}; to roll it out, set spec.update.approve to {hash}")
            }
            Waiting::Deleting { message } => message.clone(),
        }
    }
}

/// As many names as one reads.
fn some_of(names: &[String]) -> String {
    const NAMES_MAX: usize = 9;
    let mut text = names
        .iter()
        .take(NAMES_MAX)
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join(", ");
    if names.len() > NAMES_MAX {
        text += &format!(" and {} more", names.len() - NAMES_MAX);
    }
    text
}

/// Why the plan is what it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    pub refused: Option<Refused>,
    /// In the order in which they are told.
    pub waiting: Vec<Waiting>,
}

impl Report {
    pub(crate) fn wait(&mut self, reason: Waiting) {
        if let Err(at) = self.waiting.binary_search(&reason) {
            self.waiting.insert(at, reason);
        }
    }
}
