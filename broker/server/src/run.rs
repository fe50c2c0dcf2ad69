//! One broker from its start to its end.
//!
//! In: a configuration file. Out: a process that serves until a signal, its directory left so that
//! the next one need not look. Never here: the parts of a broker.

use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use broker_log::data_dir::{DataDir, MetaProperties};
use broker_log::dir::real::RealDir;
use broker_node::connection::Listener;
use broker_node::node::Advertised;
use broker_node::previous::Previous;
use broker_node::reachable::{CONTROL, REPLICATION};
use broker_node::world::Peer;
use broker_node::{Node, World};
use broker_types::{DirectoryId, Durability};
use tokio::io::AsyncReadExt;
use tokio::runtime::Handle;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use crate::budget::Budget;
use crate::config::{self, Config, HostPort};
use crate::connection::Limits;
use crate::control::{self, Service};
use crate::descriptors;
use crate::listener::Door;
use crate::metrics::Metrics;
use crate::peers::Introduction;
use crate::tls::Tls;
use crate::world::ServerWorld;
use crate::{http, listener};

/// `socket.request.max.bytes`.
const REQUEST_BYTES_MAX: usize = 104_857_600;
/// Memory for requests, over all connections of clients.
const CLIENTS_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Memory for small requests, and as much for small batches, over all connections of clients or of brokers.
const SMALL_BYTES_MAX: usize = 8 * 1024 * 1024;
/// Memory for fetches, over all connections of clients or of brokers.
const FETCHES_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Memory for requests that wait for others, over all connections of clients or of brokers.
const WAITING_BYTES_MAX: usize = 8 * 1024 * 1024;
/// Memory for requests, over all connections of brokers, which ask for records and send none.
const BROKERS_BYTES_MAX: usize = 32 * 1024 * 1024;
/// `connections.max.idle.ms`.
const IDLE_MAX: Duration = Duration::from_secs(600);
/// Shards: few, for each has its thread, and partitions spread over them.
const N_SHARDS: usize = 2;
/// Records of the metadata after which a snapshot of it is written.
const SNAPSHOT_EVERY: u64 = 20_000;

/// Runs a broker until a signal, or the end of its parent, stops it.
///
/// The node's own tasks and its connections to other brokers run on `node_runtime`: clients that read
/// what is on a slow disk keep the threads of theirs, and heartbeats must not wait for that.
pub(crate) async fn run(
    path: &Path,
    node_id: Option<u32>,
    end_with_parent: bool,
    node_runtime: Handle,
) -> Result<()> {
    let config = config::read(path, node_id)?;
    tracing::info!(
        broker = %config.broker_id,
        controller = config.is_controller,
        data_dir = %config.data_dir.display(),
        "starting"
    );
    let tls = match &config.tls {
        Some(files) => Some(Tls::load(files.clone()).context("in `tls`")?),
        None => None,
    };
    let data_dir = open_data_dir(&config)?;
    let meta = identify(&data_dir, &config)?;
    let (cluster_sender, mut cluster) = watch::channel(meta.cluster_id.clone());
    let started = Started::default();
    let service = Service {
        data_dir: Arc::clone(&data_dir),
        broker_id: config.broker_id,
        directory_id: meta.directory_id,
        cluster_id: cluster_sender,
        started: Arc::clone(&started),
        tls: tls.clone(),
    };
    let control = listener::open(&config.listeners.control.bind).await?;
    tokio::spawn(control::serve(control, tls.clone(), service));
    serve_health(&config, &started, &node_runtime).await?;
    check_ports(&config).await?;
    let mut stop = Stop::new(end_with_parent)?;
    if meta.cluster_id.is_none() {
        say_unformatted(&meta, &config);
    }
    let cluster_id = tokio::select! {
        known = cluster.wait_for(Option::is_some) => {
            known.context("the control service is gone")?.clone().unwrap_or_default()
        }
        _ = stop.wait() => return Ok(()),
    };
    let introduction = tls.clone().map(|tls| Introduction {
        tls,
        cluster_id: cluster_id.clone(),
    });
    let world = ServerWorld::new(introduction, node_runtime.clone());
    // The bootstrap that named the cluster has told its durability, too.
    let meta = identify(&data_dir, &config)?;
    let node = start(world, &config, &data_dir, cluster_id, &meta)?;
    let is_first = started.set(Arc::clone(&node)).is_ok();
    assert!(is_first, "a process starts one node");
    serve(&config, &node, tls, started, &node_runtime).await?;
    let ready = announce(Arc::clone(&node));
    tokio::spawn(ready);
    let reason = stop.wait().await;
    tracing::info!("stopping");
    let is_clean = match reason {
        StopReason::Signal => node.stop().await,
        StopReason::ParentEnded => node.stop_with_cluster().await,
    };
    if let (true, Some(epoch)) = (is_clean, node.registered_epoch()) {
        data_dir
            .write_clean_shutdown(epoch)
            .context("failed to leave the directory cleanly")?;
    }
    Ok(())
}

/// The node, once there is one.
pub(crate) type Started = Arc<OnceLock<Arc<Node<ServerWorld>>>>;

pub(crate) fn open_data_dir(config: &Config) -> Result<Arc<DataDir<RealDir>>> {
    let path = &config.data_dir;
    std::fs::create_dir_all(path)
        .with_context(|| format!("failed to make the data directory {}", path.display()))?;
    let dir = RealDir::open(path)
        .with_context(|| format!("failed to open the data directory {}", path.display()))?;
    let data_dir = DataDir::open(dir).with_context(|| {
        let user = rustix::process::geteuid();
        format!(
            "failed to open the data directory {} as user {}",
            path.display(),
            user.as_raw()
        )
    })?;
    Ok(Arc::new(data_dir))
}

/// Finds a port that is taken before the broker waits for anything. Listening itself comes later: who
/// connected now would wait for an answer.
async fn check_ports(config: &Config) -> Result<()> {
    let listeners = &config.listeners;
    let clients = listeners.clients.iter().map(|it| &it.bind);
    let metrics = listeners.metrics.iter().map(|it| &it.bind);
    for bind in clients.chain([&listeners.replication.bind]).chain(metrics) {
        drop(listener::open(bind).await?);
    }
    Ok(())
}

/// The identity on the disk; a new directory gets an id of its own first.
fn identify(data_dir: &DataDir<RealDir>, config: &Config) -> Result<MetaProperties> {
    let path = config.data_dir.display();
    let found = data_dir.meta_properties().with_context(|| {
        format!(
            "failed to read whose directory it is from {path}/meta.properties; put the file back as it \
             was, or, if other brokers hold all of the data, empty the directory"
        )
    })?;
    match found {
        Some(meta) if meta.node_id == config.broker_id => Ok(meta),
        Some(meta) => bail!(
            "the data directory {} belongs to node {}, and this is node {}; give each node a \
             directory of its own",
            path,
            meta.node_id,
            config.broker_id
        ),
        None => {
            if let Some(name) = data_dir.remains()? {
                bail!(
                    "the data directory {path} has data ({name}) and no meta.properties, which says \
                     whose it is; put the file back as it was, or, if other brokers hold all of the \
                     data, empty the directory"
                );
            }
            let meta = MetaProperties {
                cluster_id: None,
                node_id: config.broker_id,
                directory_id: DirectoryId::from_bytes(*uuid::Uuid::new_v4().as_bytes()),
                durability: Durability::Fsync,
            };
            data_dir
                .write_meta_properties(&meta)
                .context("failed to name the directory")?;
            Ok(meta)
        }
    }
}

fn start(
    world: ServerWorld,
    config: &Config,
    data_dir: &DataDir<RealDir>,
    cluster_id: String,
    meta: &MetaProperties,
) -> Result<Arc<Node<ServerWorld>>> {
    let previous = Previous::take(data_dir, meta.durability)
        .context("failed to go on with the data directory")?;
    let parse = |text: &str| HostPort::parse(text).map(|it| (it.host, it.port));
    let mut listeners = Vec::new();
    for it in &config.listeners.clients {
        let (host, port) = parse(&it.advertised)?;
        listeners.push(Advertised {
            name: it.name.clone(),
            host,
            port,
        });
    }
    let (host, port) = parse(&config.listeners.replication.advertised)?;
    listeners.push(Advertised {
        name: REPLICATION.to_owned(),
        host: host.clone(),
        port,
    });
    let (_, port) = parse(&config.listeners.control.bind)?;
    listeners.push(Advertised {
        name: CONTROL.to_owned(),
        host,
        port,
    });
    let bootstrap = config.bootstrap_servers.iter();
    let config = broker_node::Config {
        cluster_id: cluster_id.into(),
        broker_id: config.broker_id,
        directory_id: meta.directory_id,
        durability: meta.durability,
        rack: config.rack.as_deref().map(Into::into),
        listeners,
        bootstrap: bootstrap
            .map(|it| Peer {
                host: it.host.clone(),
                port: it.port,
            })
            .collect(),
        log_dir: config.data_dir.clone(),
        previous,
        n_shards: N_SHARDS,
        open_segments_max: descriptors::open_segments_max(),
        snapshot_every: SNAPSHOT_EVERY,
    };
    Node::start(world, config, data_dir.dir().clone()).context("failed to start the broker")
}

/// Answers from the start on: who waits for its identity, or looks through its logs, lives.
async fn serve_health(config: &Config, started: &Started, node_runtime: &Handle) -> Result<()> {
    let Some(health) = &config.listeners.health else {
        return Ok(());
    };
    let (live, ready) = (Arc::clone(started), Arc::clone(started));
    let is_live: http::Check = Arc::new(move || live.get().is_none_or(|it| it.is_live()));
    let is_ready: http::Check = Arc::new(move || ready.get().is_some_and(|it| it.is_ready()));
    let listener = listener::open(&health.bind).await?;
    node_runtime.spawn(http::serve_health(listener, is_live, is_ready));
    Ok(())
}

async fn serve(
    config: &Config,
    node: &Arc<Node<ServerWorld>>,
    tls: Option<Arc<Tls>>,
    started: Started,
    node_runtime: &Handle,
) -> Result<()> {
    let metrics = Metrics::new();
    // Brokers have a budget of their own: clients that wait for followers must not keep them out.
    let limits = |bytes_max| Limits {
        request_bytes_max: REQUEST_BYTES_MAX,
        idle_max: IDLE_MAX,
        budget: Budget::new(bytes_max),
        budget_of_small_batches: Budget::new(SMALL_BYTES_MAX),
        budget_of_small: Budget::new(SMALL_BYTES_MAX),
        budget_of_fetches: Budget::new(FETCHES_BYTES_MAX),
        budget_of_waiting: Budget::new(WAITING_BYTES_MAX),
    };
    let limits_of_clients = limits(CLIENTS_BYTES_MAX);
    let replication = listener::open(&config.listeners.replication.bind).await?;
    let door = Door {
        node: Arc::clone(node),
        kind: Listener::Replication,
        limits: limits(BROKERS_BYTES_MAX),
        metrics: metrics.of(&Listener::Replication),
        tls: tls.clone(),
    };
    node_runtime.spawn(door.accept(replication));
    for it in &config.listeners.clients {
        let clients = listener::open(&it.bind).await?;
        let kind = Listener::Clients {
            name: it.name.clone(),
        };
        let door = Door {
            node: Arc::clone(node),
            metrics: metrics.of(&kind),
            kind,
            limits: limits_of_clients.clone(),
            tls: None,
        };
        tokio::spawn(async move {
            // Before that clients would be told that topics do not exist.
            until(&door.node, Node::knows_cluster).await;
            door.accept(clients).await;
        });
    }
    if let Some(it) = &config.listeners.metrics {
        let listener = listener::open(&it.bind).await?;
        let registry = metrics.registry(started);
        tokio::spawn(http::serve_metrics(listener, tls, registry));
    }
    Ok(())
}

/// Says, to a parent and to people, that the broker waits for its identity.
fn say_unformatted(meta: &MetaProperties, config: &Config) {
    say(&format!("unformatted {}", meta.directory_id));
    tracing::info!(
        "the data directory is new: waiting until the operator, or `tidemill-broker dev`, tells the \
         control service on {} which cluster it belongs to (Bootstrap); a broker joins none by itself",
        config.listeners.control.bind
    );
}

/// Says on standard output when the broker is ready, once.
async fn announce(node: Arc<Node<ServerWorld>>) {
    until(&node, Node::is_ready).await;
    say("ready");
}

/// Waits until something holds of the node.
async fn until(node: &Node<ServerWorld>, holds: impl Fn(&Node<ServerWorld>) -> bool) {
    while !holds(node) {
        let soon = node.world.now() + Duration::from_millis(10);
        node.world.sleep_until(soon).await;
    }
}

#[allow(
    clippy::print_stdout,
    reason = "the line is what a parent process waits for"
)]
fn say(line: &str) {
    println!("{line}");
}

/// Why the process is to end.
enum StopReason {
    /// This broker alone is stopped, as far as it knows.
    Signal,
    /// The parent is gone or ends, and with it every broker of the cluster.
    ParentEnded,
}

/// What ends the process in good order.
struct Stop {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
    ends_with_parent: bool,
}

impl Stop {
    fn new(ends_with_parent: bool) -> Result<Stop> {
        Ok(Stop {
            terminate: signal(SignalKind::terminate()).context("failed to await SIGTERM")?,
            interrupt: signal(SignalKind::interrupt()).context("failed to await SIGINT")?,
            ends_with_parent,
        })
    }

    async fn wait(&mut self) -> StopReason {
        let ends_with_parent = self.ends_with_parent;
        let parent_ends = async move {
            if !ends_with_parent {
                std::future::pending::<()>().await;
            }
            let mut byte = [0];
            // Nothing is ever written there: a read ends when the parent does.
            while matches!(tokio::io::stdin().read(&mut byte).await, Ok(n_read) if n_read > 0) {}
        };
        tokio::select! {
            _ = self.terminate.recv() => StopReason::Signal,
            _ = self.interrupt.recv() => StopReason::Signal,
            () = parent_ends => StopReason::ParentEnded,
        }
    }
}
