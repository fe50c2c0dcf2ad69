//! Heartbeat: a member says that it lives, and learns whether there is a rebalance.
//!
//! In: a member of a generation. Out: the coordinator's answer. Never here: a decision.

use broker_types::ErrorCode;
use broker_wire::messages::{HeartbeatRequest, HeartbeatResponse};

use super::group_call;
use crate::groups::Query;
use crate::node::Node;
use crate::world::World;

pub(super) async fn handle<W: World>(
    node: &Node<W>,
    request: HeartbeatRequest,
) -> HeartbeatResponse {
    let answered = async {
        let partition = node.group_partition(&request.group_id)?;
        group_call::query(node, partition, |reply| Query::Heartbeat(request, reply)).await
    };
    answered
        .await
        .unwrap_or_else(|error: ErrorCode| HeartbeatResponse {
            error_code: error.to_wire(),
            ..HeartbeatResponse::default()
        })
}
