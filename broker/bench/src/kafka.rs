//! Apache Kafka brokers on this machine, with their defaults, as combined KRaft nodes.
//!
//! In: a class path, how many. Out: brokers that end when dropped, each of which can be killed and started
//! again. Never here: load.

use std::fmt::Write as _;
use std::process::Stdio;

use anyhow::{Context, Result};
use tempfile::TempDir;

use crate::cluster::{Durability, Nodes};
use crate::java::Java;
use crate::process;

const CLUSTER_ID: &str = "4L6g3nShT-eMCtK--X86sw";

/// Writes the configuration of the nodes and formats their storage.
pub(crate) fn form(java: &Java, n_nodes: u16, durability: Durability) -> Result<Nodes> {
    let folder = TempDir::with_prefix("bench-kafka-").context("failed to make a folder")?;
    let first = process::free_ports(2 * n_nodes)?;
    let voters: Vec<String> = (0..n_nodes)
        .map(|it| format!("{}@127.0.0.1:{}", it + 1, first + n_nodes + it))
        .collect();
    let mut commands = Vec::new();
    for index in 0..n_nodes {
        let (port, controller) = (first + index, first + n_nodes + index);
        let logs = folder.path().join(format!("data-{index}"));
        let replicas = n_nodes.min(3);
        let mut text = String::new();
        writeln!(text, "process.roles=broker,controller")?;
        writeln!(text, "node.id={}", index + 1)?;
        writeln!(text, "controller.quorum.voters={}", voters.join(","))?;
        writeln!(text, "controller.listener.names=CONTROLLER")?;
        let listeners = format!("PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}");
        writeln!(text, "listeners={listeners}")?;
        writeln!(text, "log.dirs={}", logs.display())?;
        writeln!(text, "offsets.topic.replication.factor={replicas}")?;
        writeln!(text, "group.initial.rebalance.delay.ms=0")?;
        // What was measured is to make room for what comes next.
        writeln!(text, "log.segment.delete.delay.ms=1000")?;
        if durability == Durability::FsyncOnBoth {
            writeln!(text, "log.flush.interval.messages=1")?;
        }
        let properties = folder.path().join(format!("server-{index}.properties"));
        std::fs::write(&properties, text).context("failed to write the configuration")?;
        let path = properties.to_string_lossy().into_owned();
        java.run(
            "kafka.tools.StorageTool",
            &["format", "-t", CLUSTER_ID, "-c", &path],
        )?;
        let mut command = java.server("kafka.Kafka");
        command
            .arg(&properties)
            .current_dir(folder.path())
            .stdout(Stdio::null());
        commands.push(command);
    }
    Ok(Nodes::new(commands, first, folder))
}
