//! Brokers that are measured, whosever they are.
//!
//! In: a command for each broker. Out: processes to start, kill and look at. Never here: load, figures.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use tempfile::TempDir;

use crate::client::admin;
use crate::java::Java;
use crate::process::{self, Running};
use crate::{kafka, tidemill};

/// Whose brokers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Contestant {
    Tidemill,
    Kafka,
}

/// What acknowledged records survive on either side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Durability {
    /// The page cache on both: Kafka's default.
    PageCache,
    /// Tidemill's default against Kafka's: fsync on one side, the page cache on the other.
    Fsync,
    /// Every batch is synced on both.
    FsyncOnBoth,
}

impl Durability {
    pub(crate) fn of_tidemill(self) -> &'static str {
        match self {
            Durability::PageCache => "page-cache",
            Durability::Fsync | Durability::FsyncOnBoth => "fsync",
        }
    }
}

/// How to get at either.
pub(crate) struct Programs {
    pub(crate) broker: PathBuf,
    /// `None` when Tidemill is measured alone.
    pub(crate) java: Option<Java>,
}

impl Programs {
    /// A new cluster that answers.
    pub(crate) fn start(
        &self,
        contestant: Contestant,
        n_brokers: u16,
        durability: Durability,
    ) -> Result<Nodes> {
        let mut nodes = match contestant {
            Contestant::Tidemill => tidemill::form(&self.broker, n_brokers, durability)?,
            Contestant::Kafka => {
                let java = self.java.as_ref().context("Kafka is left out")?;
                kafka::form(java, n_brokers, durability)?
            }
        };
        nodes.start()?;
        Ok(nodes)
    }
}

struct Node {
    command: Command,
    port: u16,
    running: Option<Running>,
}

/// The brokers of a cluster; their node ids are 1 and up.
pub(crate) struct Nodes {
    nodes: Vec<Node>,
    bootstrap: String,
    folder: TempDir,
}

impl Nodes {
    /// Brokers that listen for clients on `port` and those after it.
    pub(crate) fn new(commands: Vec<Command>, port: u16, folder: TempDir) -> Nodes {
        let nodes: Vec<Node> = commands
            .into_iter()
            .zip(port..)
            .map(|(command, port)| Node {
                command,
                port,
                running: None,
            })
            .collect();
        let servers: Vec<String> = nodes
            .iter()
            .map(|it| format!("127.0.0.1:{}", it.port))
            .collect();
        Nodes {
            nodes,
            bootstrap: servers.join(","),
            folder,
        }
    }

    pub(crate) fn bootstrap(&self) -> &str {
        &self.bootstrap
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Process ids of those that run.
    pub(crate) fn ids(&self) -> Vec<u32> {
        let running = self.nodes.iter().filter_map(|it| it.running.as_ref());
        running.map(Running::id).collect()
    }

    /// Starts those that do not run and waits until all know each other.
    pub(crate) fn start(&mut self) -> Result<()> {
        for id in 1..=self.nodes.len() {
            self.start_one(id)?;
        }
        for node in &self.nodes {
            process::answers(node.port)?;
        }
        admin::await_brokers(&self.bootstrap, self.nodes.len())
    }

    fn start_one(&mut self, id: usize) -> Result<()> {
        let log = self.folder.path().join(format!("node-{id}.log"));
        let node = self
            .nodes
            .get_mut(id - 1)
            .context("there is no such node")?;
        if node.running.is_none() {
            node.running = Some(Running::spawn(&mut node.command, &log)?);
        }
        Ok(())
    }

    /// Starts a node; how long until it answered a client.
    pub(crate) fn restart(&mut self, id: usize) -> Result<Duration> {
        let started = Instant::now();
        self.start_one(id)?;
        let node = self.nodes.get(id - 1).context("there is no such node")?;
        process::answers(node.port)?;
        Ok(started.elapsed())
    }

    /// `kill -9`; it stays away.
    pub(crate) fn kill(&mut self, id: usize) -> Result<()> {
        let node = self
            .nodes
            .get_mut(id - 1)
            .context("there is no such node")?;
        // Dropping kills, and waits until it is gone.
        drop(node.running.take().context("the node does not run")?);
        Ok(())
    }

    /// Ends a node in good order.
    pub(crate) fn stop(&mut self, id: usize) -> Result<()> {
        let node = self
            .nodes
            .get_mut(id - 1)
            .context("there is no such node")?;
        node.running.take().map_or(Ok(()), Running::terminate)
    }
}
