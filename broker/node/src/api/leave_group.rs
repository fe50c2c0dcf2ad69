//! LeaveGroup: members go.
//!
//! In: members. Out: the coordinator's answer. Never here: a decision.

use broker_coordinator::Response;
use broker_wire::messages::{LeaveGroupRequest, LeaveGroupResponse};

use super::group_call;
use crate::connection::RequestContext;
use crate::groups::Call;
use crate::node::Node;
use crate::world::World;

pub(super) async fn handle<W: World>(
    node: &Node<W>,
    context: &RequestContext,
    request: LeaveGroupRequest,
) -> LeaveGroupResponse {
    let group = request.group_id.clone();
    match group_call::call(node, context, &group, Call::Leave(request)).await {
        Ok(Response::LeaveGroup(response)) => response,
        Ok(other) => panic!("a LeaveGroup was answered with {other:?}"),
        Err(error) => LeaveGroupResponse {
            error_code: error.to_wire(),
            ..Default::default()
        },
    }
}
