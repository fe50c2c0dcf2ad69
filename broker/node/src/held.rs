//! Which replicas this broker holds: a list that outlives their folders.
//!
//! In: the partitions of a shard. Out: the same, as the next process finds them. Never here: how far
//! a log goes, which its own checkpoint says.
//!
//! ```text
//!   replicas.0    YhIzTgfDS0-xnSyVLjBJUg 0     one line each: topic id, partition
//!                 YhIzTgfDS0-xnSyVLjBJUg 4
//! ```
//!
//! A folder that is missing says nothing by itself: it may never have been made. One that is on the
//! list has been lost: a replica is listed once its folder is durable, and before anything is
//! written into it.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use broker_log::dir::{self, Dir};
use broker_types::{PartitionIndex, TopicPartition};

/// Shards write a file each.
const PREFIX: &str = "replicas.";
/// More than all partitions of a broker take.
const BYTES_MAX: u64 = 64 << 20;

fn path(shard: usize) -> PathBuf {
    PathBuf::from(format!("{PREFIX}{shard}"))
}

/// Reads what all shards of the process before have written.
///
/// # Errors
/// When a file cannot be read, or has a line that is no partition.
pub(crate) fn read<D: Dir>(dir: &D) -> io::Result<BTreeSet<TopicPartition>> {
    let mut held = BTreeSet::new();
    for entry in dir.list(Path::new(""))? {
        let shard = entry.name.strip_prefix(PREFIX);
        let is_whole = shard.is_some_and(|it| it.parse::<usize>().is_ok());
        if entry.is_folder || !is_whole {
            continue;
        }
        let bytes = dir::read_small(dir, Path::new(&entry.name), BYTES_MAX)?;
        for line in String::from_utf8_lossy(&bytes).lines() {
            let partition = decode(line).ok_or_else(|| {
                let message = format!("`{}` has a line that is no partition", entry.name);
                io::Error::new(io::ErrorKind::InvalidData, message)
            })?;
            held.insert(partition);
        }
    }
    Ok(held)
}

/// Writes the list of one shard, durably and whole.
///
/// # Errors
/// When the disk does not take it; what was there before still holds.
pub(crate) fn write<D: Dir>(
    dir: &D,
    shard: usize,
    held: &BTreeSet<TopicPartition>,
) -> io::Result<()> {
    use std::fmt::Write;
    let mut text = String::new();
    for it in held {
        writeln!(text, "{} {}", it.topic_id, it.partition).expect("a string takes all");
    }
    dir::replace_durably(dir, &path(shard), text.as_bytes())
}

fn decode(line: &str) -> Option<TopicPartition> {
    let (topic_id, partition) = line.split_once(' ')?;
    Some(TopicPartition {
        topic_id: topic_id.parse().ok()?,
        partition: PartitionIndex::from_wire(partition.parse().ok()?)?,
    })
}

#[cfg(test)]
mod tests {
    use broker_log::dir::memory::MemoryDir;
    use broker_log::dir::{File, OpenMode};
    use broker_types::TopicId;

    use super::*;

    fn partition(topic: u8, partition: u32) -> TopicPartition {
        TopicPartition {
            topic_id: TopicId::from_bytes([topic; 16]),
            partition: PartitionIndex::new(partition),
        }
    }

    #[test]
    fn the_lists_of_all_shards_are_read_also_after_a_loss_of_power() {
        let dir = MemoryDir::new();
        assert_eq!(read(&dir).unwrap(), BTreeSet::new());
        let lists = [
            BTreeSet::from([partition(1, 0), partition(1, 2)]),
            BTreeSet::from([partition(1, 1), partition(2, 0)]),
        ];
        for (shard, list) in lists.iter().enumerate() {
            write(&dir, shard, list).unwrap();
        }
        let dir = dir.crash_power(1);
        let all: BTreeSet<_> = lists.iter().flatten().copied().collect();
        assert_eq!(read(&dir).unwrap(), all);
        write(&dir, 1, &BTreeSet::new()).unwrap();
        assert_eq!(read(&dir.crash_power(2)).unwrap(), lists[0]);
    }

    #[test]
    fn a_list_that_is_damaged_is_an_error_and_not_a_shorter_list() {
        let dir = MemoryDir::new();
        write(&dir, 0, &BTreeSet::from([partition(1, 0)])).unwrap();
        let file = dir.open(&path(0), OpenMode::Existing).unwrap();
        file.write_at(&[b"#"], 3).unwrap();
        let error = read(&dir).unwrap_err();
        assert!(error.to_string().contains("replicas.0"), "{error}");
    }
}
