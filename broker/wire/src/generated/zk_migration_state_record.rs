// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `ZkMigrationStateRecord`, version 0.

use crate::codec::*;

/// `ZkMigrationStateRecord`, version 0.
#[derive(Clone, Debug, PartialEq)]
pub struct ZkMigrationStateRecord {
    /// One of the possible migration states.
    pub zk_migration_state: i8,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for ZkMigrationStateRecord {
    fn default() -> ZkMigrationStateRecord {
        ZkMigrationStateRecord {
            zk_migration_state: 0,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl ZkMigrationStateRecord {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<ZkMigrationStateRecord> {
        let flexible = true;
        let mut it = ZkMigrationStateRecord::default();
        it.zk_migration_state = reader.i8()?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = true;
        writer.i8(self.zk_migration_state);
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for ZkMigrationStateRecord {
    const NAME: &'static str = "ZkMigrationStateRecord";
    const API_KEY: Option<i16> = Some(21);
    const VERSIONS: Versions = Versions { from: 0, to: 0 };
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        ZkMigrationStateRecord::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
