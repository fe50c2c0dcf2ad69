//! What the broker costs and carries, and Apache Kafka beside it in the same run.
//!
//! In: a built `tidemill-broker`, Java and Maven. Out: ratios, as parts of `docs/benchmarks.md`. Never
//! here: figures of different runs compared; machines differ, and so do minutes.
//!
//! Both clusters of a workload run at once and take turns (A B B A): whatever the machine does besides
//! hits both. One librdkafka drives either.

mod client;
mod cluster;
mod figure;
mod floor;
mod java;
mod kafka;
mod process;
mod report;
mod tidemill;
mod workloads;

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use clap::Parser;

use crate::cluster::{Contestant, Programs};
use crate::figure::{Measured, Series, What};
use crate::java::Java;
use crate::workloads::Workload;

/// Measures a broker, and Apache Kafka beside it.
#[derive(Parser)]
struct Arguments {
    /// The program to measure, built with optimisations [default: the one beside this program]
    #[arg(long)]
    broker: Option<PathBuf>,
    /// What to measure; all by default. See --list
    #[arg(long = "workload", value_name = "NAME")]
    workloads: Vec<String>,
    /// Pairs of runs, in place of each workload's own number
    #[arg(long)]
    pairs: Option<usize>,
    /// Leave Apache Kafka out
    #[arg(long)]
    alone: bool,
    /// The page in which to replace each workload's part, beside printing it
    #[arg(long)]
    page: Option<PathBuf>,
    /// Name the workloads and do nothing
    #[arg(long)]
    list: bool,
}

#[allow(
    clippy::print_stdout,
    reason = "the figures are what this program is for"
)]
fn tell(line: &str) {
    println!("{line}");
}

#[allow(
    clippy::print_stderr,
    reason = "whoever waits wants to see that it goes on"
)]
pub(crate) fn progress(line: &str) {
    eprintln!("{line}");
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    if arguments.list {
        for workload in workloads::all() {
            tell(&format!("{:26} {}", workload.name, workload.what));
        }
        for (name, what) in floor::ALL {
            tell(&format!("{name:26} {what}"));
        }
        return Ok(());
    }
    ensure!(arguments.pairs != Some(0), "--pairs is at least 1");
    let broker = match &arguments.broker {
        Some(broker) => broker.clone(),
        None => std::env::current_exe()
            .context("failed to find this program")?
            .with_file_name("tidemill-broker"),
    };
    ensure!(
        broker.is_file(),
        "{} is not there; build it: cargo build --release -p broker-server",
        broker.display()
    );
    let names = names(&arguments.workloads)?;
    let java = if arguments.alone {
        None
    } else {
        Some(Java::resolve()?)
    };
    let programs = Programs { broker, java };
    for name in names {
        let part = match workloads::find(&name) {
            Some(workload) => {
                let pairs = arguments.pairs.unwrap_or(workload.pairs);
                let series = compare(&programs, workload, pairs)?;
                report::part(workload, &series, &stated(&name, pairs))?
            }
            None => floor::run(&programs, &name, arguments.pairs.unwrap_or(3))?,
        };
        tell(&part);
        if let Some(page) = &arguments.page {
            report::replace(page, &name, &part)?;
        }
    }
    Ok(())
}

/// The workloads that were asked for, by names that exist.
fn names(asked: &[String]) -> Result<Vec<String>> {
    let known = workloads::all().iter().map(|it| it.name);
    let known: Vec<&str> = known
        .chain(floor::ALL.iter().map(|(name, _)| *name))
        .collect();
    if let Some(unknown) = asked.iter().find(|it| !known.contains(&it.as_str())) {
        bail!(
            "there is no workload {unknown}; there are {}",
            known.join(", ")
        );
    }
    Ok(if asked.is_empty() {
        known.into_iter().map(str::to_owned).collect()
    } else {
        asked.to_vec()
    })
}

/// The command and the commit.
pub(crate) fn stated(name: &str, pairs: usize) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let git = Command::new("git")
        .arg("-C")
        .arg(folder)
        .args(["describe", "--always", "--dirty"])
        .output();
    let commit = git.map(|it| String::from_utf8_lossy(&it.stdout).trim().to_owned());
    let commit = commit.unwrap_or_else(|_| "an unknown commit".to_owned());
    format!("Medians of {pairs} pairs; `make bench WORKLOADS={name}` at {commit}.")
}

/// Runs a workload on both in turns.
fn compare(programs: &Programs, workload: &Workload, pairs: usize) -> Result<Vec<(What, Series)>> {
    progress(&format!("{}: {}", workload.name, workload.what));
    let start = |it| programs.start(it, workload.brokers, workload.durability);
    let mut ours = start(Contestant::Tidemill)?;
    let mut theirs = match programs.java {
        Some(_) => Some(start(Contestant::Kafka)?),
        None => None,
    };
    if workload.is_warmed {
        let replicas = i32::from(workload.brokers);
        // One that is not compiled while it runs is warm after much less.
        workloads::warm_up(&ours, replicas, theirs.is_none())?;
        if let Some(theirs) = &theirs {
            workloads::warm_up(theirs, replicas, false)?;
        }
    }
    let mut all: Vec<(What, Series)> = Vec::new();
    for pair in 0..pairs {
        let mut turns = vec![Contestant::Tidemill, Contestant::Kafka];
        if pair % 2 == 1 {
            turns.reverse();
        }
        for turn in turns {
            let nodes = match (turn, &mut theirs) {
                (Contestant::Tidemill, _) => &mut ours,
                (Contestant::Kafka, Some(theirs)) => theirs,
                (Contestant::Kafka, None) => continue,
            };
            let run = (workload.run)(nodes).with_context(|| {
                format!(
                    "{} on {turn:?}; see {}",
                    workload.name,
                    nodes.folder().display()
                )
            })?;
            progress(&format!("  {turn:?}: {}", line(&run)));
            for measured in run {
                note(&mut all, turn, measured);
            }
        }
    }
    Ok(all)
}

fn line(run: &[Measured]) -> String {
    let figures = run
        .iter()
        .map(|it| format!("{} {:.1}", it.what.name, it.value));
    figures.collect::<Vec<_>>().join("; ")
}

fn note(all: &mut Vec<(What, Series)>, turn: Contestant, measured: Measured) {
    let index = all.iter().position(|(what, _)| *what == measured.what);
    let index = index.unwrap_or_else(|| {
        all.push((measured.what, Series::default()));
        all.len() - 1
    });
    if let Some((_, series)) = all.get_mut(index) {
        match turn {
            Contestant::Tidemill => series.ours.push(measured.value),
            Contestant::Kafka => series.theirs.push(measured.value),
        }
    }
}
