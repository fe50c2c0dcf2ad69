//! A broker's life in its cluster: it registers, says that it lives, and goes in good order.
//!
//! In: what the controller answers. Out: a registration, heartbeats, the lease by which this broker
//! fences itself, readiness. Never here: partitions.

use std::sync::Arc;
use std::time::Duration;

use broker_metadata::feature;
use broker_types::{BrokerEpoch, ErrorCode};
use broker_wire::Response;
use broker_wire::messages::broker_registration_request::{Feature, Listener};
use broker_wire::messages::{BrokerHeartbeatRequest, BrokerRegistrationRequest};

use crate::node::Node;
use crate::registration::Stored;
use crate::world::{Purpose, World};

/// How often a broker says that it lives.
const HEARTBEAT_EVERY: Duration = Duration::from_millis(500);
/// Pause before registering is tried again.
const RETRY_AFTER: Duration = Duration::from_millis(100);
/// How long one attempt may take.
const ANSWER_WITHIN: Duration = Duration::from_secs(2);
/// How long leadership may take to move away before this broker stops all the same.
pub(crate) const SHUTDOWN_WITHIN: Duration = Duration::from_secs(20);

const REGISTRATION_VERSION: i16 = 4;
const HEARTBEAT_VERSION: i16 = 2;

/// Registers, then sends heartbeats until the controller lets this broker go.
pub(crate) async fn run<W: World>(node: Arc<Node<W>>) {
    let incarnation = incarnation(&node).await;
    let mut epoch = register(&node, incarnation).await;
    loop {
        let now = node.world.now();
        match heartbeat(&node, epoch).await {
            Beat::Answered { may_go } => {
                node.renew_lease(now);
                if may_go {
                    node.set_released();
                    return;
                }
            }
            Beat::Silence => {}
            // The controller knows another process under this id, or none: begin again.
            Beat::Unknown => epoch = register(&node, incarnation).await,
        }
        note_readiness(&node);
        let pause = if node.is_stopping() {
            RETRY_AFTER
        } else {
            HEARTBEAT_EVERY
        };
        node.world.sleep_until(now + pause).await;
    }
}

/// The incarnation that this process registers as: its own, or that of the process before, if that
/// one may have been registered without knowing.
async fn incarnation<W: World>(node: &Node<W>) -> [u8; 16] {
    if let Some(pending) = node.config.previous.registered.pending {
        return pending;
    }
    let id = (u128::from(node.world.random()) << 64) | u128::from(node.world.random());
    // All zeros would say that there is none.
    let incarnation = (id | 1).to_be_bytes();
    let stored = Stored {
        epoch: node.config.previous.last_epoch,
        pending: Some(incarnation),
    };
    node.store_registration(stored).await;
    incarnation
}

async fn register<W: World>(node: &Arc<Node<W>>, incarnation_id: [u8; 16]) -> BrokerEpoch {
    let listeners = node.config.listeners.iter().map(|it| Listener {
        name: it.name.as_str().into(),
        host: it.host.as_str().into(),
        port: it.port,
        ..Listener::default()
    });
    let features = feature::SUPPORTED.iter().map(|(name, levels)| Feature {
        name: (*name).into(),
        min_supported_version: levels.min,
        max_supported_version: levels.max,
        ..Feature::default()
    });
    // A process that was registered before has held its directory ever since.
    let previous = node
        .broker_epoch()
        .or(node.config.previous.registered.epoch);
    let request = BrokerRegistrationRequest {
        broker_id: node.config.broker_id.to_wire(),
        cluster_id: node.config.cluster_id.clone(),
        incarnation_id,
        listeners: listeners.collect(),
        features: features.collect(),
        rack: node.config.rack.clone(),
        log_dirs: vec![node.config.directory_id.to_bytes()],
        previous_broker_epoch: BrokerEpoch::option_to_wire(previous),
        ..BrokerRegistrationRequest::default()
    };
    let request = request.into();
    loop {
        let now = node.world.now();
        let purpose = Purpose::Heartbeat;
        let deadline = now + ANSWER_WITHIN;
        let version = REGISTRATION_VERSION;
        let answer = node
            .ask_controller(&request, purpose, version, deadline)
            .await;
        if let Some(Response::BrokerRegistration(response)) = answer {
            let error = ErrorCode::from_wire(response.error_code);
            match (error, BrokerEpoch::from_wire(response.broker_epoch)) {
                (Some(ErrorCode::None), Some(epoch)) => {
                    tracing::info!(%epoch, "registered");
                    node.set_broker_epoch(epoch).await;
                    return epoch;
                }
                // The process before this one may still be alive, as far as anybody knows.
                (Some(ErrorCode::DuplicateBrokerRegistration), _) => {}
                (error, _) => {
                    let error = error.unwrap_or(ErrorCode::UnknownServerError);
                    tracing::error!("the controller refuses this broker's registration: {error}");
                }
            }
        }
        node.world.sleep_until(node.world.now() + RETRY_AFTER).await;
    }
}

/// What came of a heartbeat.
enum Beat {
    Answered { may_go: bool },
    Silence,
    Unknown,
}

async fn heartbeat<W: World>(node: &Arc<Node<W>>, epoch: BrokerEpoch) -> Beat {
    let offset = node.image().position().map(|it| it.offset);
    let request = BrokerHeartbeatRequest {
        broker_id: node.config.broker_id.to_wire(),
        broker_epoch: epoch.to_wire(),
        current_metadata_offset: broker_types::Offset::option_to_wire(offset),
        want_fence: false,
        want_shut_down: node.is_stopping(),
        ..BrokerHeartbeatRequest::default()
    };
    let deadline = node.world.now() + ANSWER_WITHIN;
    let purpose = Purpose::Heartbeat;
    let answer = node
        .ask_controller(&request.into(), purpose, HEARTBEAT_VERSION, deadline)
        .await;
    match answer {
        Some(Response::BrokerHeartbeat(response)) => {
            match ErrorCode::from_wire(response.error_code) {
                Some(ErrorCode::None) => Beat::Answered {
                    may_go: response.should_shut_down,
                },
                Some(ErrorCode::StaleBrokerEpoch | ErrorCode::BrokerIdNotRegistered) => {
                    Beat::Unknown
                }
                Some(_) | None => Beat::Silence,
            }
        }
        Some(_) | None => Beat::Silence,
    }
}

/// Readiness is latched: once every replica that this broker is assigned, and that is not being moved,
/// has been in its ISR.
fn note_readiness<W: World>(node: &Node<W>) {
    let image = node.image();
    let me = node.config.broker_id;
    if !image.broker(me).is_some_and(|it| it.is_active()) {
        return;
    }
    let is_behind = image.partitions().any(|(_, _, it)| {
        let is_moving = it.adding.contains(&me) || it.removing.contains(&me);
        let is_mine = it.replicas.contains(&me) && !is_moving;
        is_mine && it.leader.is_some() && !it.isr.contains(&me)
    });
    if !is_behind {
        node.set_ready();
    }
}
