//! What other replicas ask, and what they answer.
//!
//! In: requests and answers of the quorum. Out: the same, handed to `broker-raft`; fetches answered
//! from the log. Never here: a decision about them.

use broker_raft::{
    Failure, FetchAnswer, FetchRequest, FetchResponse, Fetched, FetchedBatch, ReplyTo, Request,
    Served, Target,
};
use broker_types::{Epoch, Monotonic, Offset};
use broker_wire::record_batch::{batches, verify_crc};
use broker_wire::{ApiKey, Response};
use bytes::Bytes;
use futures::channel::oneshot;

use super::{Driver, PARKED_MAX, Parked, chain};
use crate::api::refusal::{Refusal, refuse};
use crate::quorum::batches::{Entry, decode, voters};
use crate::quorum::messages::{
    self, Answer, Asked, FetchFields, NodeAddress, SnapshotFields, fetch_to_wire, snapshot_to_wire,
};
use crate::world::World;

/// Most bytes of the metadata log in one answer.
const FETCH_BYTES_MAX: usize = 8 * 1024 * 1024;
/// Most bytes of a snapshot in one answer.
const SNAPSHOT_BYTES_MAX: usize = 1024 * 1024;
/// How long a fetch may wait for news.
const FETCH_WAIT_MAX: std::time::Duration = std::time::Duration::from_millis(500);

/// Whether a fetch has nothing to be told yet.
pub(super) fn is_quiet(answer: &FetchAnswer, request: &FetchRequest) -> bool {
    let is_known = request.high_watermark >= answer.high_watermark;
    is_known && matches!(answer.served, Served::Records { start, end } if start == end)
}

impl<W: World> Driver<W> {
    /// A request of another replica.
    pub(in crate::quorum) fn handle_asked(
        &mut self,
        now: Monotonic,
        request: &broker_wire::Request,
        reply: oneshot::Sender<Response>,
    ) {
        let key = request.api_key();
        let asked = match messages::from_wire(request, &self.me.cluster_id) {
            Ok(asked) => asked,
            Err(messages::Refused(code)) => {
                if let Some(response) = refuse(request, &Refusal::new(code)) {
                    // Whoever asked may have gone.
                    let _ = reply.send(response);
                }
                return;
            }
        };
        match asked {
            Asked::Quorum(Request::Fetch(fetch)) => self.handle_fetch(now, fetch, reply),
            Asked::Quorum(Request::FetchSnapshot(fetch)) => {
                let answer = self.quorum.handle_fetch_snapshot(now, &fetch);
                let payload = if answer.error.is_none() {
                    self.store
                        .snapshot_bytes(answer.id, answer.position, SNAPSHOT_BYTES_MAX)
                } else {
                    Ok(Bytes::new())
                };
                let payload = payload.unwrap_or_else(|error| {
                    // An empty part makes the replica ask anew.
                    tracing::error!("{}", chain(&error));
                    Bytes::new()
                });
                let response = snapshot_to_wire(&answer, payload, self.leader_address().as_ref());
                let _ = reply.send(response.into());
            }
            Asked::Quorum(Request::Vote(request)) => {
                let to = self.reply_to(key, reply);
                self.quorum.handle_vote(now, to, &request);
            }
            Asked::Quorum(Request::BeginQuorumEpoch(request)) => {
                let to = self.reply_to(key, reply);
                self.quorum.handle_begin_quorum_epoch(now, to, &request);
            }
            Asked::Quorum(Request::EndQuorumEpoch(request)) => {
                let to = self.reply_to(key, reply);
                self.quorum.handle_end_quorum_epoch(now, to, &request);
            }
            Asked::Quorum(Request::UpdateVoter(request)) => {
                let to = self.reply_to(key, reply);
                self.quorum.handle_update_voter(now, to, &request);
            }
            Asked::AddVoter(request) => {
                let to = self.reply_to(key, reply);
                self.quorum.handle_add_voter(now, to, &request);
            }
            Asked::RemoveVoter(request) => {
                let to = self.reply_to(key, reply);
                self.quorum.handle_remove_voter(now, to, &request);
            }
        }
    }

    fn reply_to(&mut self, key: ApiKey, reply: oneshot::Sender<Response>) -> ReplyTo {
        let to = ReplyTo(self.n_replies);
        self.n_replies += 1;
        self.replies.retain(|_, (_, it)| !it.is_canceled());
        self.replies.insert(to, (key, reply));
        to
    }

    fn handle_fetch(
        &mut self,
        now: Monotonic,
        request: FetchRequest,
        reply: oneshot::Sender<Response>,
    ) {
        let answer = self.quorum.handle_fetch(now, &request);
        if is_quiet(&answer, &request) && self.parked.len() < PARKED_MAX {
            self.parked.push(Parked {
                request,
                reply,
                deadline: now + FETCH_WAIT_MAX,
            });
        } else {
            self.reply_fetch(&answer, reply);
        }
    }

    pub(super) fn reply_fetch(&mut self, answer: &FetchAnswer, reply: oneshot::Sender<Response>) {
        let records = match answer.served {
            Served::Records { start, end } if start < end => {
                self.store.read(start, end, FETCH_BYTES_MAX)
            }
            Served::Records { .. }
            | Served::Nothing
            | Served::Diverging { .. }
            | Served::Snapshot(_) => Ok(Bytes::new()),
        };
        match records {
            Ok(records) => {
                let response = fetch_to_wire(answer, records, self.leader_address().as_ref());
                // Whoever asked may have gone.
                let _ = reply.send(response.into());
            }
            // Without an answer the replica asks another time.
            Err(error) => tracing::error!("{}", chain(&error)),
        }
    }

    /// The answer to a request of ours.
    pub(super) fn handle_answered(
        &mut self,
        now: Monotonic,
        to: Target,
        request: &Request,
        outcome: Result<(Answer, Vec<NodeAddress>), Failure>,
    ) {
        let (answer, addresses) = match outcome {
            Ok(answered) => answered,
            Err(failure) => {
                self.quorum.handle_failed(now, to, request, failure);
                if let (Failure::Disconnected, Target::Broker(broker)) = (failure, to) {
                    self.quorum.handle_disconnected(now, broker);
                }
                return;
            }
        };
        self.learn(addresses);
        match (request, answer) {
            (Request::Vote(request), Answer::Vote(response)) => {
                self.quorum.handle_vote_response(now, request, &response);
            }
            (Request::BeginQuorumEpoch(_) | Request::EndQuorumEpoch(_), Answer::Epoch(it)) => {
                self.quorum.handle_epoch_response(now, &it);
            }
            (Request::UpdateVoter(_), Answer::VoterChange(response)) => {
                self.quorum.handle_voter_change_response(now, &response);
            }
            (Request::Fetch(fetch), Answer::Fetch(fields)) => match take_apart(fields) {
                Some(response) => self.quorum.handle_fetch_response(now, fetch, response),
                None => {
                    tracing::error!("the quorum's leader sent batches that are damaged");
                    self.quorum
                        .handle_failed(now, to, request, Failure::TimedOut);
                }
            },
            (Request::FetchSnapshot(request), Answer::Snapshot(fields)) => {
                let SnapshotFields {
                    error,
                    epoch,
                    leader,
                    id,
                    size,
                    position,
                    payload,
                } = fields;
                let length = u64::try_from(payload.len()).unwrap_or(u64::MAX);
                let response = broker_raft::FetchSnapshotResponse {
                    error,
                    epoch,
                    leader,
                    id,
                    size,
                    position,
                    length,
                    payload,
                };
                self.quorum
                    .handle_fetch_snapshot_response(now, request, response);
            }
            (request, _) => self
                .quorum
                .handle_failed(now, to, request, Failure::TimedOut),
        }
    }
}

/// The batches of a fetch response, each whole and with its CRC checked; `None` when one is not.
fn take_apart(fields: FetchFields) -> Option<FetchResponse<Bytes>> {
    let FetchFields {
        error,
        epoch,
        leader,
        high_watermark,
        diverging,
        snapshot,
        records,
    } = fields;
    let fetched = match (diverging, snapshot) {
        (Some((epoch, end_offset)), _) => Fetched::Diverging { epoch, end_offset },
        (None, Some(id)) => Fetched::Snapshot(id),
        (None, None) => Fetched::Records(fetched_batches(&records)?),
    };
    Some(FetchResponse {
        error,
        epoch,
        leader,
        high_watermark,
        fetched,
    })
}

fn fetched_batches(records: &Bytes) -> Option<Vec<FetchedBatch<Bytes>>> {
    let mut fetched = Vec::new();
    let mut position = 0;
    for batch in batches(records) {
        let batch = batch.ok()?;
        verify_crc(batch.bytes()).ok()?;
        let header = batch.header();
        let end = position + batch.bytes().len();
        let entries = if header.is_control() {
            decode(&batch).ok()?
        } else {
            Vec::new()
        };
        let set = |(_, entry): &(Offset, Entry)| match entry {
            Entry::Voters(record) => Some(voters(record)),
            Entry::Record(_)
            | Entry::LeaderChange(_)
            | Entry::KRaftVersion(_)
            | Entry::SnapshotHeader(_)
            | Entry::SnapshotFooter(_) => None,
        };
        fetched.push(FetchedBatch {
            base_offset: header.base_offset,
            end_offset: header.next_offset(),
            epoch: Epoch::new(header.partition_leader_epoch?.value()),
            voters: entries.iter().rev().find_map(set),
            payload: records.slice(position..end),
        });
        position = end;
    }
    Some(fetched)
}
