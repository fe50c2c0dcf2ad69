//! System calls that fail.
//!
//! In: a process, its data directory. Out: one failure. Never here: what the process makes of it.
//!
//! `strace` stops the process at each call of a kind and has the first fail; it lets go as soon as that was
//! seen. Each thread has a first call: a second one may fail before it has let go.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result};

use crate::case::Failure;
use crate::process::{run, until};

const SYNCS: &str = "fsync,fdatasync,syncfs";
const WRITES: &str = "pwrite64,pwritev,pwritev2";
const WITHIN: Duration = Duration::from_secs(20);
/// How much of the write that is cut short still fits.
const FITS_BYTES: u64 = 150;

pub(crate) fn fail(failure: Failure, pid: u32, data_dir: &Path, folder: &Path) -> Result<()> {
    match failure {
        Failure::Sync => trace(SYNCS, pid, folder),
        Failure::Write => trace(WRITES, pid, folder),
        Failure::ShortWrite => limit_files(pid, data_dir),
    }
}

fn trace(calls: &str, pid: u32, folder: &Path) -> Result<()> {
    let said = folder.join("strace.log");
    let mut strace = Command::new("setpriv")
        .args(["--pdeathsig", "TERM", "strace", "-f", "-q", "-o"])
        .arg(&said)
        .args(["-e", &format!("trace={calls}")])
        .args(["-e", &format!("inject={calls}:error=EIO:when=1")])
        .args(["-p", &pid.to_string()])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .context("failed to start strace")?;
    let injected = until("a call fails", WITHIN, || {
        let said = std::fs::read_to_string(&said).unwrap_or_default();
        said.contains("(INJECTED)").then_some(())
    });
    // It lets go of what it traces when it is asked to end.
    run("kill", &["-TERM", &strace.id().to_string()])?;
    strace.wait()?;
    injected
}

/// Lets the largest segment grow by less than a batch: the write that crosses the limit is done in part,
/// and what is left of it is answered with a signal that ends the process.
fn limit_files(pid: u32, data_dir: &Path) -> Result<()> {
    let mut largest = 0;
    for folder in std::fs::read_dir(data_dir)?.flatten() {
        for file in std::fs::read_dir(folder.path())
            .into_iter()
            .flatten()
            .flatten()
        {
            if file.path().extension().is_some_and(|it| it == "log") {
                largest = largest.max(file.metadata()?.len());
            }
        }
    }
    let limit = largest + FITS_BYTES;
    run(
        "prlimit",
        &[
            "--pid",
            &pid.to_string(),
            &format!("--fsize={limit}:{limit}"),
        ],
    )?;
    Ok(())
}
