//! What was measured, for people.
//!
//! In: series of figures. Out: Markdown, and the page of results with one part replaced. Never here: runs.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context, Result};

use crate::figure::{Series, What, median};
use crate::workloads::Workload;

/// A workload's part of the page, in Markdown.
pub(crate) fn part(workload: &Workload, series: &[(What, Series)], stated: &str) -> Result<String> {
    let mut text = String::new();
    writeln!(
        text,
        "### {}\n\n{}. {stated}\n",
        workload.name,
        capital(workload.what)
    )?;
    writeln!(
        text,
        "| What | Tidemill | Apache Kafka | Ratio (min to max) | Wanted |"
    )?;
    writeln!(text, "|---|---|---|---|---|")?;
    for (what, series) in series {
        let ratios = series.ratios();
        let told = match (ratios.first(), ratios.last()) {
            (Some(min), Some(max)) => {
                let middle = median(&ratios);
                let missed = if what.target.is_met(middle) {
                    ""
                } else {
                    " **missed**"
                };
                format!("{middle:.2} ({min:.2} to {max:.2}){missed}")
            }
            _ => String::new(),
        };
        let theirs = match series.theirs.is_empty() {
            true => String::new(),
            false => format!("{:.1}", median(&series.theirs)),
        };
        let (name, ours, wanted) = (what.name, median(&series.ours), what.target.text());
        writeln!(
            text,
            "| {name} | {ours:.1} | {theirs} | {told} | {wanted} |"
        )?;
    }
    Ok(text)
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => String::new(),
    }
}

/// Replaces a workload's part of the page, or adds it at its end.
pub(crate) fn replace(page: &Path, name: &str, part: &str) -> Result<()> {
    let text = std::fs::read_to_string(page);
    let text = text.with_context(|| format!("failed to read {}", page.display()))?;
    let written = std::fs::write(page, replaced(&text, name, part));
    written.with_context(|| format!("failed to write {}", page.display()))
}

fn replaced(text: &str, name: &str, part: &str) -> String {
    let (begin, end) = (
        format!("<!-- {name} -->\n"),
        format!("<!-- end of {name} -->\n"),
    );
    let whole = format!("{begin}{part}{end}");
    let before = text.split_once(&begin);
    let after = text.split_once(&end);
    match (before, after) {
        (Some((before, _)), Some((_, after))) => format!("{before}{whole}{after}"),
        _ => format!("{}\n\n{whole}", text.trim_end()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_added_once_and_then_replaced() {
        let first = replaced("# Page\n", "a", "one\n");
        assert_eq!(first, "# Page\n\n<!-- a -->\none\n<!-- end of a -->\n");
        let both = replaced(&first, "b", "two\n");
        let again = replaced(&both, "a", "three\n");
        assert_eq!(
            again,
            "# Page\n\n<!-- a -->\nthree\n<!-- end of a -->\n\n<!-- b -->\ntwo\n<!-- end of b -->\n"
        );
    }
}
