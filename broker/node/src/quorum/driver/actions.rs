//! Doing what the quorum asks for, in its order.
//!
//! In: actions. Out: files written, messages sent, answers given. Never here: a choice.

use broker_log::is_out_of_space;
use broker_raft::{Action, Append, Content, Failure, Request, SyncTicket, Target};
use broker_types::Monotonic;
use broker_wire::frame;
use bytes::Bytes;

use super::{ANSWER_WITHIN, Command, Driver, Performed};
use crate::quorum::batches;
use crate::quorum::messages::{self, answer_to_wire};
use crate::quorum::store::{self, Store, StoreError};
use crate::world::{CallError, Peer, Purpose, World};

/// Name by which this node's quorum calls.
const CLIENT_ID: &str = "quorum";

impl<W: World> Driver<W> {
    /// Does everything that is to be done now; doing may make more.
    pub(super) fn perform(&mut self) -> Performed {
        loop {
            let actions = self.quorum.take_actions();
            if actions.is_empty() {
                return Ok(());
            }
            for action in actions {
                self.perform_one(action)?;
            }
        }
    }

    fn perform_one(&mut self, action: Action<Bytes>) -> Performed {
        match action {
            Action::Persist(persist) => {
                self.write(|store| store.persist(persist.state()))?;
                let now = self.world.now();
                self.quorum.handle_persisted(now, persist.done());
            }
            Action::Truncate { to } => self.store.truncate(to, self.world.wall())?,
            Action::Append(append) => self.append(append)?,
            Action::Sync(ticket) => self.start_sync(ticket),
            Action::Send { to, request } => self.send(to, request),
            Action::Respond { to, response } => {
                let leader = self.leader_address();
                if let Some((key, reply)) = self.replies.remove(&to)
                    && let Some(response) = answer_to_wire(key, &response, leader.as_ref())
                {
                    // Whoever asked may have gone.
                    let _ = reply.send(response);
                }
            }
            Action::Advance { high_watermark } => self.apply_committed(high_watermark)?,
            Action::LeaderChanged { epoch, leader } => self.leader_changed(epoch, leader),
            Action::WriteSnapshot {
                id,
                position,
                payload,
            } => {
                self.write(|store| store.write_snapshot_part(id, position, &payload))?;
            }
            Action::LoadSnapshot(id) => {
                let loaded = self.load_snapshot(id);
                let now = self.world.now();
                self.quorum.handle_snapshot_loaded(now, id, loaded);
            }
            Action::InstallSnapshot(id) => self.install_snapshot(id)?,
            Action::TrimLog(id) => self.store.trim(id)?,
            Action::Halt(halt) => return Err(StoreError::Halted { source: halt }),
        }
        Ok(())
    }

    /// Begins a sync, or remembers to when the one on its way is back. A later ticket covers an
    /// earlier one.
    pub(super) fn start_sync(&mut self, ticket: SyncTicket) {
        if self.store.is_syncing() {
            self.waiting_sync = Some(ticket);
            return;
        }
        let Some(request) = self.store.sync_request() else {
            let now = self.world.now();
            self.quorum.handle_synced(now, ticket.done());
            return;
        };
        let performed = self.world.block(move || store::perform(request));
        let sender = self.sender.clone();
        self.world.spawn(Box::pin(async move {
            let sync = performed.await;
            // Nobody listens any more only when the node is going down.
            let _ = sender.unbounded_send(Command::Synced { ticket, sync });
        }));
    }

    fn append(&mut self, append: Append<Bytes>) -> Performed {
        let Append {
            base_offset,
            epoch,
            content,
            ..
        } = append;
        let batch = match content {
            Content::Payload(batch) => batch,
            Content::Control(records) => {
                let now = self.world.wall();
                let entries: Vec<_> = records
                    .iter()
                    .map(|it| batches::control_entry(it, now))
                    .collect();
                batches::encode_control(base_offset, epoch, now, &entries)
                    .map_err(|source| StoreError::Encode { source })?
            }
        };
        let now = self.world.wall();
        self.write(|store| store.append(&batch, now))
    }

    /// Writes something; once more from the reserve, when the disk is full. What failed so has left
    /// nothing behind.
    fn write(&mut self, write: impl Fn(&mut Store<W::Dir>) -> Result<(), StoreError>) -> Performed {
        match write(&mut self.store) {
            Err(error) if is_out_of_space(&error) => {
                self.room.handle_full();
                if self.room.release() {
                    write(&mut self.store)
                } else {
                    Err(error)
                }
            }
            written => written,
        }
    }

    /// Sends a request; its answer comes back as a command.
    fn send(&mut self, to: Target, request: Request) {
        let peer = match to {
            Target::Broker(broker) => self.peer(broker),
            Target::Bootstrap => self.next_bootstrap(),
        };
        let sender = self.sender.clone();
        let answered = move |request, outcome| {
            // Nobody listens any more only when the node is going down.
            let _ = sender.unbounded_send(Command::Answered {
                to,
                request,
                outcome,
            });
        };
        let Some(peer) = peer else {
            answered(request, Err(Failure::Disconnected));
            return;
        };
        let (wire, version) = messages::to_wire(&request, &self.me.cluster_id, &self.me.endpoints);
        let key = wire.api_key();
        let Ok(frame) = frame::encode_request(&wire, version, 0, CLIENT_ID) else {
            // A request that cannot be written is one that was never answered.
            answered(request, Err(Failure::TimedOut));
            return;
        };
        let purpose = match &request {
            Request::Fetch(_) | Request::FetchSnapshot(_) => Purpose::MetadataFetch,
            Request::Vote(_)
            | Request::BeginQuorumEpoch(_)
            | Request::EndQuorumEpoch(_)
            | Request::UpdateVoter(_) => Purpose::Quorum,
        };
        let deadline = self.world.now() + ANSWER_WITHIN;
        let call = self.world.call(peer, purpose, frame, deadline);
        self.world.spawn(Box::pin(async move {
            let outcome = match call.await {
                Ok(bytes) => frame::decode_response(key, version, 0, bytes)
                    .ok()
                    .and_then(|it| messages::answer_from_wire(&request, it))
                    .ok_or(Failure::Disconnected),
                Err(CallError::Refused | CallError::Disconnected) => Err(Failure::Disconnected),
                Err(CallError::TimedOut) => Err(Failure::TimedOut),
            };
            answered(request, outcome);
        }));
    }

    /// The bootstrap servers in turn, but not ourselves.
    fn next_bootstrap(&mut self) -> Option<Peer> {
        let is_me = |peer: &Peer| {
            self.me
                .endpoints
                .iter()
                .any(|it| it.host == peer.host && it.port == peer.port)
        };
        let others: Vec<&Peer> = self.me.bootstrap.iter().filter(|it| !is_me(it)).collect();
        let turn = self.n_bootstrap_calls.checked_rem(others.len())?;
        self.n_bootstrap_calls += 1;
        others.get(turn).map(|it| (*it).clone())
    }

    /// Answers the fetches that have news or have waited long enough.
    pub(super) fn answer_parked(&mut self, now: Monotonic) {
        for parked in std::mem::take(&mut self.parked) {
            let answer = self.quorum.answer_fetch(&parked.request);
            if parked.deadline > now && super::asked::is_quiet(&answer, &parked.request) {
                self.parked.push(parked);
            } else {
                self.reply_fetch(&answer, parked.reply);
            }
        }
    }
}
