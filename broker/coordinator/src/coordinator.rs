//! The coordinator of one partition of `__consumer_offsets`.
//!
//! In: requests, records to load, the fate of appends, the time. Out: [`Action`]s.
//! Never here: the rules of one group (`group`), or of its offsets (`offsets`).

use std::collections::{BTreeMap, BTreeSet};

use broker_types::{ErrorCode, Monotonic, Offset};
use broker_wire::Str;

use crate::action::{Action, AppendToken, Now};
use crate::config::Config;
use crate::group::Group;
use crate::record::{self, LoadError, Loaded, owned};
use crate::write::{Effect, Turn, Write, Writes};

mod admin;
mod join;
mod membership;
mod offset_requests;
mod retention;

#[cfg(test)]
mod tests;

pub use retention::DeletedTopic;

/// Whether requests can be served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// The partition is being read: COORDINATOR_LOAD_IN_PROGRESS.
    Loading,
    Active,
    /// The partition is led from elsewhere: NOT_COORDINATOR.
    Unloaded,
}

/// The groups of one partition of `__consumer_offsets`, for as long as this broker leads it in one
/// leader epoch. A new epoch takes a new value.
///
/// Changes are applied to memory as they are appended and answered once they are committed;
/// offsets are shown only once they are committed. An append that fails is undone; when leadership
/// ends everything is dropped.
#[derive(Debug)]
pub struct GroupCoordinator {
    config: Config,
    phase: Phase,
    groups: BTreeMap<Str, Group>,
    /// `wake_at` of every group that has one.
    alarms: BTreeSet<(Monotonic, Str)>,
    /// Invariant: the sum over all groups.
    n_offsets: usize,
    /// Invariant: the sum over all groups.
    n_pending_join: usize,
    writes: Writes,
    next_retention_check: Monotonic,
}

impl GroupCoordinator {
    /// A coordinator that has loaded nothing yet.
    pub fn new(config: Config) -> GroupCoordinator {
        GroupCoordinator {
            config,
            phase: Phase::Loading,
            groups: BTreeMap::new(),
            alarms: BTreeSet::new(),
            n_offsets: 0,
            n_pending_join: 0,
            writes: Writes::default(),
            next_retention_check: Monotonic::NEVER,
        }
    }

    /// Changes the settings; what is under way goes on with the old ones.
    pub fn set_config(&mut self, now: Now, config: Config) {
        // A shorter interval between looks counts from now on, and not after a long one.
        if self.is_active() {
            let next_check = now.monotonic + config.offsets_retention_check_interval;
            self.next_retention_check = self.next_retention_check.min(next_check);
        }
        self.config = config;
    }

    /// Whether requests are served: loaded, and not unloaded.
    pub fn is_active(&self) -> bool {
        self.phase == Phase::Active
    }

    /// Replays one record of the partition, from the log's start to the high watermark, in order.
    /// Control records are the caller's to leave out. Kinds that are not known are skipped.
    ///
    /// # Errors
    /// When the record is damaged. The partition's groups cannot be served then.
    ///
    /// # Panics
    /// After [`GroupCoordinator::finish_load`].
    pub fn load(&mut self, key: &[u8], value: Option<&[u8]>) -> Result<(), LoadError> {
        assert_eq!(
            self.phase,
            Phase::Loading,
            "records are loaded before requests are served"
        );
        let id = match record::decode(key, value)? {
            Loaded::Other => return Ok(()),
            Loaded::Offset {
                group: id,
                topic,
                partition,
                offset,
            } => {
                let group = loaded_group(&mut self.groups, &id);
                let before = group.offsets.len();
                group.offsets.load(topic, partition, offset);
                self.n_offsets = self.n_offsets - before + group.offsets.len();
                id
            }
            Loaded::Group { group: id, value } => {
                let group = loaded_group(&mut self.groups, &id);
                match value {
                    Some(value) => group.load(&value),
                    None => group.unload_record(),
                }
                id
            }
        };
        if self.groups.get(&id).is_some_and(Group::is_unused) {
            self.groups.remove(&id);
        }
        Ok(())
    }

    /// All records below the high watermark are loaded, and that has reached the first offset of
    /// the leader's own epoch: requests are served from now on.
    pub fn finish_load(&mut self, now: Now, high_watermark: Offset, actions: &mut Vec<Action>) {
        assert_eq!(self.phase, Phase::Loading, "a partition is loaded once");
        self.phase = Phase::Active;
        self.writes.committed(high_watermark);
        self.next_retention_check = now.monotonic + self.config.offsets_retention_check_interval;
        let mut turn = Turn::new(now, &self.config, &mut self.writes, actions);
        for group in self.groups.values_mut() {
            group.renew_all_sessions(turn.now);
            if group.n_members() > turn.config.group_max_size {
                group.prepare_rebalance(&mut turn);
            }
            index_alarm(&mut self.alarms, group);
        }
    }

    /// The partition is led from elsewhere: everyone who waits is told so, and all is forgotten.
    pub fn unload(&mut self, now: Now, actions: &mut Vec<Action>) {
        self.phase = Phase::Unloaded;
        self.alarms.clear();
        self.n_offsets = 0;
        self.n_pending_join = 0;
        let mut groups = std::mem::take(&mut self.groups);
        let answers = self.writes.drain_answers();
        let mut turn = Turn::new(now, &self.config, &mut self.writes, actions);
        for group in groups.values_mut() {
            group.answer_all(ErrorCode::NotCoordinator, &mut turn);
        }
        for answer in answers {
            turn.respond(
                answer.to,
                answer.response.failed(ErrorCode::NotLeaderOrFollower),
            );
        }
    }

    /// The log has taken an append; `end_offset` is the offset after its last record.
    pub fn handle_appended(
        &mut self,
        now: Now,
        token: AppendToken,
        end_offset: Offset,
        actions: &mut Vec<Action>,
    ) {
        self.writes.appended(token, end_offset);
        self.apply_committed(now, actions);
    }

    /// The partition's high watermark has moved.
    pub fn handle_committed(
        &mut self,
        now: Now,
        high_watermark: Offset,
        actions: &mut Vec<Action>,
    ) {
        self.writes.committed(high_watermark);
        self.apply_committed(now, actions);
    }

    /// The log has taken none of an append's records, and will not.
    pub fn handle_append_failed(
        &mut self,
        now: Now,
        token: AppendToken,
        error: ErrorCode,
        actions: &mut Vec<Action>,
    ) {
        let Some(write) = self.writes.failed(token) else {
            return;
        };
        for effect in write.effects {
            self.undo(now, token, effect, error, actions);
        }
        if let Some(answer) = write.answer {
            let response = answer.response.failed(error);
            actions.push(Action::Respond {
                token: answer.to,
                response,
            });
        }
    }

    /// The first moment at which [`GroupCoordinator::tick`] may have something to do.
    pub fn next_deadline(&self) -> Monotonic {
        if self.phase != Phase::Active {
            return Monotonic::NEVER;
        }
        let alarm = self.alarms.first().map_or(Monotonic::NEVER, |(at, _)| *at);
        alarm
            .min(self.next_retention_check)
            .min(self.writes.next_deadline())
    }

    /// Does what time alone brings about: sessions end, rebalances go on, answers become overdue,
    /// offsets expire.
    pub fn tick(&mut self, now: Now, actions: &mut Vec<Action>) {
        if self.phase != Phase::Active {
            return;
        }
        self.answer_overdue(now, actions);
        let due: Vec<Str> = self
            .alarms
            .iter()
            .take_while(|(at, _)| *at <= now.monotonic)
            .map(|(_, id)| id.clone())
            .collect();
        for id in due {
            self.with_group(now, &id, actions, Group::tick);
        }
        if self.next_retention_check <= now.monotonic {
            let interval = self.config.offsets_retention_check_interval;
            self.next_retention_check = now.monotonic + interval;
            self.expire_offsets(now, actions);
        }
    }

    /// Number of groups, of whatever state.
    pub fn n_groups(&self) -> usize {
        self.groups.len()
    }

    /// Number of offsets, of all groups together.
    pub fn n_offsets(&self) -> usize {
        self.n_offsets
    }

    /// The error that every request gets while the coordinator does not serve.
    fn check_active(&self) -> Result<(), ErrorCode> {
        match self.phase {
            Phase::Active => Ok(()),
            Phase::Loading => Err(ErrorCode::CoordinatorLoadInProgress),
            Phase::Unloaded => Err(ErrorCode::NotCoordinator),
        }
    }

    /// Whether changes that nobody but their client needs have to wait until others are committed.
    fn is_congested(&self) -> bool {
        self.writes.len() >= self.config.writes_waiting_max
    }

    /// Lets `act` change a group, and keeps the books about it.
    fn with_group<R>(
        &mut self,
        now: Now,
        id: &str,
        actions: &mut Vec<Action>,
        act: impl FnOnce(&mut Group, &mut Turn) -> R,
    ) -> Option<R> {
        let group = self.groups.get_mut(id)?;
        let mut turn = Turn::new(now, &self.config, &mut self.writes, actions);
        let before = (group.offsets.len(), group.n_pending_join());
        let result = act(group, &mut turn);
        self.n_offsets = self.n_offsets - before.0 + group.offsets.len();
        self.n_pending_join = self.n_pending_join - before.1 + group.n_pending_join();
        index_alarm(&mut self.alarms, group);
        Some(result)
    }

    fn remove_group(&mut self, id: &str) {
        if let Some(group) = self.groups.remove(id) {
            self.n_offsets -= group.offsets.len();
            self.n_pending_join -= group.n_pending_join();
            self.alarms.remove(&(group.indexed_at, group.id));
        }
    }

    fn apply_committed(&mut self, now: Now, actions: &mut Vec<Action>) {
        while let Some(write) = self.writes.next_committed() {
            let Write {
                token,
                effects,
                answer,
                ..
            } = write;
            for effect in effects {
                self.apply(now, token, effect, actions);
            }
            if let Some(answer) = answer {
                actions.push(Action::Respond {
                    token: answer.to,
                    response: answer.response,
                });
            }
        }
    }

    fn apply(&mut self, now: Now, token: AppendToken, effect: Effect, actions: &mut Vec<Action>) {
        match effect {
            Effect::Offset {
                group,
                topic,
                partition,
            } => {
                self.with_group(now, &group, actions, |group, _| {
                    group.offsets.commit(token, &topic, partition);
                });
            }
            Effect::GroupDeleted { group } => self.remove_group(&group),
            Effect::Assigned { group, assignments } => {
                self.with_group(now, &group, actions, |group, turn| {
                    group.assignment_committed(token, assignments, turn);
                });
            }
            Effect::Replaced { group, replacement } => {
                self.with_group(now, &group, actions, |group, turn| {
                    group.replacement_committed(&replacement, turn);
                });
            }
        }
    }

    fn undo(
        &mut self,
        now: Now,
        token: AppendToken,
        effect: Effect,
        error: ErrorCode,
        actions: &mut Vec<Action>,
    ) {
        match effect {
            Effect::Offset {
                group: id,
                topic,
                partition,
            } => {
                self.with_group(now, &id, actions, |group, _| {
                    group.offsets.roll_back(token, &topic, partition);
                });
                self.remove_if_unused(&id);
            }
            Effect::GroupDeleted { group } => {
                self.with_group(now, &group, actions, |group, _| group.revive());
            }
            Effect::Assigned { group, .. } => {
                self.with_group(now, &group, actions, |group, turn| {
                    group.assignment_failed(token, error, turn);
                });
            }
            Effect::Replaced { group, replacement } => {
                self.with_group(now, &group, actions, |group, turn| {
                    group.replacement_failed(&replacement, error, true, turn);
                });
            }
        }
    }

    fn remove_if_unused(&mut self, id: &str) {
        if self.groups.get(id).is_some_and(Group::is_unused) {
            self.remove_group(id);
        }
    }

    /// Tells those whose records take too long to try again. The records may be committed yet, so
    /// nothing is undone.
    fn answer_overdue(&mut self, now: Now, actions: &mut Vec<Action>) {
        let error = ErrorCode::RequestTimedOut;
        while let Some(write) = self.writes.next_overdue(now.monotonic) {
            let token = write.token;
            if let Some(answer) = write.answer.take() {
                let response = answer.response.failed(error);
                actions.push(Action::Respond {
                    token: answer.to,
                    response,
                });
            }
            let membership = write.effects.extract_if(.., |it| {
                matches!(it, Effect::Assigned { .. } | Effect::Replaced { .. })
            });
            for effect in membership.collect::<Vec<_>>() {
                match effect {
                    Effect::Assigned { group, .. } => {
                        self.with_group(now, &group, actions, |group, turn| {
                            group.assignment_failed(token, error, turn);
                        });
                    }
                    Effect::Replaced { group, replacement } => {
                        self.with_group(now, &group, actions, |group, turn| {
                            group.replacement_failed(&replacement, error, false, turn);
                        });
                    }
                    Effect::Offset { .. } | Effect::GroupDeleted { .. } => {}
                }
            }
        }
    }

    /// Asserts what must hold between events. For tests and the simulator.
    pub fn assert_invariants(&self) {
        let n_offsets: usize = self.groups.values().map(|it| it.offsets.len()).sum();
        assert_eq!(n_offsets, self.n_offsets);
        let n_pending: usize = self.groups.values().map(Group::n_pending_join).sum();
        assert_eq!(n_pending, self.n_pending_join);
        for (id, group) in &self.groups {
            assert_eq!(*id, group.id);
            group.assert_invariants();
            let is_indexed = self.alarms.contains(&(group.indexed_at, id.clone()));
            assert_eq!(
                is_indexed,
                group.indexed_at != Monotonic::NEVER,
                "group {id}"
            );
            assert!(group.indexed_at <= group.wake_at, "group {id}");
        }
    }
}

fn loaded_group<'a>(groups: &'a mut BTreeMap<Str, Group>, id: &str) -> &'a mut Group {
    groups
        .entry(owned(id))
        .or_insert_with_key(|id| Group::new(id.clone(), None))
}

/// Moves a group's alarm to where it wants to be woken.
fn index_alarm(alarms: &mut BTreeSet<(Monotonic, Str)>, group: &mut Group) {
    if group.indexed_at == group.wake_at {
        return;
    }
    alarms.remove(&(group.indexed_at, group.id.clone()));
    if group.wake_at != Monotonic::NEVER {
        alarms.insert((group.wake_at, group.id.clone()));
    }
    group.indexed_at = group.wake_at;
}
