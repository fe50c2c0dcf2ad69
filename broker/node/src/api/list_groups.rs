//! ListGroups: the groups whose coordinator is this broker.
//!
//! In: states and types to let through. Out: the groups of all partitions that are led here.

use broker_types::ErrorCode;
use broker_wire::messages::list_groups_response::ListedGroup;
use broker_wire::messages::{ListGroupsRequest, ListGroupsResponse};

use super::group_call;
use crate::groups::Query;
use crate::node::Node;
use crate::world::World;

pub(super) async fn handle<W: World>(
    node: &Node<W>,
    request: ListGroupsRequest,
) -> ListGroupsResponse {
    let mut answers = Vec::new();
    for partition in node.led_group_partitions() {
        let request = request.clone();
        let query = |reply| Query::List(request, reply);
        let answer = group_call::query(node, partition, query).await;
        answers.push(answer.and_then(|it| it));
    }
    gather(answers)
}

fn gather(answers: Vec<Result<Vec<ListedGroup>, ErrorCode>>) -> ListGroupsResponse {
    let mut groups = Vec::new();
    let mut error = ErrorCode::None;
    for answer in answers {
        match answer {
            Ok(listed) => groups.extend(listed),
            // Just becoming this broker's, or its no longer: another one lists these groups.
            Err(ErrorCode::NotCoordinator) => {}
            // Tools show what there is and say that it is not all.
            Err(code) => error = code,
        }
    }
    groups.sort_by(|left, right| left.group_id.cmp(&right.group_id));
    ListGroupsResponse {
        error_code: error.to_wire(),
        groups,
        ..ListGroupsResponse::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_partition_that_changes_hands_has_no_groups_and_is_no_error() {
        let group = |id: &'static str| ListedGroup {
            group_id: id.into(),
            ..ListedGroup::default()
        };
        let led = Ok(vec![group("b"), group("a")]);
        let response = gather(vec![led.clone(), Err(ErrorCode::NotCoordinator)]);
        assert_eq!(response.error_code, 0);
        assert_eq!(response.groups, [group("a"), group("b")]);
        let loading = Err(ErrorCode::CoordinatorLoadInProgress);
        let response = gather(vec![loading, led, Err(ErrorCode::NotCoordinator)]);
        assert_eq!(response.error_code, 14);
        assert_eq!(response.groups.len(), 2);
    }
}
