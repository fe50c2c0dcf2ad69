//! Real text as records: the lines of the licences that Debian ships, keyed by the file's name.
//!
//! In: a number of records. Out: keys and values in the order in which they are to be produced.
//! Never here: producing them.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, ensure};

/// Where Debian keeps the licences that many packages share.
const FOLDER: &str = "/usr/share/common-licenses";
/// Between key and value in a line. No file's name has it.
pub(crate) const SEPARATOR: char = '\t';

/// Records in the order in which they are produced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Records {
    lines: Vec<(String, String)>,
}

impl Records {
    /// The licences' lines over and over, `n` in all. The files take turns, so that at every moment
    /// all keys are in use.
    ///
    /// # Errors
    ///
    /// When this machine has no licences.
    pub fn of_licences(n: usize) -> Result<Records> {
        let files = read(Path::new(FOLDER))
            .with_context(|| format!("missing: {FOLDER}, of Debian's package base-files"))?;
        Records::cycle(&files, n)
    }

    fn cycle(files: &BTreeMap<String, Vec<String>>, n: usize) -> Result<Records> {
        let n_lines_max = files.values().map(Vec::len).max().unwrap_or(0);
        ensure!(n_lines_max > 0, "there is no text to make records of");
        let lines = (0..n_lines_max)
            .cycle()
            .flat_map(|at| {
                let line = move |(key, lines): (&String, &Vec<String>)| {
                    Some((key.clone(), lines.get(at)?.clone()))
                };
                files.iter().filter_map(line)
            })
            .take(n)
            .collect();
        Ok(Records { lines })
    }

    pub fn len(&self) -> usize {
        self.lines.len()
    }

    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// Only the first `n`.
    #[must_use]
    pub fn first(&self, n: usize) -> Records {
        Records {
            lines: self.lines.iter().take(n).cloned().collect(),
        }
    }

    /// A line per record, as producers read them.
    pub(crate) fn text(&self) -> String {
        self.lines
            .iter()
            .map(|(key, value)| format!("{key}{SEPARATOR}{value}\n"))
            .collect()
    }

    /// The values of every key, in order.
    pub(crate) fn by_key(&self) -> BTreeMap<&str, Vec<&str>> {
        let mut by_key: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (key, value) in &self.lines {
            by_key.entry(key).or_default().push(value);
        }
        by_key
    }

    #[cfg(test)]
    pub(crate) fn of(lines: &[(&str, &str)]) -> Records {
        let own = |(key, value): &(&str, &str)| ((*key).to_owned(), (*value).to_owned());
        Records {
            lines: lines.iter().map(own).collect(),
        }
    }
}

/// The lines of every file of a folder that are not blank. A link is another name of a file.
fn read(folder: &Path) -> Result<BTreeMap<String, Vec<String>>> {
    let mut files = BTreeMap::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        if !entry.file_type()?.is_file() {
            continue;
        }
        let text = String::from_utf8_lossy(&std::fs::read(entry.path())?).into_owned();
        let lines = text.lines().filter(|it| !it.trim().is_empty());
        let name = entry.file_name().to_string_lossy().into_owned();
        files.insert(name, lines.map(str::to_owned).collect());
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files() -> BTreeMap<String, Vec<String>> {
        let lines = |all: &[&str]| all.iter().map(|it| (*it).to_owned()).collect();
        BTreeMap::from([
            ("long".to_owned(), lines(&["1", "2", "3"])),
            ("short".to_owned(), lines(&["a"])),
        ])
    }

    #[test]
    fn files_take_turns_and_begin_again() {
        let records = Records::cycle(&files(), 6).unwrap();
        let expected = "long\t1\nshort\ta\nlong\t2\nlong\t3\nlong\t1\nshort\ta\n";
        assert_eq!(records.text(), expected);
        assert_eq!(records.by_key()["long"], ["1", "2", "3", "1"]);
    }

    #[test]
    fn no_text_makes_no_records() {
        assert!(Records::cycle(&BTreeMap::new(), 1).is_err());
    }
}
