//! Requests, one file per API key: what each means to this broker.
//!
//! In: a request and its context. Out: a response, or that there is none. Only here does a failure
//! become an error code. Never here: bytes, sockets, or a decision that belongs to a partition, a
//! group or the controller.

pub(crate) mod api_versions;
mod authorized;
pub(crate) mod auto_create;
mod controller_requests;
mod delete_groups;
mod delete_records;
mod describe_cluster;
mod describe_configs;
mod describe_groups;
mod describe_log_dirs;
mod describe_topic_partitions;
mod envelope;
mod fetch;
mod find_coordinator;
mod group_call;
mod heartbeat;
mod init_producer_id;
mod join_group;
mod leader_hints;
mod leave_group;
mod list_groups;
mod list_offsets;
mod metadata;
mod offset_commit;
mod offset_delete;
mod offset_fetch;
mod offset_for_leader_epoch;
pub(crate) mod produce;
pub mod refusal;
mod repeated;
pub mod served;
mod sync_group;
#[cfg(test)]
pub(crate) mod test_image;
pub mod topic_names;

use std::sync::Arc;

use broker_wire::Request;

use crate::connection::{Handled, RequestContext};
use crate::node::Node;
use crate::quorum::controller::is_for_controller;
use crate::world::{FileOf, World};

/// Handles a request that is served on its listener.
#[allow(
    clippy::wildcard_enum_match_arm,
    reason = "what is not served never gets here"
)]
pub(crate) async fn dispatch<W: World>(
    node: &Arc<Node<W>>,
    context: &RequestContext,
    request: Request,
) -> Handled<FileOf<W>> {
    match request {
        Request::ApiVersions(it) => api_versions::handle(node, context, &it).into(),
        Request::Metadata(it) => metadata::handle(node, context, &it).into(),
        Request::Fetch(it) => fetch::handle(node, context, it).await,
        Request::ListOffsets(it) => list_offsets::handle(node, context, it).await.into(),
        Request::OffsetForLeaderEpoch(it) => offset_for_leader_epoch::handle(node, it).await.into(),
        Request::FindCoordinator(it) => find_coordinator::handle(node, context, &it).into(),
        Request::JoinGroup(it) => join_group::handle(node, context, it).await.into(),
        Request::SyncGroup(it) => sync_group::handle(node, context, it).await.into(),
        Request::Heartbeat(it) => heartbeat::handle(node, it).await.into(),
        Request::LeaveGroup(it) => leave_group::handle(node, context, it).await.into(),
        Request::OffsetCommit(it) => offset_commit::handle(node, context, it).await.into(),
        Request::OffsetFetch(it) => offset_fetch::handle(node, context, it).await.into(),
        Request::DescribeGroups(it) => describe_groups::handle(node, context, it).await.into(),
        Request::ListGroups(it) => list_groups::handle(node, it).await.into(),
        Request::DeleteGroups(it) => delete_groups::handle(node, context, it).await.into(),
        Request::OffsetDelete(it) => offset_delete::handle(node, context, it).await.into(),
        Request::InitProducerId(it) => init_producer_id::handle(node, &it).await.into(),
        Request::DeleteRecords(it) => delete_records::handle(node, it).await.into(),
        Request::DescribeConfigs(it) => describe_configs::handle(node, context, it).into(),
        Request::DescribeCluster(it) => describe_cluster::handle(node, context, &it).into(),
        Request::DescribeTopicPartitions(it) => {
            describe_topic_partitions::handle(node, context, &it).into()
        }
        Request::DescribeLogDirs(it) => describe_log_dirs::handle(node, &it).into(),
        Request::Envelope(it) => envelope::handle(node, &it).await.into(),
        Request::Vote(_)
        | Request::BeginQuorumEpoch(_)
        | Request::EndQuorumEpoch(_)
        | Request::FetchSnapshot(_)
        | Request::UpdateRaftVoter(_) => envelope::ask_quorum(node, request).await,
        other if is_for_controller(other.api_key()) => {
            controller_requests::handle(node, context, other).await
        }
        other => Handled::Close(format!("{} is not served", other.api_key().name())),
    }
}
