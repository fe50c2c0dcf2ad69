//! DescribeGroups: the state and the members of groups.
//!
//! In: ids of groups. Out: what their coordinators say. Never here: how they say it.

use broker_types::ErrorCode;
use broker_wire::messages::describe_groups_response::DescribedGroup;
use broker_wire::messages::{DescribeGroupsRequest, DescribeGroupsResponse};

use super::group_call;
use crate::connection::RequestContext;
use crate::groups::Query;
use crate::node::Node;
use crate::world::World;

pub(super) async fn handle<W: World>(
    node: &Node<W>,
    context: &RequestContext,
    request: DescribeGroupsRequest,
) -> DescribeGroupsResponse {
    let version = context.api_version;
    let mut groups = Vec::new();
    for group in request.groups {
        let described = async {
            let partition = node.group_partition(&group)?;
            let group = group.clone();
            let query = |reply| Query::Describe {
                version,
                group,
                reply,
            };
            group_call::query(node, partition, query).await
        };
        groups.push(
            described
                .await
                .unwrap_or_else(|error: ErrorCode| DescribedGroup {
                    error_code: error.to_wire(),
                    group_id: group.clone(),
                    ..DescribedGroup::default()
                }),
        );
    }
    DescribeGroupsResponse {
        groups,
        ..DescribeGroupsResponse::default()
    }
}
