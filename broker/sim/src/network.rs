//! Machines and what lies between them: connections that delay, break, and are cut off.
//!
//! In: who listens, who connects, messages; faults. Out: the messages of a connection in their
//! order, late, or never. Never here: what a message means.
//!
//! A connection is TCP's: what one side sent arrives in order or the connection breaks, and each
//! side learns of that by itself, later. While a link is cut what was sent waits, and may arrive
//! long after: the requests of the past are among the faults.

mod pipe;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Waker;
use std::time::Duration;

use broker_node::world::{BoxFuture, CallError, Peer};
use broker_types::Monotonic;
use bytes::Bytes;
use futures::channel::mpsc;

use crate::executor::{Handle, Process};
use crate::rng::Chance;
use crate::trace::Trace;
use pipe::{Pipe, Stamped};

/// A machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Host(pub u32);

impl Host {
    /// Its name, as addresses have it.
    pub fn name(self) -> String {
        format!("host-{}", self.0)
    }

    fn from_name(name: &str) -> Option<Host> {
        name.strip_prefix("host-")?.parse().ok().map(Host)
    }
}

/// How long a connection may take to open.
const CONNECT_WITHIN: Duration = Duration::from_secs(2);
/// How long what was sent may stay unacknowledged before a side gives the connection up.
const UNACKNOWLEDGED_MAX_MICROS: u64 = 5_000_000;

/// How long messages are on their way.
#[derive(Clone, Copy, Debug)]
pub struct Latency {
    pub micros_min: u64,
    pub micros_max: u64,
    /// How many of a thousand take up to a hundred times as long.
    pub slow_per_mille: u64,
}

/// One side of a connection. Dropping it closes that side.
pub struct Endpoint {
    sender: mpsc::UnboundedSender<Stamped>,
    receiver: mpsc::UnboundedReceiver<Bytes>,
    handle: Handle,
    pub peer: Host,
}

impl Endpoint {
    /// Sends a message; false when this side knows that the connection is gone.
    pub fn send(&self, message: Bytes) -> bool {
        let stamped = Stamped {
            sent_at: self.handle.now(),
            message,
        };
        self.sender.unbounded_send(stamped).is_ok()
    }

    /// The messages of the other side; ends when the connection does.
    pub fn incoming(&mut self) -> &mut mpsc::UnboundedReceiver<Bytes> {
        &mut self.receiver
    }
}

/// What became of a connection, as the network knows it.
#[derive(Clone, Copy, Debug)]
struct Broken {
    /// When each side notices: the one that opened it, and the other.
    noticed_at: [Monotonic; 2],
}

struct Connection {
    hosts: [Host; 2],
    processes: [Process; 2],
    broken: Option<Broken>,
    /// Pipes that are still there.
    n_pipes: usize,
    wakers: Vec<Waker>,
}

struct Listening {
    process: Process,
    accepted: mpsc::UnboundedSender<Endpoint>,
}

struct State {
    latency: Latency,
    cut: BTreeSet<(Host, Host)>,
    cut_wakers: Vec<Waker>,
    without_power: BTreeSet<Host>,
    listening: BTreeMap<(Host, u16), Listening>,
    connections: BTreeMap<u64, Connection>,
    n_connections: u64,
}

/// All machines and links. Clones are the same network.
#[derive(Clone)]
pub struct Network {
    handle: Handle,
    chance: Chance,
    trace: Trace,
    state: Arc<Mutex<State>>,
}

impl Network {
    pub fn new(handle: Handle, chance: Chance, trace: Trace, latency: Latency) -> Network {
        let state = State {
            latency,
            cut: BTreeSet::new(),
            cut_wakers: Vec::new(),
            without_power: BTreeSet::new(),
            listening: BTreeMap::new(),
            connections: BTreeMap::new(),
            n_connections: 0,
        };
        Network {
            handle,
            chance,
            trace,
            state: Arc::new(Mutex::new(state)),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn latency(&self) -> Duration {
        let latency = self.state().latency;
        let longest = if self.chance.happens(latency.slow_per_mille) {
            latency.micros_max * 100
        } else {
            latency.micros_max
        };
        self.chance.micros(latency.micros_min, longest)
    }

    fn outside(&self, task: BoxFuture<()>) {
        self.handle.spawn(Process::OUTSIDE, task);
    }

    /// From now on connections to the port are handed to whoever holds the receiver.
    pub fn listen(
        &self,
        host: Host,
        port: u16,
        process: Process,
    ) -> mpsc::UnboundedReceiver<Endpoint> {
        let (accepted, incoming) = mpsc::unbounded();
        let listening = Listening { process, accepted };
        let before = self.state().listening.insert((host, port), listening);
        assert!(before.is_none(), "one process listens on a port");
        incoming
    }

    /// Opens a connection.
    ///
    /// # Errors
    /// When nobody listens there, or nobody can be reached.
    pub async fn connect(
        &self,
        from: Host,
        process: Process,
        to: &Peer,
    ) -> Result<Endpoint, CallError> {
        let host = Host::from_name(&to.host).ok_or(CallError::Disconnected)?;
        let deadline = self.handle.now() + CONNECT_WITHIN;
        // There and back again.
        self.handle
            .sleep_until(self.handle.now() + self.latency() + self.latency())
            .await;
        for way in [(from, host), (host, from)] {
            if !self.passable_before(way, deadline).await {
                return Err(CallError::TimedOut);
            }
        }
        if self.state().without_power.contains(&host) {
            self.handle.sleep_until(deadline).await;
            return Err(CallError::TimedOut);
        }
        let (ours, theirs, id) = self.join(from, process, host, to.port)?;
        self.trace
            .event(&[1, id, u64::from(from.0), u64::from(host.0)]);
        let state = self.state();
        let listening = state.listening.get(&(host, to.port));
        match listening.map(|it| it.accepted.unbounded_send(theirs)) {
            Some(Ok(())) => Ok(ours),
            Some(Err(_)) | None => Err(CallError::Refused),
        }
    }

    /// Makes the two sides of a connection and starts what carries its messages.
    fn join(
        &self,
        from: Host,
        process: Process,
        to: Host,
        port: u16,
    ) -> Result<(Endpoint, Endpoint, u64), CallError> {
        let mut state = self.state();
        let listening = state.listening.get(&(to, port));
        let other = listening.ok_or(CallError::Refused)?.process;
        let id = state.n_connections;
        state.n_connections += 1;
        state.connections.insert(
            id,
            Connection {
                hosts: [from, to],
                processes: [process, other],
                broken: None,
                n_pipes: 2,
                wakers: Vec::new(),
            },
        );
        drop(state);
        let (ours, from_us) = mpsc::unbounded();
        let (theirs, from_them) = mpsc::unbounded();
        let (to_us, our_messages) = mpsc::unbounded();
        let (to_them, their_messages) = mpsc::unbounded();
        for (side, way, input, output) in [
            (1, (from, to), from_us, to_them),
            (0, (to, from), from_them, to_us),
        ] {
            let pipe = Pipe {
                network: self.clone(),
                connection: id,
                side,
                way,
                output,
                last_arrival: self.handle.now(),
            };
            self.outside(Box::pin(pipe.carry(input)));
        }
        let endpoint = |sender, receiver, peer| Endpoint {
            sender,
            receiver,
            handle: self.handle.clone(),
            peer,
        };
        let pair = (
            endpoint(ours, our_messages, to),
            endpoint(theirs, their_messages, from),
        );
        Ok((pair.0, pair.1, id))
    }

    /// A process is gone. Its machine's kernel closes what it had open.
    pub fn process_ended(&self, process: Process) {
        self.state().listening.retain(|_, it| it.process != process);
    }

    /// A machine loses its power: it says nothing any more, and nobody is told.
    pub fn power_off(&self, host: Host) {
        let mut state = self.state();
        state.without_power.insert(host);
        state.listening.retain(|(it, _), _| *it != host);
        let ids: Vec<u64> = state
            .connections
            .iter()
            .filter(|(_, it)| it.hosts.contains(&host))
            .map(|(id, _)| *id)
            .collect();
        drop(state);
        for id in ids {
            self.break_connection(id, UNACKNOWLEDGED_MAX_MICROS);
        }
    }

    pub fn power_on(&self, host: Host) {
        self.state().without_power.remove(&host);
    }

    /// Nothing that `way.0` sends reaches `way.1` until the link is mended.
    pub fn cut(&self, way: (Host, Host)) {
        let mut state = self.state();
        if !state.cut.insert(way) {
            return;
        }
        let across = |it: &Connection| it.hosts == [way.0, way.1] || it.hosts == [way.1, way.0];
        let ids: Vec<u64> = state
            .connections
            .iter()
            .filter(|(_, it)| across(it))
            .map(|(id, _)| *id)
            .collect();
        drop(state);
        for id in ids {
            let network = self.clone();
            let patience = self.chance.micros(200_000, UNACKNOWLEDGED_MAX_MICROS);
            let until = self.handle.now() + patience;
            self.outside(Box::pin(async move {
                network.handle.sleep_until(until).await;
                let is_cut = network.state().cut.contains(&way);
                if is_cut {
                    network.break_connection(id, 1_000_000);
                }
            }));
        }
    }

    pub fn mend(&self, way: (Host, Host)) {
        let mut state = self.state();
        state.cut.remove(&way);
        for waker in std::mem::take(&mut state.cut_wakers) {
            waker.wake();
        }
    }

    pub fn mend_all(&self) {
        let cut: Vec<_> = self.state().cut.iter().copied().collect();
        for way in cut {
            self.mend(way);
        }
    }

    /// Breaks some of all connections, each with that chance.
    pub fn break_some(&self, per_mille: u64) -> usize {
        let ids: Vec<u64> = self.state().connections.keys().copied().collect();
        let chosen: Vec<u64> = ids
            .into_iter()
            .filter(|_| self.chance.happens(per_mille))
            .collect();
        for id in &chosen {
            self.break_connection(*id, 100_000);
        }
        chosen.len()
    }

    fn break_connection(&self, id: u64, notice_micros_max: u64) {
        let now = self.handle.now();
        let notice = || now + self.chance.micros(0, notice_micros_max);
        let noticed_at = [notice(), notice()];
        let mut state = self.state();
        if let Some(connection) = state.connections.get_mut(&id)
            && connection.broken.is_none()
        {
            connection.broken = Some(Broken { noticed_at });
            for waker in std::mem::take(&mut connection.wakers) {
                waker.wake();
            }
        }
    }

    /// Connections that a process has open.
    pub fn open_connections(&self, process: Process) -> usize {
        let state = self.state();
        let is_of = |it: &&Connection| it.broken.is_none() && it.processes.contains(&process);
        state.connections.values().filter(is_of).count()
    }
}
