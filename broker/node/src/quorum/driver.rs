//! The quorum's one thread: feeds `broker-raft`, does what it asks for, applies what is committed.
//!
//! In: requests of other replicas and their answers, requests for the controller, syncs that came
//! back, the time. Out: answers, files, messages, images. Never here: whether a vote is granted
//! (`broker-raft`) or a topic created (`broker-metadata`).
//!
//! An error of the disk stops the node: a voter that cannot write its vote must not answer.

mod actions;
pub(crate) mod apply;
mod asked;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use broker_metadata::Image;
use broker_metadata::controller::ProbeResult;
use broker_raft::{
    Endpoint, Failure, Quorum, ReplicaKey, ReplyTo, Request, SnapshotId, SyncTicket, Target,
};
use broker_types::{BrokerEpoch, BrokerId, Durability, Epoch, Monotonic, Offset};
use broker_wire::{ApiKey, Response, Str};
use bytes::Bytes;
use futures::StreamExt;
use futures::channel::mpsc::TryRecvError;
use futures::channel::{mpsc, oneshot};

use super::controller::ActiveController;
use super::messages::{Answer, NodeAddress};
use super::published::{ControllerLocation, Published};
use super::store::{Store, StoreError, StoreSync};
use crate::control::{Question, QuorumState, Verdict};
use crate::race::{Either, race};
use crate::room::Room;
use crate::world::{Peer, World};

/// Commands that are handled before the next sync is begun.
const BATCH_MAX: usize = 256;
/// Fetches of the metadata log that may wait for news at once.
const PARKED_MAX: usize = 10_000;

/// What the quorum's thread is told.
pub(crate) enum Command<W: World> {
    /// Another replica, or a tool, asks the quorum.
    Asked {
        request: broker_wire::Request,
        reply: oneshot::Sender<Response>,
    },
    /// A broker, or a client through one, asks the controller.
    Controller {
        request: broker_wire::Request,
        reply: oneshot::Sender<Response>,
    },
    /// The control service asks the controller; the answer is `None` from one that is not active.
    Question {
        question: Question,
        reply: oneshot::Sender<Option<Verdict>>,
    },
    DescribeQuorum {
        reply: oneshot::Sender<QuorumState>,
    },
    /// What was sent to another replica was answered, or was not.
    Answered {
        to: Target,
        request: Request,
        outcome: Result<(Answer, Vec<NodeAddress>), Failure>,
    },
    /// A sync came back.
    Synced {
        ticket: SyncTicket,
        sync: StoreSync<W::Dir>,
    },
    /// A broker's process was asked whether it lives.
    Probed {
        broker: BrokerId,
        epoch: BrokerEpoch,
        result: ProbeResult,
    },
    /// The connection that a broker's heartbeats came on is closed.
    ConnectionLost {
        broker: BrokerId,
        epoch: BrokerEpoch,
    },
    /// The node is going down: hand the leadership on.
    Resign {
        done: oneshot::Sender<()>,
    },
}

/// A fetch of the metadata log that waits for news.
pub(super) struct Parked {
    request: broker_raft::FetchRequest,
    reply: oneshot::Sender<Response>,
    deadline: Monotonic,
}

/// Who this replica is and where it listens.
#[derive(Clone, Debug)]
pub(crate) struct Me {
    pub(crate) key: ReplicaKey,
    pub(crate) cluster_id: Str,
    pub(crate) endpoints: Vec<Endpoint>,
    /// Where other replicas may be found before the log names any.
    pub(crate) bootstrap: Vec<Peer>,
    pub(crate) snapshot_every: u64,
    /// The cluster's; not that of the metadata, which is always synced.
    pub(crate) durability: Durability,
}

/// The quorum of one node.
pub(crate) struct Driver<W: World> {
    pub(super) world: W,
    pub(super) me: Me,
    pub(super) quorum: Quorum<Bytes>,
    pub(super) store: Store<W::Dir>,
    pub(super) sender: mpsc::UnboundedSender<Command<W>>,
    pub(super) inbox: mpsc::UnboundedReceiver<Command<W>>,
    pub(super) replies: BTreeMap<ReplyTo, (ApiKey, oneshot::Sender<Response>)>,
    pub(super) n_replies: u64,
    /// A sync that waits for the one on its way.
    pub(super) waiting_sync: Option<SyncTicket>,
    /// The disk failed while a command was handled.
    pub(super) failed: Option<StoreError>,
    pub(super) parked: Vec<Parked>,
    /// Where brokers were last said to listen.
    pub(super) addresses: BTreeMap<BrokerId, Peer>,
    pub(super) n_bootstrap_calls: usize,
    pub(super) image: Image,
    /// First offset that the image does not hold.
    pub(super) applied: Offset,
    /// Epoch of the last record that was applied.
    pub(super) applied_epoch: Option<Epoch>,
    pub(super) snapshotted: Offset,
    /// A snapshot that was fetched and read, and may be installed.
    pub(super) loaded: Option<(SnapshotId, Image)>,
    pub(super) controller: Option<ActiveController>,
    pub(super) published: Arc<Published>,
    pub(super) room: Arc<Room<W::Dir>>,
}

/// What a driver shares with the rest of its node.
pub(crate) struct Shared<W: World> {
    pub(crate) published: Arc<Published>,
    pub(crate) room: Arc<Room<W::Dir>>,
}

/// What a driver is opened with.
pub(crate) struct Opened<W: World> {
    pub(crate) quorum: Quorum<Bytes>,
    pub(crate) store: Store<W::Dir>,
    /// The image of the newest snapshot, or an empty one.
    pub(crate) image: Image,
    pub(crate) applied: Offset,
}

impl<W: World> Driver<W> {
    pub(crate) fn new(
        world: W,
        me: Me,
        opened: Opened<W>,
        shared: Shared<W>,
        sender: mpsc::UnboundedSender<Command<W>>,
        inbox: mpsc::UnboundedReceiver<Command<W>>,
    ) -> Driver<W> {
        let Opened {
            quorum,
            store,
            image,
            applied,
        } = opened;
        Driver {
            world,
            me,
            quorum,
            store,
            sender,
            inbox,
            replies: BTreeMap::new(),
            n_replies: 0,
            waiting_sync: None,
            failed: None,
            parked: Vec::new(),
            addresses: BTreeMap::new(),
            n_bootstrap_calls: 0,
            image,
            applied,
            applied_epoch: None,
            snapshotted: applied,
            loaded: None,
            controller: None,
            published: shared.published,
            room: shared.room,
        }
    }

    /// Runs until the node is gone.
    pub(crate) async fn run(mut self) {
        self.published.publish_image(self.image.clone());
        // What opening asked for comes before any wait: a lone voter stands at once.
        if self.act().await.is_err() {
            return;
        }
        while let Ok(is_open) = self.step().await {
            if !is_open {
                return;
            }
        }
    }

    /// Waits for something to happen and deals with it; whether anybody may still ask.
    async fn step(&mut self) -> Result<bool, ()> {
        let deadline = self.next_deadline();
        let timer = self.world.sleep_until(deadline);
        match race(self.inbox.next(), timer).await {
            Either::First(None) => return Ok(false),
            Either::First(Some(command)) => self.handle(command),
            Either::Second(()) => {}
        }
        for _ in 1..BATCH_MAX {
            match self.inbox.try_recv() {
                Ok(command) => self.handle(command),
                Err(TryRecvError::Closed) => return Ok(false),
                Err(TryRecvError::Empty) => break,
            }
        }
        self.act().await.map(|()| true)
    }

    /// Does what is due and what the quorum asks for.
    async fn act(&mut self) -> Result<(), ()> {
        let now = self.world.now();
        if now >= self.quorum.next_deadline() {
            self.quorum.tick(now);
        }
        self.tick_controller(now);
        let performed = self
            .failed
            .take()
            .map_or(Ok(()), Err)
            .and_then(|()| self.perform());
        if let Err(error) = performed {
            self.world
                .halt(format!("the metadata log failed: {}", chain(&error)))
                .await;
            return Err(());
        }
        self.answer_parked(self.world.now());
        Ok(())
    }

    fn next_deadline(&self) -> Monotonic {
        let parked = self.parked.iter().map(|it| it.deadline).min();
        let controller = self
            .controller
            .as_ref()
            .map(ActiveController::next_deadline);
        let own = self.quorum.next_deadline();
        own.min(parked.unwrap_or(Monotonic::NEVER))
            .min(controller.unwrap_or(Monotonic::NEVER))
    }

    fn handle(&mut self, command: Command<W>) {
        let now = self.world.now();
        match command {
            Command::Asked { request, reply } => self.handle_asked(now, &request, reply),
            Command::Controller { request, reply } => self.handle_controller(now, request, reply),
            Command::Question { question, reply } => self.handle_question(now, question, reply),
            Command::DescribeQuorum { reply } => {
                // Whoever asked may have gone.
                let _ = reply.send(self.quorum_state(now));
            }
            Command::Answered {
                to,
                request,
                outcome,
            } => {
                self.handle_answered(now, to, &request, outcome);
            }
            Command::Synced { ticket, sync } => match self.store.handle_synced(sync) {
                Ok(()) => {
                    self.quorum.handle_synced(now, ticket.done());
                    if let Some(next) = self.waiting_sync.take() {
                        self.start_sync(next);
                    }
                }
                // The ticket is dropped unused; the store refuses all further work.
                Err(error) => self.failed = Some(error),
            },
            Command::Probed {
                broker,
                epoch,
                result,
            } => self.handle_probed(broker, epoch, result),
            Command::ConnectionLost { broker, epoch } => {
                self.handle_connection_lost(broker, epoch);
            }
            Command::Resign { done } => {
                self.quorum.resign(now);
                let _ = done.send(());
            }
        }
    }

    /// Where a broker's replication listener is, as far as anybody has said.
    pub(super) fn peer(&self, broker: BrokerId) -> Option<Peer> {
        let voter = self.quorum.voters().get(broker);
        let endpoint = voter.and_then(|it| it.endpoints.first());
        let from_log = endpoint.map(|it| Peer {
            host: it.host.clone(),
            port: it.port,
        });
        from_log.or_else(|| self.addresses.get(&broker).cloned())
    }

    fn leader_address(&self) -> Option<NodeAddress> {
        let leader = self.quorum.leader()?;
        let peer = if leader == self.me.key.id {
            let endpoint = self.me.endpoints.first()?;
            Peer {
                host: endpoint.host.clone(),
                port: endpoint.port,
            }
        } else {
            self.peer(leader)?
        };
        Some(NodeAddress {
            id: leader.to_wire(),
            host: peer.host.into(),
            port: peer.port,
        })
    }

    fn learn(&mut self, addresses: Vec<NodeAddress>) {
        for NodeAddress { id, host, port } in addresses {
            if let Some(id) = BrokerId::from_wire(id) {
                self.addresses.insert(
                    id,
                    Peer {
                        host: host.to_string(),
                        port,
                    },
                );
            }
        }
    }

    fn publish_leader(&self) {
        let leader = self.quorum.leader();
        let location = leader.map(|id| ControllerLocation {
            id,
            epoch: self.quorum.epoch(),
            is_me: id == self.me.key.id,
            peer: self.peer(id),
        });
        self.published.publish_controller(location);
    }
}

/// An error with its causes, on one line.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

/// How long an answer to what the quorum sends may take.
const ANSWER_WITHIN: Duration = Duration::from_secs(2);

type Performed = Result<(), StoreError>;
