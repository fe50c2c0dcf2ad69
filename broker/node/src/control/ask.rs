//! Asking brokers, this one among them, what their clients may ask.
//!
//! In: a broker, a request. Out: its answer. Never here: what is asked.

use std::sync::Arc;
use std::time::Duration;

use broker_types::BrokerId;
use broker_wire::{ApiKey, Request, Response};

use crate::api::served;
use crate::connection::{Handled, Listener, RequestContext, start};
use crate::node::Node;
use crate::race::{Either, race};
use crate::world::{Purpose, World};

/// How long a broker may take to answer.
const ANSWER_WITHIN: Duration = Duration::from_secs(3);

/// The version in which brokers of this program ask each other: the last one that names topics by
/// their names, so that an answer needs no image to be read.
pub(super) fn version(key: ApiKey) -> i16 {
    #[allow(
        clippy::wildcard_enum_match_arm,
        reason = "the others name topics, or none, in every version"
    )]
    match key {
        ApiKey::Fetch => 12,
        ApiKey::OffsetFetch => 9,
        // From version 6 on a group that does not exist is an error.
        ApiKey::DescribeGroups => 5,
        _ => served::latest(key),
    }
}

/// `None`: it is not known, does not answer in time, or closes the connection.
pub(super) async fn ask<W: World>(
    node: &Arc<Node<W>>,
    broker: BrokerId,
    request: Request,
) -> Option<Response> {
    let version = version(request.api_key());
    let deadline = node.world.now() + ANSWER_WITHIN;
    if broker != node.config.broker_id {
        let peer = node.peer(broker)?;
        let purpose = Purpose::Control;
        let called = node.call(peer, purpose, &request, version, deadline).await;
        return called.ok();
    }
    let context = RequestContext {
        listener: Listener::Replication,
        client_host: "/127.0.0.1".to_owned(),
        client_id: None,
        api_key: request.api_key(),
        api_version: version,
        received_at: node.world.now(),
    };
    let timer = node.world.sleep_until(deadline);
    match race(start(node, context, request), timer).await {
        Either::First(Handled::Response(response)) => Some(response),
        Either::First(Handled::WithFiles { .. } | Handled::Silence | Handled::Close(_))
        | Either::Second(()) => None,
    }
}
