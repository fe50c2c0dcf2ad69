// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `ShareSnapshotKey`, version 0.

use crate::codec::*;

/// `ShareSnapshotKey`, version 0.
#[derive(Clone, Debug, PartialEq)]
pub struct ShareSnapshotKey {
    /// The group id.
    pub group_id: Str,
    /// The topic id.
    pub topic_id: [u8; 16],
    /// The partition index.
    pub partition: i32,
}

impl Default for ShareSnapshotKey {
    fn default() -> ShareSnapshotKey {
        ShareSnapshotKey {
            group_id: Str::new(),
            topic_id: [0; 16],
            partition: 0,
        }
    }
}

impl ShareSnapshotKey {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<ShareSnapshotKey> {
        let flexible = false;
        let mut it = ShareSnapshotKey::default();
        it.group_id = reader.string(flexible)?;
        it.topic_id = reader.uuid()?;
        it.partition = reader.i32()?;
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = false;
        writer.string(Some(&self.group_id), flexible)?;
        writer.uuid(self.topic_id);
        writer.i32(self.partition);
        Ok(())
    }
}

impl Message for ShareSnapshotKey {
    const NAME: &'static str = "ShareSnapshotKey";
    const API_KEY: Option<i16> = Some(0);
    const VERSIONS: Versions = Versions { from: 0, to: 0 };
    const FLEXIBLE_FROM: Option<i16> = None;

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        ShareSnapshotKey::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
