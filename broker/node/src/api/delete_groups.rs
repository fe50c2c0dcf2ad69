//! DeleteGroups: groups without members go, and their offsets with them.
//!
//! In: ids of groups. Out: what became of each. Never here: whether a group may go.

use broker_coordinator::Response;
use broker_wire::messages::delete_groups_response::DeletableGroupResult;
use broker_wire::messages::{DeleteGroupsRequest, DeleteGroupsResponse};

use super::group_call;
use crate::connection::RequestContext;
use crate::groups::Call;
use crate::node::Node;
use crate::world::World;

pub(super) async fn handle<W: World>(
    node: &Node<W>,
    context: &RequestContext,
    request: DeleteGroupsRequest,
) -> DeleteGroupsResponse {
    let mut results = Vec::new();
    for group in request.groups_names {
        let answer = group_call::call(node, context, &group, Call::Delete(group.clone())).await;
        results.push(match answer {
            Ok(Response::DeleteGroup(result)) => result,
            Ok(other) => panic!("a DeleteGroups was answered with {other:?}"),
            Err(error) => DeletableGroupResult {
                group_id: group,
                error_code: error.to_wire(),
                ..DeletableGroupResult::default()
            },
        });
    }
    DeleteGroupsResponse {
        results,
        ..DeleteGroupsResponse::default()
    }
}
