//! DescribeGroups.
//!
//! In: ids. Out: states, members, lag. Never here: where they come from.

use broker_node::control::{GroupPartition, GroupState};
use broker_rpc as rpc;
use tonic::Status;

use super::Service;
use super::describe::{count, millis};

/// Groups of one request.
const GROUPS_MAX: usize = 100;

pub(super) async fn describe(
    service: &Service,
    request: &rpc::DescribeGroupsRequest,
) -> Result<rpc::DescribeGroupsResponse, Status> {
    let ids = &request.group_ids;
    if ids.len() > GROUPS_MAX {
        let message = format!(
            "{} groups at once; at most {GROUPS_MAX} are described",
            ids.len()
        );
        return Err(Status::invalid_argument(message));
    }
    let states = service.node()?.group_states(ids).await;
    Ok(rpc::DescribeGroupsResponse {
        groups: states.into_iter().map(group).collect(),
    })
}

fn group(state: GroupState) -> rpc::Group {
    let error = state.error.map(|(code, message)| rpc::KafkaError {
        code: code.to_wire().into(),
        message,
    });
    rpc::Group {
        group_id: state.group_id.to_string(),
        error,
        state: state.state.to_string(),
        r#type: "classic".to_owned(),
        protocol: state.protocol.to_string(),
        members: count(state.members),
        partitions: state.partitions.into_iter().map(partition).collect(),
    }
}

fn partition(it: GroupPartition) -> rpc::GroupPartition {
    rpc::GroupPartition {
        topic: it.topic.to_string(),
        partition: it.partition,
        committed_offset: it.committed_offset,
        log_end_offset: it.log_end_offset,
        waiting_ms: it.waiting.map(millis),
        client_id: it.client_id.to_string(),
    }
}
