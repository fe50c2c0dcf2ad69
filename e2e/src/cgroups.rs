//! One cgroup per node in each hierarchy, so that three kubelets on one machine don't share theirs.
//!
//! In: a name. Out: cgroups made, emptied or removed; version 1, version 2, or both side by side.
//! Never here: limits; kubelet sets them.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};

use crate::wait::until;

/// The kernel lets go of the processes of a killed container in its own time.
const EMPTY_TIMEOUT: Duration = Duration::from_secs(20);

/// Makes the cgroup `name` anew: what a node left behind at a power-off slows its kubelet down.
pub(crate) fn make(name: &str) -> Result<()> {
    remove(name)?;
    for root in hierarchies()? {
        let group = root.join(name);
        std::fs::create_dir(&group)
            .with_context(|| format!("failed to make {}", group.display()))?;
        // In version 1 a cpuset starts empty, and an empty one takes no process.
        for file in ["cpuset.cpus", "cpuset.mems"] {
            let (from, to) = (root.join(file), group.join(file));
            if from.is_file() && to.is_file() {
                std::fs::copy(&from, &to)
                    .with_context(|| format!("failed to fill {}", to.display()))?;
            }
        }
        delegate(&root);
    }
    Ok(())
}

/// In version 2 a child has the controllers that its parent hands down.
fn delegate(root: &Path) {
    let read = |name: &str| std::fs::read_to_string(root.join(name)).unwrap_or_default();
    let handed_down = read("cgroup.subtree_control");
    for controller in read("cgroup.controllers").split_whitespace() {
        if !handed_down.split_whitespace().any(|it| it == controller) {
            // The kernel may refuse one of them; kubelet says so if it needs that one.
            let path = root.join("cgroup.subtree_control");
            drop(std::fs::write(path, format!("+{controller}")));
        }
    }
}

/// Removes the cgroup `name` and all below it, once nothing runs in it any more.
pub(crate) fn remove(name: &str) -> Result<()> {
    for root in hierarchies()? {
        let group = root.join(name);
        until(
            &format!("the end of {}", group.display()),
            EMPTY_TIMEOUT,
            || {
                remove_tree(&group);
                Ok((!group.exists()).then_some(()))
            },
        )?;
    }
    Ok(())
}

/// Removes what can be removed, leaves first. The files in a cgroup go with it.
fn remove_tree(group: &Path) {
    let Ok(entries) = std::fs::read_dir(group) else {
        return;
    };
    for entry in entries.flatten() {
        if entry.file_type().is_ok_and(|it| it.is_dir()) {
            remove_tree(&entry.path());
        }
    }
    // Busy while a process is left in it; asked again until then.
    drop(std::fs::remove_dir(group));
}

/// Where the hierarchies are mounted.
fn hierarchies() -> Result<Vec<PathBuf>> {
    let mounts =
        std::fs::read_to_string("/proc/self/mounts").context("failed to read the mounts")?;
    let found = mount_points(&mounts);
    anyhow::ensure!(
        !found.is_empty(),
        "no cgroup hierarchy is mounted below /sys/fs/cgroup: mount cgroup2 there"
    );
    Ok(found)
}

fn mount_points(mounts: &str) -> Vec<PathBuf> {
    mounts
        .lines()
        .filter_map(|line| {
            let mut fields = line.split(' ');
            let (_, point, kind) = (fields.next()?, fields.next()?, fields.next()?);
            let is_ours =
                ["cgroup", "cgroup2"].contains(&kind) && point.starts_with("/sys/fs/cgroup");
            is_ours.then(|| PathBuf::from(point))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hierarchies_of_both_versions_are_found() {
        let mounts = "proc /proc proc rw 0 0\n\
            tmpfs /sys/fs/cgroup tmpfs rw 0 0\n\
            cgroup /sys/fs/cgroup/cpu,cpuacct cgroup rw,cpu 0 0\n\
            cgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0\n\
            cgroup2 /run/other cgroup2 rw 0 0\n";
        assert_eq!(
            mount_points(mounts),
            [
                PathBuf::from("/sys/fs/cgroup/cpu,cpuacct"),
                PathBuf::from("/sys/fs/cgroup/unified")
            ]
        );
    }
}
