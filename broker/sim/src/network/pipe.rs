//! One direction of a connection: messages arrive late, in their order, or not at all.

use std::future::{Future, poll_fn};
use std::task::{Poll, Waker};

use broker_types::Monotonic;
use bytes::Bytes;
use futures::StreamExt;
use futures::channel::mpsc;
use futures::future::{Either, select};

use super::{Broken, Host, Network};
use crate::trace::hash;

/// A message and when it was sent.
pub(super) struct Stamped {
    pub(super) sent_at: Monotonic,
    pub(super) message: Bytes,
}

pub(super) struct Pipe {
    pub(super) network: Network,
    pub(super) connection: u64,
    /// The side that receives: 0 opened the connection.
    pub(super) side: usize,
    pub(super) way: (Host, Host),
    pub(super) output: mpsc::UnboundedSender<Bytes>,
    pub(super) last_arrival: Monotonic,
}

impl Pipe {
    /// Carries messages until the sender closes, the receiver is gone, or the connection breaks.
    pub(super) async fn carry(self, mut input: mpsc::UnboundedReceiver<Stamped>) {
        let network = self.network.clone();
        let broken = {
            let carrying = Box::pin(self.deliver(&mut input));
            let breaking = Box::pin(network.broken(self.connection));
            match select(breaking, carrying).await {
                Either::Left((broken, _)) => Some(broken),
                Either::Right(((), _)) => None,
            }
        };
        if let Some(Broken { noticed_at }) = broken {
            let [opener, other] = noticed_at;
            let at = if self.side == 0 { opener } else { other };
            network.handle.sleep_until(at).await;
        }
        network.pipe_ended(self.connection);
    }

    async fn deliver(&self, input: &mut mpsc::UnboundedReceiver<Stamped>) {
        let network = &self.network;
        let mut last_arrival = self.last_arrival;
        loop {
            let next = input.next().await;
            let sent_at = match &next {
                Some(stamped) => stamped.sent_at,
                None => network.handle.now(),
            };
            last_arrival = last_arrival.max(sent_at + network.latency());
            network.handle.sleep_until(last_arrival).await;
            network.passable(self.way).await;
            let Some(Stamped { message, .. }) = next else {
                // The sender's side is closed, and so is the receiver's now.
                return;
            };
            let (length, digest) = (message.len() as u64, hash(&message));
            network
                .trace
                .event(&[2, self.connection, self.side as u64, length, digest]);
            if self.output.unbounded_send(message).is_err() {
                return;
            }
        }
    }
}

impl Network {
    /// Completes when nothing keeps messages from going that way.
    async fn passable(&self, way: (Host, Host)) {
        poll_fn(|context| {
            let mut state = self.state();
            if state.cut.contains(&way) {
                note(&mut state.cut_wakers, context.waker());
                Poll::Pending
            } else {
                Poll::Ready(())
            }
        })
        .await;
    }

    pub(super) async fn passable_before(&self, way: (Host, Host), deadline: Monotonic) -> bool {
        let passable = Box::pin(self.passable(way));
        let timer = self.handle.sleep_until(deadline);
        matches!(select(passable, timer).await, Either::Left(_))
    }

    /// Completes when the connection breaks.
    fn broken(&self, id: u64) -> impl Future<Output = Broken> + '_ {
        poll_fn(move |context| {
            let mut state = self.state();
            let Some(connection) = state.connections.get_mut(&id) else {
                return Poll::Pending;
            };
            match connection.broken {
                Some(broken) => Poll::Ready(broken),
                None => {
                    note(&mut connection.wakers, context.waker());
                    Poll::Pending
                }
            }
        })
    }

    fn pipe_ended(&self, id: u64) {
        let mut state = self.state();
        if let Some(connection) = state.connections.get_mut(&id) {
            connection.n_pipes -= 1;
            if connection.n_pipes == 0 {
                state.connections.remove(&id);
            }
        }
    }
}

fn note(wakers: &mut Vec<Waker>, waker: &Waker) {
    if !wakers.iter().any(|it| it.will_wake(waker)) {
        wakers.push(waker.clone());
    }
}
