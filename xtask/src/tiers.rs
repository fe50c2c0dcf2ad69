//! The test runner: runs the tiers in order and counts what really ran.
//!
//! In: the names of the tiers to run (none: all). Out: the tests' own output, one line per tier and
//! a last line with the totals; an error when anything failed, or when a tier ran no test.
//! Never here: what is tested; a tier is a list of cargo commands.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, bail};

/// Tests that need the same world, and the programs that this world needs.
struct Tier {
    name: &'static str,
    /// Each a cargo command line without `cargo`.
    commands: &'static [&'static str],
    /// Programs that must be on the PATH, each with where it comes from.
    needs: &'static [(&'static str, &'static str)],
    /// Whether only root can run it.
    needs_root: bool,
}

const TIERS: &[Tier] = &[
    Tier {
        name: "checks",
        commands: &[
            "fmt --all --check",
            "clippy --quiet --workspace --all-targets --features operator-controller/api-server \
             -- -D warnings",
            "xtask tidy",
        ],
        needs: &[],
        needs_root: false,
    },
    Tier {
        name: "unit",
        commands: &[
            "test --quiet --workspace --lib --bins",
            "test --quiet -p broker-raft -p broker-types --doc",
        ],
        needs: &[],
        needs_root: false,
    },
    Tier {
        name: "codec",
        commands: &[
            "test --quiet -p broker-wire --test differential --test hostile --test records",
        ],
        needs: &[JAVA, MAVEN],
        needs_root: false,
    },
    Tier {
        name: "simulation",
        commands: &[
            "test --quiet -p broker-raft --features mutants --test simulation",
            "test --quiet --profile fast -p broker-sim --features mutants --test simulation --test mutants",
            "test --quiet -p broker-log -p broker-replica --test crash --test dir --test real --test model",
            "test --quiet -p broker-log --features mutants --test mutants",
            "test --quiet -p broker-metadata --features mutants --test mutants",
            "test --quiet -p broker-replica --features mutants --test model",
        ],
        needs: &[],
        needs_root: false,
    },
    Tier {
        name: "process",
        commands: &["test --quiet -p broker-server --test * -- --test-threads=2"],
        needs: &[JAVA, MAVEN, KCAT, PYTHON],
        needs_root: false,
    },
    Tier {
        name: "operator",
        commands: &[
            "test --quiet -p operator-controller --features api-server --test operator",
            "test --quiet -p e2e --test api_server --test charts",
        ],
        needs: &[GO],
        needs_root: false,
    },
    Tier {
        name: "e2e",
        commands: &["test --quiet -p e2e --test kubernetes --test tidemill"],
        needs: &[GO, KCAT],
        needs_root: true,
    },
];

/// Programs that judge from outside, and where each comes from.
const JAVA: (&str, &str) = ("java", "a Java 17 or later (Debian: default-jdk-headless)");
const MAVEN: (&str, &str) = ("mvn", "Maven (Debian: maven)");
const KCAT: (&str, &str) = ("kcat", "kcat (Debian: kcat)");
const GO: (&str, &str) = ("go", "Go 1.25 or newer (https://go.dev/dl)");
const PYTHON: (&str, &str) = ("python3", "Python (Debian: python3 python3-venv)");

/// What a tier's tests said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Count {
    passed: u32,
    failed: u32,
    skipped: u32,
}

impl Count {
    fn add(&mut self, other: Count) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

/// Runs the named tiers, or all of them.
pub(crate) fn run(root: &Path, names: &[String]) -> Result<()> {
    let known: BTreeSet<&str> = TIERS.iter().map(|it| it.name).collect();
    if let Some(unknown) = names.iter().find(|it| !known.contains(it.as_str())) {
        bail!(
            "no tier `{unknown}`; there are: {}",
            known.into_iter().collect::<Vec<_>>().join(" ")
        );
    }
    let is_ci = std::env::var("CI").is_ok_and(|it| it == "true");
    let mut total = Count::default();
    let mut lines = Vec::new();
    for tier in TIERS
        .iter()
        .filter(|it| names.is_empty() || names.iter().any(|name| name == it.name))
    {
        let started = Instant::now();
        let count = run_tier(root, tier, is_ci)?;
        total.add(count);
        let ran = count.passed + count.failed;
        lines.push(format!(
            "tier={} ran={ran} failed={} skipped={} seconds={}",
            tier.name,
            count.failed,
            count.skipped,
            started.elapsed().as_secs(),
        ));
    }
    let mut out = std::io::stdout().lock();
    for line in lines {
        writeln!(out, "{line}").context("failed to write to stdout")?;
    }
    writeln!(
        out,
        "{} passed, {} failed, {} skipped",
        total.passed, total.failed, total.skipped
    )
    .context("failed to write to stdout")?;
    if total.failed > 0 {
        bail!("{} tests failed", total.failed);
    }
    Ok(())
}

fn run_tier(root: &Path, tier: &Tier, is_ci: bool) -> Result<Count> {
    eprintln!("== tier {}", tier.name);
    if let Some(missing) = missing(tier) {
        eprintln!("tier {} cannot run here: {missing}", tier.name);
        // On a machine of one's own a tier may be out of reach; CI has everything.
        let (failed, skipped) = if is_ci { (1, 0) } else { (0, 1) };
        return Ok(Count {
            passed: 0,
            failed,
            skipped,
        });
    }
    let mut count = Count::default();
    for command in tier.commands {
        count.add(run_command(root, command)?);
    }
    if count == Count::default() {
        eprintln!("tier {} ran no test", tier.name);
        count.failed += 1;
    }
    Ok(count)
}

fn missing(tier: &Tier) -> Option<String> {
    let is_there = |program: &str| {
        let path = std::env::var_os("PATH").unwrap_or_default();
        std::env::split_paths(&path).any(|it| it.join(program).is_file())
    };
    if let Some((program, origin)) = tier.needs.iter().find(|(program, _)| !is_there(program)) {
        return Some(format!("`{program}` is not on the PATH; install {origin}"));
    }
    let is_root = std::fs::metadata("/proc/self")
        .is_ok_and(|it| std::os::unix::fs::MetadataExt::uid(&it) == 0);
    (tier.needs_root && !is_root).then(|| "it makes network namespaces: run it as root".to_owned())
}

/// Runs one cargo command, passes its output on and reads the counts out of it.
fn run_command(root: &Path, command: &str) -> Result<Count> {
    eprintln!("-- cargo {command}");
    let mut child = Command::new(env!("CARGO"))
        .args(command.split_whitespace())
        .current_dir(root)
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("failed to run cargo {command}"))?;
    let stdout = child.stdout.take().context("the child has no stdout")?;
    let mut count = Count::default();
    for line in BufReader::new(stdout).lines() {
        let line = line.with_context(|| format!("failed to read the output of cargo {command}"))?;
        eprintln!("{line}");
        if let Some(result) = parse_result(&line) {
            count.add(result);
        }
    }
    let status = child
        .wait()
        .with_context(|| format!("failed to wait for cargo {command}"))?;
    let is_test = command.starts_with("test");
    if !status.success() && count.failed == 0 {
        // It did not compile, or died before it could say what failed.
        count.failed = 1;
    } else if status.success() && !is_test {
        // A check that is not a test binary counts as one.
        count.passed += 1;
    }
    Ok(count)
}

/// Reads `test result: ok. 3 passed; 0 failed; 1 ignored; ...`.
fn parse_result(line: &str) -> Option<Count> {
    let rest = line.trim().strip_prefix("test result: ")?;
    let mut count = Count::default();
    for part in rest.split(['.', ';']) {
        let mut words = part.split_whitespace();
        let (Some(number), Some(what)) = (words.next(), words.next()) else {
            continue;
        };
        let Ok(number) = number.parse() else { continue };
        match what {
            "passed" => count.passed = number,
            "failed" => count.failed = number,
            "ignored" => count.skipped = number,
            _ => {}
        }
    }
    Some(count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_runners_closing_line_is_read() {
        let line = "test result: FAILED. 12 passed; 3 failed; 1 ignored; 0 measured; 9 filtered out; finished in 0.10s";
        assert_eq!(
            parse_result(line),
            Some(Count {
                passed: 12,
                failed: 3,
                skipped: 1
            })
        );
        assert_eq!(parse_result("running 3 tests"), None);
    }

    #[test]
    fn tiers_have_names_of_their_own_and_something_to_run() {
        let names: BTreeSet<&str> = TIERS.iter().map(|it| it.name).collect();
        assert_eq!(names.len(), TIERS.len());
        assert!(TIERS.iter().all(|it| !it.commands.is_empty()));
    }
}
