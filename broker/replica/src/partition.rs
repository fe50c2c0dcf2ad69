//! One partition on this broker: leader, follower, or neither.
//!
//! In: all events of the partition. Out: actions and answers.
//! Never here: what a leader or a follower decides; only which of them is asked.

use std::collections::BTreeSet;

use broker_types::{BrokerId, Durability, ErrorCode, LeaderEpoch, Monotonic, Mutant, Offset};

use crate::follower::Follower;
use crate::leader::{Leader, check_leader_epoch};
use crate::{
    Acks, Action, AlterPartition, AlteredPartition, Config, Context, EpochEnds, FetchPosition,
    FetchResponse, FollowerFetch, InSyncFollower, Next, Offsets, PartitionState, Refusal, Served,
    Token,
};

/// One partition on this broker.
///
/// The driver performs the actions of one event before it hands in the next.
///
/// Invariant: see [`Partition::assert_invariants`], which every event ends with.
#[derive(Clone, Debug)]
pub struct Partition {
    broker_id: BrokerId,
    config: Config,
    /// The newest metadata seen. `None` before the first.
    state: Option<PartitionState>,
    offsets: Offsets,
    role: Role,
}

#[derive(Clone, Debug)]
enum Role {
    None,
    Leader(Box<Leader>),
    Follower(Follower),
}

/// What the replica is at the moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RoleKind {
    /// Not told yet, or not assigned to this broker any more.
    None,
    Leader,
    /// Also while the partition has no leader.
    Follower,
}

impl Partition {
    /// A replica whose log was opened with these offsets; the high watermark is the checkpointed
    /// one, brought within the log's bounds.
    pub fn new(broker_id: BrokerId, config: Config, offsets: Offsets) -> Partition {
        let partition = Partition {
            broker_id,
            config,
            state: None,
            offsets,
            role: Role::None,
        };
        partition.assert_invariants();
        partition
    }

    pub fn offsets(&self) -> &Offsets {
        &self.offsets
    }

    pub fn role(&self) -> RoleKind {
        match self.role {
            Role::None => RoleKind::None,
            Role::Leader(_) => RoleKind::Leader,
            Role::Follower(_) => RoleKind::Follower,
        }
    }

    pub fn leader_epoch(&self) -> Option<LeaderEpoch> {
        self.state.as_ref().map(|it| it.leader_epoch)
    }

    /// The committed ISR, as the leader knows it. `None` when this is not the leader.
    pub fn isr(&self) -> Option<&BTreeSet<BrokerId>> {
        match &self.role {
            Role::Leader(leader) => Some(leader.isr()),
            Role::Follower(_) | Role::None => None,
        }
    }

    /// Followers in the committed ISR, as far as they have stated where they are. None when this is not
    /// the leader.
    pub fn in_sync_followers(&self) -> Vec<InSyncFollower> {
        match &self.role {
            Role::Leader(leader) => leader.in_sync_followers().collect(),
            Role::Follower(_) | Role::None => Vec::new(),
        }
    }

    /// Produce requests that wait.
    pub fn waiting(&self) -> usize {
        match &self.role {
            Role::Leader(leader) => leader.waiting(),
            Role::Follower(_) | Role::None => 0,
        }
    }

    /// Takes what the metadata says now. Older states than the newest seen are ignored.
    pub fn apply(
        &mut self,
        state: &PartitionState,
        context: Context<'_>,
        actions: &mut Vec<Action>,
    ) {
        let partition_epoch = state.partition_epoch;
        let newest = self.state.as_ref().map(|it| it.partition_epoch);
        if newest.is_some_and(|newest| partition_epoch <= newest) {
            return;
        }
        let leader_epoch_before = self.leader_epoch();
        assert!(
            leader_epoch_before <= Some(state.leader_epoch),
            "leader epochs go forward"
        );
        let is_new_epoch = leader_epoch_before != Some(state.leader_epoch);
        self.state = Some(state.clone());
        if !state.replicas.contains(&self.broker_id) {
            self.leave(actions);
        } else if state.leader == Some(self.broker_id) {
            self.lead(state, is_new_epoch, context, actions);
        } else {
            self.follow(state, is_new_epoch, actions);
        }
        self.assert_invariants();
    }

    /// The replica is no longer this broker's: its topic was deleted, or it was moved away.
    pub fn leave(&mut self, actions: &mut Vec<Action>) {
        match std::mem::replace(&mut self.role, Role::None) {
            Role::Leader(leader) => leader.resign(actions),
            Role::Follower(_) => actions.push(Action::StopFetching),
            Role::None => {}
        }
    }

    fn lead(
        &mut self,
        state: &PartitionState,
        is_new_epoch: bool,
        context: Context<'_>,
        actions: &mut Vec<Action>,
    ) {
        let before = match std::mem::replace(&mut self.role, Role::None) {
            Role::Leader(mut leader) if !is_new_epoch => {
                leader.handle_state(state, context.now);
                leader.advance(&mut self.offsets, context, actions);
                self.role = Role::Leader(leader);
                return;
            }
            Role::Leader(leader) => Some(*leader),
            Role::Follower(_) => {
                actions.push(Action::StopFetching);
                None
            }
            Role::None => None,
        };
        let start_offset = self.offsets.log_end_offset;
        let leader_epoch = state.leader_epoch;
        actions.push(Action::AssignLeaderEpoch {
            leader_epoch,
            start_offset,
        });
        let (id, config) = (self.broker_id, self.config);
        let mut leader = Leader::new(id, config, state, start_offset, before, context.now);
        leader.advance(&mut self.offsets, context, actions);
        self.role = Role::Leader(Box::new(leader));
    }

    fn follow(&mut self, state: &PartitionState, is_new_epoch: bool, actions: &mut Vec<Action>) {
        match std::mem::replace(&mut self.role, Role::None) {
            Role::Follower(mut follower)
                if (!is_new_epoch || Mutant::KeepFollowerState.is_made())
                    && follower.leader() == state.leader =>
            {
                follower.handle_state(state);
                self.role = Role::Follower(follower);
                return;
            }
            Role::Leader(leader) => leader.resign(actions),
            Role::Follower(_) | Role::None => {}
        }
        let mut follower = Follower::new(state, actions);
        let committed = self.offsets.high_watermark;
        if Mutant::TruncateToHighWatermark.is_made() && committed < self.offsets.log_end_offset {
            follower.cut(committed, actions);
        }
        self.role = Role::Follower(follower);
    }

    /// Takes another configuration of the topic.
    pub fn handle_config(
        &mut self,
        config: Config,
        context: Context<'_>,
        actions: &mut Vec<Action>,
    ) {
        self.config = config;
        if let Role::Leader(leader) = &mut self.role {
            leader.handle_config(config);
            leader.advance(&mut self.offsets, context, actions);
        }
        self.assert_invariants();
    }

    /// Whether a produce request may append now.
    pub fn may_append(&self, acks: Acks, context: Context<'_>) -> Result<(), Refusal> {
        self.leader()?.may_append(acks, context)
    }

    /// Records were appended; the log now ends here.
    ///
    /// # Panics
    /// When the log became shorter.
    pub fn handle_appended(
        &mut self,
        log_end_offset: Offset,
        context: Context<'_>,
        actions: &mut Vec<Action>,
    ) {
        assert!(
            self.offsets.log_end_offset <= log_end_offset,
            "an append does not shorten a log"
        );
        if let Role::Leader(leader) = &mut self.role
            && self.offsets.log_end_offset < log_end_offset
        {
            leader.handle_append(self.offsets.log_end_offset, context.now);
        }
        self.offsets.log_end_offset = log_end_offset;
        self.advance(context, actions);
    }

    /// A sync came back that was begun when the log ended here. One from before a truncation is
    /// not to be handed in.
    ///
    /// # Panics
    /// When the log does not reach so far.
    pub fn handle_durable(
        &mut self,
        durable_end_offset: Offset,
        context: Context<'_>,
        actions: &mut Vec<Action>,
    ) {
        // Two syncs of one file may come back in either order.
        let durable_end_offset = durable_end_offset.max(self.offsets.durable_end_offset);
        self.offsets.durable_end_offset = durable_end_offset;
        self.advance(context, actions);
    }

    /// Retention or DeleteRecords made this the first readable offset.
    ///
    /// # Panics
    /// When records above the high watermark were deleted.
    pub fn handle_log_start(&mut self, log_start_offset: Offset) {
        self.offsets.log_start_offset = self.offsets.log_start_offset.max(log_start_offset);
        self.assert_invariants();
    }

    fn advance(&mut self, context: Context<'_>, actions: &mut Vec<Action>) {
        match &mut self.role {
            Role::Leader(leader) => leader.advance(&mut self.offsets, context, actions),
            Role::Follower(follower) => follower.advance(&mut self.offsets, actions),
            Role::None => {}
        }
        self.assert_invariants();
    }

    /// Lets a produce request wait until the high watermark reaches `required`, the offset after
    /// its last record, or until `deadline`.
    pub fn wait(
        &mut self,
        token: Token,
        required: Offset,
        deadline: Monotonic,
        actions: &mut Vec<Action>,
    ) -> Result<(), Refusal> {
        let Role::Leader(leader) = &mut self.role else {
            return Err(Refusal::NotLeader);
        };
        leader.wait(token, required, deadline, &self.offsets, actions);
        self.assert_invariants();
        Ok(())
    }

    /// A follower fetches. Its position counts only when it is served records.
    pub fn handle_follower_fetch(
        &mut self,
        fetch: FollowerFetch,
        context: Context<'_>,
        actions: &mut Vec<Action>,
    ) -> Result<Served, Refusal> {
        let Role::Leader(leader) = &mut self.role else {
            return Err(Refusal::NotLeader);
        };
        let served = leader.handle_follower_fetch(fetch, &mut self.offsets, context, actions);
        self.assert_invariants();
        served
    }

    /// The controller adopted an AlterPartition. The metadata will say the same, later.
    pub fn handle_altered_partition(
        &mut self,
        altered: AlteredPartition,
        context: Context<'_>,
        actions: &mut Vec<Action>,
    ) {
        let Some(state) = &self.state else { return };
        // What is built on metadata that we have not seen is left to the metadata.
        if state.leader_epoch != altered.leader_epoch || !altered.isr.is_subset(&state.replicas) {
            return;
        }
        let AlteredPartition {
            partition_epoch,
            isr,
            leader_recovery,
            ..
        } = altered;
        let state = PartitionState {
            partition_epoch,
            isr,
            leader_recovery,
            ..state.clone()
        };
        self.apply(&state, context, actions);
    }

    /// The controller refused this AlterPartition, or did not answer it: any code that says
    /// neither yes nor no. Each request is reported once.
    pub fn handle_alter_partition_error(
        &mut self,
        request: &AlterPartition,
        error: ErrorCode,
        now: Monotonic,
    ) {
        if let Role::Leader(leader) = &mut self.role {
            leader.handle_alter_partition_error(request, error, now);
        }
        self.assert_invariants();
    }

    /// Time has passed: call it a few times a second, after the events that are waiting.
    pub fn tick(&mut self, context: Context<'_>, actions: &mut Vec<Action>) {
        if let Role::Leader(leader) = &mut self.role {
            leader.tick(&mut self.offsets, context, actions);
        }
        self.assert_invariants();
    }

    /// Holds the leader epoch of a consumer's request against the current one. Requests for the
    /// leader are refused elsewhere when this is a follower.
    pub fn check_leader_epoch(&self, stated: Option<LeaderEpoch>) -> Result<(), Refusal> {
        match self.leader_epoch() {
            Some(current) => check_leader_epoch(stated, current),
            None => Err(Refusal::NotLeader),
        }
    }

    /// The high watermark, for who asks where the log ends. A new leader does not know it until
    /// the high watermark has passed the end of what earlier leaders left (KIP-207). Fetches below
    /// the high watermark need not ask.
    pub fn latest_offset(&self) -> Result<Offset, Refusal> {
        if self.offsets.high_watermark < self.leader()?.epoch_start_offset() {
            return Err(Refusal::OffsetNotAvailable);
        }
        Ok(self.offsets.high_watermark)
    }

    /// Below it no replica that lives has any records. `own` is where this log begins, durably.
    ///
    /// # Errors
    /// When this replica does not lead.
    pub fn low_watermark(&self, own: Offset, context: Context<'_>) -> Result<Offset, Refusal> {
        Ok(self.leader()?.low_watermark(own, context))
    }

    /// Where to fetch from the leader. `None` when this is no follower, has no leader, must
    /// truncate first, or has not synced yet what it would state to have. `own` are the epochs of
    /// this replica's log.
    pub fn fetch_position(&self, own: &impl EpochEnds) -> Option<FetchPosition> {
        let is_durable = match self.config.durability {
            Durability::Fsync => self.offsets.durable_end_offset == self.offsets.log_end_offset,
            Durability::PageCache => true,
        };
        match (&self.role, self.leader_epoch()) {
            (Role::Follower(follower), Some(leader_epoch))
                if is_durable || Mutant::FetchAheadOfSync.is_made() =>
            {
                let end = self.offsets.log_end_offset;
                follower.fetch_position(leader_epoch, end, own.latest_epoch())
            }
            (Role::Follower(_) | Role::Leader(_) | Role::None, _) => None,
        }
    }

    /// The leader answered a fetch.
    pub fn handle_fetch_response(
        &mut self,
        response: FetchResponse,
        own: &impl EpochEnds,
        actions: &mut Vec<Action>,
    ) -> Next {
        // A fetch that was sent before the leader changed, or before the log did, must not touch
        // the log now (KIP-320).
        let Some(asked) = self.fetch_position(own) else {
            return Next::Drop;
        };
        let answered = response.position;
        let is_same_end = (asked.fetch_offset, asked.last_fetched_epoch)
            == (answered.fetch_offset, answered.last_fetched_epoch)
            || Mutant::TakeAnswerOfOtherEnd.is_made();
        let is_same_epoch = (asked.leader, asked.leader_epoch)
            == (answered.leader, answered.leader_epoch)
            || Mutant::TakeAnswerOfOtherEpoch.is_made();
        if !is_same_end || !is_same_epoch {
            return Next::Drop;
        }
        let Role::Follower(follower) = &mut self.role else {
            return Next::Drop;
        };
        let next = follower.handle_fetched(response.fetched, own, &mut self.offsets, actions);
        self.assert_invariants();
        next
    }

    /// Truncation is done and durable: the log is now `log_start_offset..log_end_offset`.
    ///
    /// # Panics
    /// When the log is longer than the truncation allowed.
    pub fn handle_truncated(&mut self, log_start_offset: Offset, log_end_offset: Offset) {
        self.offsets = Offsets {
            log_start_offset,
            // Below its old value only where the loss was allowed.
            high_watermark: self
                .offsets
                .high_watermark
                .clamp(log_start_offset, log_end_offset),
            durable_end_offset: log_end_offset,
            log_end_offset,
        };
        if let Role::Follower(follower) = &mut self.role {
            follower.handle_truncated(&self.offsets);
        }
        self.assert_invariants();
    }

    fn leader(&self) -> Result<&Leader, Refusal> {
        match &self.role {
            Role::Leader(leader) => Ok(leader),
            Role::Follower(_) | Role::None => Err(Refusal::NotLeader),
        }
    }

    /// Asserts what must hold after every event.
    pub fn assert_invariants(&self) {
        self.offsets.assert_invariants();
        if let Role::Leader(leader) = &self.role {
            leader.assert_invariants(&self.offsets);
        }
    }
}

#[cfg(test)]
mod tests;
