//! Tidemill brokers on this machine.
//!
//! In: the program, how many, their durability. Out: brokers that end when dropped, each of which can be
//! killed and started again. Never here: load.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result};
use tempfile::TempDir;

use crate::cluster::{Durability, Nodes};
use crate::process::{self, Running};

/// Forms a cluster by `dev`, then runs its brokers one by one.
pub(crate) fn form(program: &Path, n_brokers: u16, durability: Durability) -> Result<Nodes> {
    let folder = TempDir::with_prefix("bench-tidemill-").context("failed to make a folder")?;
    let port = process::free_ports(n_brokers)?;
    let mut command = Command::new(program);
    command
        .args(["dev", "--brokers", &n_brokers.to_string()])
        .args(["--port", &port.to_string()])
        .args(["--durability", durability.of_tidemill(), "--data-dir"])
        .arg(folder.path())
        .env("RUST_LOG", "warn")
        .stdout(Stdio::piped());
    let log = folder.path().join("dev.log");
    let mut forming = Running::spawn(&mut command, &log)?;
    let stdout = forming.child().stdout.take().context("it is piped")?;
    let mut lines = BufReader::new(stdout).lines().map_while(Result::ok);
    let ready = lines.any(|it| it.starts_with("ready "));
    anyhow::ensure!(ready, "the cluster ended before it was ready");
    forming.terminate()?;
    let commands = (1..=n_brokers).map(|id| {
        let config = folder.path().join(format!("broker-{id}.yaml"));
        let mut command = Command::new(program);
        command.args(["run", "--config"]).arg(config);
        command.env("RUST_LOG", "warn").stdout(Stdio::null());
        command
    });
    Ok(Nodes::new(commands.collect(), port, folder))
}
