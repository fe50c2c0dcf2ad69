//! A broker's wall clock.
//!
//! In: how far off it is to be. Out: what a process is started with, and a file that it looks at for each
//! look at its clock. Never here: the monotonic clock, which jumps on no machine.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::needs::faketime;

fn file(folder: &Path, id: u32) -> PathBuf {
    folder.join(format!("clock-{id}"))
}

/// The environment of a broker whose clock can be set.
pub(crate) fn environment(folder: &Path, id: u32) -> Vec<(String, String)> {
    let library = faketime().unwrap_or(Path::new("libfaketimeMT.so.1"));
    let file = file(folder, id);
    let pairs = [
        ("LD_PRELOAD", library.display().to_string()),
        ("FAKETIME_TIMESTAMP_FILE", file.display().to_string()),
        ("FAKETIME_NO_CACHE", "1".to_owned()),
        ("FAKETIME_DONT_FAKE_MONOTONIC", "1".to_owned()),
        ("DONT_FAKE_MONOTONIC", "1".to_owned()),
    ];
    pairs
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

/// Sets the clock so many seconds off. The file is replaced whole: it is read at any moment.
pub(crate) fn set(folder: &Path, id: u32, seconds: i64) -> Result<()> {
    let aside = folder.join(format!("clock-{id}.new"));
    std::fs::write(&aside, format!("{seconds:+}\n"))?;
    std::fs::rename(&aside, file(folder, id)).context("failed to set a clock")
}
