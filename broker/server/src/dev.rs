//! `tidemill-broker dev`: a cluster of broker processes on loopback, for those without Kubernetes.
//!
//! In: how many brokers, the first client port, a data directory. Out: child processes, their
//! configuration and pid files, `ready <bootstrap servers>` on standard output. A child that dies is
//! started again on its own data. Never here: a broker; each child is a whole one.

mod child;
mod layout;

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, bail};
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
    #[arg(long, default_value_t = 9092)]
    port: u16,
    /// Where the brokers keep their data; started again on it, the cluster goes on
    #[arg(long)]
    data_dir: PathBuf,
}

/// Runs the cluster until a signal ends it.
pub(crate) async fn run(arguments: Arguments) -> Result<()> {
    let Arguments {
        brokers,
        port,
        data_dir,
    } = arguments;
    if !(1..=BROKERS_MAX).contains(&brokers) {
        bail!("--brokers is {brokers}; between 1 and {BROKERS_MAX} can run here");
    }
    if port.checked_add(brokers - 1).is_none() {
        bail!("--port is {port}; there are not {brokers} ports from there on");
    }
    let layout = Layout::open(&data_dir, brokers, port)
        .with_context(|| format!("failed to lay out {}", data_dir.display()))?;
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
    let watch = watch(&layout, received);
    tokio::select! {
        result = watch => result?,
        () = stop.wait() => {}
    }
    for stop in stops {
        // A child that is gone already needs no word.
        let _ = stop.send(());
    }
    let stopping = async { while children.join_next().await.is_some() {} };
    if tokio::time::timeout(STOP_WITHIN, stopping).await.is_err() {
        tracing::warn!("some brokers did not stop within {STOP_WITHIN:?} and were killed");
    }
    Ok(())
}

/// Forms the cluster when it is new, says when it is ready, and goes on for ever.
async fn watch(layout: &Layout, mut events: mpsc::Receiver<Event>) -> Result<()> {
    let n_brokers = layout.brokers().len();
    let mut directories = std::collections::BTreeMap::new();
    let mut ready = std::collections::BTreeSet::new();
    let mut is_told = false;
    while let Some(event) = events.recv().await {
        match event {
            Event::Unformatted {
                broker,
                directory_id,
            } => {
                directories.insert(broker, directory_id);
                if directories.len() == n_brokers {
                    layout.bootstrap(&directories).await?;
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
