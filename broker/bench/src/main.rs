//! What the broker costs and carries, and Apache Kafka beside it in the same run.
//!
//! In: a built `tidemill-broker`, Java and Maven. Out: a table in Markdown on standard output, as
//! `docs/benchmarks.md` has it. Never here: an own client; Kafka's performance tools judge both.
//!
//! Figures of different machines, or of different runs, are not compared: only the ratios of one run
//! are.

mod java;
mod kafka;
mod load;
mod process;
mod tidemill;

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use clap::Parser;

use crate::java::Java;
use crate::kafka::Kafka;
use crate::load::Carried;
use crate::tidemill::Tidemill;

/// Starts that are measured; the median is told.
const STARTS: usize = 11;
/// How long a broker is left alone before its memory is looked at.
const IDLE: Duration = Duration::from_secs(10);
const PARTITIONS: u32 = 1000;

/// Measures a broker, and Apache Kafka beside it.
#[derive(Parser)]
struct Arguments {
    /// The program to measure, built with optimisations [default: the one beside this program]
    #[arg(long)]
    broker: Option<PathBuf>,
    /// Records of 1 KiB that each round carries
    #[arg(long, default_value_t = 300_000)]
    records: u32,
    /// Rounds, each of both in turn; the median is told
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Leave Apache Kafka out
    #[arg(long)]
    alone: bool,
}

/// A line of the table.
#[allow(clippy::print_stdout, reason = "the table is what this program is for")]
fn tell(line: &str) {
    println!("{line}");
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    ensure!(arguments.rounds > 0, "--rounds is at least 1");
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
    let java = Java::resolve()?;
    tell("| What | Tidemill | Apache Kafka 4.3.1 | Ratio |");
    tell("|---|---|---|---|");
    single(&arguments, &broker, &java)?;
    carry(&arguments, &broker, &java)
}

/// One broker: its start and its memory.
fn single(arguments: &Arguments, broker: &Path, java: &Java) -> Result<()> {
    let mut tidemill = Tidemill::start(broker, 1)?;
    tidemill.stop()?;
    let mut starts = Vec::new();
    for _ in 0..STARTS {
        starts.push(tidemill.start_one()?);
        tidemill.stop()?;
    }
    starts.sort();
    let start = starts.get(STARTS / 2).copied().unwrap_or_default();
    tidemill.start_one()?;
    process::idle(IDLE);
    let idle = tidemill.resident()?;
    tidemill.stop()?;

    let tidemill_full = Tidemill::start(broker, 1)?;
    create_many(java, tidemill_full.bootstrap())?;
    process::idle(IDLE);
    let full = tidemill_full.resident()?;
    drop(tidemill_full);

    let theirs = if arguments.alone {
        None
    } else {
        let mut kafka = Kafka::prepare(java, 1)?;
        let start = kafka.start(java)?;
        process::idle(IDLE);
        let idle = kafka.resident()?;
        create_many(java, kafka.bootstrap())?;
        process::idle(IDLE);
        Some((start, idle, kafka.resident()?))
    };
    let seconds = |it: Duration| it.as_secs_f64();
    let mib = |it: u64| process::as_f64(it) / 1024.0;
    row(
        "exec to the first answer of a client, ms",
        seconds(start) * 1000.0,
        theirs.map(|it| seconds(it.0) * 1000.0),
    );
    row(
        "RSS of an idle broker, MiB",
        mib(idle),
        theirs.map(|it| mib(it.1)),
    );
    let what = format!("RSS with {PARTITIONS} empty partitions, MiB");
    row(&what, mib(full), theirs.map(|it| mib(it.2)));
    Ok(())
}

fn create_many(java: &Java, bootstrap: &str) -> Result<()> {
    for topic in 0..PARTITIONS / 100 {
        load::create(java, bootstrap, &format!("many-{topic}"), 100, 1)?;
    }
    Ok(())
}

/// One of the figures of a round.
type Figure = fn(&Carried) -> f64;

/// Three brokers: what they carry with `acks=all`.
fn carry(arguments: &Arguments, broker: &Path, java: &Java) -> Result<()> {
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..arguments.rounds {
        let tidemill = Tidemill::start(broker, 3)?;
        ours.push(load::carry(java, tidemill.bootstrap(), arguments.records)?);
        drop(tidemill);
        if !arguments.alone {
            let mut kafka = Kafka::prepare(java, 3)?;
            kafka.start(java)?;
            theirs.push(load::carry(java, kafka.bootstrap(), arguments.records)?);
        }
    }
    let figures: [(&str, Figure); 3] = [
        ("produce, acks=all, 1 KiB, 3 brokers, MB/s", |it| {
            it.produced
        }),
        ("its 99th percentile at full load, ms", |it| it.latency),
        ("consume, MB/s", |it| it.consumed),
    ];
    for (what, figure) in figures {
        let own = median(ours.iter().map(figure));
        row(
            what,
            own,
            (!theirs.is_empty()).then(|| median(theirs.iter().map(figure))),
        );
    }
    Ok(())
}

fn median(figures: impl Iterator<Item = f64>) -> f64 {
    let mut figures: Vec<f64> = figures.collect();
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or(f64::NAN)
}

fn row(what: &str, own: f64, theirs: Option<f64>) {
    match theirs {
        Some(theirs) => tell(&format!(
            "| {what} | {own:.1} | {theirs:.1} | {:.2} |",
            own / theirs
        )),
        None => tell(&format!("| {what} | {own:.1} | | |")),
    }
}
