// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `FenceBrokerRecord`, version 0.

use crate::codec::*;

/// `FenceBrokerRecord`, version 0.
#[derive(Clone, Debug, PartialEq)]
pub struct FenceBrokerRecord {
    /// The broker ID to fence. It will be removed from all ISRs.
    pub id: i32,
    /// The epoch of the broker to fence.
    pub epoch: i64,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for FenceBrokerRecord {
    fn default() -> FenceBrokerRecord {
        FenceBrokerRecord {
            id: 0,
            epoch: 0,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl FenceBrokerRecord {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<FenceBrokerRecord> {
        let flexible = true;
        let mut it = FenceBrokerRecord::default();
        it.id = reader.i32()?;
        it.epoch = reader.i64()?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = true;
        writer.i32(self.id);
        writer.i64(self.epoch);
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for FenceBrokerRecord {
    const NAME: &'static str = "FenceBrokerRecord";
    const API_KEY: Option<i16> = Some(7);
    const VERSIONS: Versions = Versions { from: 0, to: 0 };
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        FenceBrokerRecord::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
