//! Processes of a benchmark: started, looked at, and ended with it.
//!
//! In: commands. Out: children that do not outlive their owner; the processor time and the memory that
//! they took. Never here: what runs.

use std::fs::File;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// How long a process may take to accept connections, or to end.
const WITHIN: Duration = Duration::from_secs(120);
/// Pause between two looks. Short: it is part of what is measured.
const LOOK_EVERY: Duration = Duration::from_millis(1);
/// Clock ticks in a second, of which the kernel counts processor time.
const TICKS_PER_SECOND: f64 = 100.0;

/// A process that ends with its owner.
pub(crate) struct Running(Child);

impl Running {
    /// Starts it; what it says goes into the file `log`, behind what is there.
    pub(crate) fn spawn(command: &mut Command, log: &Path) -> Result<Running> {
        let mut options = File::options();
        let said = options.create(true).append(true).open(log);
        let said = said.with_context(|| format!("failed to open {}", log.display()))?;
        let spawned = command.stdin(Stdio::piped()).stderr(said).spawn();
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

/// A figure of a process' status in KiB: `VmRSS`, or its peak `VmHWM`.
fn memory(id: u32, name: &str) -> Result<f64> {
    let path = format!("/proc/{id}/status");
    let text = std::fs::read_to_string(&path).with_context(|| format!("failed to read {path}"))?;
    let mut lines = text.lines().filter_map(|it| it.split_once(':'));
    let value = lines.find(|(key, _)| *key == name);
    let number = value.and_then(|(_, it)| it.trim().split(' ').next()?.parse().ok());
    number.with_context(|| format!("{path} tells no {name}"))
}

/// Resident memory in MiB.
pub(crate) fn resident(id: u32) -> Result<f64> {
    Ok(memory(id, "VmRSS")? / 1024.0)
}

/// Processor time that a process has taken, of all of its threads.
fn cpu(id: u32) -> Result<f64> {
    let path = format!("/proc/{id}/stat");
    let text = std::fs::read_to_string(&path).with_context(|| format!("failed to read {path}"))?;
    // The name may hold anything but ends at the last parenthesis; user and system time are the 12th
    // and 13th word after it.
    let words = text.rsplit_once(')').map_or("", |(_, it)| it);
    let ticks = words.split_whitespace().skip(11).take(2);
    let ticks: Result<Vec<f64>, _> = ticks.map(str::parse::<f64>).collect();
    let ticks = ticks.with_context(|| format!("{path} tells no processor time"))?;
    Ok(ticks.iter().sum::<f64>() / TICKS_PER_SECOND)
}

/// What processes use from a moment on.
pub(crate) struct Usage {
    ids: Vec<u32>,
    cpu_before: f64,
}

/// What they used, in all and at most.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Used {
    /// Seconds of all of them.
    pub(crate) cpu_seconds: f64,
    /// Resident memory of the one that needed most, at its peak, in MiB.
    pub(crate) peak: f64,
}

impl Usage {
    pub(crate) fn begin(ids: Vec<u32>) -> Result<Usage> {
        let mut cpu_before = 0.0;
        for id in &ids {
            // The peak is counted from here on.
            let path = format!("/proc/{id}/clear_refs");
            std::fs::write(&path, "5").with_context(|| format!("failed to write {path}"))?;
            cpu_before += cpu(*id)?;
        }
        Ok(Usage { ids, cpu_before })
    }

    pub(crate) fn end(&self) -> Result<Used> {
        let mut used = Used {
            cpu_seconds: -self.cpu_before,
            peak: 0.0,
        };
        for id in &self.ids {
            used.cpu_seconds += cpu(*id)?;
            used.peak = used.peak.max(memory(*id, "VmHWM")? / 1024.0);
        }
        Ok(used)
    }
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
