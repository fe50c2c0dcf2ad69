//! What the owner of a Topic is told: why nothing is done, and what would help.
//!
//! In: facts. Out: reasons in CamelCase and messages with a remedy. Never here: the decision.

/// What helps whoever cannot wait for the cluster.
const LET_GO: &str = "to let the object go and keep the topic, set deletionPolicy to Retain";

/// Why nothing, or nothing more, is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Report {
    UnknownCluster {
        name: String,
    },
    ClusterGoing,
    Unreachable {
        message: String,
    },
    OtherOwner {
        name: String,
    },
    /// The same, and it is being deleted.
    OwnerGoing {
        name: String,
    },
    NotAdopted {
        why: String,
    },
    TooManyReplicas {
        replicas: i32,
        brokers: i32,
    },
    MinIsrAboveReplicas {
        min_insync_replicas: i32,
        replicas: i32,
    },
    InvalidMinIsr {
        value: String,
    },
    ReplicasChanged {
        from: i32,
        to: i32,
    },
    PartitionsShrink {
        from: i32,
        to: i32,
    },
    /// The topic is to be deleted with the object, and cannot be.
    DeletionUnreachable {
        message: String,
    },
    /// Whether it may be deleted is not known yet.
    EmptinessUnknown,
}

impl Report {
    pub(super) fn reason(&self) -> &'static str {
        match self {
            Report::UnknownCluster { .. } => "UnknownCluster",
            Report::ClusterGoing => "ClusterDeleting",
            Report::Unreachable { .. } | Report::DeletionUnreachable { .. } => "ClusterUnreachable",
            Report::OtherOwner { .. } => "NameTaken",
            Report::OwnerGoing { .. } => "OwnerDeleting",
            Report::NotAdopted { .. } => "NotAdopted",
            Report::TooManyReplicas { .. } => "NotEnoughBrokers",
            Report::MinIsrAboveReplicas { .. } | Report::InvalidMinIsr { .. } => "InvalidConfig",
            Report::ReplicasChanged { .. } => "NotSupported",
            Report::PartitionsShrink { .. } => "PartitionsShrink",
            Report::EmptinessUnknown => "EmptinessUnknown",
        }
    }

    /// Whether its owner has to change something.
    pub(super) fn needs_a_person(&self) -> bool {
        match self {
            Report::ClusterGoing
            | Report::UnknownCluster { .. }
            | Report::Unreachable { .. }
            | Report::DeletionUnreachable { .. }
            | Report::OwnerGoing { .. }
            | Report::EmptinessUnknown => false,
            Report::OtherOwner { .. }
            | Report::NotAdopted { .. }
            | Report::TooManyReplicas { .. }
            | Report::MinIsrAboveReplicas { .. }
            | Report::InvalidMinIsr { .. }
            | Report::ReplicasChanged { .. }
            | Report::PartitionsShrink { .. } => true,
        }
    }

    /// Whether a topic of that name, if it is not the object's own already, does not become it.
    pub(super) fn leaves_alone(&self) -> bool {
        self.needs_a_person() || matches!(self, Report::OwnerGoing { .. })
    }

    pub(super) fn message(&self) -> String {
        match self {
            Report::UnknownCluster { name } => format!(
                "there is no Cluster {name} in this namespace: create it, or make another Topic that \
                 names the right one"
            ),
            Report::ClusterGoing => "the Cluster is being deleted".to_owned(),
            Report::Unreachable { message } => {
                format!("no broker of the Cluster answers the operator: {message}")
            }
            Report::OtherOwner { name } => format!(
                "Topic {name} already stands for this topic: delete one of the two, or set another \
                 topicName in a new one"
            ),
            Report::OwnerGoing { name } => format!(
                "Topic {name}, which is being deleted, still stands for this topic and may delete it: \
                 this one follows when that has ended"
            ),
            Report::NotAdopted { why } => format!(
                "the topic was there before this object and {why}: change the spec to what it is, or \
                 set adoption to Always"
            ),
            Report::TooManyReplicas { replicas, brokers } => format!(
                "{replicas} replicas need as many brokers and the Cluster has {brokers}: use at most \
                 {brokers}"
            ),
            Report::MinIsrAboveReplicas {
                min_insync_replicas,
                replicas,
            } => format!(
                "min.insync.replicas is {min_insync_replicas} and spec.replicas is {replicas}, so \
                 nothing could be written with acks=all: set config min.insync.replicas to at most \
                 {replicas}, or raise replicas"
            ),
            Report::InvalidMinIsr { value } => {
                format!("min.insync.replicas is `{value}`: use a number from 1 to spec.replicas")
            }
            Report::ReplicasChanged { from, to } => format!(
                "changing replicas from {from} to {to} is not supported yet: put replicas back to \
                 {from}"
            ),
            Report::PartitionsShrink { from, to } => format!(
                "the topic has {from} partitions and fewer would lose data: set partitions to {from} \
                 or more instead of {to}"
            ),
            Report::DeletionUnreachable { message } => format!(
                "the topic is to be deleted with this object and no broker of the Cluster answers the \
                 operator: {message}; {LET_GO}"
            ),
            Report::EmptinessUnknown => format!(
                "whether the topic holds records is not known while a partition has no leader; {LET_GO}"
            ),
        }
    }
}
