//! What every source file keeps: a sign on the door, a bounded length, no unfinished business.
//!
//! In: a path and its text. Out: findings. Never here: what the compiler or clippy already checks.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::Finding;

/// Lines of a file without its tests.
const FILE_LINES_MAX: usize = 500;
/// Lines of a function, from its signature to its closing brace.
const FUNCTION_LINES_MAX: usize = 70;
/// How far down the sign on the door may stand.
const DOOR_LINES: usize = 12;

/// Words that have no place in the code. Spelled in halves, so that this file passes its own check.
const BANNED: &[(&str, &str)] = &[
    (concat!("FIX", "ME"), "finish it or file it"),
    (concat!("XX", "X"), "finish it or file it"),
    (concat!("todo", "!("), "finish it"),
    (concat!("unimplemented", "!("), "finish it"),
    (concat!("dbg", "!("), "remove it"),
    (concat!("#[ig", "nore"), "a test runs, or it goes"),
];

pub(super) fn check(path: &Path, text: &str) -> Vec<Finding> {
    let name = path.to_string_lossy();
    if !name.ends_with(".rs") || name.contains("/generated/") {
        return Vec::new();
    }
    let mut findings = Vec::new();
    let mut find = |line: usize, what: String| {
        findings.push(Finding {
            place: format!("{name}:{line}"),
            what,
        });
    };
    if !text
        .lines()
        .take(DOOR_LINES)
        .any(|it| it.starts_with("//!"))
    {
        find(
            1,
            "a module opens with `//!`: what enters, what leaves, what is never here".to_owned(),
        );
    }
    for (index, line) in text.lines().enumerate() {
        for (word, remedy) in BANNED {
            if line.contains(word) {
                find(index + 1, format!("`{word}`: {remedy}"));
            }
        }
        if line.trim_start().starts_with("//") && line.contains("TODO") && !line.contains("TODO(#")
        {
            find(index + 1, "a TODO names its issue: TODO(#123)".to_owned());
        }
    }
    if !is_test_file(&name) {
        let production = without_tests(text);
        let n_lines = production.lines().count();
        if n_lines > FILE_LINES_MAX {
            find(
                1,
                format!("{n_lines} lines without tests, at most {FILE_LINES_MAX}: split it"),
            );
        }
        for (line, length) in long_functions(production) {
            find(
                line,
                format!("a function of {length} lines, at most {FUNCTION_LINES_MAX}: split it"),
            );
        }
    }
    findings
}

fn is_test_file(name: &str) -> bool {
    name.ends_with("/tests.rs") || name.contains("/tests/") || name.starts_with("tests/")
}

fn without_tests(text: &str) -> &str {
    text.find("#[cfg(test)]\nmod tests {")
        .and_then(|it| text.get(..it))
        .unwrap_or(text)
}

/// Line number and length of each function that is too long. Relies on rustfmt's layout: the
/// closing brace of an item stands alone at the item's own indent.
fn long_functions(text: &str) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut open: Vec<(usize, usize)> = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let code = line.trim_start();
        let indent = line.len() - code.len();
        if code == "}"
            && let Some((start, _)) = open.pop_if(|(_, at)| *at == indent)
        {
            let length = index + 1 - start;
            if length > FUNCTION_LINES_MAX {
                found.push((start + 1, length));
            }
        }
        let is_one_line = code.ends_with('}') || code.ends_with(';');
        if is_function(code) && !is_one_line {
            open.push((index, indent));
        }
    }
    found
}

fn is_function(code: &str) -> bool {
    let prefixes = [
        "pub ",
        "pub(crate) ",
        "pub(super) ",
        "const ",
        "async ",
        "unsafe ",
    ];
    let mut rest = code;
    while let Some(shorter) = prefixes.iter().find_map(|it| rest.strip_prefix(it)) {
        rest = shorter;
    }
    rest.starts_with("fn ")
}

/// Source files that no `mod` names: they look alive and are never compiled.
pub(super) fn orphans(root: &Path, files: &[PathBuf]) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    let sources: BTreeSet<&PathBuf> = files
        .iter()
        .filter(|it| it.extension().is_some_and(|it| it == "rs"))
        .filter(|it| it.components().any(|it| it.as_os_str() == "src"))
        .collect();
    for path in &sources {
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        let is_root = ["lib", "main"].contains(&stem.as_ref())
            || path.parent().is_some_and(|it| it.ends_with("src/bin"));
        if is_root || stem == "mod" || path.to_string_lossy().contains("/generated/") {
            continue;
        }
        let declaration = format!("mod {stem};");
        let mut is_named = false;
        for parent in parents(path) {
            let Ok(text) = std::fs::read_to_string(root.join(&parent)) else {
                continue;
            };
            is_named |= text.lines().any(|it| it.trim().ends_with(&declaration));
        }
        if !is_named {
            let place = path.to_str().context("a path is not UTF-8")?.to_owned();
            findings.push(Finding {
                place,
                what: "no `mod` names this file".to_owned(),
            });
        }
    }
    Ok(findings)
}

/// The files that may declare the module at `path`.
fn parents(path: &Path) -> Vec<PathBuf> {
    let Some(folder) = path.parent() else {
        return Vec::new();
    };
    let mut parents: Vec<PathBuf> = ["lib.rs", "main.rs", "mod.rs"]
        .iter()
        .map(|it| folder.join(it))
        .collect();
    parents.push(folder.with_extension("rs"));
    parents
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whats(text: &str) -> Vec<String> {
        check(Path::new("broker/log/src/log.rs"), text)
            .into_iter()
            .map(|it| it.what)
            .collect()
    }

    #[test]
    fn a_file_without_a_sign_is_found() {
        assert_eq!(whats("fn f() {}\n").len(), 1);
        assert_eq!(whats("//! A sign.\nfn f() {}\n").len(), 0);
    }

    #[test]
    fn a_long_function_is_found_at_its_line() {
        let body = "    let _ = 1;\n".repeat(FUNCTION_LINES_MAX);
        let text = format!("//! A sign.\npub(crate) async fn f(\n) {{\n{body}}}\n");
        assert_eq!(
            whats(&text),
            ["a function of 73 lines, at most 70: split it"]
        );
        assert_eq!(
            check(Path::new("a/src/b.rs"), &text)[0].place,
            "a/src/b.rs:2"
        );
    }

    #[test]
    fn a_long_file_is_found_but_its_tests_do_not_count() {
        let long = "//! A sign.\n".repeat(FILE_LINES_MAX + 1);
        assert_eq!(whats(&long).len(), 1);
        let tests = "    // a test\n".repeat(FILE_LINES_MAX);
        assert_eq!(
            whats(&format!(
                "//! A sign.\n#[cfg(test)]\nmod tests {{\n{tests}}}\n"
            ))
            .len(),
            0
        );
    }

    #[test]
    fn unfinished_business_is_found() {
        assert_eq!(whats(concat!("//! A sign.\n// FIX", "ME later\n")).len(), 1);
        assert_eq!(whats("//! A sign.\n// TODO: later\n").len(), 1);
        assert_eq!(whats("//! A sign.\n// TODO(#7): later\n").len(), 0);
    }
}
