//! What time alone does to a group.
//!
//! In: the time. Out: members that fell silent taken out, phases of a rebalance ended.
//! Never here: a clock; `wake_at` says when to come again.

use std::time::Duration;

use broker_types::Monotonic;
use broker_wire::Str;

use super::{Group, GroupState, JoinTimer};
use crate::write::Turn;

/// A timeout as a request states it.
pub(super) fn milliseconds(timeout_ms: i32) -> Duration {
    Duration::from_millis(u64::try_from(timeout_ms).unwrap_or(0))
}

impl Group {
    /// Notes that time alone will change something at `at`.
    pub(super) fn wake_by(&mut self, at: Monotonic) {
        self.wake_at = self.wake_at.min(at);
    }

    /// A member has been heard from.
    pub(crate) fn renew_session(&mut self, member_id: &str, now: Monotonic) {
        if let Some(member) = self.members.get_mut(member_id) {
            let deadline = now + milliseconds(member.session_timeout_ms);
            member.session_deadline = deadline;
            self.wake_by(deadline);
        }
    }

    /// Gives every member of a group that was just loaded a whole session.
    pub(crate) fn renew_all_sessions(&mut self, now: Monotonic) {
        let member_ids: Vec<Str> = self.members.keys().cloned().collect();
        for member_id in &member_ids {
            self.renew_session(member_id, now);
        }
    }

    /// Does what time alone brings about, and finds out when that will be again.
    pub(crate) fn tick(&mut self, turn: &mut Turn) {
        self.expire_pending_joins(turn);
        self.expire_sessions(turn);
        self.expire_join_phase(turn);
        self.expire_sync_phase(turn);
        let sessions = self.members.values().map(|it| it.session_deadline);
        let pending = self.pending_join.values().copied();
        let phases = self
            .join_timer
            .map(JoinTimer::at)
            .into_iter()
            .chain(self.sync_deadline);
        let next = sessions.chain(pending).chain(phases).min();
        self.wake_at = next.unwrap_or(Monotonic::NEVER);
    }

    fn expire_pending_joins(&mut self, turn: &mut Turn) {
        let n_before = self.pending_join.len();
        self.pending_join.retain(|_, deadline| *deadline > turn.now);
        if self.pending_join.len() < n_before {
            self.complete_join_after_expiry(turn);
        }
    }

    fn expire_sessions(&mut self, turn: &mut Turn) {
        let silent: Vec<Str> = self
            .members
            .values()
            .filter(|it| it.session_deadline <= turn.now)
            .map(|it| it.id.clone())
            .collect();
        for member_id in &silent {
            // An earlier one's removal may have changed what this one waits for.
            let Some(member) = self.members.get_mut(member_id) else {
                continue;
            };
            if member.session_deadline > turn.now {
                continue;
            }
            if member.is_waiting() {
                // The session begins anew with the answer.
                member.session_deadline = Monotonic::NEVER;
                continue;
            }
            self.remove_member(member_id, turn);
            match self.state {
                GroupState::PreparingRebalance => self.complete_join_after_expiry(turn),
                GroupState::Stable | GroupState::CompletingRebalance => {
                    self.prepare_rebalance(turn);
                }
                GroupState::Empty | GroupState::Dead => {}
            }
        }
    }

    fn complete_join_after_expiry(&mut self, turn: &mut Turn) {
        if self.state == GroupState::PreparingRebalance && self.has_all_members_joined() {
            self.complete_join(turn);
        }
    }

    fn expire_join_phase(&mut self, turn: &mut Turn) {
        match self.join_timer {
            Some(timer) if timer.at() > turn.now => {}
            Some(JoinTimer::Initial {
                delay, remaining, ..
            }) if self.new_member_added && !remaining.is_zero() => {
                self.new_member_added = false;
                let next_delay = turn.config.group_initial_rebalance_delay.min(remaining);
                let next_remaining = remaining.saturating_sub(delay);
                self.start_initial_timer(next_delay, next_remaining, turn.now);
            }
            Some(_) => self.complete_join(turn),
            None => {}
        }
    }

    /// Members of the generation that never asked for their assignment are dropped.
    fn expire_sync_phase(&mut self, turn: &mut Turn) {
        if self.sync_deadline.is_none_or(|it| it > turn.now) {
            return;
        }
        self.sync_deadline = None;
        let missing = std::mem::take(&mut self.pending_sync);
        if missing.is_empty() {
            return;
        }
        for member_id in &missing {
            self.remove_member(member_id, turn);
        }
        self.after_removal(turn);
    }
}
