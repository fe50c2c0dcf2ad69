// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `UnfenceBrokerRecord`, version 0.

use crate::codec::*;

/// `UnfenceBrokerRecord`, version 0.
#[derive(Clone, Debug, PartialEq)]
pub struct UnfenceBrokerRecord {
    /// The broker ID to unfence.
    pub id: i32,
    /// The epoch of the broker to unfence.
    pub epoch: i64,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for UnfenceBrokerRecord {
    fn default() -> UnfenceBrokerRecord {
        UnfenceBrokerRecord {
            id: 0,
            epoch: 0,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl UnfenceBrokerRecord {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<UnfenceBrokerRecord> {
        let flexible = true;
        let mut it = UnfenceBrokerRecord::default();
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

impl Message for UnfenceBrokerRecord {
    const NAME: &'static str = "UnfenceBrokerRecord";
    const API_KEY: Option<i16> = Some(8);
    const VERSIONS: Versions = Versions { from: 0, to: 0 };
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        UnfenceBrokerRecord::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
