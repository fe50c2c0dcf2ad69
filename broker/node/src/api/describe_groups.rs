//! DescribeGroups: the state and the members of groups.
//!
//! In: ids of groups. Out: what their coordinators say. Never here: how they say it.

use broker_types::ErrorCode;
use broker_wire::messages::describe_groups_response::DescribedGroup;
use broker_wire::messages::{DescribeGroupsRequest, DescribeGroupsResponse};

use super::repeated::once_each;
use super::{authorized, group_call};
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
    for group in once_each(request.groups, Clone::clone) {
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
        let described = described.await;
        let mut described = described.unwrap_or_else(|error: ErrorCode| DescribedGroup {
            error_code: error.to_wire(),
            group_id: group.clone(),
            ..DescribedGroup::default()
        });
        let is_asked = request.include_authorized_operations && described.error_code == 0;
        described.authorized_operations = authorized::operations(authorized::GROUP, is_asked);
        groups.push(described);
    }
    DescribeGroupsResponse {
        groups,
        ..DescribeGroupsResponse::default()
    }
}
