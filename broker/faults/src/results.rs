//! What runs came to: kept per commit, so that a round that was broken off goes on.
//!
//! In: the outcome of a run. Out: a line in `<folder>/<commit>.jsonl`, and a table of all lines. Never here:
//! how an outcome came about.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

/// One run of a case.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    pub case: String,
    pub seed: u64,
    pub acknowledged: u64,
    /// Sends that the client gave up.
    pub failed: usize,
    pub lost: usize,
    pub duplicated: usize,
    pub reordered: usize,
    /// Inconsistent, invented or rewound.
    pub other: usize,
    /// The longest time without an acknowledgement: of all partitions, and of the one in the middle.
    pub unavailable_ms_max: u64,
    pub unavailable_ms_median: u64,
    pub recovery_ms: u64,
    /// Leader epochs that began, of all partitions.
    pub elections: i32,
    /// Records acknowledged a second: before the fault, while it lasted, after it.
    pub per_second: [u64; 3],
    /// What the clients or this program should not have seen.
    pub wrong: Vec<String>,
    /// What took longer than the case allows. A slow machine alone can be the reason.
    pub late: Vec<String>,
}

impl Outcome {
    pub fn is_as_expected(&self) -> bool {
        self.wrong.is_empty() && self.late.is_empty()
    }
}

/// The outcomes at one commit.
pub struct Results {
    path: PathBuf,
    pub outcomes: Vec<Outcome>,
}

impl Results {
    pub fn open(folder: &Path, commit: &str) -> Result<Results> {
        std::fs::create_dir_all(folder)?;
        let path = folder.join(format!("{commit}.jsonl"));
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        let outcomes = text
            .lines()
            .map(serde_json::from_str)
            .collect::<Result<Vec<Outcome>, _>>();
        let outcomes = outcomes.with_context(|| format!("{} is damaged", path.display()))?;
        Ok(Results { path, outcomes })
    }

    pub fn n_runs(&self, case: &str) -> usize {
        self.outcomes.iter().filter(|it| it.case == case).count()
    }

    pub fn add(&mut self, outcome: Outcome) -> Result<()> {
        let mut options = File::options();
        let mut file = options.create(true).append(true).open(&self.path)?;
        let line = serde_json::to_string(&outcome)?;
        writeln!(file, "{line}")
            .with_context(|| format!("failed to write {}", self.path.display()))?;
        self.outcomes.push(outcome);
        Ok(())
    }

    /// A row of the table: a case's runs, summed.
    pub fn row(&self, case: &str) -> Option<String> {
        let runs: Vec<&Outcome> = self.outcomes.iter().filter(|it| it.case == case).collect();
        let worst = |of: fn(&Outcome) -> u64| runs.iter().map(|it| of(it)).max();
        let sum = |of: fn(&Outcome) -> usize| runs.iter().map(|it| of(it)).sum::<usize>();
        let seconds = |ms: u64| format!("{}.{}", ms / 1000, ms % 1000 / 100);
        let acknowledged: u64 = runs.iter().map(|it| it.acknowledged).sum();
        let failed = runs.iter().filter(|it| !it.is_as_expected()).count();
        let seeds: Vec<String> = runs.iter().map(|it| it.seed.to_string()).collect();
        Some(format!(
            "| {case} | {} | {} | {acknowledged} | {} | {} | {} | {} | {} / {} | {} | {} |",
            runs.len(),
            if failed == 0 {
                "as expected".to_owned()
            } else {
                format!("**{failed} wrong**")
            },
            sum(|it| it.lost),
            sum(|it| it.duplicated),
            sum(|it| it.reordered),
            sum(|it| it.other),
            worst(|it| it.unavailable_ms_median)?,
            worst(|it| it.unavailable_ms_max)?,
            seconds(worst(|it| it.recovery_ms)?),
            seeds.join(" "),
        ))
    }
}

/// The head of the table.
pub const HEAD: &str = "\
| case | runs | all | acked | lost | duplicated | reordered | other | unavailable ms, median / max | recovery s | seeds |
|---|---|---|---|---|---|---|---|---|---|---|";

/// Replaces what stands between `begin` and `end` in a page, or adds it at its end.
pub fn replaced(page: &str, part: &str) -> String {
    const BEGIN: &str = "<!-- results -->\n";
    const END: &str = "<!-- end of results -->\n";
    match (page.split_once(BEGIN), page.split_once(END)) {
        (Some((before, _)), Some((_, after))) => format!("{before}{BEGIN}{part}{END}{after}"),
        _ => format!("{}\n\n{BEGIN}{part}{END}", page.trim_end()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outcomes_are_found_again_and_summed() {
        let folder = tempfile::tempdir().unwrap();
        let outcome = Outcome {
            case: "kill".to_owned(),
            acknowledged: 5,
            recovery_ms: 1_234,
            ..Outcome::default()
        };
        let wrong = Outcome {
            wrong: vec!["lost".to_owned()],
            lost: 2,
            ..outcome.clone()
        };
        let mut results = Results::open(folder.path(), "abc").unwrap();
        results.add(outcome.clone()).unwrap();
        results.add(wrong.clone()).unwrap();
        let again = Results::open(folder.path(), "abc").unwrap();
        assert_eq!(again.outcomes, [outcome, wrong]);
        assert_eq!(again.n_runs("kill"), 2);
        let row = "| kill | 2 | **1 wrong** | 10 | 2 | 0 | 0 | 0 | 0 / 0 | 1.2 | 0 0 |";
        assert_eq!(again.row("kill").as_deref(), Some(row));
        assert_eq!(again.row("other"), None);
        assert_eq!(
            Results::open(folder.path(), "def").unwrap().n_runs("kill"),
            0
        );
    }

    #[test]
    fn a_part_is_added_once_and_then_replaced() {
        let first = replaced("# Page\n", "one\n");
        assert_eq!(
            first,
            "# Page\n\n<!-- results -->\none\n<!-- end of results -->\n"
        );
        let second = replaced(&first, "two\n");
        assert_eq!(
            second,
            "# Page\n\n<!-- results -->\ntwo\n<!-- end of results -->\n"
        );
    }
}
