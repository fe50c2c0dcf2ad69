//! A node: a disk, and a process on it while one runs.
//!
//! Never here: what happens between nodes (`world`), or how a process drives its quorum (`driver`).

use std::collections::BTreeMap;
use std::rc::Rc;

use broker_raft::{
    Config, Endpoint, FetchRequest, FetchResponse, FetchSnapshotResponse, Quorum, Request,
    Response, SnapshotId, SyncTicket, Target, Timeouts, VoterSet,
};
use broker_types::{Epoch, Monotonic, Offset};

use crate::disk::{Batch, Disk, Snapshot, State};
use crate::world::Event;

/// The bytes that the quorum passes on unread.
#[derive(Clone, Debug)]
pub(crate) enum Payload {
    /// What is proposed.
    Value(u64),
    Batch(Rc<Batch>),
    Snapshot(Rc<Snapshot>),
}

/// What crosses the network.
#[derive(Clone, Debug)]
pub(crate) enum Message {
    Request {
        call: u64,
        request: Request,
    },
    Reply {
        call: u64,
        request: Request,
        reply: Reply,
    },
}

#[derive(Clone, Debug)]
pub(crate) enum Reply {
    Plain(Response),
    Fetch(FetchResponse<Payload>),
    FetchSnapshot(FetchSnapshotResponse<Payload>),
}

/// A request that waits for its answer, at whom it came to.
#[derive(Clone, Debug)]
pub(crate) struct Waiting {
    pub(crate) from: usize,
    pub(crate) call: u64,
    pub(crate) request: Request,
}

/// A fetch without news that is kept for a while.
#[derive(Clone, Debug)]
pub(crate) struct Parked {
    pub(crate) waiting: Waiting,
    pub(crate) fetch: FetchRequest,
    pub(crate) deadline: u64,
}

/// What was last seen of a process; it must not go back.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seen {
    pub(crate) epoch: Epoch,
    pub(crate) high_watermark: Offset,
}

#[derive(Debug)]
pub(crate) struct Process {
    pub(crate) quorum: Quorum<Payload>,
    pub(crate) state: State,
    pub(crate) seen: Seen,
    pub(crate) calls: BTreeMap<u64, (Target, usize, Request)>,
    pub(crate) waiting: BTreeMap<u64, Waiting>,
    pub(crate) parked: Vec<Parked>,
    /// A sync is under way; the latest ticket waits for its end.
    pub(crate) is_syncing: bool,
    pub(crate) next_sync: Option<SyncTicket>,
    /// When the latest write of an election state is done: they are done in order.
    pub(crate) persisted_at: u64,
    /// The snapshot that is being fetched, then loaded.
    pub(crate) incoming: Option<Rc<Snapshot>>,
    /// Those that were loaded and may be installed.
    pub(crate) loaded: BTreeMap<SnapshotId, Rc<Snapshot>>,
    /// The earliest tick that is scheduled.
    pub(crate) tick_at: u64,
    /// A snapshot is being written.
    pub(crate) is_writing_snapshot: bool,
}

impl Process {
    pub(crate) fn start(
        now: u64,
        disk: &mut Disk,
        endpoints: Vec<Endpoint>,
        seed: u64,
        #[cfg(feature = "mutants")] mutant: Option<broker_raft::Mutant>,
    ) -> Result<Process, String> {
        let timeouts = Timeouts::default();
        let config = Config {
            me: disk.key,
            endpoints,
            timeouts,
            seed,
        };
        let recovered = disk.recover();
        let persisted = recovered.election.epoch;
        let now = Monotonic::from_micros(now);
        #[cfg(feature = "mutants")]
        let opened = Quorum::open_mutant(now, config, recovered, mutant);
        #[cfg(not(feature = "mutants"))]
        let opened = Quorum::open(now, config, recovered);
        let quorum = opened.map_err(|error| format!("{} does not start: {error}", disk.key))?;
        let high_watermark = quorum.high_watermark();
        Ok(Process {
            quorum,
            state: disk.state(),
            seen: Seen {
                epoch: persisted,
                high_watermark,
            },
            calls: BTreeMap::new(),
            waiting: BTreeMap::new(),
            parked: Vec::new(),
            is_syncing: false,
            next_sync: None,
            persisted_at: 0,
            incoming: None,
            loaded: BTreeMap::new(),
            tick_at: u64::MAX,
            is_writing_snapshot: false,
        })
    }
}

#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) disk: Disk,
    pub(crate) process: Option<Process>,
    /// Counts starts, so that what an earlier process began does not reach a later one.
    pub(crate) incarnation: u64,
    /// Without power nothing answers, not even to refuse a connection.
    pub(crate) has_power: bool,
    pub(crate) endpoints: Vec<Endpoint>,
    /// Until when syncs are slow, and how long they take.
    pub(crate) slow_until: u64,
    pub(crate) slow_sync: u64,
    pub(crate) fails_next_sync: bool,
    /// Until when the process is stopped and does nothing.
    pub(crate) paused_until: u64,
    /// What came meanwhile.
    pub(crate) stalled: Vec<Event>,
}

impl Node {
    /// The voters that the node goes by, and those that it might after a crash.
    pub(crate) fn possible_voters(&self) -> Vec<VoterSet> {
        let held = self.process.as_ref().map(|it| it.quorum.voters().clone());
        held.into_iter()
            .chain(self.disk.possible_voters())
            .collect()
    }
}
