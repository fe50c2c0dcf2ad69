//! One connection as the node sees it: a frame in, its answer out.
//!
//! In: framed requests without their length, in the order of the connection. Out: for each a future
//! of what to send back. Never here: sockets, or what a request means (`api`).

use std::sync::{Arc, Mutex, PoisonError};

use broker_types::{BrokerEpoch, BrokerId, Monotonic};
use broker_wire::frame::{self, Parsed, RequestFrame};
use broker_wire::{ApiKey, Hole, Request, Response, Str};
use bytes::Bytes;

use crate::api;
use crate::node::Node;
use crate::quorum::driver::Command;
use crate::world::{BoxFuture, FileOf, World};

/// Who is at the other end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Listener {
    /// Clients, on the listener of this name.
    Clients { name: String },
    /// The brokers of the cluster among themselves.
    Replication,
}

/// What every request of a connection comes with.
#[derive(Clone, Debug)]
pub struct RequestContext {
    pub listener: Listener,
    /// Address of the other end, as groups show it: `/10.0.0.7`.
    pub client_host: String,
    pub client_id: Option<Str>,
    pub api_key: ApiKey,
    pub api_version: i16,
    /// When the request had arrived whole.
    pub received_at: Monotonic,
}

/// Bytes of an answer, in their order.
#[derive(Debug)]
pub enum Part<F> {
    Bytes(Bytes),
    /// `length` bytes of a file from `position` on.
    File {
        file: F,
        position: u64,
        length: u32,
    },
}

/// A whole answer, its length first.
#[derive(Debug)]
pub struct Answer<F> {
    pub parts: Vec<Part<F>>,
}

impl<F> Answer<F> {
    /// Bytes of all parts.
    #[allow(
        clippy::len_without_is_empty,
        reason = "an answer has a length at least"
    )]
    pub fn len(&self) -> u64 {
        let parts = self.parts.iter().map(|it| match it {
            Part::Bytes(bytes) => bytes.len() as u64,
            Part::File { length, .. } => u64::from(*length),
        });
        parts.sum()
    }
}

/// What becomes of a request.
#[derive(Debug)]
pub enum Outcome<F> {
    Answer(Answer<F>),
    /// The client wants no answer (acks=0).
    Silence,
    /// The connection is closed, and why; all that the protocol allows where nothing can be said.
    Close(String),
}

/// A request that was begun.
pub struct Begun<F> {
    pub outcome: BoxFuture<Outcome<F>>,
    /// Memory that the request takes beyond its frame until it is answered, in bytes; at most what
    /// [`frame::request_memory_max`] says.
    pub memory: usize,
}

impl<F: Send + 'static> Begun<F> {
    fn ended(outcome: Outcome<F>) -> Begun<F> {
        Begun {
            outcome: Box::pin(std::future::ready(outcome)),
            memory: 0,
        }
    }
}

/// Where the records of a fetch response lie; the position in the list is the token of the hole.
#[derive(Clone, Debug)]
pub struct FileRange<F> {
    pub file: F,
    pub position: u64,
    pub length: u32,
}

/// What a handler gives back.
#[derive(Debug)]
pub enum Handled<F> {
    Response(Response),
    /// A fetch response, and the files that fill its holes.
    WithFiles {
        response: Response,
        files: Vec<FileRange<F>>,
    },
    Silence,
    Close(String),
}

impl<F, R: Into<Response>> From<R> for Handled<F> {
    fn from(response: R) -> Handled<F> {
        Handled::Response(response.into())
    }
}

/// A connection of a client or a broker.
pub struct Connection<W: World> {
    node: Arc<Node<W>>,
    listener: Listener,
    client_host: String,
    /// The broker whose heartbeats came here last: when the connection goes, so may it have.
    heartbeats_of: Mutex<Option<(BrokerId, BrokerEpoch)>>,
}

/// What a request holds up, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestKind {
    /// Brings records, which are held until they are safe.
    Produce,
    /// Waits for records.
    Fetch,
    /// Waits for other members of a group, or for other brokers.
    Waiting,
    /// Is answered at once, or nearly.
    Prompt,
}

impl RequestKind {
    pub fn of(key: Option<ApiKey>) -> RequestKind {
        match key {
            Some(ApiKey::Produce) => RequestKind::Produce,
            Some(ApiKey::Fetch) => RequestKind::Fetch,
            Some(
                ApiKey::JoinGroup
                | ApiKey::SyncGroup
                | ApiKey::DeleteRecords
                | ApiKey::CreateTopics
                | ApiKey::DeleteTopics
                | ApiKey::CreatePartitions,
            ) => RequestKind::Waiting,
            Some(_) | None => RequestKind::Prompt,
        }
    }

    /// Whether a request may start while earlier ones of its kind still wait for their answers.
    /// Produce may: its records are handed to their partitions in the order of the requests.
    pub fn may_overlap(self) -> bool {
        self == RequestKind::Produce
    }
}

impl<W: World> Drop for Connection<W> {
    fn drop(&mut self) {
        let lost = *self
            .heartbeats_of
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some((broker, epoch)) = lost {
            self.node
                .tell_quorum(Command::ConnectionLost { broker, epoch });
        }
    }
}

impl<W: World> Connection<W> {
    pub fn new(node: Arc<Node<W>>, listener: Listener, client_host: String) -> Connection<W> {
        Connection {
            node,
            listener,
            client_host,
            heartbeats_of: Mutex::new(None),
        }
    }

    /// Starts a request. What must happen in the order of the requests has happened when this
    /// returns; the future only waits for the answer.
    pub fn handle(&self, frame: Bytes) -> Begun<FileOf<W>> {
        match frame::parse_request(frame) {
            Ok(Parsed::Request(parsed)) => self.handle_request(parsed),
            Ok(Parsed::UnknownApiVersions { correlation_id }) => {
                let served = api::api_versions::response(&self.node, &self.listener);
                let bytes = frame::encode_unknown_api_versions(&served, correlation_id);
                Begun::ended(match bytes {
                    Ok(bytes) => Outcome::Answer(Answer {
                        parts: vec![Part::Bytes(bytes)],
                    }),
                    Err(error) => Outcome::Close(error.to_string()),
                })
            }
            Err(error) => Begun::ended(Outcome::Close(error.to_string())),
        }
    }

    fn handle_request(&self, parsed: RequestFrame) -> Begun<FileOf<W>> {
        let (key, version) = (parsed.api_key, parsed.api_version);
        if !api::served::is_served(&self.listener, key, version) {
            return Begun::ended(Outcome::Close(format!(
                "{} {version} is not served here",
                key.name()
            )));
        }
        let (request, memory) = match parsed.decode() {
            Ok(decoded) => decoded,
            Err(error) => {
                return Begun::ended(Outcome::Close(format!(
                    "a bad {} request: {error}",
                    key.name()
                )));
            }
        };
        if let Request::BrokerHeartbeat(heartbeat) = &request {
            let broker = BrokerId::from_wire(heartbeat.broker_id);
            let sender = broker.zip(BrokerEpoch::from_wire(heartbeat.broker_epoch));
            *self
                .heartbeats_of
                .lock()
                .unwrap_or_else(PoisonError::into_inner) = sender;
        }
        let context = RequestContext {
            listener: self.listener.clone(),
            client_host: self.client_host.clone(),
            client_id: parsed.client_id,
            api_key: key,
            api_version: version,
            received_at: self.node.world.now(),
        };
        let correlation_id = parsed.correlation_id;
        let handled = start(&self.node, context, request);
        let outcome = Box::pin(async move { finish(handled.await, version, correlation_id) });
        Begun { outcome, memory }
    }
}

/// Starts a request's handler.
pub(crate) fn start<W: World>(
    node: &Arc<Node<W>>,
    context: RequestContext,
    request: Request,
) -> BoxFuture<Handled<FileOf<W>>> {
    if let Request::Produce(produce) = request {
        return api::produce::start(node, &context, produce);
    }
    let node = Arc::clone(node);
    Box::pin(async move { api::dispatch(&node, &context, request).await })
}

fn finish<F: Clone>(handled: Handled<F>, version: i16, correlation_id: i32) -> Outcome<F> {
    let (response, files) = match handled {
        Handled::Response(response) => (response, Vec::new()),
        Handled::WithFiles { response, files } => (response, files),
        Handled::Silence => return Outcome::Silence,
        Handled::Close(reason) => return Outcome::Close(reason),
    };
    match frame::encode_response(&response, version, correlation_id) {
        Ok((bytes, holes)) => Outcome::Answer(Answer {
            parts: fill(bytes, &holes, &files),
        }),
        Err(error) => {
            // The client did nothing wrong: this is a fault of ours that somebody must see.
            tracing::error!("an answer cannot be written, the connection is closed: {error}");
            Outcome::Close(format!("an answer that cannot be written: {error}"))
        }
    }
}

/// Cuts the bytes at their holes and puts the files between the pieces.
fn fill<F: Clone>(mut bytes: Bytes, holes: &[Hole], files: &[FileRange<F>]) -> Vec<Part<F>> {
    let mut parts = Vec::with_capacity(2 * holes.len() + 1);
    let mut position = 0;
    for hole in holes {
        let piece = bytes.split_to(hole.position - position);
        position = hole.position;
        let file = usize::try_from(hole.token)
            .ok()
            .and_then(|it| files.get(it));
        let file = file.expect("a token names one of the response's files");
        assert!(
            file.length == hole.length,
            "a hole is as long as what fills it"
        );
        parts.push(Part::Bytes(piece));
        let FileRange {
            file,
            position,
            length,
        } = file.clone();
        parts.push(Part::File {
            file,
            position,
            length,
        });
    }
    parts.push(Part::Bytes(bytes));
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_stand_where_the_holes_were() {
        let holes = [
            Hole {
                position: 2,
                token: 1,
                length: 9,
            },
            Hole {
                position: 3,
                token: 0,
                length: 4,
            },
        ];
        let files = [
            FileRange {
                file: "a",
                position: 10,
                length: 4,
            },
            FileRange {
                file: "b",
                position: 20,
                length: 9,
            },
        ];
        let shown: Vec<String> = fill(Bytes::from_static(b"12345"), &holes, &files)
            .into_iter()
            .map(|it| match it {
                Part::Bytes(bytes) => String::from_utf8(bytes.to_vec()).unwrap(),
                Part::File {
                    file,
                    position,
                    length,
                } => format!("{file}@{position}+{length}"),
            })
            .collect();
        assert_eq!(shown, ["12", "b@20+9", "3", "a@10+4", "45"]);
    }
}
