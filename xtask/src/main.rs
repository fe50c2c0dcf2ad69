//! `cargo xtask`: checks on the code itself, the generators, and the test runner.
//!
//! In: a command. Out: findings, files, or tests run. Never here: anything that a release contains.

mod generate;
mod mutants;
mod tidy;
mod tiers;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};

const USAGE: &str = "usage: cargo xtask <command>
  tidy                 check the sources and the edges between crates
  generate [--check]   write the generated code again, or say whether it is stale
  mutants              make deliberate mistakes and list by what each is found
  test [TIER ...]      run the test tiers, all of them unless named";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let root = root()?;
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["tidy"] => tidy::run(&root),
        ["generate"] => generate::run(&root, false),
        ["generate", "--check"] => generate::run(&root, true),
        ["mutants"] => mutants::run(&root),
        ["test", ..] => tiers::run(&root, arguments.get(1..).unwrap_or_default()),
        _ => bail!("{USAGE}"),
    }
}

fn root() -> Result<PathBuf> {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    Ok(manifest
        .parent()
        .context("xtask is not inside the workspace")?
        .to_owned())
}
