//! `broker-faults`: every case that this machine can run, so many times each.
//!
//! In: a built `tidemill-broker`, names of cases. Out: a table, and an error when a run was not as expected.
//! Never here: what a case does.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, ensure};
use broker_faults::case::Case;
use broker_faults::results::{HEAD, Results, replaced};
use broker_faults::{cases, missing};
use clap::Parser;

/// Puts real faults to real brokers, and checks what clients see meanwhile.
#[derive(Parser)]
struct Arguments {
    /// The brokers' program [default: the one beside this program]
    #[arg(long)]
    broker: Option<PathBuf>,
    /// What to run; all by default. See --list
    #[arg(long = "case", value_name = "NAME")]
    cases: Vec<String>,
    /// How often each case is to have been run at this commit; earlier runs count
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Run once with the seed of an earlier run; it decides what is left to chance
    #[arg(long)]
    seed: Option<u64>,
    /// Where outcomes and the logs of runs that failed are kept
    #[arg(long, default_value = "target/faults")]
    results: PathBuf,
    /// The page in which to replace the table, beside printing it
    #[arg(long)]
    page: Option<PathBuf>,
    /// Name the cases and do nothing
    #[arg(long)]
    list: bool,
}

#[allow(clippy::print_stdout, reason = "the table is what this program is for")]
fn tell(line: &str) {
    println!("{line}");
}

#[allow(
    clippy::print_stderr,
    reason = "whoever waits wants to see that it goes on"
)]
fn progress(line: &str) {
    eprintln!("{line}");
}

fn main() -> Result<ExitCode> {
    let arguments = Arguments::parse();
    let chosen = chosen(&arguments.cases)?;
    if arguments.list {
        list(&chosen);
        return Ok(ExitCode::SUCCESS);
    }
    let broker = match &arguments.broker {
        Some(broker) => broker.clone(),
        None => std::env::current_exe()
            .context("failed to find this program")?
            .with_file_name("tidemill-broker"),
    };
    ensure!(
        broker.is_file(),
        "{} is not there; build it: cargo build --profile fast -p broker-server",
        broker.display()
    );
    let mut results = Results::open(&arguments.results, &commit())?;
    let mut not_run = Vec::new();
    for case in &chosen {
        let missing = missing(case.needs);
        if !missing.is_empty() {
            not_run.push(format!("{} was not run: {}", case.name, missing.join("; ")));
            continue;
        }
        let n_runs = match arguments.seed {
            Some(_) => 1,
            None => arguments.rounds.saturating_sub(results.n_runs(case.name)),
        };
        for _ in 0..n_runs {
            run_once(case, &arguments, &broker, &mut results)?;
        }
    }
    tell(&table(&results, &chosen));
    if let Some(page) = &arguments.page {
        let text = std::fs::read_to_string(page)
            .with_context(|| format!("failed to read {}", page.display()))?;
        let part = part(&table(&results, &cases::all()));
        std::fs::write(page, replaced(&text, &part))?;
    }
    for line in &not_run {
        progress(line);
    }
    let names = chosen.iter().map(|it| it.name);
    let names: Vec<&str> = names.collect();
    let of_these = results
        .outcomes
        .iter()
        .filter(|it| names.contains(&it.case.as_str()));
    let n_wrong = of_these.filter(|it| !it.is_as_expected()).count();
    if n_wrong > 0 {
        progress(&format!("{n_wrong} runs were not as expected"));
    }
    Ok(if n_wrong == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn list(cases: &[&Case]) {
    for case in cases {
        let missing = missing(case.needs).join("; ");
        let not_here = if missing.is_empty() {
            String::new()
        } else {
            format!(" [not here: {missing}]")
        };
        let (name, what, expected) = (case.name, case.what, case.expected);
        tell(&format!("{name:26} {what}: {expected}{not_here}"));
    }
}

/// What the cases came to that were run at this commit.
fn table(results: &Results, cases: &[&Case]) -> String {
    let rows = cases.iter().filter_map(|it| results.row(it.name));
    format!("{HEAD}\n{}\n", rows.collect::<Vec<_>>().join("\n"))
}

fn chosen(names: &[String]) -> Result<Vec<&'static Case>> {
    if names.is_empty() {
        return Ok(cases::all());
    }
    let find = |name: &String| {
        cases::find(name).with_context(|| format!("there is no case {name}; see --list"))
    };
    names.iter().map(find).collect()
}

fn run_once(
    case: &Case,
    arguments: &Arguments,
    broker: &Path,
    results: &mut Results,
) -> Result<()> {
    let seed = arguments
        .seed
        .unwrap_or_else(|| u64::from(rand::random::<u32>()));
    progress(&format!("{} --seed {seed}", case.name));
    let outcome = broker_faults::run(case, seed, broker, &arguments.results);
    progress(&format!(
        "  {} acknowledged, {} lost, unavailable {} ms, recovery {} ms, {:?} a second, {} elections",
        outcome.acknowledged,
        outcome.lost,
        outcome.unavailable_ms_max,
        outcome.recovery_ms,
        outcome.per_second,
        outcome.elections
    ));
    for wrong in &outcome.wrong {
        progress(&format!("  WRONG: {wrong}"));
    }
    for late in &outcome.late {
        progress(&format!("  LATE: {late}"));
    }
    results.add(outcome)
}

/// The commit that is run; outcomes of another one say nothing about it.
fn commit() -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let git = Command::new("git")
        .arg("-C")
        .arg(folder)
        .args(["describe", "--always", "--dirty"])
        .output();
    let commit = git.ok().filter(|it| it.status.success());
    let commit = commit.map(|it| String::from_utf8_lossy(&it.stdout).trim().to_owned());
    commit.unwrap_or_else(|| "unknown".to_owned())
}

/// The table as a part of a page, with where it comes from.
fn part(table: &str) -> String {
    let cpu = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpu
        .lines()
        .find_map(|it| it.strip_prefix("model name")?.split_once(": "));
    let model = model.map_or("an unknown processor", |(_, it)| it);
    let n_cores = std::thread::available_parallelism().map_or(0, usize::from);
    let kernel = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    format!(
        "`make faults` at {}, on {n_cores} cores of {model}, Linux {}.\n\n{table}",
        commit(),
        kernel.trim()
    )
}
