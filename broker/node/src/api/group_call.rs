//! Passing a request about a group to the coordinator of its partition.
//!
//! In: a group's id and what is asked of it. Out: the coordinator's answer, or why there is none.
//! Never here: what the answer looks like.

use broker_coordinator::Response;
use broker_types::{ErrorCode, PartitionIndex};
use futures::channel::oneshot;

use crate::connection::RequestContext;
use crate::groups::{Call, Caller, Command, Query};
use crate::node::Node;
use crate::world::World;

/// Asks for a change, or something that may wait.
///
/// # Errors
/// The coordinator is not here, or not known.
pub(super) async fn call<W: World>(
    node: &Node<W>,
    context: &RequestContext,
    group: &str,
    call: Call,
) -> Result<Response, ErrorCode> {
    let partition = node.group_partition(group)?;
    let caller = Caller {
        api_version: context.api_version,
        client_id: context.client_id.clone().unwrap_or_default(),
        client_host: context.client_host.clone(),
    };
    let (reply, answer) = oneshot::channel();
    node.tell_groups(Command::Call {
        partition,
        call,
        caller,
        reply,
    });
    // A reply that is dropped means that the coordinator is gone from here.
    answer.await.map_err(|_| ErrorCode::NotCoordinator)
}

/// Asks for something that is answered at once.
///
/// # Errors
/// The coordinator is not here.
pub(super) async fn query<W: World, T>(
    node: &Node<W>,
    partition: PartitionIndex,
    query: impl FnOnce(oneshot::Sender<T>) -> Query,
) -> Result<T, ErrorCode> {
    let (reply, answer) = oneshot::channel();
    node.tell_groups(Command::Query {
        partition,
        query: query(reply),
    });
    answer.await.map_err(|_| ErrorCode::NotCoordinator)
}
