//! From one generation to the next: who is in, and when it is complete.
//!
//! In: members that join, leave or fall silent, and the time. Out: JoinGroup answers, and a record
//! when the group is left without members.
//! Never here: assignments (`sync`), or which request may do what.

use std::time::Duration;

use broker_types::{ErrorCode, Monotonic};
use broker_wire::Str;
use broker_wire::messages::join_group_response::{JoinGroupResponse, JoinGroupResponseMember};
use bytes::Bytes;

use super::timers::milliseconds;
use super::{Group, GroupState, JoinTimer, Member, Protocol, Waiting};
use crate::action::Response;
use crate::record::{self, owned};
use crate::write::Turn;

/// How long a new member may wait for its first generation. It cannot heartbeat meanwhile, and a
/// client that went away cannot be told from one that waits; one that is there will retry.
const NEW_MEMBER_JOIN_TIMEOUT: Duration = Duration::from_secs(5 * 60);

/// A rebalance for which nobody came is not tried again sooner than this, whatever timeouts the
/// members asked for.
const REBALANCE_RETRY_MIN: Duration = Duration::from_secs(1);

/// First version whose protocol name may be null.
const NULL_PROTOCOL_FROM: i16 = 7;

impl Group {
    /// Gives out a member id that may be joined with for one session timeout.
    pub(crate) fn add_pending_join(
        &mut self,
        member_id: Str,
        session_timeout_ms: i32,
        now: Monotonic,
    ) {
        let deadline = now + milliseconds(session_timeout_ms);
        self.pending_join.insert(member_id, deadline);
        self.wake_by(deadline);
    }

    pub(crate) fn n_pending_join(&self) -> usize {
        self.pending_join.len()
    }

    pub(super) fn insert_member(&mut self, member: Member) {
        self.pending_join.remove(&member.id);
        if let Some(instance_id) = &member.instance_id {
            self.static_members
                .insert(instance_id.clone(), member.id.clone());
        }
        if self.leader.is_none() {
            self.leader = Some(member.id.clone());
        }
        self.count_protocols(&member.protocols);
        self.metadata_bytes += member.name_bytes();
        self.n_awaiting_join += usize::from(member.join.is_some());
        let replaced = self.members.insert(member.id.clone(), member);
        assert!(replaced.is_none(), "a member id is given out once");
    }

    /// Takes a member out, with whatever it waits for. The caller answers that.
    pub(super) fn take_member(&mut self, member_id: &str) -> Option<Member> {
        self.pending_join.remove(member_id);
        self.pending_sync.remove(member_id);
        let member = self.members.remove(member_id)?;
        if let Some(instance_id) = &member.instance_id {
            self.static_members.remove(instance_id);
        }
        self.discount_protocols(&member.protocols);
        self.metadata_bytes -= member.name_bytes();
        self.n_awaiting_join -= usize::from(member.join.is_some());
        if self.is_leader(member_id) {
            self.leader = self.members.keys().next().cloned();
        }
        Some(member)
    }

    /// Adds a member and starts, or goes on with, a rebalance.
    pub(crate) fn add_member(&mut self, mut member: Member, protocol_type: &str, turn: &mut Turn) {
        if self.members.is_empty() {
            self.protocol_type = Some(owned(protocol_type));
        }
        if self.state == GroupState::PreparingRebalance && self.previous_state == GroupState::Empty
        {
            self.new_member_added = true;
        }
        member.is_new = true;
        member.session_deadline = turn.now + NEW_MEMBER_JOIN_TIMEOUT;
        self.wake_by(member.session_deadline);
        self.insert_member(member);
        self.rebalance(turn);
    }

    /// Takes over what a member said when it joined again, and starts or goes on with a rebalance.
    pub(crate) fn update_member(
        &mut self,
        member_id: &str,
        protocols: Vec<Protocol>,
        timeouts_ms: (i32, i32),
        waiting: Waiting,
        turn: &mut Turn,
    ) {
        self.replace_protocols(member_id, protocols, timeouts_ms);
        self.await_join(member_id, waiting, turn);
        self.rebalance(turn);
    }

    /// `timeouts_ms` are the rebalance timeout and the session timeout.
    pub(super) fn replace_protocols(
        &mut self,
        member_id: &str,
        protocols: Vec<Protocol>,
        timeouts_ms: (i32, i32),
    ) {
        let Some(member) = self.members.get_mut(member_id) else {
            return;
        };
        let before = std::mem::replace(&mut member.protocols, protocols);
        (member.rebalance_timeout_ms, member.session_timeout_ms) = timeouts_ms;
        let after = member.protocols.clone();
        self.discount_protocols(&before);
        self.count_protocols(&after);
    }

    /// Lets a member's JoinGroup wait. If an earlier one still does, its client has given it up:
    /// it is told to try again.
    pub(super) fn await_join(&mut self, member_id: &str, waiting: Waiting, turn: &mut Turn) {
        self.answer_join(member_id, ErrorCode::RebalanceInProgress, turn);
        if let Some(member) = self.members.get_mut(member_id) {
            member.join = Some(waiting);
            self.n_awaiting_join += 1;
        }
    }

    /// Answers a waiting JoinGroup with an error.
    pub(super) fn answer_join(&mut self, member_id: &str, error: ErrorCode, turn: &mut Turn) {
        let waiting = self
            .members
            .get_mut(member_id)
            .and_then(|it| it.join.take());
        if let Some(waiting) = waiting {
            self.n_awaiting_join -= 1;
            respond_join_error(waiting, member_id, error, turn);
        }
    }

    /// The answer that puts a member into the current generation. Only the leader is told who the
    /// members are.
    pub(crate) fn join_response(&self, member_id: &str, api_version: i16) -> JoinGroupResponse {
        let describe = |it: &Member| JoinGroupResponseMember {
            member_id: it.id.clone(),
            group_instance_id: it.instance_id.clone(),
            metadata: it.metadata(self.protocol_name.as_deref().unwrap_or_default()),
            ..JoinGroupResponseMember::default()
        };
        let members = if self.is_leader(member_id) {
            self.members.values().map(describe).collect()
        } else {
            Vec::new()
        };
        JoinGroupResponse {
            generation_id: self.generation,
            protocol_type: self.protocol_type.clone(),
            protocol_name: nullable_protocol(self.protocol_name.clone(), api_version),
            leader: self.leader.clone().unwrap_or_default(),
            member_id: member_id.into(),
            members,
            ..JoinGroupResponse::default()
        }
    }

    /// Takes members out that leave or have fallen silent, and tells those who wait so.
    /// The caller goes on with [`Group::after_removal`].
    pub(crate) fn remove_member(&mut self, member_id: &str, turn: &mut Turn) {
        self.answer_join(member_id, ErrorCode::UnknownMemberId, turn);
        self.answer_sync(member_id, ErrorCode::UnknownMemberId, turn);
        self.take_member(member_id);
    }

    /// Takes out an id that was given out and not joined with.
    pub(crate) fn remove_pending_join(&mut self, member_id: &str) {
        self.pending_join.remove(member_id);
    }

    /// What follows once members have been taken out.
    pub(crate) fn after_removal(&mut self, turn: &mut Turn) {
        match self.state {
            GroupState::Stable | GroupState::CompletingRebalance => self.prepare_rebalance(turn),
            GroupState::PreparingRebalance => self.complete_join_if_all_joined(turn),
            GroupState::Empty | GroupState::Dead => {}
        }
    }

    /// Starts a rebalance, or goes on with the one that is under way.
    pub(super) fn rebalance(&mut self, turn: &mut Turn) {
        match self.state {
            GroupState::Empty | GroupState::Stable | GroupState::CompletingRebalance => {
                self.prepare_rebalance(turn);
            }
            GroupState::PreparingRebalance => self.complete_join_if_all_joined(turn),
            GroupState::Dead => {}
        }
    }

    pub(super) fn has_all_members_joined(&self) -> bool {
        self.n_awaiting_join == self.members.len() && self.pending_join.is_empty()
    }

    /// The longest time that any member asked for.
    fn rebalance_timeout(&self) -> Duration {
        let timeout_ms = self
            .members
            .values()
            .map(|it| it.rebalance_timeout_ms)
            .max();
        milliseconds(timeout_ms.unwrap_or(0))
    }

    pub(crate) fn prepare_rebalance(&mut self, turn: &mut Turn) {
        if self.state == GroupState::CompletingRebalance {
            self.reset_assignment(ErrorCode::RebalanceInProgress, turn);
        }
        self.assignment_write = None;
        self.pending_sync.clear();
        self.sync_deadline = None;
        let is_initial = self.state == GroupState::Empty;
        self.become_state(GroupState::PreparingRebalance, turn.wall);
        if is_initial {
            let delay = turn.config.group_initial_rebalance_delay;
            let remaining = self.rebalance_timeout().saturating_sub(delay);
            self.new_member_added = false;
            self.start_initial_timer(delay, remaining, turn.now);
        } else if self.has_all_members_joined() {
            self.complete_join(turn);
        } else {
            self.start_rebalance_timer(self.rebalance_timeout(), turn.now);
        }
    }

    pub(super) fn start_initial_timer(
        &mut self,
        delay: Duration,
        remaining: Duration,
        now: Monotonic,
    ) {
        let at = now + delay;
        self.join_timer = Some(JoinTimer::Initial {
            at,
            delay,
            remaining,
        });
        self.wake_by(at);
    }

    fn start_rebalance_timer(&mut self, timeout: Duration, now: Monotonic) {
        let at = now + timeout;
        self.join_timer = Some(JoinTimer::Rebalance { at });
        self.wake_by(at);
    }

    /// Ends the join phase early when nobody is missing, unless the group was empty before: then
    /// it waits for the members that nobody knows of yet.
    fn complete_join_if_all_joined(&mut self, turn: &mut Turn) {
        let is_initial = self.previous_state == GroupState::Empty;
        if !is_initial && self.has_all_members_joined() {
            self.complete_join(turn);
        }
    }

    /// The join phase is over: whoever is not there is out, and the others are the generation.
    pub(super) fn complete_join(&mut self, turn: &mut Turn) {
        self.join_timer = None;
        // A static member is away only for a while; its session decides.
        let absent: Vec<Str> = self
            .members
            .values()
            .filter(|it| it.join.is_none() && it.instance_id.is_none())
            .map(|it| it.id.clone())
            .collect();
        for member_id in &absent {
            self.remove_member(member_id, turn);
        }
        if !self.members.is_empty() && !self.elect_joined_leader() {
            // Static members alone are left, and none has come back. Wait for their sessions.
            self.start_rebalance_timer(self.rebalance_timeout().max(REBALANCE_RETRY_MIN), turn.now);
            return;
        }
        // Generation 0 is that of a group which never had members.
        self.generation = self.generation.checked_add(1).unwrap_or(1);
        self.pending_sync.clear();
        if self.members.is_empty() {
            self.become_empty(turn);
        } else {
            self.begin_generation(turn);
        }
    }

    fn become_empty(&mut self, turn: &mut Turn) {
        self.protocol_name = None;
        self.leader = None;
        self.subscribed_topics = self.read_subscribed_topics();
        self.become_state(GroupState::Empty, turn.wall);
        // Should the record be lost, a successor finds the previous generation, whose members
        // it will find silent.
        let value = self.metadata_value(|_| Bytes::new());
        turn.append(
            vec![record::group_metadata(&self.id, &value)],
            Vec::new(),
            None,
        );
        self.has_record = true;
    }

    fn begin_generation(&mut self, turn: &mut Turn) {
        self.protocol_name = self.selected_protocol();
        assert!(
            self.protocol_name.is_some(),
            "members with no protocol in common do not meet"
        );
        self.subscribed_topics = self.read_subscribed_topics();
        self.become_state(GroupState::CompletingRebalance, turn.wall);
        let member_ids: Vec<Str> = self.members.keys().cloned().collect();
        for member_id in &member_ids {
            self.enter_generation(member_id, turn);
        }
        let deadline = turn.now + self.rebalance_timeout();
        self.sync_deadline = Some(deadline);
        self.wake_by(deadline);
    }

    fn enter_generation(&mut self, member_id: &Str, turn: &mut Turn) {
        self.pending_sync.insert(member_id.clone());
        self.renew_session(member_id, turn.now);
        let Some(member) = self.members.get_mut(member_id) else {
            return;
        };
        member.is_new = false;
        if let Some(waiting) = member.join.take() {
            self.n_awaiting_join -= 1;
            let response = self.join_response(member_id, waiting.api_version);
            turn.respond(waiting.token, Response::JoinGroup(response));
        }
    }

    /// Keeps the leader if it has joined, else takes a member that has. False when none has.
    fn elect_joined_leader(&mut self) -> bool {
        let leader_has_joined = self
            .leader
            .as_ref()
            .and_then(|it| self.members.get(it))
            .is_some_and(|it| it.join.is_some());
        if leader_has_joined {
            return true;
        }
        match self.members.values().find(|it| it.join.is_some()) {
            Some(joined) => {
                self.leader = Some(joined.id.clone());
                true
            }
            None => false,
        }
    }
}

/// The name as a version can carry it: before version 7 there is no null, but an empty string.
pub(crate) fn nullable_protocol(name: Option<Str>, api_version: i16) -> Option<Str> {
    if api_version < NULL_PROTOCOL_FROM {
        Some(name.unwrap_or_default())
    } else {
        name
    }
}

/// Refuses a JoinGroup.
pub(crate) fn respond_join_error(
    waiting: Waiting,
    member_id: &str,
    error: ErrorCode,
    turn: &mut Turn,
) {
    let response = JoinGroupResponse {
        error_code: error.to_wire(),
        member_id: member_id.into(),
        protocol_name: nullable_protocol(None, waiting.api_version),
        ..JoinGroupResponse::default()
    };
    turn.respond(waiting.token, Response::JoinGroup(response));
}
