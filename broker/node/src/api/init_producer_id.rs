//! InitProducerId: an id for an idempotent producer.
//!
//! In: a producer without one, or with one that it wants a new epoch for. Out: an id that nobody
//! else has. Transactional producers are refused for good: there are no transactions yet.

use std::sync::Arc;
use std::time::Duration;

use broker_types::{ErrorCode, ProducerId};
use broker_wire::Response;
use broker_wire::messages::{
    AllocateProducerIdsRequest, InitProducerIdRequest, InitProducerIdResponse,
};

use crate::node::Node;
use crate::producer_ids::Block;
use crate::world::{Purpose, World};

/// How long a new block may take.
const WITHIN: Duration = Duration::from_secs(5);

pub(super) async fn handle<W: World>(
    node: &Arc<Node<W>>,
    request: &InitProducerIdRequest,
) -> InitProducerIdResponse {
    let refused = |error: ErrorCode| InitProducerIdResponse {
        error_code: error.to_wire(),
        producer_id: -1,
        producer_epoch: -1,
        ..InitProducerIdResponse::default()
    };
    if request.transactional_id.is_some() {
        return refused(ErrorCode::InvalidRequest);
    }
    match producer_id(node).await {
        // Without transactions an epoch is never raised: the producer takes a new id instead.
        Some(id) => InitProducerIdResponse {
            producer_id: id.to_wire(),
            producer_epoch: 0,
            ..InitProducerIdResponse::default()
        },
        None => refused(ErrorCode::CoordinatorLoadInProgress),
    }
}

async fn producer_id<W: World>(node: &Arc<Node<W>>) -> Option<ProducerId> {
    if let Some(id) = node.with_producer_ids(|it| it.take()) {
        return Some(id);
    }
    let request = AllocateProducerIdsRequest {
        broker_id: node.config.broker_id.to_wire(),
        broker_epoch: node.broker_epoch()?.to_wire(),
        ..AllocateProducerIdsRequest::default()
    };
    let deadline = node.world.now() + WITHIN;
    let answer = node
        .ask_controller(&request.into(), Purpose::Controller, 0, deadline)
        .await?;
    let Response::AllocateProducerIds(response) = answer else {
        return None;
    };
    if response.error_code != 0 {
        return None;
    }
    let block = Block {
        first: ProducerId::from_wire(response.producer_id_start)?,
        length: u32::try_from(response.producer_id_len).ok()?,
    };
    node.with_producer_ids(|it| {
        // Another request may have brought a block meanwhile: use it up before this one.
        it.take().or_else(|| {
            it.refill(block);
            it.take()
        })
    })
}
