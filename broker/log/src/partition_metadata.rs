//! The file that says which topic a partition's folder belongs to: Kafka's `partition.metadata`.
//!
//! In: the topic id that the cluster knows. Out: the same one, written down, or an error. Never
//! here: topic names, which can be given to another topic.

use std::path::Path;

use broker_types::TopicId;

use crate::dir::{self, Dir};
use crate::error::Error;
use crate::names;

const BYTES_MAX: u64 = 1024;

/// Reads the topic id of a folder. `None` when the file is missing, or was never finished.
///
/// # Errors
/// When the file cannot be read.
pub fn read<D: Dir>(dir: &D, folder: &Path) -> Result<Option<TopicId>, Error> {
    let path = folder.join(names::METADATA);
    match dir::read_small(dir, &path, BYTES_MAX) {
        Ok(bytes) => Ok(std::str::from_utf8(&bytes).ok().and_then(decode)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(Error::ReadCheckpoint { path, source }),
    }
}

/// Checks that a folder is of `topic_id`, if one is given, and writes it down when nothing is
/// there yet. Returns the file when it was written: it is not synced.
pub(crate) fn require<D: Dir>(
    dir: &D,
    folder: &Path,
    topic_id: Option<TopicId>,
) -> Result<Option<D::File>, Error> {
    let Some(wanted) = topic_id else {
        return Ok(None);
    };
    match read(dir, folder)? {
        Some(found) if found == wanted => Ok(None),
        Some(found) => Err(Error::WrongPartition {
            path: folder.to_path_buf(),
            reason: format!("it has topic id {found} and not {wanted}"),
        }),
        None => {
            let path = folder.join(names::METADATA);
            let text = format!("version: 0\ntopic_id: {wanted}\n");
            match dir::replace(dir, &path, text.as_bytes()) {
                Ok(file) => Ok(Some(file)),
                Err(source) => Err(Error::WriteCheckpoint { path, source }),
            }
        }
    }
}

fn decode(text: &str) -> Option<TopicId> {
    let mut lines = text.lines();
    let is_known = lines.next() == Some("version: 0") && text.ends_with('\n');
    let id = lines.next()?.strip_prefix("topic_id: ")?;
    id.parse().ok().filter(|_| is_known)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dir::memory::MemoryDir;

    #[test]
    fn the_first_topic_id_stays() {
        let dir = MemoryDir::new();
        let folder = Path::new("t-0");
        dir.create_dir(folder).unwrap();
        assert_eq!(read(&dir, folder).unwrap(), None);
        let id = Some(TopicId::METADATA);
        assert!(require(&dir, folder, id).unwrap().is_some());
        assert!(require(&dir, folder, id).unwrap().is_none());
        assert_eq!(read(&dir, folder).unwrap(), id);
        let other = Some(TopicId::from_bytes([7; 16]));
        let refused = require(&dir, folder, other);
        assert!(matches!(refused, Err(Error::WrongPartition { .. })));
    }

    #[test]
    fn half_a_file_is_no_topic_id() {
        assert_eq!(decode("version: 0\ntopic_id: AAAAAAAAAAAAAAAAAAAAAQ"), None);
        assert_eq!(
            decode("version: 1\ntopic_id: AAAAAAAAAAAAAAAAAAAAAQ\n"),
            None
        );
        assert_eq!(decode(""), None);
    }
}
