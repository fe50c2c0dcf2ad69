//! The checklist of correctness names tests and mistakes that exist.
//!
//! In: the checklist, the sources. Out: a finding for each name that nothing bears. Never here: whether a
//! test shows what its row says.

use std::collections::BTreeSet;

use super::Finding;

pub(super) const PAGE: &str = "docs/checklist.md";

/// Words in the page's code marks that are no names of tests or mistakes.
const WORDS: [&str; 3] = ["simulation", "raft simulation", "make mutants"];

/// Names that are declared in a source file: functions, and entries of the list of mistakes.
pub(super) fn declared(text: &str) -> impl Iterator<Item = String> + '_ {
    text.lines().filter_map(|line| {
        let line = line.trim_start();
        let (_, name) = line.split_once("fn ").or_else(|| line.split_once(' '))?;
        let end = name.find(|it: char| !it.is_alphanumeric() && it != '_')?;
        name.get(..end).map(str::to_owned)
    })
}

pub(super) fn check(page: &str, declared: &BTreeSet<String>) -> Vec<Finding> {
    let rows = page.lines().zip(1..).filter(|(it, _)| it.starts_with("| "));
    let mut findings = Vec::new();
    for (row, number) in rows {
        // Every other piece stands between marks.
        for name in row.split('`').skip(1).step_by(2) {
            if !WORDS.contains(&name) && !declared.contains(name) {
                findings.push(Finding {
                    place: format!("{PAGE}:{number}"),
                    what: format!("there is no test or mistake named {name}"),
                });
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_nothing_bears_is_found() {
        let source =
            "    fn a_test_that_is_there() {\n    Simulation AMistake: \"what it does\",\n";
        let known: BTreeSet<String> = declared(source).collect();
        let page = "Words of `anything`.\n| A rule | `a_test_that_is_there`, `AMistake`, `one_that_went` |\n";
        let found = check(page, &known);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].place, "docs/checklist.md:2");
        assert!(found[0].what.contains("one_that_went"));
    }
}
