//! JoinGroup: a member comes, or comes again; it waits for as long as a rebalance takes.
//!
//! In: a member and its protocols. Out: the coordinator's answer. Never here: a decision.

use broker_coordinator::Response;
use broker_wire::messages::{JoinGroupRequest, JoinGroupResponse};

use super::group_call;
use crate::connection::RequestContext;
use crate::groups::Call;
use crate::node::Node;
use crate::world::World;

pub(super) async fn handle<W: World>(
    node: &Node<W>,
    context: &RequestContext,
    request: JoinGroupRequest,
) -> JoinGroupResponse {
    let (group, member_id) = (request.group_id.clone(), request.member_id.clone());
    match group_call::call(node, context, &group, Call::Join(request)).await {
        Ok(Response::JoinGroup(response)) => response,
        Ok(other) => panic!("a JoinGroup was answered with {other:?}"),
        Err(error) => JoinGroupResponse {
            error_code: error.to_wire(),
            member_id,
            ..JoinGroupResponse::default()
        },
    }
}
