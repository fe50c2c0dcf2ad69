//! ListGroups: the groups whose coordinator is this broker.
//!
//! In: states and types to let through. Out: the groups of all partitions that are led here.

use broker_types::ErrorCode;
use broker_wire::messages::{ListGroupsRequest, ListGroupsResponse};

use super::group_call;
use crate::groups::Query;
use crate::node::Node;
use crate::world::World;

pub(super) async fn handle<W: World>(
    node: &Node<W>,
    request: ListGroupsRequest,
) -> ListGroupsResponse {
    let mut groups = Vec::new();
    let mut error = ErrorCode::None;
    for partition in node.led_group_partitions() {
        let request = request.clone();
        let query = |reply| Query::List(request, reply);
        match group_call::query(node, partition, query).await {
            Ok(Ok(listed)) => groups.extend(listed),
            // Tools show what there is and say that it is not all.
            Ok(Err(code)) | Err(code) => error = code,
        }
    }
    groups.sort_by(|left, right| left.group_id.cmp(&right.group_id));
    ListGroupsResponse {
        error_code: error.to_wire(),
        groups,
        ..ListGroupsResponse::default()
    }
}
