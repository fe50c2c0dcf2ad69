//! Connections to other brokers: one per peer and purpose, opened when first needed.
//!
//! In: framed requests. Out: framed answers, matched by their order, or why there is none.
//! Never here: retries; who calls knows whether asking again is safe.

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use broker_node::world::{CallError, Peer, Purpose};
use bytes::{Buf, Bytes, BytesMut};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

use crate::stream::Stream;
use crate::tls::Tls;

/// Calls that may wait on one connection; more are answered as not sent.
const CALLS_MAX: usize = 64;
/// How long a connection may take to open.
const CONNECT_WITHIN: Duration = Duration::from_secs(2);
/// How long what was sent may stay unacknowledged before the connection is given up.
const UNACKNOWLEDGED_MAX: Duration = Duration::from_secs(5);
/// How long a connection that carries nothing is kept.
const IDLE_MAX: Duration = Duration::from_secs(300);
/// Largest answer that a peer may send.
const ANSWER_BYTES_MAX: usize = 256 * 1024 * 1024;
/// Most that is reserved at once on the word of another broker: what a fetch of replicas brings.
const RESERVED_BYTES_MAX: usize = 16 * 1024 * 1024;
/// First room for an answer; more is reserved as it arrives.
const READ_BYTES_MIN: usize = 16 * 1024;

type Reply = oneshot::Sender<Result<Bytes, CallError>>;

struct Call {
    request: Bytes,
    deadline: Instant,
    reply: Reply,
}

/// A call that was sent.
struct Sent {
    deadline: Instant,
    reply: Reply,
}

/// Where to hand a call over, by whom it is for and what for.
type Connections = BTreeMap<(Peer, Purpose), mpsc::Sender<Call>>;

/// How this broker shows who it is, and of which cluster the others must be.
#[derive(Clone)]
pub(crate) struct Introduction {
    pub(crate) tls: Arc<Tls>,
    pub(crate) cluster_id: String,
}

/// All connections of this process to other brokers.
#[derive(Clone)]
pub(crate) struct Peers {
    /// `None`: connections are in the clear.
    introduction: Option<Introduction>,
    connections: Arc<Mutex<Connections>>,
    /// Where connections are carried, whoever asks for them first.
    runtime: Handle,
}

impl Peers {
    pub(crate) fn new(introduction: Option<Introduction>, runtime: Handle) -> Peers {
        Peers {
            introduction,
            connections: Arc::default(),
            runtime,
        }
    }

    /// Sends a request and waits for its answer.
    pub(crate) async fn call(
        &self,
        peer: Peer,
        purpose: Purpose,
        request: Bytes,
        deadline: Instant,
    ) -> Result<Bytes, CallError> {
        let (reply, answer) = oneshot::channel();
        let connection = self.connection(peer, purpose);
        let call = Call {
            request,
            deadline,
            reply,
        };
        if connection.try_send(call).is_err() {
            return Err(CallError::Disconnected);
        }
        match tokio::time::timeout_at(deadline, answer).await {
            Ok(answer) => answer.unwrap_or(Err(CallError::Disconnected)),
            Err(_) => Err(CallError::TimedOut),
        }
    }

    fn connection(&self, peer: Peer, purpose: Purpose) -> mpsc::Sender<Call> {
        let mut connections = self
            .connections
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        connections.retain(|_, it| !it.is_closed());
        let key = (peer, purpose);
        if let Some(open) = connections.get(&key) {
            return open.clone();
        }
        let (sender, receiver) = mpsc::channel(CALLS_MAX);
        let carried = run(key.0.clone(), self.introduction.clone(), receiver);
        self.runtime.spawn(carried);
        connections.insert(key, sender.clone());
        sender
    }
}

/// Opens a connection and carries calls over it until it breaks; then every caller is told.
#[allow(
    clippy::wildcard_enum_match_arm,
    reason = "all other errors mean the same here"
)]
async fn run(peer: Peer, introduction: Option<Introduction>, mut calls: mpsc::Receiver<Call>) {
    let mut waiting = VecDeque::new();
    let error = match connect(&peer, introduction.as_ref()).await {
        Ok(stream) => carry(stream, &mut calls, &mut waiting).await,
        Err(error) => error,
    };
    let reason = match error.kind() {
        io::ErrorKind::ConnectionRefused => CallError::Refused,
        io::ErrorKind::TimedOut => CallError::TimedOut,
        _ => CallError::Disconnected,
    };
    calls.close();
    for sent in waiting.drain(..) {
        let sent: Sent = sent;
        // Who called may have given up.
        let _ = sent.reply.send(Err(reason));
    }
    while let Some(call) = calls.recv().await {
        let _ = call.reply.send(Err(reason));
    }
}

/// Resolves the name anew: behind a stable name the address of a pod changes.
async fn connect(peer: &Peer, introduction: Option<&Introduction>) -> io::Result<Stream> {
    let opening = TcpStream::connect((peer.host.as_str(), peer.port));
    let stream = tokio::time::timeout(CONNECT_WITHIN, opening)
        .await
        .map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??;
    stream.set_nodelay(true)?;
    // A peer whose machine is gone answers nothing, not even that it is gone.
    socket2::SockRef::from(&stream).set_tcp_user_timeout(Some(UNACKNOWLEDGED_MAX))?;
    let Some(Introduction { tls, cluster_id }) = introduction else {
        return Ok(Stream::Plain(stream));
    };
    match tls.connect(stream, &peer.host, cluster_id).await {
        Ok(stream) => Ok(Stream::Tls(Box::new(stream.into()))),
        Err(error) => {
            tracing::warn!(%peer, "failed to open an encrypted connection: {error}");
            // A process that is there, whatever it is: nobody may take it for gone.
            Err(io::Error::new(io::ErrorKind::NotConnected, error))
        }
    }
}

/// Returns why it ended; the replies still due stay in `waiting`. An answer that is overdue ends it:
/// behind a peer that does not answer every later call would wait as well.
async fn carry(
    stream: Stream,
    calls: &mut mpsc::Receiver<Call>,
    waiting: &mut VecDeque<Sent>,
) -> io::Error {
    let (mut reader, mut writer) = stream.split();
    let mut buffer = BytesMut::new();
    loop {
        let may_send = waiting.len() < CALLS_MAX;
        let idle_until = Instant::now() + IDLE_MAX;
        let until = waiting.front().map_or(idle_until, |it| it.deadline);
        tokio::select! {
            read = reader.read_buf(&mut buffer) => {
                match read {
                    Ok(0) => return io::ErrorKind::UnexpectedEof.into(),
                    Ok(_) => {}
                    Err(error) => return error,
                }
                if let Err(error) = deliver(&mut buffer, waiting) {
                    return error;
                }
            }
            call = calls.recv(), if may_send => {
                let Some(call) = call else { return io::ErrorKind::NotConnected.into() };
                waiting.push_back(Sent { deadline: call.deadline, reply: call.reply });
                let sending = send(&mut writer, &call.request);
                match tokio::time::timeout_at(call.deadline, sending).await {
                    Ok(Ok(())) => {}
                    Ok(Err(error)) => return error,
                    Err(_) => return io::ErrorKind::TimedOut.into(),
                }
            }
            () = tokio::time::sleep_until(until) => return io::ErrorKind::TimedOut.into(),
        }
    }
}

async fn send(writer: &mut (impl AsyncWriteExt + Unpin), request: &Bytes) -> io::Result<()> {
    let length = u32::try_from(request.len()).map_err(io::Error::other)?;
    let mut framed = BytesMut::with_capacity(request.len() + size_of::<u32>());
    framed.extend_from_slice(&length.to_be_bytes());
    framed.extend_from_slice(request);
    writer.write_all(&framed).await?;
    // What encrypts may hold the last bytes back.
    writer.flush().await
}

/// Hands on every whole answer in `buffer`.
fn deliver(buffer: &mut BytesMut, waiting: &mut VecDeque<Sent>) -> io::Result<()> {
    loop {
        let Some(length) = buffer.first_chunk::<4>().map(|it| u32::from_be_bytes(*it)) else {
            buffer.reserve(READ_BYTES_MIN);
            return Ok(());
        };
        let length = length as usize;
        if length > ANSWER_BYTES_MAX {
            let message = format!("an answer of {length} bytes; at most {ANSWER_BYTES_MAX}");
            return Err(io::Error::new(io::ErrorKind::InvalidData, message));
        }
        if buffer.len() < size_of::<u32>() + length {
            let missing = size_of::<u32>() + length - buffer.len();
            buffer.reserve(missing.min(buffer.len().max(RESERVED_BYTES_MAX)));
            return Ok(());
        }
        buffer.advance(size_of::<u32>());
        let answer = buffer.split_to(length).freeze();
        let Some(sent) = waiting.pop_front() else {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "an answer nobody asked for",
            ));
        };
        // A caller that gave up waiting is no reason to close the connection.
        let _ = sent.reply.send(Ok(answer));
    }
}
