//! From a generation's members to its assignment.
//!
//! In: SyncGroup of members, and word of the leader's assignment being committed. Out: SyncGroup
//! answers, and the record that carries the assignment.
//! Never here: what an assignment means. It is bytes.

use std::collections::BTreeMap;

use broker_types::ErrorCode;
use broker_wire::Str;
use broker_wire::messages::sync_group_request::SyncGroupRequestAssignment;
use broker_wire::messages::sync_group_response::SyncGroupResponse;
use bytes::Bytes;

use super::{Group, GroupState, Waiting};
use crate::action::{AppendToken, Response, response_error};
use crate::record;
use crate::write::{Effect, Turn};

impl Group {
    /// Lets a member of a generation without assignment wait for it. The leader brings it.
    pub(crate) fn await_sync(
        &mut self,
        member_id: &str,
        assignments: &[SyncGroupRequestAssignment],
        waiting: Waiting,
        turn: &mut Turn,
    ) {
        // An earlier request that still waits has been given up by its client.
        self.answer_sync(member_id, ErrorCode::RebalanceInProgress, turn);
        self.note_sync(member_id);
        if let Some(member) = self.members.get_mut(member_id) {
            member.sync = Some(waiting);
        }
        // A leader that asks again has brought its assignment already.
        if self.is_leader(member_id) && self.assignment_write.is_none() {
            self.write_assignment(assignments, turn);
        }
    }

    /// The assignment of a member whose generation has one.
    pub(crate) fn assignment(&mut self, member_id: &str) -> SyncGroupResponse {
        self.note_sync(member_id);
        let assignment = self.members.get(member_id).map(|it| it.assignment.clone());
        SyncGroupResponse {
            protocol_type: self.protocol_type.clone(),
            protocol_name: self.protocol_name.clone(),
            assignment: assignment.unwrap_or_default(),
            ..SyncGroupResponse::default()
        }
    }

    fn note_sync(&mut self, member_id: &str) {
        self.pending_sync.remove(member_id);
        if self.pending_sync.is_empty() {
            self.sync_deadline = None;
        }
    }

    /// Members that the leader forgot get an empty assignment; those it made up are left out.
    fn write_assignment(&mut self, given: &[SyncGroupRequestAssignment], turn: &mut Turn) {
        let given: BTreeMap<&str, &Bytes> = given
            .iter()
            .map(|it| (&*it.member_id, &it.assignment))
            .collect();
        let assignment_of = |member_id: &str| {
            given
                .get(member_id)
                .map_or_else(Bytes::new, |it| Bytes::copy_from_slice(it))
        };
        let assignments: Vec<(Str, Bytes)> = self
            .members
            .keys()
            .map(|it| (it.clone(), assignment_of(it)))
            .collect();
        let value = self.metadata_value(|member| assignment_of(&member.id));
        let effect = Effect::Assigned {
            group: self.id.clone(),
            assignments,
        };
        let record = record::group_metadata(&self.id, &value);
        self.assignment_write = Some(turn.append(vec![record], vec![effect], None));
        self.has_record = true;
    }

    /// The assignment of append `token` is committed. It counts if the group still waits for it.
    pub(crate) fn assignment_committed(
        &mut self,
        token: AppendToken,
        assignments: Vec<(Str, Bytes)>,
        turn: &mut Turn,
    ) {
        if self.assignment_write != Some(token) {
            return;
        }
        assert_eq!(
            self.state,
            GroupState::CompletingRebalance,
            "group {}",
            self.id
        );
        self.assignment_write = None;
        for (member_id, assignment) in assignments {
            if let Some(member) = self.members.get_mut(&member_id) {
                member.assignment = assignment;
            }
        }
        self.become_state(GroupState::Stable, turn.wall);
        let member_ids: Vec<Str> = self.members.keys().cloned().collect();
        for member_id in &member_ids {
            let waiting = self
                .members
                .get_mut(member_id)
                .and_then(|it| it.sync.take());
            if let Some(waiting) = waiting {
                let response = self.assignment(member_id);
                turn.respond(waiting.token, Response::SyncGroup(response));
                self.renew_session(member_id, turn.now);
            }
        }
    }

    /// The assignment of append `token` could not be committed in time, or at all.
    pub(crate) fn assignment_failed(
        &mut self,
        token: AppendToken,
        append_error: ErrorCode,
        turn: &mut Turn,
    ) {
        if self.assignment_write != Some(token) {
            return;
        }
        self.reset_assignment(response_error(append_error), turn);
        self.prepare_rebalance(turn);
    }

    /// Takes the assignment from everybody and tells those who wait for one why.
    pub(super) fn reset_assignment(&mut self, error: ErrorCode, turn: &mut Turn) {
        let member_ids: Vec<Str> = self.members.keys().cloned().collect();
        for member_id in &member_ids {
            if let Some(member) = self.members.get_mut(member_id) {
                member.assignment = Bytes::new();
            }
            if self.answer_sync(member_id, error, turn) {
                self.renew_session(member_id, turn.now);
            }
        }
    }

    /// Answers a waiting SyncGroup with an error. False when none waits.
    pub(super) fn answer_sync(
        &mut self,
        member_id: &str,
        error: ErrorCode,
        turn: &mut Turn,
    ) -> bool {
        let waiting = self
            .members
            .get_mut(member_id)
            .and_then(|it| it.sync.take());
        let Some(waiting) = waiting else { return false };
        respond_sync_error(waiting, error, turn);
        true
    }

    /// Answers everyone who waits, for the partition is led from elsewhere now.
    pub(crate) fn answer_all(&mut self, error: ErrorCode, turn: &mut Turn) {
        let member_ids: Vec<Str> = self.members.keys().cloned().collect();
        for member_id in &member_ids {
            self.answer_join(member_id, error, turn);
            self.answer_sync(member_id, error, turn);
        }
    }
}

/// Refuses a SyncGroup.
pub(crate) fn respond_sync_error(waiting: Waiting, error: ErrorCode, turn: &mut Turn) {
    let response = SyncGroupResponse {
        error_code: error.to_wire(),
        ..SyncGroupResponse::default()
    };
    turn.respond(waiting.token, Response::SyncGroup(response));
}
