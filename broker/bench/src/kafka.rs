//! Apache Kafka brokers on this machine, with their defaults, as combined KRaft nodes.
//!
//! In: a class path. Out: a cluster that ends when dropped. Never here: load.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use tempfile::TempDir;

use crate::java::Java;
use crate::process::{self, Running};

const CLUSTER_ID: &str = "4L6g3nShT-eMCtK--X86sw";

struct Node {
    properties: PathBuf,
    port: u16,
}

pub(crate) struct Kafka {
    folder: TempDir,
    nodes: Vec<Node>,
    bootstrap: String,
    running: Vec<Running>,
}

impl Kafka {
    /// Writes the configuration of the nodes and formats their storage.
    pub(crate) fn prepare(java: &Java, n_nodes: u16) -> Result<Kafka> {
        let folder = tempfile::tempdir().context("failed to make a folder")?;
        let first = process::free_ports(2 * n_nodes)?;
        let voters: Vec<String> = (0..n_nodes)
            .map(|it| format!("{}@127.0.0.1:{}", it + 1, first + n_nodes + it))
            .collect();
        let mut nodes = Vec::new();
        for index in 0..n_nodes {
            let (port, controller) = (first + index, first + n_nodes + index);
            let logs = folder.path().join(format!("data-{index}"));
            let replicas = n_nodes.min(3);
            let mut text = String::new();
            writeln!(text, "process.roles=broker,controller")?;
            writeln!(text, "node.id={}", index + 1)?;
            writeln!(text, "controller.quorum.voters={}", voters.join(","))?;
            writeln!(text, "controller.listener.names=CONTROLLER")?;
            let listeners =
                format!("PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}");
            writeln!(text, "listeners={listeners}")?;
            writeln!(text, "log.dirs={}", logs.display())?;
            writeln!(text, "offsets.topic.replication.factor={replicas}")?;
            writeln!(text, "group.initial.rebalance.delay.ms=0")?;
            let properties = folder.path().join(format!("server-{index}.properties"));
            std::fs::write(&properties, text).context("failed to write the configuration")?;
            let path = properties.to_string_lossy().into_owned();
            java.run(
                "kafka.tools.StorageTool",
                &["format", "-t", CLUSTER_ID, "-c", &path],
            )?;
            nodes.push(Node { properties, port });
        }
        let servers = nodes.iter().map(|it| format!("127.0.0.1:{}", it.port));
        let bootstrap = servers.collect::<Vec<_>>().join(",");
        Ok(Kafka {
            folder,
            nodes,
            bootstrap,
            running: Vec::new(),
        })
    }

    /// Starts all nodes; how long until the last answered a client.
    pub(crate) fn start(&mut self, java: &Java) -> Result<Duration> {
        let started = Instant::now();
        for node in &self.nodes {
            let mut command = java.server("kafka.Kafka");
            command
                .arg(&node.properties)
                .current_dir(self.folder.path())
                .stdout(Stdio::null())
                .stderr(Stdio::null());
            self.running.push(Running::spawn(&mut command)?);
        }
        for node in &self.nodes {
            process::answers(node.port)?;
        }
        Ok(started.elapsed())
    }

    pub(crate) fn bootstrap(&self) -> &str {
        &self.bootstrap
    }

    /// Resident memory of the first node in KiB.
    pub(crate) fn resident(&self) -> Result<u64> {
        let first = self.running.first().context("no node runs")?;
        process::resident(first.id())
    }
}
