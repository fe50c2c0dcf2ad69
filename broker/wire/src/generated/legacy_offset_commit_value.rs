// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `LegacyOffsetCommitValue`, version 0.

use crate::codec::*;

/// `LegacyOffsetCommitValue`, version 0.
#[derive(Clone, Debug, PartialEq)]
pub struct LegacyOffsetCommitValue {
    /// The offset that the consumer wants to store (for this partition).
    pub offset: i64,
    /// Any metadata the client wants to keep.
    pub metadata: Str,
    /// The time at which the commit was added to the log.
    pub commit_timestamp: i64,
}

impl Default for LegacyOffsetCommitValue {
    fn default() -> LegacyOffsetCommitValue {
        LegacyOffsetCommitValue {
            offset: 0,
            metadata: Str::new(),
            commit_timestamp: 0,
        }
    }
}

impl LegacyOffsetCommitValue {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<LegacyOffsetCommitValue> {
        let flexible = false;
        let mut it = LegacyOffsetCommitValue::default();
        it.offset = reader.i64()?;
        it.metadata = reader.string(flexible)?;
        it.commit_timestamp = reader.i64()?;
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = false;
        writer.i64(self.offset);
        writer.string(Some(&self.metadata), flexible)?;
        writer.i64(self.commit_timestamp);
        Ok(())
    }
}

impl Message for LegacyOffsetCommitValue {
    const NAME: &'static str = "LegacyOffsetCommitValue";
    const API_KEY: Option<i16> = Some(0);
    const VERSIONS: Versions = Versions { from: 0, to: 0 };
    const FLEXIBLE_FROM: Option<i16> = None;

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        LegacyOffsetCommitValue::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
