//! Folders of this machine that nodes mount their own on: they must be there, and are left empty.
//!
//! In: the folders that are wanted. Out: those that a harness made; each removed again once nothing
//! is mounted on it in any node of any cluster. Never here: what the nodes keep in them.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use rustix::fs::{XattrFlags, getxattr, setxattr};

/// Tells a folder that a harness made from one that was there before.
const MARK: &str = "user.tidemill-e2e";

/// The folders in `wanted`, and those above them, that are missing or were made by a harness.
/// Parents come first.
pub(crate) fn to_make(wanted: &[&str]) -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = wanted
        .iter()
        .flat_map(|it| Path::new(it).ancestors())
        .filter(|it| !it.exists() || is_marked(it))
        .map(Path::to_owned)
        .collect();
    folders.sort();
    folders.dedup();
    folders
}

/// Makes what is missing of `folders`.
pub(crate) fn make(folders: &[PathBuf]) -> Result<()> {
    for folder in folders {
        if folder.exists() {
            continue;
        }
        std::fs::create_dir(folder)
            .with_context(|| format!("failed to make {}", folder.display()))?;
        // On a file system without attributes the folder ends with the cluster that made it, which is
        // wrong only where several run at a time.
        let _ = setxattr(folder, MARK, b"1", XattrFlags::empty());
    }
    Ok(())
}

/// Removes `folders`, but for those that another program or another cluster uses now.
pub(crate) fn remove(folders: &[PathBuf]) -> Result<()> {
    let used = mount_points()?;
    for folder in folders.iter().rev() {
        // To remove a folder takes away what is mounted on it elsewhere.
        if !used.contains(folder) {
            // Not empty: another program keeps something there.
            drop(std::fs::remove_dir(folder));
        }
    }
    Ok(())
}

fn is_marked(folder: &Path) -> bool {
    getxattr(folder, MARK, &mut [0_u8; 8][..]).is_ok()
}

/// Everything that any process has something mounted on.
fn mount_points() -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir("/proc").context("failed to read /proc")? {
        let Ok(entry) = entry else { continue };
        let mounts = std::fs::read_to_string(entry.path().join("mounts")).unwrap_or_default();
        found.extend(
            mounts
                .lines()
                .filter_map(|it| it.split(' ').nth(1))
                .map(PathBuf::from),
        );
    }
    found.sort();
    found.dedup();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_there_before_is_neither_made_nor_removed() {
        let root = tempfile::tempdir_in("/var/tmp").unwrap();
        let old = root.path().join("old");
        std::fs::create_dir(&old).unwrap();
        let (one, two) = (old.join("one"), old.join("one/two"));
        let wanted = [two.to_str().unwrap()];
        let first = to_make(&wanted);
        assert_eq!(first, [one.clone(), two.clone()]);
        make(&first).unwrap();
        assert!(two.is_dir());
        remove(&first).unwrap();
        assert!(old.is_dir() && !one.exists());
    }

    #[test]
    fn the_last_of_two_clusters_removes_what_the_first_made() {
        let root = tempfile::tempdir_in("/var/tmp").unwrap();
        let folder = root.path().join("folder");
        let wanted = [folder.to_str().unwrap()];
        let first = to_make(&wanted);
        make(&first).unwrap();
        let second = to_make(&wanted);
        make(&second).unwrap();
        assert_eq!(second, first);
        let foreign = folder.join("kept");
        std::fs::write(&foreign, "").unwrap();
        remove(&first).unwrap();
        assert!(folder.is_dir());
        std::fs::remove_file(&foreign).unwrap();
        remove(&second).unwrap();
        assert!(!folder.exists());
    }
}
