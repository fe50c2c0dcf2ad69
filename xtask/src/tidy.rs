//! Checks on the code itself: what a reviewer would otherwise have to remember.
//!
//! In: the files that git tracks, read as text, and the manifests. Out: a list of findings, each
//! with its place and what to do. Never here: building, running or changing anything.

mod checklist;
mod edges;
mod source;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

/// One thing that is not as it should be.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    pub(crate) place: String,
    pub(crate) what: String,
}

/// Runs every check on the checkout at `root`, prints the findings and fails when there are any.
pub(crate) fn run(root: &Path) -> Result<()> {
    let files = tracked_files(root)?;
    let mut findings = edges::check(root)?;
    let mut n_files = 0_usize;
    let mut declared = BTreeSet::new();
    for path in &files {
        let Ok(text) = std::fs::read_to_string(root.join(path)) else {
            continue;
        };
        n_files += 1;
        findings.extend(source::check(path, &text));
        if path.extension().is_some_and(|it| it == "rs") {
            declared.extend(checklist::declared(&text));
        }
    }
    findings.extend(source::orphans(root, &files)?);
    let page = std::fs::read_to_string(root.join(checklist::PAGE));
    let page = page.with_context(|| format!("failed to read {}", checklist::PAGE))?;
    findings.extend(checklist::check(&page, &declared));
    if n_files == 0 {
        bail!("read no file: is this a git checkout?");
    }
    for finding in &findings {
        eprintln!("{}: {}", finding.place, finding.what);
    }
    if findings.is_empty() {
        eprintln!("tidy: {n_files} files, no findings");
        return Ok(());
    }
    bail!("tidy: {} findings in {n_files} files", findings.len())
}

fn tracked_files(root: &Path) -> Result<Vec<PathBuf>> {
    let output = Command::new("git")
        .args([
            "ls-files",
            "-z",
            "--cached",
            "--others",
            "--exclude-standard",
        ])
        .current_dir(root)
        .output()
        .context("failed to run git ls-files")?;
    if !output.status.success() {
        bail!(
            "git ls-files failed: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    let text = String::from_utf8(output.stdout).context("a file name is not UTF-8")?;
    let mut files: Vec<PathBuf> = text
        .split('\0')
        .filter(|it| !it.is_empty())
        .map(PathBuf::from)
        .collect();
    files.retain(|it| root.join(it).is_file());
    Ok(files)
}
