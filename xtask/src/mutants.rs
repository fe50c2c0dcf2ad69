//! `cargo xtask mutants`: the deliberate mistakes, and by what each is found.
//!
//! In: the tests that look for them, whose lines begin with `|`. Out: one table, and a failure when a
//! mistake was not found. Never here: the mistakes, or the tests.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

/// The tests that look for mistakes, and what must be asked of them.
const TESTS: &[&str] = &[
    "-p broker-raft --test simulation -- mutants --nocapture",
    "-p broker-replica --test model -- --nocapture",
    "-p broker-log --test mutants -- --nocapture",
    "-p broker-metadata --test mutants -- --nocapture",
    "-p broker-sim --test mutants -- --nocapture",
];

/// Runs them all, also when one fails.
pub(crate) fn run(root: &Path) -> Result<()> {
    say("| Mistake | What it does | Found by | As |\n|---|---|---|---|")?;
    let (mut n_found, mut failed) = (0_usize, Vec::new());
    for test in TESTS {
        let mut child = Command::new(env!("CARGO"))
            .args([
                "test",
                "--quiet",
                "--profile",
                "fast",
                "--features",
                "mutants",
            ])
            .args(test.split_whitespace())
            .current_dir(root)
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("failed to run cargo test {test}"))?;
        let stdout = child.stdout.take().context("the child has no stdout")?;
        for line in BufReader::new(stdout).lines() {
            let line = line.with_context(|| format!("failed to read what {test} says"))?;
            // The runner puts a dot on the line for each test that passed before.
            let line = line.trim_start_matches('.');
            if line.starts_with('|') {
                n_found += 1;
                say(line)?;
            }
        }
        let status = child
            .wait()
            .with_context(|| format!("failed to wait for cargo test {test}"))?;
        if !status.success() {
            failed.push(*test);
        }
    }
    say(&format!("{n_found} mistakes found"))?;
    if !failed.is_empty() {
        bail!("not all were found: {}", failed.join("; "));
    }
    Ok(())
}

fn say(line: &str) -> Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}").context("failed to write to stdout")
}
