//! A broker's disk: a file system in a file, whose power can go and that can be filled.
//!
//! In: a folder, a size. Out: a place where it is mounted, gone when dropped. Never here: what is on it.
//!
//! **Power.** What the file system has not written to its image exists in the page cache alone. The image
//! is copied while the broker is stopped, and the broker goes on with the copy: as a disk is found after
//! its machine has lost its power.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::process::run;

/// Begins the name of every folder of a run that is the only one of its kind on the machine.
pub(crate) const PREFIX: &str = "tidemill-faults-alone-";

pub(crate) struct Disk {
    folder: PathBuf,
    /// How often its power went.
    n_cuts: u32,
}

fn text(path: &Path) -> Result<&str> {
    path.to_str().context("a path is not UTF-8")
}

impl Disk {
    pub(crate) fn make(folder: PathBuf, mebibytes: u32) -> Result<Disk> {
        std::fs::create_dir_all(&folder)?;
        let disk = Disk { folder, n_cuts: 0 };
        let image = disk.image();
        File::create(&image)?.set_len(u64::from(mebibytes) << 20)?;
        run("mkfs.ext4", &["-q", "-m", "0", text(&image)?])?;
        std::fs::create_dir_all(disk.path())?;
        disk.mount()?;
        Ok(disk)
    }

    /// Where it is mounted.
    pub(crate) fn path(&self) -> PathBuf {
        self.folder.join("mounted")
    }

    fn image(&self) -> PathBuf {
        self.folder.join(format!("image-{}", self.n_cuts))
    }

    fn mount(&self) -> Result<()> {
        run(
            "mount",
            &["-o", "loop", text(&self.image())?, text(&self.path())?],
        )?;
        Ok(())
    }

    /// Takes down what would be left if the power went now.
    pub(crate) fn copy(&mut self) -> Result<()> {
        let before = self.image();
        self.n_cuts += 1;
        run(
            "cp",
            &["--sparse=always", text(&before)?, text(&self.image())?],
        )?;
        Ok(())
    }

    /// Goes on with what was left. Nobody uses the disk any more.
    pub(crate) fn replace(&self) -> Result<()> {
        run("umount", &[text(&self.path())?])?;
        self.mount()
    }

    fn filler(&self) -> PathBuf {
        self.path().join("filler")
    }

    /// Takes all the room that there is, as another program could.
    pub(crate) fn fill(&self) -> Result<()> {
        let mut file =
            File::create(self.filler()).context("failed to make a file that fills a disk")?;
        for size in [1 << 20, 4096, 1] {
            let bytes = vec![7; size];
            while file.write_all(&bytes).is_ok() {}
        }
        Ok(())
    }

    pub(crate) fn free(&self) -> Result<()> {
        std::fs::remove_file(self.filler()).context("failed to free a disk")
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        unmount(&self.path());
    }
}

/// Lazily: whoever still uses it is ending.
fn unmount(path: &Path) {
    if let Ok(path) = text(path) {
        let _ = run("umount", &["-l", path]);
    }
}

/// Unmounts what runs have left that were killed, and removes their folders. Only one runs at a time.
pub(crate) fn sweep() {
    let within = std::env::temp_dir().join(PREFIX);
    let within = within.to_string_lossy().into_owned();
    let mounts = std::fs::read_to_string("/proc/mounts").unwrap_or_default();
    for path in mounts.lines().filter_map(|it| it.split(' ').nth(1)) {
        if path.starts_with(&within) {
            unmount(Path::new(path));
        }
    }
    let entries = std::fs::read_dir(std::env::temp_dir())
        .into_iter()
        .flatten();
    for path in entries.flatten().map(|it| it.path()) {
        if path.to_string_lossy().starts_with(&within) {
            // Another may have been faster.
            let _ = std::fs::remove_dir_all(path);
        }
    }
}
