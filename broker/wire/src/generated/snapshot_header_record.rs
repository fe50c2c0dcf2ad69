// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `SnapshotHeaderRecord`, version 0.

use crate::codec::*;

/// `SnapshotHeaderRecord`, version 0.
#[derive(Clone, Debug, PartialEq)]
pub struct SnapshotHeaderRecord {
    /// The version of the snapshot header record.
    pub version: i16,
    /// The append time of the last record from the log contained in this snapshot.
    pub last_contained_log_timestamp: i64,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for SnapshotHeaderRecord {
    fn default() -> SnapshotHeaderRecord {
        SnapshotHeaderRecord {
            version: 0,
            last_contained_log_timestamp: 0,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl SnapshotHeaderRecord {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<SnapshotHeaderRecord> {
        let flexible = true;
        let mut it = SnapshotHeaderRecord::default();
        it.version = reader.i16()?;
        it.last_contained_log_timestamp = reader.i64()?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = true;
        writer.i16(self.version);
        writer.i64(self.last_contained_log_timestamp);
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for SnapshotHeaderRecord {
    const NAME: &'static str = "SnapshotHeaderRecord";
    const API_KEY: Option<i16> = None;
    const VERSIONS: Versions = Versions { from: 0, to: 0 };
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        SnapshotHeaderRecord::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
