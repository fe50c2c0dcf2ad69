// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `LegacyOffsetCommitKey`, version 0.

use crate::codec::*;

/// `LegacyOffsetCommitKey`, version 0.
#[derive(Clone, Debug, PartialEq)]
pub struct LegacyOffsetCommitKey {
    /// The consumer group id.
    pub group: Str,
    /// The topic name.
    pub topic: Str,
    /// The topic partition index.
    pub partition: i32,
}

impl Default for LegacyOffsetCommitKey {
    fn default() -> LegacyOffsetCommitKey {
        LegacyOffsetCommitKey {
            group: Str::new(),
            topic: Str::new(),
            partition: 0,
        }
    }
}

impl LegacyOffsetCommitKey {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<LegacyOffsetCommitKey> {
        let flexible = false;
        let mut it = LegacyOffsetCommitKey::default();
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

impl Message for LegacyOffsetCommitKey {
    const NAME: &'static str = "LegacyOffsetCommitKey";
    const API_KEY: Option<i16> = Some(0);
    const VERSIONS: Versions = Versions { from: 0, to: 0 };
    const FLEXIBLE_FROM: Option<i16> = None;

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        LegacyOffsetCommitKey::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
