//! Connections that a broker accepts: frames to requests, answers to frames, as the server does it.
//!
//! In: a listener and the node behind it. Out: answers in the order of the requests. Requests that
//! may overlap are handed on while earlier ones wait. Never here: what a request means.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use broker_log::dir::File;
use broker_node::connection::{Answer, Connection, Listener, Outcome, Part, RequestKind};
use broker_node::world::{BoxFuture, FileOf};
use broker_node::{Node, World};
use broker_wire::{ApiKey, frame};
use bytes::{Bytes, BytesMut};
use futures::StreamExt;
use futures::channel::mpsc;
use futures::future::{Either, select};

use crate::network::Endpoint;
use crate::world::SimWorld;

/// Requests of one connection that may be under way at once.
const IN_FLIGHT_MAX: usize = 32;

type Pending = VecDeque<BoxFuture<Outcome<FileOf<SimWorld>>>>;

/// Accepts connections for as long as the process lives.
pub(crate) async fn accept(
    node: Arc<Node<SimWorld>>,
    listener: Listener,
    mut incoming: mpsc::UnboundedReceiver<Endpoint>,
) {
    if listener != Listener::Replication {
        // Before that clients would be told that topics do not exist.
        while !node.knows_cluster() {
            let soon = node.world.now() + Duration::from_millis(10);
            node.world.sleep_until(soon).await;
        }
    }
    while let Some(endpoint) = incoming.next().await {
        let host = format!("/{}", endpoint.peer.name());
        let connection = Connection::new(Arc::clone(&node), listener.clone(), host);
        let world = node.world.clone();
        node.world
            .spawn(Box::pin(serve(world, endpoint, connection)));
    }
}

async fn serve(world: SimWorld, mut endpoint: Endpoint, connection: Connection<SimWorld>) {
    let mut connection = Some(connection);
    let mut pending = Pending::new();
    let mut held: Option<Bytes> = None;
    let mut is_exclusive = false;
    loop {
        if pending.is_empty() {
            is_exclusive = false;
        }
        if let (Some(frame), Some(connection)) = (&held, &connection) {
            let key = frame::peek(frame).and_then(|(key, _)| ApiKey::from_wire(key));
            let overlaps = RequestKind::of(key).may_overlap();
            let is_free = !is_exclusive && pending.len() < IN_FLIGHT_MAX;
            if pending.is_empty() || (overlaps && is_free) {
                is_exclusive = !overlaps;
                pending.extend(held.take().map(|frame| connection.handle(frame).outcome));
            }
        }
        if connection.is_none() && pending.is_empty() {
            return;
        }
        let may_read = held.is_none() && connection.is_some();
        match next(&mut endpoint, &mut pending, may_read).await {
            Event::Frame(Some(frame)) => held = Some(frame),
            // What was asked before is still answered.
            Event::Frame(None) => connection = None,
            Event::Done(outcome) => {
                pending.pop_front();
                match outcome {
                    Outcome::Answer(answer) => {
                        let Some(bytes) = assemble(&world, answer).await else {
                            return;
                        };
                        if !endpoint.send(bytes) {
                            return;
                        }
                    }
                    Outcome::Silence => {}
                    Outcome::Close(reason) => {
                        tracing::debug!("closed a connection: {reason}");
                        return;
                    }
                }
            }
        }
    }
}

enum Event {
    Frame(Option<Bytes>),
    Done(Outcome<FileOf<SimWorld>>),
}

/// The next frame, or the oldest answer.
async fn next(endpoint: &mut Endpoint, pending: &mut Pending, may_read: bool) -> Event {
    match (pending.front_mut(), may_read) {
        (Some(front), true) => match select(front, endpoint.incoming().next()).await {
            Either::Left((outcome, _)) => Event::Done(outcome),
            Either::Right((frame, _)) => Event::Frame(frame),
        },
        (Some(front), false) => Event::Done(front.await),
        (None, _) => Event::Frame(endpoint.incoming().next().await),
    }
}

/// The bytes of an answer. The files are read when it leaves, which is later than it was made.
async fn assemble(world: &SimWorld, answer: Answer<FileOf<SimWorld>>) -> Option<Bytes> {
    let mut bytes = BytesMut::new();
    for part in answer.parts {
        match part {
            Part::Bytes(part) => bytes.extend_from_slice(&part),
            Part::File {
                file,
                position,
                length,
            } => {
                let chance = &world.around().chance;
                if chance.happens(100) {
                    let until = world.now() + chance.micros(0, 20_000);
                    world.sleep_until(until).await;
                }
                let mut piece = vec![0; length as usize];
                // Shorter than the view promised: the answer cannot be completed.
                file.read_exact_at(&mut piece, position).ok()?;
                bytes.extend_from_slice(&piece);
            }
        }
    }
    Some(bytes.freeze())
}
