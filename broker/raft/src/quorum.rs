//! One replica of the metadata log: its state, what reaches it, and when it must be woken.
//!
//! In: everything that happens to it. Out: [`Action`]s. Never here: what each event means; that is
//! in `election`, `fetch`, `snapshot`, `voter_change` and `states`.

use std::time::Duration;

use broker_types::{BrokerId, Epoch, Monotonic, Offset};

use crate::action::{Action, ElectionState, Persisted, SyncTicket, Synced, Target};
use crate::config::{Config, Jitter};
use crate::generation::generation;
use crate::log_view::LogView;
use crate::message::{Failure, FetchRequest, Request};
use crate::mutant::mutated;
use crate::outbox::Outbox;
use crate::recovery::{OpenError, Recovered, StoredSnapshot};
use crate::states::{Resigned, Role, RoleName, Unattached};
use crate::voter_set::VoterHistory;
use crate::{ReplicaKey, VoterSet};

/// A proposal reached a replica that does not lead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this replica does not lead epoch {epoch}")]
pub struct NotLeader {
    pub epoch: Epoch,
    /// Who does, if known.
    pub leader: Option<BrokerId>,
}

/// One replica of the metadata log.
///
/// `P` is the driver's form of a record batch's or a snapshot's bytes; it is passed on unread.
///
/// Invariant: `log start <= high watermark <= log end`.
///
/// A driver hands over what has happened, one event or several, then takes the actions with
/// [`Quorum::take_actions`] and performs them all, in order, before it hands over more. The proofs
/// of syncs, and the result of a loading snapshot, may come at any later time.
#[derive(Debug)]
pub struct Quorum<P> {
    pub(crate) config: Config,
    pub(crate) election: ElectionState,
    pub(crate) role: Role,
    pub(crate) log: LogView,
    pub(crate) voters: VoterHistory,
    /// Snapshots on the disk, oldest first.
    pub(crate) snapshots: Vec<StoredSnapshot>,
    /// Everything below is known to be committed.
    pub(crate) high_watermark: Offset,
    pub(crate) outbox: Outbox<P>,
    pub(crate) jitter: Jitter,
    /// The fetch of the log that has no answer yet, whether it has left or waits for the disk.
    pub(crate) fetching: Option<FetchRequest>,
    /// When to fetch next, while none is under way.
    pub(crate) fetch_at: Monotonic,
    /// What the driver was last told of the leadership.
    announced: (Epoch, Option<BrokerId>),
    #[cfg(feature = "mutants")]
    pub(crate) mutant: Option<crate::mutant::Mutant>,
}

impl<P> Quorum<P> {
    /// Opens a replica on what was read back from its disk.
    ///
    /// The driver takes the first actions at once; among them is a sync of what was read, before
    /// which no position in the log is stated.
    pub fn open(now: Monotonic, config: Config, recovered: Recovered) -> Result<Self, OpenError> {
        let mut quorum = Self::restore(config, recovered)?;
        quorum.start(now);
        Ok(quorum)
    }

    /// Opens a replica that is wrong on purpose.
    #[cfg(feature = "mutants")]
    pub fn open_mutant(
        now: Monotonic,
        config: Config,
        recovered: Recovered,
        mutant: Option<crate::mutant::Mutant>,
    ) -> Result<Self, OpenError> {
        let mut quorum = Self::restore(config, recovered)?;
        quorum.mutant = mutant;
        quorum.start(now);
        Ok(quorum)
    }

    fn restore(config: Config, recovered: Recovered) -> Result<Self, OpenError> {
        recovered.check()?;
        let log = LogView::new(recovered.log_start, &recovered.epochs, recovered.log_end);
        let mut voters = VoterHistory::new(log.start(), VoterSet::default());
        for (end, set) in recovered.voters {
            if end <= log.start() {
                voters = VoterHistory::new(log.start(), set);
            } else {
                voters.append(end, set);
            }
        }
        let committed = recovered
            .snapshots
            .last()
            .map_or(log.start(), |it| it.id.end_offset);
        Ok(Quorum {
            election: recovered.election,
            role: Role::Unattached(Unattached {
                election_at: Monotonic::NEVER,
            }),
            outbox: Outbox::new(log.durable_end()),
            log,
            voters,
            snapshots: recovered.snapshots,
            high_watermark: committed,
            jitter: Jitter::new(config.seed),
            config,
            fetching: None,
            fetch_at: Monotonic::NEVER,
            announced: (Epoch::ZERO, None),
            #[cfg(feature = "mutants")]
            mutant: None,
        })
    }

    /// Enters the first state. Whoever led the epoch, or stood in it, does so no more.
    fn start(&mut self, now: Monotonic) {
        if mutated!(self, ReadBackIsDurable)
            && let Some(cover) = self.log.next_sync()
        {
            self.log.synced(cover);
            self.outbox.set_durable_end(self.log.durable_end());
        }
        let ElectionState { epoch, leader, .. } = self.election;
        match leader {
            Some(leader) if leader != self.me().id => self.become_follower(now, epoch, leader),
            Some(_) if mutated!(self, LeadershipResumed) => self.become_leader(now, Vec::new()),
            Some(_) if self.may_stand() => {
                let others = self.voters().others(self.me());
                self.role = Role::Resigned(Resigned { deadline: now });
                self.become_resigned(now, others);
            }
            _ => self.become_unattached(now, epoch),
        }
        // A lone voter has nobody to wait for.
        if self.voters().len() == 1 && self.is_voter() && self.may_stand() {
            self.become_prospective(now);
        }
    }

    /// What is to be done now, in order. Empty when there is nothing.
    pub fn take_actions(&mut self) -> Vec<Action<P>> {
        let now = (self.election.epoch, self.leader());
        if self.announced != now {
            self.announced = now;
            let (epoch, leader) = now;
            self.outbox.push(Action::LeaderChanged { epoch, leader });
        }
        if let Some(cover) = self.log.next_sync() {
            self.outbox.push(Action::Sync(SyncTicket { cover }));
        }
        self.outbox.take()
    }

    /// The election state of an [`Action::Persist`] is written.
    pub fn handle_persisted(&mut self, now: Monotonic, proof: Persisted) {
        self.outbox.handle_persisted(&proof);
        self.count_votes(now);
    }

    /// The log of an [`Action::Sync`] is synced.
    pub fn handle_synced(&mut self, now: Monotonic, proof: Synced) {
        self.log.synced(proof.cover);
        self.outbox.set_durable_end(self.log.durable_end());
        self.advance_high_watermark(now);
    }

    /// Time has passed. To be called at [`Quorum::next_deadline`] or soon after; early is harmless.
    pub fn tick(&mut self, now: Monotonic) {
        match &self.role {
            Role::Unattached(state) => self.tick_unattached(now, state.election_at),
            Role::Prospective(_) => self.tick_prospective(now),
            Role::Candidate(_) => self.tick_candidate(now),
            Role::Leader(_) => self.tick_leader(now),
            Role::Follower(_) => self.tick_follower(now),
            Role::Resigned(state) => self.tick_resigned(now, state.deadline),
        }
    }

    /// When [`Quorum::tick`] is due.
    pub fn next_deadline(&self) -> Monotonic {
        match &self.role {
            Role::Unattached(state) if self.may_stand() => state.election_at.min(self.fetch_at),
            Role::Unattached(_) => self.fetch_at,
            Role::Prospective(state) => state.deadline.min(state.ballot.retry_at),
            Role::Candidate(state) => Self::candidate_deadline(state),
            Role::Leader(state) => self.leader_deadline(state),
            Role::Follower(state) => {
                let update_at = match self.update_request() {
                    Some(_) => state.update_at,
                    None => Monotonic::NEVER,
                };
                state.election_at.min(self.fetch_at).min(update_at)
            }
            Role::Resigned(state) => state.deadline,
        }
    }

    /// A request that was sent will have no answer.
    pub fn handle_failed(
        &mut self,
        now: Monotonic,
        to: Target,
        request: &Request,
        failure: Failure,
    ) {
        match request {
            Request::Vote(request) => self.retry_vote(now, request),
            Request::Fetch(request) => self.fetch_failed(now, request),
            Request::FetchSnapshot(request) => self.fetch_snapshot_failed(now, request),
            // The leader reminds voters in any case, and a follower asks to be updated again.
            Request::BeginQuorumEpoch(_) | Request::EndQuorumEpoch(_) | Request::UpdateVoter(_) => {
            }
        }
        if let (Failure::Disconnected, Target::Broker(broker)) = (failure, to) {
            self.handle_disconnected(now, broker);
        }
    }

    /// The connection to a broker broke or was refused, whether or not a request was on its way.
    ///
    /// When it was the leader's, a pre-vote starts within moments instead of after the fetch
    /// timeout. A leader that is alive all the same is not disturbed: others still hear it.
    pub fn handle_disconnected(&mut self, now: Monotonic, broker: BrokerId) {
        if matches!(&self.role, Role::Follower(state) if state.leader == broker) {
            self.lose_leader(now);
        }
    }

    pub(crate) fn set_election(&mut self, next: ElectionState) {
        let before = self.election;
        if next == before {
            return;
        }
        assert!(next.epoch >= before.epoch, "the epoch never goes back");
        if next.epoch == before.epoch {
            let is_first_vote = before.voted.is_none() || before.voted == next.voted;
            assert!(
                is_first_vote || mutated!(self, VoteGrantedTwice),
                "one vote in an epoch"
            );
            let is_first_leader = before.leader.is_none() || before.leader == next.leader;
            assert!(is_first_leader, "an epoch has one leader");
        }
        self.election = next;
        let only_voted = next.epoch == before.epoch && next.leader == before.leader;
        if only_voted && mutated!(self, VoteNotPersisted) {
            return;
        }
        self.outbox.persist(next);
    }

    pub(crate) fn set_role(&mut self, role: Role) {
        self.fetching = None;
        self.fetch_at = Monotonic::NEVER;
        self.outbox.drop_fetches();
        if let Role::Leader(before) = std::mem::replace(&mut self.role, role) {
            self.abandon_voter_change(before.change);
        }
    }

    /// Who this replica is.
    pub fn me(&self) -> ReplicaKey {
        self.config.me
    }

    pub fn epoch(&self) -> Epoch {
        self.election.epoch
    }

    /// Who leads, as this replica believes: itself while it does, or whom it follows.
    ///
    /// One that has lost its leader says nothing, or two that lost it would send each other back.
    pub fn leader(&self) -> Option<BrokerId> {
        match &self.role {
            Role::Leader(_) => Some(self.me().id),
            Role::Follower(state) => Some(state.leader),
            Role::Unattached(_) | Role::Prospective(_) | Role::Candidate(_) | Role::Resigned(_) => {
                None
            }
        }
    }

    pub fn role(&self) -> RoleName {
        self.role.name()
    }

    pub fn election_state(&self) -> &ElectionState {
        &self.election
    }

    /// Everything below is committed.
    pub fn high_watermark(&self) -> Offset {
        self.high_watermark
    }

    pub fn log_start(&self) -> Offset {
        self.log.start()
    }

    pub fn log_end(&self) -> Offset {
        self.log.end()
    }

    /// Everything below is proven to survive a loss of power here.
    pub fn durable_end(&self) -> Offset {
        self.log.durable_end()
    }

    /// The voters that the log says, committed or not.
    pub fn voters(&self) -> &VoterSet {
        self.voters.latest()
    }

    /// The voters that the log up to `end` says: what a snapshot that ends there must hold.
    pub fn voters_at(&self, end: Offset) -> &VoterSet {
        self.voters.at(end)
    }

    /// Whether this replica, with this disk, is a voter.
    pub fn is_voter(&self) -> bool {
        self.voters().contains(self.me())
    }

    /// Whether this replica may stand for election: it is a voter, or was one before a change that
    /// it does not know to be committed.
    ///
    /// A leader that removes itself may fail before the change has reached another voter. Then its
    /// log is the longest, the voters that remain cannot win against it, and only it can lead on,
    /// without counting itself, until the change is committed (Raft dissertation, 4.2.2).
    ///
    /// One that knows of a later recovery than its log does never stands (see `generation`).
    pub fn may_stand(&self) -> bool {
        let mut sets = self.voters.since(self.high_watermark);
        sets.any(|it| it.contains(self.me())) && self.is_of_this_generation()
    }

    /// Whether the log holds the record that the generation of the next epoch began with.
    fn is_of_this_generation(&self) -> bool {
        if self.election.epoch == Epoch::MAX {
            return false;
        }
        let next = generation(self.election.epoch.next());
        generation(self.log.last_epoch()) == next || mutated!(self, GenerationIgnored)
    }

    pub(crate) fn election_timeout(&mut self) -> Duration {
        let shortest = self.config.timeouts.election;
        self.jitter.between(shortest, shortest * 2)
    }

    pub(crate) fn fetch_timeout(&mut self) -> Duration {
        let shortest = self.config.timeouts.fetch;
        self.jitter.between(shortest, shortest + shortest / 8)
    }

    pub(crate) fn election_backoff(&mut self) -> Duration {
        let longest = self.config.timeouts.election_backoff_max;
        self.jitter
            .between(self.config.timeouts.retry_backoff.min(longest), longest)
    }

    pub(crate) fn retry_backoff(&mut self) -> Duration {
        let shortest = self.config.timeouts.retry_backoff;
        self.jitter.between(shortest, shortest * 2)
    }

    pub(crate) fn lost_connection_wait(&mut self) -> Duration {
        self.jitter
            .between(Duration::ZERO, self.config.timeouts.lost_connection_max)
    }

    /// What must hold between any two calls; for tests and simulations.
    ///
    /// # Panics
    /// When it does not.
    pub fn assert_invariants(&self) {
        self.log.assert_invariants();
        assert!(self.log.start() <= self.high_watermark);
        assert!(self.high_watermark <= self.log.end());
        assert!(self.log.last_epoch() <= self.election.epoch);
        assert!(self.snapshots.is_sorted_by_key(|it| it.id.end_offset));
        let oldest = self
            .snapshots
            .first()
            .map_or(Offset::ZERO, |it| it.id.end_offset);
        assert!(self.log.start() == Offset::ZERO || self.log.start() == oldest);
        match &self.role {
            Role::Leader(_) | Role::Resigned(_) => {
                assert_eq!(self.election.leader, Some(self.me().id));
            }
            Role::Candidate(_) => assert_eq!(self.election.voted, Some(self.me())),
            Role::Follower(state) => assert_eq!(self.election.leader, Some(state.leader)),
            Role::Unattached(_) | Role::Prospective(_) => {}
        }
    }
}

#[cfg(test)]
mod tests;
