//! Processes of a benchmark: started, looked at, and ended with it.
//!
//! In: commands. Out: children that do not outlive their owner; the memory that they hold. Never
//! here: what runs.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// How long a process may take to accept connections, or to end.
const WITHIN: Duration = Duration::from_secs(60);
/// Pause between two looks. Short: it is part of what is measured.
const LOOK_EVERY: Duration = Duration::from_millis(1);

/// A process that ends with its owner.
pub(crate) struct Running(Child);

impl Running {
    pub(crate) fn spawn(command: &mut Command) -> Result<Running> {
        let spawned = command.stdin(Stdio::piped()).spawn();
        spawned
            .map(Running)
            .with_context(|| format!("failed to start {command:?}"))
    }

    pub(crate) fn child(&mut self) -> &mut Child {
        &mut self.0
    }

    pub(crate) fn id(&self) -> u32 {
        self.0.id()
    }

    /// Ends it in good order.
    pub(crate) fn terminate(mut self) -> Result<()> {
        Command::new("kill")
            .args(["-TERM", &self.id().to_string()])
            .status()
            .context("failed to run kill")?;
        let deadline = Instant::now() + WITHIN;
        while self.0.try_wait().context("failed to wait")?.is_none() {
            if Instant::now() > deadline {
                bail!("a process did not end within {WITHIN:?}");
            }
            idle(Duration::from_millis(20));
        }
        Ok(())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[allow(
    clippy::disallowed_methods,
    reason = "time that passes is what is measured, and the kernel tells of no port that opens"
)]
pub(crate) fn idle(duration: Duration) {
    std::thread::sleep(duration);
}

/// Waits until a broker answers a client's first request on a port of this machine.
pub(crate) fn answers(port: u16) -> Result<()> {
    let deadline = Instant::now() + WITHIN;
    while !ask_versions(port).unwrap_or(false) {
        if Instant::now() > deadline {
            bail!("nobody answers on port {port} after {WITHIN:?}");
        }
        idle(LOOK_EVERY);
    }
    Ok(())
}

/// Whether ApiVersions, version 0, is answered: what every client asks first.
fn ask_versions(port: u16) -> std::io::Result<bool> {
    // Length, key 18, version 0, correlation id 1, no client id.
    let request = [0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, 1, 0xff, 0xff];
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(WITHIN))?;
    stream.write_all(&request)?;
    let mut head = [0; 8];
    stream.read_exact(&mut head)?;
    Ok(head.ends_with(&[0, 0, 0, 1]))
}

/// Resident memory in KiB.
pub(crate) fn resident(id: u32) -> Result<u64> {
    let path = format!("/proc/{id}/status");
    let text = std::fs::read_to_string(&path).with_context(|| format!("failed to read {path}"))?;
    let line = text.lines().find_map(|it| it.strip_prefix("VmRSS:"));
    let number = line.and_then(|it| it.trim().split(' ').next()?.parse().ok());
    number.with_context(|| format!("{path} tells no VmRSS"))
}

/// A row of ports that are free, below those of outgoing connections; its first.
pub(crate) fn free_ports(n_ports: u16) -> Result<u16> {
    let is_free = |port: u16| TcpListener::bind(("127.0.0.1", port)).is_ok();
    let start = 21_000 + u16::try_from(std::process::id() % 500)? * 20;
    (0..100)
        .map(|it| start + it * n_ports % 1000)
        .find(|first| (*first..first + n_ports).all(is_free))
        .with_context(|| format!("no row of {n_ports} free ports"))
}

#[allow(clippy::cast_precision_loss, reason = "figures for people")]
pub(crate) fn as_f64(it: u64) -> f64 {
    it as f64
}
