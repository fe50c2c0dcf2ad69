// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `OffsetCommitKey`, version 0.

use crate::codec::*;

/// `OffsetCommitKey`, version 0.
#[derive(Clone, Debug, PartialEq)]
pub struct OffsetCommitKey {
    /// The consumer group id.
    pub group: Str,
    /// The topic name.
    pub topic: Str,
    /// The topic partition index.
    pub partition: i32,
}

impl Default for OffsetCommitKey {
    fn default() -> OffsetCommitKey {
        OffsetCommitKey {
            group: Str::new(),
            topic: Str::new(),
            partition: 0,
        }
    }
}

impl OffsetCommitKey {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<OffsetCommitKey> {
        let flexible = false;
        let mut it = OffsetCommitKey::default();
        it.group = reader.string(flexible)?;
        it.topic = reader.string(flexible)?;
        it.partition = reader.i32()?;
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = false;
        writer.string(Some(&self.group), flexible)?;
        writer.string(Some(&self.topic), flexible)?;
        writer.i32(self.partition);
        Ok(())
    }
}

impl Message for OffsetCommitKey {
    const NAME: &'static str = "OffsetCommitKey";
    const API_KEY: Option<i16> = Some(1);
    const VERSIONS: Versions = Versions { from: 0, to: 0 };
    const FLEXIBLE_FROM: Option<i16> = None;

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        OffsetCommitKey::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
