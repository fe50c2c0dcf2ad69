//! Programs that faults are made with, run to their end, and waiting.
//!
//! In: commands and conditions. Out: what the commands said, or an error that shows it. Never here: what is
//! run.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

/// Pause between two looks at something of which the kernel tells nothing.
const LOOK_EVERY: Duration = Duration::from_millis(25);

#[allow(
    clippy::disallowed_methods,
    reason = "a fault lasts for a while, and other processes tell of nothing"
)]
pub(crate) fn idle(duration: Duration) {
    std::thread::sleep(duration);
}

/// Runs a program to its end; what it wrote to standard output.
pub(crate) fn run(program: &str, arguments: &[&str]) -> Result<String> {
    let shown = format!("{program} {}", arguments.join(" "));
    let mut command = Command::new(program);
    let output = command.args(arguments).stdin(Stdio::null()).output();
    let output = output.with_context(|| format!("failed to run {shown}"))?;
    ensure!(
        output.status.success(),
        "{shown} ended with {}: {}",
        output.status,
        String::from_utf8_lossy(&output.stderr).trim()
    );
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The same for one line of words without blanks in them.
pub(crate) fn run_line(line: &str) -> Result<String> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let (program, arguments) = words.split_first().context("an empty command")?;
    run(program, arguments)
}

/// Waits until `look` finds something, at most so long.
pub(crate) fn until<T>(
    what: &str,
    within: Duration,
    mut look: impl FnMut() -> Option<T>,
) -> Result<T> {
    let deadline = Instant::now() + within;
    loop {
        if let Some(found) = look() {
            return Ok(found);
        }
        if Instant::now() > deadline {
            bail!("{what}: not within {within:?}");
        }
        idle(LOOK_EVERY);
    }
}
