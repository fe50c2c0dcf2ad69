//! Blocks of producer ids are given out (KIP-730).
//!
//! In: `AllocateProducerIds`. Out: `ProducerIdsRecord`. Never here: single ids; a broker counts
//! through its block.

use broker_types::ProducerId;
use broker_wire::messages::allocate_producer_ids_request::AllocateProducerIdsRequest;
use broker_wire::messages::allocate_producer_ids_response::AllocateProducerIdsResponse;
use broker_wire::messages::producer_ids_record::ProducerIdsRecord;

use crate::controller::brokers::registered;
use crate::controller::draft::Draft;
use crate::controller::refusal::Refusal;
use crate::controller::{Controller, Decision};

/// Ids in a block.
const BLOCK_LENGTH: u16 = 1000;

impl Controller {
    /// Gives a block of ids to a broker. No id is in two blocks, whatever fails.
    pub fn allocate_producer_ids(
        &mut self,
        request: &AllocateProducerIdsRequest,
    ) -> Decision<AllocateProducerIdsResponse> {
        self.decide(false, |draft| match allocate(draft, request) {
            Ok(start) => AllocateProducerIdsResponse {
                producer_id_start: start.to_wire(),
                producer_id_len: BLOCK_LENGTH.into(),
                ..AllocateProducerIdsResponse::default()
            },
            Err(refusal) => AllocateProducerIdsResponse {
                error_code: refusal.error_code().to_wire(),
                ..AllocateProducerIdsResponse::default()
            },
        })
    }
}

fn allocate(
    draft: &mut Draft<'_>,
    request: &AllocateProducerIdsRequest,
) -> Result<ProducerId, Refusal> {
    registered(draft.image(), request.broker_id, request.broker_epoch)?;
    let start = draft.image().next_producer_id();
    let next = start.to_wire().checked_add(BLOCK_LENGTH.into());
    let next = next.ok_or(Refusal::ProducerIdsExhausted)?;
    draft.push(ProducerIdsRecord {
        broker_id: request.broker_id,
        broker_epoch: request.broker_epoch,
        next_producer_id: next,
        ..ProducerIdsRecord::default()
    });
    Ok(start)
}
