//! OffsetDelete: offsets of a group are forgotten.
//!
//! In: a group and partitions. Out: the coordinator's answer. Never here: a decision.

use broker_coordinator::Response;
use broker_wire::messages::{OffsetDeleteRequest, OffsetDeleteResponse};

use super::group_call;
use crate::connection::RequestContext;
use crate::groups::Call;
use crate::node::Node;
use crate::world::World;

pub(super) async fn handle<W: World>(
    node: &Node<W>,
    context: &RequestContext,
    request: OffsetDeleteRequest,
) -> OffsetDeleteResponse {
    let group = request.group_id.clone();
    match group_call::call(node, context, &group, Call::DeleteOffsets(request)).await {
        Ok(Response::OffsetDelete(response)) => response,
        Ok(other) => panic!("a OffsetDelete was answered with {other:?}"),
        Err(error) => OffsetDeleteResponse {
            error_code: error.to_wire(),
            ..Default::default()
        },
    }
}
