//! One broker's process: started, signalled, and waited for.
//!
//! In: its configuration file, how it is to be run. Out: a process that does not outlive this program, and
//! what it says on standard output. Never here: the other brokers.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process};

use crate::process::until;

/// How long a broker may take to end after a signal that asks for it.
const END_WITHIN: Duration = Duration::from_secs(60);

/// Where a broker is.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) id: u32,
    pub(crate) host: String,
    pub(crate) client_port: u16,
    pub(crate) replication_port: u16,
    pub(crate) control_port: u16,
    pub(crate) data_dir: PathBuf,
    /// Files that are not on its disk: its configuration, what it says.
    pub(crate) folder: PathBuf,
    /// The network namespace in which it runs.
    pub(crate) namespace: Option<String>,
}

impl Place {
    pub(crate) fn config(&self) -> PathBuf {
        self.folder.join(format!("broker-{}.json", self.id))
    }

    pub(crate) fn log(&self) -> PathBuf {
        self.folder.join(format!("broker-{}.log", self.id))
    }

    /// Writes the configuration file. JSON is YAML.
    pub(crate) fn write_config(&self, bootstrap: &[String]) -> Result<()> {
        let at = |port: u16| format!("{}:{port}", self.host);
        let clients = at(self.client_port);
        let replication = at(self.replication_port);
        let config = serde_json::json!({
            "nodeId": self.id,
            "dataDir": self.data_dir,
            "rack": format!("rack-{}", self.id),
            "controller": true,
            "listeners": {
                "clients": [{"name": "clients", "bind": clients, "advertised": clients}],
                "replication": {"bind": replication, "advertised": replication},
                "control": {"bind": at(self.control_port)},
            },
            "bootstrapServers": bootstrap,
        });
        let path = self.config();
        std::fs::write(&path, serde_json::to_vec_pretty(&config)?)
            .with_context(|| format!("failed to write {}", path.display()))
    }
}

/// What a broker says when it has started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Said {
    /// It waits to be told which cluster it belongs to; its directory's id.
    Unformatted(String),
    /// It is registered and caught up.
    Ready,
}

struct Running {
    child: Child,
    lines: Receiver<String>,
}

/// A broker, up or down.
pub(crate) struct Node {
    pub(crate) place: Place,
    program: PathBuf,
    /// Added to its environment.
    environment: Vec<(String, String)>,
    running: Option<Running>,
}

impl Node {
    pub(crate) fn new(program: &Path, place: Place, environment: Vec<(String, String)>) -> Node {
        Node {
            place,
            program: program.to_owned(),
            environment,
            running: None,
        }
    }

    pub(crate) fn address(&self) -> Result<SocketAddr> {
        let Place {
            host, client_port, ..
        } = &self.place;
        Ok(format!("{host}:{client_port}").parse()?)
    }

    /// What it logged so far.
    pub(crate) fn log(&self) -> String {
        let bytes = std::fs::read(self.place.log()).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    pub(crate) fn pid(&self) -> Option<u32> {
        self.running.as_ref().map(|it| it.child.id())
    }

    /// Starts the process. The kernel kills it when the thread ends that has started it, also when it
    /// is stopped and would hear of nothing else.
    pub(crate) fn start(&mut self) -> Result<()> {
        anyhow::ensure!(self.running.is_none(), "broker {} runs", self.place.id);
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "KILL"]);
        if let Some(namespace) = &self.place.namespace {
            command.args(["ip", "netns", "exec", namespace]);
        }
        command
            .arg(&self.program)
            .args(["run", "--config"])
            .arg(self.place.config());
        let mut options = File::options();
        let log = options.create(true).append(true).open(self.place.log())?;
        command
            .env("NO_COLOR", "1")
            .env("RUST_LOG", "info")
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log);
        let mut child = command
            .spawn()
            .with_context(|| format!("failed to start {command:?}"))?;
        let stdout = child.stdout.take().context("it is piped")?;
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        self.running = Some(Running { child, lines });
        Ok(())
    }

    /// The next thing that it says.
    pub(crate) fn await_said(&mut self, within: Duration) -> Result<Said> {
        let id = self.place.id;
        let running = self
            .running
            .as_mut()
            .with_context(|| format!("broker {id} is down"))?;
        let deadline = Instant::now() + within;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match running.lines.recv_timeout(left) {
                Ok(line) if line == "ready" => return Ok(Said::Ready),
                Ok(line) => {
                    if let Some(directory_id) = line.strip_prefix("unformatted ") {
                        return Ok(Said::Unformatted(directory_id.to_owned()));
                    }
                }
                Err(RecvTimeoutError::Timeout) => {
                    bail!("broker {id} was not ready within {within:?}")
                }
                Err(RecvTimeoutError::Disconnected) => {
                    bail!("broker {id} ended before it was ready")
                }
            }
        }
    }

    pub(crate) fn signal(&self, signal: Signal) -> Result<()> {
        let pid = self
            .pid()
            .with_context(|| format!("broker {} is down", self.place.id))?;
        let pid = Pid::from_raw(i32::try_from(pid)?).context("process 0")?;
        kill_process(pid, signal).with_context(|| format!("failed to signal {pid:?}"))
    }

    /// Waits until the process has ended by itself, or by a signal that was sent.
    pub(crate) fn await_end(&mut self) -> Result<ExitStatus> {
        let id = self.place.id;
        let mut running = self
            .running
            .take()
            .with_context(|| format!("broker {id} is down"))?;
        let ended = until(&format!("broker {id} ends"), END_WITHIN, || {
            running.child.try_wait().ok().flatten()
        });
        if ended.is_err() {
            self.running = Some(running);
        }
        ended
    }

    /// Kills it if it runs, stopped or not.
    pub(crate) fn end(&mut self) {
        if let Some(mut running) = self.running.take() {
            // It may have ended by itself.
            let _ = running.child.kill();
            let _ = running.child.wait();
        }
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.end();
    }
}
