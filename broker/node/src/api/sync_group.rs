//! SyncGroup: a member gets its assignment, the leader hands in everybody's.
//!
//! In: a member of a generation. Out: the coordinator's answer. Never here: a decision.

use broker_coordinator::Response;
use broker_wire::messages::{SyncGroupRequest, SyncGroupResponse};

use super::group_call;
use crate::connection::RequestContext;
use crate::groups::Call;
use crate::node::Node;
use crate::world::World;

pub(super) async fn handle<W: World>(
    node: &Node<W>,
    context: &RequestContext,
    request: SyncGroupRequest,
) -> SyncGroupResponse {
    let group = request.group_id.clone();
    match group_call::call(node, context, &group, Call::Sync(request)).await {
        Ok(Response::SyncGroup(response)) => response,
        Ok(other) => panic!("a SyncGroup was answered with {other:?}"),
        Err(error) => SyncGroupResponse {
            error_code: error.to_wire(),
            ..Default::default()
        },
    }
}
