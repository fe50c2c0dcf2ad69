//! Calls over connections that stay open: one for each peer and purpose, as the server has them.
//!
//! In: framed requests. Out: framed answers, matched by their order, or why there is none.
//! Never here: retries; who calls knows whether asking again is safe.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use broker_node::world::{CallError, Peer, Purpose};
use broker_types::Monotonic;
use bytes::{Buf, Bytes};
use futures::StreamExt;
use futures::channel::{mpsc, oneshot};
use futures::future::{Either, select};

use crate::executor::{Handle, Process};
use crate::network::{Endpoint, Host, Network};

type Reply = oneshot::Sender<Result<Bytes, CallError>>;

struct Call {
    request: Bytes,
    reply: Reply,
}

/// Where to hand a call over, by whom it is for and what for.
type Connections = BTreeMap<(Peer, Purpose), mpsc::UnboundedSender<Call>>;

/// All connections that a process has opened.
#[derive(Clone)]
pub struct Calls {
    handle: Handle,
    network: Network,
    host: Host,
    process: Process,
    connections: Arc<Mutex<Connections>>,
}

impl Calls {
    pub fn new(handle: Handle, network: Network, host: Host, process: Process) -> Calls {
        Calls {
            handle,
            network,
            host,
            process,
            connections: Arc::default(),
        }
    }

    /// Sends a request at once and waits for its answer.
    pub fn call(
        &self,
        peer: Peer,
        purpose: Purpose,
        request: Bytes,
        deadline: Monotonic,
    ) -> impl Future<Output = Result<Bytes, CallError>> + Send + use<> {
        let (reply, answer) = oneshot::channel();
        let connection = self.connection(&peer, purpose);
        let sent = connection.unbounded_send(Call { request, reply });
        let timer = self.handle.sleep_until(deadline);
        async move {
            if sent.is_err() {
                return Err(CallError::Disconnected);
            }
            match select(answer, timer).await {
                Either::Left((answer, _)) => answer.unwrap_or(Err(CallError::Disconnected)),
                Either::Right(((), _)) => Err(CallError::TimedOut),
            }
        }
    }

    /// Closes a connection, as a client does whose request was not answered in time: what it sends
    /// next must not overtake what it sent before.
    pub fn close(&self, peer: &Peer, purpose: Purpose) {
        let key = (peer.clone(), purpose);
        let mut connections = self
            .connections
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(connection) = connections.remove(&key) {
            connection.close_channel();
        }
    }

    fn connection(&self, peer: &Peer, purpose: Purpose) -> mpsc::UnboundedSender<Call> {
        let mut connections = self
            .connections
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        connections.retain(|_, it| !it.is_closed());
        let key = (peer.clone(), purpose);
        if let Some(open) = connections.get(&key) {
            return open.clone();
        }
        let (sender, receiver) = mpsc::unbounded();
        let (network, host, process) = (self.network.clone(), self.host, self.process);
        let task = run(network, host, process, peer.clone(), receiver);
        self.handle.spawn(process, Box::pin(task));
        connections.insert(key, sender.clone());
        sender
    }
}

/// Opens a connection and carries calls over it until it breaks; then every caller is told.
async fn run(
    network: Network,
    host: Host,
    process: Process,
    peer: Peer,
    mut calls: mpsc::UnboundedReceiver<Call>,
) {
    let mut waiting = VecDeque::new();
    let reason = match network.connect(host, process, &peer).await {
        Ok(endpoint) => {
            carry(endpoint, &mut calls, &mut waiting).await;
            CallError::Disconnected
        }
        Err(reason) => reason,
    };
    calls.close();
    for reply in waiting.drain(..) {
        // Whoever called may have given up.
        let _ = reply.send(Err(reason));
    }
    while let Some(call) = calls.next().await {
        let _ = call.reply.send(Err(reason));
    }
}

async fn carry(
    mut endpoint: Endpoint,
    calls: &mut mpsc::UnboundedReceiver<Call>,
    waiting: &mut VecDeque<Reply>,
) {
    loop {
        match select(endpoint.incoming().next(), calls.next()).await {
            Either::Left((Some(mut answer), _)) => {
                if answer.len() < size_of::<u32>() {
                    return;
                }
                // An answer comes with its length.
                answer.advance(size_of::<u32>());
                let Some(reply) = waiting.pop_front() else {
                    return;
                };
                // A caller that gave up waiting is no reason to close the connection.
                let _: Result<_, _> = reply.send(Ok(answer));
            }
            Either::Right((Some(call), _)) => {
                waiting.push_back(call.reply);
                if !endpoint.send(call.request) {
                    return;
                }
            }
            Either::Left((None, _)) | Either::Right((None, _)) => return,
        }
    }
}
