//! JoinGroup: who comes in, under which id, and who has to ask again.
//!
//! In: requests. Out: refusals, and members handed to their group.
//! Never here: what a rebalance does.

use std::time::Duration;

use broker_types::ErrorCode;
use broker_wire::Str;
use broker_wire::messages::join_group_request::JoinGroupRequest;
use bytes::Bytes;

use super::GroupCoordinator;
use crate::action::{Action, Now, RequestContext, Response};
use crate::group::{Group, GroupState, Member, Protocol, Waiting, respond_join_error};
use crate::record::{STRING_BYTES_MAX, owned};
use crate::write::Turn;

/// First JoinGroup version whose clients join again with the id they are given.
const MEMBER_ID_REQUIRED_FROM: i16 = 4;

/// Longest part of a member id that its client chooses; `-` and a UUID follow. Ids that were given
/// out are kept for as long as a session, whether their clients come back or not.
const MEMBER_ID_PREFIX_BYTES_MAX: usize = 255;

/// A JoinGroup whose words have been checked and copied.
struct Join {
    member_id: Str,
    instance_id: Option<Str>,
    protocol_type: Str,
    protocols: Vec<Protocol>,
    /// Rebalance timeout and session timeout.
    timeouts_ms: (i32, i32),
    client_id: Str,
    client_host: Str,
    new_member_id: Str,
    waiting: Waiting,
}

impl GroupCoordinator {
    /// JoinGroup, versions 0 to 9. It may wait for as long as a rebalance takes.
    pub fn handle_join_group(
        &mut self,
        now: Now,
        context: &RequestContext,
        request: &JoinGroupRequest,
        actions: &mut Vec<Action>,
    ) {
        let waiting = Waiting {
            token: context.token,
            api_version: context.api_version,
        };
        let checked = self.check_join(request);
        if let Err(error) = checked.and_then(|()| self.check_pending(context, request)) {
            let mut turn = Turn::new(now, &self.config, &mut self.writes, actions);
            respond_join_error(waiting, &request.member_id, error, &mut turn);
            return;
        }
        let id = &request.group_id;
        if !self.groups.contains_key(id) {
            let group = Group::new(owned(id), Some(now.wall));
            self.groups.insert(group.id.clone(), group);
        }
        let join = Join::new(context, request, waiting);
        self.with_group(now, id, actions, |group, turn| join.enter(group, turn));
        self.remove_if_unused(id);
    }

    fn check_join(&self, request: &JoinGroupRequest) -> Result<(), ErrorCode> {
        self.check_active()?;
        if request.group_id.is_empty() {
            return Err(ErrorCode::InvalidGroupId);
        }
        let names = request.protocols.iter().map(|it| &it.name);
        let is_too_long = [&request.group_id, &request.protocol_type]
            .into_iter()
            .chain(&request.group_instance_id)
            .chain(names)
            .any(|it| it.len() > STRING_BYTES_MAX);
        if is_too_long {
            return Err(ErrorCode::InvalidRequest);
        }
        let session_timeout = u64::try_from(request.session_timeout_ms).map(Duration::from_millis);
        let bounds = self.config.group_min_session_timeout..=self.config.group_max_session_timeout;
        if !session_timeout.is_ok_and(|it| bounds.contains(&it)) {
            return Err(ErrorCode::InvalidSessionTimeout);
        }
        if !self.groups.contains_key(&request.group_id) {
            if !request.member_id.is_empty() {
                return Err(ErrorCode::UnknownMemberId);
            }
            if self.groups.len() >= self.config.groups_max {
                return Err(ErrorCode::PolicyViolation);
            }
        }
        Ok(())
    }
}

impl GroupCoordinator {
    /// Whether there is room for an id that may never be joined with.
    fn check_pending(
        &self,
        context: &RequestContext,
        request: &JoinGroupRequest,
    ) -> Result<(), ErrorCode> {
        let needs_id = request.member_id.is_empty()
            && request.group_instance_id.is_none()
            && context.api_version >= MEMBER_ID_REQUIRED_FROM;
        let is_full = self.n_pending_join >= self.config.pending_members_of_all_groups_max;
        if needs_id && is_full {
            return Err(ErrorCode::CoordinatorNotAvailable);
        }
        Ok(())
    }
}

impl Join {
    fn new(context: &RequestContext, request: &JoinGroupRequest, waiting: Waiting) -> Join {
        let instance_id = request.group_instance_id.as_deref().map(owned);
        // Version 0 has one timeout for both.
        let rebalance_timeout_ms = if request.rebalance_timeout_ms < 0 {
            request.session_timeout_ms
        } else {
            request.rebalance_timeout_ms
        };
        let prefix = instance_id.as_deref().unwrap_or(context.client_id);
        Join {
            member_id: owned(&request.member_id),
            new_member_id: new_member_id(prefix, context.random),
            instance_id,
            protocol_type: request.protocol_type.clone(),
            protocols: Protocol::list(&request.protocols),
            timeouts_ms: (rebalance_timeout_ms, request.session_timeout_ms),
            client_id: owned(context.client_id),
            client_host: owned(context.client_host),
            waiting,
        }
    }

    /// Decides whether and how the group takes the member in.
    fn enter(self, group: &mut Group, turn: &mut Turn) {
        match self.refusal(group, turn) {
            Some(ErrorCode::GroupMaxSizeReached) => {
                if group.has_member(&self.member_id) {
                    group.remove_member(&self.member_id, turn);
                    group.after_removal(turn);
                }
                group.remove_pending_join(&self.member_id);
                respond_join_error(self.waiting, "", ErrorCode::GroupMaxSizeReached, turn);
            }
            Some(error) => respond_join_error(self.waiting, &self.member_id, error, turn),
            None if self.member_id.is_empty() => self.enter_as_new(group, turn),
            None => self.enter_again(group, turn),
        }
    }

    fn refusal(&self, group: &Group, turn: &Turn) -> Option<ErrorCode> {
        let bytes_max = turn.config.group_metadata_bytes_max;
        let instance_id = self.instance_id.as_deref();
        let known_as = instance_id.and_then(|it| group.static_member_id(it));
        let known_as = known_as.unwrap_or(&self.member_id);
        if group.state() == GroupState::Dead {
            Some(ErrorCode::CoordinatorNotAvailable)
        } else if !self.is_within_size(group, turn.config.group_max_size) {
            Some(ErrorCode::GroupMaxSizeReached)
        } else if !group.supports(&self.protocol_type, &self.protocols) {
            Some(ErrorCode::InconsistentGroupProtocol)
        } else if !group.has_room_for(known_as, &self.protocols, self.name_bytes(), bytes_max) {
            Some(ErrorCode::GroupMaxSizeReached)
        } else {
            None
        }
    }

    /// Bytes of what a new member would be called.
    fn name_bytes(&self) -> usize {
        let instance_id = self.instance_id.as_ref().map_or(0, |it| it.len());
        self.new_member_id.len() + instance_id + self.client_id.len() + self.client_host.len()
    }

    fn is_within_size(&self, group: &Group, group_max_size: usize) -> bool {
        match group.state() {
            GroupState::Empty | GroupState::Dead => true,
            // Members that have not rejoined may never do so, and the limit may have been lowered
            // below what the group has: so those count that have rejoined.
            GroupState::PreparingRebalance => {
                group.is_awaiting_join(&self.member_id) || group.n_awaiting_join() < group_max_size
            }
            GroupState::CompletingRebalance | GroupState::Stable => {
                group.has_member(&self.member_id) || group.n_members() < group_max_size
            }
        }
    }

    fn enter_as_new(self, group: &mut Group, turn: &mut Turn) {
        if let Some(instance_id) = &self.instance_id {
            if let Some(old_id) = group.static_member_id(instance_id).cloned() {
                let Join {
                    new_member_id,
                    protocols,
                    timeouts_ms,
                    waiting,
                    ..
                } = self;
                group.replace_static_member(
                    &old_id,
                    &new_member_id,
                    protocols,
                    timeouts_ms,
                    waiting,
                    turn,
                );
                return;
            }
        } else if self.waiting.api_version >= MEMBER_ID_REQUIRED_FROM {
            self.require_member_id(group, turn);
            return;
        }
        let member_id = self.new_member_id.clone();
        self.add(group, member_id, turn);
    }

    /// Has the client join again under an id, so that a client which never sees its answer does
    /// not leave members behind.
    fn require_member_id(self, group: &mut Group, turn: &mut Turn) {
        if group.n_pending_join() >= turn.config.pending_members_max {
            respond_join_error(self.waiting, "", ErrorCode::GroupMaxSizeReached, turn);
            return;
        }
        let member_id = self.new_member_id;
        respond_join_error(self.waiting, &member_id, ErrorCode::MemberIdRequired, turn);
        group.add_pending_join(member_id, self.timeouts_ms.1, turn.now);
    }

    fn add(self, group: &mut Group, member_id: Str, turn: &mut Turn) {
        if group.has_member(&member_id) {
            // The random bits were not: let the client try others.
            respond_join_error(self.waiting, "", ErrorCode::CoordinatorNotAvailable, turn);
            return;
        }
        let member = Member {
            id: member_id,
            instance_id: self.instance_id,
            client_id: self.client_id,
            client_host: self.client_host,
            rebalance_timeout_ms: self.timeouts_ms.0,
            session_timeout_ms: self.timeouts_ms.1,
            protocols: self.protocols,
            assignment: Bytes::new(),
            is_new: true,
            join: Some(self.waiting),
            sync: None,
            session_deadline: turn.now,
        };
        group.add_member(member, &self.protocol_type, turn);
    }

    fn enter_again(self, group: &mut Group, turn: &mut Turn) {
        let member_id = self.member_id.clone();
        if group.is_pending_join(&member_id) {
            // Ids are given out only to members without an instance id.
            if self.instance_id.is_some() {
                respond_join_error(self.waiting, &member_id, ErrorCode::UnknownMemberId, turn);
            } else {
                self.add(group, member_id, turn);
            }
            return;
        }
        if let Err(error) = group.check_member(&member_id, self.instance_id.as_deref()) {
            respond_join_error(self.waiting, &member_id, error, turn);
            return;
        }
        let is_unchanged = group.member_says(&member_id, &self.protocols);
        let needs_rebalance = match group.state() {
            GroupState::PreparingRebalance => true,
            // Perhaps the first answer was lost.
            GroupState::CompletingRebalance => !is_unchanged,
            // A leader joins again when something changed that only it can see.
            GroupState::Stable => !is_unchanged || group.is_leader(&member_id),
            GroupState::Empty | GroupState::Dead => false,
        };
        if needs_rebalance {
            group.update_member(
                &member_id,
                self.protocols,
                self.timeouts_ms,
                self.waiting,
                turn,
            );
        } else {
            let response = group.join_response(&member_id, self.waiting.api_version);
            turn.respond(self.waiting.token, Response::JoinGroup(response));
        }
    }
}

/// An id for a new member: what its client calls itself, and a UUID of the given random bits.
fn new_member_id(prefix: &str, random: u128) -> Str {
    let end = prefix.floor_char_boundary(MEMBER_ID_PREFIX_BYTES_MAX);
    let prefix = prefix.get(..end).unwrap_or_default();
    // Version 4, variant 1 (RFC 9562).
    let bits = random & !(0xf << 76) & !(0x3 << 62) | (0x4 << 76) | (0x2 << 62);
    let hex = format!("{bits:032x}");
    let part = |range| hex.get(range).unwrap_or_default();
    let id = format!(
        "{prefix}-{}-{}-{}-{}-{}",
        part(0..8),
        part(8..12),
        part(12..16),
        part(16..20),
        part(20..32)
    );
    Str::from(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_id_is_its_client_and_a_uuid() {
        let id = new_member_id("client", 0);
        assert_eq!(id, "client-00000000-0000-4000-8000-000000000000");
        let id = new_member_id("client", u128::MAX);
        assert_eq!(id, "client-ffffffff-ffff-4fff-bfff-ffffffffffff");
    }

    #[test]
    fn a_member_id_fits_a_record_however_long_the_client_id() {
        let long = "ü".repeat(STRING_BYTES_MAX);
        assert_eq!(new_member_id(&long, 7).len(), 254 + 37);
    }
}
