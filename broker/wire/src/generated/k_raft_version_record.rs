// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `KRaftVersionRecord`, version 0.

use crate::codec::*;

/// `KRaftVersionRecord`, version 0.
#[derive(Clone, Debug, PartialEq)]
pub struct KRaftVersionRecord {
    /// The version of the kraft version record.
    pub version: i16,
    /// The kraft protocol version.
    pub k_raft_version: i16,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for KRaftVersionRecord {
    fn default() -> KRaftVersionRecord {
        KRaftVersionRecord {
            version: 0,
            k_raft_version: 0,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl KRaftVersionRecord {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<KRaftVersionRecord> {
        let flexible = true;
        let mut it = KRaftVersionRecord::default();
        it.version = reader.i16()?;
        it.k_raft_version = reader.i16()?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = true;
        writer.i16(self.version);
        writer.i16(self.k_raft_version);
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for KRaftVersionRecord {
    const NAME: &'static str = "KRaftVersionRecord";
    const API_KEY: Option<i16> = None;
    const VERSIONS: Versions = Versions { from: 0, to: 0 };
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        KRaftVersionRecord::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
