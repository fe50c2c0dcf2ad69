//! Envelope (KIP-590): a client's request that another broker passes on to the controller; and the
//! quorum's own requests.
//!
//! In: a request in a request. Out: its answer in an answer. Never here: what is asked.

use std::sync::Arc;

use broker_types::ErrorCode;
use broker_wire::Request;
use broker_wire::frame::{self, LENGTH_BYTES, Parsed};
use broker_wire::messages::{EnvelopeRequest, EnvelopeResponse};
use futures::channel::oneshot;

use super::controller_requests;
use super::refusal::{Refusal, refuse};
use crate::connection::Handled;
use crate::node::Node;
use crate::quorum::controller::is_for_controller;
use crate::quorum::driver::Command;
use crate::world::{FileOf, World};

pub(super) async fn handle<W: World>(
    node: &Arc<Node<W>>,
    envelope: &EnvelopeRequest,
) -> EnvelopeResponse {
    let refused = |error: ErrorCode| EnvelopeResponse {
        error_code: error.to_wire(),
        ..EnvelopeResponse::default()
    };
    let Ok(Parsed::Request(parsed)) = frame::parse_request(envelope.request_data.clone()) else {
        return refused(ErrorCode::InvalidRequest);
    };
    let (Ok((request, _)), true) = (parsed.decode(), is_for_controller(parsed.api_key)) else {
        return refused(ErrorCode::InvalidRequest);
    };
    let refusal = refuse(&request, &Refusal::new(ErrorCode::NotController));
    let Some(response) = node.ask_own_controller(request).await.or(refusal) else {
        return refused(ErrorCode::NotController);
    };
    let response = controller_requests::fit(parsed.api_version, response);
    match frame::encode_response(&response, parsed.api_version, parsed.correlation_id) {
        Ok((bytes, _)) => EnvelopeResponse {
            response_data: Some(bytes.slice(LENGTH_BYTES..)),
            ..EnvelopeResponse::default()
        },
        Err(_) => refused(ErrorCode::UnknownServerError),
    }
}

/// A request of another replica of the quorum.
pub(super) async fn ask_quorum<W: World>(
    node: &Arc<Node<W>>,
    request: Request,
) -> Handled<FileOf<W>> {
    let (reply, answer) = oneshot::channel();
    node.tell_quorum(Command::Asked { request, reply });
    match answer.await {
        Ok(response) => Handled::Response(response),
        Err(_) => Handled::Close("the quorum has no answer".to_owned()),
    }
}
