//! DescribeGroups, ListGroups, DeleteGroups.
//!
//! In: requests, or their parts that are about this partition's groups. Out: what tools show, and
//! tombstones.
//! Never here: authorization, or groups of other partitions.

use broker_types::ErrorCode;
use broker_wire::Str;
use broker_wire::messages::delete_groups_response::DeletableGroupResult;
use broker_wire::messages::describe_groups_response::{DescribedGroup, DescribedGroupMember};
use broker_wire::messages::list_groups_request::ListGroupsRequest;
use broker_wire::messages::list_groups_response::ListedGroup;

use super::GroupCoordinator;
use super::offset_requests::OffsetWriting;
use crate::action::{Action, Now, RequestContext, Response};
use crate::group::{Group, GroupState, Member};
use crate::write::Answer;

/// The type of all groups here, as ListGroups shows it (KIP-848).
const GROUP_TYPE: &str = "Classic";

/// First DescribeGroups version that tells a missing group from a dead one (KIP-1043).
const DESCRIBE_NOT_FOUND_FROM: i16 = 6;

impl GroupCoordinator {
    /// One group of a DescribeGroups, versions 0 to 6. Authorized operations are the caller's to
    /// fill in.
    pub fn describe_group(&self, version: i16, group_id: &Str) -> DescribedGroup {
        if let Err(error) = self.check_active() {
            return DescribedGroup {
                error_code: error.to_wire(),
                group_id: group_id.clone(),
                ..DescribedGroup::default()
            };
        }
        match self.groups.get(group_id) {
            Some(group) => described(group),
            None => not_found(version, group_id),
        }
    }

    /// This partition's part of a ListGroups, versions 0 to 5. Empty filters let all pass; names
    /// of states and types are compared without case.
    ///
    /// # Errors
    /// While the coordinator does not serve.
    pub fn list_groups(&self, request: &ListGroupsRequest) -> Result<Vec<ListedGroup>, ErrorCode> {
        self.check_active()?;
        let passes = |filter: &[Str], name: &str| {
            filter.is_empty() || filter.iter().any(|it| it.eq_ignore_ascii_case(name))
        };
        if !passes(&request.types_filter, GROUP_TYPE) {
            return Ok(Vec::new());
        }
        let listed = self
            .groups
            .values()
            .filter(|it| passes(&request.states_filter, it.state().name()))
            .map(|it| ListedGroup {
                group_id: it.id.clone(),
                protocol_type: it.protocol_type().cloned().unwrap_or_default(),
                group_state: it.state().name().into(),
                group_type: GROUP_TYPE.into(),
                ..ListedGroup::default()
            });
        Ok(listed.collect())
    }

    /// One group of a DeleteGroups, versions 0 to 2: the group and all its offsets.
    pub fn handle_delete_group(
        &mut self,
        now: Now,
        context: &RequestContext,
        group_id: &Str,
        actions: &mut Vec<Action>,
    ) {
        let answer = |error: ErrorCode| Answer {
            to: context.token,
            response: Response::DeleteGroup(DeletableGroupResult {
                group_id: group_id.clone(),
                error_code: error.to_wire(),
                ..DeletableGroupResult::default()
            }),
        };
        if let Err(error) = self.check_delete_group(group_id) {
            let Answer { to, response } = answer(error);
            actions.push(Action::Respond {
                token: to,
                response,
            });
            return;
        }
        if self.groups.get(group_id).is_some_and(Group::is_unwritten) {
            // The log knows nothing about it.
            self.remove_group(group_id);
            let Answer { to, response } = answer(ErrorCode::None);
            actions.push(Action::Respond {
                token: to,
                response,
            });
            return;
        }
        self.with_group(now, group_id, actions, |group, turn| {
            let slots: Vec<(Str, i32)> = group
                .offsets
                .slots()
                .map(|(topic, index)| (topic.clone(), index))
                .collect();
            let mut writing = OffsetWriting::new(group, turn);
            for (topic, partition) in slots {
                writing.write(&topic, partition, None);
            }
            writing.write_group_tombstone();
            writing.finish(Some(answer(ErrorCode::None)));
        });
    }

    fn check_delete_group(&self, group_id: &str) -> Result<(), ErrorCode> {
        self.check_active()?;
        if self.is_congested() {
            return Err(ErrorCode::CoordinatorNotAvailable);
        }
        match self.groups.get(group_id).map(Group::state) {
            None => Err(ErrorCode::GroupIdNotFound),
            Some(GroupState::Empty) => Ok(()),
            // Another deletion is on its way and may yet fail.
            Some(GroupState::Dead) => Err(ErrorCode::CoordinatorNotAvailable),
            Some(
                GroupState::PreparingRebalance
                | GroupState::CompletingRebalance
                | GroupState::Stable,
            ) => Err(ErrorCode::NonEmptyGroup),
        }
    }
}

/// What a tool is shown. Which protocol is used, and what members say under it, is known only of
/// a stable group.
fn described(group: &Group) -> DescribedGroup {
    let protocol = match group.state() {
        GroupState::Stable => group.protocol_name().cloned(),
        GroupState::Empty
        | GroupState::PreparingRebalance
        | GroupState::CompletingRebalance
        | GroupState::Dead => None,
    };
    let member = |it: &Member| DescribedGroupMember {
        member_id: it.id.clone(),
        group_instance_id: it.instance_id.clone(),
        client_id: it.client_id.clone(),
        client_host: it.client_host.clone(),
        member_metadata: protocol
            .as_deref()
            .map(|name| it.metadata(name))
            .unwrap_or_default(),
        member_assignment: it.assignment.clone(),
        ..DescribedGroupMember::default()
    };
    DescribedGroup {
        group_id: group.id.clone(),
        group_state: group.state().name().into(),
        protocol_type: group.protocol_type().cloned().unwrap_or_default(),
        protocol_data: protocol.clone().unwrap_or_default(),
        members: group.members().map(member).collect(),
        ..DescribedGroup::default()
    }
}

fn not_found(version: i16, group_id: &Str) -> DescribedGroup {
    let is_told = version >= DESCRIBE_NOT_FOUND_FROM;
    let error = if is_told {
        ErrorCode::GroupIdNotFound
    } else {
        ErrorCode::None
    };
    DescribedGroup {
        error_code: error.to_wire(),
        error_message: is_told.then(|| Str::from(format!("Group {group_id} not found."))),
        group_id: group_id.clone(),
        group_state: GroupState::Dead.name().into(),
        ..DescribedGroup::default()
    }
}
