//! `tidemill-broker dev`: a cluster of broker processes on loopback, for those without Kubernetes.
//!
//! In: how many brokers, the first client port, a data directory. Out: child processes, their
//! configuration and pid files, `ready <bootstrap servers>` on standard output. A child that dies is
//! started again on its own data. Never here: a broker; each child is a whole one.

mod child;
mod layout;

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use broker_log::dir::Dir;
use broker_log::dir::real::{RealDir, RealLock};
use broker_types::Durability;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use child::{Event, Supervised};
use layout::Layout;

/// Brokers that one machine is asked to run; a typing mistake is likelier than a wish for more.
const BROKERS_MAX: u16 = 16;
/// How long the children may take to stop by themselves.
const STOP_WITHIN: Duration = Duration::from_secs(30);

/// What `dev` was asked for.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Arguments {
    /// How many brokers to run; their node ids are 1 and up
    #[arg(long, default_value_t = 1)]
    brokers: u16,
    /// Client port of the first broker; the others take the ports after it
    #[arg(long, default_value_t = 9092, value_parser = clap::value_parser!(u16).range(1..))]
    port: u16,
    /// Where the brokers keep their data; started again on it, the cluster goes on
    #[arg(long, default_value = "tidemill-dev")]
    data_dir: PathBuf,
    /// What acknowledged records survive: fsync (any loss of power), or page-cache (Kafka's own promise)
    #[arg(long, default_value_t = Durability::Fsync)]
    durability: Durability,
}

/// Runs the cluster until a signal ends it.
pub(crate) async fn run(arguments: Arguments) -> Result<()> {
    let Arguments {
        brokers,
        port,
        data_dir,
        durability,
    } = arguments;
    if !(1..=BROKERS_MAX).contains(&brokers) {
        bail!("--brokers is {brokers}; between 1 and {BROKERS_MAX} can run here");
    }
    if port.checked_add(brokers - 1).is_none() {
        bail!("--port is {port}; there are not {brokers} ports from there on");
    }
    // Before anything is written there: another `dev` may run on it.
    let _lock = lock(&data_dir)?;
    layout::check_client_ports(brokers, port)?;
    let mut layout = Layout::open(&data_dir, brokers, port, durability)
        .with_context(|| format!("failed to lay out {}", data_dir.display()))?;
    layout.check_ports(&data_dir)?;
    tracing::info!("the data is in {}", data_dir.canonicalize()?.display());
    let mut stop = Signals::new()?;
    let (events, received) = mpsc::channel(64);
    let mut children = JoinSet::new();
    let mut stops = Vec::new();
    for broker in layout.brokers() {
        let (stop, stopped) = tokio::sync::oneshot::channel();
        stops.push(stop);
        let supervised = Supervised::new(broker.clone(), events.clone());
        children.spawn(supervised.run(stopped));
    }
    let watch = watch(&mut layout, received);
    tokio::select! {
        result = watch => result?,
        () = stop.wait() => {}
    }
    for stop in stops {
        // A child that is gone already needs no word.
        let _ = stop.send(());
    }
    tracing::info!("stopping the brokers; Ctrl-C again ends them at once");
    let stopping = async { while children.join_next().await.is_some() {} };
    let is_stopped = tokio::select! {
        () = stopping => true,
        () = tokio::time::sleep(STOP_WITHIN) => false,
        () = stop.wait() => false,
    };
    if !is_stopped {
        // A child is killed when its task is dropped.
        children.shutdown().await;
        tracing::warn!(
            "some brokers had not stopped and were killed; they recover at the next start"
        );
    }
    Ok(())
}

/// Keeps every other `dev` off the directory, as long as the value lives.
fn lock(data_dir: &Path) -> Result<RealLock> {
    let dir = RealDir::open(data_dir)
        .with_context(|| format!("failed to make --data-dir {}", data_dir.display()))?;
    dir.lock().map_err(|error| {
        let path = data_dir.display();
        if error.kind() == std::io::ErrorKind::WouldBlock {
            anyhow!("another dev runs on --data-dir {path}: stop it, or give another directory")
        } else {
            anyhow!("failed to lock --data-dir {path}: {error}")
        }
    })
}

/// Forms the cluster when it is new, says when it is ready, and goes on for ever.
async fn watch(layout: &mut Layout, mut events: mpsc::Receiver<Event>) -> Result<()> {
    let n_brokers = layout.brokers().len();
    let mut unformatted = std::collections::BTreeMap::new();
    let mut ready = std::collections::BTreeSet::new();
    let mut is_told = false;
    while let Some(event) = events.recv().await {
        match event {
            Event::Unformatted {
                broker,
                directory_id,
            } => {
                unformatted.insert(broker, directory_id);
                // A broker that lost its disk later is told of the voters of then, and is none of them.
                if layout.has_formed() || unformatted.len() == n_brokers {
                    layout.bootstrap(&unformatted).await?;
                    unformatted.clear();
                }
            }
            Event::Ready { broker } => {
                ready.insert(broker);
                if ready.len() == n_brokers && !is_told {
                    is_told = true;
                    say_ready(&layout.bootstrap_servers())?;
                }
            }
        }
    }
    Ok(())
}

fn say_ready(bootstrap_servers: &str) -> Result<()> {
    use std::io::Write;
    let mut out = std::io::stdout().lock();
    writeln!(out, "ready {bootstrap_servers}")
        .and_then(|()| out.flush())
        .context("failed to write")
}

/// The signals that end the cluster.
struct Signals {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
}

impl Signals {
    fn new() -> Result<Signals> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Signals {
            terminate: signal(SignalKind::terminate()).context("failed to await SIGTERM")?,
            interrupt: signal(SignalKind::interrupt()).context("failed to await SIGINT")?,
        })
    }

    async fn wait(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
