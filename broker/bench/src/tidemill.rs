//! Tidemill brokers on this machine.
//!
//! In: the program. Out: a cluster that ends when dropped; the time that one start took. Never here:
//! load.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use tempfile::TempDir;

use crate::process::{self, Running};

pub(crate) struct Tidemill {
    program: PathBuf,
    data_dir: TempDir,
    bootstrap: String,
    port: u16,
    running: Option<Running>,
}

impl Tidemill {
    /// Starts a new cluster and waits until it is ready.
    pub(crate) fn start(program: &Path, n_brokers: u16) -> Result<Tidemill> {
        let data_dir = tempfile::tempdir().context("failed to make a folder")?;
        let port = process::free_ports(n_brokers)?;
        let mut command = Command::new(program);
        command
            .args(["dev", "--brokers", &n_brokers.to_string()])
            .args(["--port", &port.to_string(), "--data-dir"])
            .arg(data_dir.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut running = Running::spawn(&mut command)?;
        let stdout = running.child().stdout.take().context("it is piped")?;
        let mut lines = BufReader::new(stdout).lines().map_while(Result::ok);
        let ready = lines.find_map(|it| it.strip_prefix("ready ").map(str::to_owned));
        let bootstrap = ready.context("the cluster ended before it was ready")?;
        Ok(Tidemill {
            program: program.to_owned(),
            data_dir,
            bootstrap,
            port,
            running: Some(running),
        })
    }

    pub(crate) fn bootstrap(&self) -> &str {
        &self.bootstrap
    }

    pub(crate) fn stop(&mut self) -> Result<()> {
        self.running.take().map_or(Ok(()), Running::terminate)
    }

    /// Starts the first broker alone on its data; how long until it answered a client.
    pub(crate) fn start_one(&mut self) -> Result<Duration> {
        let mut command = Command::new(&self.program);
        command
            .args(["run", "--config"])
            .arg(self.data_dir.path().join("broker-1.yaml"))
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let started = Instant::now();
        let running = Running::spawn(&mut command)?;
        process::answers(self.port)?;
        let taken = started.elapsed();
        self.running = Some(running);
        Ok(taken)
    }

    /// Resident memory of the first broker in KiB.
    pub(crate) fn resident(&self) -> Result<u64> {
        let path = self.data_dir.path().join("broker-1.pid");
        let id = match (&self.running, std::fs::read_to_string(path)) {
            // Started by `dev`, which names its children.
            (Some(_), Ok(text)) => text.trim().parse().context("a process id")?,
            (Some(running), Err(_)) => running.id(),
            (None, _) => bail!("no broker runs"),
        };
        process::resident(id)
    }
}
