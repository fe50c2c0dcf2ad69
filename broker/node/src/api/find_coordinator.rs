//! FindCoordinator: which broker coordinates a group.
//!
//! In: a group's id, or since version 4 many. Out: the leader of its partition of
//! `__consumer_offsets`, which is created when it does not exist yet.

use std::sync::Arc;

use broker_types::{BrokerId, ErrorCode};
use broker_wire::Str;
use broker_wire::messages::find_coordinator_response::Coordinator;
use broker_wire::messages::{FindCoordinatorRequest, FindCoordinatorResponse};

use super::repeated::once_each;
use super::topic_names;
use crate::connection::RequestContext;
use crate::node::Node;
use crate::reachable::{Reachable, ReachableBrokers};
use crate::world::World;

/// First version that asks for several keys at once.
const MANY_FROM: i16 = 4;
/// What a key names.
const GROUP: i8 = 0;
const TRANSACTION: i8 = 1;

pub(super) fn handle<W: World>(
    node: &Arc<Node<W>>,
    context: &RequestContext,
    request: &FindCoordinatorRequest,
) -> FindCoordinatorResponse {
    let keys = if context.api_version >= MANY_FROM {
        request.coordinator_keys.as_slice()
    } else {
        std::slice::from_ref(&request.key)
    };
    let keys = once_each(keys, |key| (*key).clone());
    let found: Vec<Coordinator> = keys
        .map(|key| coordinator(node, context, request.key_type, key))
        .collect();
    if context.api_version >= MANY_FROM {
        return FindCoordinatorResponse {
            coordinators: found,
            ..Default::default()
        };
    }
    let only = found.into_iter().next().unwrap_or_default();
    FindCoordinatorResponse {
        error_code: only.error_code,
        error_message: only.error_message,
        node_id: only.node_id,
        host: only.host,
        port: only.port,
        ..FindCoordinatorResponse::default()
    }
}

fn coordinator<W: World>(
    node: &Arc<Node<W>>,
    context: &RequestContext,
    key_type: i8,
    key: &Str,
) -> Coordinator {
    let found = match key_type {
        GROUP => find(node, context, key).map_err(|code| (code, None)),
        TRANSACTION => {
            let message = "transactions are not supported by this version of the broker";
            // librdkafka gives up at once only on errors of authorization, and asks again for a minute
            // on any other; Java's client shows the message of this one.
            Err((ErrorCode::ClusterAuthorizationFailed, Some(message)))
        }
        _ => Err((
            ErrorCode::InvalidRequest,
            Some("no coordinator has keys of this type"),
        )),
    };
    match found {
        Ok(broker) => Coordinator {
            key: key.clone(),
            node_id: broker.id.to_wire(),
            host: broker.host,
            port: i32::from(broker.port),
            ..Coordinator::default()
        },
        Err((code, message)) => Coordinator {
            key: key.clone(),
            node_id: BrokerId::option_to_wire(None),
            port: -1,
            error_code: code.to_wire(),
            error_message: message.map(Str::from),
            ..Coordinator::default()
        },
    }
}

fn find<W: World>(
    node: &Arc<Node<W>>,
    context: &RequestContext,
    group: &str,
) -> Result<Reachable, ErrorCode> {
    let image = node.image();
    if image.topic(topic_names::OFFSETS).is_none() {
        super::auto_create::start(node, vec![topic_names::OFFSETS.into()]);
        return Err(ErrorCode::CoordinatorNotAvailable);
    }
    let leader = node
        .group_leader(group)
        .ok_or(ErrorCode::CoordinatorNotAvailable)?;
    let reachable = ReachableBrokers::new(&image, &context.listener);
    reachable
        .broker(leader)
        .cloned()
        .ok_or(ErrorCode::CoordinatorNotAvailable)
}
