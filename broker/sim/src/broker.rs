//! One broker: a machine with a disk, and the process that runs on it, if one does.
//!
//! In: orders to start, stop and crash. Out: the shipped node, started as the server starts it, on
//! the disk as the last process or the last loss of power left it. Never here: when.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use broker_log::data_dir::{DataDir, MetaProperties};
use broker_log::dir::memory::MemoryDir;
use broker_log::dir::{self, Dir};
use broker_node::connection::Listener;
use broker_node::node::Advertised;
use broker_node::previous::Previous;
use broker_node::quorum::{FirstVoter, format};
use broker_node::reachable::REPLICATION;
use broker_node::registration::Stored;
use broker_node::world::Peer;
use broker_node::{Config, Node, World};
use broker_types::{BrokerEpoch, BrokerId, DirectoryId, Durability};
use broker_wire::record_batch::{BATCH_HEADER_BYTES, batches, verify_crc};

use crate::disk_faults::DiskFaults;
use crate::door;
use crate::executor::{Executor, Process, end_process};
use crate::network::Host;
use crate::rng::Chance;
use crate::world::{Hardware, SimWorld, Surroundings};

pub const CLUSTER_ID: &str = "simulated";
pub const REPLICATION_PORT: u16 = 9091;
pub const CLIENT_PORT: u16 = 9092;
/// Name of the listener for clients.
pub const CLIENTS: &str = "CLIENTS";
const N_SHARDS: usize = 2;
/// So few that they are opened and closed all the time.
const OPEN_SEGMENTS_MAX: NonZeroUsize = NonZeroUsize::new(2).unwrap();
/// Segments of a folder that may not be known to be durable yet, or hardly.
const SEGMENTS_YOUNG: usize = 5;
/// More than any segment of a run has.
const SEGMENT_BYTES_MAX: u64 = 64 << 20;
/// So few that a run writes several snapshots.
const SNAPSHOT_EVERY: u64 = 60;

/// How a process is ended from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Crash {
    /// The page cache survives.
    Process,
    /// What was not synced is lost, in part or whole.
    Power,
}

/// What runs on a machine.
pub struct Running {
    pub process: Process,
    pub faults: DiskFaults,
    slot: Slot,
    world: SimWorld,
    pub is_paused: bool,
    /// Segments that ended within a batch when the process started.
    torn: Vec<PathBuf>,
}

/// What a broker's process holds, for those who watch it and for its end.
#[derive(Clone, Default)]
struct Slot {
    started: Arc<Mutex<Option<Started>>>,
}

#[derive(Clone)]
struct Started {
    node: Arc<Node<SimWorld>>,
    data_dir: Arc<DataDir<MemoryDir>>,
}

impl Slot {
    fn get(&self) -> Option<Started> {
        let started = self.started.lock();
        started.unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// A broker's machine.
pub struct Broker {
    pub id: BrokerId,
    pub host: Host,
    pub hardware: Arc<Hardware>,
    directory_id: DirectoryId,
    disk: MemoryDir,
    /// A copy of the disk, taken earlier.
    remembered: Option<MemoryDir>,
    pub running: Option<Running>,
    pub has_power: bool,
}

/// Where broker `id` listens.
fn peer(id: BrokerId, port: u16) -> Peer {
    Peer {
        host: Host(id.value()).name(),
        port,
    }
}

/// Where clients find broker `id`.
pub fn client_address(id: BrokerId) -> Peer {
    peer(id, CLIENT_PORT)
}

/// Each broker is in a rack of its own.
pub fn rack(id: BrokerId) -> String {
    format!("rack-{id}")
}

/// A disk that nothing was written to but whose it is.
fn new_disk(id: BrokerId, directory_id: DirectoryId, durability: Durability) -> MemoryDir {
    let disk = MemoryDir::new();
    let meta = MetaProperties {
        cluster_id: Some(CLUSTER_ID.to_owned()),
        node_id: id,
        directory_id,
        durability,
    };
    let data_dir = DataDir::open(disk.clone()).expect("nobody else has the disk");
    data_dir
        .write_meta_properties(&meta)
        .expect("a new disk takes its name");
    disk
}

fn new_directory_id(id: BrokerId, around: &Surroundings) -> DirectoryId {
    let number = u128::from(around.chance.number()) << 64 | u128::from(id.value());
    DirectoryId::from_bytes(number.to_be_bytes())
}

/// The machines of one cluster. The disks of the first `n_voters` make them its first voters; the
/// others only look on.
pub fn form(ids: &[BrokerId], n_voters: usize, around: &Surroundings) -> Vec<Broker> {
    let members: Vec<FirstVoter> = ids
        .iter()
        .map(|id| FirstVoter {
            id: *id,
            directory_id: new_directory_id(*id, around),
            peer: peer(*id, REPLICATION_PORT),
        })
        .collect();
    let voters = members.get(..n_voters).unwrap_or(&members);
    members
        .iter()
        .enumerate()
        .map(|(place, voter)| {
            let disk = new_disk(voter.id, voter.directory_id, around.durability);
            if place < n_voters {
                let wall = broker_types::Timestamp::from_millis(0);
                format(&disk, voters, wall).expect("a new disk takes the first voters");
            }
            Broker {
                id: voter.id,
                host: Host(voter.id.value()),
                hardware: Arc::default(),
                directory_id: voter.directory_id,
                disk,
                remembered: None,
                running: None,
                has_power: true,
            }
        })
        .collect()
}

impl Broker {
    /// Starts a process on the disk as it is.
    pub fn start(&mut self, process: Process, around: &Surroundings, all: &[BrokerId]) {
        assert!(self.running.is_none(), "one process runs on a machine");
        around.network.power_on(self.host);
        self.has_power = true;
        let world = SimWorld::new(
            around.clone(),
            Arc::clone(&self.hardware),
            self.host,
            process,
        );
        let faults = DiskFaults::default();
        if self.disk.is_bounded() {
            faults.excuse();
        }
        self.disk
            .set_policy(Some(faults.policy(process, around.chance.clone())));
        let slot = Slot::default();
        let torn = torn_tails(&self.disk);
        let (disk, filled, injected) = (self.disk.clone(), slot.clone(), faults.clone());
        let config = self.config(all, around.durability);
        let (doors, trace) = (world.clone(), around.trace.clone());
        world.clone().spawn(Box::pin(async move {
            match begin(doors.clone(), config, disk) {
                Ok(started) => {
                    let mut place = filled
                        .started
                        .lock()
                        .unwrap_or_else(PoisonError::into_inner);
                    *place = Some(started.clone());
                    drop(place);
                    open_doors(&doors, &started.node);
                }
                Err(error) if injected.has_failed() => end_process(error),
                Err(error) => {
                    trace.violation(format!("a broker cannot start on its disk: {error}"));
                    end_process(error)
                }
            }
        }));
        self.running = Some(Running {
            process,
            faults,
            slot,
            world,
            is_paused: false,
            torn,
        });
    }

    fn config(
        &self,
        all: &[BrokerId],
        durability: Durability,
    ) -> impl FnOnce(Previous) -> Config + Send + use<> {
        let (broker_id, directory_id) = (self.id, self.directory_id);
        let listen = |name: &str, port| Advertised {
            name: name.to_owned(),
            host: self.host.name(),
            port,
        };
        let listeners = vec![
            listen(CLIENTS, CLIENT_PORT),
            listen(REPLICATION, REPLICATION_PORT),
        ];
        let bootstrap = all.iter().map(|it| peer(*it, REPLICATION_PORT)).collect();
        move |previous| Config {
            cluster_id: CLUSTER_ID.into(),
            broker_id,
            directory_id,
            durability,
            rack: Some(rack(broker_id).into()),
            listeners,
            bootstrap,
            log_dir: PathBuf::from("/data"),
            previous,
            n_shards: N_SHARDS,
            open_segments_max: OPEN_SEGMENTS_MAX,
            snapshot_every: SNAPSHOT_EVERY,
        }
    }

    /// Whether a segment that ended within a batch ends with a whole one since the last look.
    pub fn has_cut_torn_tail(&mut self) -> bool {
        let (disk, Some(running)) = (&self.disk, &mut self.running) else {
            return false;
        };
        let mut has_cut = false;
        running.torn.retain(|path| {
            let is_torn = is_damaged(disk, path);
            // It may have been deleted as a whole.
            has_cut |= !is_torn && disk.exists(path).is_ok_and(|it| it);
            is_torn
        });
        has_cut
    }

    pub fn disk(&self) -> &MemoryDir {
        &self.disk
    }

    /// The node, once the process has started it.
    pub fn node(&self) -> Option<Arc<Node<SimWorld>>> {
        self.running.as_ref()?.slot.get().map(|it| it.node)
    }

    /// Asks the process to go in good order; it ends itself.
    pub fn stop(&self) {
        let Some(running) = &self.running else { return };
        let (slot, world) = (running.slot.clone(), running.world.clone());
        world.spawn(Box::pin(async move {
            let Some(Started { node, data_dir }) = slot.get() else {
                end_process("stopped before it had started".to_owned())
            };
            if node.stop().await
                && let Some(epoch) = node.registered_epoch()
                && let Err(error) = data_dir.write_clean_shutdown(epoch)
            {
                end_process(format!("stopped uncleanly: {error}"));
            }
            end_process("stopped".to_owned())
        }));
    }

    /// Removes a folder of the disk, while no process runs on it.
    pub fn lose(&self, folder: &str) {
        assert!(self.running.is_none(), "nobody removes what is in use");
        let folder = Path::new(folder);
        // Never made, or lost before.
        if self.disk.exists(folder).is_ok_and(|it| it) {
            self.disk.set_policy(None);
            let removed = self.disk.remove_dir_all(folder);
            removed.expect("a disk without faults removes a folder");
            self.disk.sync_dir(Path::new("")).expect("and remembers it");
        }
    }

    /// Gives the machine another disk, while no process runs: empty, and with an id of its own.
    pub fn lose_disk(&mut self, around: &Surroundings) {
        assert!(self.running.is_none(), "nobody takes away what is in use");
        self.directory_id = new_directory_id(self.id, around);
        self.disk = new_disk(self.id, self.directory_id, around.durability);
    }

    /// Copies the disk as a loss of power at this moment would leave it.
    pub fn remember_disk(&mut self, chance: &Chance) {
        let copy = self.disk.fork().crash_power(chance.number());
        copy.set_capacity(None);
        self.remembered = Some(copy);
    }

    /// The last registration that the copy of the disk knows of.
    pub fn remembered_epoch(&self) -> Option<BrokerEpoch> {
        let stored = Stored::read(self.remembered.as_ref()?);
        stored.expect("a disk without faults is read").epoch
    }

    /// Gives the machine the copy of its disk, while no process runs.
    pub fn take_remembered_disk(&mut self) {
        assert!(self.running.is_none(), "nobody takes away what is in use");
        if let Some(disk) = self.remembered.take() {
            self.disk = disk;
        }
    }

    /// Changes a bit of a record in one of the closed segments of a folder; `false` when there is none.
    pub fn flip(&self, folder: &str, chance: &Chance) -> bool {
        let mut logs = segments(&self.disk, Path::new(folder));
        // What was written in the last seconds is read again by the next start, for it may be torn.
        logs.truncate(logs.len().saturating_sub(SEGMENTS_YOUNG));
        let Some(path) = chance.pick(&logs) else {
            return false;
        };
        let bytes = dir::read_small(&self.disk, &path, SEGMENT_BYTES_MAX).unwrap_or_default();
        let mut records = Vec::new();
        let mut position = 0;
        for batch in batches(&bytes).map_while(Result::ok) {
            let end = position + batch.bytes().len();
            records.extend(position + BATCH_HEADER_BYTES..end);
            position = end;
        }
        let position = chance.pick(&records).unwrap_or_default() as u64;
        position > 0 && self.disk.flip_bit(&path, position).is_ok()
    }

    /// A closed segment of a folder that holds something else than what was written.
    pub fn damaged_segment(&self, folder: &str) -> Option<PathBuf> {
        let mut logs = segments(&self.disk, Path::new(folder));
        logs.pop();
        logs.into_iter().find(|it| is_damaged(&self.disk, it))
    }

    /// Ends the process, or what is left of it when it ended itself.
    pub fn crash(&mut self, how: Crash, executor: &mut Executor, around: &Surroundings) {
        if how == Crash::Power {
            around.network.power_off(self.host);
            self.has_power = false;
        }
        if let Some(running) = self.running.take() {
            executor.kill(running.process);
            around.network.process_ended(running.process);
            // Its fetchers hold the node, which holds them.
            drop(running.slot.started.lock().map(|mut it| it.take()));
        }
        self.disk = match how {
            Crash::Process => self.disk.crash_process(),
            Crash::Power => self.disk.crash_power(around.chance.number()),
        };
    }
}

/// The segments of a folder, in order.
fn segments(disk: &MemoryDir, folder: &Path) -> Vec<PathBuf> {
    let entries = disk.list(folder).unwrap_or_default();
    let logs = entries.into_iter().filter(|it| it.name.ends_with(".log"));
    logs.map(|it| folder.join(it.name)).collect()
}

/// Whether a segment holds something else than whole batches, each as it was written.
fn is_damaged(disk: &MemoryDir, path: &Path) -> bool {
    let bytes = dir::read_small(disk, path, SEGMENT_BYTES_MAX).unwrap_or_default();
    let mut batches = batches(&bytes);
    batches.any(|it| it.is_err() || it.is_ok_and(|it| verify_crc(it.bytes()).is_err()))
}

/// The last segments of logs that do not end with a whole batch.
fn torn_tails(disk: &MemoryDir) -> Vec<PathBuf> {
    let entries = disk.list(Path::new("")).unwrap_or_default().into_iter();
    let folders = entries.map(|it| PathBuf::from(it.name));
    let last = folders.filter_map(|it| segments(disk, &it).pop());
    last.filter(|it| is_damaged(disk, it)).collect()
}

/// What the server does before it opens its doors.
fn begin(
    world: SimWorld,
    config: impl FnOnce(Previous) -> Config,
    disk: MemoryDir,
) -> Result<Started, String> {
    let data_dir = DataDir::open(disk).map_err(|error| text(&error))?;
    let durability = world.around().durability;
    let previous = Previous::take(&data_dir, durability).map_err(|error| text(&error))?;
    let config = config(previous);
    let node = Node::start(world, config, data_dir.dir().clone()).map_err(|error| text(&error))?;
    Ok(Started {
        node,
        data_dir: Arc::new(data_dir),
    })
}

fn open_doors(world: &SimWorld, node: &Arc<Node<SimWorld>>) {
    let clients = Listener::Clients {
        name: CLIENTS.to_owned(),
    };
    for (port, listener) in [
        (REPLICATION_PORT, Listener::Replication),
        (CLIENT_PORT, clients),
    ] {
        let network = &world.around().network;
        let incoming = network.listen(world.host(), port, world.process());
        world.spawn(Box::pin(door::accept(Arc::clone(node), listener, incoming)));
    }
}

/// An error with its causes, on one line.
fn text(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |it| it.source());
    let lines: Vec<String> = causes.map(ToString::to_string).collect();
    lines.join(": ")
}
