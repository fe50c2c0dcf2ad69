//! Files that change behind a broker's back.
//!
//! In: a data directory, what is to be damaged, chance. Out: the files, damaged. Never here: whether the
//! broker runs meanwhile.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use rand::RngExt;
use rand::rngs::StdRng;

use crate::ask::Partition;
use crate::case::Damage;
use crate::cluster::TOPIC;

/// What is cut off, or added, at most.
const TAIL_BYTES_MAX: u64 = 2_000;
/// How far into a segment the bit is: within its first batch, behind the batch's header.
const BIT_AT: u64 = 100;

/// Damages the replicas of the load's topic in a data directory, or all of it.
pub(crate) fn damage(
    what: Damage,
    data_dir: &Path,
    broker: u32,
    partitions: &[Partition],
    chance: &mut StdRng,
) -> Result<()> {
    match what {
        Damage::Wiped => wipe(data_dir),
        Damage::FlippedBit { is_led } => {
            let fits = |it: &&Partition| (it.leader == Some(broker)) == is_led;
            let fitting: Vec<&Partition> = partitions.iter().filter(fits).collect();
            ensure!(!fitting.is_empty(), "no partition has its leader there");
            let partition = fitting.get(chance.random_range(0..fitting.len()));
            let partition = partition.context("the index is below the length")?;
            flip(&data_dir.join(format!("{TOPIC}-{}", partition.index)))
        }
        Damage::TruncatedTails => tails(data_dir, |file, size| {
            let cut = chance.random_range(1..TAIL_BYTES_MAX).min(size);
            file.set_len(size - cut)
        }),
        Damage::GarbageTails => tails(data_dir, |file, size| {
            let mut bytes = vec![0; usize::try_from(TAIL_BYTES_MAX).unwrap_or_default()];
            chance.fill(&mut bytes[..]);
            let n_bytes = chance.random_range(1..bytes.len());
            file.write_all_at(bytes.get(..n_bytes).unwrap_or_default(), size)
        }),
        Damage::BadCaches => caches(data_dir),
    }
}

/// The folders of the load's topic.
fn replicas(data_dir: &Path) -> Result<Vec<PathBuf>> {
    let is_replica = |it: &PathBuf| {
        let name = it
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        name.strip_prefix(TOPIC)
            .is_some_and(|it| it.starts_with('-'))
    };
    let entries = std::fs::read_dir(data_dir).context("failed to read a data directory")?;
    let mut replicas: Vec<PathBuf> = entries
        .flatten()
        .map(|it| it.path())
        .filter(is_replica)
        .collect();
    replicas.sort();
    ensure!(!replicas.is_empty(), "no replica is there");
    Ok(replicas)
}

/// The files of a replica with an extension, in order.
fn files(replica: &Path, extension: &str) -> Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(replica)?.flatten().map(|it| it.path());
    let mut files: Vec<PathBuf> = entries
        .filter(|it| it.extension().is_some_and(|it| it == extension))
        .collect();
    files.sort();
    Ok(files)
}

fn open(path: &Path) -> Result<File> {
    let file = File::options().read(true).write(true).open(path);
    file.with_context(|| format!("failed to open {}", path.display()))
}

fn wipe(data_dir: &Path) -> Result<()> {
    for entry in std::fs::read_dir(data_dir)?.flatten() {
        match entry.file_type()?.is_dir() {
            true => std::fs::remove_dir_all(entry.path())?,
            false => std::fs::remove_file(entry.path())?,
        }
    }
    Ok(())
}

/// Turns one bit over in the middle of the closed segments.
fn flip(replica: &Path) -> Result<()> {
    let segments = files(replica, "log")?;
    ensure!(
        segments.len() >= 2,
        "{} has no closed segment",
        replica.display()
    );
    let segment = segments
        .get((segments.len() - 1) / 2)
        .context("there are two")?;
    let file = open(segment)?;
    let mut byte = [0];
    file.read_exact_at(&mut byte, BIT_AT)?;
    file.write_all_at(&byte.map(|it| it ^ 1), BIT_AT)?;
    Ok(())
}

/// Changes the ends of every other replica's active segment.
fn tails(data_dir: &Path, mut change: impl FnMut(&File, u64) -> std::io::Result<()>) -> Result<()> {
    for replica in replicas(data_dir)?.iter().step_by(2) {
        let segments = files(replica, "log")?;
        let active = segments.last().context("a replica has no segment")?;
        let file = open(active)?;
        let size = file.metadata()?.len();
        if size > 0 {
            change(&file, size)?;
        }
    }
    Ok(())
}

/// What a broker can build again: of some replicas each kind is missing, torn or changed.
fn caches(data_dir: &Path) -> Result<()> {
    let mut n_damaged = 0;
    for replica in replicas(data_dir)? {
        for extension in ["index", "timeindex"] {
            for path in files(&replica, extension)? {
                std::fs::remove_file(path)?;
                n_damaged += 1;
            }
        }
        for path in files(&replica, "snapshot")? {
            let file = open(&path)?;
            let middle = file.metadata()?.len() / 2;
            file.write_all_at(&[0xa5; 8], middle)?;
            n_damaged += 1;
        }
        let epochs = replica.join("leader-epoch-checkpoint");
        if epochs.is_file() {
            let file = open(&epochs)?;
            file.set_len(file.metadata()?.len() / 2)?;
            n_damaged += 1;
        }
    }
    ensure!(n_damaged > 0, "there was nothing to damage");
    Ok(())
}
