//! Members that keep their place across a restart (KIP-345).
//!
//! In: a JoinGroup with a group instance id that a member holds already. Out: the member under a
//! new id, the old id fenced, and a rebalance only where it is needed.
//! Never here: members without an instance id.

use broker_types::ErrorCode;
use broker_wire::Str;
use broker_wire::messages::join_group_response::JoinGroupResponse;
use bytes::Bytes;

use super::{Group, GroupState, Member, Protocol, Waiting, nullable_protocol};
use crate::action::{Response, response_error};
use crate::record;
use crate::write::{Effect, Turn};

/// First version that can tell a leader to keep the assignment it made before.
const SKIP_ASSIGNMENT_FROM: i16 = 9;

/// A change of a static member's id whose record is on its way.
#[derive(Debug)]
pub(crate) struct StaticReplacement {
    new_id: Str,
    /// The member as it was, to go back to.
    old: Member,
    /// Who led before. A leader that does not know `skip_assignment` is told its old id, so that
    /// it takes itself for a follower and does not assign anew.
    old_leader: Str,
    generation: i32,
}

impl Group {
    /// Gives the member that holds `instance_id` a new id and its new words.
    pub(crate) fn replace_static_member(
        &mut self,
        old_id: &str,
        new_id: &Str,
        protocols: Vec<Protocol>,
        timeouts_ms: (i32, i32),
        waiting: Waiting,
        turn: &mut Turn,
    ) {
        let old_leader = self.leader.clone().unwrap_or_default();
        let Some(old) = self.rename_static_member(old_id, new_id, turn) else {
            // Callers look the id up under the same borrow.
            panic!("group {} lost the static member {old_id}", self.id);
        };
        self.renew_session(new_id, turn.now);
        self.replace_protocols(new_id, protocols, timeouts_ms);
        self.await_join(new_id, waiting, turn);
        match self.state {
            GroupState::Stable if self.selected_protocol() == self.protocol_name => {
                let replacement = StaticReplacement {
                    new_id: new_id.clone(),
                    old,
                    old_leader,
                    generation: self.generation,
                };
                self.write_replacement(replacement, turn);
            }
            // The leader may have seen the old id already: an assignment for it would reach nobody.
            GroupState::Stable | GroupState::CompletingRebalance => self.prepare_rebalance(turn),
            GroupState::PreparingRebalance => self.rebalance(turn),
            GroupState::Empty | GroupState::Dead => {
                panic!("group {} has members while {:?}", self.id, self.state)
            }
        }
    }

    /// Moves a member to another id and fences whoever waits under the old one. Gives back the
    /// member as it was.
    fn rename_static_member(
        &mut self,
        old_id: &str,
        new_id: &Str,
        turn: &mut Turn,
    ) -> Option<Member> {
        self.answer_join(old_id, ErrorCode::FencedInstanceId, turn);
        self.answer_sync(old_id, ErrorCode::FencedInstanceId, turn);
        let led = self.is_leader(old_id);
        let was_pending_sync = self.pending_sync.contains(old_id);
        let old = self.take_member(old_id)?;
        self.insert_member(Member {
            id: new_id.clone(),
            ..old.clone()
        });
        if led {
            self.leader = Some(new_id.clone());
        }
        if was_pending_sync {
            self.pending_sync.insert(new_id.clone());
        }
        Some(old)
    }

    fn write_replacement(&mut self, replacement: StaticReplacement, turn: &mut Turn) {
        self.subscribed_topics = self.read_subscribed_topics();
        let value = self.metadata_value(|member| Bytes::clone(&member.assignment));
        let effect = Effect::Replaced {
            group: self.id.clone(),
            replacement: Box::new(replacement),
        };
        turn.append(
            vec![record::group_metadata(&self.id, &value)],
            vec![effect],
            None,
        );
    }

    /// The new id is committed: the member goes on in the same generation.
    pub(crate) fn replacement_committed(
        &mut self,
        replacement: &StaticReplacement,
        turn: &mut Turn,
    ) {
        let new_id = &replacement.new_id;
        // A rebalance that began meanwhile answers the member itself.
        if self.state != GroupState::Stable || self.generation != replacement.generation {
            return;
        }
        let waiting = self.members.get_mut(new_id).and_then(|it| it.join.take());
        let Some(waiting) = waiting else { return };
        self.n_awaiting_join -= 1;
        self.renew_session(new_id, turn.now);
        let mut response = self.join_response(new_id, waiting.api_version);
        if waiting.api_version >= SKIP_ASSIGNMENT_FROM {
            response.skip_assignment = self.is_leader(new_id);
        } else {
            response.leader = replacement.old_leader.clone();
            response.members = Vec::new();
        }
        turn.respond(waiting.token, Response::JoinGroup(response));
    }

    /// The new id could not be committed. When its record `is_lost`, the member goes back to its
    /// old id; otherwise it may still be committed, and stays.
    pub(crate) fn replacement_failed(
        &mut self,
        replacement: &StaticReplacement,
        append_error: ErrorCode,
        is_lost: bool,
        turn: &mut Turn,
    ) {
        let new_id = &replacement.new_id;
        if self.state != GroupState::Stable || self.generation != replacement.generation {
            return;
        }
        let waiting = self.members.get_mut(new_id).and_then(|it| it.join.take());
        if let Some(waiting) = waiting {
            self.n_awaiting_join -= 1;
            let response = JoinGroupResponse {
                error_code: response_error(append_error).to_wire(),
                protocol_name: nullable_protocol(None, waiting.api_version),
                ..JoinGroupResponse::default()
            };
            turn.respond(waiting.token, Response::JoinGroup(response));
            self.renew_session(new_id, turn.now);
        }
        if !is_lost {
            return;
        }
        let old = &replacement.old;
        if self.rename_static_member(new_id, &old.id, turn).is_some() {
            let timeouts_ms = (old.rebalance_timeout_ms, old.session_timeout_ms);
            self.replace_protocols(&old.id, old.protocols.clone(), timeouts_ms);
            self.renew_session(&old.id, turn.now);
            self.subscribed_topics = self.read_subscribed_topics();
        }
    }
}
