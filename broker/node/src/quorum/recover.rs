//! Quorum loss: a survivor's log is looked at, the other voters are asked whether they live, and the
//! survivor is made the only voter.
//!
//! In: the data directory of a broker that does not run; a person who says that the others are gone.
//! Out: what there is to decide by, why it would be wrong, a log with one voter. Never here: the
//! decision itself; nothing calls this but a tool that a person runs.

use std::num::NonZeroUsize;
use std::time::Duration;

use broker_log::OpenFiles;
use broker_log::dir::Dir;
use broker_metadata::controller::Settings;
use broker_metadata::{Controller, Image};
use broker_raft::{
    Recovered, ReplicaKey, Request, SoleVoter, SoleVoterError, VoteRequest, VoteResponse, VoterSet,
};
use broker_types::{BrokerId, Durability, Epoch, ErrorCode, Monotonic, Offset, Timestamp};
use broker_wire::{MetadataRecord, Str, frame};
use futures::future::join_all;

use super::driver::apply::{apply_log, image_of};
use super::messages::{self, Answer};
use super::store::{Found, Store, StoreError, perform};
use super::{FirstVoter, batches, endpoint};
use crate::world::{CallError, Peer, Purpose, World};

/// How long a voter may take to answer.
const ANSWER_WITHIN: Duration = Duration::from_secs(3);
/// Name by which the tool calls.
const CLIENT_ID: &str = "recover-quorum";

/// The log of a broker that does not run.
pub struct Survivor<D: Dir> {
    store: Store<D>,
    recovered: Recovered,
    /// All that the log says, committed or not.
    image: Image,
    me: FirstVoter,
    cluster_id: Str,
}

/// What came of asking a voter whether it lives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// Nobody answered.
    Silence(CallError),
    /// A broker answered that does not have this voter's disk, or is of another cluster.
    Stranger,
    /// The voter answered.
    Lives {
        epoch: Epoch,
        /// Whom it follows, or itself while it leads.
        leader: Option<BrokerId>,
        /// It would not vote for the survivor: its log has what the survivor's has not.
        is_ahead: bool,
    },
}

/// A voter other than the survivor, and what came of asking it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OtherVoter {
    pub key: ReplicaKey,
    pub heard: Heard,
}

/// Why a survivor must not be made the only voter.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Objection {
    #[error(
        "the quorum is not lost: {n_living} of its {n_voters} voters, this broker included, can make a \
         majority of {majority}; start this broker"
    )]
    NotLost {
        n_living: usize,
        n_voters: usize,
        majority: usize,
    },
    #[error(
        "voter {voter} follows a leader, broker {leader}: the quorum is not lost. If that broker is \
         gone, ask again in some seconds"
    )]
    Led { voter: BrokerId, leader: BrokerId },
    #[error(
        "voter {voter} lives, and its log has records that this one lacks: recover from that broker"
    )]
    Ahead { voter: BrokerId },
}

/// Why the survivor could not be made the only voter.
#[derive(Debug, thiserror::Error)]
pub enum RecoverError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Decide(#[from] SoleVoterError),
}

impl<D: Dir> Survivor<D> {
    /// Opens the metadata log of a broker whose data directory is locked by the caller. It is recovered
    /// as at a start of the broker.
    ///
    /// # Errors
    /// When it cannot be read, or is damaged.
    pub fn open(
        dir: &D,
        cluster_id: &str,
        me: FirstVoter,
        now: Timestamp,
    ) -> Result<Survivor<D>, StoreError> {
        let Found {
            store,
            recovered,
            snapshot,
        } = Store::open(&OpenFiles::new(dir.clone(), NonZeroUsize::MIN), now)?;
        let cluster_id = Str::from(cluster_id);
        let (mut image, applied) = match snapshot {
            Some((id, entries)) => (image_of(cluster_id.clone(), id, &entries)?, id.end_offset),
            None => (Image::new(cluster_id.clone()), Offset::ZERO),
        };
        apply_log(&store, &mut image, applied..recovered.log_end)?;
        Ok(Survivor {
            store,
            recovered,
            image,
            me,
            cluster_id,
        })
    }

    /// Epoch of the last record, and where the log ends: of two logs that are left, the one with the
    /// higher epoch has more, and of two with one epoch the longer one.
    pub fn position(&self) -> (Epoch, Offset) {
        (self.recovered.last_epoch(), self.recovered.log_end)
    }

    /// The voters that the log says.
    pub fn voters(&self) -> VoterSet {
        self.recovered.last_voters()
    }

    /// Whether an earlier recovery of this log was cut short. Such a broker does not start.
    pub fn is_cut_short(&self) -> bool {
        self.recovered.last_epoch() > self.recovered.election.epoch
    }

    /// Who this broker is, with its disk.
    pub fn key(&self) -> ReplicaKey {
        ReplicaKey {
            id: self.me.id,
            directory_id: self.me.directory_id,
        }
    }

    /// Asks every other voter whether it lives, where the log says that it listens and at `also`.
    pub async fn ask_others<W: World>(&self, world: &W, also: &[Peer]) -> Vec<OtherVoter> {
        let voters = self.voters();
        let others = voters.iter().filter(|(key, _)| *key != self.key());
        let asked = others.map(|(key, voter)| {
            let own = voter.endpoints.iter().map(|it| Peer {
                host: it.host.clone(),
                port: it.port,
            });
            let mut peers: Vec<Peer> = own.chain(also.iter().cloned()).collect();
            peers.sort();
            peers.dedup();
            async move {
                let heard = join_all(peers.into_iter().map(|it| self.ask(world, it, key))).await;
                let heard = heard.into_iter().max_by_key(weight);
                OtherVoter {
                    key,
                    heard: heard.unwrap_or(Heard::Silence(CallError::Refused)),
                }
            }
        });
        join_all(asked).await
    }

    /// Asks for two pre-votes. The first is of no epoch, so that nothing changes at who is asked, and
    /// tells the voter's own; the second is of that epoch, and tells which log is ahead.
    async fn ask<W: World>(&self, world: &W, peer: Peer, voter: ReplicaKey) -> Heard {
        let first = match self.pre_vote(world, &peer, voter, Epoch::ZERO).await {
            Ok(response) => response,
            Err(error) => return Heard::Silence(error),
        };
        let strangers = [ErrorCode::InvalidVoterKey, ErrorCode::InconsistentClusterId];
        if strangers.contains(&first.error) {
            return Heard::Stranger;
        }
        let second = self.pre_vote(world, &peer, voter, first.epoch).await;
        // Whoever does not say that this log will do has more, or may have.
        let is_ahead = !second.is_ok_and(|it| it.granted);
        Heard::Lives {
            epoch: first.epoch,
            leader: first.leader,
            is_ahead,
        }
    }

    async fn pre_vote<W: World>(
        &self,
        world: &W,
        peer: &Peer,
        voter: ReplicaKey,
        epoch: Epoch,
    ) -> Result<VoteResponse, CallError> {
        let (last_epoch, last_offset) = self.position();
        let request = Request::Vote(VoteRequest {
            epoch,
            candidate: self.key(),
            voter,
            last_epoch,
            last_offset,
            pre_vote: true,
        });
        let (wire, version) = messages::to_wire(&request, &self.cluster_id, &[]);
        let key = wire.api_key();
        let frame = frame::encode_request(&wire, version, 0, CLIENT_ID)
            .map_err(|_| CallError::Disconnected)?;
        let deadline = world.now() + ANSWER_WITHIN;
        let call = world.call(peer.clone(), Purpose::Probe, frame, deadline);
        let answer = frame::decode_response(key, version, 0, call.await?)
            .ok()
            .and_then(|it| messages::answer_from_wire(&request, it));
        match answer {
            Some((Answer::Vote(response), _)) => Ok(response),
            Some(_) | None => Err(CallError::Disconnected),
        }
    }

    /// Why this broker must not be made the only voter, going by what the others said.
    ///
    /// # Errors
    /// The objection.
    pub fn object(&self, others: &[OtherVoter]) -> Result<(), Objection> {
        if self.is_cut_short() {
            // Nobody can go on without the rest of it, and nobody else can have begun it.
            return Ok(());
        }
        object(&self.voters(), self.key(), others)
    }

    /// Makes this broker the only voter, durably. Everything in its log is committed once it leads. The
    /// epoch from which on it does.
    ///
    /// Voters that do not live are fenced with it: else what they had in sync would count for more than
    /// what this broker has, when it starts before they are missed. Once a recovery was cut short the log has
    /// no other voters any more: all brokers are fenced then, and those that live come back by themselves.
    ///
    /// Cut short, it leaves the log as it was, or a broker that does not start until this was done again.
    ///
    /// # Errors
    /// When there is no log to go on with, or the disk fails.
    pub fn become_sole_voter(
        mut self,
        others: &[OtherVoter],
        durability: Durability,
        now: Timestamp,
    ) -> Result<Epoch, RecoverError> {
        let gone = self.gone(others);
        let heard = others.iter().filter_map(|it| match it.heard {
            Heard::Lives { epoch, .. } => Some(epoch),
            Heard::Silence(_) | Heard::Stranger => None,
        });
        let heard = heard.max().unwrap_or(Epoch::ZERO);
        let endpoints = vec![endpoint(&self.me.peer)];
        let SoleVoter {
            base_offset,
            epoch,
            records,
            election,
        } = self.recovered.sole_voter(self.key(), endpoints, heard)?;
        let entries: Vec<_> = records
            .iter()
            .map(|it| batches::control_entry(it, now))
            .collect();
        let encode = |source| StoreError::Encode { source };
        let batch = batches::encode_control(base_offset, epoch, now, &entries).map_err(encode)?;
        self.store.append(&batch, now)?;
        let fenced = self.fence(&gone, durability);
        if !fenced.is_empty() {
            let offset = base_offset.advance(entries.len() as u64);
            let batch = batches::encode(offset, epoch, now, &fenced).map_err(encode)?;
            self.store.append(&batch, now)?;
        }
        while let Some(request) = self.store.sync_request() {
            self.store.handle_synced(perform(request))?;
        }
        self.store.persist(&election)?;
        Ok(epoch)
    }
}

impl<D: Dir> Survivor<D> {
    /// Who is not known to live.
    fn gone(&self, others: &[OtherVoter]) -> Vec<BrokerId> {
        if self.is_cut_short() {
            let brokers = self.image.brokers().map(|it| it.id);
            return brokers.filter(|it| *it != self.me.id).collect();
        }
        let is_gone = |it: &&OtherVoter| !matches!(it.heard, Heard::Lives { .. });
        others.iter().filter(is_gone).map(|it| it.key.id).collect()
    }

    /// The records that fence those that are gone.
    fn fence(&self, gone: &[BrokerId], durability: Durability) -> Vec<MetadataRecord> {
        let settings = Settings {
            durability,
            ..Settings::default()
        };
        let mut controller = Controller::new(settings, self.image.clone(), Monotonic::ZERO);
        controller.fence_lost(gone).records
    }
}

/// Of several answers for one voter, its own counts most.
fn weight(heard: &Heard) -> (u8, Epoch) {
    match heard {
        Heard::Silence(_) => (0, Epoch::ZERO),
        Heard::Stranger => (1, Epoch::ZERO),
        Heard::Lives { epoch, .. } => (2, *epoch),
    }
}

fn object(voters: &VoterSet, me: ReplicaKey, others: &[OtherVoter]) -> Result<(), Objection> {
    let living = others.iter().filter_map(|it| match it.heard {
        Heard::Lives {
            leader, is_ahead, ..
        } => Some((it.key.id, leader, is_ahead)),
        Heard::Silence(_) | Heard::Stranger => None,
    });
    let living: Vec<_> = living.collect();
    let n_living = living.len() + usize::from(voters.contains(me));
    if n_living >= voters.majority() {
        return Err(Objection::NotLost {
            n_living,
            n_voters: voters.len(),
            majority: voters.majority(),
        });
    }
    for (voter, leader, _) in &living {
        if let Some(leader) = *leader {
            return Err(Objection::Led {
                voter: *voter,
                leader,
            });
        }
    }
    match living.iter().find(|(.., is_ahead)| *is_ahead) {
        Some((voter, ..)) => Err(Objection::Ahead { voter: *voter }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests;
