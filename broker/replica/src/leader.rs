//! The leader of a partition: who is in sync, what is committed, who is answered.
//!
//! In: appends, syncs, followers' fetches, the controller's answers, the time.
//! Out: actions, and refusals as values.
//! Never here: producer state, record validation, or what a fetch returns.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use broker_types::{
    BrokerId, Durability, ErrorCode, LeaderEpoch, Monotonic, Mutant, Offset, PartitionEpoch,
};

use crate::isr::Isr;
use crate::progress::Progress;
use crate::purgatory::Purgatory;
use crate::request::{Acks, FollowerFetch, InSyncFollower, Refusal, Served};
use crate::{
    Action, AlterPartition, Config, Context, IsrMember, Offsets, Outcome, PartitionState, Token,
    is_diverging,
};

/// How long to wait before asking the controller again.
const ALTER_PARTITION_RETRY: Duration = Duration::from_millis(50);

/// What a leader knows beside the offsets of its own log.
#[derive(Clone, Debug)]
pub(crate) struct Leader {
    broker_id: BrokerId,
    config: Config,
    leader_epoch: LeaderEpoch,
    partition_epoch: PartitionEpoch,
    /// The log's end when this leader began. Below it lie records of earlier leaders, which count
    /// only when the high watermark passes it.
    epoch_start_offset: Offset,
    /// All assigned replicas but this one.
    followers: BTreeMap<BrokerId, Progress>,
    /// Invariant: a subset of the assigned replicas, and this broker is in it.
    isr: Isr,
    /// Invariant: nothing in it needs an offset at or below the high watermark.
    purgatory: Purgatory,
}

impl Leader {
    /// Begins to lead. `before` is this replica's earlier leadership, whose waiters stay: their
    /// records are still in the log.
    pub(crate) fn new(
        broker_id: BrokerId,
        config: Config,
        state: &PartitionState,
        log_end_offset: Offset,
        before: Option<Leader>,
        now: Monotonic,
    ) -> Leader {
        let mut leader = Leader {
            broker_id,
            config,
            leader_epoch: state.leader_epoch,
            partition_epoch: state.partition_epoch,
            epoch_start_offset: log_end_offset,
            followers: BTreeMap::new(),
            isr: Isr::new(state.isr.clone()),
            purgatory: before.map(|it| it.purgatory).unwrap_or_default(),
        };
        leader.assign_followers(state, now);
        leader
    }

    /// Takes another state of the same leader epoch. What is known of the followers stays true.
    pub(crate) fn handle_state(&mut self, state: &PartitionState, now: Monotonic) {
        self.partition_epoch = state.partition_epoch;
        self.isr = Isr::new(state.isr.clone());
        self.assign_followers(state, now);
    }

    fn assign_followers(&mut self, state: &PartitionState, now: Monotonic) {
        let mut known = std::mem::take(&mut self.followers);
        for broker in state
            .replicas
            .iter()
            .copied()
            .filter(|it| *it != self.broker_id)
        {
            let is_in_sync = state.isr.contains(&broker);
            let fresh = if is_in_sync {
                Progress::in_sync(now)
            } else {
                Progress::default()
            };
            self.followers
                .insert(broker, known.remove(&broker).unwrap_or(fresh));
        }
    }

    pub(crate) fn handle_config(&mut self, config: Config) {
        self.config = config;
    }

    pub(crate) fn epoch_start_offset(&self) -> Offset {
        self.epoch_start_offset
    }

    pub(crate) fn isr(&self) -> &BTreeSet<BrokerId> {
        self.isr.committed()
    }

    pub(crate) fn waiting(&self) -> usize {
        self.purgatory.len()
    }

    fn min_insync_replicas(&self) -> usize {
        // A topic with fewer replicas than the configured minimum would take no write at all.
        self.config
            .min_insync_replicas
            .min(self.followers.len() + 1)
            .max(1)
    }

    fn is_under_min_isr(&self) -> bool {
        !Mutant::IgnoreMinIsr.is_made() && self.isr.committed().len() < self.min_insync_replicas()
    }

    pub(crate) fn may_append(&self, acks: Acks, context: Context<'_>) -> Result<(), Refusal> {
        match acks {
            // Nothing but this broker's own word stands behind these.
            Acks::None | Acks::Leader if context.is_self_fenced => Err(Refusal::SelfFenced),
            Acks::None | Acks::Leader => Ok(()),
            Acks::All if self.is_under_min_isr() => Err(Refusal::NotEnoughReplicas {
                isr: self.isr.committed().len(),
                min_insync_replicas: self.min_insync_replicas(),
            }),
            Acks::All => Ok(()),
        }
    }

    pub(crate) fn wait(
        &mut self,
        token: Token,
        required: Offset,
        deadline: Monotonic,
        offsets: &Offsets,
        actions: &mut Vec<Action>,
    ) {
        if required <= offsets.high_watermark {
            actions.push(Action::Complete {
                token,
                outcome: Outcome::Committed,
            });
        } else {
            self.purgatory.insert(token, required, deadline);
        }
    }

    /// The log is about to grow beyond `log_end_offset`. Nobody waits for the others: they show anew that
    /// they keep up.
    pub(crate) fn handle_append(&mut self, log_end_offset: Offset, now: Monotonic) {
        let isr = self.isr.committed();
        let followers = self.followers.iter_mut();
        for (_, progress) in followers.filter(|(id, _)| isr.contains(id)) {
            progress.handle_leader_append(log_end_offset, now);
        }
    }

    /// Gives up leadership: what waits may survive or not.
    pub(crate) fn resign(mut self, actions: &mut Vec<Action>) {
        complete(self.purgatory.take_all(), Outcome::NotLeader, actions);
    }

    /// Moves the high watermark as far as it may go: to the least durable end of all replicas that
    /// a controller could elect, if the committed ISR is large enough.
    pub(crate) fn advance(
        &mut self,
        offsets: &mut Offsets,
        context: Context<'_>,
        actions: &mut Vec<Action>,
    ) {
        if self.is_under_min_isr() {
            return;
        }
        let mut end = match self.config.durability {
            Durability::Fsync => offsets.durable_end_offset,
            Durability::PageCache => offsets.log_end_offset,
        };
        if Mutant::CountUnsynced.is_made() {
            end = offsets.log_end_offset;
        }
        for (broker, progress) in &self.followers {
            if Mutant::CountLeaderAlone.is_made() {
                break;
            }
            let is_counted = if Mutant::CountCommittedIsr.is_made() {
                self.isr.committed().contains(broker)
            } else {
                self.isr.may_contain(*broker)
                // Otherwise the high watermark could run ahead of it for ever, and it would never
                // qualify.
                || (self.is_keeping_up(progress, offsets, context.now)
                    && is_registered(*broker, progress, context))
            };
            if is_counted {
                // What it said to an earlier leader does not count (KIP-320).
                let unknown = if Mutant::AssumeCaughtUp.is_made() {
                    end
                } else {
                    Offset::ZERO
                };
                end = end.min(progress.end_offset().unwrap_or(unknown));
            }
        }
        if end <= offsets.high_watermark {
            return;
        }
        offsets.high_watermark = end;
        actions.push(Action::SetHighWatermark(end));
        complete(self.purgatory.take_up_to(end), Outcome::Committed, actions);
    }

    /// Below it no replica that lives has any records: where the own log begins, durably, or a
    /// follower's that begins earlier (`lowWatermarkIfLeader`).
    pub(crate) fn low_watermark(&self, own: Offset, context: Context<'_>) -> Offset {
        let lives = |it: &BrokerId| {
            let registration = context.registrations.get(it);
            registration.is_some_and(|it| it.is_isr_eligible)
        };
        let followers = self.followers.iter().filter(|(id, _)| lives(id));
        let lowest = followers.map(|(_, it)| it.log_start_offset()).min();
        lowest.map_or(own, |it| it.min(own))
    }

    /// Followers in the committed ISR that have fetched in this epoch.
    pub(crate) fn in_sync_followers(&self) -> impl Iterator<Item = InSyncFollower> {
        let followers = self.followers.iter();
        followers.filter_map(|(broker, progress)| {
            let end_offset = progress.end_offset()?;
            self.isr
                .committed()
                .contains(broker)
                .then(|| InSyncFollower {
                    broker: *broker,
                    end_offset,
                    log_start_offset: progress.log_start_offset(),
                    caught_up_at: progress.caught_up_at(),
                })
        })
    }

    fn is_keeping_up(&self, progress: &Progress, offsets: &Offsets, now: Monotonic) -> bool {
        let lag_max = self.config.replica_lag_time_max;
        progress.is_caught_up(offsets.log_end_offset, lag_max, now) && !progress.is_lossy()
    }

    pub(crate) fn handle_follower_fetch(
        &mut self,
        fetch: FollowerFetch,
        offsets: &mut Offsets,
        context: Context<'_>,
        actions: &mut Vec<Action>,
    ) -> Result<Served, Refusal> {
        let served = self.judge(fetch, offsets, context)?;
        if served != Served::Records {
            // Its end is no position: what lies before it may be cut.
            return Ok(served);
        }
        let is_in_isr = self.isr.committed().contains(&fetch.broker);
        let must_have = if is_in_isr {
            offsets.high_watermark
        } else {
            Offset::ZERO
        };
        if let Some(progress) = self.followers.get_mut(&fetch.broker) {
            progress.handle_log_start(fetch.log_start_offset);
            progress.handle_fetch(
                fetch.fetch_offset,
                fetch.broker_epoch,
                offsets.log_end_offset,
                must_have,
                context.now,
            );
        }
        self.propose(Lag::Ignored, offsets, context, actions);
        self.advance(offsets, context, actions);
        Ok(served)
    }

    fn judge(
        &self,
        fetch: FollowerFetch,
        offsets: &Offsets,
        context: Context<'_>,
    ) -> Result<Served, Refusal> {
        let FollowerFetch {
            broker,
            fetch_offset,
            ..
        } = fetch;
        self.check_leader_epoch(Some(fetch.leader_epoch))?;
        let progress = self
            .followers
            .get(&broker)
            .ok_or(Refusal::UnknownReplica { broker })?;
        let registered = context.registrations.get(&broker).map(|it| it.broker_epoch);
        let known = progress.broker_epoch().max(registered);
        if let Some(current) = known.filter(|current| fetch.broker_epoch < *current) {
            return Err(Refusal::StaleBrokerEpoch { broker, current });
        }
        let out_of_range = Refusal::OffsetOutOfRange {
            log_start_offset: offsets.log_start_offset,
            log_end_offset: offsets.log_end_offset,
        };
        if fetch_offset < offsets.log_start_offset {
            return Err(out_of_range);
        }
        if let Some(last_fetched_epoch) = fetch.last_fetched_epoch {
            let end = fetch.epoch_end.ok_or(out_of_range)?;
            let is_diverging = is_diverging(end, last_fetched_epoch, fetch_offset);
            if is_diverging && !Mutant::IgnoreDivergence.is_made() {
                return Ok(Served::Diverging(end));
            }
        }
        if offsets.log_end_offset < fetch_offset {
            Err(out_of_range)
        } else {
            Ok(Served::Records)
        }
    }

    pub(crate) fn check_leader_epoch(&self, stated: Option<LeaderEpoch>) -> Result<(), Refusal> {
        check_leader_epoch(stated, self.leader_epoch)
    }

    /// Asks for another ISR, if it should be another and none was asked for.
    fn propose(
        &mut self,
        lag: Lag,
        offsets: &Offsets,
        context: Context<'_>,
        actions: &mut Vec<Action>,
    ) {
        if !self.isr.may_propose(context.now) {
            return;
        }
        let mut isr = self.isr.committed().clone();
        let mut lossy = Vec::new();
        for (broker, progress) in &mut self.followers {
            if isr.contains(broker) {
                let lag_max = self.config.replica_lag_time_max;
                let is_lagging = lag == Lag::Counts
                    && !progress.is_caught_up(offsets.log_end_offset, lag_max, context.now);
                if progress.is_lossy() {
                    lossy.push(*broker);
                }
                if is_lagging || progress.is_lossy() {
                    isr.remove(broker);
                }
            } else if may_join(progress, self.epoch_start_offset, offsets.high_watermark)
                && is_registered(*broker, progress, context)
            {
                progress.handle_rejoined();
                isr.insert(*broker);
            }
        }
        if isr == *self.isr.committed() {
            return;
        }
        let own_epoch = context
            .registrations
            .get(&self.broker_id)
            .map(|it| it.broker_epoch);
        let member = |broker_id: BrokerId| {
            let progress = self.followers.get(&broker_id);
            let mut broker_epoch = progress.map_or(own_epoch, Progress::broker_epoch);
            if Mutant::JoinUnheard.is_made() {
                let registered = context.registrations.get(&broker_id);
                broker_epoch = broker_epoch.or(registered.map(|it| it.broker_epoch));
            }
            IsrMember {
                broker_id,
                broker_epoch,
            }
        };
        let request = AlterPartition {
            leader_epoch: self.leader_epoch,
            partition_epoch: self.partition_epoch,
            attempt: 0,
            isr: isr.into_iter().map(member).collect(),
            lossy,
        };
        actions.push(Action::AlterPartition(self.isr.propose(request)));
    }

    pub(crate) fn handle_alter_partition_error(
        &mut self,
        request: &AlterPartition,
        error: ErrorCode,
        now: Monotonic,
    ) {
        self.isr
            .handle_error(request, error, now + ALTER_PARTITION_RETRY);
    }

    /// Looks again at all that time changes.
    pub(crate) fn tick(
        &mut self,
        offsets: &mut Offsets,
        context: Context<'_>,
        actions: &mut Vec<Action>,
    ) {
        if let Some(request) = self.isr.take_retry(context.now) {
            actions.push(Action::AlterPartition(request));
        }
        self.propose(Lag::Counts, offsets, context, actions);
        // A replica that no longer keeps up is no longer waited for.
        self.advance(offsets, context, actions);
        let outcome = if self.is_under_min_isr() {
            Outcome::NotEnoughReplicasAfterAppend
        } else {
            Outcome::TimedOut
        };
        complete(self.purgatory.take_expired(context.now), outcome, actions);
    }

    pub(crate) fn assert_invariants(&self, offsets: &Offsets) {
        let is_assigned = |it: &BrokerId| *it == self.broker_id || self.followers.contains_key(it);
        let isr = self.isr.committed();
        assert!(
            isr.iter().all(is_assigned),
            "{isr:?} is in sync and not assigned"
        );
        assert!(
            isr.contains(&self.broker_id),
            "the leader is not in its ISR {isr:?}"
        );
        assert!(!self.followers.contains_key(&self.broker_id));
        assert!(self.epoch_start_offset <= offsets.log_end_offset);
        let is_unmet = |required| offsets.high_watermark < required;
        assert!(
            self.purgatory.required_min().is_none_or(is_unmet),
            "a waiter was forgotten"
        );
    }
}

/// Whether lag is a reason to leave the ISR. Only at a tick: after a pause of this process all
/// followers seem to lag, until the fetches that have been waiting are handled.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Lag {
    Counts,
    Ignored,
}

/// Whether a follower has fetched in this leader epoch, and has all that a member of the ISR must have.
fn may_join(progress: &Progress, epoch_start_offset: Offset, high_watermark: Offset) -> bool {
    let mut must_have = high_watermark.max(epoch_start_offset);
    if Mutant::JoinBelowHighWatermark.is_made() {
        must_have = epoch_start_offset;
    }
    if Mutant::JoinBelowEpochStart.is_made() {
        must_have = high_watermark;
    }
    match progress.end_offset() {
        Some(end) => must_have <= end,
        None => Mutant::JoinUnheard.is_made(),
    }
}

/// Whether the follower that fetched is the broker that the metadata knows, and may join an ISR.
fn is_registered(broker: BrokerId, progress: &Progress, context: Context<'_>) -> bool {
    context
        .registrations
        .get(&broker)
        .is_some_and(|registration| {
            let is_unheard = progress.broker_epoch().is_none() && Mutant::JoinUnheard.is_made();
            let is_same = progress.broker_epoch() == Some(registration.broker_epoch);
            registration.is_isr_eligible && (is_same || is_unheard)
        })
}

/// Holds the leader epoch that a request states against the current one (KIP-320).
pub(crate) fn check_leader_epoch(
    stated: Option<LeaderEpoch>,
    current: LeaderEpoch,
) -> Result<(), Refusal> {
    match stated {
        Some(stated) if stated < current => Err(Refusal::FencedLeaderEpoch { current }),
        Some(stated) if current < stated => Err(Refusal::UnknownLeaderEpoch { current }),
        Some(_) | None => Ok(()),
    }
}

fn complete(tokens: Vec<Token>, outcome: Outcome, actions: &mut Vec<Action>) {
    actions.extend(
        tokens
            .into_iter()
            .map(|token| Action::Complete { token, outcome }),
    );
}
