//! Leader: appends, and counts what a majority of the voters has made durable.
//!
//! In: proposals, fetches as acknowledgements, syncs of its own log. Out: appends, a growing high
//! watermark. Never here: reading the log for a fetch.
//!
//! The rules of the high watermark: only voters count; of its own log only what is durable counts;
//! and nothing is committed until a record of the leader's own epoch is, for a record of an older
//! epoch on a majority may still be replaced (Raft, figure 8).

use std::collections::BTreeMap;
use std::ops::Range;
use std::time::Duration;

use broker_types::{Epoch, Monotonic, Offset};

use super::Role;
use crate::action::{Action, Append, Content, ControlRecord, ElectionState, Target};
use crate::message::{BeginQuorumEpochRequest, Request};
use crate::mutant::mutated;
use crate::quorum::{NotLeader, Quorum};
use crate::voter_change::PendingChange;
use crate::voter_set::reached_by;
use crate::{ReplicaKey, VoterSet};

/// How long an observer that does not fetch is remembered.
const OBSERVER_SESSION: Duration = Duration::from_secs(300);

/// The level of `kraft.version`: voters have directory ids (KIP-853).
const KRAFT_VERSION: u16 = 1;

#[derive(Debug)]
pub(crate) struct Leader {
    /// Where the first record of this leadership stands.
    pub(crate) epoch_start: Offset,
    /// What each replica has said in this epoch; of every voter but this replica there is an entry.
    pub(crate) replicas: BTreeMap<ReplicaKey, Progress>,
    /// A change of the voters that is not committed yet.
    pub(crate) change: Option<PendingChange>,
    /// When voters who do not fetch are told again who leads.
    pub(crate) remind_at: Monotonic,
}

/// What the leader knows of a replica.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Progress {
    /// End of the replica's durable log.
    pub(crate) end_offset: Offset,
    /// When it last fetched.
    pub(crate) last_fetch: Option<Monotonic>,
    /// When it last had all that the leader had for it.
    pub(crate) last_caught_up: Option<Monotonic>,
    /// Since when this leader waits for it: when the entry was made.
    since: Monotonic,
    /// End of what the leader had for it when it last fetched.
    leader_end: Offset,
}

impl Progress {
    fn new(since: Monotonic) -> Progress {
        Progress {
            since,
            ..Progress::default()
        }
    }

    /// When it was last heard of, counting from the start of the leadership.
    fn last_contact(&self) -> Monotonic {
        self.last_fetch.unwrap_or(self.since)
    }

    /// Notes a fetch from `end_offset`. A delayed fetch does not take back what a later one said.
    fn observe(&mut self, now: Monotonic, end_offset: Offset, leader_end: Offset) {
        if end_offset >= leader_end {
            self.last_caught_up = Some(now);
        } else if end_offset >= self.leader_end && self.last_fetch.is_some() {
            // It has all that there was when it fetched before, so then it had caught up.
            self.last_caught_up = self.last_caught_up.max(self.last_fetch);
        }
        self.end_offset = self.end_offset.max(end_offset);
        self.last_fetch = Some(now);
        self.leader_end = leader_end;
    }
}

impl Leader {
    /// Starts to wait for voters that it has not heard of.
    pub(crate) fn expect_voters(&mut self, now: Monotonic, voters: &[ReplicaKey]) {
        for voter in voters {
            self.replicas.entry(*voter).or_insert(Progress::new(now));
        }
    }
}

impl<P> Quorum<P> {
    pub(crate) fn become_leader(&mut self, now: Monotonic, granting: Vec<ReplicaKey>) {
        let me = self.me();
        self.set_election(ElectionState {
            leader: Some(me.id),
            ..self.election
        });
        let epoch_start = self.log.end();
        let others = self.voters().others(me);
        self.set_role(Role::Leader(Leader {
            epoch_start,
            replicas: others.iter().map(|it| (*it, Progress::new(now))).collect(),
            change: None,
            remind_at: now + self.config.timeouts.reminder(),
        }));
        let voters = self.voters().keys().collect();
        let mut records = vec![ControlRecord::LeaderChange {
            leader: me.id,
            voters,
            granting,
        }];
        // Replicas that were not formatted as voters learn the first voters from the log.
        let is_bootstrap = self.voters.latest_since() == Offset::ZERO;
        let first_voters = is_bootstrap.then(|| self.voters().clone());
        if let Some(voters) = first_voters.clone() {
            records.push(ControlRecord::KRaftVersion(KRAFT_VERSION));
            records.push(ControlRecord::Voters(voters));
        }
        self.append_control(records);
        if let Some(voters) = first_voters {
            self.voters.append(self.log.end(), voters);
        }
        for voter in others {
            self.begin_quorum_epoch(voter);
        }
    }

    fn begin_quorum_epoch(&mut self, voter: ReplicaKey) {
        let (epoch, leader) = (self.election.epoch, self.me().id);
        let request = BeginQuorumEpochRequest {
            epoch,
            leader,
            voter,
        };
        let request = Request::BeginQuorumEpoch(request);
        self.outbox.after_persist(Action::Send {
            to: Target::Broker(voter.id),
            request,
        });
    }

    /// Appends a batch of `n_records` to the log, when this replica leads.
    ///
    /// The offsets are what the records will have if they are committed; they are committed once
    /// [`Action::Advance`] passes them, and lost if another leader's records take their place.
    ///
    /// # Panics
    /// When `n_records` is zero.
    pub fn propose(&mut self, payload: P, n_records: u32) -> Result<Range<Offset>, NotLeader> {
        let Role::Leader(_) = &self.role else {
            return Err(NotLeader {
                epoch: self.election.epoch,
                leader: self.leader(),
            });
        };
        Ok(self.append_own(u64::from(n_records), Content::Payload(payload)))
    }

    pub(crate) fn append_control(&mut self, records: Vec<ControlRecord>) -> Range<Offset> {
        let n_records = u64::try_from(records.len()).unwrap_or(u64::MAX);
        self.append_own(n_records, Content::Control(records))
    }

    fn append_own(&mut self, n_records: u64, content: Content<P>) -> Range<Offset> {
        let (base_offset, epoch) = (self.log.end(), self.election.epoch);
        let end_offset = base_offset.advance(n_records);
        self.log.append(epoch, end_offset);
        self.outbox.push(Action::Append(Append {
            base_offset,
            end_offset,
            epoch,
            content,
        }));
        base_offset..end_offset
    }

    /// Notes a valid fetch: the replica's log is durable and ours up to `end_offset`.
    pub(crate) fn acknowledge(&mut self, now: Monotonic, replica: ReplicaKey, end_offset: Offset) {
        assert!(
            end_offset <= self.log.end(),
            "a valid fetch lies within the log"
        );
        let leader_end = self.served_end(replica);
        let Role::Leader(state) = &mut self.role else {
            return;
        };
        let progress = state.replicas.entry(replica).or_insert(Progress::new(now));
        progress.observe(now, end_offset, leader_end);
        self.advance_high_watermark(now);
    }

    /// Notes that a replica is alive, although its fetch told nothing of its log.
    pub(crate) fn note_contact(&mut self, now: Monotonic, replica: ReplicaKey) {
        let Role::Leader(state) = &mut self.role else {
            return;
        };
        state
            .replicas
            .entry(replica)
            .or_insert(Progress::new(now))
            .last_fetch = Some(now);
    }

    /// Raises the high watermark to what a majority of the voters has made durable.
    pub(crate) fn advance_high_watermark(&mut self, now: Monotonic) {
        let Role::Leader(state) = &self.role else {
            return;
        };
        let Some(reached) = self.durable_on_majority(state) else {
            return;
        };
        let is_own_epoch = reached > state.epoch_start;
        if !is_own_epoch && !mutated!(self, OldEpochCommittedByCount) {
            return;
        }
        self.raise_high_watermark(reached);
        self.complete_voter_change(now);
    }

    fn durable_on_majority(&self, state: &Leader) -> Option<Offset> {
        let me = self.me();
        let counts_unsynced = mutated!(self, OwnUnflushedCounted);
        let own_end = if counts_unsynced {
            self.log.end()
        } else {
            self.log.durable_end()
        };
        let end_of = |key: ReplicaKey| {
            let others = || {
                state
                    .replicas
                    .get(&key)
                    .map_or(Offset::ZERO, |it| it.end_offset)
            };
            if key == me { own_end } else { others() }
        };
        let mut ends: Vec<Offset> = self.voters().keys().map(end_of).collect();
        #[cfg(feature = "mutants")]
        if mutated!(self, HighWatermarkFromRemovedVoter) {
            let is_former = |key: &ReplicaKey| {
                !self.voters().contains(*key) && self.voters.ever_contained(*key)
            };
            ends.extend(state.replicas.keys().copied().filter(is_former).map(end_of));
        }
        reached_by(&mut ends, self.voters().majority())
    }

    pub(crate) fn raise_high_watermark(&mut self, to: Offset) {
        assert!(to <= self.log.end(), "what is committed is in the log");
        if to > self.high_watermark {
            self.high_watermark = to;
            self.outbox.push(Action::Advance { high_watermark: to });
        }
    }

    /// When this leader must resign unless more voters fetch; never when it is enough by itself.
    pub(crate) fn check_quorum_at(&self, state: &Leader) -> Monotonic {
        let me = self.me();
        let own = usize::from(self.voters().contains(me));
        let n_needed = self.voters().majority() - own;
        if n_needed == 0 || mutated!(self, NoCheckQuorum) {
            return Monotonic::NEVER;
        }
        let contact = |key: ReplicaKey| state.replicas.get(&key).map(Progress::last_contact);
        let others = self.voters().keys().filter(|it| *it != me);
        let mut contacts: Vec<Monotonic> = others.filter_map(contact).collect();
        match reached_by(&mut contacts, n_needed) {
            Some(since) => since + self.config.timeouts.check_quorum(),
            None => Monotonic::ZERO,
        }
    }

    /// How many of these voters fetched within the time after which a leader would give up.
    pub(crate) fn n_alive(&self, state: &Leader, now: Monotonic, voters: &VoterSet) -> usize {
        let me = self.me();
        let limit = self.config.timeouts.check_quorum();
        let is_alive = |key: &ReplicaKey| {
            *key == me
                || state
                    .replicas
                    .get(key)
                    .is_some_and(|it| now.since(it.last_contact()) < limit)
        };
        voters.keys().filter(is_alive).count()
    }

    pub(crate) fn tick_leader(&mut self, now: Monotonic) {
        let Role::Leader(state) = &self.role else {
            return;
        };
        if now >= self.check_quorum_at(state) {
            return self.resign(now);
        }
        if now >= state.remind_at {
            self.remind_voters(now);
        }
    }

    fn remind_voters(&mut self, now: Monotonic) {
        let interval = self.config.timeouts.reminder();
        let voters = self.voters.latest();
        let Role::Leader(state) = &mut self.role else {
            return;
        };
        state.remind_at = now + interval;
        state.replicas.retain(|key, it| {
            voters.contains(*key) || now.since(it.last_contact()) < OBSERVER_SESSION
        });
        let is_silent = |it: &Progress| it.last_fetch.is_none_or(|at| now.since(at) >= interval);
        let silent = state
            .replicas
            .iter()
            .filter(|(key, it)| voters.contains(**key) && is_silent(it));
        let silent: Vec<ReplicaKey> = silent.map(|(key, _)| *key).collect();
        for voter in silent {
            self.begin_quorum_epoch(voter);
        }
        self.update_own_endpoints(now);
    }

    pub(crate) fn leader_deadline(&self, state: &Leader) -> Monotonic {
        self.check_quorum_at(state).min(state.remind_at)
    }

    /// Whether records of this leadership are committed, so that all before them are known to be.
    pub(crate) fn has_committed_own_epoch(&self, state: &Leader) -> bool {
        self.high_watermark > state.epoch_start
    }

    /// The epoch in which this replica leads, and where its leadership starts in the log.
    ///
    /// It may decide on what the log says once the high watermark is past that offset.
    pub fn leadership(&self) -> Option<(Epoch, Offset)> {
        match &self.role {
            Role::Leader(state) => Some((self.election.epoch, state.epoch_start)),
            Role::Unattached(_)
            | Role::Prospective(_)
            | Role::Candidate(_)
            | Role::Follower(_)
            | Role::Resigned(_) => None,
        }
    }
}
