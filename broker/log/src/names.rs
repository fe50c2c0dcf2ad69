//! Names of files and folders, as Kafka gives them.
//!
//! In: topics, partitions, base offsets. Out: names; and back. Never here: files.

use std::path::{Path, PathBuf};

use broker_types::{Offset, PartitionIndex};

use crate::dir::TEMPORARY_SUFFIX;

pub(crate) const LEADER_EPOCHS: &str = "leader-epoch-checkpoint";
pub(crate) const METADATA: &str = "partition.metadata";
pub(crate) const CHECKPOINT: &str = "replica.checkpoint";
pub(crate) const CLEANER_OFFSET: &str = "cleaner-offset-checkpoint";

/// End of the name of a folder or file that is about to be removed. As in Kafka it is nothing
/// that a topic's name and a partition's number could end in together.
pub(crate) const DELETED_SUFFIX: &str = "-delete";
const DELETED_FILE_SUFFIX: &str = ".deleted";
const CLEANED_FILE_SUFFIX: &str = ".cleaned";
const DAMAGED_FILE_SUFFIX: &str = ".damaged";

/// Longest name of a topic, so that the name of a partition's folder fits the file system.
const TOPIC_NAME_LENGTH_MAX: usize = 249;

/// What a file in a partition's folder is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum FileKind {
    Log,
    OffsetIndex,
    TimeIndex,
    ProducerSnapshot,
}

impl FileKind {
    pub(crate) const ALL: [FileKind; 4] = [
        FileKind::Log,
        FileKind::OffsetIndex,
        FileKind::TimeIndex,
        FileKind::ProducerSnapshot,
    ];

    const fn extension(self) -> &'static str {
        match self {
            FileKind::Log => "log",
            FileKind::OffsetIndex => "index",
            FileKind::TimeIndex => "timeindex",
            FileKind::ProducerSnapshot => "snapshot",
        }
    }
}

/// The file of a segment, named by its base offset; a producer snapshot is named by the first
/// offset that it does not cover.
pub(crate) fn file(folder: &Path, offset: Offset, kind: FileKind) -> PathBuf {
    folder.join(format!("{offset:0>20}.{}", kind.extension()))
}

/// The name that a segment's file has while it waits to be removed.
pub(crate) fn deleted(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(DELETED_FILE_SUFFIX);
    PathBuf::from(name)
}

/// The name of a segment's file that does not hold what was written to it.
pub(crate) fn damaged(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(DAMAGED_FILE_SUFFIX);
    PathBuf::from(name)
}

/// The name of a copy that is to take a segment's file's place.
pub(crate) fn cleaned(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(CLEANED_FILE_SUFFIX);
    PathBuf::from(name)
}

/// Whose copy a file is, if it is one.
pub(crate) fn parse_cleaned(name: &str) -> Option<(Offset, FileKind)> {
    parse_file(name.strip_suffix(CLEANED_FILE_SUFFIX)?)
}

/// What a file name says. `None` for files that are not named by an offset.
pub(crate) fn parse_file(name: &str) -> Option<(Offset, FileKind)> {
    let (digits, extension) = name.split_once('.')?;
    let kind = FileKind::ALL
        .into_iter()
        .find(|it| it.extension() == extension)?;
    let is_offset = digits.len() == 20 && digits.bytes().all(|it| it.is_ascii_digit());
    let offset = Offset::from_wire(digits.parse().ok()?)?;
    is_offset.then_some((offset, kind))
}

/// Whether a file is a left-over of something that a crash cut short, or was about to be removed.
pub(crate) fn is_left_over(name: &str) -> bool {
    let suffixes = [
        TEMPORARY_SUFFIX,
        DELETED_FILE_SUFFIX,
        CLEANED_FILE_SUFFIX,
        DAMAGED_FILE_SUFFIX,
    ];
    suffixes.iter().any(|it| name.ends_with(it))
}

/// The folder of a partition: `topic-partition`.
pub fn partition_folder(topic: &str, partition: PartitionIndex) -> String {
    format!("{topic}-{partition}")
}

/// Reads the name of a partition's folder. `None` for other folders.
pub fn parse_partition_folder(name: &str) -> Option<(&str, PartitionIndex)> {
    let (topic, partition) = name.rsplit_once('-')?;
    let is_number = !partition.is_empty() && partition.bytes().all(|it| it.is_ascii_digit());
    let partition = PartitionIndex::from_wire(partition.parse().ok()?)?;
    let is_topic = is_number && is_topic_name(topic);
    is_topic.then_some((topic, partition))
}

fn is_topic_name(name: &str) -> bool {
    let allowed = |it: u8| it.is_ascii_alphanumeric() || b"._-".contains(&it);
    (1..=TOPIC_NAME_LENGTH_MAX).contains(&name.len())
        && name != "."
        && name != ".."
        && name.bytes().all(allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_named_as_kafkas() {
        let path = file(Path::new("t-0"), Offset::new(4711), FileKind::TimeIndex);
        assert_eq!(path, Path::new("t-0/00000000000000004711.timeindex"));
        let name = path.file_name().unwrap().to_str().unwrap();
        let parsed = parse_file(name);
        assert_eq!(parsed, Some((Offset::new(4711), FileKind::TimeIndex)));
    }

    #[test]
    fn other_files_have_no_offset() {
        let names = [
            "4711.log",
            "00000000000000004711.log.deleted",
            "leader-epoch-checkpoint",
            "0000000000000000471x.log",
            "+0000000000000004711.log",
            "99999999999999999999.log",
        ];
        for name in names {
            assert_eq!(parse_file(name), None, "{name}");
        }
    }

    #[test]
    fn folders_round_trip_and_others_are_left_alone() {
        let name = partition_folder("a-b.c", PartitionIndex::new(12));
        assert_eq!(name, "a-b.c-12");
        let parsed = parse_partition_folder(&name);
        assert_eq!(parsed, Some(("a-b.c", PartitionIndex::new(12))));
        for name in [
            "lost+found",
            "t-",
            "-1",
            "t-x",
            "t-+1",
            "..-1",
            "t-0.abc-delete",
        ] {
            assert_eq!(parse_partition_folder(name), None, "{name}");
        }
    }
}
