//! Which partition uses which folder of the data directory.
//!
//! In: who wants a folder, who is done with one. Out: whether it may be used, and who waits for it.
//! Never here: the disk.
//!
//! A folder has its topic's name, and a name may be given to another topic as soon as its topic is
//! deleted. The two have different ids and so, mostly, different shards: the later one waits until
//! the earlier one has put its folder out of the way.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use broker_types::{Mutant, TopicPartition};

/// The folders that are in use.
#[derive(Debug, Default)]
pub(crate) struct Folders {
    uses: Mutex<BTreeMap<PathBuf, Use>>,
}

#[derive(Debug)]
struct Use {
    by: TopicPartition,
    waiting: BTreeSet<TopicPartition>,
}

impl Folders {
    /// Takes a folder, unless another partition uses it. Taking what one has already is no error.
    pub(crate) fn take(&self, folder: &Path, id: TopicPartition) -> bool {
        self.with(|uses| {
            let by = uses.entry(folder.to_path_buf()).or_insert(Use {
                by: id,
                waiting: BTreeSet::new(),
            });
            by.by == id
        })
    }

    /// As [`Folders::take`]; who does not get it is told of by [`Folders::give_back`].
    pub(crate) fn take_or_wait(&self, folder: &Path, id: TopicPartition) -> bool {
        self.with(|uses| {
            let by = uses.entry(folder.to_path_buf()).or_insert(Use {
                by: id,
                waiting: BTreeSet::new(),
            });
            let is_taken = by.by == id || Mutant::ShareFolders.is_made();
            if !is_taken {
                by.waiting.insert(id);
            }
            is_taken
        })
    }

    /// Gives a folder back, whose name is free now. Returns who waits for it, in any order: the
    /// first to take it gets it.
    #[must_use = "who waits is to be told"]
    pub(crate) fn give_back(&self, folder: &Path, id: TopicPartition) -> BTreeSet<TopicPartition> {
        self.with(|uses| {
            if uses.get(folder).is_none_or(|it| it.by != id) {
                return BTreeSet::new();
            }
            uses.remove(folder).map(|it| it.waiting).unwrap_or_default()
        })
    }

    fn with<T>(&self, work: impl FnOnce(&mut BTreeMap<PathBuf, Use>) -> T) -> T {
        work(&mut self.uses.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use broker_types::{PartitionIndex, TopicId};

    use super::*;

    fn id(topic: u8) -> TopicPartition {
        TopicPartition {
            topic_id: TopicId::from_bytes([topic; 16]),
            partition: PartitionIndex::new(0),
        }
    }

    #[test]
    fn a_folder_has_one_user_and_the_others_are_told_when_it_is_free() {
        let (folders, folder) = (Folders::default(), Path::new("t-0"));
        assert!(folders.take_or_wait(folder, id(1)));
        assert!(folders.take_or_wait(folder, id(1)), "again is no error");
        assert!(!folders.take_or_wait(folder, id(2)));
        assert!(
            !folders.take(folder, id(3)),
            "who does not wait is not told"
        );
        assert!(folders.take(Path::new("t-1"), id(3)));
        assert_eq!(folders.give_back(folder, id(2)), BTreeSet::new());
        assert!(!folders.take(folder, id(2)), "only the user gives it back");
        assert_eq!(folders.give_back(folder, id(1)), BTreeSet::from([id(2)]));
        assert!(folders.take(folder, id(2)));
    }
}
