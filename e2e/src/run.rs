//! The record of one run of the cluster: what a later harness needs to continue or to remove it.
//!
//! In: what is about to be made. Out: a file that is written before it is made. Never here: making
//! or removing it.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use crate::paths::Paths;
use crate::process::Identity;

/// What is known of a run. Written before anything of it exists. A harness of another version must be
/// able to take the run down, so it needs no more than who and when.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Run {
    /// The mark of its processes.
    pub(crate) id: String,
    /// Of the machine: after another start of it, processes, namespaces and links are gone.
    boot_id: String,
    /// The number in its names and addresses; the cable with this run's address claims it.
    #[serde(default)]
    pub(crate) instance: Option<u8>,
    /// Whether everything was up once. What was not, is made anew.
    #[serde(default)]
    pub(crate) is_complete: bool,
    /// Whether a person asked for it, so that the end of a test does not end it.
    #[serde(default)]
    pub(crate) is_kept: bool,
    /// The test processes that use it.
    #[serde(default)]
    pub(crate) holders: Vec<Identity>,
    /// Folders of the machine that were made for nodes to mount on.
    #[serde(default)]
    pub(crate) folders: Vec<PathBuf>,
}

impl Run {
    pub(crate) fn new() -> Result<Run> {
        Ok(Run {
            id: uuid::Uuid::new_v4().to_string(),
            boot_id: boot_id()?,
            instance: None,
            is_complete: false,
            is_kept: false,
            holders: Vec::new(),
            folders: Vec::new(),
        })
    }

    /// The run that is recorded, if any.
    pub(crate) fn load(paths: &Paths) -> Result<Option<Run>> {
        let path = file(paths);
        match std::fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes)
                .with_context(|| format!("failed to understand {}", path.display()))
                .map(Some),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).with_context(|| format!("failed to read {}", path.display())),
        }
    }

    pub(crate) fn save(&self, paths: &Paths) -> Result<()> {
        write_whole(&file(paths), &serde_json::to_vec_pretty(self)?)
    }

    /// Whether the machine has not been started anew since.
    pub(crate) fn is_of_this_boot(&self) -> Result<bool> {
        Ok(self.boot_id == boot_id()?)
    }

    /// Whether nobody needs it any more.
    pub(crate) fn is_abandoned(&self) -> bool {
        !self.is_kept && !self.holders.iter().any(Identity::is_alive)
    }

    /// A link-layer address that no other run has: how its cable is known.
    pub(crate) fn mac(&self) -> String {
        let digits: String = self.id.chars().filter(char::is_ascii_hexdigit).collect();
        let pair = |at: usize| digits.get(at..at + 2).unwrap_or("00").to_owned();
        // 02: locally administered, one receiver.
        format!(
            "02:{}:{}:{}:{}:{}",
            pair(0),
            pair(2),
            pair(4),
            pair(6),
            pair(8)
        )
    }
}

fn file(paths: &Paths) -> PathBuf {
    paths.run().join("run.json")
}

fn boot_id() -> Result<String> {
    let text = std::fs::read_to_string("/proc/sys/kernel/random/boot_id")
        .context("failed to read the boot id: is this Linux with /proc?")?;
    Ok(text.trim().to_owned())
}

/// Writes a file so that a crash leaves the old one or the new one.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> Result<()> {
    let folder = path.parent().context("a file has no folder")?;
    std::fs::create_dir_all(folder)
        .with_context(|| format!("failed to make {}", folder.display()))?;
    let new = path.with_extension("new");
    std::fs::write(&new, bytes).with_context(|| format!("failed to write {}", new.display()))?;
    std::fs::rename(&new, path).with_context(|| format!("failed to replace {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_read_back_as_it_was_written() {
        let folder = tempfile::tempdir().unwrap();
        let paths = Paths::at(folder.path()).unwrap();
        assert!(Run::load(&paths).unwrap().is_none());
        let mut run = Run::new().unwrap();
        run.instance = Some(3);
        run.save(&paths).unwrap();
        let read = Run::load(&paths).unwrap().unwrap();
        assert_eq!((read.id, read.instance), (run.id, Some(3)));
        assert!(!read.is_complete);
    }

    #[test]
    fn a_run_is_abandoned_when_neither_a_person_nor_a_test_needs_it() {
        let mut run = Run::new().unwrap();
        assert!(run.is_abandoned());
        run.is_kept = true;
        assert!(!run.is_abandoned());
        run.is_kept = false;
        run.holders.push(Identity::of_this_process().unwrap());
        assert!(!run.is_abandoned());
    }

    #[test]
    fn cables_of_two_runs_have_different_addresses() {
        let (one, two) = (Run::new().unwrap(), Run::new().unwrap());
        assert_eq!(one.mac().len(), 17);
        assert_ne!(one.mac(), two.mac());
    }
}
