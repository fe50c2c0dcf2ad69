//! SyncGroup, Heartbeat, LeaveGroup: what members do between joining and being gone.
//!
//! In: requests. Out: errors that can be told at once, and what the group makes of the rest.
//! Never here: what a rebalance does.

use broker_types::ErrorCode;
use broker_wire::Str;
use broker_wire::messages::heartbeat_request::HeartbeatRequest;
use broker_wire::messages::heartbeat_response::HeartbeatResponse;
use broker_wire::messages::leave_group_request::{LeaveGroupRequest, MemberIdentity};
use broker_wire::messages::leave_group_response::{LeaveGroupResponse, MemberResponse};
use broker_wire::messages::sync_group_request::SyncGroupRequest;

use super::GroupCoordinator;
use crate::action::{Action, Now, RequestContext, Response};
use crate::group::{Group, GroupState, Waiting, respond_sync_error};
use crate::write::{Answer, Turn};

/// First LeaveGroup version that names several members.
const LEAVE_BATCH_FROM: i16 = 3;

/// First SyncGroup version that must name the protocol.
const SYNC_PROTOCOL_FROM: i16 = 5;

impl GroupCoordinator {
    /// SyncGroup, versions 0 to 5. It may wait for the leader's assignment.
    pub fn handle_sync_group(
        &mut self,
        now: Now,
        context: &RequestContext,
        request: &SyncGroupRequest,
        actions: &mut Vec<Action>,
    ) {
        let waiting = Waiting {
            token: context.token,
            api_version: context.api_version,
        };
        if let Err(error) = self.check_sync(context.api_version, request) {
            let mut turn = Turn::new(now, &self.config, &mut self.writes, actions);
            respond_sync_error(waiting, error, &mut turn);
            return;
        }
        self.with_group(now, &request.group_id, actions, |group, turn| {
            match group.state() {
                GroupState::CompletingRebalance => {
                    group.await_sync(&request.member_id, &request.assignments, waiting, turn);
                }
                GroupState::Stable => {
                    let response = group.assignment(&request.member_id);
                    turn.respond(waiting.token, Response::SyncGroup(response));
                }
                GroupState::PreparingRebalance => {
                    respond_sync_error(waiting, ErrorCode::RebalanceInProgress, turn);
                }
                GroupState::Empty | GroupState::Dead => {
                    respond_sync_error(waiting, ErrorCode::UnknownMemberId, turn);
                }
            }
        });
    }

    fn check_sync(&self, version: i16, request: &SyncGroupRequest) -> Result<(), ErrorCode> {
        self.check_active()?;
        if request.group_id.is_empty() {
            return Err(ErrorCode::InvalidGroupId);
        }
        let names_protocol = request.protocol_type.is_some() && request.protocol_name.is_some();
        if version >= SYNC_PROTOCOL_FROM && !names_protocol {
            return Err(ErrorCode::InconsistentGroupProtocol);
        }
        let instance_id = request.group_instance_id.as_deref();
        let group = self.member_group(
            &request.group_id,
            &request.member_id,
            instance_id,
            request.generation_id,
        )?;
        let differs = |requested: &Option<Str>, ours: Option<&Str>| {
            requested.as_ref().is_some_and(|it| Some(it) != ours)
        };
        if differs(&request.protocol_type, group.protocol_type())
            || differs(&request.protocol_name, group.protocol_name())
        {
            return Err(ErrorCode::InconsistentGroupProtocol);
        }
        Ok(())
    }

    /// The group, if the request comes from a member of its current generation.
    fn member_group(
        &self,
        group_id: &str,
        member_id: &str,
        instance_id: Option<&str>,
        generation: i32,
    ) -> Result<&Group, ErrorCode> {
        let group = self
            .groups
            .get(group_id)
            .ok_or(ErrorCode::UnknownMemberId)?;
        if group.state() == GroupState::Dead {
            return Err(ErrorCode::CoordinatorNotAvailable);
        }
        group.check_member(member_id, instance_id)?;
        if generation != group.generation() {
            return Err(ErrorCode::IllegalGeneration);
        }
        Ok(group)
    }

    /// Heartbeat, versions 0 to 4. It never waits.
    ///
    /// While the partition is loading the answer is no error: the member's session begins with
    /// the end of the loading anyhow.
    pub fn handle_heartbeat(&mut self, now: Now, request: &HeartbeatRequest) -> HeartbeatResponse {
        let error = match self.heartbeat(now, request) {
            Ok(()) | Err(ErrorCode::CoordinatorLoadInProgress) => ErrorCode::None,
            Err(error) => error,
        };
        HeartbeatResponse {
            error_code: error.to_wire(),
            ..HeartbeatResponse::default()
        }
    }

    fn heartbeat(&mut self, now: Now, request: &HeartbeatRequest) -> Result<(), ErrorCode> {
        if request.group_id.is_empty() {
            return Err(ErrorCode::InvalidGroupId);
        }
        self.check_active()?;
        let state = self
            .member_group(
                &request.group_id,
                &request.member_id,
                request.group_instance_id.as_deref(),
                request.generation_id,
            )?
            .state();
        self.with_group(now, &request.group_id, &mut Vec::new(), |group, turn| {
            group.renew_session(&request.member_id, turn.now);
        });
        match state {
            GroupState::PreparingRebalance => Err(ErrorCode::RebalanceInProgress),
            // A member may heartbeat between its JoinGroup and its SyncGroup.
            GroupState::CompletingRebalance | GroupState::Stable => Ok(()),
            GroupState::Empty | GroupState::Dead => Err(ErrorCode::UnknownMemberId),
        }
    }

    /// LeaveGroup, versions 0 to 5.
    pub fn handle_leave_group(
        &mut self,
        now: Now,
        context: &RequestContext,
        request: &LeaveGroupRequest,
        actions: &mut Vec<Action>,
    ) {
        let one;
        let leaving = if context.api_version >= LEAVE_BATCH_FROM {
            &request.members
        } else {
            one = vec![MemberIdentity {
                member_id: request.member_id.clone(),
                ..MemberIdentity::default()
            }];
            &one
        };
        let answer = |results: Result<Vec<MemberResponse>, ErrorCode>| Answer {
            to: context.token,
            response: Response::LeaveGroup(leave_response(context.api_version, results)),
        };
        if let Err(error) = self.check_leave(request) {
            let Answer { to, response } = answer(Err(error));
            actions.push(Action::Respond {
                token: to,
                response,
            });
            return;
        }
        let left = self.with_group(now, &request.group_id, actions, |group, turn| {
            let first = turn.next_token();
            let results = leave(group, leaving, turn);
            if results.iter().any(|it| it.error_code == 0) {
                group.after_removal(turn);
            }
            turn.answer_after(first, answer(Ok(results)));
        });
        if left.is_none() {
            let unknown = |it| member_response(it, ErrorCode::UnknownMemberId);
            let Answer { to, response } = answer(Ok(leaving.iter().map(unknown).collect()));
            actions.push(Action::Respond {
                token: to,
                response,
            });
        }
        self.remove_if_unused(&request.group_id);
    }

    fn check_leave(&self, request: &LeaveGroupRequest) -> Result<(), ErrorCode> {
        self.check_active()?;
        if request.group_id.is_empty() {
            return Err(ErrorCode::InvalidGroupId);
        }
        let state = self.groups.get(&request.group_id).map(Group::state);
        if state == Some(GroupState::Dead) {
            return Err(ErrorCode::CoordinatorNotAvailable);
        }
        Ok(())
    }
}

/// Takes members out of the group, each for itself.
fn leave(group: &mut Group, leaving: &[MemberIdentity], turn: &mut Turn) -> Vec<MemberResponse> {
    let mut leave_one = |it: &MemberIdentity| -> Result<(), ErrorCode> {
        let instance_id = it.group_instance_id.as_deref();
        if it.member_id.is_empty() {
            // An administrator removes whoever holds the instance id.
            let holder = instance_id
                .and_then(|it| group.static_member_id(it))
                .cloned();
            let holder = holder.ok_or(ErrorCode::UnknownMemberId)?;
            group.remove_member(&holder, turn);
        } else if group.is_pending_join(&it.member_id) {
            group.remove_pending_join(&it.member_id);
        } else {
            group.check_member(&it.member_id, instance_id)?;
            group.remove_member(&it.member_id, turn);
        }
        Ok(())
    };
    leaving
        .iter()
        .map(|it| member_response(it, leave_one(it).err().unwrap_or(ErrorCode::None)))
        .collect()
}

fn member_response(member: &MemberIdentity, error: ErrorCode) -> MemberResponse {
    MemberResponse {
        member_id: member.member_id.clone(),
        group_instance_id: member.group_instance_id.clone(),
        error_code: error.to_wire(),
        ..MemberResponse::default()
    }
}

/// Before version 3 the one member's error is the response's.
fn leave_response(
    version: i16,
    results: Result<Vec<MemberResponse>, ErrorCode>,
) -> LeaveGroupResponse {
    let (error_code, members) = match results {
        Err(error) => (error.to_wire(), Vec::new()),
        Ok(members) if version >= LEAVE_BATCH_FROM => (0, members),
        Ok(members) => (members.first().map_or(0, |it| it.error_code), Vec::new()),
    };
    LeaveGroupResponse {
        error_code,
        members,
        ..LeaveGroupResponse::default()
    }
}
