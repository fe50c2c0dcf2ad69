//! What the control service asks of a node: stops of brokers, the quorum, topics, reassignments, groups.
//!
//! In: questions. Out: what the active controller decides, what the image says, what other brokers
//! answer. Never here: the service's own messages (`broker-rpc`), connections.

mod ask;
mod groups;
mod reassignments;
mod topics;

use std::sync::Arc;
use std::time::Duration;

use broker_metadata::controller::{
    Altered, Cancelled, CatchUp, Drained, MovingPage, ReassignmentRefusal, ReassignmentSpec,
    ReassignmentSummary, Registration, StopRefusal, TopicAlteration,
};
use broker_raft::ReplicaKey;
use broker_types::{BrokerId, DirectoryId, Epoch, Offset, TopicPartition};
use broker_wire::{Request, Response, Str};
use futures::channel::oneshot;

pub use groups::{GroupPartition, GroupState};
pub use reassignments::BytesLeft;
pub use topics::{PartitionHealth, TopicState};

use crate::node::Node;
use crate::quorum::driver::Command;
use crate::reachable::CONTROL;
use crate::world::{Peer, World};

/// How long the controller may take to answer; also who asks it gives up then.
const ANSWER_WITHIN: Duration = Duration::from_secs(8);

/// What only the active controller can answer.
#[derive(Clone, Debug)]
pub enum Question {
    CanStop(Registration),
    Drain(Registration),
    CaughtUp(BrokerId),
    AlterTopic(TopicAlteration),
    StartReassignment(ReassignmentSpec),
    AlterReassignment(ReassignmentSpec),
    CancelReassignment {
        id: Str,
        /// `None`: all of it.
        only: Option<Vec<(Str, i32)>>,
    },
    Reassignments,
    MovingPartitions {
        id: Str,
        after: Option<TopicPartition>,
        limit: usize,
    },
}

/// The answer to a [`Question`], of the same name.
#[derive(Clone, Debug)]
pub enum Verdict {
    CanStop(Result<(), StopRefusal>),
    Drain(Result<Drained, StopRefusal>),
    CaughtUp(CatchUp),
    AlterTopic(Altered),
    StartReassignment(Result<(), ReassignmentRefusal>),
    AlterReassignment(Result<(), ReassignmentRefusal>),
    CancelReassignment(Cancelled),
    Reassignments(Vec<ReassignmentSummary>),
    /// `None`: no such one is going on.
    MovingPartitions(Option<MovingPage>),
}

/// A replica of the metadata log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuorumReplica {
    pub id: BrokerId,
    pub directory_id: DirectoryId,
    /// Only the leader knows it.
    pub log_end_offset: Option<Offset>,
    /// For how long it has not been at the leader's end, as only the leader knows.
    pub behind: Option<Duration>,
}

impl QuorumReplica {
    pub(crate) fn unknown(key: ReplicaKey) -> QuorumReplica {
        QuorumReplica {
            id: key.id,
            directory_id: key.directory_id,
            log_end_offset: None,
            behind: None,
        }
    }
}

/// The metadata quorum as one replica sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuorumState {
    pub leader: Option<BrokerId>,
    pub epoch: Epoch,
    pub high_watermark: Offset,
    pub voters: Vec<QuorumReplica>,
    /// Empty where they are not known: everywhere but at the leader.
    pub observers: Vec<QuorumReplica>,
}

impl<W: World> Node<W> {
    /// Asks this node's own controller; `None` when it is not the active one.
    pub async fn decide(&self, question: Question) -> Option<Verdict> {
        let (reply, answer) = oneshot::channel();
        self.tell_quorum(Command::Question { question, reply });
        answer.await.ok().flatten()
    }

    /// `None` only when the node is going down.
    pub async fn quorum_state(&self) -> Option<QuorumState> {
        let (reply, answer) = oneshot::channel();
        self.tell_quorum(Command::DescribeQuorum { reply });
        answer.await.ok()
    }

    /// Where the control service of the active controller is, unless that is here or not known.
    pub fn controller_elsewhere(&self) -> Option<Peer> {
        let controller = self.published.controller().filter(|it| !it.is_me)?;
        let image = self.image();
        let endpoint = image.broker(controller.id)?.endpoints.get(CONTROL)?;
        Some(Peer {
            host: endpoint.host.to_string(),
            port: endpoint.port,
        })
    }

    /// Passes a request on to the controller as a client's is; `None` when none answered in time.
    pub async fn ask_as_client(self: &Arc<Self>, request: &Request) -> Option<Response> {
        let version = ask::version(request.api_key());
        let deadline = self.world.now() + ANSWER_WITHIN;
        self.forward(request, version, "/127.0.0.1", deadline).await
    }
}
